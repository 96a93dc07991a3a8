import assert from 'node:assert/strict'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseDecimal } from '../../../src/domain/kernel/decimal.ts'
import type { OrderCommand } from '../../../src/domain/orders/commands.ts'
import { orderAggregate } from '../../../src/domain/orders/decide.ts'
import type { OrderEvent } from '../../../src/domain/orders/events.ts'
import { lineEffects, lineMeasures, type LineMoney } from '../../../src/domain/orders/lineEffects.ts'
import { linesOf, statusOf, type OrderState } from '../../../src/domain/orders/state.ts'
import { foldEvents } from '../../support/decider.ts'
import { longHistories } from '../../support/longHistories.ts'
import { dealer, placed, quote } from './sample.ts'

/** From an order that has come some way already, every command has a chance. */
const begun: OrderEvent[] = [
  placed,
  {
    type: 'OrderConfirmed',
    data: { orderId: 'O1', confirmationId: 'c', lines: [{ lineNo: 1, confirmed: '4', backordered: '2' }] },
  },
  { type: 'LinesAllocated', data: { orderId: 'O1', allocationId: 'a', lines: [{ lineNo: 1, quantity: '3' }] } },
]
const aggregate = { ...orderAggregate, initialState: foldEvents(orderAggregate, begun) }

const id = { orderId: 'O1' }
const n = (max: number) => fc.integer({ min: 1, max }).map(String)
const fact = fc.integer({ min: 1, max: 8 }).map((one) => `f${one}`)
const shipment = fc.constantFrom('s1', 's2', 's3')
const lineNo = fc.constantFrom(1, 1, 1, 1, 2, 3)
const parts = fc.uniqueArray(fc.record({ lineNo, quantity: n(3) }), {
  minLength: 1,
  maxLength: 1,
  selector: (line) => line.lineNo,
})
const hold = fc.constantFrom('credit' as const, 'manual' as const)

const command: fc.Arbitrary<OrderCommand> = fc.oneof(
  {
    weight: 7,
    arbitrary: fc
      .record({
        confirmationId: fact,
        lines: fc.uniqueArray(
          fc.record({ lineNo, confirmed: fc.nat(2).map(String), backordered: fc.nat(1).map(String) }),
          { minLength: 1, selector: (line) => line.lineNo },
        ),
      })
      .map((data): OrderCommand => ({ type: 'ConfirmOrder', ...id, ...data })),
  },
  {
    weight: 2,
    arbitrary: fc
      .record({ fillId: fact, lines: parts })
      .map((data): OrderCommand => ({ type: 'FillBackorder', ...id, ...data })),
  },
  {
    weight: 4,
    arbitrary: fc
      .record({ allocationId: fact, lines: parts })
      .map((data): OrderCommand => ({ type: 'AllocateLines', ...id, ...data })),
  },
  {
    weight: 4,
    arbitrary: fc
      .record({ shipmentId: shipment, lines: parts })
      .map((data): OrderCommand => ({ type: 'DispatchShipment', ...id, ...data })),
  },
  {
    weight: 2,
    arbitrary: fc
      .record({ shipmentId: shipment, deliveryId: fact, lines: parts })
      .map((data): OrderCommand => ({ type: 'DeliverShipment', ...id, ...data })),
  },
  {
    weight: 2,
    arbitrary: shipment.map((shipmentId): OrderCommand => ({ type: 'DeliverShipment', ...id, shipmentId })),
  },
  {
    weight: 2,
    arbitrary: fc
      .record({
        shipmentId: shipment,
        lossId: fact,
        lines: parts,
        remedy: fc.constantFrom('reship' as const, 'cancel' as const),
      })
      .map((data): OrderCommand => ({ type: 'ReportShipmentLost', ...id, ...data, reason: 'lost' })),
  },
  {
    weight: 2,
    arbitrary: fc
      .record({ returnId: shipment, lines: parts })
      .map((data): OrderCommand => ({ type: 'AuthoriseReturn', ...id, ...data, reason: 'damaged' })),
  },
  {
    weight: 2,
    arbitrary: fc.record({ returnId: shipment, lines: parts }).map(({ returnId, lines }): OrderCommand => ({
      type: 'ReceiveReturn',
      ...id,
      returnId,
      lines: lines.map((line) => ({ ...line, condition: 'restock' })),
      reason: 'damaged',
    })),
  },
  {
    weight: 2,
    arbitrary: fc
      .record({ cancellationId: fact, lines: parts })
      .map((data): OrderCommand => ({ type: 'CancelLines', ...id, ...data, reason: 'dealer' })),
  },
  {
    weight: 5,
    arbitrary: fc.record({ lineNo, quantity: n(20) }).map((line): OrderCommand => ({
      type: 'AmendOrder',
      ...id,
      lines: [{ ...line, sku: `SKU${line.lineNo}`, unit: 'EA' }],
      reason: 'dealer',
    })),
  },
  fc
    .record({ lineNo, unitPrice: n(9) })
    .map((data): OrderCommand => ({ type: 'ApprovePriceOverride', ...id, ...data, reason: 'competition' })),
  fc.constant<OrderCommand>({ type: 'ApplyReprice', ...id, reason: 'new-list' }),
  hold.map((kind): OrderCommand => ({ type: 'HoldOrder', ...id, kind, reason: 'checked' })),
  { weight: 3, arbitrary: hold.map((kind): OrderCommand => ({ type: 'ReleaseHold', ...id, kind, reason: 'checked' })) },
  fc.constant<OrderCommand>({ type: 'CloseOrder', ...id, reason: 'complete' }),
)
const rare: fc.Arbitrary<OrderCommand> = fc.constant({ type: 'CancelOrder', ...id, reason: 'dealer' })
const any = fc.oneof({ weight: 120, arbitrary: command }, { weight: 1, arbitrary: rare })

