import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { bottomUp } from '../../../src/domain/forecasting/bottomUp.ts'
import type { SeriesForecast } from '../../../src/domain/forecasting/forecast.ts'
import { forecastPolicyAggregate } from '../../../src/domain/forecasting/policy.ts'
import { plus } from '../../../src/domain/kernel/decimalText.ts'
import { forecastQueries } from '../../../src/projections/models/sales/forecastQueries.ts'
import { salesModel } from '../../../src/projections/models/sales/model.ts'
import { openReadModels, type OpenReadModels } from '../../support/readModels.ts'
import { openWorkChannel, type WorkChannel } from '../../support/workChannel.ts'

const [list, accuracy, , , totals] = forecastQueries
const day = 86_400_000
let channel: WorkChannel
let models: OpenReadModels

/** Bikes and helmets of two dealers for ten months, which have good and bad months in common. */
beforeAll(async () => {
  channel = await openWorkChannel()
  await channel.run(forecastPolicyAggregate, {
    type: 'SetForecastPolicy',
    companyId: 'ACME',
    horizon: 2,
    leastMonths: 1,
  })
  for (const [i, quantity] of [10, 12, 7, 14, 9, 6, 13, 8, 12, 7].entries()) {
    for (const dealerId of ['D1', 'D2']) {
      const lines = [
        ['BIKE', String(quantity + (dealerId === 'D1' ? 3 : i % 3))],
        ['HELMET', String(2 * quantity + (i % 2))],
      ] as const
      await channel.place(`${dealerId}-${i}`, [...lines], { dealerId })
    }
    channel.pass(31 * day)
    await channel.work()
  }
  models = await openReadModels([salesModel], Date.UTC(2027, 0, 1))
  await models.fold(await channel.events())
})
afterAll(() => models.close())

type Row = Readonly<Record<string, unknown>>
const at = (row: Row | undefined, column: string): number => Number(row?.[column])
const ask = (params: object) => models.list(totals, { level: 'company', ...params }, {})

describe('forecasts summed', () => {
  test('are exactly the sums of those below, at every level, whatever the way', async () => {
    const below = await models.list(list, {}, {})
    expect(below.length).toBeGreaterThan(40)
    for (const level of ['dealer', 'territory', 'product', 'category', 'company']) {
      const rows = await ask({ level })
      for (const column of ['quantity', 'naive'] as const) {
        const sum = (of: readonly Row[]): string => of.reduce((total, row) => plus(total, String(row[column])), '0')
        expect(sum(rows)).toBe(sum(below))
      }
      expect(rows.reduce((sum, row) => sum + at(row, 'series'), 0)).toBe(below.length)
    }
    const [bike] = await ask({ level: 'product', sku: 'BIKE', seenMonth: '2026-09', from: '2026-10', to: '2026-10' })
    const parts = below.filter(({ sku, seenMonth, lag }) => sku === 'BIKE' && seenMonth === '2026-09' && lag === 1)
    expect(bike).toMatchObject({ id: 'BIKE', companyId: 'ACME', unit: 'EA', lag: 1, series: 2 })
    expect(bike?.quantity).toBe(parts.reduce((sum, { quantity }) => plus(sum, String(quantity)), '0'))
  })

  test('have intervals by the rule of bottomUp, with the correlation that is told', async () => {
    const below = await models.list(list, {}, {})
    for (const row of await ask({ level: 'category' })) {
      const parts = below.filter(({ month, seenMonth }) => month === row.month && seenMonth === row.seenMonth)
      const found = bottomUp(parts.map(asForecast), Number(row.correlation))
      expect(Math.abs(at(row, 'low') - (found.intervals[0]?.low[0] ?? 0))).toBeLessThan(0.05)
      expect(Math.abs(at(row, 'high') - (found.intervals[0]?.high[0] ?? 0))).toBeLessThan(0.05)
      expect(at(row, 'high') - at(row, 'quantity')).toBeLessThanOrEqual(
        parts.reduce((sum, part) => sum + at(part, 'high') - at(part, 'quantity'), 0) + 0.001,
      )
    }
  })

  test('are told by a correlation that is measured where there are enough months, by the errors of what is asked about', async () => {
    const [all] = await ask({})
    // good and bad months are common to all
    expect(at(all, 'correlation')).toBeGreaterThan(0.5)
    const early = await models.list(totals, { level: 'company' }, { knownAt: await untilMonth('2026-04') })
    expect(new Set(early.map(({ correlation }) => correlation))).toEqual(new Set(['0.25']))
  })

  test('of a dealer are of that dealer alone', async () => {
    const own = await ask({ level: 'company', dealerId: 'D1', seenMonth: '2026-09' })
    const below = await models.list(list, { dealerId: 'D1', seenMonth: '2026-09' }, {})
    expect(own.map(({ series }) => series)).toEqual([2, 2])
    expect(own.reduce((sum, { quantity }) => plus(sum, String(quantity)), '0')).toBe(
      below.reduce((sum, { quantity }) => plus(sum, String(quantity)), '0'),
    )
  })
})

test('accuracy at a level is that of the sums, beside that of each series', async () => {
  const rows = await ask({ level: 'company' })
  const [company] = await models.list(accuracy, { level: 'company' }, {})
  const over = rows.filter(({ lag, actual }) => lag === 1 && actual !== null)
  const total = over.reduce((sum, row) => sum + at(row, 'actual'), 0)
  const off = over.reduce((sum, row) => sum + Math.abs(at(row, 'actual') - at(row, 'quantity')), 0)
  expect(company).toMatchObject({ unit: 'EA', demandClass: 'all', lag: 1, forecasts: over.length })
  expect(Number(company?.accuracy)).toBeCloseTo(100 * (1 - off / total), 0)
  const series = await models.list(accuracy, { level: 'series' }, {})
  const each = series.filter(({ lag }) => lag === 1)
  expect(each.reduce((sum, row) => sum + at(row, 'actual'), 0)).toBe(total)
  // errors of parts cancel in a sum, never the other way round
  const offEach = each.reduce((sum, row) => sum + (1 - at(row, 'accuracy') / 100) * at(row, 'actual'), 0)
  expect(offEach).toBeGreaterThanOrEqual(off - 1)
})

function asForecast(row: Row): SeriesForecast {
  const only = (column: string): Float64Array => Float64Array.of(at(row, column))
  return {
    point: only('quantity'),
    intervals: [{ level: 0.95, low: only('low'), high: only('high') }],
    cover: [],
    model: { id: '', version: 1, demandClass: 'smooth', notes: [] },
    components: [],
  }
}

/** The position of the log at which the forecasts of a month were published. */
async function untilMonth(seenMonth: string): Promise<bigint> {
  const published = await channel.events('ForecastPublished')
  return published.findLast(({ data }) => (data as { seenMonth: string }).seenMonth === seenMonth)?.position ?? 0n
}
