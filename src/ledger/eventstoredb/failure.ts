import { AccessDeniedError, MaxAppendSizeExceededError, StreamDeletedError, UnknownError } from '@eventstore/db-client'
import { InvalidAppend, StoreUnavailable } from '../eventStore.ts'

/** The server could not read where it was told to. */
export class Unreadable extends StoreUnavailable {}

/** What to do about an error of the client: repeat the call, or tell the caller. */
export type Failure = { readonly repeat: true } | { readonly repeat: false; readonly error: Error }

/**
 * Everything that is not a definite answer is repeated: connections break as `UnavailableError`, as a plain `Error` with
 * code 14, as `UnknownError` with code 13 on a graceful stop, as a missing answer (eventstoredb.md §2), and a server that is
 * starting answers "Could not recognize Server Is Not Ready".
 */
export function failureOf(error: unknown, what: string): Failure {
  if (error instanceof MaxAppendSizeExceededError) {
    return { repeat: false, error: new InvalidAppend(`${what}: over ${error.maxAppendSize} bytes`, { cause: error }) }
  }
  if (error instanceof StreamDeletedError) {
    return { repeat: false, error: new InvalidAppend(`${what}: the stream was deleted for good`, { cause: error }) }
  }
  if (error instanceof UnknownError && error.message.endsWith('BadRequest')) {
    return { repeat: false, error: new InvalidAppend(`${what}: the server calls it a bad request`, { cause: error }) }
  }
  if (error instanceof UnknownError && error.message.endsWith('Unexpected ReadAllResult: Error')) {
    return { repeat: false, error: new Unreadable(`${what}: ${error.message}`, { cause: error }) }
  }
  // Waiting does not grant rights, and nothing was written; but it is the operator's to mend, not the caller's.
  if (error instanceof AccessDeniedError) {
    return { repeat: false, error: new StoreUnavailable(`${what}: access denied by EventStoreDB`, { cause: error }) }
  }
  return { repeat: true }
}

/** A text for the log: the client leaves `message` empty on most append errors. */
export function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const kind = 'type' in error ? String(error.type) : error.name
  return error.message === '' ? kind : `${kind}: ${error.message}`
}
