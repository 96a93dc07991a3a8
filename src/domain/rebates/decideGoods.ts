import { dealerAggregate } from '../dealers/decide.ts'
import { dealerAt, statusAt } from '../dealers/state.ts'
import { isRefusal, refuse, type Decision, type Load, type Refusal } from '../kernel/decider.ts'
import { orderAggregate } from '../orders/decide.ts'
import { lineValueOf, repeatedLineNo } from '../orders/lineValue.ts'
import { quoteLines } from '../pricing/quote.ts'
import type { PriceResolution } from '../pricing/resolution.ts'
import type { SettlementCommand } from './commands.ts'
import type { SettlementEvent } from './events.ts'
import {
  afterChange,
  deliveredWorth,
  isSamePayout,
  keptWorth,
  payoutKey,
  restOf,
  worthOf,
  type PayoutKey,
} from './grantedGoods.ts'
import type { DealerPeriod } from './payable.ts'
import { payoutOf, type Posted, type SettlementState } from './settlementState.ts'
import type { Terms } from './terms.ts'

type Of<Type extends SettlementCommand['type']> = Extract<SettlementCommand, { type: Type }>
export type GoodsCommand = Of<'GrantGoods' | 'FollowGrantedGoods' | 'ReleaseGoodsRest'>

export interface GoodsGiven {
  /** the dealer's prices of the day, line by line, or why there is none */
  readonly quotes?: readonly (PriceResolution | Refusal)[]
  readonly mayOrder?: boolean
  readonly isOrderKnown?: boolean
  /** at the command's business time, where something may be paid */
  readonly hasExited?: boolean
}

/** of one dealer-period */
const mostGrants = 100

export async function gatherGoods(
  { dealerId, currency, lines, orderId }: Of<'GrantGoods'>,
  companyId: string,
  load: Load,
  at: string,
): Promise<GoodsGiven> {
  const dealer = await load(dealerAggregate, dealerId)
  return {
    quotes: await quoteLines(load, { companyId, dealer, currency, lines, at }),
    mayOrder: dealerAt(dealer, at)?.mayOrder === true,
    isOrderKnown: (await load(orderAggregate, orderId)).phase !== 'none',
    hasExited: statusAt(dealer, at) === 'exited',
  }
}

/** A payout that leaves in goods (货补): granted at the dealer's prices, followed to the dealer, and what is left as a credit note. */
export function decideGoods(
  command: GoodsCommand,
  state: SettlementState,
  around: GoodsGiven & { readonly terms: Terms; readonly key: DealerPeriod },
): Decision<SettlementEvent> {
  const { key } = around
  if (command.type === 'FollowGrantedGoods') return follow(command, state, key)
  const payout = payoutOf(state, command)
  if (!payout) return refuse('rebates.not_approved', { settlementNo: command.settlementNo })
  const of = { ...key, ...payoutKey(command) }
  if (command.type === 'GrantGoods') return grant(command, state, payout, of, around)
  const rest = restOf(state.goods, payout, key.currency)
  if (!isGoods(around.terms)) return refuse('rebates.other_outlet', { programmeVersion: around.terms.version })
  if (rest === 0n) return []
  if (around.hasExited === true) return refuse('rebates.dealer_exited', { dealerId: key.dealerId })
  return [release(state, of, rest)]
}

function grant(
  { orderId, shipFrom, lines }: Of<'GrantGoods'>,
  { goods }: SettlementState,
  payout: Posted,
  of: DealerPeriod & PayoutKey,
  { terms, quotes = [], mayOrder, isOrderKnown }: GoodsGiven & { readonly terms: Terms },
): Decision<SettlementEvent> {
  const known = goods.grants.find((one) => one.orderId === orderId)
  if (known) return isSamePayout(known, of) ? [] : refuse('object.exists', { orderId })
  if (!isGoods(terms)) return refuse('rebates.other_outlet', { programmeVersion: terms.version })
  if (isOrderKnown === true) return refuse('object.exists', { orderId })
  if (mayOrder !== true) return refuse('dealers.not_active', { dealerId: of.dealerId })
  if (goods.grants.length >= mostGrants) return refuse('rebates.goods_limit', { most: mostGrants })
  const twice = repeatedLineNo(lines)
  if (twice !== undefined) return refuse('orders.duplicate_line', { lineNo: twice })
  const { skus } = terms.outlet
  const other = skus && lines.find(({ sku }) => !skus.includes(sku))
  if (other) return refuse('rebates.goods_choice', { lineNo: other.lineNo, sku: other.sku })
  const priced: Extract<SettlementEvent, { type: 'GoodsGranted' }>['data']['lines'] = []
  for (const [index, line] of lines.entries()) {
    const price = quotes[index] ?? refuse('pricing.no_price', {})
    if (isRefusal(price)) return refuse(price.refused, { ...price.details, lineNo: line.lineNo, sku: line.sku })
    const { unitPrice } = price
    priced.push({ ...line, unitPrice, lineValue: lineValueOf(line.quantity, unitPrice).lineValue, price })
  }
  const worth = worthOf(priced, of.currency)
  const rest = restOf(goods, payout, of.currency)
  if (worth === 0n || worth > rest)
    return refuse('rebates.goods_worth', { worth: worth.toString(), left: rest.toString() })
  return [{ type: 'GoodsGranted', data: { ...of, orderId, shipFrom, lines: priced, amount: worth.toString() } }]
}

function follow(
  { orderId, changeId, change, lines }: Of<'FollowGrantedGoods'>,
  state: SettlementState,
  key: DealerPeriod,
): Decision<SettlementEvent> {
  const before = state.goods.grants.find((one) => one.orderId === orderId)
  if (!before) return refuse('object.not_found', { orderId })
  if (before.changes.includes(changeId)) return []
  const after = afterChange(before, change, changeId, lines)
  const of = { ...key, ...payoutKey(before) }
  const said = { ...of, orderId, changeId, lines }
  const arrived = deliveredWorth(after, key.currency) - deliveredWorth(before, key.currency)
  if (change === 'delivered') return [{ type: 'GrantedGoodsDelivered', data: { ...said, amount: arrived.toString() } }]
  const back = keptWorth(before, key.currency) - keptWorth(after, key.currency)
  const event: SettlementEvent = {
    type: 'GrantedGoodsTakenBack',
    data: { ...said, amount: back.toString(), returned: change === 'returned', undelivered: (-arrived).toString() },
  }
  const isReleased = state.goods.released.some((one) => isSamePayout(one, before))
  return isReleased && back > 0n ? [event, release(state, of, back)] : [event]
}

function release({ goods }: SettlementState, of: DealerPeriod & PayoutKey, rest: bigint): SettlementEvent {
  const releaseNo = goods.released.length + 1
  return { type: 'GoodsRestReleased', data: { ...of, amount: rest.toString(), releaseNo } }
}

function isGoods(terms: Terms): terms is Terms & { outlet: Extract<Terms['outlet'], { kind: 'goods' }> } {
  return typeof terms.outlet === 'object' && terms.outlet.kind === 'goods'
}
