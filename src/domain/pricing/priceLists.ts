import { instantOf } from '../kernel/businessTime.ts'
import { refuse, type Aggregate, type Decision } from '../kernel/decider.ts'
import { inForce, withEffective, type Effective } from '../kernel/effective.ts'
import type { Happened } from '../kernel/event.ts'
import { sameData } from '../kernel/sameData.ts'
import { priceListsCommands, type PriceListsCommand } from './commands.ts'
import { priceListsEvents, type PriceListsEvent } from './events.ts'
import type { PriceList, PricingStrategy } from './priceList.ts'

export interface PublishedList extends PriceList {
  /** the list holds no price from then on */
  readonly withdrawnAt?: string
}

export interface PriceListsState {
  readonly lists: readonly PublishedList[]
  readonly strategies: readonly Effective<PricingStrategy>[]
}

/** The price lists of one company: which exist, their level, scope and strategy. */
export const priceListsAggregate: Aggregate<PriceListsCommand, PriceListsEvent, PriceListsState> = {
  category: 'pricelists',
  stateVersion: 1,
  initialState: { lists: [], strategies: [] },
  evolve,
  decide,
  events: priceListsEvents,
  commands: priceListsCommands,
}

/** A list that is in force at a business time: published, begun, neither ended nor withdrawn. */
export function listInForce(list: PublishedList, at: string): boolean {
  const instant = instantOf(at)
  const ends = [list.effectiveUntil, list.withdrawnAt].filter((end) => end !== undefined)
  return instantOf(list.effectiveFrom) <= instant && ends.every((end) => instant < instantOf(end))
}

export function strategyAt(state: PriceListsState, at: string): PricingStrategy {
  return inForce(state.strategies, instantOf(at))?.value ?? 'priority'
}

function evolve(state: PriceListsState, event: Happened<PriceListsEvent>): PriceListsState {
  switch (event.type) {
    case 'PriceListPublished':
      return { ...state, lists: [...state.lists, event.data] }
    case 'PriceListWithdrawn': {
      const { listId, effectiveAt } = event.data
      return {
        ...state,
        lists: state.lists.map((list) => (list.listId === listId ? { ...list, withdrawnAt: effectiveAt } : list)),
      }
    }
    case 'PricingStrategyChosen': {
      const { strategy, effectiveAt } = event.data
      return {
        ...state,
        strategies: withEffective(state.strategies, { effectiveAt, eventId: event.id, value: strategy }),
      }
    }
    default:
      return event satisfies never
  }
}

function decide(command: PriceListsCommand, state: PriceListsState): Decision<PriceListsEvent> {
  const { companyId } = command
  switch (command.type) {
    case 'PublishPriceList': {
      const { type: _type, merge = false, scale = 4, rounding = 'half-up', ...rest } = command
      const list: PriceList = { ...rest, merge, scale, rounding }
      const known = state.lists.find(({ listId }) => listId === list.listId)
      if (known) {
        const { withdrawnAt: _withdrawn, ...published } = known
        return sameData(published, list) ? [] : refuse('object.exists', { listId: list.listId })
      }
      if (list.effectiveUntil !== undefined && instantOf(list.effectiveUntil) <= instantOf(list.effectiveFrom))
        return refuse('pricing.window_empty', { listId: list.listId })
      return [{ type: 'PriceListPublished', data: list }]
    }
    case 'WithdrawPriceList': {
      const { listId, reason, effectiveAt } = command
      const known = state.lists.find((list) => list.listId === listId)
      if (!known) return refuse('pricing.list_unknown', { listId })
      // an earlier withdrawal stands; only an earlier one still changes anything
      if (known.withdrawnAt !== undefined && instantOf(known.withdrawnAt) <= instantOf(effectiveAt)) return []
      return [{ type: 'PriceListWithdrawn', data: { companyId, listId, reason, effectiveAt } }]
    }
    case 'ChoosePricingStrategy': {
      const { strategy, effectiveAt } = command
      if (strategyAt(state, effectiveAt) === strategy) return []
      return [{ type: 'PricingStrategyChosen', data: { companyId, strategy, effectiveAt } }]
    }
    default:
      return command satisfies never
  }
}
