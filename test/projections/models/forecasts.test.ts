import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { forecastQueries } from '../../../src/projections/models/sales/forecastQueries.ts'
import { salesModel } from '../../../src/projections/models/sales/model.ts'
import { openDemand } from '../../../src/projections/models/sales/openDemand.ts'
import { forecastPolicyAggregate } from '../../../src/domain/forecasting/policy.ts'
import { openReadModels, type OpenReadModels } from '../../support/readModels.ts'
import { openWorkChannel, type WorkChannel } from '../../support/workChannel.ts'

const [list, accuracy, policies, anomalies] = forecastQueries
const day = 86_400_000
let channel: WorkChannel
let models: OpenReadModels

/** D1 orders 4 bikes in January, 6 in February, 8 in March, none in April; forecasts see each month when it is over. */
beforeAll(async () => {
  channel = await openWorkChannel()
  const policy = { companyId: 'ACME', dealers: ['D1'], horizon: 2, leastMonths: 1 }
  await channel.run(forecastPolicyAggregate, { type: 'SetForecastPolicy', ...policy })
  for (const [orderId, quantity, days] of [
    ['O1', '4', 31],
    ['O2', '6', 28],
    ['O3', '8', 31],
  ] as const) {
    await channel.place(orderId, [['BIKE', quantity]], { dealerId: 'D1' })
    channel.pass(days * day)
    await channel.work()
  }
  channel.pass(30 * day)
  await channel.work()
  models = await openReadModels([salesModel], Date.UTC(2026, 5, 1))
  await models.fold(await channel.events())
})
afterAll(() => models.close())

describe('forecasts', () => {
  test('stand beside what was ordered once a later publication has seen the month', async () => {
    const rows = await models.list(list, { dealerId: 'D1', sku: 'BIKE' }, {})
    expect(
      rows.map(({ month, seenMonth, lag, quantity, naive, actual }) => [
        month,
        seenMonth,
        lag,
        quantity,
        naive,
        actual,
      ]),
    ).toEqual([
      ['2026-02', '2026-01', 1, '4', '4', '6'],
      ['2026-03', '2026-01', 2, '4', '4', '8'],
      ['2026-03', '2026-02', 1, '5', '6', '8'],
      ['2026-04', '2026-02', 2, '5', '6', '0'],
      ['2026-04', '2026-03', 1, '8', '8', '0'],
      ['2026-05', '2026-03', 2, '8', '8', null],
      ['2026-05', '2026-04', 1, '4.5', '0', null],
      ['2026-06', '2026-04', 2, '4.5', '0', null],
    ])
    expect(await models.list(list, { dealerId: 'D2' }, {})).toEqual([])
    expect(await models.list(list, { seenMonth: '2026-02', from: '2026-04' }, {})).toHaveLength(1)
  })

  test('are held against what happened: accuracy, bias, gain and coverage, by class and months ahead', async () => {
    const rows = await models.list(accuracy, { to: '2026-03' }, {})
    // one month ahead: 4 and 5 (or 6) for 6 and 8; two months ahead 4 for 8
    const byLag = [1, 2].map((lag) => rows.filter((row) => row['lag'] === lag))
    const sum = (column: string, lag: number): number =>
      (byLag[lag - 1] ?? []).reduce((total, row) => total + Number(row[column]), 0)
    expect([sum('forecasts', 1), sum('forecasts', 2)]).toEqual([2, 1])
    expect([sum('actual', 1), sum('actual', 2)]).toEqual([14, 8])
    expect(byLag[1]?.[0]).toMatchObject({ unit: 'EA', accuracy: '50.0', bias: '-50.0', gain: '0.0' })
  })

  test('are what a month that is over is held against', async () => {
    const rows = await models.list(anomalies, { dealerId: 'D1' }, {})
    expect(rows).toMatchObject([
      { month: '2026-04', sku: 'BIKE', unit: 'EA', actual: '0', expected: '8', series: 1, stands: true },
    ])
    expect(await models.list(anomalies, { stands: 'false' }, {})).toEqual([])
    expect(await models.list(anomalies, { dealerId: 'D2' }, {})).toEqual([])
  })

  test('have a policy', async () => {
    expect(await models.list(policies, {}, {})).toEqual([
      { companyId: 'ACME', dealers: ['D1'], horizon: 2, leastMonths: 1 },
    ])
  })
})

test('demand from the read model is that from the log', async () => {
  const upTo = await channel.store.head()
  const fromModel = openDemand(models.reader(salesModel), 10_000)
  const ordered = (rows: readonly object[]): string[] =>
    rows.map((row) => JSON.stringify(Object.entries(row).sort())).sort()
  for (const dealers of [undefined, ['D1'], ['D2']]) {
    const asked = { companyId: 'ACME', dealers, upTo }
    const known = await channel.ports.demand.monthly(asked)
    expect(ordered(await fromModel.monthly(asked))).toEqual(ordered(known))
    expect(known).toHaveLength(dealers?.includes('D2') === true ? 0 : 3)
  }
})
