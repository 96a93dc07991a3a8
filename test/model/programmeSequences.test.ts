import { expect, it } from 'vitest'
import { seededRandom } from '../support/seededRandom.ts'
import { playProgramme } from './programmeChannel.ts'

// Random programmes over random months: terms of every shape and their amendments, targets, late facts, returns, payments, evidence,
// settlements of every kind, killed and repeated, against an oracle that was written from docs/settlement-rules.md.

const isLong = process.env['CHANNEL_LEDGER_LONG'] === '1'
const sequences = Number(process.env['PROGRAMME_SEQUENCES'] ?? (isLong ? 10_000 : 300))
const seed = Number(process.env['PROGRAMME_SEED'] ?? 20_260_401)

const wanted = [
  ...['invoiced', 'paid'].flatMap((basis) =>
    ['marginal', 'all-units', 'growth', 'mix'].map((kind) => `${basis}: ${kind}`),
  ),
  ...['sold-out', 'evidence'].flatMap((basis) =>
    ['fixed-sum', 'per-unit', 'increment'].map((kind) => `${basis}: ${kind}`),
  ),
  'paid: early-payment',
  'late fact',
  'payment',
  'payment that bounced',
  'return',
  'correction',
  'goods back from an end customer',
  'evidence withdrawn',
  'baseline',
  'target revised',
  'amended',
  'amended in retrospect',
  'accrual',
  'interim',
  'final',
  'adjustment',
  'killed while settling',
  'paid',
  'taken back',
  'settled more than once',
]

it(
  `programmes settle as the rules say over ${sequences} sequences (SEED=${seed})`,
  { timeout: 7_200_000 },
  async () => {
    const counts = new Map<string, number>()
    for (let n = 0; n < sequences; n++)
      try {
        await playProgramme(seededRandom(seed + n), (name) => counts.set(name, (counts.get(name) ?? 0) + 1))
      } catch (error) {
        throw new Error(`PROGRAMME_SEED=${seed + n} PROGRAMME_SEQUENCES=1: ${String(error)}`, { cause: error })
      }
    console.log(`SEED=${seed}: ${wanted.map((name) => `${name} ${counts.get(name) ?? 0}`).join(', ')}`)
    // one sequence, run again by its seed, need not meet them all
    const missed = wanted.filter((name) => !counts.has(name))
    expect(sequences < 300 ? [] : missed).toEqual([])
  },
)
