import type pg from 'pg'
import { decodeEvent } from '../decodeEvent.ts'
import type { RecordedEvent } from '../envelope.ts'
import { StoreUnavailable } from '../eventStore.ts'

/** Events of a stream from a revision on, or the events of a command. Both must be well-formed keys. */
export type BatchedRead =
  | { readonly kind: 'stream'; readonly stream: string; readonly from: number; readonly limit: number }
  | { readonly kind: 'command'; readonly commandId: string }

interface Waiting {
  readonly read: BatchedRead
  readonly resolve: (events: readonly RecordedEvent[]) => void
  readonly reject: (error: unknown) => void
}

/** Most reads of one query. */
const batchSize = 64
/** More reads at once than any bound on callers lets through: without one of its own the queue would have none. */
const mostWaiting = 10_000

/** A command's events follow one another in its stream, so they are walked from the first one. */
const text = `
SELECT q.n, e.position, e.recorded_at, e.envelope, e.data
FROM unnest(string_to_array($1, E'\\n'), $2::integer[], $3::integer[]) WITH ORDINALITY AS q(stream, first, count, n)
CROSS JOIN LATERAL (
  SELECT * FROM ledger_events l WHERE l.stream = q.stream AND l.revision >= q.first AND l.revision < q.first::bigint + q.count
) e
UNION ALL
SELECT -q.n, e.position, e.recorded_at, e.envelope, e.data
FROM unnest($4::uuid[]) WITH ORDINALITY AS q(command_id, n)
CROSS JOIN LATERAL (
  WITH RECURSIVE command AS (
    SELECT l.* FROM ledger_events l WHERE l.id = q.command_id AND l.command_id = q.command_id
    UNION ALL
    SELECT l.* FROM command c JOIN ledger_events l
      ON l.stream = c.stream AND l.revision = c.revision + 1 AND l.command_id = q.command_id
  )
  SELECT * FROM command
) e
ORDER BY 1, 2`

type Row = [n: string, position: string, recordedAt: string, envelope: string, data: string]

/**
 * Reads of single streams and commands, those of one turn of the event loop in one query. While `inFlight` queries are
 * on their way, further reads gather for the next one.
 */
export function batchReads(
  query: (config: pg.QueryArrayConfig<unknown[]>) => Promise<Row[]>,
  inFlight: number,
): (read: BatchedRead) => Promise<readonly RecordedEvent[]> {
  const queue: Waiting[] = []
  let running = 0
  let scheduled = false

  function schedule(): void {
    if (scheduled || running >= inFlight || queue.length === 0) return
    scheduled = true
    setImmediate(() => {
      scheduled = false
      void run(queue.splice(0, batchSize))
      schedule()
    })
  }

  async function run(batch: readonly Waiting[]): Promise<void> {
    running += 1
    try {
      const streams = batch.filter((waiting) => waiting.read.kind === 'stream')
      const commands = batch.filter((waiting) => waiting.read.kind === 'command')
      const found = new Map<Waiting, RecordedEvent[]>()
      for (const [n, position, recordedAt, envelope, data] of await query(queryFor(batch))) {
        const waiting = n.startsWith('-') ? commands[-Number(n) - 1] : streams[Number(n) - 1]
        if (!waiting) continue
        const event = decodeEvent(envelope, data, BigInt(position), Number(recordedAt))
        const events = found.get(waiting)
        if (events) events.push(event)
        else found.set(waiting, [event])
      }
      for (const waiting of batch) waiting.resolve(found.get(waiting) ?? [])
    } catch (error) {
      for (const waiting of batch) waiting.reject(error)
    } finally {
      running -= 1
      schedule()
    }
  }

  return (read) =>
    new Promise((resolve, reject) => {
      if (queue.length >= mostWaiting) return reject(new StoreUnavailable(`busy: ${mostWaiting} reads wait`))
      queue.push({ read, resolve, reject })
      schedule()
    })
}

function queryFor(batch: readonly Waiting[]): pg.QueryArrayConfig<unknown[]> {
  const streams = batch.flatMap(({ read }) => (read.kind === 'stream' ? [read] : []))
  return {
    name: 'ledger_batch',
    text,
    rowMode: 'array',
    values: [
      streams.map(({ stream }) => stream).join('\n'),
      streams.map(({ from }) => from),
      streams.map(({ limit }) => limit),
      batch.flatMap(({ read }) => (read.kind === 'command' ? [read.commandId] : [])),
    ],
  }
}
