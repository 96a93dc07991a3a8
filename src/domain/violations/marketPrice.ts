import { z } from 'zod'
import { breaches } from '../kernel/breach.ts'
import { dealerAggregate } from '../dealers/decide.ts'
import { dealerAt } from '../dealers/state.ts'
import {
  defineCommand,
  isRefusal,
  refuse,
  type Aggregate,
  type Circumstances,
  type CommandOf,
  type Decision,
  type Load,
} from '../kernel/decider.ts'
import { enforce } from '../kernel/enforce.ts'
import { defineEvent, type EventOf, type Happened } from '../kernel/event.ts'
import { currency, identifier, label, price, sha256, share, unit } from '../kernel/fields.ts'
import { sameData } from '../kernel/sameData.ts'
import { pricePolicyAggregate, priceRulesAt } from './pricePolicy.ts'

const address = z
  .string()
  .max(2_000)
  .regex(/^https?:\/\/[^\s\p{Cc}\p{Cs}]+$/u, 'an http or https address')

/** A price as somebody saw it in the market: what was asked or paid after coupons, and in which currency. */
const seen = {
  companyId: identifier,
  observationId: identifier,
  /** the seller, where it is one of our dealers; else who it is, as far as it is known */
  dealerId: identifier.optional(),
  seller: label.optional(),
  /** at least one of them says where */
  outletId: identifier.optional(),
  url: address.optional(),
  place: label.optional(),
  sku: identifier,
  unit,
  /** how sure it is that this is the product */
  confidence: share,
  /** `advertised`: what is asked in public; `sold`: what a customer paid, which is a resale price (domain.md §2.7) */
  offer: z.enum(['advertised', 'sold']),
  price,
  currency,
  /** what was asked before coupons */
  asked: price.optional(),
  screenshot: sha256.optional(),
}

/** Its business time is when it was seen. */
export const marketPriceObserved = defineEvent('MarketPriceObserved', z.strictObject({ ...seen, breaches }), {
  correctable: true,
})
export const marketPriceEvents = [marketPriceObserved] as const
export type MarketPriceEvent = EventOf<(typeof marketPriceEvents)[number]>

export const observeMarketPrice = defineCommand(
  'ObserveMarketPrice',
  z.strictObject(seen).refine(({ outletId, url, place }) => [outletId, url, place].some((one) => one !== undefined), {
    path: ['place'],
    message: 'an outlet, an address or a place: where it was seen',
  }),
  ({ observationId }) => observationId,
)
export const marketPriceCommands = [observeMarketPrice] as const
export type MarketPriceCommand = CommandOf<(typeof marketPriceCommands)[number]>

export type MarketPriceState = { readonly data?: Omit<MarketPriceEvent['data'], 'breaches'> }
interface Given {
  readonly isDealer: boolean
  /** of what one of our dealers sold for: may it be kept (domain.md §2.7)? */
  readonly mayKeep: boolean
}

/** One observation of a price in the market. */
export const marketPriceAggregate: Aggregate<MarketPriceCommand, MarketPriceEvent, MarketPriceState, Given> = {
  category: 'marketprice',
  stateVersion: 1,
  initialState: {},
  evolve,
  decide,
  gather,
  events: marketPriceEvents,
  commands: marketPriceCommands,
}

async function gather({ dealerId, companyId, offer }: MarketPriceCommand, load: Load, at: string): Promise<Given> {
  if (dealerId === undefined) return { isDealer: true, mayKeep: true }
  const dealer = await load(dealerAggregate, dealerId)
  if (offer === 'advertised') return { isDealer: dealer.known, mayKeep: true }
  const country = dealerAt(dealer, at)?.country
  const terms = priceRulesAt(await load(pricePolicyAggregate, companyId), at)
  const mayKeep = country !== undefined && (terms?.resalePrices?.countries.includes(country) ?? false)
  return { isDealer: dealer.known, mayKeep }
}

function evolve(_state: MarketPriceState, { data }: Happened<MarketPriceEvent>): MarketPriceState {
  const { breaches: _breaches, ...said } = data
  return { data: said }
}

function decide(
  { type: _type, ...data }: MarketPriceCommand,
  state: MarketPriceState,
  { recorded, given }: Circumstances<Given>,
): Decision<MarketPriceEvent> {
  const { observationId, dealerId } = data
  if (state.data) return sameData(state.data, data) ? [] : refuse('object.exists', { observationId })
  // not even as a recorded fact: the guard is about keeping it
  if (!given.mayKeep) return refuse('violations.resale_prices', { offer: data.offer, dealerId })
  const broken = enforce([!given.isDealer && refuse('dealers.unknown', { dealerId })], recorded)
  if (isRefusal(broken)) return broken
  return [{ type: 'MarketPriceObserved', data: { ...data, breaches: broken } }]
}
