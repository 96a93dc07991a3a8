/**
 * That a process is there, for others that share its database: its number is locked on a connection of its own for as long as it lives.
 * Who finds a lease whose holder is no longer there need not wait until it runs out. A holder that lives and has lost that connection
 * may be taken for gone; the tokens of leases keep that harmless.
 */
export type Presence = number

/** "ledg": apart from the advisory locks of others */
const space = 1_818_649_703

/** On the connection that stands for the process. Shared: an older one of the same process may have it still. */
export const showPresence = (presence: Presence): string => `select pg_advisory_lock_shared(${space}, ${presence})`

/** The condition that nobody with the number is there; unknown, hence not true, for null. */
export function isAbsent(number: string): string {
  return `(${number} is not null and not exists (
    select 1 from pg_locks p where p.locktype = 'advisory' and p.classid = ${space} and p.objid = (${number})::bigint::oid and p.objsubid = 2
      and p.database = (select oid from pg_database where datname = current_database())))`
}

export const randomPresence = (random: (size: number) => Uint8Array): Presence =>
  random(4).reduce((number, byte) => number * 256 + byte, 0) >>> 1
