import { describe, expect, test } from 'vitest'
import { alertChangeOf } from '../../../src/domain/alerts/alertChange.ts'
import type { DemandEvent, ForecastEvent } from '../../../src/domain/forecasting/events.ts'
import { forecastPolicyAggregate } from '../../../src/domain/forecasting/policy.ts'
import { forecastLines } from '../../../src/workers/forecasting/forecastLines.ts'
import { monthName, monthNumber } from '../../../src/workers/forecasting/monthNumbers.ts'
import { openWorkChannel, type WorkChannel } from '../../support/workChannel.ts'

const day = 86_400_000
const policy = { companyId: 'ACME', horizon: 3, leastMonths: 1 }

/** January to March 2026: D1 orders bikes every month, D2 helmets in February. */
async function tradingChannel(): Promise<WorkChannel> {
  const channel = await openWorkChannel()
  await channel.place('O1', [['BIKE', '4']], { dealerId: 'D1' })
  channel.pass(31 * day)
  await channel.place('O2', [['BIKE', '6']], { dealerId: 'D1' })
  await channel.place('O3', [['HELMET', '2']], { dealerId: 'D2' })
  channel.pass(28 * day)
  await channel.place('O4', [['BIKE', '5']], { dealerId: 'D1' })
  return channel
}

const published = async (channel: WorkChannel): Promise<ForecastEvent['data'][]> =>
  (await channel.events('ForecastPublished')).map(({ data }) => data as ForecastEvent['data']) // by its type

describe('forecasts', () => {
  test('are nobody’s until a policy says whose', async () => {
    const channel = await tradingChannel()
    await channel.work()
    expect(await published(channel)).toEqual([])
    await channel.run(forecastPolicyAggregate, { type: 'SetForecastPolicy', ...policy, dealers: [] })
    await channel.work()
    expect(await published(channel)).toEqual([])
  })

  test('are published once when a month is over, with the position that they rest on', async () => {
    const channel = await tradingChannel()
    await channel.run(forecastPolicyAggregate, { type: 'SetForecastPolicy', ...policy })
    const head = await channel.store.head()
    await channel.work()
    const [first, second, ...others] = await published(channel)
    expect(others).toEqual([])
    expect(first).toMatchObject({ dealerId: 'D1', seenMonth: '2026-02', part: 1, parts: 1 })
    expect(second).toMatchObject({ dealerId: 'D2', seenMonth: '2026-02' })
    expect(BigInt(first?.watermark ?? '0')).toBeGreaterThanOrEqual(head)
    expect(BigInt(first?.watermark ?? '0')).toBeLessThan(await channel.store.head())
    expect(first?.lines).toMatchObject([{ sku: 'BIKE', unit: 'EA', demandClass: 'few' }])
    // the order of March is not seen: the mean of 4 and 6, and the last value
    expect(first?.lines[0]?.ahead.map(({ month, quantity, naive }) => [month, quantity, naive])).toEqual([
      ['2026-03', '5', '6'],
      ['2026-04', '5', '6'],
      ['2026-05', '5', '6'],
    ])
    channel.pass(10 * day)
    await channel.work()
    expect(await published(channel)).toHaveLength(2)
    channel.pass(25 * day)
    await channel.work()
    const later = (await published(channel)).slice(2)
    expect(later.map(({ dealerId, seenMonth }) => [dealerId, seenMonth])).toEqual([
      ['D1', '2026-03'],
      ['D2', '2026-03'],
    ])
    expect(later[0]?.lines[0]?.ahead[0]).toMatchObject({ month: '2026-04', naive: '5' })
  })

  test('are published once though what was done is forgotten, and by two processes', async () => {
    const channel = await tradingChannel()
    await channel.run(forecastPolicyAggregate, { type: 'SetForecastPolicy', ...policy, dealers: ['D1'] })
    await channel.work()
    expect((await published(channel)).map(({ dealerId }) => dealerId)).toEqual(['D1'])
    await channel.progress.forget('forecast', 'ACME', '2026-02')
    await channel.work()
    expect(await published(channel)).toHaveLength(1)
  })
})

