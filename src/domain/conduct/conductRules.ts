import { refuse, type Aggregate, type Decision } from '../kernel/decider.ts'
import type { Happened } from '../kernel/event.ts'
import { sameData } from '../kernel/sameData.ts'
import { own } from '../kernel/table.ts'
import { conductRulesCommands, type ConductRulesCommand } from './commands.ts'
import { conductRulesEvents, type ConductRulesEvent } from './events.ts'

type Definition = Pick<Extract<ConductRulesEvent, { type: 'EvaluationDefined' }>['data'], 'name' | 'fromResalePrice'>

export interface ConductRulesState {
  /** version n at index n − 1, by kind */
  readonly evaluations: Readonly<Record<string, readonly Definition[]>>
  readonly resalePriceEnforcement: 'off' | 'on'
  /** what that rests on, once it was said */
  readonly restsOn?: string
}

/** By which evaluations a company judges its dealers, and whether resale prices may be looked at (domain.md §2.7). */
export const conductRulesAggregate: Aggregate<ConductRulesCommand, ConductRulesEvent, ConductRulesState> = {
  category: 'conductrules',
  stateVersion: 1,
  initialState: { evaluations: {}, resalePriceEnforcement: 'off' },
  evolve,
  decide,
  events: conductRulesEvents,
  commands: conductRulesCommands,
}

/** May a company keep and use an evaluation? Undefined for one that it has not defined. */
export function evaluationAllowed(
  { evaluations, resalePriceEnforcement }: ConductRulesState,
  evaluation: string,
  version: number,
): 'allowed' | 'resale_price' | undefined {
  const definition = own(evaluations, evaluation)?.[version - 1]
  if (!definition) return undefined
  return definition.fromResalePrice && resalePriceEnforcement === 'off' ? 'resale_price' : 'allowed'
}

function evolve(state: ConductRulesState, { type, data }: Happened<ConductRulesEvent>): ConductRulesState {
  if (type === 'ResalePricePolicySet') {
    const { resalePriceEnforcement, restsOn } = data
    return { ...state, resalePriceEnforcement, restsOn }
  }
  const { evaluation, name, fromResalePrice } = data
  const versions = [...(own(state.evaluations, evaluation) ?? []), { name, fromResalePrice }]
  return { ...state, evaluations: { ...state.evaluations, [evaluation]: versions } }
}

function decide(command: ConductRulesCommand, state: ConductRulesState): Decision<ConductRulesEvent> {
  if (command.type === 'SetResalePricePolicy') {
    const { type: _type, ...data } = command
    const { resalePriceEnforcement, restsOn } = state
    const isSaid = resalePriceEnforcement === data.resalePriceEnforcement && restsOn === data.restsOn
    return isSaid ? [] : [{ type: 'ResalePricePolicySet', data }]
  }
  const { type: _type, ...data } = command
  const { evaluation, version, name, fromResalePrice } = data
  const versions = own(state.evaluations, evaluation) ?? []
  const known = versions[version - 1]
  if (known) return sameData(known, { name, fromResalePrice }) ? [] : refuse('object.exists', { evaluation, version })
  if (version !== versions.length + 1)
    return refuse('conduct.version_order', { evaluation, expected: versions.length + 1, found: version })
  return [{ type: 'EvaluationDefined', data }]
}
