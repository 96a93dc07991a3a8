import assert from 'node:assert/strict'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { compare, minus, positivePart, sumOf } from '../../../src/domain/kernel/decimalText.ts'
import { rows } from '../../../src/domain/kernel/table.ts'
import { linesOf } from '../../../src/domain/orders/state.ts'
import { undeliveredAmount } from '../../../src/domain/orders/undelivered.ts'
import { header } from '../orders/sample.ts'
import { skus, world } from './world.ts'

const orderIds = ['O1', 'O2', 'O3']
type World = ReturnType<typeof world>
type Act = (world: World) => Promise<unknown>

const n = (max: number) => fc.integer({ min: 1, max }).map(String)
const order = fc.constantFrom(...orderIds)
const lineNo = fc.constantFrom(1, 2, 3)
const policy = fc.constantFrom('backorder' as const, 'split' as const, 'cancel' as const, 'hold' as const)
let facts = 0
const fresh = (): string => `x${(facts += 1)}`

const act: fc.Arbitrary<Act> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({ orderId: order, backorderPolicy: policy, quantities: fc.tuple(n(9), n(9), n(9)) }).map(
      ({ orderId, backorderPolicy, quantities }): Act =>
        (w) =>
          w.order({
            type: 'PlaceOrder',
            ...header,
            orderId,
            backorderPolicy,
            placedVia: 'api',
            lines: quantities.map((quantity, index) => ({
              lineNo: index + 1,
              sku: skus[index % 2] ?? 'SKU1',
              unit: 'EA',
              quantity,
            })),
          }),
    ),
  },
  {
    weight: 5,
    arbitrary: fc.record({ sku: fc.constantFrom(...skus), quantity: n(12) }).map(
      ({ sku, quantity }): Act =>
        (w) =>
          w.stock({ type: 'ReceiveStock', ...w.key(sku), receiptId: fresh(), lines: [{ lot: '-', quantity }] } as {
            type: string
          }),
    ),
  },
  // a worker that dies between a step and its record does the step again
  {
    weight: 30,
    arbitrary: fc.record({ orderId: order, dies: fc.constantFrom(true, false, false, false) }).map(
      ({ orderId, dies }): Act =>
        (w) =>
          w.work(orderId, dies),
    ),
  },
  { weight: 15, arbitrary: fc.constant<Act>((w) => w.react()) },
  {
    weight: 2,
    arbitrary: fc.record({ orderId: order, lineNo, quantity: n(12) }).map(
      ({ orderId, ...line }): Act =>
        (w) =>
          w.order({ type: 'AmendOrder', orderId, lines: [line], reason: 'dealer' }),
    ),
  },
  {
    weight: 2,
    arbitrary: fc.record({ orderId: order, lineNo, quantity: n(5) }).map(
      ({ orderId, ...line }): Act =>
        (w) =>
          w.order({ type: 'CancelLines', orderId, cancellationId: fresh(), lines: [line], reason: 'dealer' }),
    ),
  },
  {
    weight: 1,
    arbitrary: order.map(
      (orderId): Act =>
        (w) =>
          w.order({ type: 'CancelOrder', orderId, reason: 'dealer' }),
    ),
  },
  {
    weight: 2,
    arbitrary: fc
      .record({ orderId: order, kind: fc.constantFrom('credit' as const, 'stock' as const, 'manual' as const) })
      .map(
        (data): Act =>
          (w) =>
            w.order({ type: 'ReleaseHold', ...data, reason: 'checked' }),
      ),
  },
  {
    weight: 1,
    arbitrary: order.map(
      (orderId): Act =>
        (w) =>
          w.order({ type: 'HoldOrder', orderId, kind: 'manual', reason: 'checked' }),
    ),
  },
  {
    weight: 1,
    arbitrary: fc.integer({ min: 1, max: 4 }).map((attempt): Act => async (w) => {
      for (const orderId of orderIds) await w.process({ type: 'PassDeadline', orderId, attempt } as { type: string })
    }),
  },
  {
    weight: 2,
    arbitrary: fc.constantFrom(1, 4).map(
      (days): Act =>
        async (w) =>
          w.pass(days),
    ),
  },
  {
    weight: 1,
    arbitrary: fc.nat(20000).map(
      (amount): Act =>
        (w) =>
          w.account({ type: 'SetCreditLimit', accountId: 'D1', party: 'D1', amount: `${amount}`, currency: 'USD' } as {
            type: string
          }),
    ),
  },
  { weight: 2, arbitrary: fc.constant<Act>(expireAll) },
  {
    weight: 4,
    arbitrary: order.map(
      (orderId): Act =>
        (w) =>
          shipAll(w, orderId),
    ),
  },
  {
    weight: 2,
    arbitrary: order.map(
      (orderId): Act =>
        (w) =>
          deliverAll(w, orderId),
    ),
  },
  {
    weight: 2,
    arbitrary: order.map(
      (orderId): Act =>
        (w) =>
          w.process({ type: 'RetryFulfilment', orderId, requestId: fresh(), cause: 'stock-arrived', ...w.times() } as {
            type: string
          }),
    ),
  },
)

