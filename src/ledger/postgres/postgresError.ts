import pg from 'pg'
import { StoreUnavailable } from '../eventStore.ts'

/**
 * SQLSTATEs after which the same statement may succeed soon: connection lost (08), server going down or coming up
 * (57P), too many connections or out of memory for now (53200, 53300), serialisation (40), a server that has just
 * become a standby (25006).
 */
const transientStates = /^(08|57P0|40|53[23]00$|25006$)/

/** Worth another attempt. Whatever is no answer of the server is a lost or refused connection. */
export function isTransient(error: unknown): boolean {
  return !(error instanceof pg.DatabaseError) || transientStates.test(error.code ?? '08')
}

/** The connection can be used again after this error. */
export function leavesConnectionUsable(error: unknown): boolean {
  return error instanceof pg.DatabaseError && error.severity === 'ERROR'
}

export function unavailable(error: unknown): StoreUnavailable {
  if (error instanceof StoreUnavailable) return error
  const reason = error instanceof Error ? error.message : String(error)
  return new StoreUnavailable(`PostgreSQL: ${reason}`, { cause: error })
}
