import { instantOf } from '../kernel/businessTime.ts'
import { isRefusal, refuse, type Aggregate, type Circumstances, type Decision } from '../kernel/decider.ts'
import { enforce } from '../kernel/enforce.ts'
import { sameData } from '../kernel/sameData.ts'
import { territoryCommands, type TerritoryCommand } from './commands.ts'
import { territoryEvents, type TerritoryEvent } from './events.ts'
import { evolve, territoryAt, type TerritoryState } from './territoryState.ts'

/** A territory, its versions, and who holds it while it is exclusive: the territory's own stream decides that. */
export const territoryAggregate: Aggregate<TerritoryCommand, TerritoryEvent, TerritoryState> = {
  category: 'territory',
  stateVersion: 1,
  initialState: { known: false },
  evolve,
  decide,
  events: territoryEvents,
  commands: territoryCommands,
}

function decide(
  command: TerritoryCommand,
  state: TerritoryState,
  { recorded }: Circumstances,
): Decision<TerritoryEvent> {
  const { territoryId, effectiveAt } = command
  if (command.type === 'DefineTerritory') {
    const { companyId, name, regions, exclusive } = command
    if (!state.known)
      return [
        {
          type: 'TerritoryDefined',
          data: { territoryId, companyId, name, regions, exclusive, version: 1, effectiveAt },
        },
      ]
    const first = state.versions.find(({ value }) => value.version === 1)
    const same = first?.effectiveAt === effectiveAt && sameData(first.value, { name, regions, exclusive, version: 1 })
    return same && state.companyId === companyId ? [] : refuse('object.exists', { territoryId })
  }
  const current = territoryAt(state, effectiveAt)
  if (!state.known || !current) return refuse('dealers.territory_unknown', { territoryId, effectiveAt })
  switch (command.type) {
    case 'ReviseTerritory': {
      const { name, regions, exclusive } = command
      if (
        sameData(
          { name, regions, exclusive },
          { name: current.name, regions: current.regions, exclusive: current.exclusive },
        )
      )
        return []
      const version = 1 + Math.max(...state.versions.map(({ value }) => value.version))
      return [{ type: 'TerritoryRevised', data: { territoryId, name, regions, exclusive, version, effectiveAt } }]
    }
    case 'GrantTerritory': {
      const { dealerId } = command
      if (current.holder === dealerId) return []
      // a grant holds until it is released, so it must be free from its start on, not at its start alone
      const laterHolder = state.holders.find(
        (one) => instantOf(one.effectiveAt) > instantOf(effectiveAt) && one.value !== null && one.value !== dealerId,
      )
      const taken = current.holder ?? laterHolder?.value
      const breaches = enforce(
        [
          !current.exclusive && refuse('dealers.territory_shared', { territoryId }),
          taken !== undefined && refuse('dealers.territory_exclusive', { territoryId, effectiveAt }),
        ],
        recorded,
      )
      return isRefusal(breaches)
        ? breaches
        : [{ type: 'TerritoryGranted', data: { territoryId, dealerId, effectiveAt, breaches } }]
    }
    case 'ReleaseTerritory': {
      const { dealerId } = command
      return current.holder === dealerId
        ? [{ type: 'TerritoryReleased', data: { territoryId, dealerId, effectiveAt } }]
        : []
    }
    default:
      return command satisfies never
  }
}
