import { principalAggregate } from '../access/decide.ts'
import type { PrincipalState } from '../access/state.ts'
import { instantOf } from '../kernel/businessTime.ts'
import { refuse, type Aggregate, type Circumstances, type Decision } from '../kernel/decider.ts'
import type { Happened } from '../kernel/event.ts'
import { alertCommands, type AlertCommand } from './commands.ts'
import { alertEvents, type AlertEvent } from './events.ts'

export interface AlertState {
  readonly dealerId?: string
  /** what was said last */
  readonly handling?: 'acknowledged' | 'reopened' | { readonly snoozedUntil: string }
  readonly assignee?: string
}

interface Given {
  readonly assignee?: PrincipalState
}

const longestSnooze = 92 * 86_400_000

/** How an alert is handled, by the manufacturer or by a dealer. */
export const alertAggregate: Aggregate<AlertCommand, AlertEvent, AlertState, Given> = {
  category: 'alert',
  stateVersion: 1,
  initialState: {},
  evolve,
  decide,
  gather: async (command, load) =>
    command.type === 'AssignAlert' ? { assignee: await load(principalAggregate, command.assignee) } : {},
  owner: (state, { alert }) => state.dealerId ?? alert.dealerId,
  events: alertEvents,
  commands: alertCommands,
}

function evolve(state: AlertState, { type, data }: Happened<AlertEvent>): AlertState {
  const known = { ...state, ...(data.dealerId !== undefined && { dealerId: data.dealerId }) }
  switch (type) {
    case 'AlertAcknowledged':
      return { ...known, handling: 'acknowledged' }
    case 'AlertSnoozed':
      return { ...known, handling: { snoozedUntil: data.until } }
    case 'AlertReopened':
      return { ...known, handling: 'reopened' }
    case 'AlertAssigned':
      return { ...known, assignee: data.assignee }
    default:
      return type satisfies never
  }
}

function decide(
  command: AlertCommand,
  { handling, assignee }: AlertState,
  { at, given }: Circumstances<Given>,
): Decision<AlertEvent> {
  const { alertId, alert, note } = command
  const data = { alertId, ...alert, ...(note !== undefined && { note }) }
  switch (command.type) {
    case 'AcknowledgeAlert':
      return handling === 'acknowledged' ? [] : [{ type: 'AlertAcknowledged', data }]
    case 'SnoozeAlert': {
      const { until } = command
      const length = instantOf(until) - instantOf(at)
      if (length <= 0 || length > longestSnooze) return refuse('alerts.snooze_until', { until })
      const isSame = typeof handling === 'object' && handling.snoozedUntil === until
      return isSame ? [] : [{ type: 'AlertSnoozed', data: { ...data, until } }]
    }
    case 'AssignAlert': {
      if (!mayTakeCare(given.assignee, alert.dealerId))
        return refuse('alerts.assignee_unknown', { assignee: command.assignee })
      return assignee === command.assignee
        ? []
        : [{ type: 'AlertAssigned', data: { ...data, assignee: command.assignee } }]
    }
    case 'ReopenAlert':
      return handling === undefined || handling === 'reopened' ? [] : [{ type: 'AlertReopened', data }]
    default:
      return command satisfies never
  }
}

/** Somebody of the same side who may sign in. */
function mayTakeCare(principal: PrincipalState | undefined, dealerId: string | undefined): boolean {
  return principal?.known === true && !principal.disabled && principal.dealerId === dealerId
}
