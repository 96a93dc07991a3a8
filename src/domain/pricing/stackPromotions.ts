import { inRegion } from '../dealers/inRegion.ts'
import { byText } from '../kernel/byText.ts'
import { instantOf } from '../kernel/businessTime.ts'
import { parseDecimal } from '../kernel/decimal.ts'
import type { ScheduledPromotion } from './promotions.ts'
import type { PriceQuestion } from './resolvePrice.ts'
import type { PriceResolution } from './resolution.ts'

type Rejected = PriceResolution['rejected'][number]

/** Promotions that compound on one line at most, by priority: every trace has a bounded size. */
const compoundLimit = 20

/** Which promotions apply: an exclusive one alone, else the compound ones together with the best of the `best` class. */
export function stackPromotions(question: PriceQuestion): { applied: ScheduledPromotion[]; rejected: Rejected[] } {
  const { quantity, at } = question
  const inWindow = question.promotions
    .filter((promotion) => promotionFits(promotion, question) && promotionRuns(promotion, at))
    .toSorted((a, b) => a.priority - b.priority || byText(a.promotionId, b.promotionId))
  const eligible = inWindow.filter((promotion) => inQuantityRange(promotion, quantity))
  const exclusive = eligible.find(({ stackingClass }) => stackingClass === 'exclusive')
  const best = eligible
    .filter(({ stackingClass }) => stackingClass === 'best')
    .reduce<ScheduledPromotion | undefined>(
      (top, other) => (top && parseDecimal(top.discount) >= parseDecimal(other.discount) ? top : other),
      undefined,
    )
  const compound = eligible.filter(({ stackingClass }) => stackingClass === 'compound').slice(0, compoundLimit)
  const applied = exclusive ? [exclusive] : eligible.filter((other) => other === best || compound.includes(other))
  const reason = (promotion: ScheduledPromotion): Rejected['reason'] => {
    if (!eligible.includes(promotion)) return 'quantity'
    if (exclusive) return 'exclusive-other'
    return promotion.stackingClass === 'best' ? 'not-best' : 'too-many'
  }
  const rejected = inWindow
    .filter((other) => !applied.includes(other))
    .map((other) => ({ promotionId: other.promotionId, reason: reason(other) }))
  return { applied, rejected }
}

/** In scope for the dealer and the product, whatever the time and the quantity. */
export function promotionFits(
  { scope }: ScheduledPromotion,
  { dealer, sku, category }: Pick<PriceQuestion, 'dealer' | 'sku' | 'category'>,
): boolean {
  const has = (allowed: readonly string[] | undefined, value: string | undefined): boolean =>
    allowed === undefined || (value !== undefined && allowed.includes(value))
  const here = scope.regions === undefined || scope.regions.some((region) => inRegion(dealer.region, region))
  return (
    has(scope.skus, sku) &&
    has(scope.categories, category) &&
    has(scope.dealers, dealer.dealerId) &&
    has(scope.tiers, dealer.tier) &&
    here
  )
}

export function promotionRuns({ startsAt, endsAt, cancelledAt }: ScheduledPromotion, at: string): boolean {
  const instant = instantOf(at)
  return (
    instantOf(startsAt) <= instant &&
    instant < instantOf(endsAt) &&
    (cancelledAt === undefined || instant < instantOf(cancelledAt))
  )
}

export function inQuantityRange({ minQuantity, maxQuantity }: ScheduledPromotion, quantity: string): boolean {
  const asked = parseDecimal(quantity)
  return (
    (minQuantity === undefined || parseDecimal(minQuantity) <= asked) &&
    (maxQuantity === undefined || asked <= parseDecimal(maxQuantity))
  )
}
