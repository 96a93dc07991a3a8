import type { Period } from '../calendars/state.ts'
import type { Instant } from '../kernel/businessTime.ts'
import type { ProgrammeState } from './programme.ts'
import { isWithoutValue, type Basis, type Terms } from './terms.ts'

/** Facts whose sale lies in [from, until), recorded at or before a position of the log. */
export interface FactsQuery {
  readonly companyId: string
  readonly basis: Basis
  readonly from: Instant
  readonly until: Instant
  readonly upTo: bigint
  /** that of facts without value, whose events name none */
  readonly currency?: string
}

/** The facts that a programme may count in a period; `factsOf` then chooses. */
export function factsQuery(
  { companyId }: Pick<ProgrammeState, 'companyId'>,
  { basis, currencies }: Pick<Terms, 'basis' | 'currencies'>,
  { startInstant: from, endInstant: until }: Pick<Period, 'startInstant' | 'endInstant'>,
  upTo: bigint,
): FactsQuery {
  const [currency] = isWithoutValue(basis) ? (currencies ?? []) : []
  return { companyId, basis, from, until, upTo, ...(currency !== undefined && { currency }) }
}
