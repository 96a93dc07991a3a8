import { it } from 'vitest'
import { baseLog } from '../model/system.ts'
import { simulateProcesses } from './processes.ts'
import { runSeeds } from './runSeeds.ts'

const wanted = [
  'accepted',
  'refused',
  'asked again',
  'request lost',
  'answer lost',
  'effect after the caller gave up',
  'process died',
  'sweep',
  'FulfilmentCompleted',
  'FulfilmentRetried',
  'CompensationCompleted',
  'BackorderFilled',
  'OrderCancelled',
  'OrderHeld',
  'ShipmentDelivered',
  'InvoiceIssued',
]

it('fulfilment comes to rest with one effect, whoever dies and whatever is lost', { timeout: 3_600_000 }, async () => {
  const base = await baseLog()
  await runSeeds('processes', (seed) => simulateProcesses(seed, base), {
    seeds: 100,
    long: 10_000,
    wanted,
    // an order on a credit hold checked anew with an amount that its own events had overtaken
    regressions: [435, 582, 688, 742],
  })
})