const plenty = (sku: string) =>
  ['f1', 'f2'].flatMap(() =>
    [1, 2, 3].filter((one) => sku === `SKU${one}`).map((one) => ({ lineNo: one, lot: 'A', quantity: '99' })),
  )
const circumstances = (one: OrderCommand, step: number) => ({
  given: {
    dealer,
    // awkward prices, so that every share has to be rounded
    quotes: { 1: quote(step % 2 ? '0.333333' : '2.5'), 2: quote('1.000001'), 3: quote('7.77') },
    allocations: { SKU1: plenty('SKU1'), SKU2: plenty('SKU2'), SKU3: plenty('SKU3') },
  },
  recorded: one.type === 'RecordOrder',
})

const micros = ({ value, tax: amount, freight }: LineMoney): bigint =>
  parseDecimal(value) + parseDecimal(amount) + parseDecimal(freight)

function expectInvariants(state: OrderState): void {
  if (state.phase !== 'placed') return
  for (const { quantities: q, money, terms } of linesOf(state)) {
    const [O, C, X, B, A, S, D, R] = (
      ['ordered', 'confirmed', 'cancelled', 'backordered', 'allocated', 'shipped', 'delivered', 'returned'] as const
    ).map((measure) => parseDecimal(q[measure])) as [bigint, bigint, bigint, bigint, bigint, bigint, bigint, bigint]
    for (const quantity of [O, C, X, B, A, S, D, R]) assert.ok(quantity >= 0n)
    assert.ok(C + X + B <= O, 'C + X + B ≤ O')
    assert.ok(S <= A && A <= C, 'S ≤ A ≤ C')
    assert.ok(D <= S && R <= D, 'R ≤ D ≤ S')
    // the terms are what the rows add up to, and no part is worth more than the whole
    assert.equal(parseDecimal(terms.quantity), O)
    assert.equal(money.ordered.value, terms.lineValue)
    assert.ok(micros(money.cancelled) + micros(money.shipped) <= micros(money.ordered))
    if (X + S === O)
      assert.equal(micros(money.cancelled) + micros(money.shipped), micros(money.ordered), 'parts add up')
    if (D === S) assert.deepEqual(money.delivered, money.shipped)
    if (R === D) assert.deepEqual(money.returned, money.delivered)
  }
}

describe('an order under any commands (domain.md §2.10)', () => {
  it('keeps C + X + B ≤ O, S ≤ A ≤ C, R ≤ D ≤ S, and money that adds up; nothing happens twice', () => {
    const statuses = new Set<string>()
    const seen = longHistories(aggregate, any, {
      circumstances,
      length: 80,
      runs: 80,
      seed: 20260115,
      then(state) {
        statuses.add(statusOf(state))
        expectInvariants(state)
      },
    })
    const types: OrderEvent['type'][] = [
      'OrderConfirmed',
      'BackorderFilled',
      'LinesAllocated',
      'OrderAmended',
      'OrderLinesCancelled',
      'ShipmentDispatched',
      'ShipmentDelivered',
      'ShipmentLost',
      'GoodsReturned',
      'PriceOverrideApproved',
      'RepriceApplied',
    ]
    // otherwise the property would say nothing about them
    for (const type of types) expect([...seen]).toContain(type)
    expect(statuses.size).toBeGreaterThan(6)
  })

  it('has quantities that are the plain sum of its effect rows', () => {
    longHistories(aggregate, any, {
      circumstances,
      length: 60,
      runs: 50,
      atEnd(state, events) {
        if (state.phase !== 'placed') return
        const all = [...begun, ...events].flatMap(lineEffects)
        for (const { terms, quantities, money } of linesOf(state)) {
          for (const measure of lineMeasures) {
            const ofMeasure = all.filter((effect) => effect.lineNo === terms.lineNo && effect.measure === measure)
            expect(ofMeasure.reduce((sum, effect) => sum + parseDecimal(effect.quantity), 0n)).toBe(
              parseDecimal(quantities[measure]),
            )
            expect(ofMeasure.reduce((sum, effect) => sum + micros(effect), 0n)).toBe(micros(money[measure]))
          }
        }
      },
    })
  })
})
