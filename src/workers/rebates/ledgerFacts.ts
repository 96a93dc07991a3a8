import { inForce, withEffective, type Effective } from '../../domain/kernel/effective.ts'
import { instantOf, type Instant } from '../../domain/kernel/businessTime.ts'
import { categoryCode } from '../../domain/rebates/categoryCode.ts'
import type { ProductEvent } from '../../domain/catalogue/events.ts'
import type { BasisFact } from '../../domain/rebates/basisFact.ts'
import {
  basisEventTypes,
  basisFacts,
  type BasisEvent,
  type KnownLine,
  type KnownOrder,
  type Logged,
} from '../../domain/rebates/basisFacts.ts'
import type { FactsQuery } from '../../domain/rebates/factsQuery.ts'
import { standingEventTypes, standingFacts, type StandingFact } from '../../domain/rebates/standingFacts.ts'
import { isWithoutValue } from '../../domain/rebates/terms.ts'
import type { RecordedEvent } from '../../ledger/envelope.ts'
import type { EventRegistry } from '../../ledger/eventRegistry.ts'
import type { EventStore } from '../../ledger/eventStore.ts'
import { createLogScan } from '../logScan.ts'
import type { DealerCurrency, RebateFacts } from './rebateFacts.ts'

const types = [...new Set<string>([...basisEventTypes, ...standingEventTypes, 'ProductPublished', 'ProductRevised'])]

/** What the catalogue says of a sku. */
interface Known {
  /** of its publication */
  readonly owner?: { readonly companyId: string; readonly unit: string; readonly since: bigint }
  readonly pictures: readonly Effective<{ readonly categories: readonly string[]; readonly launchedOn?: string }>[]
}

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
export function createLedgerFacts(log: { readonly store: EventStore; readonly registry: EventRegistry }): RebateFacts {
  const byDealer = new Map<string, Kept[]>()
  const orders = new Map<string, KnownOrder>()
  const products = new Map<string, Known>()
  const standings = new Map<string, { readonly eventId: string; readonly fact: StandingFact }[]>()
  const { catchUp, declared } = createLogScan(log, types, (event) => {
    if (event.stream.startsWith('product-')) learn(event as ProductEvent & RecordedEvent)
    // only the types of `basisEventTypes` and `standingEventTypes` are left
    else take(event as Logged<BasisEvent>)
  })

  function learn({ type, data, id: eventId, position: at }: ProductEvent & RecordedEvent): void {
    if (type !== 'ProductPublished' && type !== 'ProductRevised') return
    const { sku, category, subcategory, unit, launchedOn, effectiveAt } = data
    const categories = [category, subcategory].filter((one) => one !== undefined).map(categoryCode)
    const value = { categories, ...(launchedOn !== undefined && { launchedOn }) }
    const known = products.get(sku)
    const owner = known?.owner ?? ('companyId' in data ? { companyId: data.companyId, unit, since: at } : undefined)
    const pictures = withEffective(known?.pictures ?? [], { effectiveAt, eventId, value })
    products.set(sku, { pictures, ...(owner && { owner }) })
  }

  /** With what the catalogue says of its product, as it was on the day of the sale. */
  function withProduct(fact: BasisFact, currency: string | undefined): BasisFact {
    if (fact.basis === 'evidence') return { ...fact, currency: currency ?? '' }
    const { pictures = [], owner } = products.get(fact.sku) ?? {}
    const known = inForce(
      pictures.filter(({ eventId }) => !declared.has(eventId)),
      instantOf(fact.saleAt),
    )
    const said = known ? { ...fact, ...known.value } : fact
    if (fact.basis !== 'sold-out') return said
    const { companyId = '', unit = '' } = owner ?? {}
    return { ...said, companyId, unit, currency: currency ?? '' }
  }

  function take(event: Logged<BasisEvent>): void {
    for (const fact of standingFacts(event)) {
      const facts = standings.get(fact.dealerId) ?? []
      facts.push({ eventId: event.id, fact })
      standings.set(fact.dealerId, facts)
    }
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
    return companyOf(fact, upTo) === companyId && !declared.has(fact.eventId)
  }

  /** What the company itself sells from its own stock is no sell-out. */
  function companyOf({ basis, sku, companyId, dealerId }: BasisFact, upTo: bigint): string | undefined {
    if (basis !== 'sold-out') return companyId
    const owner = products.get(sku)?.owner
    return owner && owner.since <= upTo && owner.companyId !== dealerId ? owner.companyId : undefined
  }

  return {
    async dealers(query) {
      await catchUp(query.upTo)
      return [...byDealer.values()]
        .flatMap((facts) => {
          // mostly asked of the newest
          const last = facts.findLast((kept) => isAsked(query, kept))
          if (!last) return []
          const { dealerId, currency } = last.fact
          return [{ dealerId, currency: isWithoutValue(query.basis) ? (query.currency ?? '') : currency }]
        })
        .sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1))
    },
    async facts(query, of) {
      await catchUp(query.upTo)
      return of.flatMap(({ dealerId, currency }) => {
        if (isWithoutValue(query.basis) && currency !== query.currency) return []
        const key = keyOf({ dealerId, currency: isWithoutValue(query.basis) ? '' : currency })
        return (byDealer.get(key) ?? [])
          .filter((kept) => isAsked(query, kept))
          .map(({ fact }) => withProduct(fact, query.currency))
      })
    },
    async standing({ companyId, about, upTo }, dealerIds) {
      await catchUp(upTo)
      return dealerIds.flatMap((dealerId) =>
        (standings.get(dealerId) ?? []).flatMap(({ eventId, fact }) =>
          fact.companyId === companyId && about.has(fact.about) && !declared.has(eventId) ? [fact] : [],
        ),
      )
    },
  }
}

/** What later events of the order leave unsaid. */
function orderAfter(before: KnownOrder | undefined, event: Logged<BasisEvent>): KnownOrder | undefined {
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
