import { z } from 'zod'
import { right, role } from '../domain/access/role.ts'
import { createBoundedCache } from '../ledger/boundedCache.ts'
import type { Reader } from '../projections/engine/ask.ts'
import type { Principal } from './ports.ts'

/** What the ledger knows of a key or of an identity. A disabled principal is as unknown as one that never was. */
export interface Directory {
  /** the principal of an API key by the key's id, with the SHA-256 of its secret in hex; undefined when unknown or revoked */
  byKey(keyId: string): Promise<KnownKey | undefined>
  /** the principal of a token's issuer and subject: of several the one that was registered first */
  byIdentity(issuer: string, subject: string): Promise<Principal | undefined>
  byId(principalId: string): Promise<Principal | 'disabled' | undefined>
}

export interface KnownKey {
  readonly principal: Principal
  readonly hash: string
  /** ms since 1970 */
  readonly expiresAt?: number
}

const row = z.object({
  id: z.string(),
  role,
  dealerId: z.string(),
  rights: z.array(right),
  disabled: z.boolean(),
})
const keyRow = row.extend({ hash: z.string(), expiresAt: z.string().nullable() })
const columns = `p.principal_id as "id", p.role as "role", p.dealer_id as "dealerId", p.rights as "rights", p.disabled is not null as "disabled"`

/**
 * The directory over the access read model. Answers are held for `maxAge`: so long a revoked key or a changed role may
 * still count in this process.
 */
export function openDirectory(reader: Reader, now: () => number, maxAge = 5_000): Directory {
  const keys = createBoundedCache<{ readonly found: z.infer<typeof keyRow> | undefined }>({
    capacity: 10_000,
    maxAge,
    now,
  })
  const principals = createBoundedCache<{ readonly found: z.infer<typeof row> | undefined }>({
    capacity: 10_000,
    maxAge,
    now,
  })

  return {
    async byKey(keyId) {
      const held = keys.get(keyId)
      const found = held ? held.found : await findKey(keyId)
      if (!held) keys.set(keyId, { found })
      const principal = found && !found.disabled ? principalOf(found) : undefined
      if (!found || !principal) return undefined
      return {
        principal,
        hash: found.hash,
        ...(found.expiresAt !== null && { expiresAt: Date.parse(found.expiresAt) }),
      }
    },
    async byIdentity(issuer, subject) {
      const found = await find(JSON.stringify([issuer, subject]), { issuer, subject })
      return found && !found.disabled ? principalOf(found) : undefined
    },
    async byId(principalId) {
      const found = await find(JSON.stringify([principalId]), { principal_id: principalId })
      return found?.disabled ? 'disabled' : found && principalOf(found)
    },
  }

  async function findKey(keyId: string): Promise<z.infer<typeof keyRow> | undefined> {
    // a key id is made by the server; should two principals have one, the older key is meant
    const { rows } = await reader.ask(
      {},
      (
        from,
        bind,
      ) => `select ${columns}, k.hash as "hash", to_char(k.expires_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as "expiresAt"
        from ${from('api_keys')} k join ${from('principals')} p on p.principal_id = k.principal_id
        where k.key_id = ${bind(keyId)} and k.hash is not null and k.revoked is null and p.registered is not null order by k.issued limit 1`,
    )
    return rows[0] && keyRow.parse(rows[0])
  }

  async function find(
    name: string,
    wanted: Readonly<Record<string, string>>,
  ): Promise<z.infer<typeof row> | undefined> {
    const held = principals.get(name)
    if (held) return held.found
    const { rows } = await reader.ask(
      {},
      (from, bind) =>
        `select ${columns} from ${from('principals')} p where p.registered is not null and ${Object.entries(wanted)
          .map(([column, value]) => `p.${column} = ${bind(value)}`)
          .join(' and ')} order by p.disabled is not null, p.registered limit 1`,
    )
    const found = rows[0] && row.parse(rows[0])
    principals.set(name, { found })
    return found
  }
}

function principalOf({ id, role, dealerId, rights }: z.infer<typeof row>): Principal {
  return { id, role, ...(dealerId !== '' && { dealerId }), rights }
}
