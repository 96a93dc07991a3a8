import { plus } from '../../domain/kernel/decimalText.ts'
import type { OrderEvent } from '../../domain/orders/events.ts'
import { lineEffects } from '../../domain/orders/lineEffects.ts'
import type { RecordedEvent } from '../../ledger/envelope.ts'
import type { EventRegistry } from '../../ledger/eventRegistry.ts'
import type { EventStore } from '../../ledger/eventStore.ts'
import type { Demand, MonthlyDemand } from '../../projections/models/sales/openDemand.ts'
import { createLogScan } from '../logScan.ts'

const types = ['OrderPlaced', 'OrderAmended'] as const
type Ordered = Extract<OrderEvent, { type: (typeof types)[number] }> & RecordedEvent

interface Kept extends MonthlyDemand {
  readonly companyId: string
  readonly eventId: string
  readonly position: bigint
}

/** Demand scanned from the log and kept in memory: for tests, the demonstration and small ledgers. */
export function createLedgerDemand(log: { readonly store: EventStore; readonly registry: EventRegistry }): Demand {
  const rows: Kept[] = []
  const orders = new Map<string, Pick<Kept, 'companyId' | 'dealerId' | 'month' | 'fromParty' | 'fromLocation'>>()
  const products = new Map<string, Pick<Kept, 'sku' | 'unit'>>()
  const { catchUp, declared } = createLogScan(log, types, (event) => take(event as Ordered)) // only those types come

  function take(event: Ordered): void {
    const { orderId } = event.data
    if (event.type === 'OrderPlaced') {
      const { companyId, dealerId, shipFrom, lines } = event.data
      const from = { fromParty: shipFrom.party, fromLocation: shipFrom.location }
      orders.set(orderId, { companyId, dealerId, month: event.occurredAt.slice(0, 7), ...from })
      for (const { lineNo, sku, unit } of lines) products.set(`${orderId} ${lineNo}`, { sku, unit })
    } else for (const { lineNo, after } of event.data.changes) products.set(`${orderId} ${lineNo}`, after)
    const order = orders.get(orderId)
    for (const { lineNo, measure, quantity } of lineEffects(event)) {
      const product = products.get(`${orderId} ${lineNo}`)
      if (measure !== 'ordered' || quantity === '0' || !order || !product) continue
      const { sku, unit } = product
      rows.push({ ...order, sku, unit, quantity, eventId: event.id, position: event.position })
    }
  }

  return {
    async monthly({ companyId, dealers, upTo }) {
      await catchUp(upTo)
      const sums = new Map<string, MonthlyDemand>()
      for (const row of rows) {
        if (row.companyId !== companyId || row.position > upTo || declared.has(row.eventId)) continue
        if (dealers && !dealers.includes(row.dealerId)) continue
        const { dealerId, sku, unit, month, fromParty, fromLocation } = row
        const key = JSON.stringify([dealerId, sku, unit, month, fromParty, fromLocation])
        const quantity = plus(sums.get(key)?.quantity ?? '0', row.quantity)
        sums.set(key, { dealerId, sku, unit, month, fromParty, fromLocation, quantity })
      }
      return [...sums.values()].filter(({ quantity }) => quantity !== '0')
    },
  }
}
