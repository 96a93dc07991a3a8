import { compare, minus, plus } from '../kernel/decimalText.ts'
import { isRefusal, refuse, type Circumstances, type Decision, type Refusal } from '../kernel/decider.ts'
import { formatDecimal, multiply, parseDecimal } from '../kernel/decimal.ts'
import { enforce } from '../kernel/enforce.ts'
import type { Breach } from '../kernel/breach.ts'
import { own } from '../kernel/table.ts'
import { sameData } from '../kernel/sameData.ts'
import type { PriceResolution } from '../pricing/resolution.ts'
import type { OrderCommand } from './commands.ts'
import type { OrderEvent } from './events.ts'
import type { OrderGiven } from './given.ts'
import { minusMoney, nextPart, takeFrom } from './lineParts.ts'
import { termsMoney } from './lineEffects.ts'
import { lineValueOf, repeatedLineNo } from './lineValue.ts'
import type { LineTax, OrderLine } from './orderLine.ts'
import { linesOf, type Line, type OrderState, type Placed } from './state.ts'

// What an order is worth: placing, recording, amending, re-pricing.

type Of<Type extends OrderCommand['type']> = Extract<OrderCommand, { type: Type }>
type Change = Extract<OrderEvent, { type: 'OrderAmended' }>['data']['changes'][number]

export function place(
  command: Of<'PlaceOrder'>,
  state: OrderState,
  { given }: Circumstances<OrderGiven>,
): Decision<OrderEvent> {
  const { type: _type, lines: wanted, backorderPolicy, placedVia, ...header } = command
  if (state.phase === 'placed')
    return isSameOrder(command, state) ? [] : refuse('object.exists', { orderId: command.orderId })
  const { dealer, quotes = {} } = given
  if (dealer === undefined || dealer.companyId !== command.companyId)
    return refuse('dealers.unknown', { dealerId: command.dealerId })
  if (!dealer.mayOrder) return refuse('dealers.not_active', { dealerId: command.dealerId, status: dealer.status })
  const twice = repeatedLineNo(wanted)
  if (twice !== undefined) return refuse('orders.duplicate_line', { lineNo: twice })
  const lines: OrderLine[] = []
  for (const line of wanted) {
    const priced = pricedLine(line, own(quotes, line.lineNo))
    if (isRefusal(priced)) return priced
    lines.push(priced)
  }
  const frozen = { ...frozenOf(dealer), backorderPolicy: backorderPolicy ?? dealer.terms.backorderPolicy }
  return [{ type: 'OrderPlaced', data: { ...header, ...frozen, placedVia, lines, breaches: [] } }]
}

/** The whole value of each line is its discount: what the goods are worth stays to be seen, and nothing is owed for them. */
export function placeGranted(
  { type: _type, lines: granted, ...header }: Of<'PlaceGrantedOrder'>,
  state: OrderState,
  { given: { dealer } }: Circumstances<OrderGiven>,
): Decision<OrderEvent> {
  if (state.phase === 'placed')
    return sameData(state.header.grant, header.grant) ? [] : refuse('object.exists', { orderId: header.orderId })
  if (dealer === undefined) return refuse('dealers.unknown', { dealerId: header.dealerId })
  const lines = granted.map((line): OrderLine => {
    const extended = lineValueOf(line.quantity, line.unitPrice).lineValue
    return { ...line, extended, discount: { share: '1', value: extended }, lineValue: '0' }
  })
  const { backorderPolicy } = dealer.terms
  const frozen = { ...frozenOf(dealer), affectsStock: true, backorderPolicy, placedVia: 'staff' as const }
  return [{ type: 'OrderPlaced', data: { ...header, ...frozen, lines, breaches: [] } }]
}

