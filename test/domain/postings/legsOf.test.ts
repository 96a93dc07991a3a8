import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { legsOf, type PostingEvent, reversed, takesBack } from '../../../src/domain/postings/legsOf.ts'
import { settlementEvents } from '../../../src/domain/rebates/events.ts'
import { receivableEvents } from '../../../src/domain/receivables/events.ts'
import { owedMoreBy } from '../../../src/domain/receivables/effects.ts'
import type { ReceivableEvent } from '../../../src/domain/receivables/events.ts'
import { sampleValue } from '../../support/sampleHistory.ts'
import { seededRandom } from '../../support/seededRandom.ts'

const of = { companyId: 'maker', dealerId: 'dealer', currency: 'USD' }
const document = { accountId: 'dealer', ...of }
const invoice = {
  ...document,
  invoiceId: 'I-1',
  kind: 'invoice',
  lines: [],
  net: '1000',
  freight: '50',
  taxes: [
    { code: 'vat', base: '1000', amount: '130' },
    { code: 'city', base: '1000', amount: '0' },
  ],
  gross: '1180',
  roundings: [],
  dueOn: '2026-03-01',
  dueAt: '2026-03-02T00:00:00.000Z[UTC]',
  takesOver: { open: '0', delivered: '0', stage: 'placed' },
  breaches: [],
} as const
const settlement = { programmeId: 'P', periodId: '2026-Q1', settlementNo: 1 }
const period = { ...of, programmeId: 'P', periodId: '2026-Q1' }
const note = {
  ...document,
  creditNoteId: 'C-1',
  amount: '113',
  net: '100',
  taxes: [{ code: 'vat', amount: '13' }],
  roundings: [],
  lines: [],
  breaches: [],
} as const
const posted = (type: PostingEvent['type'], data: object): string[] =>
  legsOf({ type, data } as PostingEvent).map(({ role, amount }) => `${role} ${amount}`)

