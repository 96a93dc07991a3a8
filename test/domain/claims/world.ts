import type { DifferencesCommand } from '../../../src/domain/claims/commands.ts'
import type { DifferencesGiven } from '../../../src/domain/claims/differences.ts'
import type { LayerAt } from '../../../src/domain/claims/layer.ts'
import type { ClaimTerms } from '../../../src/domain/claims/policy.ts'
import type { CalendarState } from '../../../src/domain/calendars/state.ts'
import type { DealerAt } from '../../../src/domain/dealers/state.ts'
import { instantOf } from '../../../src/domain/kernel/businessTime.ts'
import type { PriceResolution } from '../../../src/domain/pricing/resolution.ts'

export const day = (date: string): string => `${date}T00:00:00.000Z[UTC]`
export const key = { companyId: 'maker', dealerId: 'dealer', sku: 'PHONE' }
export const change = '00000000-0000-7000-8000-00000000c001'

export const terms: ClaimTerms = {
  version: 1,
  effectiveFrom: day('2025-01-01'),
  protection: { method: 'layers', lookBackDays: 90, inTransit: false },
  rotation: { calendarId: 'gregorian', grain: 'quarter', share: '0.1', method: 'scrap' },
  claimWithinDays: 30,
  rounding: 'half-up',
  secondApprovalAbove: [{ currency: 'CNY', amount: '100000' }],
}

/** The `n`-th shipment: `bought` units at `price`, of which `left` have left the dealer. */
export function layer(n: number, price: string, bought: string, more: Partial<LayerAt> = {}): LayerAt {
  return {
    layer: `O${n}/S${n}/1`,
    eventId: `00000000-0000-7000-8000-${n.toString(16).padStart(12, '0')}`,
    companyId: 'maker',
    order: { orderId: `O${n}`, lineNo: 1 },
    unit: 'EA',
    currency: 'CNY',
    price,
    shippedAt: day('2026-01-10'),
    arrivedAt: day('2026-01-12'),
    bought,
    left: '0',
    onHand: bought,
    top: bought,
    ...more,
  }
}

export const goods = (layers: readonly LayerAt[], ...times: readonly string[]) => ({
  watermark: '100',
  moments: (times.length > 0 ? times : [day('2026-02-20')]).map((at) => ({ at, layers: [...layers] })),
})

export function listPrice(price: string, eventId = change): PriceResolution {
  return {
    strategy: 'priority',
    region: 'CN/SH',
    listId: 'BASE',
    listLevel: 'base',
    priceEventId: eventId,
    listPrice: price,
    promotions: [],
    discount: '0',
    unitPrice: price,
    rounding: { step: 'unit-price', mode: 'half-even', scale: 6, remainder: '0' },
    breaches: [],
    rejected: [],
  }
}

const quarter = { periodId: '2026-Q1', grain: 'quarter' as const, start: day('2026-01-01'), end: day('2026-04-01') }
export const calendar: CalendarState = {
  known: true,
  calendarId: 'gregorian',
  kind: 'gregorian',
  zone: 'UTC',
  name: { en: 'Calendar' },
  periods: [
    {
      ...quarter,
      startInstant: instantOf(quarter.start),
      endInstant: instantOf(quarter.end),
      graceDays: 0,
      closedBy: null,
    },
  ],
}

export const active = { dealerId: 'dealer', companyId: 'maker', status: 'active' } as DealerAt

export function given(more: Partial<DifferencesGiven> = {}): DifferencesGiven {
  return { terms, dealer: active, calendar, used: {}, quotes: {}, ...more }
}

/** The list price goes from `before` to `after` on 1 February. */
export function priceChange(before: string, after: string, of: ClaimTerms = terms): DifferencesGiven {
  return given({
    change: {
      effectiveAt: day('2026-02-01'),
      unit: 'EA',
      currency: 'CNY',
      terms: of,
      hasExited: false,
      before: listPrice(before, 'an-earlier-one'),
      after: listPrice(after),
    },
  })
}

export const proof = (n: number): string => n.toString(16).padStart(64, '0')

export const agreement = (more: object = {}): DifferencesCommand => ({
  type: 'MakeAgreement',
  ...key,
  agreementId: 'A1',
  kind: 'ship-and-debit',
  endCustomer: 'SCHOOL',
  contractPrice: '80',
  currency: 'CNY',
  unit: 'EA',
  quantity: '100',
  from: day('2026-01-01'),
  until: day('2026-04-01'),
  compared: 'layers',
  ...more,
})

export const soldOn = (date: string, quantity: string, more: object = {}) => ({
  lineNo: 1,
  soldAt: day(date),
  endCustomer: 'SCHOOL',
  quantity,
  proofs: [proof(1)],
  ...more,
})

export const shipAndDebit = (
  claimId: string,
  sales: ReturnType<typeof soldOn>[],
  layers: readonly LayerAt[],
): DifferencesCommand => ({
  type: 'SubmitClaim',
  ...key,
  claimId,
  kind: 'ship-and-debit',
  agreementId: 'A1',
  sales,
  proofs: [],
  goods: goods(layers, ...sales.map(({ soldAt }) => soldAt)),
})

export const specialPrice = (claimId: string, quantity: string, layers: readonly LayerAt[]): DifferencesCommand => ({
  type: 'SubmitClaim',
  ...key,
  claimId,
  kind: 'special-price',
  agreementId: 'A1',
  sales: [],
  proofs: [],
  quantity,
  goods: goods(layers),
})

export const rotation = (claimId: string, quantity: string, layers: readonly LayerAt[]): DifferencesCommand => ({
  type: 'SubmitClaim',
  ...key,
  claimId,
  kind: 'stock-rotation',
  periodId: '2026-Q1',
  sales: [],
  proofs: [],
  quantity,
  unit: 'EA',
  currency: 'CNY',
  goods: goods(layers),
})

export const protect = (layers: readonly LayerAt[]): DifferencesCommand => ({
  type: 'ProposeProtection',
  ...key,
  listId: 'BASE',
  changeId: change,
  goods: goods(layers, day('2026-02-01')),
})
