import type { z } from 'zod'
import { aggregates } from '../../src/domain/registry.ts'
import { businessTime, instantOf } from '../../src/domain/kernel/businessTime.ts'
import type { EventDefinition } from '../../src/domain/kernel/event.ts'
import { historyId, type HistoryEvent } from './historyEvent.ts'
import { seededRandom } from './seededRandom.ts'
import { smallChannel } from './smallChannel.ts'

/**
 * A history that holds every event type of the registry: first a realistic small channel, then events that the zod schemas
 * themselves describe, over a handful of ids, so that they meet on the same rows. A quarter of them are late, and some
 * of those that may be are declared in error.
 */
export function sampleHistory(seed: number, perType = 2): readonly HistoryEvent[] {
  const random = seededRandom(seed)
  const below = (n: number): number => Math.floor(random() * n)
  const start = instantOf('2026-03-04T00:00:00.000Z[UTC]')
  const history: HistoryEvent[] = [...smallChannel]
  const definitions = aggregates.flatMap(({ category, events }) =>
    events.map((definition) => ({ category, definition })),
  )
  const plan = Array.from({ length: perType }, () => definitions)
    .flat()
    .map((one) => ({ one, order: random() }))
    .sort((a, b) => a.order - b.order)
    .map(({ one }) => one)
  const declarable = new Map<string, HistoryEvent>()
  for (const [step, { category, definition }] of plan.entries()) {
    const late = below(4) === 0
    const instant = start + (late ? below(step * 2 + 1) - step : step) * 3_600_000
    const data = sampleOf(definition, random, instant)
    const event: HistoryEvent = {
      stream: streamOf(category, data),
      type: definition.type,
      at: businessTime(instant, below(3) === 0 ? 'Asia/Shanghai' : 'UTC'),
      data,
    }
    history.push(event)
    if (definition.correctable) declarable.set(historyId(history.length), event)
    if (below(12) === 0 && declarable.size > 0) {
      const [id, wrong] = [...declarable][below(declarable.size)]!
      declarable.delete(id)
      history.push({
        stream: wrong.stream,
        type: 'ErrorDeclared',
        at: event.at,
        data: { eventId: id, reason: 'incorrect_data' },
      })
    }
  }
  return history
}

/** Stream names need only be the same for the same object. */
function streamOf(category: string, data: Readonly<Record<string, unknown>>): string {
  const { party, location, sku, orderId, accountId, dealerId } = data
  if (category === 'stock') return `stock-${String(party)}/${String(location)}/${String(sku)}`
  if (category === 'dealer') return `dealer-${String(dealerId)}`
  if (category === 'account') return `account-${String(accountId)}`
  if (orderId !== undefined) return `${category}-${String(orderId)}`
  return `${category}-${Object.values(data).find((value) => typeof value === 'string') ?? 'one'}`
}

function sampleOf(
  definition: EventDefinition,
  random: () => number,
  instant: number,
): Readonly<Record<string, unknown>> {
  for (let attempt = 0; attempt < 200; attempt++) {
    const data = sampleValue(definition.schema, '', { random, instant })
    if (definition.schema.safeParse(data).success) return data as Readonly<Record<string, unknown>> // every event's data is an object
  }
  throw new Error(`no sample of ${definition.type} fits: give its field a candidate`)
}

export interface Sampling {
  readonly random: () => number
  readonly instant: number
}

