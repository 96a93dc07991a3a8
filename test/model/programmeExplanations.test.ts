import { afterAll, beforeAll, expect, it } from 'vitest'
import { explainSettlement } from '../../src/projections/models/rebates/explainSettlement.ts'
import { rebatesModel } from '../../src/projections/models/rebates/model.ts'
import { openReadModels, type OpenReadModels } from '../support/readModels.ts'
import { seededRandom } from '../support/seededRandom.ts'
import { playProgramme } from './programmeChannel.ts'

// What was settled over facts scanned from the log is worked out again from the read model, as it stood then: the same bytes.

const sequences = Number(
  process.env['PROGRAMME_EXPLANATIONS'] ?? (process.env['CHANNEL_LEDGER_LONG'] === '1' ? 300 : 24),
)
const seed = Number(process.env['PROGRAMME_SEED'] ?? 20_260_402)

let models: OpenReadModels
beforeAll(async () => {
  models = await openReadModels([rebatesModel], Date.UTC(2027, 0, 1))
})
afterAll(() => models.close())

interface Settled {
  readonly programmeId: string
  readonly dealerId: string
  readonly currency: string
  readonly periodId: string
  readonly settlementNo: number
  readonly calculation: { readonly gates?: readonly { readonly found?: string }[]; readonly facts: number }
}

it(
  `every settlement of ${sequences} random programmes is explained to the byte (SEED=${seed})`,
  { timeout: 3_600_000 },
  async () => {
    const counts = { settled: 0, withGates: 0, withFacts: 0 }
    for (let n = 0; n < sequences; n++) {
      const { store, registry, events } = await playProgramme(seededRandom(seed + n), () => {})
      await models.fold(await events())
      const ports = { store, registry, reader: models.reader(rebatesModel), waitMs: 0 }
      for (const { data } of await events('SettlementCalculated')) {
        const { calculation, ...key } = data as Settled
        const explained = await explainSettlement(ports, key)
        const { dealerId, periodId, settlementNo } = key
        expect(explained?.isVerified, `PROGRAMME_SEED=${seed + n}: ${dealerId} ${periodId} ${settlementNo}`).toBe(true)
        counts.settled += 1
        if (calculation.gates?.some(({ found }) => found !== undefined)) counts.withGates += 1
        if (calculation.facts > 0) counts.withFacts += 1
      }
    }
    expect(Math.min(...Object.values(counts)), `of ${JSON.stringify(counts)}`).toBeGreaterThan(5)
  },
)
