import { z } from 'zod'
import { defineCommand, type CommandOf } from '../kernel/decider.ts'
import { code, identifier } from '../kernel/fields.ts'
import { eventTypes, webhookUrl } from './events.ts'

const webhookId = ({ webhookId }: { webhookId: string }): string => webhookId
const only = z.strictObject({ webhookId: identifier })

/** Its owner is whoever commands it. */
export const registerWebhook = defineCommand(
  'RegisterWebhook',
  z.strictObject({
    webhookId: identifier,
    url: webhookUrl,
    eventTypes,
    secretId: identifier,
    dealerId: identifier.optional(),
  }),
  webhookId,
)
export const rotateWebhookSecret = defineCommand(
  'RotateWebhookSecret',
  z.strictObject({ webhookId: identifier, secretId: identifier }),
  webhookId,
)
export const disableWebhook = defineCommand(
  'DisableWebhook',
  z.strictObject({ webhookId: identifier, reason: code }),
  webhookId,
)
export const enableWebhook = defineCommand('EnableWebhook', only, webhookId)
export const removeWebhook = defineCommand('RemoveWebhook', only, webhookId)

export const webhookCommands = [
  registerWebhook,
  rotateWebhookSecret,
  disableWebhook,
  enableWebhook,
  removeWebhook,
] as const
export type WebhookCommand = CommandOf<(typeof webhookCommands)[number]>
