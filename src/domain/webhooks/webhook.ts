import { refuse, type Aggregate, type Circumstances, type Decision } from '../kernel/decider.ts'
import type { Happened } from '../kernel/event.ts'
import { sameData } from '../kernel/sameData.ts'
import { webhookCommands, type WebhookCommand } from './commands.ts'
import { webhookEvents, type WebhookEvent } from './events.ts'

export type WebhookState =
  | { readonly known: false }
  | {
      readonly known: true
      readonly webhookId: string
      readonly url: string
      readonly eventTypes: readonly string[]
      readonly owner: string
      readonly dealerId?: string | undefined
      /** the last one signs; earlier ones are never taken up again */
      readonly secretIds: readonly string[]
      readonly status: 'enabled' | 'disabled' | 'removed'
    }

/** A subscription of an outside system. */
export const webhookAggregate: Aggregate<WebhookCommand, WebhookEvent, WebhookState> = {
  category: 'webhook',
  stateVersion: 1,
  initialState: { known: false },
  evolve,
  decide,
  owner: (state, command) => (state.known ? state.dealerId : 'dealerId' in command ? command.dealerId : undefined),
  events: webhookEvents,
  commands: webhookCommands,
}

function evolve(state: WebhookState, event: Happened<WebhookEvent>): WebhookState {
  if (event.type === 'WebhookRegistered') {
    const { secretId, ...rest } = event.data
    return { known: true, ...rest, secretIds: [secretId], status: 'enabled' }
  }
  if (!state.known) return state
  switch (event.type) {
    case 'WebhookSecretRotated':
      return { ...state, secretIds: [...state.secretIds, event.data.secretId] }
    case 'WebhookDisabled':
      return { ...state, status: 'disabled' }
    case 'WebhookEnabled':
      return { ...state, status: 'enabled' }
    case 'WebhookRemoved':
      return { ...state, status: 'removed' }
    default:
      return event satisfies never
  }
}

function decide(command: WebhookCommand, state: WebhookState, { by }: Circumstances): Decision<WebhookEvent> {
  const { webhookId } = command
  if (command.type === 'RegisterWebhook') {
    const { url, eventTypes, secretId, dealerId } = command
    const data = { webhookId, url, eventTypes, secretId, owner: by, ...(dealerId !== undefined && { dealerId }) }
    if (!state.known) return [{ type: 'WebhookRegistered', data }]
    const { known: _known, secretIds, status, ...rest } = state
    const repeated = status !== 'removed' && sameData({ ...rest, secretId: secretIds[0] }, data)
    return repeated ? [] : refuse('object.exists', { webhookId })
  }
  if (!state.known) return refuse('webhooks.unknown', { webhookId })
  if (command.type === 'RemoveWebhook')
    return state.status === 'removed' ? [] : [{ type: 'WebhookRemoved', data: { webhookId } }]
  if (state.status === 'removed') return refuse('webhooks.unknown', { webhookId })
  switch (command.type) {
    case 'RotateWebhookSecret': {
      const { secretId } = command
      if (state.secretIds.at(-1) === secretId) return []
      if (state.secretIds.includes(secretId)) return refuse('webhooks.secret_reused', { webhookId })
      return [{ type: 'WebhookSecretRotated', data: { webhookId, secretId } }]
    }
    case 'DisableWebhook':
      return state.status === 'disabled'
        ? []
        : [{ type: 'WebhookDisabled', data: { webhookId, reason: command.reason } }]
    case 'EnableWebhook':
      return state.status === 'enabled' ? [] : [{ type: 'WebhookEnabled', data: { webhookId } }]
    default:
      return command satisfies never
  }
}
