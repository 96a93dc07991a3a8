import { inForce, withEffective, type Effective } from '../../domain/kernel/effective.ts'
import { instantOf, type Instant } from '../../domain/kernel/businessTime.ts'
import { categoryCode } from '../../domain/rebates/categoryCode.ts'
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

/** With what every question compares, worked out once. */
interface Kept {
  readonly fact: BasisFact
  readonly sale: Instant
  readonly position: bigint
}

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
  const byDealer = new Map<string, Kept[]>()
  const orders = new Map<string, KnownOrder>()
  const categories = new Map<string, readonly Effective<readonly string[]>[]>()
  const declared = new Set<string>()
  let position = 0n

  async function catchUp(upTo: bigint): Promise<void> {
    while (position < upTo) {
      const page = await store.readAll({ after: position, limit: 5_000, types })
      for (const event of page.events) {
        const data = registry.upcast(event.type, event.schemaVersion, event.data)
        const named = declaredEventId(event)
        if (named !== undefined) declared.add(named)
        else if (event.stream.startsWith('product-')) learn({ type: event.type, data } as ProductEvent, event.id)
        // only the types of `basisEventTypes` are left
        else take({ ...event, data } as Logged<OrderEvent | ReceivableEvent>)
      }
      position = page.position
      if (page.atHead) return
    }
  }

  function learn({ type, data }: ProductEvent, eventId: string): void {
    if (type !== 'ProductPublished' && type !== 'ProductRevised') return
    const { sku, category, subcategory, effectiveAt } = data
    const value = [category, subcategory].filter((one) => one !== undefined).map(categoryCode)
    categories.set(sku, withEffective(categories.get(sku) ?? [], { effectiveAt, eventId, value }))
  }

  /** The categories of the day of the sale. */
  function withCategories(fact: BasisFact): BasisFact {
    const known = inForce(
      (categories.get(fact.sku) ?? []).filter(({ eventId }) => !declared.has(eventId)),
      instantOf(fact.saleAt),
    )
    return known ? { ...fact, categories: known.value } : fact
  }

  function take(event: Logged<OrderEvent | ReceivableEvent>): void {
    const orderId = 'orderId' in event.data ? event.data.orderId : undefined
    const order = orderId === undefined ? undefined : orders.get(orderId)
    for (const fact of basisFacts(event, order)) {
      const key = keyOf(fact)
      const facts = byDealer.get(key) ?? []
      facts.push({ fact, sale: instantOf(fact.saleAt), position: BigInt(fact.position) })
      byDealer.set(key, facts)
    }
    const next = orderAfter(order, event)
    if (next !== undefined && orderId !== undefined) orders.set(orderId, next)
  }

  function isAsked({ companyId, basis, from, until, upTo }: FactsQuery, { fact, sale, position: at }: Kept): boolean {
    if (sale < from || sale >= until || fact.basis !== basis || at > upTo) return false
    return fact.companyId === companyId && !declared.has(fact.eventId)
  }

  return {
    async dealers(query) {
      await catchUp(query.upTo)
      return [...byDealer.values()]
        .flatMap((facts) => {
          // mostly asked of the newest
          const last = facts.findLast((kept) => isAsked(query, kept))
          return last ? [{ dealerId: last.fact.dealerId, currency: last.fact.currency }] : []
        })
        .sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1))
    },
    async facts(query, of) {
      await catchUp(query.upTo)
      return of.flatMap((one) =>
        (byDealer.get(keyOf(one)) ?? []).filter((kept) => isAsked(query, kept)).map(({ fact }) => withCategories(fact)),
      )
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

function keyOf({ dealerId, currency }: DealerCurrency): string {
  return `${dealerId} ${currency}`
}
