import { dealerAggregate } from '../dealers/decide.ts'
import { dealerAt } from '../dealers/state.ts'
import { businessTime, type Instant } from '../kernel/businessTime.ts'
import type { Load } from '../kernel/decider.ts'
import { own } from '../kernel/table.ts'
import { isEligible } from './factsOf.ts'
import type { ProgrammeState } from './programme.ts'
import type { Terms } from './terms.ts'

/** May the dealer take part in a programme, as it stands at the end of the period? Members are then judged fact by fact. */
export async function mayTakePart(
  load: Load,
  programme: Pick<ProgrammeState, 'members'>,
  { eligibility }: Pick<Terms, 'eligibility'>,
  dealerId: string,
  endInstant: Instant,
  zone: string,
): Promise<boolean> {
  if (eligibility.kind === 'all') return true
  const dealer = dealerAt(await load(dealerAggregate, dealerId), businessTime(endInstant - 1, zone))
  const everMember = own(programme.members, dealerId) !== undefined
  return isEligible(eligibility, { tier: dealer?.tier, territoryId: dealer?.territory?.territoryId, everMember })
}
