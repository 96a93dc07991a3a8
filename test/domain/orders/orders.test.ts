import { describe, expect, it } from 'vitest'
import { refuse } from '../../../src/domain/kernel/decider.ts'
import { orderAggregate } from '../../../src/domain/orders/decide.ts'
import type { OrderCommand } from '../../../src/domain/orders/commands.ts'
import type { OrderEvent } from '../../../src/domain/orders/events.ts'
import { statusOf } from '../../../src/domain/orders/state.ts'
import { undeliveredAmount } from '../../../src/domain/orders/undelivered.ts'
import { given } from '../../support/decider.ts'
import { allocated, confirmed, dealer, delivered, given1, header, place, placed, quote, shipped } from './sample.ts'

const order = (...history: OrderEvent[]) => given(orderAggregate, history)
const none = { given: {} }
const id = { orderId: 'O1' }
const record: Extract<OrderCommand, { type: 'RecordOrder' }> = {
  type: 'RecordOrder',
  ...header,
  affectsStock: false,
  lines: [
    {
      lineNo: 1,
      sku: 'SKU1',
      unit: 'EA',
      quantity: '2',
      unitPrice: '2024.994',
      extended: '4049.988',
      lineValue: '4049.988',
      productVersion: '349',
      tax: { code: 'given', amount: '323.999' },
      freight: '101.2497',
    },
  ],
}

describe('placing', () => {
  it('freezes prices, tier, territory version and the terms of the dealer', () => {
    const { backorderPolicy: _policy, ...without } = place
    order()
      .when({ ...without }, { given: given1 })
      .then([placed])
  })

  it('refuses a dealer that is unknown, or may not order', () => {
    order()
      .when(place, { given: { quotes: given1.quotes } })
      .thenRefused('dealers.unknown')
    order()
      .when({ ...place, companyId: 'OTHER' }, { given: given1 })
      .thenRefused('dealers.unknown')
    order()
      .when(place, { given: { ...given1, dealer: { ...dealer, status: 'suspended', mayOrder: false } } })
      .thenRefused('dealers.not_active')
  })

  it('refuses what has no price, and names the line', () => {
    const quotes = { ...given1.quotes, 2: refuse('catalogue.unknown_sku', { sku: 'SKU2' }) }
    order().when(place, { given: { dealer, quotes } }).thenRefused('catalogue.unknown_sku', { lineNo: 2, sku: 'SKU2' })
  })

  it('refuses another price than the one that was expected, and shows both', () => {
    const [first, second] = place.lines
    if (!first || !second) throw new Error('the sample has two lines')
    order()
      .when({ ...place, lines: [{ ...first, expectedUnitPrice: '2.4' }, second] }, { given: given1 })
      .thenRefused('orders.price_changed', { expected: '2.4', actual: '2.5' })
    order()
      .when({ ...place, lines: [{ ...first, expectedUnitPrice: '2.50' }, second] }, { given: given1 })
      .then([placed])
  })

  it('rounds quantity times price once, half-up at six digits, and keeps the remainder', () => {
    const [event] = order()
      .when(
        { ...place, lines: [{ lineNo: 1, sku: 'SKU1', unit: 'KGM', quantity: '1.5' }] },
        { given: { dealer, quotes: { 1: quote('0.333333') } } },
      )
      .events()
    expect(event?.data).toMatchObject({
      lines: [{ lineValue: '0.5', rounding: { mode: 'half-up', remainder: '-500000' } }],
    })
  })

  it('refuses a line number that occurs twice, and another order under the same id', () => {
    order()
      .when({ ...place, lines: [...place.lines, ...place.lines] }, { given: given1 })
      .thenRefused('orders.duplicate_line')
    order(placed)
      .when({ ...place, dealerId: 'D2' }, { given: given1 })
      .thenRefused('object.exists')
  })

  it('turns a draft into an order; a draft can be changed and thrown away', () => {
    const draft: OrderCommand = {
      type: 'DraftOrder',
      ...header,
      lines: [{ lineNo: 1, sku: 'SKU1', unit: 'EA', quantity: '1' }],
    }
    const drafted: OrderEvent = { type: 'OrderDrafted', data: { ...header, lines: draft.lines } }
    order().when(draft, { given: given1 }).then([drafted])
    order(drafted).when(place, { given: given1 }).then([placed])
    order(drafted)
      .when({ type: 'CancelOrder', ...id, reason: 'changed' }, none)
      .then([{ type: 'OrderCancelled', data: { ...id, reason: 'changed' } }])
    order(drafted)
      .when({ ...place, dealerId: 'D2' }, { given: given1 })
      .thenRefused('object.exists')
  })
})

