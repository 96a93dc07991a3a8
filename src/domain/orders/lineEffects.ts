import { minus, negated } from '../kernel/decimalText.ts'
import type { OrderEvent } from './events.ts'
import type { LineTax } from './orderLine.ts'

/** O, C, X, B, A, S, D, R of domain.md §2.10. C and B are net of later cancellations, S and A of losses on the way. */
export const lineMeasures = [
  'ordered',
  'confirmed',
  'cancelled',
  'backordered',
  'allocated',
  'shipped',
  'delivered',
  'returned',
] as const
export type LineMeasure = (typeof lineMeasures)[number]

/** Money of a quantity, scale 6: line value net of discount, tax as given, freight. */
export interface LineMoney {
  readonly value: string
  readonly tax: string
  readonly freight: string
}

/** What an event adds to a line. Confirmed, backordered and allocated carry no money: theirs is a share of the line's. */
export interface LineEffect extends LineMoney {
  readonly lineNo: number
  readonly measure: LineMeasure
  readonly quantity: string
}

/** The one place that knows it: the decider's state and the read models both fold these rows. */
export function lineEffects(event: OrderEvent): readonly LineEffect[] {
  return effectsOf(event).filter(
    (row) => row.quantity !== '0' || row.value !== '0' || row.tax !== '0' || row.freight !== '0',
  )
}

function effectsOf(event: OrderEvent): readonly LineEffect[] {
  switch (event.type) {
    case 'OrderPlaced':
      return event.data.lines.map((line) => row(line.lineNo, 'ordered', line.quantity, termsMoney(line)))
    case 'OrderAmended':
      return event.data.changes.flatMap(({ lineNo, before, after, fromBackordered, fromConfirmed, deallocated }) => [
        row(
          lineNo,
          'ordered',
          minus(after.quantity, before?.quantity ?? '0'),
          difference(termsMoney(after), before && termsMoney(before)),
        ),
        row(lineNo, 'backordered', negated(fromBackordered)),
        row(lineNo, 'confirmed', negated(fromConfirmed)),
        row(lineNo, 'allocated', negated(deallocated)),
      ])
    case 'PriceOverrideApproved': {
      const { lineNo, before, after } = event.data
      return [row(lineNo, 'ordered', '0', difference(termsMoney(after), termsMoney(before)))]
    }
    case 'RepriceApplied':
      return event.data.changes.map(({ lineNo, before, after }) =>
        row(lineNo, 'ordered', '0', difference(termsMoney(after), termsMoney(before))),
      )
    case 'OrderConfirmed':
      return event.data.lines.flatMap(({ lineNo, confirmed, backordered }) => [
        row(lineNo, 'confirmed', confirmed),
        row(lineNo, 'backordered', backordered),
      ])
    case 'BackorderFilled':
      return event.data.lines.flatMap(({ lineNo, quantity }) => [
        row(lineNo, 'backordered', negated(quantity)),
        row(lineNo, 'confirmed', quantity),
      ])
    case 'LinesAllocated':
      return event.data.lines.map(({ lineNo, quantity }) => row(lineNo, 'allocated', quantity))
    case 'OrderLinesCancelled':
      return event.data.lines.flatMap((line) => [
        row(line.lineNo, 'cancelled', line.quantity, partMoney(line)),
        row(line.lineNo, 'backordered', negated(line.fromBackordered)),
        row(line.lineNo, 'confirmed', negated(line.fromConfirmed)),
        row(line.lineNo, 'allocated', negated(line.deallocated)),
      ])
    case 'ShipmentDispatched':
      return event.data.lines.map((line) => row(line.lineNo, 'shipped', line.quantity, partMoney(line)))
    case 'ShipmentDelivered':
      return event.data.lines.map((line) => row(line.lineNo, 'delivered', line.quantity, partMoney(line)))
    case 'ShipmentLost':
      return event.data.lines.flatMap((line) => [
        row(line.lineNo, 'shipped', negated(line.quantity), difference(noMoney, partMoney(line))),
        row(line.lineNo, 'allocated', negated(line.quantity)),
        row(line.lineNo, 'confirmed', negated(line.quantity)),
        event.data.remedy === 'reship'
          ? row(line.lineNo, 'backordered', line.quantity)
          : row(line.lineNo, 'cancelled', line.quantity, partMoney(line)),
      ])
    case 'GoodsReturned':
      return event.data.lines.map((line) => row(line.lineNo, 'returned', line.quantity, partMoney(line)))
    case 'OrderDrafted':
    case 'OrderAdopted':
    case 'OrderHeld':
    case 'OrderHoldReleased':
    case 'OrderCancelled':
    case 'ReturnAuthorised':
    case 'OrderClosed':
      return []
  }
}

export const noMoney: LineMoney = { value: '0', tax: '0', freight: '0' }

function row(lineNo: number, measure: LineMeasure, quantity: string, money: LineMoney = noMoney): LineEffect {
  return { lineNo, measure, quantity, ...money }
}

interface Terms {
  readonly lineValue: string
  readonly tax?: LineTax | undefined
  readonly freight?: string | undefined
}

export function termsMoney({ lineValue, tax, freight }: Terms): LineMoney {
  return { value: lineValue, tax: tax?.amount ?? '0', freight: freight ?? '0' }
}

function partMoney({
  value,
  tax,
  freight,
}: {
  value: string
  tax?: LineTax | undefined
  freight?: string | undefined
}): LineMoney {
  return termsMoney({ lineValue: value, tax, freight })
}

function difference(a: LineMoney, b: LineMoney = noMoney): LineMoney {
  return { value: minus(a.value, b.value), tax: minus(a.tax, b.tax), freight: minus(a.freight, b.freight) }
}
