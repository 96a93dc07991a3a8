import type { DealerAt } from '../dealers/state.ts'
import type { PriceTerms } from '../pricing/prices.ts'
import type { ScheduledPromotion } from '../pricing/promotions.ts'
import type { Rules, ViolationKind } from './rules.ts'
import type { Resale, SellIn, Standing, TradeFact } from './tradeFact.ts'

/** What a finding rests on: an event, and what it says there. */
export interface Evidence {
  readonly eventId: string
  readonly role: string
}

/** A breach of a rule, as a detector sees it. */
export interface Found {
  /** the fact that it is about, and of several in one event which */
  readonly about: { readonly eventId: string; readonly at: string; readonly lineNo?: number }
  /** business times */
  readonly from: string
  readonly to: string
  /** how far beyond the rule: 0 just breaks it, 1 twice as far; comparable within a kind alone */
  readonly score: string
  /** what was compared, decimal strings and codes */
  readonly figures: Readonly<Record<string, string>>
  readonly evidence: readonly Evidence[]
}

/** Of a unit of a product at an instant, on the lists that the policy names. */
export type Limits = Partial<Pick<PriceTerms, 'floor' | 'ceiling' | 'lowestAdvertised' | 'newPrice'>> & {
  readonly eventId?: string
}

/** What one unit of a resale had cost, and was sold for. */
export interface SoldBelow {
  readonly price: string
  readonly cost: string
  readonly layerEventId: string
}

/** What the settlements of a period gave back on lines of some products, as a share of their value. */
export interface GivenBack {
  readonly eventId: string
  readonly share: string
  covers(line: { readonly sku: string; readonly at: string }): boolean
}

/** What is known when a fact is judged: nothing that happened later. */
export interface Around {
  readonly rules: Rules
  /** undefined for the offer of somebody who is no dealer of ours */
  readonly dealer: DealerAt | undefined
  /** the dealer's facts within the look-back, this one among them, in order */
  readonly own: readonly Standing[]
  /** of the same product at all dealers, for `PRICE_SPREAD` alone */
  readonly everywhere: readonly Standing<SellIn>[]
  /** of the dealer that this one resold to, for `ROUND_TRIP` alone */
  readonly back: readonly Standing<Resale>[]
  readonly limits: Limits | undefined
  readonly promotions: readonly ScheduledPromotion[]
  /** of the product of the fact */
  readonly category: string | undefined
  /** by event, where resale prices may be looked at */
  readonly soldBelow: ReadonlyMap<string, SoldBelow>
  readonly givenBack: readonly GivenBack[]
}

/** One kind of violation: which facts may be one, and what makes them one. Pure. */
export interface Detector {
  readonly kind: ViolationKind
  /** facts that are judged when they come; others are looked back at */
  readonly judges: readonly TradeFact['kind'][]
  lookBackDays(rules: Rules): number
  find(fact: Standing, around: Around): readonly Found[]
}