describe('recorded facts (domain.md §2.14)', () => {
  it('cannot be claimed by a command', () => {
    order().when(record, { given: {} }).thenRefused('orders.recorded_only')
  })

  it('keep prices as given, and what they break beside them', () => {
    const given = { dealer, quotes: { 1: quote('2000') } }
    const off = { ...record, lines: record.lines.map((one) => ({ ...one, lineValue: '4049.9879' })) }
    const [event] = order().when(off, { recorded: true, given }).events()
    expect(event?.data).toMatchObject({
      placedVia: 'recorded',
      tier: 'gold',
      lines: [{ unitPrice: '2024.994', lineValue: '4049.9879', productVersion: '349' }],
      breaches: [
        { code: 'orders.price_off_list', lineNo: 1, details: { unitPrice: '2024.994', listPrice: '2000' } },
        { code: 'orders.line_value_mismatch', lineNo: 1, details: { difference: '0.0001' } },
      ],
    })
  })

  it('are never refused for an unknown dealer or sku', () => {
    const [event] = order().when(record, { recorded: true, given: {} }).events()
    expect(event?.data).toMatchObject({ breaches: [{ code: 'dealers.unknown' }] })
    const [other] = order()
      .when(record, { recorded: true, given: { dealer, quotes: { 1: refuse('pricing.no_price', {}) } } })
      .events()
    expect(other?.data).toMatchObject({ breaches: [{ code: 'pricing.no_price', lineNo: 1 }] })
  })

  it('of a shipment say that the goods had been confirmed and allocated', () => {
    const [recorded] = order()
      .when(record, { recorded: true, given: { dealer, quotes: {} } })
      .events()
    if (!recorded) throw new Error('not recorded')
    const decided = order(recorded).when(
      {
        type: 'DispatchShipment',
        ...id,
        shipmentId: 'S1',
        lines: [{ lineNo: 1, quantity: '2' }],
        trackingNumber: '4911-403C-98',
      },
      { recorded: true, ...none },
    )
    expect(decided.events().map((event) => event.type)).toEqual([
      'OrderConfirmed',
      'LinesAllocated',
      'ShipmentDispatched',
    ])
    expect(decided.events().at(-1)?.data).toMatchObject({
      affectsStock: false,
      lines: [{ value: '4049.988', tax: { amount: '323.999' }, freight: '101.2497' }],
    })
    expect(statusOf(decided.state())).toBe('shipped')
  })

  it('of more than was ordered are kept with their breach', () => {
    const decided = order(placed).when(
      { type: 'DispatchShipment', ...id, shipmentId: 'S1', lines: [{ lineNo: 1, quantity: '12' }] },
      { recorded: true, ...none },
    )
    expect(decided.events().at(-1)?.data).toMatchObject({
      lines: [{ quantity: '12', value: '30' }],
      breaches: [{ code: 'orders.over_shipped' }],
    })
  })

  it('are taken into the normal flow by a command, once', () => {
    const [recorded] = order()
      .when(record, { recorded: true, given: { dealer, quotes: {} } })
      .events()
    if (!recorded) throw new Error('not recorded')
    const adopted: OrderEvent = {
      type: 'OrderAdopted',
      data: { ...id, dealerId: 'D1', shipFrom: header.shipFrom, affectsStock: true, backorderPolicy: 'backorder' },
    }
    order(recorded)
      .when({ type: 'AdoptOrder', ...id, affectsStock: true }, none)
      .then([adopted])
    order(placed)
      .when({ type: 'AdoptOrder', ...id }, none)
      .thenRefused('orders.wrong_state')
  })
})

