import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { forecastPolicyAggregate } from '../../../src/domain/forecasting/policy.ts'
import type { StockAdviceEvent, StockPlanEvent } from '../../../src/domain/replenishment/events.ts'
import { stockPlanPolicyAggregate } from '../../../src/domain/replenishment/policy.ts'
import { stockAggregate } from '../../../src/domain/stock/decide.ts'
import { inventoryModel } from '../../../src/projections/models/inventory/model.ts'
import { openStocks } from '../../../src/projections/models/inventory/openStocks.ts'
import { proposalQueries } from '../../../src/projections/models/inventory/proposalQueries.ts'
import { openReadModels, type OpenReadModels } from '../../support/readModels.ts'
import { main, openWorkChannel, type WorkChannel } from '../../support/workChannel.ts'

const [proposals, policies] = proposalQueries
const day = 86_400_000
const planPolicy = {
  companyId: 'ACME',
  dealers: { leadMonths: 1, serviceLevel: '0.9' },
  own: { leadMonths: 2, serviceLevel: '0.95' },
  reviewDays: 73,
  excessDays: 365,
  deadDays: 30,
} as const
const monthLengths = [31, 28, 31, 30]

/** January to April 2026: D1 orders 12 bikes a month, D2 ordered helmets once; ACME sends bikes from MAIN. It is the 4th of May. */
async function tradingChannel(): Promise<WorkChannel> {
  const channel = await openWorkChannel()
  await channel.run(forecastPolicyAggregate, {
    type: 'SetForecastPolicy',
    companyId: 'ACME',
    dealers: ['D1', 'D2'],
    horizon: 3,
    leastMonths: 1,
  })
  await channel.receive('BIKE', '50', 'R1')
  await channel.receive('HELMET', '30', 'R1')
  for (const [month, days] of monthLengths.entries()) {
    await channel.place(`O${month}`, [['BIKE', '12']], { dealerId: 'D1' })
    if (month === 0) await channel.place('H', [['HELMET', '2']], { dealerId: 'D2' })
    channel.pass((days - (month === 3 ? 1 : 0)) * day)
  }
  return channel
}

const ofD1 = { party: 'D1', location: 'STORE' }

/** In May D1 has 10 bikes and 3 helmets, which nobody asks for; it orders bikes as ever and sells 2 in June. */
async function stockOfD1(channel: WorkChannel): Promise<void> {
  const receive = (sku: string, quantity: string) =>
    channel.run(stockAggregate, {
      type: 'ReceiveStock',
      ...ofD1,
      sku,
      receiptId: `R-${sku}`,
      lines: [{ lot: '-', quantity }],
    })
  await receive('BIKE', '10')
  await receive('HELMET', '3')
  await channel.place('O4', [['BIKE', '12']], { dealerId: 'D1' })
  channel.pass(31 * day)
  await sell(channel, 'BIKE', '2', 'S1')
}

const sell = (channel: WorkChannel, sku: string, quantity: string, reportId: string) =>
  channel.run(stockAggregate, { type: 'ReportResale', ...ofD1, sku, reportId, source: 'till', lines: [{ quantity }] })
const setPolicy = (channel: WorkChannel) =>
  channel.run(stockPlanPolicyAggregate, { type: 'SetStockPlanPolicy', ...planPolicy })
const planned = async (channel: WorkChannel): Promise<StockPlanEvent['data'][]> =>
  (await channel.events('StockPlanned')).map(({ data }) => data as StockPlanEvent['data']) // by its type
const advice = async (channel: WorkChannel): Promise<string[]> =>
  (await channel.events())
    .filter(({ type }) => type.startsWith('StockAdvice'))
    .map(({ type, data: of }) => {
      const { party, sku, location = '', advice } = of as StockAdviceEvent['data'] // by its type
      return `${type === 'StockAdviceGiven' ? '+' : '-'} ${party} ${location} ${sku} ${advice}`
    })

