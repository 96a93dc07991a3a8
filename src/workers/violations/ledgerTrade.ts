import { completed } from '../../domain/detection/completed.ts'
import type { Trade, TradeWindow } from '../../domain/detection/judge.ts'
import {
  tradeEventTypes,
  tradeFactsOf,
  type SellIn,
  type Standing,
  type TradeEvent,
} from '../../domain/detection/tradeFact.ts'
import { placeOf } from '../../domain/detection/placeOf.ts'
import { instantOf } from '../../domain/kernel/businessTime.ts'
import type { RecordedEvent } from '../../ledger/envelope.ts'
import type { EventRegistry } from '../../ledger/eventRegistry.ts'
import type { EventStore } from '../../ledger/eventStore.ts'
import { resalePriceOf } from '../../projections/models/violations/resalePriceOf.ts'
import { createLogScan } from '../logScan.ts'

/**
 * Trade scanned from the log and kept in memory: for tests, the demonstration and small ledgers. Reads on from where it
 * stood, so that it costs what is new.
 */
export function createLedgerTrade(log: { readonly store: EventStore; readonly registry: EventRegistry }): Trade {
  const byDealer = new Map<string, Standing[]>()
  const bySku = new Map<string, Standing<SellIn>[]>()
  const orders = new Map<string, SellIn>()
  // only the types of `tradeEventTypes` come
  const { catchUp, declared } = createLogScan(log, tradeEventTypes, (event) =>
    take(event as TradeEvent & RecordedEvent),
  )

  function take(event: TradeEvent & RecordedEvent): void {
    for (const fact of standingFacts(event)) {
      const whole = fact.kind === 'repriced' ? completed(fact, orders.get(fact.orderId)) : fact
      if (!whole) continue
      if (whole.kind === 'sell-in') {
        orders.set(whole.orderId, whole)
        put(bySku, whole.sku, whole)
      }
      put(byDealer, whole.dealerId, whole)
    }
  }

  return {
    async dealers(upTo) {
      await catchUp(upTo)
      return [...byDealer]
        .filter(([, facts]) => facts.some(({ position }) => position <= upTo))
        .map(([id]) => id)
        .toSorted()
    },
    async of(dealerId, window) {
      await catchUp(window.upTo)
      return asked(byDealer.get(dealerId) ?? [], window, declared)
    },
    async ofSku(sku, window) {
      await catchUp(window.upTo)
      return asked(bySku.get(sku) ?? [], window, declared)
    },
    priceOf: (resale) => resalePriceOf(log, resale),
  }
}

/** The facts of an event, each with where it stands. */
export function standingFacts(event: TradeEvent & RecordedEvent): readonly Standing[] {
  const { id: eventId, stream, revision, occurredAt: at, position } = event
  return tradeFactsOf(event).map((fact) => ({ ...fact, eventId, stream, revision, at, position }))
}

/** Keeps the order of business time, then of the log; mostly it comes in it. */
function put<F extends Standing>(facts: Map<string, F[]>, key: string, fact: F): void {
  const known = facts.get(key)
  if (known) known.splice(placeOf(known, instantOf(fact.at) + 1), 0, fact)
  else facts.set(key, [fact])
}

function asked<F extends Standing>(
  facts: readonly F[],
  { from, until, upTo }: TradeWindow,
  declared: ReadonlySet<string>,
): F[] {
  return facts
    .slice(placeOf(facts, from), placeOf(facts, until))
    .filter(({ position, eventId }) => position <= upTo && !declared.has(eventId))
}