describe('the entry of', () => {
  it('an invoice: receivable against revenue, freight and each tax', () => {
    expect(posted('InvoiceIssued', invoice)).toEqual(['receivable 1180', 'revenue -1000', 'freight -50', 'tax -130'])
  })
  it('a recorded invoice that states another total: the difference', () => {
    expect(posted('InvoiceIssued', { ...invoice, gross: '1181' })).toContain('differences -1')
  })
  it('a debit note: another income, or what a settlement takes back', () => {
    const debit = { ...invoice, kind: 'debit_note', freight: '0', taxes: [], gross: '1000' }
    expect(posted('InvoiceIssued', debit)).toEqual(['receivable 1000', 'other-income -1000'])
    expect(posted('InvoiceIssued', { ...debit, settlement })).toEqual(['receivable 1000', 'accrued-rebates -1000'])
  })
  it('a credit note: by its reason, or against what is accrued', () => {
    for (const [reason, role] of [
      ['return', 'returns'],
      ['correction', 'corrections'],
      ['price_protection', 'price-protection'],
      ['rebate', 'rebates'],
    ] as const)
      expect(posted('CreditNoteIssued', { ...note, reason })).toEqual(['receivable -113', `${role} 100`, 'tax 13'])
    const rebate = { ...note, reason: 'rebate', net: '113', taxes: [], settlement }
    expect(posted('CreditNoteIssued', rebate)).toEqual(['receivable -113', 'accrued-rebates 113'])
  })
  it('credit for invoices to come: owed apart, until it is set off or runs out', () => {
    const credit = {
      ...note,
      reason: 'rebate',
      amount: '90',
      net: '90',
      taxes: [],
      settlement,
      offset: { share: '0.5' },
    }
    expect(posted('CreditNoteIssued', credit)).toEqual(['offset-credits -90', 'accrued-rebates 90'])
    const applied = { ...document, creditNoteId: 'C-1', invoiceId: 'I-1', amount: '60' }
    expect(posted('CreditNoteApplied', applied)).toEqual([])
    expect(posted('CreditNoteApplied', { ...applied, offset: true })).toEqual(['offset-credits 60', 'receivable -60'])
    expect(posted('CreditNoteExpired', { ...document, creditNoteId: 'C-1', amount: '30' })).toEqual([
      'offset-credits 30',
      'rebates -30',
    ])
  })
  it('a payment: cash against what is not applied, and that against the receivable', () => {
    const payment = { ...document, paymentId: 'P-1', amount: '70' }
    expect(posted('PaymentReceived', payment)).toEqual(['cash 70', 'unapplied-receipts -70'])
    expect(posted('PaymentAllocated', payment)).toEqual(['unapplied-receipts 70', 'receivable -70'])
    expect(posted('PaymentUnallocated', payment)).toEqual(['receivable 70', 'unapplied-receipts -70'])
    expect(posted('PaymentReversed', payment)).toEqual(['unapplied-receipts 70', 'cash -70'])
  })
  it('a rebate from its first estimate to its credit note leaves the expense, and nothing accrued', () => {
    const events: readonly [PostingEvent['type'], object][] = [
      ['AccrualPosted', { ...period, amount: '80' }],
      ['AccrualPosted', { ...period, amount: '30' }],
      ['AccrualReversed', { ...period, amount: '110' }],
      ['SettlementApproved', { ...period, amount: '100' }],
      ['CreditNoteIssued', { ...note, reason: 'rebate', amount: '100', net: '100', taxes: [], settlement }],
      ['ClawbackPosted', { ...period, amount: '40' }],
      [
        'InvoiceIssued',
        { ...invoice, kind: 'debit_note', net: '40', freight: '0', taxes: [], gross: '40', settlement },
      ],
    ]
    const sums: Record<string, bigint> = {}
    for (const [type, data] of events)
      for (const { role, amount } of legsOf({ type, data } as PostingEvent)) sums[role] = (sums[role] ?? 0n) + amount
    expect(sums).toEqual({ rebates: 60n, 'accrued-rebates': 0n, receivable: -60n })
  })
  it('a payout as money: cash; what a dispute set free: as an approval', () => {
    expect(posted('SettlementPaid', { ...period, amount: '7' })).toEqual(['accrued-rebates 7', 'cash -7'])
    expect(posted('DisputedPartPaid', { ...period, amount: '7' })).toEqual(['rebates 7', 'accrued-rebates -7'])
  })
  it('a settlement that pays nothing: none', () => {
    expect(posted('SettlementApproved', { ...period, amount: '0' })).toEqual([])
  })
  it('a cancelled invoice: that of the invoice, taken back', () => {
    const data = { ...document, invoiceId: 'I-1' }
    expect(takesBack({ type: 'InvoiceCancelled', data } as PostingEvent)).toBe('I-1')
    const legs = legsOf({ type: 'InvoiceIssued', data: invoice } as unknown as PostingEvent)
    const sums = [...legs, ...reversed(legs)].reduce((sum, { amount }) => sum + amount, 0n)
    expect(sums).toBe(0n)
    expect(reversed(legs).map(({ role }) => role)).toEqual(legs.map(({ role }) => role))
  })
})

describe('whatever the event', () => {
  const definitions = [...receivableEvents, ...settlementEvents]
  const event = fc
    .record({ index: fc.nat(definitions.length - 1), seed: fc.integer({ min: 1, max: 2 ** 30 }) })
    .map(({ index, seed }) => {
      const definition = definitions[index]!
      const sampling = { random: seededRandom(seed), instant: Date.UTC(2026, 3, 1) }
      return { type: definition.type, data: sampleValue(definition.schema, '', sampling) } as PostingEvent
    })

  it('debits equal credits', () => {
    let legs = 0
    fc.assert(
      fc.property(event, (one) => {
        const entry = legsOf(one)
        legs += entry.length
        expect(entry.reduce((sum, { amount }) => sum + amount, 0n)).toBe(0n)
      }),
      { numRuns: 2_000, seed: 20_261_122 },
    )
    expect(legs).toBeGreaterThan(1_000)
  })

  it('the receivable less what is received and not applied moves as what the dealer owes does', () => {
    fc.assert(
      fc.property(event, (one) => {
        if (!receivableEvents.some(({ type }) => type === one.type) || one.type === 'InvoiceCancelled') return
        const owed = owedMoreBy(one as ReceivableEvent)
        const booked = legsOf(one)
          .filter(({ role }) => role === 'receivable' || role === 'unapplied-receipts')
          .reduce((sum, { amount }) => sum + amount, 0n)
        expect(booked).toBe(owed)
      }),
      { numRuns: 2_000, seed: 20_261_122 },
    )
  })
})
