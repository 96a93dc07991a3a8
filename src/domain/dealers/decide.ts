import { instantOf } from '../kernel/businessTime.ts'
import {
  isRefusal,
  refuse,
  type Aggregate,
  type Circumstances,
  type Decision,
  type Load,
  type Refusal,
} from '../kernel/decider.ts'
import { inForce } from '../kernel/effective.ts'
import { enforce } from '../kernel/enforce.ts'
import { sameData } from '../kernel/sameData.ts'
import { dealerCommands, type DealerCommand } from './commands.ts'
import { dealerEvents, type DealerEvent } from './events.ts'
import type { DealerPlace } from './profile.ts'
import {
  dealerAt,
  evolve,
  placeOf,
  profileOf,
  statusAt,
  type DealerAt,
  type DealerState,
  type DealerStatus,
} from './state.ts'
import { territoryAggregate } from './territory.ts'
import { territoryAt, type TerritoryAt } from './territoryState.ts'

/** Of other streams: the parent a command names, and the territory, both as they are when the command takes effect. */
export interface DealerGiven {
  readonly parent?: DealerAt | undefined
  readonly territory?: TerritoryAt | undefined
}

/** A dealer's life: who it is, where it stands, on which terms it trades. Everything effective-dated. */
export const dealerAggregate: Aggregate<DealerCommand, DealerEvent, DealerState, DealerGiven> = {
  category: 'dealer',
  stateVersion: 1,
  initialState: { known: false },
  evolve,
  decide,
  gather,
  owner: (_state, { dealerId }) => dealerId,
  events: dealerEvents,
  commands: dealerCommands,
}

async function gather(command: DealerCommand, load: Load): Promise<DealerGiven> {
  const { effectiveAt } = command
  if (command.type === 'AssignTerritory')
    return { territory: territoryAt(await load(territoryAggregate, command.territoryId), effectiveAt) }
  const names =
    command.type === 'RegisterDealer' || command.type === 'AssignDealerParent' ? command.parentDealerId : undefined
  return names === undefined ? {} : { parent: dealerAt(await load(dealerAggregate, names), effectiveAt) }
}

