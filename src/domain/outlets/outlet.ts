import { dealerAggregate } from '../dealers/decide.ts'
import { inRegion } from '../dealers/inRegion.ts'
import { dealerAt, type DealerAt } from '../dealers/state.ts'
import { territoryAggregate } from '../dealers/territory.ts'
import { territoryAt, type TerritoryAt } from '../dealers/territoryState.ts'
import {
  isRefusal,
  refuse,
  type Aggregate,
  type Circumstances,
  type Decision,
  type Load,
  type Refusal,
} from '../kernel/decider.ts'
import { enforce } from '../kernel/enforce.ts'
import { sameData } from '../kernel/sameData.ts'
import { outletCommands, type OutletCommand } from './commands.ts'
import { outletEvents, type OutletEvent } from './events.ts'
import { outletProfileOf } from './profile.ts'
import { evolve, outletAt, type OutletAt, type OutletState } from './state.ts'

/** Of other streams, as they are when the command takes effect: the dealer it names, and the territory that the outlet is to stand in. */
export interface OutletGiven {
  readonly dealer?: DealerAt | undefined
  readonly territory?: TerritoryAt | undefined
}

/** A place where goods of a dealer are sold to consumers. Everything effective-dated. */
export const outletAggregate: Aggregate<OutletCommand, OutletEvent, OutletState, OutletGiven> = {
  category: 'outlet',
  stateVersion: 1,
  initialState: { known: false },
  evolve,
  decide,
  gather,
  owner: (state, command) =>
    state.known
      ? (state.dealers.findLast(({ value }) => value !== null)?.value ?? undefined)
      : 'dealerId' in command
        ? command.dealerId
        : undefined,
  events: outletEvents,
  commands: outletCommands,
}

async function gather(command: OutletCommand, load: Load): Promise<OutletGiven> {
  const { effectiveAt } = command
  const territoryOf = async (id: string | undefined): Promise<TerritoryAt | undefined> =>
    id === undefined ? undefined : territoryAt(await load(territoryAggregate, id), effectiveAt)
  if (command.type === 'RegisterOutlet' || command.type === 'MoveOutlet') {
    const dealer = dealerAt(await load(dealerAggregate, command.dealerId), effectiveAt)
    return { dealer, territory: await territoryOf(command.territoryId ?? dealer?.territory?.territoryId) }
  }
  if (command.type === 'CloseOutlet') return {}
  const outlet = outletAt(await load(outletAggregate, command.outletId), effectiveAt)
  return { territory: await territoryOf(outlet?.territory?.id) }
}

function decide(
  command: OutletCommand,
  state: OutletState,
  { recorded, given }: Circumstances<OutletGiven>,
): Decision<OutletEvent> {
  const { outletId, effectiveAt } = command
  const { dealer, territory } = given
  const frozen = territory && { territory: { id: territory.territoryId, version: territory.version } }
  if (command.type === 'RegisterOutlet') {
    const { companyId, dealerId } = command
    const profile = outletProfileOf(command)
    if (state.known) return isRepeated(command, state) ? [] : refuse('object.exists', { outletId })
    const breaches = enforce(
      [...dealerRules(command, companyId, dealer), ...territoryRules(command, profile.region, territory)],
      recorded,
    )
    if (isRefusal(breaches)) return breaches
    const data = { outletId, companyId, dealerId, ...profile, ...frozen, effectiveAt, breaches }
    return [{ type: 'OutletRegistered', data }]
  }
  const outlet = outletAt(state, effectiveAt)
  if (!outlet || outlet.dealerId === null) return refuse('outlets.unknown', { outletId, at: effectiveAt })
  const own = outlet.dealerId
  switch (command.type) {
    case 'ReviseOutlet': {
      const profile = outletProfileOf(command)
      if (sameData(profile, outletProfileOf(outlet))) return []
      const breaches = enforce([closedRule(outlet), ...territoryRules({}, profile.region, territory)], recorded)
      if (isRefusal(breaches)) return breaches
      return [{ type: 'OutletRevised', data: { outletId, dealerId: own, ...profile, effectiveAt, breaches } }]
    }
    case 'MoveOutlet': {
      const { dealerId, reason } = command
      if (own === dealerId) return []
      const { companyId } = outlet
      const breaches = enforce(
        [
          closedRule(outlet),
          ...dealerRules(command, companyId, dealer),
          ...territoryRules(command, outlet.region, territory),
        ],
        recorded,
      )
      if (isRefusal(breaches)) return breaches
      const picture = { outletId, companyId, dealerId, ...outletProfileOf(outlet), ...frozen }
      return [
        { type: 'OutletReleased', data: { outletId, dealerId: own, reason, effectiveAt } },
        { type: 'OutletAssigned', data: { ...picture, reason, effectiveAt, breaches } },
      ]
    }
    case 'CloseOutlet':
      return outlet.isClosed
        ? []
        : [{ type: 'OutletClosed', data: { outletId, dealerId: own, reason: command.reason, effectiveAt } }]
    default:
      return command satisfies never
  }
}

function isRepeated(
  command: Extract<OutletCommand, { type: 'RegisterOutlet' }>,
  state: Extract<OutletState, { known: true }>,
): boolean {
  const [profile] = state.profiles
  const [dealer] = state.dealers
  return (
    state.companyId === command.companyId &&
    dealer?.value === command.dealerId &&
    profile?.effectiveAt === command.effectiveAt &&
    sameData(profile.value, outletProfileOf(command))
  )
}

function dealerRules(
  { dealerId }: { dealerId: string },
  companyId: string,
  dealer: DealerAt | undefined,
): (Refusal | false)[] {
  return [
    dealer?.companyId !== companyId && refuse('dealers.unknown', { dealerId }),
    dealer?.status === 'exited' && refuse('dealers.exited', { dealerId }),
  ]
}

function territoryRules(
  { territoryId }: { territoryId?: string | undefined },
  region: string,
  territory: TerritoryAt | undefined,
): (Refusal | false | undefined)[] {
  const isOutside = territory && !territory.regions.some((scope) => inRegion(region, scope))
  return [
    territoryId !== undefined && !territory && refuse('dealers.territory_unknown', { territoryId }),
    isOutside && refuse('outlets.outside_territory', { region, territoryId: territory.territoryId }),
  ]
}

function closedRule({ outletId, isClosed }: OutletAt): Refusal | false {
  return isClosed && refuse('outlets.closed', { outletId })
}
