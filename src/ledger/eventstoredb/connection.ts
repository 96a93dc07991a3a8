import { BACKWARDS, END, isCommandError, type EventStoreDBClient } from '@eventstore/db-client'
import { watchLink } from '../watchLink.ts'
import { collect } from './collect.ts'
import { guardedClient, type GuardedClient } from './guardedClient.ts'

/** The one client of a store, replaced when it is beyond recovery. */
export interface Connection {
  readonly client: EventStoreDBClient
  /**
   * Replaces the client when an error says that it will not recover by itself, unless it has been replaced already. The
   * client reconnects on "unavailable", but a connection that only hangs is noticed after 20 s, and when its question
   * for the server's features once fails in another way it repeats that failure for ever. It is replaced by itself too, when it
   * hangs and another one is answered.
   */
  failed(client: EventStoreDBClient, error: unknown): void
  /** Called after every replacement. */
  onReplaced(listener: () => void): void
  close(milliseconds: number): Promise<void>
}

const unavailable = 14
/** ms until a question that nobody answers is let go */
const probeLimit = 60_000

export function openConnection(connectionString: string): Connection {
  let current = guardedClient(connectionString)
  const retired = new Set<GuardedClient>()
  const listeners: (() => void)[] = []
  let closed = false
  const replace = (): void => {
    const old = current
    current = guardedClient(connectionString)
    old.retire()
    retired.add(old)
    for (const listener of listeners) listener()
  }
  const closing = new AbortController()
  const watch = watchLink({
    onDead: replace,
    async open(signal) {
      const probe = guardedClient(connectionString)
      const end = (): void => void probe.close(0)
      const ask = async (until: AbortSignal): Promise<unknown> =>
        collect(probe.client.readAll({ direction: BACKWARDS, fromPosition: END, maxCount: 1 }), probeLimit, until)
      try {
        await ask(signal)
      } catch (error) {
        end()
        throw error
      }
      return { ask: () => ask(closing.signal), end }
    },
  })
  return {
    get client() {
      return current.client
    },
    failed(client, error) {
      if (closed || client !== current.client || recoversByItself(error)) return
      replace()
    },
    onReplaced: (listener) => void listeners.push(listener),
    async close(milliseconds) {
      closed = true
      watch.close()
      closing.abort()
      await Promise.all([current, ...retired].map((guarded) => guarded.close(milliseconds)))
    },
  }
}

/** Converted errors went through the client's own reconnection; code 14 comes unconverted from the features call. */
function recoversByItself(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  return isCommandError(error) || ('code' in error && error.code === unavailable)
}