function decide(
  command: DealerCommand,
  state: DealerState,
  circumstances: Circumstances<DealerGiven>,
): Decision<DealerEvent> {
  const { dealerId, effectiveAt } = command
  const { recorded, given } = circumstances
  const instant = instantOf(effectiveAt)
  if (command.type === 'RegisterDealer') return register(command, state, circumstances)
  if (!state.known) return refuse('dealers.unknown', { dealerId })

  switch (command.type) {
    case 'ReviseDealerProfile': {
      const profile = profileOf(command)
      if (sameData(inForce(state.profiles, instant)?.value, profile)) return []
      return [{ type: 'DealerProfileRevised', data: { dealerId, ...profile, effectiveAt } }]
    }
    case 'ChangeDealerContact': {
      const { changeId, contact } = command
      if (state.contactChanges.includes(changeId)) return []
      return [{ type: 'DealerContactChanged', data: { dealerId, changeId, contact, effectiveAt } }]
    }
    case 'AssignDealerParent': {
      const place = placeOf(command)
      if (sameData(inForce(state.places, instant)?.value, place)) return []
      const breaches = enforce(placeRules(dealerId, state.companyId, place, given.parent), recorded)
      return isRefusal(breaches)
        ? breaches
        : [{ type: 'DealerParentAssigned', data: { dealerId, ...place, effectiveAt, breaches } }]
    }
    case 'AssignTier': {
      const { tier, reason, causes = [] } = command
      const previousTier = inForce(state.tiers, instant)?.value
      if (previousTier === tier) return []
      const unexplained = previousTier !== undefined && causes.length === 0
      const breaches = enforce([unexplained && refuse('dealers.tier_causes_missing', { dealerId, tier })], recorded)
      if (isRefusal(breaches)) return breaches
      const before = previousTier === undefined ? {} : { previousTier }
      return [{ type: 'TierAssigned', data: { dealerId, tier, ...before, reason, causes, effectiveAt, breaches } }]
    }
    case 'AssignTerritory': {
      const { territoryId } = command
      const { territory } = given
      if (!territory || territory.companyId !== state.companyId)
        return refuse('dealers.territory_unknown', { territoryId, effectiveAt })
      const assigned = { territoryId, territoryVersion: territory.version }
      if (sameData(inForce(state.territories, instant)?.value, assigned)) return []
      const denied = territory.exclusive && territory.holder !== dealerId
      const breaches = enforce([denied && refuse('dealers.territory_exclusive', { territoryId, dealerId })], recorded)
      return isRefusal(breaches)
        ? breaches
        : [{ type: 'TerritoryAssigned', data: { dealerId, ...assigned, effectiveAt, breaches } }]
    }
    case 'SetDealerTerms': {
      const { paymentTermDays, creditCheckPoints, backorderPolicy, invoiceOn } = command
      const terms = { paymentTermDays, creditCheckPoints, backorderPolicy, invoiceOn }
      const current = inForce(state.terms, instant)?.value
      if (current && sameData({ ...terms, version: current.version }, current)) return []
      const version = 1 + Math.max(0, ...state.terms.map(({ value }) => value.version))
      return [{ type: 'DealerTermsSet', data: { dealerId, version, ...terms, effectiveAt } }]
    }
    case 'SuspendDealer':
    case 'ReinstateDealer': {
      const { reason } = command
      const [type, target]: ['DealerSuspended' | 'DealerReinstated', DealerStatus] =
        command.type === 'SuspendDealer' ? ['DealerSuspended', 'suspended'] : ['DealerReinstated', 'active']
      const status = statusAt(state, effectiveAt)
      const said = state.statuses.some((one) => one.value === target && one.effectiveAt === effectiveAt)
      if (status === target || said) return []
      const breaches = enforce([status === 'exited' && refuse('dealers.exited', { dealerId })], recorded)
      return isRefusal(breaches) ? breaches : [{ type, data: { dealerId, reason, effectiveAt, breaches } }]
    }
    case 'ExitDealer': {
      const { reason, settlementPlan, stockBuyBack } = command
      if (statusAt(state, effectiveAt) === 'exited') return []
      return [{ type: 'DealerExited', data: { dealerId, reason, settlementPlan, stockBuyBack, effectiveAt } }]
    }
    default:
      return command satisfies never
  }
}

function register(
  command: Extract<DealerCommand, { type: 'RegisterDealer' }>,
  state: DealerState,
  { recorded, given }: Circumstances<DealerGiven>,
): Decision<DealerEvent> {
  const { dealerId, companyId, contact, effectiveAt } = command
  const [profile, place] = [profileOf(command), placeOf(command)]
  if (state.known) {
    const repeated =
      state.companyId === companyId &&
      state.profiles.some((one) => one.effectiveAt === effectiveAt && sameData(one.value, profile)) &&
      state.places.some((one) => one.effectiveAt === effectiveAt && sameData(one.value, place))
    return repeated ? [] : refuse('object.exists', { dealerId })
  }
  const breaches = enforce(placeRules(dealerId, companyId, place, given.parent), recorded)
  if (isRefusal(breaches)) return breaches
  const data = { dealerId, companyId, ...profile, ...place, ...(contact && { contact }), effectiveAt, breaches }
  return [{ type: 'DealerRegistered', data }]
}

/** Two tiers: a tier-2 distributor has a parent, which is another, active tier-1 distributor of the company. */
function placeRules(
  dealerId: string,
  companyId: string,
  place: DealerPlace,
  parent: DealerAt | undefined,
): (Refusal | false)[] {
  const { tierLevel, parentDealerId } = place
  const valid =
    parent &&
    parent.dealerId !== dealerId &&
    parent.companyId === companyId &&
    parent.tierLevel === 1 &&
    parent.status !== 'exited'
  return [
    (tierLevel === 2) !== (parentDealerId !== undefined) && refuse('dealers.parent_required', { dealerId, tierLevel }),
    parentDealerId !== undefined && !valid && refuse('dealers.parent_invalid', { dealerId, parentDealerId }),
  ]
}
