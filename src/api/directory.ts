import { z } from 'zod'
import { principalAggregate } from '../domain/access/decide.ts'
import { right, role } from '../domain/access/role.ts'
import type { PrincipalState } from '../domain/access/state.ts'
import type { Load } from '../domain/kernel/decider.ts'
import { createBell } from '../ledger/bell.ts'
import { type BoundedCache, createBoundedCache } from '../ledger/boundedCache.ts'
import { type EventStore, StoreUnavailable } from '../ledger/eventStore.ts'
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
  /** null: no bound */
  territories: z.array(z.string()).nullable(),
})
const keyRow = row.extend({ hash: z.string(), expiresAt: z.string().nullable() })
const columns = `p.principal_id as "id", p.role as "role", p.dealer_id as "dealerId", p.rights as "rights", p.disabled is not null as "disabled", p.reading_scope->'territories' as "territories"`

const retryMilliseconds = 1_000

/** Where the directory looks. */
export interface DirectorySources {
  /** of the access read model: finds whose a key or an identity is */
  readonly reader: Reader
  /** of the ledger: what its principal is by now, which the read model may not have seen */
  readonly load: Load
  readonly now: () => number
  /** milliseconds that an answer is held; 5,000 when absent */
  readonly maxAge?: number
}

export interface FollowingDirectory extends Directory {
  /** Forgets what it holds whenever a principal has changed, in whichever process, until the signal aborts. Never rejects. */
  follow(store: EventStore, signal: AbortSignal, onError: (error: unknown) => void): Promise<void>
}

/**
 * The directory: found in the access read model, judged by the ledger, so that a revoked key or a changed role counts as
 * soon as it is written. Where the process does not follow the log, or the log is away, answers may be `maxAge` old.
 */
export function openDirectory({ reader, load, now, maxAge = 5_000 }: DirectorySources): FollowingDirectory {
  let keys = held<z.infer<typeof keyRow>>()
  let principals = held<z.infer<typeof row>>()

  return {
    async byKey(keyId) {
      const found = await remembered(keys, keyId, () => findKey(keyId))
      if (!found || found.disabled) return undefined
      return {
        principal: principalOf(found),
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
    async follow(store, signal, onError) {
      const types = principalAggregate.events.map(({ type }) => type)
      while (!signal.aborted) {
        try {
          for await (const { events } of store.subscribe({ after: await store.head(), types, signal }))
            if (events.length > 0) forget()
        } catch (error) {
          onError(error)
          await createBell().wait(0, retryMilliseconds, signal)
          forget() // what happened meanwhile was not seen
        }
      }
    },
  }

  function forget(): void {
    keys = held()
    principals = held()
  }

  function held<V>(): BoundedCache<{ readonly found: V | undefined }> {
    return createBoundedCache({ capacity: 10_000, maxAge, now })
  }

  /** What was asked for while a principal changed goes into the cache of before, where nobody looks any more. */
  async function remembered<V>(
    cache: BoundedCache<{ readonly found: V | undefined }>,
    name: string,
    look: () => Promise<V | undefined>,
  ): Promise<V | undefined> {
    const known = cache.get(name)
    if (known) return known.found
    const found = await look()
    cache.set(name, { found })
    return found
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
    const found = rows[0] && keyRow.parse(rows[0])
    const state = found && (await stateOf(found.id))
    if (!found || !state) return found
    const isRevoked = state.keys.some((key) => key.keyId === keyId && key.revoked)
    return isRevoked ? undefined : { ...found, ...standingIn(state) }
  }

  async function find(
    name: string,
    wanted: Readonly<Record<string, string>>,
  ): Promise<z.infer<typeof row> | undefined> {
    return remembered(principals, name, async () => {
      const { rows } = await reader.ask(
        {},
        (from, bind) =>
          `select ${columns} from ${from('principals')} p where p.registered is not null and ${Object.entries(wanted)
            .map(([column, value]) => `p.${column} = ${bind(value)}`)
            .join(' and ')} order by p.disabled is not null, p.registered limit 1`,
      )
      const found = rows[0] && row.parse(rows[0])
      const state = found && (await stateOf(found.id))
      return found && state ? { ...found, ...standingIn(state) } : found
    })
  }

  /** Undefined where the ledger cannot be asked: then what the read model knows has to do, so that reading goes on. */
  async function stateOf(principalId: string): Promise<Extract<PrincipalState, { known: true }> | undefined> {
    try {
      const state = await load(principalAggregate, principalId)
      return state.known ? state : undefined
    } catch (error) {
      if (error instanceof StoreUnavailable) return undefined
      throw error
    }
  }
}

function standingIn(state: Extract<PrincipalState, { known: true }>): Omit<z.infer<typeof row>, 'id'> {
  const { role, dealerId = '', rights, disabled, territories } = state
  return { role, dealerId, rights, disabled, territories: territories ? [...territories] : null }
}

function principalOf({ id, role, dealerId, rights, territories }: z.infer<typeof row>): Principal {
  const isBound = role === 'analyst' && territories !== null
  return { id, role, ...(dealerId !== '' && { dealerId }), rights, ...(isBound && { territories }) }
}
