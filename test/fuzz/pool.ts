import { alertChangeOf } from '../../src/domain/alerts/alertChange.ts'
import type { RecordedEvent } from '../../src/ledger/envelope.ts'

type Scalar = string | number | boolean
/** The scalars of one event by field name, wherever they stand in it: what belongs together. */
export type Context = Readonly<Record<string, readonly Scalar[]>>

/** Real values by field name, and the events they come from: what makes a generated request reach something. */
export interface Pool {
  values(name: string): readonly Scalar[]
  /** events that hold all fields of the first choice that any event holds; every event when none does */
  contexts(...choices: readonly (readonly string[])[]): readonly Context[]
}

const keptValues = 60
const keptContexts = 100

export function createPool(log: readonly RecordedEvent[]): Pool {
  const values = new Map<string, Set<Scalar>>()
  const contexts = log.map(contextOf)
  for (const context of spread(contexts, 4_000))
    for (const [name, found] of Object.entries(context)) {
      const known = values.get(name) ?? values.set(name, new Set()).get(name)
      if (known && known.size < keptValues) for (const value of found) known.add(value)
    }
  const byNames = new Map<string, readonly Context[]>()
  return {
    values: (name) => [...(values.get(name) ?? [])],
    contexts(...choices) {
      for (const names of [...choices, []]) {
        const key = names.join()
        const kept =
          byNames.get(key) ??
          spread(
            contexts.filter((one) => names.every((name) => name in one)),
            keptContexts,
          )
        byNames.set(key, kept)
        if (kept.length > 0) return kept
      }
      throw new Error('a pool without events')
    },
  }
}

function contextOf(event: RecordedEvent): Context {
  const { stream, type, id, actor, occurredAt, position, data } = event
  const found: Record<string, Scalar[]> = {}
  const note = (name: string, value: Scalar): void => void (found[name] ??= []).push(value)
  const walk = (name: string, value: unknown): void => {
    if (Array.isArray(value)) for (const item of value.slice(0, 8)) walk(name, item)
    else if (typeof value === 'object' && value !== null) {
      if ('sealed' in value) return
      for (const [key, inner] of Object.entries(value)) walk(key, inner)
    } else if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') note(name, value)
  }
  walk('data', data)
  for (const [name, value] of Object.entries({ stream, types: type, eventId: id, code: type, actor, occurredAt }))
    note(name, value)
  for (const name of ['knownAt', 'after', 'position']) note(name, position.toString())
  if (alertChangeOf(event)?.change === 'raised') note('alertId', id)
  // the same thing under the names that other routes have for it
  for (const [name, other] of alike) for (const value of found[name] ?? []) note(other, value)
  return found
}

const alike: readonly (readonly [string, string])[] = [
  ['dealerId', 'party'],
  ['dealerId', 'accountId'],
  ['orderId', 'search'],
  ['sku', 'search'],
  ['occurredAt', 'effectiveAt'],
  ['occurredAt', 'asOf'],
  ['paymentId', 'documentId'],
  ['creditNoteId', 'documentId'],
]

/** At most `count` of them, evenly from the whole. */
function spread<T>(items: readonly T[], count: number): readonly T[] {
  if (items.length <= count) return items
  return Array.from({ length: count }, (_, n) => items[Math.floor((n * items.length) / count)] as T) // inside its bounds
}
