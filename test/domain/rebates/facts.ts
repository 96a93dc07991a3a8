import type { BasisFact } from '../../../src/domain/rebates/basisFact.ts'
import type { Method, Terms } from '../../../src/domain/rebates/terms.ts'

/** A programme on delivered net sales with the given shape; everything else is plain. */
export function termsWith(method: Method, change: Partial<Terms> = {}): Terms {
  return {
    version: 1,
    name: { en: 'Volume rebate', 'zh-CN': '销量返利' },
    payer: 'maker',
    effectiveFrom: '2026-01-01T00:00:00.000Z[UTC]',
    eligibility: { kind: 'all' },
    products: {},
    basis: 'delivered',
    measure: 'net',
    returns: 'deduct',
    calendarId: 'gregorian',
    grain: 'quarter',
    method,
    rounding: { mode: 'half-up', level: 'settlement' },
    accrual: 'most-likely-amount',
    outlet: 'credit_note',
    negativeInterim: 'carry',
    graceDays: 5,
    clawbackDays: 180,
    ...change,
  }
}

/** A line of volume; the n-th of a test lies n minutes into the quarter, at position n. */
export function fact(n: number, net: string, change: Partial<BasisFact> = {}): BasisFact {
  const occurredAt = new Date(Date.UTC(2026, 0, 10) + n * 60_000).toISOString().replace('Z', 'Z[UTC]')
  return {
    basis: 'delivered',
    eventId: `event-${n}`,
    lineNo: 1,
    orderId: `order-${n}`,
    companyId: 'maker',
    dealerId: 'dealer',
    currency: 'USD',
    sku: 'bike',
    unit: 'EA',
    quantity: '1',
    net,
    gross: net,
    kind: net.startsWith('-') ? 'return' : 'sale',
    occurredAt,
    position: String(n),
    saleAt: occurredAt,
    ...change,
  }
}