/** A fact from elsewhere: its prices stand as given, and what they break is kept beside them (domain.md §2.14). */
export function record(
  command: Of<'RecordOrder'>,
  state: OrderState,
  { recorded, given }: Circumstances<OrderGiven>,
): Decision<OrderEvent> {
  const { type: _type, lines, backorderPolicy, ...header } = command
  if (!recorded) return refuse('orders.recorded_only', { orderId: command.orderId })
  if (state.phase === 'placed')
    return isSameOrder(command, state) ? [] : refuse('object.exists', { orderId: command.orderId })
  const twice = repeatedLineNo(lines)
  if (twice !== undefined) return refuse('orders.duplicate_line', { lineNo: twice })
  const { dealer, quotes = {} } = given
  const known = dealer?.companyId === command.companyId ? dealer : undefined
  const ofDealer =
    known === undefined
      ? [refuse('dealers.unknown', { dealerId: command.dealerId })]
      : [!known.mayOrder && refuse('dealers.not_active', { dealerId: command.dealerId, status: known.status })]
  const breaches = [
    ...breachesOf(ofDealer),
    ...lines.flatMap((line) =>
      breachesOf(lineRules(line, known && own(quotes, line.lineNo))).map((breach) => ({
        ...breach,
        lineNo: line.lineNo,
      })),
    ),
  ].slice(0, 2000)
  const frozen = {
    ...(known && frozenOf(known)),
    backorderPolicy: backorderPolicy ?? known?.terms.backorderPolicy ?? 'backorder',
  }
  return [{ type: 'OrderPlaced', data: { ...frozen, ...header, placedVia: 'recorded', lines, breaches } }]
}

function lineRules(
  line: Of<'RecordOrder'>['lines'][number],
  quote: PriceResolution | Refusal | undefined,
): (Refusal | false)[] {
  const { sku, unitPrice, lineValue } = line
  const extended = line.extended ?? lineValueOf(line.quantity, unitPrice).lineValue
  const expected = minus(extended, line.discount?.value ?? '0')
  return [
    isRefusal(quote) && refuse(quote.refused, { sku }),
    quote !== undefined &&
      !isRefusal(quote) &&
      compare(quote.unitPrice, unitPrice) !== 0 &&
      refuse('orders.price_off_list', { sku, unitPrice, listPrice: quote.unitPrice }),
    compare(expected, lineValue) !== 0 &&
      refuse('orders.line_value_mismatch', { sku, expected, lineValue, difference: minus(expected, lineValue) }),
  ]
}

function breachesOf(rules: readonly (Refusal | false)[]): Breach[] {
  const breaches = enforce(rules, true)
  return isRefusal(breaches) ? [] : breaches
}

export function amend(
  command: Of<'AmendOrder'>,
  state: Placed,
  { given }: Circumstances<OrderGiven>,
): Decision<OrderEvent> {
  const { orderId, reason, note } = command
  const twice = repeatedLineNo(command.lines)
  if (twice !== undefined) return refuse('orders.duplicate_line', { lineNo: twice })
  const changes: Change[] = []
  for (const wanted of command.lines) {
    const change = changeOf(wanted, own(state.lines, wanted.lineNo), given)
    if (isRefusal(change)) return change
    if (change !== undefined) changes.push(change)
  }
  if (changes.length === 0) return []
  return [
    {
      type: 'OrderAmended',
      data: { orderId, amendment: state.amendments + 1, changes, reason, ...(note !== undefined && { note }) },
    },
  ]
}

function changeOf(
  wanted: Of<'AmendOrder'>['lines'][number],
  line: Line | undefined,
  { dealer, quotes = {} }: OrderGiven,
): Change | Refusal | undefined {
  const { lineNo, quantity, sku, unit } = wanted
  const nothing = { fromBackordered: '0', fromConfirmed: '0', deallocated: '0' }
  const live = line === undefined ? '0' : minus(line.quantities.ordered, line.quantities.cancelled)
  if (compare(quantity, live) === 0) return undefined
  const grows = compare(quantity, live) > 0
  if (grows && dealer?.mayOrder !== true) return refuse('dealers.not_active', { status: dealer?.status ?? 'unknown' })
  if (line === undefined) {
    if (sku === undefined || unit === undefined) return refuse('orders.line_unknown', { lineNo })
    const after = pricedLine({ ...wanted, sku, unit }, own(quotes, lineNo))
    return isRefusal(after) ? after : { lineNo, after, ...nothing }
  }
  if (sku !== undefined && sku !== line.terms.sku) return refuse('orders.line_unknown', { lineNo, sku: line.terms.sku })
  const taken = grows ? nothing : takeFrom(line.quantities, minus(live, quantity))
  if (line.quantities.shipped === '0') {
    const after = repriced(line, quantity, own(quotes, lineNo), wanted.expectedUnitPrice)
    return isRefusal(after) ? after : { lineNo, before: termsOf(line), after, ...taken }
  }
  if (grows) return refuse('orders.line_shipped', { lineNo, shipped: line.quantities.shipped })
  if (compare(quantity, line.quantities.shipped) < 0)
    return refuse('orders.quantity', { lineNo, shipped: line.quantities.shipped })
  return { lineNo, before: termsOf(line), after: smallerLine(line, minus(live, quantity)), ...taken }
}

