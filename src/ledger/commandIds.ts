import { hash } from 'node:crypto'
import { canonicalJson } from './canonicalJson.ts'
import type { CommandMeta } from './commands.ts'

/**
 * Ids of commands, events and aggregates (design.md §7). With an idempotency key they derive from (principal, route,
 * key), so that a repeated request asks the store for the very same events; without one they are UUIDv7.
 */
export interface IdSources {
  /** milliseconds since 1970 */
  readonly now: () => number
  /** that many random bytes */
  readonly random: (size: number) => Uint8Array
}

/** Id of the n-th event (from 0) of a command that came with an idempotency key: UUIDv8 of SHA-256 over [principal, route, key, n]. */
export function keyedEventId(principal: string, route: string, key: string, n: number): string {
  return uuidOf([principal, route, key, n])
}

/** Id for an aggregate that a request creates: the same request names the same aggregate. */
export function derivedId(principal: string, route: string, key: string): string {
  return uuidOf([principal, route, key, 'aggregate'])
}

/** The ids of one command's events, each made once; the command's own id is the one of its first event. */
export function eventIdsOf(idempotency: CommandMeta['idempotency'], sources: IdSources): (n: number) => string {
  const ids: string[] = []
  return (n) =>
    (ids[n] ??= idempotency
      ? keyedEventId(idempotency.principal, idempotency.route, idempotency.key, n)
      : uuidV7(sources))
}

export function uuidV7({ now, random }: IdSources): string {
  const bytes = Buffer.alloc(16)
  bytes.writeUIntBE(now(), 0, 6)
  bytes.set(random(10), 6)
  return formatUuid(bytes, 7)
}

function uuidOf(parts: readonly (string | number)[]): string {
  return formatUuid(hash('sha256', canonicalJson(parts), 'buffer'), 8)
}

/** Writes 16 bytes as a UUID of RFC 9562 with its version and variant bits set. */
function formatUuid(bytes: Buffer, version: number): string {
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | (version << 4), 6)
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8)
  const hex = bytes.toString('hex', 0, 16)
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`
}