describe('stock plans', () => {
  test('are nobody’s until a company says how it plans', async () => {
    const channel = await tradingChannel()
    await channel.work()
    expect(await planned(channel)).toEqual([])
    expect(await advice(channel)).toEqual([])
  })

  test('follow the forecasts of a month, of each dealer by what it orders and of a place by what it ships', async () => {
    const channel = await tradingChannel()
    await setPolicy(channel)
    await channel.work()
    const plans = await planned(channel)
    expect(plans.map(({ party, basis, seenMonth, parts }) => [party, basis, seenMonth, parts])).toEqual([
      ['ACME', 'shipped', '2026-04', 1],
      ['D1', 'ordered', '2026-04', 1],
      ['D2', 'ordered', '2026-04', 1],
    ])
    const [acme, d1, d2] = plans
    const [forecast] = await channel.events('ForecastPublished')
    expect(BigInt(acme?.watermark ?? '0')).toBeGreaterThanOrEqual(forecast?.position ?? 0n)
    expect(acme).toMatchObject({ leadMonths: 2, serviceLevel: '0.95' })
    // twelve every month, which is certain: two months need 24, until the next review a fifth of a year's 144
    expect(acme?.lines).toMatchObject([
      {
        sku: 'BIKE',
        location: 'MAIN',
        method: 'quantile',
        monthly: '12',
        review: '28.8',
        excessFrom: '144',
        levels: { safetyStock: '0', reorderPoint: '24', orderUpTo: '52.8' },
      },
      { sku: 'HELMET', location: 'MAIN', method: 'none', demandClass: 'few', monthly: '0.5' },
    ])
    expect(d1).toMatchObject({
      leadMonths: 1,
      lines: [{ sku: 'BIKE', levels: { reorderPoint: '12', orderUpTo: '40.8' } }],
    })
    // one demand in four months tells no quantile, and it says so
    expect(d2?.lines).toMatchObject([{ sku: 'HELMET', demandClass: 'few', method: 'none', excessFrom: '6' }])
    expect(d2?.lines[0]?.levels).toBeUndefined()
  })

  test('and advice come once, though what was done is forgotten, and again only when something changes', async () => {
    const channel = await tradingChannel()
    await setPolicy(channel)
    await stockOfD1(channel)
    await channel.work()
    const first = await channel.store.head()
    const said = await advice(channel)
    expect(said).toContain('+ D1  BIKE low')
    expect(said).toContain('+ D1  HELMET dead')
    const [{ seenMonth } = { seenMonth: '' }] = await planned(channel)
    await channel.progress.forget('stock-planned', 'ACME', seenMonth)
    await channel.progress.forget('stock-looked-at', 'ACME', channel.at().slice(0, 10))
    await channel.work()
    channel.pass(day)
    await channel.work()
    expect(await channel.store.head()).toBe(first)
    await channel.run(stockAggregate, {
      type: 'ReceiveStock',
      ...ofD1,
      sku: 'BIKE',
      receiptId: 'R2',
      lines: [{ lot: '-', quantity: '30' }],
    })
    await sell(channel, 'HELMET', '1', 'S2')
    channel.pass(day)
    await channel.work()
    expect((await advice(channel)).slice(said.length)).toEqual(['- D1  BIKE low', '- D1  HELMET dead'])
  })

  test('end for who asks for nothing any more', async () => {
    const channel = await tradingChannel()
    await setPolicy(channel)
    await channel.work()
    channel.pass(25 * 30 * day)
    await channel.work()
    const last = (await planned(channel)).slice(3)
    expect(last.map(({ party, basis, lines }) => [party, basis, lines])).toEqual([
      ['ACME', 'shipped', []],
      ['D1', 'ordered', []],
      ['D2', 'ordered', []],
    ])
  })

  test('are finished after a crash, without a second word', async () => {
    const begin = async (): Promise<WorkChannel> => {
      const channel = await tradingChannel()
      await stockOfD1(channel)
      await channel.work()
      await setPolicy(channel)
      return channel
    }
    const whole = await begin()
    await whole.work()
    const expected = await advice(whole)
    expect(expected.toSorted()).toEqual([
      '+ ACME MAIN BIKE out',
      '+ ACME MAIN HELMET excess',
      '+ D1  BIKE low',
      '+ D1  HELMET dead',
    ])
    // three plans and four words are appended
    for (let dies = 1; dies <= 7; dies += 1) {
      const channel = await begin()
      let left = dies
      channel.crash.after = () => {
        if ((left -= 1) === 0) throw new Error('killed')
      }
      await expect(channel.work()).rejects.toThrow('killed')
      channel.restart()
      await channel.work()
      channel.pass(day)
      await channel.work()
      expect((await planned(channel)).map(({ party }) => party)).toEqual(['ACME', 'D1', 'D2'])
      expect((await advice(channel)).toSorted()).toEqual(expected.toSorted())
    }
  }, 120_000)
})

