import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Happened } from '../../../src/domain/kernel/event.ts'
import type { PriceEvent, PriceListsEvent } from '../../../src/domain/pricing/events.ts'
import { priceAggregate, type PriceState } from '../../../src/domain/pricing/prices.ts'
import { priceListsAggregate, strategyAt } from '../../../src/domain/pricing/priceLists.ts'
import { resolvePrice } from '../../../src/domain/pricing/resolvePrice.ts'
import { businessTime } from '../../../src/domain/kernel/businessTime.ts'
import type { RecordedEvent } from '../../../src/ledger/envelope.ts'
import { priceBookModel } from '../../../src/projections/models/price-book/model.ts'
import { priceBookQueries } from '../../../src/projections/models/price-book/queries.ts'
import { priceChangesModel } from '../../../src/projections/models/price-changes/model.ts'
import { priceChangesQueries } from '../../../src/projections/models/price-changes/queries.ts'
import {
  historyId,
  openReadModels,
  recordHistory,
  type HistoryEvent,
  type OpenReadModels,
} from '../../support/readModels.ts'
import { at, smallChannel } from '../../support/smallChannel.ts'

const [lists, ofList, ofDealer, history, promotions] = priceBookQueries
const [changes] = priceChangesQueries
const february = Date.UTC(2026, 1, 10)
const march = { asOf: Date.UTC(2026, 2, 10) }
const may = { asOf: Date.UTC(2026, 4, 1) }

const late: HistoryEvent = {
  stream: 'price-BASE/HELMET',
  type: 'PriceChanged',
  at: at('2026-02-05T00:00'),
  actor: 'pricing-7',
  data: {
    companyId: 'ACME',
    listId: 'BASE',
    sku: 'HELMET',
    unit: 'EA',
    currency: 'USD',
    oldPrice: '20',
    newPrice: '21.5',
    breaks: [],
    effectiveAt: at('2026-02-01T00:00'),
    reason: 'cost',
    retroactive: true,
    overridden: false,
    breaches: [{ code: 'pricing.retroactive', details: { sku: 'HELMET' } }],
  },
}
let models: OpenReadModels
let log: readonly RecordedEvent[]

beforeAll(async () => {
  models = await openReadModels([priceBookModel, priceChangesModel], february)
  log = await recordHistory([
    ...smallChannel,
    late,
    {
      stream: 'pricelists-ACME',
      type: 'PriceListWithdrawn',
      at: at('2026-04-01T00:00'),
      data: { companyId: 'ACME', listId: 'BASE', reason: 'replaced', effectiveAt: at('2026-04-15T00:00') },
    },
    {
      stream: 'pricelists-ACME',
      type: 'PricingStrategyChosen',
      at: at('2026-03-01T00:00'),
      data: { companyId: 'ACME', strategy: 'minimal', effectiveAt: at('2026-03-01T00:00') },
    },
  ])
  await models.fold(log)
})
afterAll(() => models.close())

const brief = (rows: readonly Record<string, unknown>[]): unknown[] =>
  rows.map(({ listId, sku, currency, price }) => [listId, sku, currency, price])

