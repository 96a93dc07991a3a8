import { instantOf } from '../../../domain/kernel/businessTime.ts'
import type { PrincipalEvent } from '../../../domain/access/events.ts'
import { standingOf } from '../../../domain/access/state.ts'
import type { RecordedEvent } from '../../../ledger/envelope.ts'
import { type Fact, factTable, type ReadModel, type Value } from '../../engine/factTable.ts'

const principals = factTable(
  'principals',
  { principal_id: 'text' },
  {
    lasts: {
      role: 'text',
      /** empty for everybody but a dealer's staff */
      dealer_id: 'text',
      rights: 'jsonb',
      issuer: 'text',
      subject: 'text',
      /** sealed */
      display_name: 'jsonb',
      /** ledger position of the registration */
      registered: 'bigint',
      registered_at: 'timestamptz',
      /** of an analyst: `{ "territories": [...] }`, empty for the whole channel */
      reading_scope: 'jsonb',
      /** of an analyst: `{ "login", "verifier", "expiresAt" }`, empty after a revocation; no query shows the verifier */
      database_login: 'jsonb',
      disabled: 'text',
      disabled_at: 'timestamptz',
    },
    time: 'known-only',
    indexes: [['issuer', 'subject'], ['dealer_id']],
  },
)
const keys = factTable(
  'api_keys',
  { key_id: 'text', principal_id: 'text' },
  {
    lasts: {
      /** SHA-256 of the secret, hex; no query shows it */
      hash: 'text',
      label: 'text',
      issued: 'bigint',
      issued_at: 'timestamptz',
      expires_at: 'timestamptz',
      revoked: 'text',
      revoked_at: 'timestamptz',
    },
    time: 'known-only',
    indexes: [['principal_id']],
  },
)

/** Who may sign in, as what, and with which keys. */
export const accessModel: ReadModel = {
  name: 'access',
  version: 3,
  events: [
    'PrincipalRegistered',
    'RoleChanged',
    'RightsChanged',
    'ApiKeyIssued',
    'ApiKeyRevoked',
    'ReadingScopeSet',
    'DatabaseLoginIssued',
    'DatabaseLoginRevoked',
    'PrincipalDisabled',
  ],
  tables: [principals, keys],
  facts: (event) => [accessFact(event as RecordedEvent & PrincipalEvent)], // the types it declares, checked when appended
}

function accessFact(event: RecordedEvent & PrincipalEvent): Fact {
  const { principalId } = event.data
  const position = event.position.toString()
  const when = timestamp(event.occurredAt)
  const principal = (lasts: NonNullable<Fact['lasts']>): Fact => ({
    table: 'principals',
    key: { principal_id: principalId },
    lasts,
  })
  const key = (keyId: string, lasts: NonNullable<Fact['lasts']>): Fact => ({
    table: 'api_keys',
    key: { key_id: keyId, principal_id: principalId },
    lasts,
  })
  switch (event.type) {
    case 'PrincipalRegistered': {
      const { displayName, identity } = event.data
      return principal({
        ...standingColumns(event.data),
        issuer: identity?.issuer,
        subject: identity?.subject,
        display_name: displayName,
        registered: position,
        registered_at: when,
      })
    }
    case 'RoleChanged':
      return principal(standingColumns(event.data))
    case 'RightsChanged':
      return principal({ rights: event.data.rights })
    case 'ReadingScopeSet': {
      const { territories } = event.data
      return principal({ reading_scope: territories ? { territories } : {} })
    }
    case 'DatabaseLoginIssued': {
      const { login, verifier, expiresAt } = event.data
      return principal({ database_login: { login, verifier, expiresAt: timestamp(expiresAt) } })
    }
    case 'DatabaseLoginRevoked':
      return principal({ database_login: {} })
    case 'PrincipalDisabled':
      return principal({ disabled: event.data.reason, disabled_at: when })
    case 'ApiKeyIssued': {
      const { keyId, hash, label, expiresAt } = event.data
      const expires = expiresAt === undefined ? undefined : timestamp(expiresAt)
      return key(keyId, { hash, label, issued: position, issued_at: when, expires_at: expires })
    }
    case 'ApiKeyRevoked':
      return key(event.data.keyId, { revoked: event.data.reason, revoked_at: when })
    default:
      return event satisfies never
  }
}

function standingColumns(from: Parameters<typeof standingOf>[0]): Record<string, Value> {
  const { role, dealerId, rights } = standingOf(from)
  return { role, dealer_id: dealerId ?? '', rights }
}

const timestamp = (time: string): string => new Date(instantOf(time)).toISOString()
