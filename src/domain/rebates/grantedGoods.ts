import { roundToMinor } from '../kernel/currency.ts'
import { parseDecimal } from '../kernel/decimal.ts'
import { minus, plus, sumOf } from '../kernel/decimalText.ts'
import { lineValueOf } from '../orders/lineValue.ts'
import type { SettlementEvent } from './events.ts'

/** Which payout: that of the settlement, or that of a dispute about it. */
export interface PayoutKey {
  readonly settlementNo: number
  readonly disputeId?: string | undefined
}

export function payoutKey({ settlementNo, disputeId }: PayoutKey): PayoutKey {
  return { settlementNo, ...(disputeId !== undefined && { disputeId }) }
}

export function isSamePayout(one: PayoutKey, other: PayoutKey): boolean {
  return one.settlementNo === other.settlementNo && one.disputeId === other.disputeId
}

/** Quantities are decimals. */
export interface GrantedLine {
  readonly lineNo: number
  readonly unitPrice: string
  readonly granted: string
  /** and not returned */
  readonly delivered: string
  /** cancelled, lost, or returned */
  readonly back: string
}

/** The goods of one order that costs nothing. */
export interface Grant extends PayoutKey {
  readonly orderId: string
  readonly lines: readonly GrantedLine[]
  /** names of what became of them */
  readonly changes: readonly string[]
}

/** How payouts in goods left: in goods, and by credit notes for what no goods were granted for; amounts in minor units. */
export interface GoodsState {
  readonly grants: readonly Grant[]
  readonly released: readonly (PayoutKey & { readonly amount: string })[]
}

export const noGoods: GoodsState = { grants: [], released: [] }

export type GoodsChange = 'delivered' | 'not-delivered' | 'returned'
type Part = { readonly lineNo: number; readonly quantity: string }
type GoodsEvent = Extract<
  SettlementEvent,
  { type: 'GoodsGranted' | 'GrantedGoodsDelivered' | 'GrantedGoodsTakenBack' | 'GoodsRestReleased' }
>

export function evolveGoods(state: GoodsState, { type, data }: GoodsEvent): GoodsState {
  const payout = payoutKey(data)
  switch (type) {
    case 'GoodsGranted': {
      const lines = data.lines.map(({ lineNo, unitPrice, quantity: granted }): GrantedLine => {
        return { lineNo, unitPrice, granted, delivered: '0', back: '0' }
      })
      return { ...state, grants: [...state.grants, { ...payout, orderId: data.orderId, lines, changes: [] }] }
    }
    case 'GrantedGoodsDelivered':
    case 'GrantedGoodsTakenBack': {
      const change =
        type === 'GrantedGoodsDelivered' ? 'delivered' : data.returned ? ('returned' as const) : 'not-delivered'
      const grants = state.grants.map((grant) =>
        grant.orderId === data.orderId ? afterChange(grant, change, data.changeId, data.lines) : grant,
      )
      return { ...state, grants }
    }
    case 'GoodsRestReleased':
      return { ...state, released: [...state.released, { ...payout, amount: data.amount }] }
  }
}

export function afterChange(grant: Grant, change: GoodsChange, changeId: string, parts: readonly Part[]): Grant {
  const lines = grant.lines.map((line): GrantedLine => {
    const moved = sumOf(parts.filter(({ lineNo }) => lineNo === line.lineNo).map(({ quantity }) => quantity))
    switch (change) {
      case 'delivered':
        return { ...line, delivered: plus(line.delivered, moved) }
      case 'not-delivered':
        return { ...line, back: plus(line.back, moved) }
      case 'returned':
        return { ...line, delivered: minus(line.delivered, moved), back: plus(line.back, moved) }
    }
  })
  return { ...grant, lines, changes: [...grant.changes, changeId] }
}

/**
 * What goods are worth at the prices of their grant, minor units: each line half-up at scale 6, their sum half-up. Differences of it
 * are what a change is worth, so that the changes of a grant add up to it exactly.
 */
export function worthOf(
  lines: readonly { readonly unitPrice: string; readonly quantity: string }[],
  currency: string,
): bigint {
  const exact = lines.reduce(
    (sum, { unitPrice, quantity }) => sum + parseDecimal(lineValueOf(quantity, unitPrice).lineValue),
    0n,
  )
  return roundToMinor(exact, currency, 'half-up').value
}

/** Of what is with the dealer or on its way to him. */
export function keptWorth({ lines }: Grant, currency: string): bigint {
  return worthOf(
    lines.map(({ unitPrice, granted, back }) => ({ unitPrice, quantity: minus(granted, back) })),
    currency,
  )
}

export function deliveredWorth({ lines }: Grant, currency: string): bigint {
  return worthOf(
    lines.map(({ unitPrice, delivered }) => ({ unitPrice, quantity: delivered })),
    currency,
  )
}

/** What of a payout in goods has not left yet. */
export function restOf(
  { grants, released }: GoodsState,
  payout: PayoutKey & { readonly amount: string },
  currency: string,
): bigint {
  const isOf = (one: PayoutKey): boolean => isSamePayout(one, payout)
  const inGoods = grants.filter(isOf).reduce((sum, grant) => sum + keptWorth(grant, currency), 0n)
  return released.filter(isOf).reduce((rest, { amount }) => rest - BigInt(amount), BigInt(payout.amount) - inGoods)
}
