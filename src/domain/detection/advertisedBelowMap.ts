import { compare } from '../kernel/decimalText.ts'
import type { Detector } from './detector.ts'
import { shortfall } from './shortfall.ts'

/** Advertised below the lowest advertised price (MAP) in force. It says nothing of what anything is sold for. */
export const advertisedBelowMap: Detector = {
  kind: 'ADVERTISED_BELOW_MAP',
  judges: ['observed'],
  lookBackDays: () => 0,
  find(fact, { rules, limits }) {
    const rule = rules.ADVERTISED_BELOW_MAP
    const map = limits?.lowestAdvertised
    if (!rule || fact.kind !== 'observed' || fact.offer !== 'advertised' || map === undefined) return []
    if (compare(fact.confidence, rule.confidence) < 0) return []
    const { eventId, at, price, currency, confidence, observationId } = fact
    const under = shortfall(price, map, rule.tolerance)
    if (under === undefined) return []
    return [
      {
        about: { eventId, at },
        from: at,
        to: at,
        score: under,
        figures: { observationId, price, lowestAdvertised: map, currency, confidence },
        evidence: [
          { eventId, role: 'observation' },
          ...(limits?.eventId === undefined ? [] : [{ eventId: limits.eventId, role: 'lowest-advertised' }]),
        ],
      },
    ]
  },
}
