import { describe, expect, it } from 'vitest'
import { accountAggregate, type AccountCommand } from '../../../src/domain/credit/account.ts'
import { afterEvents } from '../../../src/domain/credit/afterEvents.ts'
import type { AccountEvent } from '../../../src/domain/credit/exposure.ts'
import { isRefusal } from '../../../src/domain/kernel/decider.ts'
import { formatDecimal, parseDecimal } from '../../../src/domain/kernel/decimal.ts'
import { row } from '../../../src/domain/kernel/table.ts'
import { given } from '../../support/decider.ts'
import { account, balances, circumstances, command, line } from '../credit/account.ts'

const types = (events: readonly AccountEvent[]): string[] => events.map(({ type }) => type)
const invoice = (invoiceId: string, value: string, change = {}) =>
  command('IssueInvoice', { invoiceId, lines: [line(1, value)], ...change })
const payment = (paymentId: string, amount: string, change = {}) =>
  command('ReceivePayment', { paymentId, amount, ...change })
const allocate = (paymentId: string, to: unknown) => command('AllocatePayment', { paymentId, to })

describe('an invoice', () => {
  it('adds up its lines, rounds net, freight and tax per rate once each, and shows every remainder', () => {
    const lines = [
      line(1, '10.004', '1.30052'),
      line(2, '10.004', '1.30052'),
      { ...line(3, '5', '0.3'), tax: { code: 'vat', rate: '0.06', amount: '0.3' }, freight: '1.005' },
    ]
    const [, issued] = account().does(command('IssueInvoice', { invoiceId: 'i-1', lines }))
    expect(issued).toMatchObject({
      data: {
        net: '2501',
        freight: '101',
        taxes: [
          { code: 'vat', rate: '0.13', base: '2001', amount: '260' },
          { code: 'vat', rate: '0.06', base: '500', amount: '30' },
        ],
        gross: '2892',
        roundings: [
          { of: 'net', remainder: '-0.002' },
          { of: 'freight', remainder: '-0.005' },
          { of: 'tax', taxCode: 'vat', remainder: '0.00104' },
        ],
      },
    })
  })

  it('falls due at the end of the due date in the zone it names', () => {
    const [, issued] = account().does(invoice('i-1', '1', { dueOn: '2026-03-31', zone: 'Asia/Shanghai' }))
    expect(issued).toMatchObject({ data: { dueAt: '2026-04-01T00:00:00.000+08:00[Asia/Shanghai]' } })
  })

  it('is refused when the totals on the paper differ; recorded, it owes what the paper says', () => {
    const stated = { net: '1000', gross: '1001' }
    given(accountAggregate)
      .when(invoice('i-1', '10', { stated }), circumstances())
      .thenRefused('receivables.totals_mismatch')
    const [, issued] = account().does(invoice('i-1', '10', { stated }), { recorded: true })
    expect(issued).toMatchObject({
      data: {
        net: '1000',
        gross: '1001',
        roundings: [{ of: 'stated', remainder: '-0.01' }],
        breaches: [{ code: 'receivables.totals_mismatch' }],
      },
    })
  })

  it('of the same number and amount is known; of another amount it is refused', () => {
    const { history, does } = account()
    does(invoice('i-1', '10'))
    given(accountAggregate, history).when(invoice('i-1', '10'), circumstances()).thenNothing()
    given(accountAggregate, history).when(invoice('i-1', '11'), circumstances()).thenRefused('object.exists')
  })

  it('is cancelled only while nothing was paid or credited on it', () => {
    const { history, does } = account()
    does(invoice('i-1', '10'))
    does(payment('p-1', '1', { allocate: 'oldest_first' }))
    given(accountAggregate, history)
      .when(command('CancelInvoice', { invoiceId: 'i-1', reason: 'wrong' }), circumstances())
      .thenRefused('receivables.settled')
    does(command('UnallocatePayment', { paymentId: 'p-1' }))
    expect(types(does(command('CancelInvoice', { invoiceId: 'i-1', reason: 'wrong' })))).toEqual(['InvoiceCancelled'])
    expect(does(command('CancelInvoice', { invoiceId: 'i-1', reason: 'wrong' }))).toEqual([])
    given(accountAggregate, history)
      .when(allocate('p-1', [{ invoiceId: 'i-1', amount: '1' }]), circumstances())
      .thenRefused('object.not_found')
  })

  it('a debit note owes its stated total and touches no order', () => {
    const debit = command('IssueInvoice', {
      invoiceId: 'd-1',
      kind: 'debit_note',
      lines: [],
      stated: { gross: '10400' },
    })
    const { does, state } = account()
    does(debit)
    expect(balances(state())).toEqual({ receivable: '10400' })
  })
})

