import { roundToMinor } from '../kernel/currency.ts'
import { parseDecimal } from '../kernel/decimal.ts'
import { own } from '../kernel/table.ts'
import type { OrderEvent } from '../orders/events.ts'
import { linesOf, type Placed } from '../orders/state.ts'
import { undeliveredAmount, undeliveredValue } from '../orders/undelivered.ts'
import { unlotted } from '../stock/events.ts'
import type { Step } from './step.ts'

/**
 * What an order's event asks of stock and credit outside the fulfilment process: goods issued, returned and given
 * free, backorders noted, the credit reservation kept equal to what is not delivered.
 *
 * `order` is folded up to and including the event. Every step may be repeated. A credit step may be refused with
 * `credit.not_reserved` (the process has not reserved yet, or has undone it): then there is nothing to adjust. With `keepsCredit`
 * (`FulfilmentState`) it is reserved anew instead, for then the account has only forgotten an order of which nothing stood.
 */
export function stepsAfterOrder(
  event: OrderEvent & { readonly id: string },
  order: Placed,
  creditAccount: string,
  keepsCredit: boolean,
): readonly Step[] {
  const key = (step: string): { key: string; step: string } => ({ key: `${event.id}/${step}`, step })
  const stock = order.header.affectsStock ? stockSteps(event, order, key) : []
  return [...stock, ...creditSteps(event, order, { accountId: creditAccount, keepsCredit }, key)]
}

type Key = (step: string) => { key: string; step: string }

function stockSteps(event: OrderEvent & { readonly id: string }, order: Placed, key: Key): Step[] {
  const { orderId, shipFrom } = order.header
  switch (event.type) {
    case 'OrderConfirmed':
    case 'BackorderFilled':
      return backorderSteps(event.data.lines, order, key)
    case 'OrderLinesCancelled':
      return [...freeingSteps(event.id, event.data.lines, order, key), ...backorderSteps(event.data.lines, order, key)]
    case 'OrderAmended':
      return [
        ...freeingSteps(event.id, event.data.changes, order, key),
        ...backorderSteps(event.data.changes, order, key),
      ]
    case 'ShipmentLost':
      return backorderSteps(event.data.lines, order, key)
    case 'ShipmentDispatched':
      return bySku(event.data.lines, order).map(([sku, lines]) => ({
        ...key(`issue:${sku}`),
        target: 'stock',
        command: {
          type: 'IssueStock',
          ...shipFrom,
          sku,
          issueId: `${orderId}/${event.data.shipmentId}`,
          orderId,
          shipmentId: event.data.shipmentId,
          lines: lines.flatMap(({ lineNo, quantity, lots }) =>
            lots ? lots.map((part) => ({ lineNo, ...part })) : [{ lineNo, quantity }],
          ),
        },
      }))
    case 'GoodsReturned': {
      const restocked = event.data.lines.filter((line) => line.condition === 'restock')
      return bySku(restocked, order).map(([sku, lines]) => ({
        ...key(`return:${sku}`),
        target: 'stock',
        command: {
          type: 'ReturnToStock',
          ...event.data.to,
          sku,
          returnId: `${orderId}/${event.data.returnId}`,
          orderId,
          lines: lines.map(({ quantity, lot }) => ({ lot: lot ?? unlotted, quantity })),
        },
      }))
    }
    default:
      return []
  }
}

/** The stock stream is told what each line waits for now, so that the order of these steps does not matter. */
function backorderSteps(lines: readonly { lineNo: number }[], order: Placed, key: Key): Step[] {
  const { orderId, shipFrom } = order.header
  return bySku(lines, order).map(([sku, ofSku]) => ({
    ...key(`backorder:${sku}`),
    target: 'stock',
    command: {
      type: 'SetBackorder',
      ...shipFrom,
      sku,
      orderId,
      lines: ofSku.map(({ lineNo }) => ({ lineNo, quantity: own(order.lines, lineNo)?.quantities.backordered ?? '0' })),
    },
  }))
}

