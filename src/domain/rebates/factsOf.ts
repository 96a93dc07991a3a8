import { instantOf, type Instant } from '../kernel/businessTime.ts'
import type { BasisFact } from './basisFact.ts'
import { isMember, type ProgrammeState } from './programme.ts'
import type { Eligibility, Terms } from './terms.ts'

const day = 86_400_000

export interface FactsRequest {
  readonly programme: Pick<ProgrammeState, 'members' | 'endsAt'>
  readonly terms: Terms
  /** [start, end) of the settled period */
  readonly period: { readonly startInstant: Instant; readonly endInstant: Instant }
  /** business time, exclusive: later facts are not in yet */
  readonly cutOff: string
  /** position in the log, inclusive */
  readonly watermark: bigint
}

/**
 * Which facts of a dealer and currency count into a period, whatever their products: sales of the period, and returns of them as
 * long as they may claw back. What of them is in scope is told apart by `settle`: gates may look at the rest. Late facts are told from the others by the watermark alone, never by the clock (domain.md §2.0).
 */
export function factsOf(request: FactsRequest, facts: readonly BasisFact[]): BasisFact[] {
  const { programme, terms, period, cutOff, watermark } = request
  const until = instantOf(cutOff)
  const endsAt = programme.endsAt === undefined ? Infinity : instantOf(programme.endsAt)
  return facts.filter((fact) => {
    const sale = instantOf(fact.saleAt)
    return (
      fact.basis === terms.basis &&
      sale >= period.startInstant &&
      sale < period.endInstant &&
      sale < endsAt &&
      instantOf(fact.occurredAt) < until &&
      BigInt(fact.position) <= watermark &&
      returnCounts(terms, fact, sale) &&
      (terms.eligibility.kind !== 'members' || isMember(programme, fact.dealerId, fact.saleAt))
    )
  })
}

/** May this dealer take part? Tier and territory are those at the end of the period; members are judged fact by fact. */
export function isEligible(
  eligibility: Eligibility,
  dealer: {
    readonly tier?: string | undefined
    readonly territoryId?: string | undefined
    readonly everMember: boolean
  },
): boolean {
  switch (eligibility.kind) {
    case 'all':
      return true
    case 'tiers':
      return dealer.tier !== undefined && eligibility.tiers.includes(dealer.tier)
    case 'territories':
      return dealer.territoryId !== undefined && eligibility.territories.includes(dealer.territoryId)
    case 'members':
      return dealer.everMember
  }
}

function returnCounts(terms: Terms, fact: BasisFact, sale: Instant): boolean {
  if (fact.kind !== 'return') return true
  return terms.returns === 'deduct' && instantOf(fact.occurredAt) - sale <= terms.clawbackDays * day
}
