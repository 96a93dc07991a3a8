import { describe, expect, it } from 'vitest'
import { basisFacts, type BasisEvent, type KnownOrder, type Logged } from '../../../src/domain/rebates/basisFacts.ts'
import { factsOf, isEligible, type FactsRequest } from '../../../src/domain/rebates/factsOf.ts'
import { isInScope } from '../../../src/domain/rebates/productSet.ts'
import { instantOf } from '../../../src/domain/kernel/businessTime.ts'
import { fact, termsWith } from './facts.ts'

const placedAt = '2026-01-05T00:00:00.000Z[UTC]'
const now = '2026-02-01T00:00:00.000Z[UTC]'
const order: KnownOrder = {
  companyId: 'maker',
  dealerId: 'shop',
  currency: 'USD',
  placedAt,
  lines: { 1: { sku: 'bike', unit: 'EA', tax: '13', deliveredAt: '2026-01-20T00:00:00.000Z[UTC]' } },
}
const owner = { orderId: 'o-1', companyId: 'maker', dealerId: 'shop', currency: 'USD' }
const tax = (amount: string) => ({ code: 'vat', rate: '0.13', amount })
const goods = { lineNo: 1, sku: 'bike', unit: 'EA', quantity: '2', value: '200', tax: tax('26') }

type Any = BasisEvent
function logged(type: Any['type'], data: Record<string, unknown>): Logged<Any> {
  // a specification names only the fields that matter to rebates
  return { id: 'event-1', type, data, occurredAt: now, position: 7n, revision: 0 } as unknown as Logged<Any>
}
const brief = (event: Logged<Any>, known?: KnownOrder): unknown[] =>
  basisFacts(event, known).map(({ basis, quantity, net, gross, kind, saleAt }) => [
    basis,
    quantity,
    net,
    gross,
    kind,
    saleAt,
  ])

describe('the volume that events make', () => {
  it('an order placed, changed and cancelled is ordered volume of the day it was placed', () => {
    const after = { ...goods, lineValue: '300', quantity: '3', tax: tax('39') }
    const before = { quantity: '1', unitPrice: '100', lineValue: '100' }
    expect(brief(logged('OrderPlaced', { ...owner, lines: [{ ...goods, lineValue: '200' }] }))).toEqual([
      ['ordered', '2', '200', '226', 'sale', now],
    ])
    expect(brief(logged('OrderAmended', { orderId: 'o-1', changes: [{ lineNo: 1, before, after }] }), order)).toEqual([
      ['ordered', '2', '200', '226', 'sale', placedAt],
    ])
    expect(
      brief(
        logged('OrderLinesCancelled', {
          orderId: 'o-1',
          lines: [{ lineNo: 1, quantity: '2', value: '200', tax: tax('26') }],
        }),
        order,
      ),
    ).toEqual([['ordered', '-2', '-200', '-226', 'sale', placedAt]])
  })

  it('what a dealer sells on is counted at whatever price, and what comes back to it without an order is a return', () => {
    const key = { party: 'shop', location: 'STORE', sku: 'bike' }
    const lines = [{ lot: '-', quantity: '3' }]
    const resale = { ...key, reportId: 'r', source: 'erp', lines, resalePrice: { unitPrice: '999', currency: 'EUR' } }
    expect(brief(logged('ResaleReported', resale))).toEqual([['sold-out', '3', '0', '0', 'sale', now]])
    expect(brief(logged('GoodsReturnedToStock', { ...key, returnId: 'b', lines }))).toEqual([
      ['sold-out', '-3', '0', '0', 'return', now],
    ])
    expect(brief(logged('GoodsReturnedToStock', { ...key, returnId: 'b', orderId: 'o-1', lines }), order)).toEqual([])
  })

  it('evidence counts one, and its withdrawal takes one from the day of the evidence', () => {
    const evidence = { companyId: 'maker', dealerId: 'shop', evidenceId: 'E1', kind: 'display' }
    expect(brief(logged('EvidenceRecorded', evidence))).toEqual([['evidence', '1', '0', '0', 'sale', now]])
    expect(brief(logged('EvidenceWithdrawn', { ...evidence, recordedAt: placedAt }))).toEqual([
      ['evidence', '-1', '0', '0', 'sale', placedAt],
    ])
  })

  it('a return belongs to the sale: the order’s day, and the delivery’s', () => {
    expect(brief(logged('GoodsReturned', { ...owner, lines: [goods] }), order)).toEqual([
      ['ordered', '-2', '-200', '-226', 'return', placedAt],
      ['delivered', '-2', '-200', '-226', 'return', '2026-01-20T00:00:00.000Z[UTC]'],
    ])
  })

  it('a delivery, and goods lost for good', () => {
    expect(brief(logged('ShipmentDelivered', { ...owner, lines: [goods] }))).toEqual([
      ['delivered', '2', '200', '226', 'sale', now],
    ])
    expect(brief(logged('ShipmentLost', { ...owner, remedy: 'cancel', lines: [goods] }), order)).toEqual([
      ['ordered', '-2', '-200', '-226', 'sale', placedAt],
    ])
    expect(brief(logged('ShipmentLost', { ...owner, remedy: 'reship', lines: [goods] }), order)).toEqual([])
  })

  it('an invoice, its cancellation, and the credit note of a return, which belongs to the invoice’s day', () => {
    const part = { lineNo: 1, sku: 'bike', unit: 'EA', quantity: '2', net: '200', gross: '226' }
    expect(brief(logged('InvoiceIssued', { ...owner, lines: [{ ...goods, lineValue: '200' }] }))).toEqual([
      ['invoiced', '2', '200', '226', 'sale', now],
    ])
    expect(brief(logged('InvoiceCancelled', { ...owner, issuedAt: placedAt, lines: [part] }))).toEqual([
      ['invoiced', '-2', '-200', '-226', 'sale', placedAt],
    ])
    const credit = (reason: string) =>
      brief(logged('CreditNoteIssued', { ...owner, reason, invoiceIssuedAt: placedAt, lines: [part] }))
    expect(credit('return')).toEqual([['invoiced', '-2', '-200', '-226', 'return', placedAt]])
    expect(credit('rebate')).toEqual([])
  })

  it('money allocated counts on the day it came in, and no more once it bounced', () => {
    const part = { lineNo: 1, sku: 'bike', unit: 'EA', quantity: '0.5', net: '50', gross: '56.5' }
    const data = { ...owner, receivedAt: placedAt, lines: [part] }
    expect(brief(logged('PaymentAllocated', data))).toEqual([['paid', '0.5', '50', '56.5', 'sale', placedAt]])
    expect(brief(logged('PaymentUnallocated', data))).toEqual([['paid', '-0.5', '-50', '-56.5', 'sale', placedAt]])
  })

  it('an event of an order that is not known gives nothing', () => {
    expect(basisFacts(logged('OrderLinesCancelled', { orderId: 'o-1', lines: [goods] }))).toEqual([])
  })
})

