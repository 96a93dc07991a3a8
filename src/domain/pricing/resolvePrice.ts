import { inRegion } from '../dealers/inRegion.ts'
import { businessTime, instantOf, zoneOf } from '../kernel/businessTime.ts'
import { byText } from '../kernel/byText.ts'
import { isRefusal, refuse, type Refusal } from '../kernel/decider.ts'
import { divideRounded, formatDecimal, parseDecimal, scaleLimit, type Micros } from '../kernel/decimal.ts'
import type { Effective } from '../kernel/effective.ts'
import { breachOf } from '../kernel/enforce.ts'
import type { ListLevel, PricingStrategy } from './priceList.ts'
import { listInForce, type PublishedList } from './priceLists.ts'
import { priceAt, priceFacts, type PriceState, type PriceTerms } from './prices.ts'
import type { ScheduledPromotion } from './promotions.ts'
import type { PriceResolution } from './resolution.ts'
import { inQuantityRange, promotionFits, stackPromotions } from './stackPromotions.ts'

/** What a price is asked for, and all that may answer. */
export interface PriceQuestion {
  readonly dealer: { readonly dealerId: string; readonly tier?: string | undefined; readonly region: string }
  readonly sku: string
  readonly category?: string | undefined
  readonly unit: string
  readonly currency: string
  readonly quantity: string
  readonly at: string
  readonly strategy: PricingStrategy
  /** of the company, in any order; those out of scope are passed over and never named in the answer */
  readonly lists: readonly PublishedList[]
  /** price states of this sku, any order */
  readonly prices: readonly PriceState[]
  readonly promotions: readonly ScheduledPromotion[]
}

type Rejected = PriceResolution['rejected'][number]

/** A list that has a price for the question, and one of its prices: the one without a break, or a break's. */
interface Priced {
  readonly list: PublishedList
  readonly fact: Effective<PriceTerms>
}
interface Offer extends Priced {
  readonly from: Micros
  readonly price: string
}

const rank: Readonly<Record<ListLevel, number>> = { contract: 0, dealer: 1, tier: 2, region: 3, base: 4 }
const one = 10n ** BigInt(scaleLimit)

/**
 * The unit price of a sku for a dealer, with its whole trace. The order is explicit (domain.md §2.2): contract, dealer,
 * tier, region, base; inside a level a region before its country, then priority, then list id. The cheapest wins only
 * under the strategy that says so. Refuses with `pricing.no_price`. Pure, and independent of the order of its inputs.
 */
export function resolvePrice(question: PriceQuestion): PriceResolution | Refusal {
  const { dealer, sku, unit, currency, at, strategy } = question
  const inScope = question.lists
    .filter((list) => list.currency === currency && listFits(list, dealer))
    .toSorted(moreSpecialFirst)
  const candidates = inScope
    .filter((list) => listInForce(list, at))
    .map((list) => ({ list, fact: priceAt(factsOf(question, list), at) }))
  const priced = candidates.filter((one): one is Priced => one.fact !== undefined)
  const offer = strategy === 'priority' ? bySpecialty(priced, question) : byPrice(priced, question)
  if (!offer) return refuse('pricing.no_price', { sku, unit, currency })

  const { list, fact } = offer
  const { floor, ceiling } = fact.value
  const promotions = stackPromotions(question)
  const { unitPrice, discount, rounding } = discounted(offer, promotions.applied)
  const until = nextChange(question, inScope)
  const limits = [
    floor !== undefined &&
      parseDecimal(unitPrice) < parseDecimal(floor) &&
      refuse('pricing.below_floor', { unitPrice, floor }),
    ceiling !== undefined &&
      parseDecimal(unitPrice) > parseDecimal(ceiling) &&
      refuse('pricing.above_ceiling', { unitPrice, ceiling }),
  ]
  return {
    strategy,
    ...(dealer.tier !== undefined && { tier: dealer.tier }),
    region: dealer.region,
    listId: list.listId,
    listLevel: list.level,
    priceEventId: fact.eventId,
    ...(offer.from > 0n && { breakFrom: formatDecimal(offer.from) }),
    listPrice: offer.price,
    promotions: promotions.applied.map(({ promotionId, discount: share }) => ({ promotionId, discount: share })),
    discount,
    unitPrice,
    rounding,
    ...(floor !== undefined && { floor }),
    ...(ceiling !== undefined && { ceiling }),
    ...(until !== undefined && { validUntil: businessTime(until, zoneOf(at)) }),
    // a price outside its limits is a fact for price control (domain.md §2.3), not a refusal
    breaches: limits.filter(isRefusal).map(breachOf),
    rejected: [...rejectedLists(candidates, list, strategy), ...promotions.rejected].slice(0, 200),
  }
}

/** Why the other candidates did not decide; a more special list may still have lost to a merged quantity break. */
function rejectedLists(
  candidates: readonly { list: PublishedList; fact: Effective<PriceTerms> | undefined }[],
  chosen: PublishedList,
  strategy: PricingStrategy,
): Rejected[] {
  return candidates
    .filter(({ list }) => list !== chosen)
    .map(({ list: { listId }, fact }, index) => {
      if (!fact) return { listId, reason: 'no-price' }
      if (strategy === 'minimal') return { listId, reason: 'higher-price' }
      return {
        listId,
        reason: index < candidates.findIndex(({ list }) => list === chosen) ? 'merged-break' : 'less-special',
      }
    })
}