describe('confirming and allocating', () => {
  it('answers each line with confirmed and backordered quantities', () => {
    order(placed)
      .when({ type: 'ConfirmOrder', ...id, confirmationId: 'c1', lines: confirmed.data.lines }, none)
      .then([confirmed])
    order(placed, confirmed)
      .when(
        { type: 'ConfirmOrder', ...id, confirmationId: 'c2', lines: [{ lineNo: 1, confirmed: '1', backordered: '0' }] },
        none,
      )
      .thenRefused('orders.quantity', { left: '0' })
  })

  it('fills a backorder from B to C', () => {
    const decided = order(placed, confirmed).when(
      { type: 'FillBackorder', ...id, fillId: 'f1', lines: [{ lineNo: 1, quantity: '3' }] },
      none,
    )
    decided.then([{ type: 'BackorderFilled', data: { ...id, fillId: 'f1', lines: [{ lineNo: 1, quantity: '3' }] } }])
    expect(decided.state()).toMatchObject({ lines: { 1: { quantities: { confirmed: '9', backordered: '1' } } } })
  })

  it('allocates no more than is confirmed', () => {
    order(placed, confirmed)
      .when({ type: 'AllocateLines', ...id, allocationId: 'a1', lines: [{ lineNo: 1, quantity: '7' }] }, none)
      .thenRefused('orders.quantity')
    order(placed, confirmed)
      .when({ type: 'AllocateLines', ...id, allocationId: 'a1', lines: allocated.data.lines }, none)
      .then([allocated])
  })

  it('waits while the order is on hold', () => {
    const held: OrderEvent = { type: 'OrderHeld', data: { ...id, kind: 'credit', reason: 'over-limit' } }
    order(placed)
      .when({ type: 'HoldOrder', ...id, kind: 'credit', reason: 'over-limit' }, none)
      .then([held])
    order(placed, held)
      .when({ type: 'ConfirmOrder', ...id, confirmationId: 'c1', lines: confirmed.data.lines }, none)
      .thenRefused('orders.on_hold')
    order(placed, held)
      .when({ type: 'ReleaseHold', ...id, kind: 'credit', reason: 'paid' }, none)
      .then([{ type: 'OrderHoldReleased', data: { ...id, kind: 'credit', reason: 'paid' } }])
    order(placed, held)
      .when({ type: 'ReleaseHold', ...id, kind: 'risk', reason: 'paid' }, none)
      .thenNothing()
  })
})

