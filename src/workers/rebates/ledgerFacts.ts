import { instantOf } from '../../domain/kernel/businessTime.ts'
import { declaredEventId } from '../../domain/kernel/errorDeclaration.ts'
import type { ProductEvent } from '../../domain/catalogue/events.ts'
import type { OrderEvent } from '../../domain/orders/events.ts'
import type { BasisFact } from '../../domain/rebates/basisFact.ts'
import {
  basisEventTypes,
  basisFacts,
  type KnownLine,
  type KnownOrder,
  type Logged,
} from '../../domain/rebates/basisFacts.ts'
import type { ReceivableEvent } from '../../domain/receivables/events.ts'
import type { EventRegistry } from '../../ledger/eventRegistry.ts'
import type { EventStore } from '../../ledger/eventStore.ts'
import type { DealerCurrency, FactsQuery, RebateFacts } from './rebateFacts.ts'

const types = [...basisEventTypes, 'ProductPublished', 'ProductRevised', 'ErrorDeclared']

/**
 * Facts scanned from the log and kept in memory: for tests, the demonstration and small ledgers. Reads on from where it
 * stood, so that it costs what is new.
 */
export function createLedgerFacts({
  store,
  registry,
}: {
  readonly store: EventStore
  readonly registry: EventRegistry
}): RebateFacts {
  const byDealer = new Map<string, BasisFact[]>()
  const orders = new Map<string, KnownOrder>()
  const categories = new Map<string, readonly string[]>()
  const declared = new Set<string>()
  let position = 0n

  async function catchUp(upTo: bigint): Promise<void> {
    while (position < upTo) {
      const page = await store.readAll({ after: position, limit: 5_000, types })
      for (const event of page.events) {
        const data = registry.upcast(event.type, event.schemaVersion, event.data)
        const named = declaredEventId(event)
        if (named !== undefined) declared.add(named)
        else if (event.stream.startsWith('product-')) learn({ type: event.type, data } as ProductEvent)
        // only the types of `basisEventTypes` are left
        else take({ ...event, data } as Logged<OrderEvent | ReceivableEvent>)
      }
      position = page.position
      if (page.atHead) return
    }
  }

  function learn({ type, data }: ProductEvent): void {
    if (type !== 'ProductPublished' && type !== 'ProductRevised') return
    const { sku, category, subcategory } = data
    categories.set(sku, [category, subcategory].filter((one) => one !== undefined).map(categoryCode))
  }

  function take(event: Logged<OrderEvent | ReceivableEvent>): void {
    const orderId = 'orderId' in event.data ? event.data.orderId : undefined
    const order = orderId === undefined ? undefined : orders.get(orderId)
    for (const fact of basisFacts(event, order)) {
      const key = keyOf(fact)
      const known = categories.get(fact.sku)
      const facts = byDealer.get(key) ?? []
      facts.push(known ? { ...fact, categories: known } : fact)
      byDealer.set(key, facts)
    }
    const next = orderAfter(order, event)
    if (next !== undefined && orderId !== undefined) orders.set(orderId, next)
  }

  function isAsked({ companyId, basis, from, until, upTo }: FactsQuery, fact: BasisFact): boolean {
    if (fact.basis !== basis || fact.companyId !== companyId || declared.has(fact.eventId)) return false
    const sale = instantOf(fact.saleAt)
    return from <= sale && sale < until && BigInt(fact.position) <= upTo
  }

  return {
    async dealers(query) {
      await catchUp(query.upTo)
      return [...byDealer.values()]
        .flatMap((facts) => {
          const [first] = facts
          return first && facts.some((fact) => isAsked(query, fact))
            ? [{ dealerId: first.dealerId, currency: first.currency }]
            : []
        })
        .sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1))
    },
    async facts(query, of) {
      await catchUp(query.upTo)
      return of.flatMap((one) => (byDealer.get(keyOf(one)) ?? []).filter((fact) => isAsked(query, fact)))
    },
  }
}

/** What later events of the order leave unsaid. */
function orderAfter(
  before: KnownOrder | undefined,
  event: Logged<OrderEvent | ReceivableEvent>,
): KnownOrder | undefined {
  const { type, data, occurredAt } = event
  if (type === 'OrderPlaced') {
    const { companyId, dealerId, currency } = data
    const lines = data.lines.map((line) => [line.lineNo, lineOf(line)] as const)
    return { companyId, dealerId, currency, placedAt: occurredAt, lines: Object.fromEntries(lines) }
  }
  if (before === undefined) return undefined
  if (type === 'OrderAmended' || type === 'RepriceApplied' || type === 'PriceOverrideApproved') {
    const changes = type === 'PriceOverrideApproved' ? [data] : data.changes
    const lines = changes.map(({ lineNo, after }) => [lineNo, { ...before.lines[lineNo], ...lineOf(after) }] as const)
    return { ...before, lines: { ...before.lines, ...Object.fromEntries(lines) } }
  }
  if (type === 'ShipmentDelivered') {
    const lines = data.lines.map(({ lineNo, sku, unit }): [number, KnownLine] => [
      lineNo,
      { sku, unit, deliveredAt: occurredAt, ...before.lines[lineNo] },
    ])
    return { ...before, lines: { ...before.lines, ...Object.fromEntries(lines) } }
  }
  return before
}

function lineOf({ sku, unit, tax }: { sku: string; unit: string; tax?: { amount: string } | undefined }): KnownLine {
  return { sku, unit, ...(tax && { tax: tax.amount }) }
}

/** Categories are labels in the catalogue and codes in programmes. */
export function categoryCode(label: string): string {
  return label
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-+|-+$/g, '')
}

function keyOf({ dealerId, currency }: DealerCurrency): string {
  return `${dealerId} ${currency}`
}
