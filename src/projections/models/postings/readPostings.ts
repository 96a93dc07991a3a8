import { createHash } from 'node:crypto'
import type { z } from 'zod'
import { declaredEventId, errorDeclared } from '../../../domain/kernel/errorDeclaration.ts'
import { batchText, type Posting, totalsOf } from '../../../domain/postings/batchText.ts'
import type { exportPostings } from '../../../domain/postings/commands.ts'
import { legsOf, type Leg, type PostingEvent, reversed, takesBack } from '../../../domain/postings/legsOf.ts'
import type { PostingsState } from '../../../domain/postings/postings.ts'
import type { RecordedEvent } from '../../../ledger/envelope.ts'
import type { EventRegistry } from '../../../ledger/eventRegistry.ts'
import type { EventStore } from '../../../ledger/eventStore.ts'
import { postedTypes } from './model.ts'

interface Ports {
  readonly store: EventStore
  readonly registry: EventRegistry
}

interface Range {
  readonly companyId: string
  /** positions, (after, upTo] */
  readonly after: bigint
  readonly upTo: bigint
  /** stops behind the event with which so many legs are reached */
  readonly limit?: number
}

const posted: ReadonlySet<string> = new Set(postedTypes)
const pageSize = 5_000

/** The postings of a range of the log, in its order, and how far it was read: a function of the log alone, so that a batch is the same whenever it is fetched. */
export async function readPostings(
  ports: Ports,
  { companyId, after, upTo, limit = Number.POSITIVE_INFINITY }: Range,
): Promise<{ readonly postings: readonly Posting[]; readonly upTo: bigint }> {
  const postings: Posting[] = []
  for (let position = after; position < upTo;) {
    const page = await ports.store.readAll({
      after: position,
      limit: pageSize,
      types: [...postedTypes, errorDeclared.type],
    })
    for (const event of page.events) {
      if (event.position > upTo) break
      const entry = await entryOf(ports, event)
      postings.push(...entry.filter((leg) => leg.companyId === companyId))
      if (postings.length >= limit) return { postings, upTo: event.position }
    }
    position = page.position
    if (page.atHead) break
  }
  return { postings, upTo }
}

export type Batch = NonNullable<z.infer<typeof exportPostings.schema>['batch']>
/** legs of a batch, but that an entry is never cut */
export const batchLimit = 10_000

/** What the next batch holds; null when there is nothing to post. */
export async function drawBatch(
  ports: Ports,
  companyId: string,
  { charts, lastBatchNo, upTo: after }: PostingsState,
  head: bigint,
): Promise<Batch | null> {
  const chart = charts.at(-1)
  if (!chart) return null
  const range = { companyId, after: BigInt(after), upTo: head, limit: batchLimit }
  const { postings, upTo } = await readPostings(ports, range)
  if (postings.length === 0) return null
  const hash = createHash('sha256').update(batchText(postings, chart)).digest('hex')
  const place = { batchNo: lastBatchNo + 1, chartVersion: charts.length, after, upTo: upTo.toString() }
  return { ...place, count: postings.length, totals: totalsOf(postings), hash }
}

async function entryOf(ports: Ports, event: RecordedEvent): Promise<readonly Posting[]> {
  const declared = declaredEventId(event)
  if (declared !== undefined) {
    const named = await earlier(ports, event, ({ id }) => id === declared)
    return named.flatMap((one) => takenBackBy(event, one))
  }
  const lifted = lift(ports, event)
  const document = takesBack(lifted)
  if (document === undefined) return placed(event, legsOf(lifted))
  const wrong = new Set(
    (await earlier(ports, event, ({ type }) => type === errorDeclared.type)).map((one) => declaredEventId(one)),
  )
  const issued = await earlier(
    ports,
    event,
    ({ type, data, id }) =>
      type === 'InvoiceIssued' && (data as { invoiceId: string }).invoiceId === document && !wrong.has(id), // of that type
  )
  return issued.flatMap((one) => takenBackBy(event, one))

  function takenBackBy(by: RecordedEvent, original: RecordedEvent): readonly Posting[] {
    if (!posted.has(original.type)) return []
    return placed(by, reversed(legsOf(lift(ports, original)))).map((leg) => ({ ...leg, reverses: original.id }))
  }
}

function placed({ id, type, position, occurredAt }: RecordedEvent, legs: readonly Leg[]): readonly Posting[] {
  return legs.map((leg, index) => ({
    ...leg,
    position,
    legNo: index + 1,
    eventId: id,
    eventType: type,
    occurredAt,
  }))
}

/** Events of the same stream before this one. */
async function earlier(
  { store }: Ports,
  { stream, revision }: RecordedEvent,
  fits: (event: RecordedEvent) => boolean,
): Promise<readonly RecordedEvent[]> {
  const found: RecordedEvent[] = []
  for (let from = 0; from < revision; from += pageSize) {
    const page = await store.readStream(stream, { from, limit: Math.min(pageSize, revision - from) })
    found.push(...page.filter(fits))
  }
  return found
}

function lift({ registry }: Ports, { type, schemaVersion, data, id, occurredAt, revision }: RecordedEvent) {
  // one of the types that are posted, by who calls
  return { type, data: registry.upcast(type, schemaVersion, data), id, occurredAt, revision } as unknown as PostingEvent
}