describe('a payment', () => {
  it('pays the oldest invoices first, and keeps the rest unapplied', () => {
    const { does, state } = account()
    does(invoice('late', '10', { dueOn: '2026-04-30' }))
    does(invoice('early', '10'))
    does(invoice('euro', '10', { currency: 'EUR', dueOn: '2026-03-01' }))
    const events = does(payment('p-1', '1500', { allocate: 'oldest_first' }))
    expect(events).toMatchObject([
      { type: 'PaymentReceived' },
      { type: 'PaymentAllocated', data: { invoiceId: 'early', amount: '1000', invoiceOpen: '0', unapplied: '500' } },
      { type: 'PaymentAllocated', data: { invoiceId: 'late', amount: '500', invoiceOpen: '500', unapplied: '0' } },
    ])
    expect(balances(state())).toEqual({ receivable: '500' })
    expect(types(does(payment('p-2', '900', { allocate: 'oldest_first' })))).toEqual([
      'PaymentReceived',
      'PaymentAllocated',
    ])
    expect(balances(state())).toEqual({ unapplied: '400' })
  })

  it('is allocated by totals per invoice, so the same allocation again is nothing new', () => {
    const { history, does } = account()
    does(invoice('i-1', '10'))
    does(payment('p-1', '800'))
    does(allocate('p-1', [{ invoiceId: 'i-1', amount: '300' }]))
    given(accountAggregate, history)
      .when(allocate('p-1', [{ invoiceId: 'i-1', amount: '300' }]), circumstances())
      .thenNothing()
    expect(does(allocate('p-1', [{ invoiceId: 'i-1', amount: '500' }]))).toMatchObject([{ data: { amount: '200' } }])
  })

  it('never pays more than it is, nor more than the invoice', () => {
    const { history, does } = account()
    does(invoice('i-1', '10'))
    does(invoice('i-2', '10'))
    does(payment('p-1', '1500'))
    const refused = (to: unknown) =>
      given(accountAggregate, history)
        .when(allocate('p-1', to), circumstances())
        .thenRefused('receivables.over_allocated')
    refused([{ invoiceId: 'i-1', amount: '1001' }])
    refused([
      { invoiceId: 'i-1', amount: '800' },
      { invoiceId: 'i-2', amount: '800' },
    ])
    const [recorded] = does(allocate('p-1', [{ invoiceId: 'i-1', amount: '1001' }]), { recorded: true })
    expect(recorded).toMatchObject({
      data: { amount: '1000', breaches: [{ code: 'receivables.over_allocated', details: { asked: '1001' } }] },
    })
  })

  it('settles only documents of the same dealer, company and currency', () => {
    const { history, does } = account()
    does(invoice('i-1', '10', { companyId: 'other' }))
    does(payment('p-1', '1000'))
    given(accountAggregate, history)
      .when(allocate('p-1', [{ invoiceId: 'i-1', amount: '1' }]), circumstances())
      .thenRefused('receivables.document_mismatch')
  })

  it('that bounces is taken off every invoice it paid', () => {
    const { does, state } = account()
    does(invoice('i-1', '10'))
    does(invoice('i-2', '10'))
    does(payment('p-1', '1500', { allocate: 'oldest_first' }))
    expect(types(does(command('ReversePayment', { paymentId: 'p-1', reason: 'bounced' })))).toEqual([
      'PaymentUnallocated',
      'PaymentUnallocated',
      'PaymentReversed',
    ])
    expect(balances(state())).toEqual({ receivable: '2000' })
    expect(does(command('ReversePayment', { paymentId: 'p-1', reason: 'bounced' }))).toEqual([])
    expect(() => does(allocate('p-1', 'oldest_first'))).toThrow('receivables.payment_reversed')
  })

  it('names the lines it pays; over all allocations they add up to the invoice, and what is taken back to zero', () => {
    const { history, does } = account()
    does(
      command('IssueInvoice', {
        invoiceId: 'i-1',
        lines: [line(1, '10.01', '1.3013'), line(2, '0.03'), line(3, '3.333333')],
      }),
    )
    does(payment('p-1', '1467'))
    for (const amount of ['1', '500', '501', '1466', '1467']) does(allocate('p-1', [{ invoiceId: 'i-1', amount }]))
    const sumOf = (lineNo: number, key: 'net' | 'gross' | 'quantity'): string =>
      formatDecimal(
        history.reduce((sum, { type, data }) => {
          if (type !== 'PaymentAllocated' && type !== 'PaymentUnallocated') return sum
          const value = parseDecimal(data.lines.find((one) => one.lineNo === lineNo)?.[key] ?? '0')
          return type === 'PaymentAllocated' ? sum + value : sum - value
        }, 0n),
      )
    const nets = (): string[] => [1, 2, 3].map((lineNo) => sumOf(lineNo, 'net'))
    expect(nets()).toEqual(['10.01', '0.03', '3.333333'])
    expect([sumOf(1, 'gross'), sumOf(2, 'quantity')]).toEqual(['11.3113', '1'])
    does(command('UnallocatePayment', { paymentId: 'p-1', invoiceId: 'i-1' }))
    expect(nets()).toEqual(['0', '0', '0'])
  })
})

