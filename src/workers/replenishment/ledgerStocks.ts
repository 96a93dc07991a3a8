import { instantOf } from '../../domain/kernel/businessTime.ts'
import { stockEffects } from '../../domain/stock/effects.ts'
import { stockEvents, type StockEvent } from '../../domain/stock/events.ts'
import { goodsMoved } from '../../domain/stock/goodsMoved.ts'
import { evolveStock, noStock, type StockState } from '../../domain/stock/state.ts'
import { stockId } from '../../domain/stock/stockKey.ts'
import type { RecordedEvent } from '../../ledger/envelope.ts'
import type { EventRegistry } from '../../ledger/eventRegistry.ts'
import type { EventStore } from '../../ledger/eventStore.ts'
import type { Stocks, StockSeen } from '../../projections/models/inventory/openStocks.ts'
import { createLogScan } from '../logScan.ts'

type Kept = RecordedEvent & StockEvent

/** A stock as far as its events are folded. */
interface Folded {
  readonly count: number
  readonly upTo: bigint
  readonly declared: number
  readonly state: StockState
  /** whether a quantity was ever said of it */
  readonly known: boolean
  readonly goodsAt?: number
  readonly leftAt?: number
}

const nothing: Folded = { count: 0, upTo: 0n, declared: 0, state: noStock, known: false }

/** Stocks scanned from the log and kept in memory: for tests, the demonstration and small ledgers. */
export function createLedgerStocks(log: { readonly store: EventStore; readonly registry: EventRegistry }): Stocks {
  const byParty = new Map<string, Map<string, { events: Kept[]; folded: Folded }>>()
  const types = stockEvents.map(({ type }) => type)
  const { catchUp, declared } = createLogScan(log, types, (event) => take(event as Kept)) // only those types come

  function take(event: Kept): void {
    const stocks = byParty.get(event.data.party) ?? new Map<string, { events: Kept[]; folded: Folded }>()
    byParty.set(event.data.party, stocks)
    const stock = stocks.get(stockId(event.data))
    if (stock) stock.events.push(event)
    else stocks.set(stockId(event.data), { events: [event], folded: nothing })
  }

  return {
    async of(party, upTo) {
      await catchUp(upTo)
      const seen: StockSeen[] = []
      for (const stock of byParty.get(party)?.values() ?? []) {
        stock.folded = fold(stock.folded, stock.events, upTo)
        const { state, known, goodsAt, leftAt } = stock.folded
        if (!known || !state.key) continue
        const { unit } = state.rules
        seen.push({
          ...state.key,
          levels: state.levels,
          ...(unit !== undefined && { unit }),
          ...(state.policy && { reorderPoint: state.policy.reorderPoint }),
          ...(goodsAt !== undefined && { goodsAt }),
          ...(leftAt !== undefined && { leftAt }),
        })
      }
      const place = ({ location, sku }: StockSeen): string => `${location}\n${sku}`
      return seen.toSorted((a, b) => (place(a) < place(b) ? -1 : 1))
    },
  }

  /** From where it stood, unless something was declared in error since or less is asked for. */
  function fold(before: Folded, events: readonly Kept[], upTo: bigint): Folded {
    let folded = before.declared === declared.size && before.upTo <= upTo ? before : nothing
    for (const event of events.slice(folded.count)) {
      if (event.position > upTo) break
      const count = folded.count + 1
      folded = declared.has(event.id) ? { ...folded, count } : { ...folded, count, ...withEvent(folded, event) }
    }
    return { ...folded, upTo, declared: declared.size }
  }
}

function withEvent(
  { state, known, goodsAt = 0, leftAt = 0 }: Folded,
  event: Kept,
): Omit<Folded, 'count' | 'upTo' | 'declared'> {
  const moved = goodsMoved(event.type)
  const at = instantOf(event.occurredAt)
  const [goods, left] = [moved ? Math.max(goodsAt, at) : goodsAt, moved === 'left' ? Math.max(leftAt, at) : leftAt]
  return {
    state: evolveStock(state, event),
    known: known || stockEffects(event).length > 0,
    ...(goods > 0 && { goodsAt: goods }),
    ...(left > 0 && { leftAt: left }),
  }
}