describe('which facts count into a period', () => {
  const terms = termsWith({ kind: 'marginal', tiers: [{ from: '0', rate: '0.01' }] })
  const period = {
    startInstant: instantOf('2026-01-01T00:00:00.000Z[UTC]'),
    endInstant: instantOf('2026-04-01T00:00:00.000Z[UTC]'),
  }
  const request: FactsRequest = {
    programme: { members: {} },
    terms,
    period,
    cutOff: '2026-12-31T00:00:00.000Z[UTC]',
    watermark: 100n,
  }
  const counts = (change: Parameters<typeof fact>[2], other: Partial<typeof request> = {}): boolean =>
    factsOf({ ...request, ...other }, [fact(1, change?.kind === 'return' ? '-1' : '1', change)]).length === 1
  const time = (text: string): { occurredAt: string; saleAt: string } => ({
    occurredAt: `${text}[UTC]`,
    saleAt: `${text}[UTC]`,
  })

  it('those of sales in it, to the millisecond', () => {
    expect(counts({})).toBe(true)
    expect(counts(time('2026-01-01T00:00:00.000Z'))).toBe(true)
    expect(counts(time('2025-12-31T23:59:59.999Z'))).toBe(false)
    expect(counts(time('2026-04-01T00:00:00.000Z'))).toBe(false)
    expect(counts({ basis: 'ordered' })).toBe(false)
  })

  it('up to the cut-off and the watermark, and before the end of the programme', () => {
    expect(counts({}, { cutOff: '2026-01-02T00:00:00.000Z[UTC]' })).toBe(false)
    expect(counts({}, { watermark: 1n })).toBe(true)
    expect(counts({}, { watermark: 0n })).toBe(false)
    const ended = { members: {}, endsAt: '2026-01-05T00:00:00.000Z[UTC]' }
    expect(counts({}, { programme: ended })).toBe(false)
  })

  it('returns as long as they may claw back, and not at all where the terms ignore them', () => {
    const after = (days: number) => ({
      kind: 'return' as const,
      occurredAt: new Date(Date.UTC(2026, 0, 10) + 60_000 + days * 86_400_000).toISOString().replace('Z', 'Z[UTC]'),
      saleAt: '2026-01-10T00:01:00.000Z[UTC]',
    })
    expect([counts(after(180)), counts(after(181))]).toEqual([true, false])
    expect(counts(after(1), { terms: { ...terms, returns: 'ignore' } })).toBe(false)
  })

  it('products that are named, less those that are excluded', () => {
    const products = { include: { categories: ['bikes'] }, exclude: { skus: ['old'] } }
    const saleAt = '2026-01-10T00:01:00.000Z[UTC]'
    expect(isInScope({ products }, { sku: 'new', categories: ['bikes'], saleAt })).toBe(true)
    expect(isInScope({ products }, { sku: 'old', categories: ['bikes'], saleAt })).toBe(false)
    expect(isInScope({ products }, { sku: 'new', saleAt })).toBe(false)
    expect(isInScope({ products: {} }, { sku: 'new', saleAt })).toBe(true)
  })

  it('new products for so many days from their launch, by the date that is written; before it too', () => {
    const inScope = (saleAt: string, launchedOn?: string): boolean =>
      isInScope({ products: {}, launchedWithinDays: 30 }, { sku: 'new', saleAt, ...(launchedOn && { launchedOn }) })
    const lastDay = '2026-01-31T23:59:59.999+08:00[Asia/Shanghai]'
    expect([
      inScope(lastDay, '2026-01-01'),
      inScope('2026-02-01T00:00:00.000+08:00[Asia/Shanghai]', '2026-01-01'),
    ]).toEqual([true, false])
    expect([inScope(lastDay, '2026-06-01'), inScope(lastDay)]).toEqual([true, false])
  })

  it('of members while they are members, of tiers and territories as the terms say', () => {
    const members = { ...terms, eligibility: { kind: 'members' as const } }
    const joined = { members: { dealer: [{ from: '2026-01-10T00:01:00.000Z[UTC]' }] } }
    const late = { members: { dealer: [{ from: '2026-01-10T00:01:00.001Z[UTC]' }] } }
    expect([
      counts({}, { terms: members, programme: joined }),
      counts({}, { terms: members, programme: late }),
    ]).toEqual([true, false])
    expect(isEligible({ kind: 'tiers', tiers: ['gold'] }, { tier: 'gold', everMember: false })).toBe(true)
    expect(isEligible({ kind: 'territories', territories: ['north'] }, { tier: 'gold', everMember: false })).toBe(false)
  })
})
