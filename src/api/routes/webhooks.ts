import { z } from 'zod'
import * as commands from '../../domain/webhooks/commands.ts'
import { webhookAggregate as aggregate } from '../../domain/webhooks/webhook.ts'
import { derivedId } from '../../ledger/commandIds.ts'
import type { Call, CommandRoute } from '../commandRoute.ts'

const one = '/v1/webhooks/:webhookId'
const base = { aggregate, roles: ['admin', 'dealer'], right: 'staff', kind: 'change', method: 'POST' } as const
/** The secret has a name of its own; who registers or rotates sees it once. */
const withSecret: Pick<CommandRoute, 'given' | 'shown' | 'shownSchema'> = {
  given: { secretId },
  shown: (call, { webhookId }) => ({
    secretId: secretId(call),
    secret: call.ports.webhookSecret(String(webhookId), secretId(call)),
  }),
  shownSchema: z.object({
    secretId: z.string(),
    secret: z.string().describe('signs the deliveries: HMAC-SHA-256, see the header channel-ledger-signature'),
  }),
}

export const webhookRoutes: readonly CommandRoute[] = [
  {
    ...base,
    ...withSecret,
    kind: 'create',
    path: '/v1/webhooks',
    command: commands.registerWebhook,
    summary: 'Subscribe an address to events: the answer shows the signing secret, nothing else ever does',
    idField: 'webhookId',
    ownDealerFields: ['dealerId'],
  },
  {
    ...base,
    ...withSecret,
    path: `${one}/secret`,
    command: commands.rotateWebhookSecret,
    summary: 'Sign with a new secret from now on: the answer shows it',
  },
  { ...base, path: `${one}/disabling`, command: commands.disableWebhook, summary: 'Stop deliveries' },
  { ...base, path: `${one}/enabling`, command: commands.enableWebhook, summary: 'Resume deliveries' },
  { ...base, method: 'DELETE', path: one, command: commands.removeWebhook, summary: 'Remove a webhook' },
]

function secretId({ principal, routeName, key }: Call): string {
  return derivedId(principal.id, `${routeName} secret`, key)
}