describe('shipping', () => {
  const allocations = {
    SKU1: [
      { lineNo: 1, lot: 'A', quantity: '2' },
      { lineNo: 1, lot: 'B', quantity: '5' },
    ],
  }

  it('takes allocated lots, and carries its share of the money', () => {
    const [event] = order(placed, confirmed, allocated)
      .when(
        { type: 'DispatchShipment', ...id, shipmentId: 'S1', lines: [{ lineNo: 1, quantity: '6' }] },
        { given: { allocations } },
      )
      .events()
    expect(event?.data).toMatchObject({
      lines: [
        {
          value: '15',
          tax: { code: 'vat', amount: '1.5' },
          lots: [
            { lot: 'A', quantity: '2' },
            { lot: 'B', quantity: '4' },
          ],
        },
      ],
    })
  })

  it('does not ship what is not allocated, on the order or in stock', () => {
    const dispatch: OrderCommand = {
      type: 'DispatchShipment',
      ...id,
      shipmentId: 'S1',
      lines: [{ lineNo: 1, quantity: '7' }],
    }
    order(placed, confirmed, allocated)
      .when(dispatch, { given: { allocations } })
      .thenRefused('orders.not_allocated', { allocated: '6' })
    order(placed, confirmed, allocated)
      .when({ ...dispatch, lines: [{ lineNo: 1, quantity: '6' }] }, { given: { allocations: {} } })
      .thenRefused('stock.insufficient')
  })

  it('is delivered in parts, each with its share, the last with the rest', () => {
    const deliver = (deliveryId: string, quantity: string): OrderCommand => ({
      type: 'DeliverShipment',
      ...id,
      shipmentId: 'S1',
      deliveryId,
      lines: [{ lineNo: 1, quantity }],
    })
    const [first] = order(placed, confirmed, allocated, shipped).when(deliver('d1', '1'), none).events()
    expect(first?.data).toMatchObject({ lines: [{ value: '2.5', tax: { amount: '0.25' } }] })
    if (!first) throw new Error('not delivered')
    const rest = order(placed, confirmed, allocated, shipped, first).when(
      { type: 'DeliverShipment', ...id, shipmentId: 'S1' },
      none,
    )
    expect(rest.events()).toMatchObject([
      { type: 'ShipmentDelivered', data: { lines: [{ quantity: '5', value: '12.5' }] } },
    ])
    expect(statusOf(rest.state())).toBe('partly-delivered')
    order(placed, confirmed, allocated, shipped, first)
      .when(deliver('d2', '6'), none)
      .thenRefused('orders.quantity', { left: '5' })
  })

  it('sends lost goods again as a backorder, or takes them off the order', () => {
    const lose = (remedy: 'reship' | 'cancel'): OrderCommand => ({
      type: 'ReportShipmentLost',
      ...id,
      shipmentId: 'S1',
      remedy,
      reason: 'lost',
    })
    expect(order(placed, confirmed, allocated, shipped).when(lose('reship'), none).state()).toMatchObject({
      lines: { 1: { quantities: { shipped: '0', allocated: '0', confirmed: '0', backordered: '10' } } },
    })
    expect(order(placed, confirmed, allocated, shipped).when(lose('cancel'), none).state()).toMatchObject({
      lines: {
        1: { quantities: { shipped: '0', cancelled: '6', backordered: '4' }, money: { cancelled: { value: '15' } } },
      },
    })
    order(placed, confirmed, allocated, shipped, delivered).when(lose('reship'), none).thenNothing()
  })

  it('leaves open on credit what was not delivered', () => {
    const open = (...history: OrderEvent[]): unknown => {
      const state = order(...history).state()
      return state.phase === 'placed' ? undeliveredAmount(state) : undefined
    }
    // 25 + 2.5 tax + 0.999999
    expect(open(placed)).toEqual({ amount: '2850', remainder: '-0.000001' })
    expect(open(placed, confirmed, allocated, shipped)).toEqual({ amount: '2850', remainder: '-0.000001' })
    expect(open(placed, confirmed, allocated, shipped, delivered)).toEqual({ amount: '1200', remainder: '-0.000001' })
  })
})

