import { EventStoreDBClient } from '@eventstore/db-client'
import type { Duplex } from 'node:stream'

export interface GuardedClient {
  readonly client: EventStoreDBClient
  /** Takes no more calls: ends the append stream (its callers are told to repeat), lets reads under way come to their end. */
  retire(): void
  /** Ends everything within a time limit: `dispose` may never return (eventstoredb.md §1, row 6). */
  close(milliseconds: number): Promise<void>
}

/** The client's protected ways of opening streams and channels. Appends are the only streams that hand over a cache. */
interface Internals {
  GRPCStreamCreator: (
    grpc: unknown,
    name: string,
    create: (connection: unknown) => unknown,
    cache?: WeakMap<object, unknown>,
  ) => unknown
  getChannel: () => Promise<{ close(): void }>
}

let made = 0

/**
 * Clients of one process whose options are the same share a TCP connection underneath, so that a new one would stand on the dead
 * connection of the old one. A millisecond more of a timeout keeps them apart.
 */
function apart(connectionString: string): string {
  made = (made + 1) % 1_000
  const given = /([?&]keepAliveTimeout=)(\d+)/i
  if (given.test(connectionString))
    return connectionString.replace(given, (_, name: string, value: string) => `${name}${Number(value) + made}`)
  return `${connectionString}${connectionString.includes('?') ? '&' : '?'}keepAliveTimeout=${10_000 + made}`
}

type AppendStream = Duplex & { cancel(): void }

/**
 * The client with its append stream guarded. All appends of a process share one table of callers, emptied whenever any
 * append stream fails: an answer that comes after that, or a second answer, throws inside the stream's listener, which
 * ends the process or leaves the stream dead (eventstoredb.md §1, rows 1 and 3). And appends that wait for a full socket are
 * rejected where nobody can catch it when the connection fails, which ends the process too. So:
 *
 * - an answer that nobody waits for is dropped; its caller has been told to repeat already;
 * - writes to the append stream never wait for the socket. What is under way is bounded by the callers, who wait for
 *   their answers.
 */
export function guardedClient(connectionString: string): GuardedClient {
  const client = EventStoreDBClient.connectionString`${apart(connectionString)}`
  // Protected, but without it the process cannot be kept alive; the fault tests fail when a new client moves it.
  const internals = client as unknown as Internals
  const open = internals.GRPCStreamCreator
  if (typeof open !== 'function') throw new Error('this version of @eventstore/db-client is not known: expected 6.2')
  const appendStreams = new Set<AppendStream>()

  const shielded = async (created: unknown): Promise<AppendStream> => {
    // BatchAppend is the only call with a cache, and it is a duplex gRPC call.
    const stream = shield((await created) as AppendStream)
    appendStreams.add(stream)
    stream.once('close', () => appendStreams.delete(stream)).once('error', () => appendStreams.delete(stream))
    return stream
  }
  internals.GRPCStreamCreator = (grpc, name, create, cache) =>
    open.call(client, grpc, name, cache ? (connection) => shielded(create(connection)) : create, cache)

  return {
    client,
    retire() {
      for (const stream of appendStreams) stream.cancel()
      internals
        .getChannel()
        .then((channel) => channel.close())
        .catch(() => undefined)
    },
    async close(milliseconds) {
      let timer: NodeJS.Timeout | undefined
      const limit = new Promise<void>((resolve) => {
        timer = setTimeout(resolve, milliseconds)
      })
      await Promise.race([client.dispose().catch(() => undefined), limit])
      clearTimeout(timer)
      this.retire()
    },
  }
}

function shield(stream: AppendStream): AppendStream {
  for (const listener of stream.listeners('data')) {
    stream.off('data', listener as (answer: unknown) => void)
    stream.on('data', (answer: unknown) => {
      try {
        listener.call(stream, answer)
      } catch (error) {
        // "undefined is not iterable": no caller under this answer's id
        if (!(error instanceof TypeError)) throw error
      }
    })
  }
  const write = stream.write.bind(stream) as (chunk: unknown) => boolean
  stream.write = (chunk: unknown) => {
    write(chunk)
    return true
  }
  return stream
}
