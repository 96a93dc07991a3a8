import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { formatDecimal } from '../../../src/domain/kernel/decimal.ts'
import { lineMeasures, type LineMeasure } from '../../../src/domain/orders/lineEffects.ts'
import { orderStatus, type LineQuantities } from '../../../src/domain/orders/orderStatus.ts'
import { ordersModel } from '../../../src/projections/models/orders/model.ts'
import { orderStatusSql } from '../../../src/projections/models/orders/orderStatusSql.ts'
import { ordersQueries } from '../../../src/projections/models/orders/queries.ts'
import { openReadModels, recordHistory, type OpenReadModels } from '../../support/readModels.ts'
import { seededRandom } from '../../support/seededRandom.ts'
import { smallChannel } from '../../support/smallChannel.ts'

const [list, one, lines, lineSearch, totals, shipments, returns, history, breaches] = ordersQueries
const on = (day: number, hour: number, minute = 0) => ({ asOf: Date.UTC(2026, 1, day, hour, minute) })
let models: OpenReadModels

beforeAll(async () => {
  models = await openReadModels([ordersModel], Date.UTC(2026, 2, 10))
  await models.fold(await recordHistory(smallChannel))
})
afterAll(() => models.close())

describe('the orders', () => {
  test('an order has the quantities and values of all its lines', async () => {
    expect(await models.one(one, { orderId: 'O1' })).toMatchObject({
      orderId: 'O1',
      dealerId: 'D1',
      currency: 'USD',
      orderedAt: '2026-02-10T09:00:00.000Z',
      status: 'partly-delivered',
      holds: [],
      placedVia: 'portal',
      tier: 'gold',
      territoryId: 'NW',
      territoryVersion: 1,
      customerReference: 'PO-77',
      lineCount: 2,
      ordered: '16',
      confirmed: '13',
      cancelled: '2',
      backordered: '0',
      allocated: '13',
      shipped: '13',
      delivered: '12',
      returned: '1',
      orderedValue: '1075',
      cancelledValue: '191',
      shippedValue: '864',
      deliveredValue: '844',
      returnedValue: '95.5',
      tax: '76.4',
      freight: '9.6',
    })
    expect(await models.one(one, { orderId: 'NONE' })).toBeUndefined()
  })

  test('its lines have theirs', async () => {
    const rows = await models.list(lines, { orderId: 'O1' })
    const measured = rows.map((row) => [
      row['lineNo'],
      row['sku'],
      row['unitPrice'],
      ...lineMeasures.map((measure) => row[measure]),
      row['open'],
    ])
    expect(measured).toEqual([
      [1, 'BIKE', '95.5', '10', '8', '2', '0', '8', '8', '8', '1', '0'],
      [2, 'HELMET', '20', '6', '5', '0', '0', '5', '5', '4', '0', '1'],
    ])
    expect(rows[0]).toMatchObject({
      orderedValue: '955',
      cancelledValue: '191',
      tax: '76.4',
      taxCode: 'vat',
      price: null,
    })
  })

  test.each([
    [on(10, 8), undefined, undefined],
    [on(10, 9, 30), 'placed', ['credit']],
    [on(10, 12), 'confirmed', []],
    [on(11, 9, 30), 'placed', []],
    [on(11, 12), 'partly-allocated', []],
    [on(12, 12), 'partly-shipped', []],
    [on(20, 12), 'partly-delivered', []],
  ])('at %o its status is %s, with holds %s', async (moment, status, holds) => {
    const order = await models.one(one, { orderId: 'O1' }, moment)
    expect([order?.['status'], order?.['holds']]).toEqual([status, holds])
  })

  test('the status is that of the domain for any quantities', async () => {
    const seed = 7
    const random = seededRandom(seed)
    const below = (n: number): number => Math.floor(random() * n)
    const cases = Array.from({ length: 400 }, (_, id) => {
      const quantities = (): LineQuantities => {
        const amount = (most: number): string => formatDecimal(BigInt(below(most + 1)) * 500_000n)
        return Object.fromEntries(
          lineMeasures.map((measure) => [measure, measure === 'ordered' ? amount(6) : below(2) ? '0' : amount(3)]),
        ) as LineQuantities // every measure is named
      }
      const flags = {
        phase: below(8) === 0 ? ('draft' as const) : ('placed' as const),
        closed: below(10) === 0,
        cancelled: below(10) === 0,
      }
      return { id, own: Array.from({ length: 1 + below(3) }, quantities), flags }
    })
    const column = (measure: LineMeasure): string => `(l->>'${measure}')::numeric as ${measure}`
    const { rows } = await models.pool.query<{ status: string }>(
      `with cases as (select c from jsonb_array_elements($1::jsonb) as j(c)),
        lines as (select c->>'id' as order_id, ${lineMeasures.map(column).join(', ')} from cases, jsonb_array_elements(c->'own') as k(l)),
        orders as (select c->>'id' as order_id, c->'flags'->>'phase' as phase, (c->'flags'->>'closed')::boolean as is_closed, (c->'flags'->>'cancelled')::boolean as is_cancelled,
          ${lineMeasures.map((measure) => `(select sum(${measure}) from lines where order_id = c->>'id') as ${measure}`).join(', ')} from cases)
       select ${orderStatusSql('o', 'lines')} as status from orders o order by o.order_id::integer`,
      [JSON.stringify(cases)],
    )
    const expected = cases.map(({ own, flags }) => orderStatus(own, flags))
    expect(
      rows.map(({ status }) => status),
      `seed ${seed}`,
    ).toEqual(expected)
    expect(new Set(expected).size, 'the random cases reach most statuses').toBeGreaterThan(8)
  })

  test('are listed newest first, and found by dealer, status, reference, sku, day and hold', async () => {
    const ids = async (params: object, moment = {}): Promise<unknown[]> =>
      (await models.list(list, params, moment)).map(({ orderId }) => orderId)
    expect(await ids({})).toEqual(['O2', 'O1'])
    expect(await models.list(list, {}, {}, 1)).toEqual(await models.list(list))
    expect(await ids({ dealerId: 'D2' })).toEqual(['O2'])
    expect(await ids({ status: 'partly-delivered' })).toEqual(['O1'])
    expect(await ids({ search: 'PO-7' })).toEqual(['O1'])
    expect(await ids({ sku: 'HELMET' })).toEqual(['O1'])
    expect(await ids({ from: '2026-02-11', to: '2026-02-28' })).toEqual(['O2'])
    expect(await ids({ held: 'true' })).toEqual([])
    expect(await ids({ held: 'true' }, on(10, 9, 30))).toEqual(['O1'])
  })

  test('a dealer has no part in the orders of another', async () => {
    const other = { orderId: 'O1', dealerId: 'D2' }
    expect(await models.one(one, other)).toBeUndefined()
    for (const query of [lines, shipments, returns, history, breaches])
      expect(await models.list(query, other), `as asked by ${query.name}`).toEqual([])
    expect((await models.list(lineSearch, { dealerId: 'D2' })).map(({ orderId }) => orderId)).toEqual(['O2'])
  })

  test('are totalled per currency and status', async () => {
    expect(await models.list(totals)).toEqual([
      {
        currency: 'CNY',
        status: 'placed',
        orders: '1',
        orderedValue: '1200',
        cancelledValue: '0',
        shippedValue: '0',
        deliveredValue: '0',
        returnedValue: '0',
        openValue: '1200',
      },
      {
        currency: 'USD',
        status: 'partly-delivered',
        orders: '1',
        orderedValue: '1075',
        cancelledValue: '191',
        shippedValue: '864',
        deliveredValue: '844',
        returnedValue: '95.5',
        openValue: '20',
      },
    ])
  })

  test('have shipments, returns and breaches', async () => {
    expect(await models.list(shipments, { trackingNumber: 'TRACK-1' })).toEqual([
      expect.objectContaining({
        orderId: 'O1',
        shipmentId: 'S1',
        carrier: 'UPS',
        dispatchedAt: '2026-02-12T08:00:00.000Z',
        deliveredAt: '2026-02-20T08:00:00.000Z',
        shipped: '13',
        delivered: '12',
        lost: '0',
        deliveredValue: '844',
      }),
    ])
    expect(await models.list(shipments, { onTheWay: 'true' })).toHaveLength(1)
    expect(await models.list(shipments, { onTheWay: 'false' })).toHaveLength(0)
    expect(await models.list(returns)).toEqual([
      expect.objectContaining({
        orderId: 'O1',
        returnId: 'R1',
        authorisedAt: '2026-02-21T08:00:00.000Z',
        returnedAt: '2026-03-02T08:00:00.000Z',
        authorised: '1',
        returned: '1',
        returnedValue: '95.5',
      }),
    ])
    expect((await models.list(breaches, { code: 'pricing.no_price' })).map(({ orderId }) => orderId)).toEqual(['O2'])
    expect(await models.list(breaches, { code: 'pricing.below_floor' })).toEqual([])
    expect((await models.list(lineSearch, { open: 'true' })).map(({ orderId, lineNo }) => [orderId, lineNo])).toEqual([
      ['O1', 2],
      ['O2', 1],
    ])
  })

  test('the history of an order adds up to its lines', async () => {
    const rows = await models.list(history, { orderId: 'O1' })
    expect(rows.map(({ eventType }) => eventType)).toEqual([
      'OrderPlaced',
      'OrderHeld',
      'OrderHoldReleased',
      'OrderConfirmed',
      'OrderAmended',
      'LinesAllocated',
      'ShipmentDispatched',
      'OrderLinesCancelled',
      'ShipmentDelivered',
      'ReturnAuthorised',
      'GoodsReturned',
    ])
    const changes = rows
      .flatMap((row) => row['changes'] as Record<string, string | number>[])
      .filter(({ lineNo }) => lineNo === 1)
    const sum = (measure: string): number => changes.reduce((total, change) => total + Number(change[measure] ?? 0), 0) // whole test quantities
    expect(lineMeasures.map(sum)).toEqual([10, 8, 2, 0, 8, 8, 8, 1])
  })
})