describe('amending', () => {
  const amend = (lines: Extract<OrderCommand, { type: 'AmendOrder' }>['lines']): OrderCommand => ({
    type: 'AmendOrder',
    ...id,
    lines,
    reason: 'dealer',
  })

  it('writes the difference, each changed line with its new price and its resolution', () => {
    const [event] = order(placed)
      .when(
        amend([
          { lineNo: 1, quantity: '20' },
          { lineNo: 2, quantity: '3' },
          { lineNo: 3, quantity: '1', sku: 'SKU3', unit: 'EA' },
        ]),
        { given: { dealer, quotes: { 1: quote('2.4'), 3: quote('7') } } },
      )
      .events()
    expect(event?.data).toMatchObject({
      amendment: 1,
      changes: [
        {
          lineNo: 1,
          before: { quantity: '10', unitPrice: '2.5', lineValue: '25' },
          after: {
            quantity: '20',
            unitPrice: '2.4',
            lineValue: '48',
            tax: { amount: '4.8' },
            price: { unitPrice: '2.4' },
          },
        },
        { lineNo: 3, after: { sku: 'SKU3', lineValue: '7' } },
      ],
    })
  })

  it('takes a smaller quantity first from what is open, then backordered, then confirmed', () => {
    const decided = order(placed, confirmed, allocated).when(amend([{ lineNo: 1, quantity: '5' }]), {
      given: { dealer, quotes: { 1: quote('2.5') } },
    })
    expect(decided.events()).toMatchObject([
      { data: { changes: [{ fromBackordered: '4', fromConfirmed: '1', deallocated: '1' }] } },
    ])
    expect(decided.state()).toMatchObject({
      lines: { 1: { quantities: { ordered: '5', confirmed: '5', backordered: '0', allocated: '5' } } },
    })
  })

  it('leaves the terms of a line alone once part of it was shipped', () => {
    order(placed, confirmed, allocated, shipped)
      .when(amend([{ lineNo: 1, quantity: '11' }]), { given: given1 })
      .thenRefused('orders.line_shipped')
    order(placed, confirmed, allocated, shipped)
      .when(amend([{ lineNo: 1, quantity: '5' }]), { given: given1 })
      .thenRefused('orders.quantity')
    const [event] = order(placed, confirmed, allocated, shipped)
      .when(amend([{ lineNo: 1, quantity: '8' }]), { given: { dealer, quotes: { 1: quote('9') } } })
      .events()
    expect(event?.data).toMatchObject({
      changes: [
        { after: { quantity: '8', unitPrice: '2.5', lineValue: '20', tax: { amount: '2' } }, fromBackordered: '2' },
      ],
    })
  })

  it('does not let a suspended dealer order more', () => {
    const suspended = {
      dealer: { ...dealer, status: 'suspended' as const, mayOrder: false },
      quotes: { 1: quote('2.5') },
    }
    order(placed)
      .when(amend([{ lineNo: 1, quantity: '11' }]), { given: suspended })
      .thenRefused('dealers.not_active')
    expect(
      order(placed)
        .when(amend([{ lineNo: 1, quantity: '9' }]), { given: suspended })
        .events(),
    ).toHaveLength(1)
  })

  it('never changes a price silently: by approval, or by an explicit re-price', () => {
    const override: OrderCommand = {
      type: 'ApprovePriceOverride',
      ...id,
      lineNo: 1,
      unitPrice: '2.2',
      reason: 'competition',
    }
    const [event] = order(placed).when(override, none).events()
    expect(event).toMatchObject({
      type: 'PriceOverrideApproved',
      data: { before: { unitPrice: '2.5' }, after: { unitPrice: '2.2', lineValue: '22', tax: { amount: '2.2' } } },
    })
    order(placed, shipped).when(override, none).thenRefused('orders.line_shipped')
    const reprice: OrderCommand = { type: 'ApplyReprice', ...id, reason: 'new-list' }
    const [repriced] = order(placed, shipped)
      .when(reprice, { given: { dealer, quotes: { 1: quote('9'), 2: quote('0.5') } } })
      .events()
    expect(repriced).toMatchObject({
      type: 'RepriceApplied',
      data: { changes: [{ lineNo: 2, after: { unitPrice: '0.5', lineValue: '1.5' } }] },
    })
    order(placed).when(reprice, { given: given1 }).thenNothing()
  })
})

describe('cancelling', () => {
  it('takes back open quantities first and allocated goods last, with their share of the money', () => {
    order(placed, confirmed, allocated)
      .when(
        { type: 'CancelLines', ...id, cancellationId: 'x1', lines: [{ lineNo: 1, quantity: '5' }], reason: 'dealer' },
        none,
      )
      .then([
        {
          type: 'OrderLinesCancelled',
          data: {
            ...id,
            cancellationId: 'x1',
            lines: [
              {
                lineNo: 1,
                quantity: '5',
                fromBackordered: '4',
                fromConfirmed: '1',
                deallocated: '1',
                value: '12.5',
                tax: { code: 'vat', rate: '0.1', amount: '1.25' },
              },
            ],
            reason: 'dealer',
          },
        },
      ])
  })

  it('cancels the rest of an order that was shipped in part, and nothing twice', () => {
    const decided = order(placed, confirmed, allocated, shipped).when(
      { type: 'CancelOrder', ...id, reason: 'dealer' },
      none,
    )
    expect(decided.events().map(({ type }) => type)).toEqual(['OrderLinesCancelled', 'OrderCancelled'])
    expect(statusOf(decided.state())).toBe('shipped')
    const all = order(placed).when({ type: 'CancelOrder', ...id, reason: 'dealer' }, none)
    expect(statusOf(all.state())).toBe('cancelled')
    order(placed, ...all.events())
      .when({ type: 'CancelOrder', ...id, reason: 'dealer' }, none)
      .thenNothing()
    order(placed, ...all.events())
      .when({ type: 'ConfirmOrder', ...id, confirmationId: 'c', lines: confirmed.data.lines }, none)
      .thenRefused('orders.wrong_state')
  })

  it('does not cancel what was shipped', () => {
    order(placed, confirmed, allocated, shipped)
      .when(
        { type: 'CancelLines', ...id, cancellationId: 'x', lines: [{ lineNo: 1, quantity: '5' }], reason: 'dealer' },
        none,
      )
      .thenRefused('orders.quantity', { left: '4' })
  })
})

