import type { PriceRules } from '../violations/pricePolicy.ts'

/**
 * What is looked for where no policy says otherwise. Resale prices are not looked at: where that is allowed is for a policy
 * to say (domain.md §2.7).
 */
export const defaultPriceRules: PriceRules = {
  version: 1,
  validFrom: '0001-01-02T00:00:00.000Z[UTC]',
  lists: [],
  advertised: [],
  rules: {
    SELLIN_BELOW_FLOOR: { tolerance: '0', netNet: true },
    ABOVE_CEILING: { tolerance: '0' },
    ADVERTISED_BELOW_MAP: { tolerance: '0.01', confidence: '0.8' },
    PROMO_OUT_OF_WINDOW: {},
    UNAPPROVED_DISCOUNT: { authority: '0.03', approvers: [] },
    HIDDEN_REBATE: { above: [] },
    PRICE_SPREAD: { threshold: '0.08', withinDays: 30 },
    ORDER_SPIKE: { historyWeeks: 26, deviations: '4', ratio: '1.6', explained: '0.6', volume: '20' },
    TIER_CHASE: {
      grain: 'quarter',
      zone: 'UTC',
      lastDays: 14,
      ratio: '1.5',
      overshoot: '0.1',
      explained: '0.85',
      ladders: [],
    },
    ROUND_TRIP: { withinDays: 60, share: '0.5', volume: '20' },
    CREDIT_STRETCH: { withinDays: 90, lateDays: 10, share: '0.5', growth: '1', times: 3 },
    DIVERSION: {
      withinDays: 60,
      accuracyMetres: 5_000,
      opensAt: '1',
      least: 3,
      outOfTerritory: { points: '0.12', most: 4 },
      cluster: { sightings: 4, share: '0.08', points: '0.6' },
      twinScan: { hours: 6, kilometres: 150, points: '0.8' },
      missingCodes: { codes: 6, share: '0.3', points: '0.8' },
      orderSpike: { beforeDays: 120, points: '0.4' },
      rebatePhase: { beforeDays: 150, points: '0.4' },
      priceLink: { tolerance: '0.01' },
    },
    DIVERSION_LEAD: { sightings: 6, share: '0.1' },
  },
  repeatWithinDays: 365,
  explainWithinDays: 10,
  quietDays: 60,
}
