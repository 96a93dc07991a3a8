import { expect, test } from 'vitest'
import type { BasisFact } from '../../../src/domain/rebates/basisFact.ts'
import { nextTier } from '../../../src/domain/rebates/nextTier.ts'
import type { Terms } from '../../../src/domain/rebates/terms.ts'

const terms: Terms = {
  version: 1,
  name: { en: 'Volume' },
  payer: 'acme',
  effectiveFrom: '2025-01-01T00:00:00.000Z[UTC]',
  eligibility: { kind: 'all' },
  products: {},
  basis: 'invoiced',
  measure: 'net',
  returns: 'deduct',
  calendarId: 'cal',
  grain: 'quarter',
  method: {
    kind: 'all-units',
    tiers: [
      { from: '0', to: '100000', rate: '0.01' },
      { from: '100000', rate: '0.04' },
    ],
  },
  rounding: { mode: 'half-up', level: 'settlement' },
  accrual: 'expected-value',
  outlet: 'credit_note',
  negativeInterim: 'carry',
  graceDays: 0,
  clawbackDays: 0,
}
const sale: BasisFact = {
  basis: 'invoiced',
  eventId: '00000000-0000-4000-8000-000000000001',
  lineNo: 1,
  companyId: 'acme',
  dealerId: 'D1',
  currency: 'CNY',
  sku: 'P1',
  unit: 'EA',
  quantity: '630',
  net: '63000',
  gross: '71190',
  kind: 'sale',
  occurredAt: '2025-02-01T08:00:00.000Z[UTC]',
  position: '7',
  saleAt: '2025-02-01T08:00:00.000Z[UTC]',
}
const request = { programmeId: 'V', terms, currency: 'CNY', facts: [sale] }

test('37,000 more reach the next tier, which pays on the whole volume', () => {
  // 4 % of 100,000 instead of 1 % of 63,000
  expect(nextTier(request)).toEqual({ missing: '37000', more: '337000' })
})

test('a condition of the programme is left out of it', () => {
  const gates: Terms['gates'] = [{ kind: 'process', evidence: 'display', count: 1 }]
  expect(nextTier({ ...request, terms: { ...terms, gates } })).toEqual({ missing: '37000', more: '337000' })
})

test('of a target it is told in ratios of it', () => {
  const method: Terms['method'] = { kind: 'attainment', tiers: [{ from: '0.9', rate: '0.01' }] }
  // 0.9 × 80,000 − 63,000; 1 % of 72,000
  expect(nextTier({ ...request, terms: { ...terms, method }, target: '80000' })).toEqual({
    missing: '9000',
    more: '72000',
  })
})

test('behind the last tier, and of nothing bought, nothing is told', () => {
  expect(nextTier({ ...request, facts: [{ ...sale, net: '100000' }] })).toBeUndefined()
  expect(nextTier({ ...request, facts: [] })).toBeUndefined()
  expect(nextTier({ ...request, terms: { ...terms, method: { kind: 'per-unit', amount: '1' } } })).toBeUndefined()
})
