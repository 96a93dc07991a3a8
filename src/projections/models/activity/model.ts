import { instantOf } from '../../../domain/kernel/businessTime.ts'
import type { RecordedEvent } from '../../../ledger/envelope.ts'
import { type Fact, factTable, type ReadModel, type Value } from '../../engine/factTable.ts'
import { sentences } from './sentences.ts'

const entries = factTable(
  'entries',
  /** the event's ledger position */
  { entry: 'bigint' },
  {
    lasts: {
      event: 'text',
      code: 'text',
      stream: 'text',
      dealer_id: 'text',
      /** set where the event itself names no dealer: `dealer_id` is then the owner's of this order */
      order_id: 'text',
      actor: 'text',
      source: 'text',
      occurred_at: 'timestamptz',
      /** the ids and figures that its sentence names; nothing personal */
      subjects: 'jsonb',
    },
    time: 'known-only',
    indexes: [['dealer_id', 'entry'], ['order_id'], ['code', 'entry'], ['stream']],
  },
)
const owners = factTable('owners', { order_id: 'text' }, { lasts: { dealer_id: 'text' }, time: 'known-only' })

/** The activity feed: one line per event of whatever type. */
export const activityModel: ReadModel = {
  name: 'activity',
  version: 2,
  tables: [entries, owners],
  facts: activityFacts,
}

function activityFacts(event: RecordedEvent): readonly Fact[] {
  const data = event.data as Readonly<Record<string, unknown>> // every event's data is an object
  // stock is its party's; for orders the owner follows by their id
  const dealerId =
    textOf(data['dealerId']) ?? (/^stock(plan|advice)?-/.test(event.stream) ? textOf(data['party']) : undefined)
  const orderId = textOf(data['orderId'])
  const entry: Fact = {
    table: 'entries',
    key: { entry: event.position.toString() },
    lasts: {
      event: event.id,
      code: event.type,
      stream: event.stream,
      dealer_id: dealerId,
      order_id: orderId,
      actor: event.actor,
      source: event.source.kind,
      occurred_at: new Date(instantOf(event.occurredAt)).toISOString(),
      subjects: subjectsOf(event.type, data),
    },
  }
  const owned = (event.type === 'OrderPlaced' || event.type === 'OrderDrafted') && orderId !== undefined
  return owned ? [entry, { table: 'owners', key: { order_id: orderId }, lasts: { dealer_id: dealerId } }] : [entry]
}

/** What the sentence of the type names, and `lines`, the number of lines, for documents. Sentences name no personal field: a test holds them to it. */
function subjectsOf(type: string, data: Readonly<Record<string, unknown>>): Record<string, Value> {
  const names = placeholdersOf(type)
  const found = names.flatMap((name): [string, string][] => {
    const value = name === 'lines' ? lengthOf(data['lines'] ?? data['changes']) : scalarText(data[name])
    return value === undefined ? [] : [[name, value]]
  })
  return Object.fromEntries(found)
}

const known = new Map<string, readonly string[]>()

function placeholdersOf(type: string): readonly string[] {
  let names = known.get(type)
  if (!names) {
    const sentence = sentences[type]
    const found = sentence
      ? [...`${sentence.en} ${sentence.zh}`.matchAll(/\{(\w+)\}/g)].map((match) => match[1] ?? '')
      : []
    names = [...new Set(found)].sort()
    known.set(type, names)
  }
  return names
}

function lengthOf(value: unknown): string | undefined {
  return Array.isArray(value) ? value.length.toString() : undefined
}

function scalarText(value: unknown): string | undefined {
  return typeof value === 'number' || typeof value === 'boolean' ? value.toString() : textOf(value)
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}
