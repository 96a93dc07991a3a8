import { z } from 'zod'
import { defineEvent, type EventOf } from '../kernel/event.ts'
import { businessTime, code, identifier, label, personalText } from '../kernel/fields.ts'
import { standing } from './role.ts'

const principalId = identifier
export const keyHash = z.string().regex(/^[0-9a-f]{64}$/, 'a SHA-256 in hex')
/** How the principal signs in: `iss` and `sub` of its OIDC tokens. */
export const identity = z.strictObject({ issuer: label, subject: label })

export const principalRegistered = defineEvent(
  'PrincipalRegistered',
  z.strictObject({ principalId, ...standing.shape, displayName: personalText, identity: identity.optional() }),
  { personal: { displayName: 'principalId' } },
)
export const roleChanged = defineEvent('RoleChanged', z.strictObject({ principalId, ...standing.shape }))
export const rightsChanged = defineEvent(
  'RightsChanged',
  z.strictObject({ principalId, rights: standing.shape.rights }),
)
/** Only the hash of a key is kept; the key is shown once, where it is made. */
export const apiKeyIssued = defineEvent(
  'ApiKeyIssued',
  z.strictObject({ principalId, keyId: identifier, hash: keyHash, label, expiresAt: businessTime.optional() }),
)
export const apiKeyRevoked = defineEvent(
  'ApiKeyRevoked',
  z.strictObject({ principalId, keyId: identifier, reason: code }),
)
/** Final: whoever comes back is registered anew. */
export const principalDisabled = defineEvent('PrincipalDisabled', z.strictObject({ principalId, reason: code }))

export const principalEvents = [
  principalRegistered,
  roleChanged,
  rightsChanged,
  apiKeyIssued,
  apiKeyRevoked,
  principalDisabled,
] as const
export type PrincipalEvent = EventOf<(typeof principalEvents)[number]>
