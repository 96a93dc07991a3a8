import { randomBytes } from 'node:crypto'
import { aggregates } from '../src/domain/registry.ts'
import { businessTime } from '../src/domain/kernel/businessTime.ts'
import { createEventRegistry } from '../src/ledger/eventRegistry.ts'
import type { NewEvent } from '../src/ledger/envelope.ts'
import { type EventStore, noStream } from '../src/ledger/eventStore.ts'

/** Events of one stream, in order, and the revision that they go on from. */
interface Append {
  readonly stream: string
  readonly expectedRevision: number
  readonly events: readonly NewEvent[]
}

const [dealers, skus, linesPerOrder] = [400, 600, 3]
const start = Date.UTC(2020, 0, 1)

/**
 * A channel that goes on for ever: orders of three lines are placed, confirmed, allocated and shipped, their goods leave
 * stock and come in again, and dealers pay. Nine events an order; orders are new streams, stocks and accounts grow long.
 */
export function growingChannel(): { next(): readonly Append[] } {
  const registry = createEventRegistry(aggregates)
  const revisions = new Map<string, number>()
  let orders = 0
  return {
    next() {
      const n = orders++
      const at = businessTime(start + n * 60_000, 'UTC')
      const byStream = new Map<string, NewEvent[]>()
      const commandId = newId()
      for (const [stream, type, data] of orderCycle(n)) {
        const event: NewEvent = {
          id: newId(),
          type,
          schemaVersion: registry.definition(type).version,
          occurredAt: at,
          actor: 'bench',
          source: { kind: 'command', commandId },
          correlationId: `order-${n}`,
          data: n < 3 ? registry.validate(type, data) : data, // the others are of the same shape
        }
        byStream.set(stream, [...(byStream.get(stream) ?? []), event])
      }
      return [...byStream].map(([stream, events]): Append => {
        const expectedRevision = revisions.get(stream) ?? noStream
        revisions.set(stream, expectedRevision + events.length)
        return { stream, expectedRevision, events }
      })
    },
  }
}

/** Appends until the log holds `size` events, many at once. Answers how many it appended. */
export async function growTo(store: EventStore, channel: { next(): readonly Append[] }, size: number): Promise<number> {
  let appended = 0
  let held = Number(await store.head())
  while (held + appended < size) {
    // a batch is waited for before the next: appends of one stream must not overtake each other
    const batch = new Map<string, Append[]>()
    for (let events = 0; events < 2_000 && held + appended + events < size;) {
      for (const append of channel.next()) {
        batch.set(append.stream, [...(batch.get(append.stream) ?? []), append])
        events += append.events.length
      }
    }
    const results = await Promise.all(
      [...batch].map(async ([stream, appends]) => {
        const events = appends.flatMap((append) => append.events)
        return store.append(stream, events, { expectedRevision: appends[0]?.expectedRevision ?? noStream })
      }),
    )
    if (results.some(({ outcome }) => outcome !== 'appended')) throw new Error('an append met another')
    appended += [...batch.values()].flat().reduce((sum, { events }) => sum + events.length, 0)
  }
  return appended
}

type Recorded = readonly [stream: string, type: string, data: object]

function orderCycle(n: number): readonly Recorded[] {
  const orderId = `O${n}`
  const dealerId = `D${n % dealers}`
  const party = { companyId: 'acme', dealerId, currency: 'EUR' } as const
  const shipFrom = { party: 'acme', location: 'main' }
  const lines = Array.from({ length: linesPerOrder }, (_, line) => {
    const sku = `SKU${(n * linesPerOrder + line * 7) % skus}`
    return { lineNo: line + 1, sku, unit: 'EA', quantity: String(1 + (n % 5)), value: String(10 * (1 + (n % 5))) }
  })
  const order = (type: string, data: object): Recorded => [`order-${orderId}`, type, { orderId, ...data }]
  const stock = (sku: string, type: string, data: object): Recorded => [
    `stock-acme/main/${sku}`,
    type,
    { ...shipFrom, sku, ...data, breaches: [] },
  ]
  return [
    order('OrderPlaced', {
      ...party,
      placedVia: 'api',
      shipFrom,
      affectsStock: true,
      backorderPolicy: 'backorder',
      lines: lines.map(({ value, ...line }) => ({ ...line, unitPrice: '10', extended: value, lineValue: value })),
      breaches: [],
    }),
    order('OrderConfirmed', {
      confirmationId: `c-${orderId}`,
      lines: lines.map(({ lineNo, quantity }) => ({ lineNo, confirmed: quantity, backordered: '0' })),
    }),
    order('LinesAllocated', {
      allocationId: `a-${orderId}`,
      lines: lines.map(({ lineNo, quantity }) => ({ lineNo, quantity })),
    }),
    order('ShipmentDispatched', {
      ...party,
      shipmentId: `s-${orderId}`,
      shipFrom,
      affectsStock: true,
      lines,
      breaches: [],
    }),
    ...lines.map(({ sku, quantity }, line) =>
      stock(sku, 'StockIssued', {
        issueId: `i-${orderId}-${line}`,
        lines: [{ lot: 'main', quantity, allocated: '0' }],
      }),
    ),
    stock(lines[0]?.sku ?? '', 'StockReceived', {
      receiptId: `r-${orderId}`,
      lines: [{ lot: 'main', quantity: '9' }],
      fromOnOrder: '0',
      fromInTransit: '0',
    }),
    [
      `account-${dealerId}`,
      'PaymentReceived',
      {
        accountId: dealerId,
        ...party,
        paymentId: `p-${orderId}`,
        amount: '3000',
        method: 'bank_transfer',
        breaches: [],
      },
    ],
  ]
}

function newId(): string {
  const bytes = randomBytes(16)
  bytes[6] = (bytes.readUInt8(6) & 0x0f) | 0x80
  bytes[8] = (bytes.readUInt8(8) & 0x3f) | 0x80
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
}