export function overridePrice(command: Of<'ApprovePriceOverride'>, state: Placed): Decision<OrderEvent> {
  const { orderId, lineNo, unitPrice, reason, note } = command
  const line = own(state.lines, lineNo)
  if (line === undefined) return refuse('orders.line_unknown', { lineNo })
  if (compare(line.terms.unitPrice, unitPrice) === 0) return []
  if (line.quantities.shipped !== '0')
    return refuse('orders.line_shipped', { lineNo, shipped: line.quantities.shipped })
  const after = atPrice(line, minus(line.quantities.ordered, line.quantities.cancelled), unitPrice)
  return [
    {
      type: 'PriceOverrideApproved',
      data: { orderId, lineNo, before: termsOf(line), after, reason, ...(note !== undefined && { note }) },
    },
  ]
}

export function reprice(
  { orderId, lineNos, reason }: Of<'ApplyReprice'>,
  state: Placed,
  { given }: Circumstances<OrderGiven>,
): Decision<OrderEvent> {
  const changes: { lineNo: number; before: ReturnType<typeof termsOf>; after: OrderLine }[] = []
  const unknown = lineNos?.find((lineNo) => own(state.lines, lineNo) === undefined)
  if (unknown !== undefined) return refuse('orders.line_unknown', { lineNo: unknown })
  for (const line of linesOf(state)) {
    const { lineNo } = line.terms
    const quantity = minus(line.quantities.ordered, line.quantities.cancelled)
    if (line.quantities.shipped !== '0' || quantity === '0' || (lineNos !== undefined && !lineNos.includes(lineNo)))
      continue
    const after = repriced(line, quantity, own(given.quotes ?? {}, lineNo), undefined)
    if (isRefusal(after)) return after
    if (compare(after.unitPrice, line.terms.unitPrice) !== 0) changes.push({ lineNo, before: termsOf(line), after })
  }
  return changes.length === 0 ? [] : [{ type: 'RepriceApplied', data: { orderId, changes, reason } }]
}

interface Wanted {
  readonly lineNo: number
  readonly sku: string
  readonly unit: string
  readonly quantity: string
  readonly expectedUnitPrice?: string | undefined
  readonly tax?: { readonly code: string; readonly rate: string } | undefined
}

function pricedLine(
  { lineNo, sku, unit, quantity, expectedUnitPrice, tax }: Wanted,
  quote: PriceResolution | Refusal | undefined,
): OrderLine | Refusal {
  if (quote === undefined) return refuse('pricing.no_price', { lineNo, sku })
  if (isRefusal(quote)) return refuse(quote.refused, { ...quote.details, lineNo, sku })
  const { unitPrice } = quote
  const changed = priceChanged(lineNo, expectedUnitPrice, unitPrice)
  if (changed) return changed
  const worth = lineValueOf(quantity, unitPrice)
  return {
    lineNo,
    sku,
    unit,
    quantity,
    unitPrice,
    ...worth,
    price: quote,
    ...(tax && { tax: { ...tax, amount: shareAt(worth.lineValue, tax.rate) } }),
  }
}

function priceChanged(lineNo: number, expected: string | undefined, actual: string): Refusal | undefined {
  return expected !== undefined && compare(expected, actual) !== 0
    ? refuse('orders.price_changed', { lineNo, expected, actual })
    : undefined
}