/** Candidates by field name: few, so that samples meet. What fits the field's schema is chosen from. */
const vocabulary: Readonly<Record<string, readonly string[]>> = {
  node: ['due', 'due/earned', 'due/earned/tier-1'],
  dealerId: ['D1', 'D2', 'D3'],
  kind: ['low_stock', 'credit_hold'],
  alertId: [historyId(3)],
  party: ['ACME', 'D1'],
  location: ['MAIN', 'EAST'],
  companyId: ['ACME'],
  sku: ['BIKE', 'HELMET', 'GLOVE'],
  unit: ['EA'],
  orderId: ['O1', 'O2', 'O3'],
  shipmentId: ['S1', 'S2'],
  returnId: ['R1', 'R2'],
  invoiceId: ['I1', 'I2'],
  paymentId: ['P1', 'P2'],
  creditNoteId: ['CN1', 'CN2'],
  listId: ['BASE', 'GOLD', 'CONTRACT-D2'],
  promotionId: ['SPRING', 'AUTUMN'],
  territoryId: ['NW', 'SW'],
  programmeId: ['PROG-1', 'PROG-2'],
  periodId: ['2026-Q1', '2026-Q2'],
  postedIn: ['2026-Q2'],
  seenMonth: ['2026-03', '2026-04'],
  from: ['2026-04'],
  to: ['2026-05'],
  month: ['2026-04', '2026-05', '2026-06'],
  calendarId: ['ACME'],
  transferId: ['T1', 'T2'],
  principalId: ['clerk-1', 'buyer-1'],
  webhookId: ['W1', 'W2'],
  keyId: ['K1', 'K2'],
  lot: ['-', 'L1', 'L2'],
  accountId: ['D1', 'D3'],
  currency: ['USD', 'CNY'],
  base: ['USD'],
  quote: ['CNY'],
  tier: ['gold', 'silver'],
  country: ['US', 'CN'],
  region: ['US/Washington', 'CN/ZJ'],
  category: ['Bikes', 'Safety'],
  reservationId: ['O1:1', 'O2:1'],
  supplyId: ['PO-1', 'PO-2'],
  blockId: ['B1', 'B2'],
  login: ['analyst_000000000001', 'analyst_000000000002'],
  verifier: [`SCRAM-SHA-256$4096:${'A'.repeat(22)}==$${'B'.repeat(43)}=:${'C'.repeat(43)}=`],
  holdId: ['over_limit/O1', 'overdue/D1'],
}
const anyText = [
  'some-code',
  'Some label',
  'A1',
  '7',
  '12.5',
  '0',
  '3',
  'USD',
  'EA',
  'US',
  'US/Washington',
  'US/*',
  'UTC',
  '2026-05-01',
  'pricing.no_price',
  'https://example.com/hook',
  'PriceChanged',
  'a'.repeat(64),
  '1/3',
  historyId(3),
] as const
const anyNumber = [1, 2, 3, 0, 30, 120, 1_772_323_200_000] as const

/** A value of a schema of the kinds that event schemas are made of. */
export function sampleValue(schema: z.core.$ZodType, name: string, sampling: Sampling): unknown {
  const { random } = sampling
  const pick = <T>(items: readonly T[]): T => items[Math.floor(random() * items.length)]!
  // every schema of zod 4 is one of its own $ZodTypes, whose union discriminates on the definition's type
  const { def } = (schema as z.core.$ZodTypes)._zod
  if ((schema as z.ZodType).meta?.()?.['personal'] === true) return sealedSample
  const fitting = <T>(candidates: readonly T[]): T => {
    const fits = candidates.filter((value) => (schema as z.ZodType).safeParse(value).success)
    if (fits.length === 0) throw new Error(`no candidate fits the field ${name}`)
    return pick(fits)
  }
  switch (def.type) {
    case 'object': {
      const entries = Object.entries(def.shape).map(([key, inner]) => [key, sampleValue(inner, key, sampling)] as const)
      return Object.fromEntries(entries.filter(([, value]) => value !== undefined))
    }
    case 'array': {
      const longest = name === 'lots' || name === 'roundings' ? 1 : 2
      for (let length = Math.floor(random() * (longest + 1)); ; length++) {
        const items = Array.from({ length }, () => sampleValue(def.element, name, sampling))
        const numbered = items.map((item, index) => withLineNo(item, index + 1))
        if (length > longest || (schema as z.ZodType).safeParse(numbered).success) return numbered
      }
    }
    case 'record':
      return { [String(sampleValue(def.keyType, '', sampling))]: sampleValue(def.valueType, '', sampling) }
    case 'union':
      return sampleValue(pick(def.options), name, sampling)
    case 'optional':
      return random() < 0.5 ? undefined : sampleValue(def.innerType, name, sampling)
    case 'nullable':
    case 'default':
    case 'readonly':
      return sampleValue(def.innerType, name, sampling)
    case 'string': {
      const named = (vocabulary[name] ?? []).filter((value) => (schema as z.ZodType).safeParse(value).success)
      return named.length > 0 ? pick(named) : fitting([...anyText, ...timesNear(sampling)])
    }
    case 'number':
      return fitting(anyNumber)
    case 'boolean':
      return random() < 0.5
    case 'enum':
      return pick(Object.values(def.entries))
    case 'literal':
      return pick(def.values)
    default:
      throw new Error(`no sample for a ${def.type} (${name})`)
  }
}

/** Lines of a document are numbered: two of one number would be no document. */
function withLineNo(item: unknown, lineNo: number): unknown {
  return typeof item === 'object' && item !== null && 'lineNo' in item ? { ...item, lineNo } : item
}

/** Business times some days around the event's own. */
function timesNear({ random, instant }: Sampling): string[] {
  return [businessTime(instant + Math.floor((random() - 0.5) * 20 * 86_400_000), 'UTC')]
}

const sealedSample = {
  sealed: 1,
  subject: 'person-1',
  event: historyId(1),
  path: 'note',
  iv: 'AAAAAAAAAAAAAAAA',
  text: 'AAAA',
}
