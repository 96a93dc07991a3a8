import { instantOf } from '../../../domain/kernel/businessTime.ts'
import type { WebhookEvent } from '../../../domain/webhooks/events.ts'
import type { RecordedEvent } from '../../../ledger/envelope.ts'
import { type Fact, factTable, type ReadModel } from '../../engine/factTable.ts'

const webhooks = factTable(
  'webhooks',
  { webhook_id: 'text' },
  {
    lasts: {
      url: 'text',
      event_types: 'jsonb',
      /** the principal it was registered by */
      owner: 'text',
      dealer_id: 'text',
      status: 'text',
      /** why it is disabled; empty once it is enabled again */
      reason: 'text',
      secret_id: 'text',
      registered_at: 'timestamptz',
      changed_at: 'timestamptz',
    },
    time: 'known-only',
    indexes: [['dealer_id']],
  },
)

/** Subscriptions of outside systems; how far their deliveries are stands with the worker that delivers. */
export const webhooksModel: ReadModel = {
  name: 'webhooks',
  version: 2,
  events: ['WebhookRegistered', 'WebhookSecretRotated', 'WebhookDisabled', 'WebhookEnabled', 'WebhookRemoved'],
  tables: [webhooks],
  facts: (event) => [webhookFact(event as RecordedEvent & WebhookEvent)], // the types it declares, checked when appended
}

function webhookFact(event: RecordedEvent & WebhookEvent): Fact {
  const when = new Date(instantOf(event.occurredAt)).toISOString()
  const webhook = (lasts: NonNullable<Fact['lasts']>): Fact => ({
    table: 'webhooks',
    key: { webhook_id: event.data.webhookId },
    lasts: { ...lasts, changed_at: when },
  })
  switch (event.type) {
    case 'WebhookRegistered': {
      const { url, eventTypes, secretId, owner, dealerId } = event.data
      return webhook({
        url,
        event_types: eventTypes,
        owner,
        dealer_id: dealerId,
        status: 'enabled',
        secret_id: secretId,
        registered_at: when,
      })
    }
    case 'WebhookSecretRotated':
      return webhook({ secret_id: event.data.secretId })
    case 'WebhookDisabled':
      return webhook({ status: 'disabled', reason: event.data.reason })
    case 'WebhookEnabled':
      return webhook({ status: 'enabled', reason: '' })
    case 'WebhookRemoved':
      return webhook({ status: 'removed' })
    default:
      return event satisfies never
  }
}