function freeingSteps(
  eventId: string,
  lines: readonly { lineNo: number; deallocated: string }[],
  order: Placed,
  key: Key,
): Step[] {
  const { orderId, shipFrom } = order.header
  const freed = lines.filter((line) => line.deallocated !== '0')
  return bySku(freed, order).map(([sku, ofSku]) => ({
    ...key(`deallocate:${sku}`),
    target: 'stock',
    command: {
      type: 'DeallocateStock',
      ...shipFrom,
      sku,
      deallocationId: eventId,
      orderId,
      lines: ofSku.map(({ lineNo, deallocated }) => ({ lineNo, quantity: deallocated })),
      reason: 'order-changed',
    },
  }))
}

function creditSteps(
  event: OrderEvent,
  order: Placed,
  { accountId, keepsCredit }: { readonly accountId: string; readonly keepsCredit: boolean },
  key: Key,
): Step[] {
  const { orderId, dealerId, currency } = order.header
  const identity = { accountId, orderId, dealerId, currency }
  switch (event.type) {
    case 'OrderLinesCancelled':
    case 'OrderAmended':
    case 'PriceOverrideApproved':
    case 'RepriceApplied':
    case 'ShipmentLost': {
      const { amount } = undeliveredAmount(order)
      const isOver = linesOf(order).every(({ quantities }) => quantities.ordered === quantities.cancelled)
      return isOver
        ? [
            {
              ...key('credit-release'),
              target: 'account',
              command: { type: 'ReleaseCredit', accountId, orderId, reason: 'cancelled' },
            },
          ]
        : [
            {
              ...key('credit-adjust'),
              target: 'account',
              command: {
                type: 'AdjustCreditReservation',
                ...identity,
                amount,
                anew: keepsCredit,
                ifOver: 'hold',
              },
            },
          ]
    }
    case 'ShipmentDelivered': {
      const { shipmentId, deliveryId, lines } = event.data
      const partly = deliveryId === shipmentId ? {} : { deliveryId }
      return [
        {
          ...key('credit-delivery'),
          target: 'account',
          command: { type: 'RecordDelivery', ...identity, shipmentId, ...partly, amount: fallenBy(lines, order) },
        },
      ]
    }
    case 'GoodsReturned': {
      const amount = roundToMinor(valueOf(event.data.lines), currency, 'half-up').value.toString()
      return [
        {
          ...key('credit-return'),
          target: 'account',
          command: { type: 'RecordReturn', ...identity, returnId: event.data.returnId, amount },
        },
      ]
    }
    case 'OrderClosed':
      return [
        {
          ...key('credit-release'),
          target: 'account',
          command: { type: 'ReleaseCredit', accountId, orderId, reason: 'closed' },
        },
      ]
    default:
      return []
  }
}

type Valued = readonly { value: string; tax?: { amount: string } | undefined; freight?: string | undefined }[]

function valueOf(lines: Valued): bigint {
  return lines.reduce(
    (sum, { value, tax, freight }) =>
      sum + parseDecimal(value) + parseDecimal(tax?.amount ?? '0') + parseDecimal(freight ?? '0'),
    0n,
  )
}

/** By how much the order's undelivered amount fell: differences of one rounded balance, so that deliveries add up to it exactly. */
function fallenBy(lines: Valued, order: Placed): string {
  const after = undeliveredValue(order)
  const minor = (value: bigint): bigint => roundToMinor(value > 0n ? value : 0n, order.header.currency, 'half-up').value
  return (minor(after + valueOf(lines)) - minor(after)).toString()
}

function bySku<L extends { lineNo: number }>(
  lines: readonly L[],
  order: Placed,
): readonly (readonly [string, readonly L[]])[] {
  const skuOf = (line: L): string => own(order.lines, line.lineNo)?.terms.sku ?? ''
  const skus = [...new Set(lines.map(skuOf))].filter((sku) => sku !== '').toSorted()
  return skus.map((sku) => [sku, lines.filter((line) => skuOf(line) === sku)])
}
