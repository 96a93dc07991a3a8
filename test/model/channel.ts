import { parse, type World } from './oracle/world.ts'

// The channel that every sequence begins with, said once for the ledger and once for the oracle.

export const begin = Date.UTC(2026, 0, 5, 9)
export const dealers = ['D1', 'D2'] as const
export const skus = ['BIKE', 'HELMET'] as const
export const tiers = [
  { from: '0', to: '500', rate: '0.02' },
  { from: '500', rate: '0.05' },
] as const
export const months = Array.from({ length: 12 }, (_, month) => ({
  id: `2026-${String(month + 1).padStart(2, '0')}`,
  start: Date.UTC(2026, month, 1),
  end: Date.UTC(2026, month + 1, 1),
}))

/** Dealer D1 is invoiced when goods leave, D2 when they arrive. */
export function firstWorld(): World {
  return {
    seq: 0,
    prices: new Map(skus.map((sku) => [sku, [{ at: begin, price: parse('10'), id: `first ${sku}` }]])),
    stock: new Map(),
    orders: new Map(),
    transfers: new Map(),
    accounts: new Map(
      dealers.map((dealer) => [
        dealer,
        { orders: new Map(), held: new Set<string>(), invoices: new Map(), payments: new Map(), notes: 0n },
      ]),
    ),
    volume: [],
    settlements: new Map(),
    rules: {
      tiers: tiers.map((tier) => ({
        from: parse(tier.from),
        rate: parse(tier.rate),
        ...('to' in tier && { to: parse(tier.to) }),
      })),
      invoiceOn: new Map([
        ['D1', 'shipment'],
        ['D2', 'delivery'],
      ]),
    },
    periods: months.map((month) => ({ ...month, isSettled: false })),
    rebatesAt: begin,
    done: new Set(),
  }
}
