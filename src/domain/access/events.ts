import { z } from 'zod'
import { defineEvent, type EventOf } from '../kernel/event.ts'
import { businessTime, code, identifier, label, personalText } from '../kernel/fields.ts'
import { standing } from './role.ts'

const principalId = identifier
export const keyHash = z.string().regex(/^[0-9a-f]{64}$/, 'a SHA-256 in hex')
/** Name of a role of PostgreSQL */
export const databaseLogin = z.string().regex(/^analyst_[0-9a-f]{12}$/, 'analyst_ and 12 hex digits')
/** What PostgreSQL keeps of a password (RFC 5803): enough to check it, too little to sign in with. */
export const scramVerifier = z
  .string()
  .regex(/^SCRAM-SHA-256\$4096:[A-Za-z0-9+/]{22}==\$[A-Za-z0-9+/]{43}=:[A-Za-z0-9+/]{43}=$/, 'a SCRAM-SHA-256 verifier')
export const territories = z.array(identifier).min(1).max(100)
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
/** Which dealers' rows an analyst may read: those whose territory is one of these; without territories the whole channel. */
export const readingScopeSet = defineEvent(
  'ReadingScopeSet',
  z.strictObject({ principalId, territories: territories.optional() }),
)
/** A role of the database for an analyst. A later one replaces it: the password is another. */
export const databaseLoginIssued = defineEvent(
  'DatabaseLoginIssued',
  z.strictObject({ principalId, login: databaseLogin, verifier: scramVerifier, expiresAt: businessTime }),
)
export const databaseLoginRevoked = defineEvent(
  'DatabaseLoginRevoked',
  z.strictObject({ principalId, login: databaseLogin, reason: code }),
)
/** Final: whoever comes back is registered anew. */
export const principalDisabled = defineEvent('PrincipalDisabled', z.strictObject({ principalId, reason: code }))

export const principalEvents = [
  principalRegistered,
  roleChanged,
  rightsChanged,
  apiKeyIssued,
  apiKeyRevoked,
  readingScopeSet,
  databaseLoginIssued,
  databaseLoginRevoked,
  principalDisabled,
] as const
export type PrincipalEvent = EventOf<(typeof principalEvents)[number]>