describe('proposals', () => {
  let channel: WorkChannel
  let models: OpenReadModels

  beforeAll(async () => {
    channel = await tradingChannel()
    await setPolicy(channel)
    await stockOfD1(channel)
    await channel.run(stockAggregate, {
      type: 'SetReplenishmentPolicy',
      ...main,
      sku: 'HELMET',
      levels: { safetyStock: '2', reorderPoint: '5' },
    })
    await channel.work()
    models = await openReadModels([inventoryModel], Date.parse(channel.at().slice(0, 24)))
    await models.fold(await channel.events())
  }, 120_000)
  afterAll(() => models.close())

  test('say what to order, by hand', async () => {
    const rows = await models.list(proposals, {}, {})
    const of = (party: string, sku: string) => rows.find((row) => row['party'] === party && row['sku'] === sku)
    // 10 came and 2 were sold: 8 of the 12 that a month needs; up to 12 + 28.8 in whole bikes, and 8 of 144 a year last 20 days
    expect(of('D1', 'BIKE')).toMatchObject({
      location: 'STORE',
      onHand: '8',
      position: '8',
      reorderPoint: '12',
      orderUpTo: '40.8',
      setBy: 'plan',
      proposed: '33',
      monthly: '12',
      daysOfCover: 20,
      state: 'low',
      ageDays: 0,
      method: 'quantile',
      serviceLevel: '0.9',
    })
    expect(of('D1', 'HELMET')).toMatchObject({
      state: 'dead',
      proposed: null,
      daysOfCover: null,
      ageDays: 31,
      setBy: null,
    })
    // nobody says what D2 has
    expect(of('D2', 'HELMET')).toMatchObject({
      onHand: null,
      state: 'unknown',
      method: 'none',
      proposed: null,
      daysOfCover: null,
      ageDays: null,
    })
    // a policy of its own, 5: the 2 of five months make 0.96 until the next review and 4.8 in a year; 28 are free of 30
    expect(of('ACME', 'HELMET')).toMatchObject({
      location: 'MAIN',
      reorderPoint: '5',
      setBy: 'policy',
      safetyStock: '2',
      state: 'excess',
      excessFrom: '4.8',
      position: '28',
      proposed: '0',
      orderUpTo: '5.96',
    })
  })

  test('are found by party, product and state', async () => {
    const asked = async (params: object) =>
      (await models.list(proposals, params, {})).map((row) => [row['party'], row['sku']].join(' '))
    expect(await asked({ dealerId: 'D1' })).toEqual(['D1 BIKE', 'D1 HELMET'])
    expect(await asked({ party: 'D1', state: 'low' })).toEqual(['D1 BIKE'])
    expect(await asked({ sku: 'BIKE' })).toEqual(['ACME BIKE', 'D1 BIKE'])
    expect(await asked({ state: 'dead' })).toEqual(['D1 HELMET'])
    expect(await models.list(proposals, { dealerId: 'D1' }, { asOf: Date.UTC(2026, 0, 2) })).toEqual([])
  })

  test('call each stock what the schedule calls it, which sees the same stocks', async () => {
    const upTo = await channel.store.head()
    const stocks = openStocks(models.reader(inventoryModel), 10_000)
    for (const party of ['ACME', 'D1', 'D2'])
      expect(await stocks.of(party, upTo)).toEqual(await channel.ports.stocks.of(party, upTo))
    const told = (await advice(channel)).map((line) => line.split(' ').slice(1))
    const rows = await models.list(proposals, {}, {})
    const words = rows
      .filter((row) =>
        (row['setBy'] === 'policy' ? ['excess', 'dead'] : ['out', 'low', 'excess', 'dead']).includes(
          String(row['state']),
        ),
      )
      .map((row) => [row['party'], row['party'] === 'ACME' ? row['location'] : '', row['sku'], row['state']])
    expect(told.toSorted()).toEqual(words.toSorted())
  })

  test('rest on a policy that can be read', async () => {
    expect(await models.list(policies, {}, {})).toEqual([planPolicy])
  })
})