describe('returns', () => {
  const authorised: OrderEvent = {
    type: 'ReturnAuthorised',
    data: { ...id, returnId: 'R1', lines: [{ lineNo: 1, quantity: '4' }], reason: 'damaged' },
  }
  const receive: OrderCommand = {
    type: 'ReceiveReturn',
    ...id,
    returnId: 'R1',
    lines: [
      { lineNo: 1, quantity: '3', condition: 'restock' },
      { lineNo: 1, quantity: '1', condition: 'scrap' },
    ],
    reason: 'damaged',
  }
  const history = [placed, confirmed, allocated, shipped, delivered]

  it('are authorised for delivered goods, once each', () => {
    order(...history)
      .when(
        { type: 'AuthoriseReturn', ...id, returnId: 'R1', lines: [{ lineNo: 1, quantity: '4' }], reason: 'damaged' },
        none,
      )
      .then([authorised])
    order(...history, authorised)
      .when(
        { type: 'AuthoriseReturn', ...id, returnId: 'R2', lines: [{ lineNo: 1, quantity: '3' }], reason: 'damaged' },
        none,
      )
      .thenRefused('orders.over_returned', { left: '2' })
  })

  it('are priced by the terms of the sale', () => {
    const [event] = order(...history, authorised)
      .when(receive, none)
      .events()
    expect(event?.data).toMatchObject({
      lines: [
        { quantity: '3', value: '7.5', tax: { amount: '0.75' } },
        { quantity: '1', value: '2.5', tax: { amount: '0.25' } },
      ],
    })
    order(...history, authorised, event as OrderEvent)
      .when(receive, none)
      .thenNothing()
  })

  it('need an authorisation, unless they are recorded facts', () => {
    order(...history)
      .when(receive, none)
      .thenRefused('orders.return_not_authorised')
    expect(
      order(...history)
        .when(receive, { recorded: true, ...none })
        .events(),
    ).toHaveLength(1)
    const [over] = order(placed)
      .when(receive, { recorded: true, ...none })
      .events()
    expect(over?.data).toMatchObject({
      breaches: [{ code: 'orders.over_returned' }, { code: 'orders.over_returned' }],
      lines: [{ value: '7.5' }, { value: '2.5' }],
    })
  })
})

describe('closing', () => {
  it('needs every unit delivered or cancelled', () => {
    order(placed, confirmed, allocated, shipped, delivered)
      .when({ type: 'CloseOrder', ...id, reason: 'complete' }, none)
      .thenRefused('orders.open_quantities')
    const rest = order(placed, confirmed, allocated, shipped, delivered)
      .when({ type: 'CancelOrder', ...id, reason: 'dealer' }, none)
      .events()
    order(placed, confirmed, allocated, shipped, delivered, ...rest)
      .when({ type: 'CloseOrder', ...id, reason: 'complete' }, none)
      .then([{ type: 'OrderClosed', data: { ...id, reason: 'complete' } }])
  })
})

describe('an order', () => {
  it('belongs to its dealer', () => {
    expect(orderAggregate.owner?.(order(placed).state(), { type: 'CancelOrder', ...id, reason: 'x' })).toBe('D1')
    expect(orderAggregate.owner?.({ phase: 'none' }, place)).toBe('D1')
  })

  it('that is not there refuses everything but being placed', () => {
    order()
      .when({ type: 'CancelOrder', ...id, reason: 'x' }, none)
      .thenRefused('orders.unknown')
  })
})