describe('a month that is over', () => {
  const judged = async (channel: WorkChannel): Promise<DemandEvent['data'][]> =>
    (await channel.events('DemandJudged')).map(({ data }) => data as DemandEvent['data']) // by its type
  const alerts = async (channel: WorkChannel) =>
    (await channel.events('DemandJudged')).map((event) => {
      const change = alertChangeOf(event)
      return change?.change === 'raised' ? [change.change, change.dealerId, change.code] : [change?.change]
    })

  /** Forecasts are published every month; D1 orders about ten, and `last` in the last month. */
  async function monthByMonth(...last: readonly string[]): Promise<WorkChannel> {
    const channel = await openWorkChannel()
    await channel.run(forecastPolicyAggregate, { type: 'SetForecastPolicy', ...policy })
    for (const [i, quantity] of ['10', '12', '9', '11', '10', '8', '12', '10', ...last].entries()) {
      await channel.place(`O${i}`, [['BIKE', quantity]], { dealerId: 'D1' })
      await channel.place(`P${i}`, [['HELMET', '5']], { dealerId: 'D2' })
      channel.pass(31 * day)
      await channel.work()
    }
    return channel
  }

  test('is judged once, by the forecast published before it, and tells people what is rare among all', async () => {
    const channel = await monthByMonth('90')
    const all = await judged(channel)
    const newest = all.findLast(({ dealerId }) => dealerId === 'D1')
    expect(newest).toMatchObject({ companyId: 'ACME', dealerId: 'D1', month: '2026-09', series: 1, outside: 1 })
    expect(newest?.findings).toMatchObject([{ sku: 'BIKE', actual: '90', stands: true }])
    const before = (await published(channel)).find(
      ({ dealerId, seenMonth }) => dealerId === 'D1' && seenMonth === '2026-08',
    )
    const expected = before?.lines[0]?.ahead[0]
    expect(newest?.findings[0]?.expected).toBe(expected?.quantity)
    expect(newest?.findings[0]?.high).toBe(expected?.usual?.high)
    expect((await alerts(channel))[all.findIndex((one) => one === newest)]).toEqual(['raised', 'D1', 'above'])
    expect(new Set(all.map(({ dealerId, month }) => `${dealerId} ${month}`)).size).toBe(all.length)
    await channel.progress.forget('forecast', 'ACME', '2026-09')
    await channel.work()
    expect(await judged(channel)).toEqual(all)
  })

  test('in which nothing was rare closes what the month before raised', async () => {
    const channel = await monthByMonth('90', '10')
    const ofD1 = (await judged(channel))
      .map(({ dealerId }, i) => ({ dealerId, i }))
      .filter(({ dealerId }) => dealerId === 'D1')
    const changes = await alerts(channel)
    expect(ofD1.slice(-2).map(({ i }) => changes[i])).toEqual([['raised', 'D1', 'above'], ['closed']])
    expect(ofD1.slice(0, -2).map(({ i }) => changes[i]?.[0])).toEqual(ofD1.slice(0, -2).map(() => 'closed'))
  })

  test('of which nothing was published is not judged', async () => {
    const channel = await tradingChannel()
    await channel.run(forecastPolicyAggregate, { type: 'SetForecastPolicy', ...policy })
    await channel.work()
    expect(await judged(channel)).toEqual([])
    // two months at once: of the second, what was published looked two months ahead
    channel.pass(62 * day)
    await channel.work()
    expect(await judged(channel)).toEqual([])
  })
})

describe('demand becomes series', () => {
  const demand = (months: Record<string, string>) =>
    Object.entries(months).map(([month, quantity]) => ({ ...bikes, month, quantity }))
  const bikes = { dealerId: 'D1', sku: 'BIKE', unit: 'EA', fromParty: 'ACME', fromLocation: 'MAIN' }
  const asked = { seenMonth: '2026-03', horizon: 1, leastMonths: 1 }

  test('with a zero in a month without orders', async () => {
    const lines = await forecastLines(demand({ '2026-01': '3', '2026-03': '6', '2026-04': '100' }), asked)
    expect(lines.get('D1')?.[0]?.ahead[0]).toMatchObject({ month: '2026-04', quantity: '3', naive: '6' })
  })

  test('that begin when the dealer began buying, so that a part asked for once is a rare part', async () => {
    const others = ['2025-06', '2026-03'].map((month) => ({ ...bikes, sku: 'HELMET', month, quantity: '5' }))
    const rare = demand({ '2026-03': '10' })
    const ofD2 = rare.map((row) => ({ ...row, dealerId: 'D2' }))
    const lines = await forecastLines([...others, ...rare, ...ofD2], asked)
    // ten months since D1's first order of anything; D2 began with this one
    expect(lines.get('D1')?.[0]).toMatchObject({ sku: 'BIKE', ahead: [{ quantity: '1' }] })
    expect(lines.get('D2')?.[0]).toMatchObject({ sku: 'BIKE', ahead: [{ quantity: '10' }] })
  })

  test('of what came from several places together', async () => {
    const rows = demand({ '2026-01': '3', '2026-03': '6' })
    const east = rows.map((row) => ({ ...row, fromLocation: 'EAST' }))
    expect((await forecastLines([...rows, ...east], asked)).get('D1')?.[0]?.ahead[0]?.quantity).toBe('6')
  })

  test('too short a history is not forecast, nor what nobody has ordered for two years', async () => {
    expect(await forecastLines(demand({ '2026-03': '3' }), { ...asked, leastMonths: 2 })).toEqual(new Map())
    expect(await forecastLines(demand({ '2024-03': '3' }), asked)).toEqual(new Map())
    expect((await forecastLines(demand({ '2024-04': '3' }), asked)).size).toBe(1)
  })

  test('months count through the years', () => {
    expect(monthName(monthNumber('2025-12') + 1)).toBe('2026-01')
    expect(monthNumber('2026-01') - monthNumber('2024-11')).toBe(14)
  })
})
