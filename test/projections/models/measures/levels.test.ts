import { expect, test } from 'vitest'
import { instantOf } from '../../../../src/domain/kernel/businessTime.ts'
import { parseDecimal } from '../../../../src/domain/kernel/decimal.ts'
import { closing } from '../../../../src/domain/metrics/formula.ts'
import type { Metric } from '../../../../src/domain/metrics/metric.ts'
import type { RecordedEvent } from '../../../../src/ledger/envelope.ts'
import type { ReadModel } from '../../../../src/projections/engine/factTable.ts'
import { askMetrics } from '../../../../src/projections/models/measures/askMetrics.ts'
import { measuresModel } from '../../../../src/projections/models/measures/model.ts'
import { historyId, openReadModels } from '../../../support/readModels.ts'
import { seededRandom } from '../../../support/seededRandom.ts'
import { recordQuarter } from './quarter.ts'

const now = Date.UTC(2027, 0, 1)
const stock: Metric = {
  code: 'stock',
  name: { en: 'stock', 'zh-CN': '库存' },
  area: 'stock',
  unit: 'quantity',
  formula: closing('own-on-hand', 'quantity'),
  owner: 'supply',
}

test('the changes of a level come to what it is folded to, at any moment, whatever came late or was declared in error', async () => {
  const seed = 20_261
  const random = seededRandom(seed)
  const pick = (size: number): number => Math.floor(random() * size)
  const [template] = await recordQuarter()
  const log: RecordedEvent[] = []
  for (let n = 1; n <= 300; n++) {
    const isError = n > 20 && pick(8) === 0
    log.push({
      ...template!,
      id: historyId(n),
      stream: `level-${n}`,
      revision: 0,
      position: BigInt(n),
      type: isError ? 'ErrorDeclared' : 'StockCounted',
      occurredAt: `2026-0${1 + pick(3)}-1${pick(10)}T0${pick(4)}:00:00.000Z[UTC]`,
      data: isError
        ? { eventId: historyId(1 + pick(n - 1)), reason: 'wrong' }
        : { item: `L${pick(3)}`, value: `${pick(50)}.5`, asserts: pick(3) === 0 },
    })
  }
  const model: ReadModel = {
    ...measuresModel,
    events: ['StockCounted', 'ErrorDeclared'],
    facts: ({ type, data, occurredAt }) => {
      if (type === 'ErrorDeclared') return []
      const { item, value, asserts } = data as { item: string; value: string; asserts: boolean } // as above
      const key = { measure: 'stock-on-hand', company_id: 'acme', dealer_id: 'acme', sku: 'P1', currency: '', item }
      const levels = { value: asserts ? { assert: value } : { add: value } }
      return [{ table: 'levels', key, levels, lasts: { day: occurredAt.slice(0, 10) } }]
    },
  }
  const models = await openReadModels([model], now)
  try {
    await models.fold(log)
    const reader = models.reader(model)
    const question = { metrics: [stock], by: [], from: '2025-01-01', until: '2026-06-01', filters: {} }
    const seen = new Set<bigint>()
    for (const asOf of [
      undefined,
      ...log.filter((_, n) => n % 20 === 0).map(({ occurredAt }) => instantOf(occurredAt)),
    ])
      for (const knownAt of [undefined, 60n, 150n, 240n]) {
        const moment = { ...(asOf !== undefined && { asOf }), ...(knownAt !== undefined && { knownAt }) }
        const { values } = await askMetrics(reader, question, moment, { limit: 1 }, now)
        const { rows } = await reader.ask<{ level: string }>(
          moment,
          (from) => `select coalesce(sum(l.value), 0)::text as level from ${from('levels')} l`,
        )
        const level = parseDecimal(rows[0]!.level)
        expect(parseDecimal(values[0]?.value ?? '0'), `seed ${seed}, as of ${asOf}, known at ${knownAt}`).toBe(level)
        seen.add(level)
      }
    expect(seen.size).toBeGreaterThan(20)
  } finally {
    await models.close()
  }
})
