import type { Instant } from '../../domain/kernel/businessTime.ts'
import type { BasisFact } from '../../domain/rebates/basisFact.ts'
import type { Basis } from '../../domain/rebates/terms.ts'

/** One dealer in one currency. */
export interface DealerCurrency {
  readonly dealerId: string
  readonly currency: string
}

/** Facts whose sale lies in [from, until), recorded at or before a position of the log. */
export interface FactsQuery {
  readonly companyId: string
  readonly basis: Basis
  readonly from: Instant
  readonly until: Instant
  readonly upTo: bigint
}

/** The volume behind rebates. Answers wait until they rest on everything up to `upTo`. */
export interface RebateFacts {
  /** who has any fact there, in order of dealer and currency */
  dealers(query: FactsQuery): Promise<readonly DealerCurrency[]>
  /** The facts of some of them, in any order; `factsOf` chooses which count. */
  facts(query: FactsQuery, of: readonly DealerCurrency[]): Promise<readonly BasisFact[]>
}