function listFits({ level, scope }: PublishedList, { dealerId, tier, region }: PriceQuestion['dealer']): boolean {
  switch (level) {
    case 'contract':
    case 'dealer':
      return scope.dealerId === dealerId
    case 'tier':
      return tier !== undefined && scope.tier === tier
    case 'region':
      return scope.region !== undefined && inRegion(region, scope.region)
    case 'base':
      return true
    default:
      return level satisfies never
  }
}

function moreSpecialFirst(a: PublishedList, b: PublishedList): number {
  const country = (list: PublishedList): number => (list.scope.region?.endsWith('/*') ? 1 : 0)
  return (
    rank[a.level] - rank[b.level] || country(a) - country(b) || a.priority - b.priority || byText(a.listId, b.listId)
  )
}

/** `priority`: the most special list decides; breaks of lists further down fill in while it and they say `merge`. */
function bySpecialty([first, ...rest]: readonly Priced[], { quantity }: PriceQuestion): Offer | undefined {
  if (!first) return undefined
  const offers = offersOf(first)
  if (first.list.merge) {
    for (const offer of rest.filter(({ list }) => list.merge).flatMap(offersOf))
      if (!offers.some(({ from }) => from === offer.from)) offers.push(offer)
  }
  return reached(offers, quantity)
}

/** `minimal`: the lowest price among all lists at this quantity; the more special list on a tie. */
function byPrice(priced: readonly Priced[], { quantity }: PriceQuestion): Offer | undefined {
  return priced
    .map((one) => reached(offersOf(one), quantity))
    .filter((offer) => offer !== undefined)
    .reduce<Offer | undefined>(
      (best, offer) => (best && parseDecimal(best.price) <= parseDecimal(offer.price) ? best : offer),
      undefined,
    )
}

function offersOf(priced: Priced): Offer[] {
  const { newPrice, breaks } = priced.fact.value
  return [
    { ...priced, from: 0n, price: newPrice },
    ...breaks.map(({ fromQuantity, price }) => ({ ...priced, from: parseDecimal(fromQuantity), price })),
  ]
}

function reached(offers: readonly Offer[], quantity: string): Offer | undefined {
  const asked = parseDecimal(quantity)
  return offers
    .filter(({ from }) => from <= asked)
    .reduce<Offer | undefined>((best, offer) => (best && best.from >= offer.from ? best : offer), undefined)
}

/** Discounts compound, `1 − Π(1 − d)`: 2 % and 11 % are 12.78 %. One rounding, to the scale of the list, its remainder kept exactly. */
function discounted(
  { list, price }: Offer,
  promotions: readonly ScheduledPromotion[],
): Pick<PriceResolution, 'unitPrice' | 'discount' | 'rounding'> {
  const { scale, rounding: mode } = list
  const kept = promotions.reduce((product, { discount }) => product * (one - parseDecimal(discount)), 1n)
  const parts = one ** BigInt(promotions.length)
  const step = 10n ** BigInt(scaleLimit - scale)
  const { value, remainder } = divideRounded(parseDecimal(price) * kept, parts * step, mode)
  return {
    unitPrice: formatDecimal(value * step),
    discount: formatDecimal(divideRounded((parts - kept) * one, parts, 'half-up').value),
    rounding: {
      step: 'unit-price',
      mode,
      scale,
      remainder: exactText(remainder, scaleLimit * (promotions.length + 1)),
    },
  }
}

/** Writes `value · 10^−digits` in full. */
function exactText(value: bigint, digits: number): string {
  const padded = (value < 0n ? -value : value).toString().padStart(digits + 1, '0')
  const fraction = padded.slice(-digits).replace(/0+$/, '')
  return `${value < 0n ? '-' : ''}${padded.slice(0, -digits)}${fraction && `.${fraction}`}`
}

/** The first instant after the question at which a list, a price or a promotion that concerns it begins or ends. */
function nextChange(question: PriceQuestion, inScope: readonly PublishedList[]): number | undefined {
  const { at } = question
  const times = [
    ...inScope.flatMap((list) => [list.effectiveFrom, list.effectiveUntil, list.withdrawnAt]),
    ...inScope.flatMap((list) =>
      factsOf(question, list).flatMap(({ effectiveAt, value }) => [effectiveAt, value?.effectiveUntil]),
    ),
    ...question.promotions
      .filter((promotion) => promotionFits(promotion, question) && inQuantityRange(promotion, question.quantity))
      .flatMap(({ startsAt, endsAt, cancelledAt }) => [startsAt, endsAt, cancelledAt]),
  ]
  const later = times
    .filter((time) => time !== undefined)
    .map(instantOf)
    .filter((instant) => instant > instantOf(at))
  return later.length ? Math.min(...later) : undefined
}

function factsOf(
  { prices, sku, unit, currency }: PriceQuestion,
  list: PublishedList,
): readonly Effective<PriceTerms | null>[] {
  const state = prices.find(
    (price) => price.known && price.sku === sku && price.listId === list.listId && price.companyId === list.companyId,
  )
  return state ? priceFacts(state, unit, currency) : []
}

/** Lists whose prices may answer for this dealer in this currency: what has to be loaded before `resolvePrice` is asked. */
export function candidateLists(
  lists: readonly PublishedList[],
  dealer: PriceQuestion['dealer'],
  currency: string,
  at: string,
): PublishedList[] {
  return lists.filter((list) => list.currency === currency && listFits(list, dealer) && listInForce(list, at))
}
