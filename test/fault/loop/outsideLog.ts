import { setTimeout as sleep } from 'node:timers/promises'
import { BACKWARDS, END, EventStoreDBClient, FORWARDS, START, type ResolvedEvent } from '@eventstore/db-client'
import { aggregates } from '../../../src/domain/registry.ts'
import type { RecordedEvent } from '../../../src/ledger/envelope.ts'
import { createEventRegistry } from '../../../src/ledger/eventRegistry.ts'
import type { OutsideDatabase } from './outsideDatabase.ts'

/** What the check of the log reads of an event, as it is stored. */
export interface LogRow {
  readonly position: bigint
  readonly id: string
  readonly stream: string
  readonly revision: number
  readonly actor: string
  readonly kind: string
  readonly commandId: string | undefined
}

/** The log behind the system, read without the project's own store. */
export interface OutsideLog {
  /** positions follow one another without a gap */
  readonly isDense: boolean
  head(): Promise<bigint>
  idAt(position: bigint): Promise<string | undefined>
  /** after a position, in order, up to the head of the moment */
  rows(after: bigint): AsyncIterable<LogRow>
  /** everything with its data at the newest versions; the texts are left out: they are the larger half */
  events(): AsyncIterable<RecordedEvent>
  close(): Promise<void>
}

export function openOutsideLog(database: OutsideDatabase, eventStoreUrl: string | undefined): OutsideLog {
  return eventStoreUrl === undefined ? logInPostgres(database) : logInEventStoreDb(eventStoreUrl)
}

const raw = { envelope: '', data: '' }
type Envelope = Omit<RecordedEvent, 'data' | 'position' | 'recordedAt' | 'raw'>

function lifted(envelope: Envelope, data: unknown, position: bigint, recordedAt: string): RecordedEvent {
  return { ...envelope, data: registry.upcast(envelope.type, envelope.schemaVersion, data), position, recordedAt, raw }
}
const registry = createEventRegistry(aggregates)

function rowOf({ id, stream, revision, actor, source }: Envelope, position: bigint): LogRow {
  return { position, id, stream, revision, actor, kind: source.kind, commandId: source.commandId }
}

const pageSize = 5_000

function logInPostgres({ query }: OutsideDatabase): OutsideLog {
  interface Row extends Record<string, unknown> {
    readonly position: string
    readonly recorded_at: string
    readonly envelope: string
    readonly data: string
  }
  async function* pages(after: bigint, columns: string): AsyncIterable<readonly Row[]> {
    for (let from = after; ;) {
      const rows = await query<Row>(
        `select position, ${columns} from ledger_events where position > $1 order by position limit $2`,
        [from.toString(), pageSize],
      )
      yield rows
      if (rows.length < pageSize) return
      from = BigInt(rows.at(-1)?.position ?? '0')
    }
  }

  return {
    isDense: true,
    async head() {
      const [row] = await query<{ position: string }>('select position::text from ledger_head')
      return BigInt(row?.position ?? '0')
    },
    async idAt(position) {
      const [row] = await query<{ id: string }>('select id from ledger_events where position = $1', [`${position}`])
      return row?.id
    },
    async *rows(after) {
      // the columns beside the texts must say the same
      for await (const page of pages(after, 'id, stream, revision, command_id, envelope'))
        for (const { position, envelope, ...columns } of page) {
          const row = rowOf(JSON.parse(envelope) as Envelope, BigInt(position)) // the canonical envelope
          const { id, stream, revision, command_id: commandId } = columns
          if (
            row.id !== id ||
            row.stream !== stream ||
            row.revision !== revision ||
            row.commandId !== (commandId ?? undefined)
          )
            throw new Error(`the columns at ${position} say ${JSON.stringify(columns)}, the envelope ${envelope}`)
          yield row
        }
    },
    async *events() {
      for await (const page of pages(0n, 'recorded_at, envelope, data'))
        for (const { position, recorded_at: at, envelope, data } of page)
          yield lifted(
            JSON.parse(envelope) as Envelope, // as they were written by encodeAppend
            JSON.parse(data),
            BigInt(position),
            new Date(Number(at)).toISOString(),
          )
    },
    close: async () => undefined,
  }
}

/** of the ledger's streams */
const prefix = 'cl.'

/** With a client of its own, connected to the server directly. */
function logInEventStoreDb(url: string): OutsideLog {
  const client = EventStoreDBClient.connectionString(url)
  const placeOf = ({ commitPosition, event }: ResolvedEvent): bigint => commitPosition ?? event?.position?.commit ?? 0n
  const envelopeOf = ({ event }: ResolvedEvent): Envelope | undefined => {
    if (!event?.isJson || event.type.startsWith('$') || !event.streamId.startsWith(prefix)) return undefined
    const metadata = event.metadata as unknown as Envelope // as toEventData wrote it
    const stream = event.streamId.slice(prefix.length)
    return { ...metadata, type: event.type, stream, revision: Number(event.revision) }
  }

  async function* all(after: bigint): AsyncIterable<{ resolved: ResolvedEvent; envelope: Envelope; position: bigint }> {
    const fromPosition = after === 0n ? START : { commit: after, prepare: after }
    for await (const resolved of client.readAll({ direction: FORWARDS, fromPosition, maxCount: 1_000_000_000 })) {
      const envelope = envelopeOf(resolved)
      const position = placeOf(resolved)
      if (envelope && position > after) yield { resolved, envelope, position }
    }
  }

  return {
    isDense: false,
    async head() {
      for await (const resolved of client.readAll({ direction: BACKWARDS, fromPosition: END, maxCount: 1_000 }))
        if (envelopeOf(resolved)) return placeOf(resolved)
      return 0n
    },
    async idAt(position) {
      const fromPosition = { commit: position, prepare: position }
      for await (const resolved of client.readAll({ direction: FORWARDS, fromPosition, maxCount: 1 }))
        return envelopeOf(resolved)?.id
      return undefined
    },
    async *rows(after) {
      for await (const { envelope, position } of all(after)) yield rowOf(envelope, position)
    },
    async *events() {
      for await (const { resolved, envelope, position } of all(0n))
        yield lifted(envelope, resolved.event?.data, position, resolved.event?.created.toISOString() ?? '')
    },
    // it may wait for ever for a stream that an error has ended (the adapter's `guardedClient` has the same limit)
    close: () => Promise.race([client.dispose(), sleep(2_000, undefined, { ref: false })]),
  }
}
