import { z } from 'zod'
import { defineEvent, type EventOf } from '../kernel/event.ts'
import { code, identifier } from '../kernel/fields.ts'

/** http or https, without a user name or password: what stands in the log is readable for ever. */
export const webhookUrl = z
  .string()
  .max(2000)
  .refine((text) => {
    if (!URL.canParse(text)) return false
    const { protocol, username, password, hash } = new URL(text)
    return /^https?:$/.test(protocol) && username === '' && password === '' && hash === ''
  }, 'an http or https address without credentials')
export const eventTypes = z
  .array(z.string().regex(/^[A-Z][A-Za-z0-9]{0,63}$/, 'an event type'))
  .min(1)
  .max(200)

/**
 * The signing secret is never in the log: it is HMAC-SHA-256(master key, `webhook/<webhookId>/<secretId>`), which whoever
 * holds the master key derives when a webhook is registered (to show it once) and when a call is signed.
 */
export const webhookRegistered = defineEvent(
  'WebhookRegistered',
  z.strictObject({
    webhookId: identifier,
    url: webhookUrl,
    eventTypes,
    secretId: identifier,
    /** the principal it was registered by */
    owner: identifier,
    /** a dealer's webhook hears only of the dealer's own objects */
    dealerId: identifier.optional(),
  }),
)
/** From now on calls are signed with the secret of the new id. */
export const webhookSecretRotated = defineEvent(
  'WebhookSecretRotated',
  z.strictObject({ webhookId: identifier, secretId: identifier }),
)
export const webhookDisabled = defineEvent('WebhookDisabled', z.strictObject({ webhookId: identifier, reason: code }))
export const webhookEnabled = defineEvent('WebhookEnabled', z.strictObject({ webhookId: identifier }))
export const webhookRemoved = defineEvent('WebhookRemoved', z.strictObject({ webhookId: identifier }))

export const webhookEvents = [
  webhookRegistered,
  webhookSecretRotated,
  webhookDisabled,
  webhookEnabled,
  webhookRemoved,
] as const
export type WebhookEvent = EventOf<(typeof webhookEvents)[number]>
