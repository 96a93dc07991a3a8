import { refusedToShip } from '../credit/refusedToShip.ts'
import { dealerAggregate } from '../dealers/decide.ts'
import { dealerAt, type DealerAt } from '../dealers/state.ts'
import { minus } from '../kernel/decimalText.ts'
import type { Load, Refusal } from '../kernel/decider.ts'
import { own, row } from '../kernel/table.ts'
import { quoteLines } from '../pricing/quote.ts'
import type { PriceResolution } from '../pricing/resolution.ts'
import { stockAggregate } from '../stock/decide.ts'
import type { Allocation } from '../stock/state.ts'
import { stockId } from '../stock/stockKey.ts'
import type { OrderCommand } from './commands.ts'
import { unshippedQuantity } from './orderStatus.ts'
import { linesOf, type OrderState, type Placed } from './state.ts'

/** What a decision about an order needs to know of other streams. */
export interface OrderGiven {
  /** at the command's business time; undefined when unknown */
  readonly dealer?: DealerAt | undefined
  /** by line number: the price of the day, or why there is none */
  readonly quotes?: Readonly<Record<string, PriceResolution | Refusal>>
  /** by sku: the lots set aside for this order */
  readonly allocations?: Readonly<Record<string, readonly Allocation[]>>
  /** why credit does not let goods of this order go */
  readonly credit?: Refusal | undefined
}

interface Quoted {
  readonly lineNo: number
  readonly sku: string
  readonly unit: string
  readonly quantity: string
}

export async function gatherForOrder(
  command: OrderCommand,
  load: Load,
  at: string,
  order: (id: string) => Promise<OrderState>,
): Promise<OrderGiven> {
  if (command.type === 'DraftOrder' || command.type === 'PlaceGrantedOrder')
    return { dealer: dealerAt(await load(dealerAggregate, command.dealerId), at) }
  if (command.type === 'PlaceOrder' || command.type === 'RecordOrder') return quoted(load, at, command, command.lines)
  if (command.type !== 'AmendOrder' && command.type !== 'ApplyReprice' && command.type !== 'DispatchShipment') return {}

  const state = await order(command.orderId)
  if (state.phase !== 'placed') return {}
  if (command.type === 'DispatchShipment') {
    const credit = await refusedToShip(load, state.header, at)
    return state.header.affectsStock ? { credit, allocations: await allocationsOf(load, state) } : { credit }
  }
  return quoted(
    load,
    at,
    state.header,
    command.type === 'AmendOrder' ? amendedLines(command, state) : unshippedLines(state),
  )
}

async function quoted(
  load: Load,
  at: string,
  { companyId, dealerId, currency }: { companyId: string; dealerId: string; currency: string },
  lines: readonly Quoted[],
): Promise<OrderGiven> {
  const dealer = await load(dealerAggregate, dealerId)
  const answers = await quoteLines(load, { companyId, dealer, currency, lines, at })
  const quotes = lines.flatMap(({ lineNo }, index) => {
    const answer = answers[index]
    return answer === undefined ? [] : [[lineNo, answer] as const]
  })
  return { dealer: dealerAt(dealer, at), quotes: Object.fromEntries(quotes) }
}

function amendedLines({ lines }: Extract<OrderCommand, { type: 'AmendOrder' }>, state: Placed): readonly Quoted[] {
  return lines.flatMap(({ lineNo, sku, unit, quantity }) => {
    const terms = own(state.lines, lineNo)?.terms ?? { sku, unit }
    return terms.sku === undefined || terms.unit === undefined
      ? []
      : [{ lineNo, sku: terms.sku, unit: terms.unit, quantity }]
  })
}

function unshippedLines(state: Placed): readonly Quoted[] {
  return linesOf(state)
    .filter(
      ({ quantities }) =>
        quantities.shipped === '0' &&
        !unshippedQuantity(quantities).startsWith('-') &&
        unshippedQuantity(quantities) !== '0',
    )
    .map(({ terms, quantities }) => ({
      lineNo: terms.lineNo,
      sku: terms.sku,
      unit: terms.unit,
      quantity: minus(quantities.ordered, quantities.cancelled),
    }))
}

async function allocationsOf(load: Load, { header, lines }: Placed): Promise<NonNullable<OrderGiven['allocations']>> {
  const skus = [...new Set(Object.values(lines).map((line) => line.terms.sku))]
  const held = await Promise.all(
    skus.map(async (sku) => {
      const stock = await load(stockAggregate, stockId({ ...header.shipFrom, sku }))
      return [sku, row(stock.allocations, header.orderId) ?? []] as const
    }),
  )
  return Object.fromEntries(held)
}
