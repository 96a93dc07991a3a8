import { it } from 'vitest'
import { simulateLedger } from './ledger.ts'
import { runSeeds } from './runSeeds.ts'

const wanted = [
  'accepted',
  'refused',
  'answered as before',
  'asked to come again',
  'request lost',
  'answer lost',
  'effect after the caller gave up',
  'process died',
  'snapshot failed',
]

it('two processes on one log lose nothing and do nothing twice', { timeout: 3_600_000 }, () =>
  runSeeds('ledger', simulateLedger, { seeds: 1_000, wanted }),
)