describe('a credit note', () => {
  it('lowers the invoice it is about, as far as that is open', () => {
    const { does, state } = account()
    does(invoice('i-1', '10'))
    does(payment('p-1', '700', { allocate: 'oldest_first' }))
    const creditLine = { lineNo: 1, sku: 'bike', quantity: '1', unit: 'EA', lineValue: '4' }
    const note = command('IssueCreditNote', {
      creditNoteId: 'c-1',
      invoiceId: 'i-1',
      apply: true,
      lines: [creditLine],
    })
    expect(does(note)).toMatchObject([
      {
        type: 'CreditNoteIssued',
        data: { amount: '400', net: '400', reason: 'return', invoiceIssuedAt: expect.stringContaining('2026-03-01') },
      },
      { type: 'CreditNoteApplied', data: { amount: '300', invoiceOpen: '0', unapplied: '100' } },
    ])
    expect(balances(state())).toEqual({ credits: '100' })
    expect(does(note)).toEqual([])
  })

  it('for a rebate has no lines, and lowers exposure before it is applied', () => {
    const { history, does, state } = account()
    const settlement = { programmeId: 'volume', periodId: '2026-Q1', settlementNo: 1 }
    does(invoice('i-1', '200'))
    does(command('IssueCreditNote', { creditNoteId: 'c-1', reason: 'rebate', stated: { gross: '10400' }, settlement }))
    expect(balances(state())).toEqual({ receivable: '20000', credits: '10400' })
    const apply = (amount?: string) =>
      command('ApplyCreditNote', { creditNoteId: 'c-1', invoiceId: 'i-1', ...(amount && { amount }) })
    given(accountAggregate, history).when(apply('10401'), circumstances()).thenRefused('receivables.over_credited')
    does(apply())
    expect(balances(state())).toEqual({ receivable: '9600' })
    expect(does(apply())).toEqual([])
  })
})

describe('the state stays bounded', () => {
  it('settled documents leave it after 180 days, and open ones stay', () => {
    const day = (n: number): string =>
      new Date(Date.UTC(2026, 0, 1) + n * 86_400_000).toISOString().replace('Z', 'Z[UTC]')
    let state = accountAggregate.initialState
    const does = (one: AccountCommand, n: number): void => {
      const met = { at: day(n), by: 'tester', recorded: false, given: { parties: ['shop', 'chain'], rates: {} } }
      const decided = accountAggregate.decide(one, state, met)
      if (isRefusal(decided)) throw new Error(decided.refused)
      state = afterEvents(state, decided, met.at)
    }
    does(invoice('open', '10', { dueOn: '2099-01-01' }), 0)
    for (let n = 1; n <= 700; n += 1) {
      does(invoice(`i-${n}`, '1', { dueOn: '2026-01-01' }), n)
      does(payment(`p-${n}`, '100', { allocate: 'oldest_first' }), n)
    }
    // a row goes when its bucket is next written: 256 buckets keep at most one more each
    const ids = Object.values(state.invoices).flatMap(Object.keys)
    expect(ids.length).toBeLessThan(180 + 256 + 2)
    expect(row(state.invoices, 'open')).toBeDefined()
    expect(row(state.invoices, 'i-699')).toBeDefined()
    expect(balances(state)).toEqual({ receivable: '1000' })
  }, 20_000)
})