async function expireAll(w: World): Promise<void> {
  for (const sku of skus)
    for (const [reservationId] of rows(w.stockState(sku).reservations))
      await w.stock({ type: 'ExpireReservation', ...w.key(sku), reservationId } as { type: string })
}

async function shipAll(w: World, orderId: string): Promise<void> {
  const state = w.orderState(orderId)
  if (state.phase !== 'placed') return
  const lines = linesOf(state)
    .map(({ terms, quantities }) => ({
      lineNo: terms.lineNo,
      quantity: minus(quantities.allocated, quantities.shipped),
    }))
    .filter(({ quantity }) => compare(quantity, '0') > 0)
  if (lines.length > 0) await w.order({ type: 'DispatchShipment', orderId, shipmentId: fresh(), lines })
}

async function deliverAll(w: World, orderId: string): Promise<void> {
  const state = w.orderState(orderId)
  if (state.phase !== 'placed') return
  for (const shipmentId of Object.keys(state.shipments)) await w.order({ type: 'DeliverShipment', orderId, shipmentId })
}

/** When all processes have come to rest (design.md §6). */
function expectAtRest(w: World): void {
  for (const sku of skus) {
    const stock = w.stockState(sku)
    for (const [id, one] of rows(stock.reservations))
      assert.fail(`reservation ${id} of ${one.orderId} has outlived its process`)
    for (const orderId of orderIds) {
      const state = w.orderState(orderId)
      const lines = state.phase === 'placed' ? linesOf(state).filter((line) => line.terms.sku === sku) : []
      for (const { terms, quantities } of lines) {
        const held = [...rows(stock.allocations)]
          .filter(([id]) => id === orderId)
          .flatMap(([, list]) => list.filter((one) => one.lineNo === terms.lineNo))
        assert.equal(
          sumOf(held.map((one) => one.quantity)),
          minus(quantities.allocated, quantities.shipped),
          `allocated to ${orderId}/${terms.lineNo}`,
        )
        const waits = [...rows(stock.backorders)]
          .filter(([id]) => id === orderId)
          .flatMap(([, list]) => list.filter((one) => one.lineNo === terms.lineNo))
        assert.equal(
          sumOf(waits.map((one) => one.quantity)),
          quantities.backordered,
          `backordered for ${orderId}/${terms.lineNo}`,
        )
      }
    }
  }
  for (const orderId of orderIds) {
    const state = w.orderState(orderId)
    const process = w.processState(orderId)
    if (state.phase !== 'placed') continue
    const open = undeliveredAmount(state).amount
    const keepsCredit = process.phase !== 'none' && process.hasCredit
    assert.equal(w.reservedCredit(orderId), keepsCredit ? open : '0', `credit reserved for ${orderId}`)
    if (state.cancelled && linesOf(state).every((line) => line.quantities.shipped === '0'))
      assert.equal(w.reservedCredit(orderId), '0')
    if (process.phase === 'done' && process.outcome === 'held')
      assert.ok(state.holds.length > 0 || state.cancelled, `${orderId} is held by its process and free`)
    const isLive = state.holds.length === 0 && !state.cancelled
    if (isLive)
      for (const { quantities } of linesOf(state))
        assert.equal(
          positivePart(
            minus(quantities.ordered, sumOf([quantities.cancelled, quantities.confirmed, quantities.backordered])),
          ),
          '0',
          `${orderId} has an unanswered line`,
        )
  }
}

describe('orders, stock and credit under any history', () => {
  it(
    'agree when the processes have come to rest, whatever happened and whenever workers died',
    { timeout: 60_000 },
    async () => {
      const outcomes = new Set<string>()
      const types = new Set<string>()
      await fc.assert(
        fc.asyncProperty(fc.array(act, { minLength: 20, maxLength: 120, size: 'max' }), async (acts) => {
          const w = world()
          for (const one of acts) {
            await one(w)
            for (const sku of skus) assert.ok(!w.stockState(sku).levels.onHand.startsWith('-'))
          }
          await w.settle(orderIds)
          for (const orderId of orderIds)
            for (const event of w.processEvents(orderId)) {
              types.add(event.type)
              if (event.type === 'FulfilmentCompleted') outcomes.add((event.data as { outcome: string }).outcome)
            }
          expectAtRest(w)
        }),
        { numRuns: 60, seed: 20260115, endOnFailure: true },
      )
      expect([...outcomes].toSorted()).toEqual(['backordered', 'cancelled', 'confirmed', 'held'])
      // otherwise the property would say nothing about them
      for (const type of [
        'FulfilmentRetried',
        'CompensationCompleted',
        'CreditReservationRefused',
        'FulfilmentDeadlinePassed',
        'StockLineShort',
        'StockLineAllocated',
      ])
        expect([...types]).toContain(type)
    },
  )
})
