import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { accountAggregate } from '../../../src/domain/credit/account.ts'
import { row } from '../../../src/domain/kernel/table.ts'
import { given } from '../../support/decider.ts'
import { account, balances, circumstances, command, line } from '../credit/account.ts'

const credit = (creditNoteId: string, gross: string, offset: object) =>
  command('IssueCreditNote', { creditNoteId, reason: 'rebate', stated: { gross }, offset })
const invoice = (invoiceId: string, values: readonly string[], change: object = {}) =>
  command('IssueInvoice', { invoiceId, lines: values.map((value, n) => ({ ...line(n + 1, value), ...change })) })
const june = '2026-06-01T00:00:00.000Z[UTC]'
const july = '2026-07-01T00:00:00.000Z[UTC]'

describe('credit for invoices to come', () => {
  it('counts for nothing before an invoice comes, and lowers each by its share', () => {
    const { does, state } = account()
    does(credit('C1', '5000', { share: '0.3' }))
    expect(balances(state())).toEqual({})
    const events = does(invoice('I1', ['70', '30']))
    expect(events.at(-1)).toMatchObject({
      type: 'CreditNoteApplied',
      data: {
        creditNoteId: 'C1',
        invoiceId: 'I1',
        amount: '3000',
        invoiceOpen: '7000',
        unapplied: '2000',
        offset: true,
      },
    })
    expect(balances(state())).toEqual({ receivable: '7000' })
    does(invoice('I2', ['1000']))
    expect(balances(state())).toEqual({ receivable: '105000' })
    does(invoice('I3', ['10']))
    expect(balances(state())).toEqual({ receivable: '106000' })
  })

  it('leaves an invoice from before alone, and one of another dealer or currency', () => {
    const { does, state } = account()
    does(invoice('I1', ['100']))
    does(credit('C1', '5000', { share: '1' }))
    does({ ...invoice('I2', ['100']), currency: 'EUR' } as never)
    expect(balances(state())).toEqual({ receivable: '10000' })
    expect(row(state().creditNotes, 'C1')?.unapplied).toBe('5000')
  })

  it('takes its share of the lines that it is for, rounded down', () => {
    const { does } = account()
    does(credit('C1', '5000', { share: '0.333333', skus: ['helmet'] }))
    expect(does(invoice('I1', ['70']))).toHaveLength(1)
    const lines = [line(1, '70'), { ...line(2, '10.01'), sku: 'helmet' }]
    expect(does(command('IssueInvoice', { invoiceId: 'I2', lines })).at(-1)).toMatchObject({ data: { amount: '333' } })
  })

  it('uses up first what runs out first, and no more of an invoice than the share allows in all', () => {
    const { does } = account()
    does(credit('later', '1000', { share: '0.5', until: july }))
    does(credit('never', '1000', { share: '0.5' }))
    does(credit('sooner', '1000', { share: '0.5', until: june }))
    const [, ...applied] = does(invoice('I1', ['36']))
    expect(applied.map(({ data }) => data)).toMatchObject([
      { creditNoteId: 'sooner', amount: '1000' },
      { creditNoteId: 'later', amount: '800' },
    ])
  })

  it('ends with its time, and says how much was not used', () => {
    const { history, does, state } = account()
    does(credit('C1', '5000', { share: '0.3', until: june }))
    does(invoice('I1', ['100']))
    const end = command('ExpireCreditNote', { creditNoteId: 'C1' })
    given(accountAggregate, history).when(end, circumstances()).thenRefused('receivables.credit_lasts')
    const late = { at: june }
    expect(does(invoice('I2', ['100']), late)).toHaveLength(1)
    given(accountAggregate, history)
      .when(command('ApplyCreditNote', { creditNoteId: 'C1', invoiceId: 'I2' }), circumstances(late))
      .thenRefused('receivables.credit_expired')
    expect(does(end, late)).toMatchObject([{ type: 'CreditNoteExpired', data: { amount: '2000' } }])
    expect(does(end, late)).toEqual([])
    expect(balances(state())).toEqual({ receivable: '17000' })
  })

  it('is not expired where it has no end, nor is it another credit note', () => {
    const { history, does } = account()
    does(credit('C1', '5000', { share: '0.3' }))
    does(command('IssueCreditNote', { creditNoteId: 'C2', reason: 'correction', stated: { gross: '100' } }))
    for (const creditNoteId of ['C1', 'C2'])
      given(accountAggregate, history)
        .when(command('ExpireCreditNote', { creditNoteId }), circumstances({ at: '2036-01-01T00:00:00.000Z[UTC]' }))
        .thenRefused('receivables.credit_lasts')
  })

  it('never lowers an invoice below what is paid by its share, and is used once', () => {
    const value = fc.integer({ min: 1, max: 20_000 })
    fc.assert(
      fc.property(
        fc.array(fc.record({ gross: value, share: fc.integer({ min: 0, max: 100 }) }), { minLength: 1, maxLength: 4 }),
        fc.array(value, { minLength: 1, maxLength: 8 }),
        (credits, invoices) => {
          const { history, does, state } = account()
          for (const [n, { gross, share }] of credits.entries())
            does(credit(`C${n}`, String(gross), { share: String(share / 100) }))
          for (const [n, cents] of invoices.entries()) does(invoice(`I${n}`, [String(cents / 100)]))
          const applied = history.flatMap(({ type, data }) => (type === 'CreditNoteApplied' ? [data] : []))
          const largest = Math.max(...credits.map(({ share }) => share))
          for (const [n, cents] of invoices.entries()) {
            const of = applied.filter(({ invoiceId }) => invoiceId === `I${n}`)
            expect(of.reduce((sum, { amount }) => sum + Number(amount), 0) * 100).toBeLessThanOrEqual(cents * largest)
          }
          for (const [n, { gross }] of credits.entries()) {
            const used = applied
              .filter(({ creditNoteId }) => creditNoteId === `C${n}`)
              .reduce((sum, { amount }) => sum + Number(amount), 0)
            expect(used + Number(row(state().creditNotes, `C${n}`)?.unapplied)).toBe(gross)
          }
        },
      ),
      { numRuns: 60, seed: 7 },
    )
  })
})