function repriced(
  line: Line,
  quantity: string,
  quote: PriceResolution | Refusal | undefined,
  expected: string | undefined,
): OrderLine | Refusal {
  const { lineNo, sku } = line.terms
  if (quote === undefined) return refuse('pricing.no_price', { lineNo, sku })
  if (isRefusal(quote)) return refuse(quote.refused, { ...quote.details, lineNo, sku })
  return (
    priceChanged(lineNo, expected, quote.unitPrice) ?? { ...atPrice(line, quantity, quote.unitPrice), price: quote }
  )
}

/**
 * An unshipped line at another price or quantity: what is live is quantity × unit price, and cancelled units keep the
 * value they were cancelled with. Tax follows its rate, or the value when no rate was given.
 */
function atPrice(line: Line, live: string, unitPrice: string): OrderLine {
  const { extended: _extended, discount: _discount, price: _price, tax, freight, ...terms } = line.terms
  const { cancelled } = line.money
  const { lineValue, rounding } = lineValueOf(live, unitPrice)
  const liveBefore = minusMoney(line.money.ordered, cancelled)
  const newTax = tax && {
    ...tax,
    amount: plus(
      cancelled.tax,
      tax.rate === undefined ? proportional(liveBefore.tax, lineValue, liveBefore.value) : shareAt(lineValue, tax.rate),
    ),
  }
  return {
    ...terms,
    quantity: plus(live, line.quantities.cancelled),
    unitPrice,
    lineValue: plus(cancelled.value, lineValue),
    rounding,
    ...(line.terms.price && { price: line.terms.price }),
    ...(newTax && { tax: newTax }),
    ...(freight !== undefined && { freight }),
  }
}

/** A line that was shipped in part gets smaller at its frozen price: what falls away takes its share of the money along. */
function smallerLine(line: Line, less: string): OrderLine {
  const { value, tax, freight } = minusMoney(termsMoney(line.terms), nextPart(line, less))
  const { extended: _extended, rounding: _rounding, discount: _discount, ...terms } = line.terms
  return {
    ...terms,
    quantity: minus(line.terms.quantity, less),
    lineValue: value,
    ...(terms.tax && { tax: { ...terms.tax, amount: tax } }),
    ...(terms.freight !== undefined && { freight }),
  }
}

function shareAt(value: string, rate: string): string {
  return formatDecimal(multiply(parseDecimal(value), parseDecimal(rate), 'half-up').value)
}

function proportional(amount: string, value: string, before: string): string {
  const [a, v, b] = [parseDecimal(amount), parseDecimal(value), parseDecimal(before)]
  return b <= 0n ? amount : formatDecimal((2n * a * v + b) / (2n * b))
}

function termsOf(line: Line): {
  quantity: string
  unitPrice: string
  lineValue: string
  tax?: LineTax
  freight?: string
} {
  const { quantity, unitPrice, lineValue, tax, freight } = line.terms
  return { quantity, unitPrice, lineValue, ...(tax && { tax }), ...(freight !== undefined && { freight }) }
}

function frozenOf(dealer: NonNullable<OrderGiven['dealer']>): {
  tier?: string
  territory?: { id: string; version: number }
} {
  const { tier, territory } = dealer
  return {
    ...(tier !== undefined && { tier }),
    ...(territory && { territory: { id: territory.territoryId, version: territory.territoryVersion } }),
  }
}

function isSameOrder(command: Of<'PlaceOrder'> | Of<'RecordOrder'>, { header, lines }: Placed): boolean {
  const isSameLine = (wanted: { lineNo: number; sku: string; quantity: string }): boolean => {
    const terms = own(lines, wanted.lineNo)?.terms
    return terms !== undefined && terms.sku === wanted.sku && compare(terms.quantity, wanted.quantity) === 0
  }
  return (
    header.dealerId === command.dealerId &&
    header.companyId === command.companyId &&
    header.currency === command.currency &&
    Object.keys(lines).length === command.lines.length &&
    command.lines.every(isSameLine)
  )
}