describe('the price book', () => {
  test('has the price in force of every sku on a list, with breaks, limits and the event behind it', async () => {
    const base = await models.list(ofList, { listId: 'BASE' })
    expect(brief(base)).toEqual([
      ['BASE', 'BIKE', 'USD', '100'],
      ['BASE', 'HELMET', 'USD', '21.5'],
    ])
    expect(base[0]).toMatchObject({
      floor: '80',
      ceiling: '120',
      breaks: [],
      effectiveAt: '2026-01-02T00:00:00.000Z',
      priceEventId: historyId(13),
      category: 'Bikes',
    })
    expect(brief(await models.list(ofList, { listId: 'BASE' }, march))).toEqual([
      ['BASE', 'BIKE', 'USD', '110'],
      ['BASE', 'HELMET', 'USD', '21.5'],
    ])
    const before = { asOf: february, knownAt: BigInt(smallChannel.length) }
    expect(
      brief(await models.list(ofList, { listId: 'BASE', sku: 'HELMET' }, before)),
      'before the late change was known',
    ).toEqual([['BASE', 'HELMET', 'USD', '20']])
  })

  test('ends a price at its end and a list at its withdrawal', async () => {
    expect(brief(await models.list(ofList, { listId: 'GOLD' }, march))).toEqual([['GOLD', 'BIKE', 'USD', '95.5']])
    expect(await models.list(ofList, { listId: 'GOLD' }, may)).toEqual([])
    expect(await models.list(ofList, { listId: 'BASE' }, may)).toEqual([])
    expect((await models.list(lists, {}, may)).map(({ listId, inForce }) => [listId, inForce])).toEqual([
      ['BASE', false],
      ['CONTRACT-D2', true],
      ['GOLD', true],
    ])
  })

  test('a dealer knows of its own lists, prices and changes only', async () => {
    const ids = async (dealerId: string, moment = {}): Promise<unknown[]> =>
      (await models.list(lists, { dealerId }, moment)).map(({ listId }) => listId)
    expect(await ids('D1')).toEqual(['BASE', 'GOLD'])
    expect(await ids('D1', { asOf: Date.UTC(2026, 0, 15) }), 'before it was gold').toEqual(['BASE'])
    expect(await ids('D2')).toEqual(['BASE', 'CONTRACT-D2'])
    expect(await ids('NOBODY')).toEqual([])
    expect(await models.list(ofList, { listId: 'CONTRACT-D2', dealerId: 'D1' })).toEqual([])
    expect(await models.list(history, { listId: 'CONTRACT-D2', sku: 'BIKE', dealerId: 'D1' })).toEqual([])
    expect(new Set((await models.list(changes, { dealerId: 'D1' })).map(({ listId }) => listId))).toEqual(
      new Set(['BASE', 'GOLD']),
    )
  })

  test('runs promotions inside their window and names no other dealer', async () => {
    const [spring] = await models.list(promotions, { dealerId: 'D1' })
    expect(spring).toMatchObject({ promotionId: 'SPRING', discount: '0.1', running: true, scope: { skus: ['HELMET'] } })
    expect(spring!['scope']).not.toHaveProperty('dealers')
    expect(await models.list(promotions, { running: 'true' }, march)).toEqual([])
    expect(await models.list(promotions, {}, { asOf: Date.UTC(2026, 0, 31) })).toEqual([])
    const helmet = await models.list(ofList, { listId: 'BASE', sku: 'HELMET', dealerId: 'D1' })
    expect(helmet[0]!['promotions']).toEqual([
      { promotionId: 'SPRING', discount: '0.1', stackingClass: 'compound', minQuantity: null, maxQuantity: null },
    ])
    expect(
      (await models.list(ofList, { listId: 'BASE', sku: 'HELMET' }))[0]!['promotions'],
      'it names dealers',
    ).toEqual([])
  })

  test.each([february, march.asOf, may.asOf, Date.UTC(2026, 0, 20)])(
    'names the list that the domain would let decide, at %s',
    async (asOf) => {
      const time = businessTime(asOf, 'UTC')
      const happened = <E>(type: string) =>
        log.filter((event) => event.type.startsWith(type)).map((event) => event as unknown as Happened<E>)
      const listState = happened<PriceListsEvent>('PriceList')
        .concat(happened('PricingStrategy'))
        .reduce(priceListsAggregate.evolve, priceListsAggregate.initialState)
      const prices = ['BASE/BIKE', 'BASE/HELMET', 'GOLD/BIKE', 'CONTRACT-D2/BIKE'].map((key) =>
        happened<PriceEvent>('Price')
          .filter((event) => (event as unknown as RecordedEvent).stream === `price-${key}`)
          .reduce<PriceState>(priceAggregate.evolve, priceAggregate.initialState),
      )
      const dealers = [
        { dealerId: 'D1', region: 'US/Washington', ...(asOf >= Date.UTC(2026, 1, 1) && { tier: 'gold' }) },
        { dealerId: 'D2', region: 'CN/ZJ' },
      ]
      for (const dealer of dealers) {
        const rows = await models.list(ofDealer, { dealerId: dealer.dealerId }, { asOf })
        for (const sku of ['BIKE', 'HELMET']) {
          for (const currency of ['USD', 'CNY']) {
            const question = {
              dealer,
              sku,
              unit: 'EA',
              currency,
              quantity: '1',
              at: time,
              strategy: strategyAt(listState, time),
              lists: listState.lists,
              prices,
              promotions: [],
            }
            const expected = resolvePrice(question)
            const row = rows.find((one) => one['sku'] === sku && one['currency'] === currency)
            expect(
              row && [row['listId'], row['price'], row['priceEventId'], row['strategy']],
              `${dealer.dealerId} ${sku} ${currency}`,
            ).toEqual(
              'refused' in expected
                ? undefined
                : [expected.listId, expected.listPrice, expected.priceEventId, expected.strategy],
            )
          }
        }
      }
    },
  )

  test('keeps every change with old and new price, who, when and why', async () => {
    expect(await models.list(changes, { retroactive: 'true' })).toEqual([
      {
        decidedAt: '2026-02-05T00:00:00.000Z',
        position: String(smallChannel.length + 1),
        eventId: historyId(smallChannel.length + 1),
        kind: 'changed',
        companyId: 'ACME',
        listId: 'BASE',
        sku: 'HELMET',
        unit: 'EA',
        currency: 'USD',
        oldPrice: '20',
        newPrice: '21.5',
        difference: '1.5',
        effectiveAt: '2026-02-01T00:00:00.000Z',
        decidedBy: 'pricing-7',
        reason: 'cost',
        retroactive: true,
        overridden: false,
        breaches: [{ code: 'pricing.retroactive', details: { sku: 'HELMET' } }],
      },
    ])
    expect(await models.list(changes, { breached: 'true' })).toHaveLength(1)
    expect(await models.list(changes, { sku: 'BIKE' })).toHaveLength(4)
    expect(await models.list(changes, { to: '2026-01-31' })).toHaveLength(5)
    expect(
      (await models.list(history, { listId: 'BASE', sku: 'BIKE' }, march)).map(({ effectiveAt, price }) => [
        effectiveAt,
        price,
      ]),
    ).toEqual([
      ['2026-01-02T00:00:00.000Z', '100'],
      ['2026-03-01T00:00:00.000Z', '110'],
    ])
  })
})
