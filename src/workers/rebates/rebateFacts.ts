import type { BasisFact } from '../../domain/rebates/basisFact.ts'
import type { FactsQuery } from '../../domain/rebates/factsQuery.ts'
import type { StandingFact, StandingQuery } from '../../domain/rebates/standingFacts.ts'

/** One dealer in one currency. */
export interface DealerCurrency {
  readonly dealerId: string
  readonly currency: string
}

/** The volume behind rebates. Answers wait until they rest on everything up to `upTo`. */
export interface RebateFacts {
  /** who has any fact there, in order of dealer and currency */
  dealers(query: FactsQuery): Promise<readonly DealerCurrency[]>
  /** The facts of some of them, in any order; `factsOf` chooses which count. */
  facts(query: FactsQuery, of: readonly DealerCurrency[]): Promise<readonly BasisFact[]>
  /** What gates look at beside the volume of some dealers, at least what the query asks for; `standingOf` chooses. */
  standing(query: StandingQuery, dealerIds: readonly string[]): Promise<readonly StandingFact[]>
}
