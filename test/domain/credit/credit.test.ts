import { describe, expect, it } from 'vitest'
import { accountAggregate } from '../../../src/domain/credit/account.ts'
import type { AccountEvent } from '../../../src/domain/credit/exposure.ts'
import type { RatesState } from '../../../src/domain/rates/rates.ts'
import { expectNoSecondEvent, given } from '../../support/decider.ts'
import { account, balances, circumstances, command, hierarchy, line } from './account.ts'

const reserve = (orderId: string, amount: string, change = {}) =>
  command('ReserveCredit', { orderId, amount, ...change })
const limit = (amount: string, change = {}) => command('SetCreditLimit', { party: 'chain', amount, ...change })
const types = (events: readonly AccountEvent[]): string[] => events.map(({ type }) => type)
const total = (events: readonly AccountEvent[]): unknown =>
  events.flatMap(({ data }) =>
    'exposures' in data ? data.exposures.map(({ party, exposure }) => [party, exposure]) : [],
  )

describe('an order reserves credit on the account of its topmost party', () => {
  it('names the dealer’s parties once, reserves, and clears the check point with the exposure it saw', () => {
    const { does } = account()
    does(limit('100000'))
    const events = does(reserve('o-1', '60000'))
    expect(types(events)).toEqual(['AccountMemberAttached', 'CreditReserved', 'CreditCleared'])
    expect(total(events)).toEqual([['chain', '60000']])
    expect(types(does(reserve('o-2', '40000')))).toEqual(['CreditReserved', 'CreditCleared'])
  })

  it('the same order and amount again is nothing new', () => {
    const { history, does } = account()
    does(limit('100000'))
    expectNoSecondEvent(accountAggregate, history, reserve('o-1', '60000'), circumstances())
  })

  it('refuses an order that would go over the limit, and shows by how much', () => {
    const { history, does } = account()
    does(limit('100000'))
    does(reserve('o-1', '60000'))
    given(accountAggregate, history)
      .when(reserve('o-2', '40001'), circumstances())
      .thenRefused('credit.limit_exceeded', { party: 'chain', limit: '100000', exposure: '100001' })
  })

  it('or holds it, without reserving, until the same command passes', () => {
    const { does, state } = account()
    does(limit('100000'))
    does(reserve('o-1', '60000'))
    const held = reserve('o-2', '40001', { ifOver: 'hold' })
    expect(does(held)).toMatchObject([
      { type: 'CreditHoldPlaced', data: { kind: 'over_limit', orderId: 'o-2', exposures: [{ exposure: '100001' }] } },
    ])
    expect(does(held)).toEqual([])
    expect(balances(state())).toEqual({ placed: '60000' })
    does(command('ReleaseCredit', { orderId: 'o-1', reason: 'cancelled' }))
    expect(types(does(held))).toEqual(['CreditReserved', 'CreditCleared', 'CreditHoldReleased'])
  })

  it('closing an order and opening another does not pass by the limit, and re-opening is checked again (ERPNext #33967)', () => {
    const { history, does } = account()
    does(limit('100000'))
    does(reserve('o-1', '60000'))
    does(command('ReleaseCredit', { orderId: 'o-1', reason: 'closed' }))
    does(reserve('o-2', '60000'))
    given(accountAggregate, history).when(reserve('o-1', '60000'), circumstances()).thenRefused('credit.limit_exceeded')
  })

  it('every limit above the dealer must hold, its own too', () => {
    const { history, does } = account()
    does(limit('100000'))
    does(command('SetCreditLimit', { party: 'shop', amount: '10000' }))
    given(accountAggregate, history)
      .when(reserve('o-1', '10001'), circumstances())
      .thenRefused('credit.limit_exceeded', { party: 'shop' })
    const other = circumstances({ given: { parties: ['kiosk', 'chain'], rates: {} } })
    given(accountAggregate, history)
      .when(reserve('o-1', '90000', { dealerId: 'kiosk' }), other)
      .events()
  })

  it('counts the orders of all dealers below the limited party', () => {
    const { history, does } = account()
    does(limit('100000'))
    does(reserve('o-1', '60000', { dealerId: 'kiosk' }), { given: { parties: ['kiosk', 'chain'], rates: {} } })
    given(accountAggregate, history)
      .when(reserve('o-2', '50000'), circumstances())
      .thenRefused('credit.limit_exceeded', { exposure: '110000' })
  })

  it('refuses an unknown dealer, and one of another account', () => {
    const unknown = circumstances({ given: { rates: {} } })
    given(accountAggregate).when(reserve('o-1', '1'), unknown).thenRefused('dealers.unknown')
    const elsewhere = circumstances({ given: { parties: ['shop', 'rival'], rates: {} } })
    given(accountAggregate)
      .when(reserve('o-1', '1'), elsewhere)
      .thenRefused('credit.wrong_account', { accountId: 'rival' })
    given(accountAggregate)
      .when(limit('1', { party: 'nobody' }), unknown)
      .thenRefused('credit.wrong_account')
  })
})

describe('check points and what counts are policy', () => {
  it('a bulk order sits outside until it is confirmed, where the limit counts from there (ERPNext #10861)', () => {
    const { history, does, state } = account()
    does(limit('100000', { countFrom: 'confirmed' }))
    does(reserve('bulk', '900000'))
    given(accountAggregate, history)
      .when(command('ClearCredit', { orderId: 'bulk', checkPoint: 'confirm' }), circumstances())
      .thenRefused('credit.limit_exceeded', { exposure: '900000' })
    does(command('AdjustCreditReservation', { orderId: 'bulk', amount: '90000' }))
    expect(does(command('ClearCredit', { orderId: 'bulk', checkPoint: 'confirm' }))).toMatchObject([
      { type: 'CreditCleared', data: { confirms: '90000' } },
    ])
    expect(balances(state())).toEqual({ confirmed: '90000' })
  })

  it('is not checked at a point the limit does not name', () => {
    const { does } = account()
    does(limit('100', { checkPoints: ['ship'] }))
    expect(types(does(reserve('o-1', '5000')))).toEqual([
      'AccountMemberAttached',
      'CreditReserved',
      'CreditCleared',
      'CreditHoldPlaced',
    ])
    expect(() => does(command('ClearCredit', { orderId: 'o-1', checkPoint: 'ship' }))).toThrow('credit.limit_exceeded')
  })

  it('an amendment that grows is checked again, one that shrinks is not', () => {
    const { history, does } = account()
    does(limit('100000'))
    does(reserve('o-1', '60000'))
    given(accountAggregate, history)
      .when(command('AdjustCreditReservation', { orderId: 'o-1', amount: '100001' }), circumstances())
      .thenRefused('credit.limit_exceeded')
    expect(does(command('AdjustCreditReservation', { orderId: 'o-1', amount: '50000' }))).toMatchObject([
      { data: { by: '-10000', open: '50000' } },
    ])
    const grown = does(command('AdjustCreditReservation', { orderId: 'o-1', amount: '100001', ifOver: 'hold' }))
    expect(types(grown)).toEqual(['CreditReservationAdjusted', 'CreditHoldPlaced', 'CreditHoldPlaced'])
  })

  it('invoices overdue longer than the limit allows stop further orders', () => {
    const { history, does } = account()
    does(limit('100000', { overdueDaysHold: 30 }))
    does(command('IssueInvoice', { invoiceId: 'i-1', lines: [line(1, '10')] }))
    const order = reserve('o-1', '1')
    given(accountAggregate, history)
      .when(order, circumstances({ at: '2026-04-30T23:59:59.999Z[UTC]' }))
      .events()
    given(accountAggregate, history)
      .when(order, circumstances({ at: '2026-05-01T00:00:00.000Z[UTC]' }))
      .thenRefused('credit.overdue', { invoices: ['i-1'] })
  })

  it('an override lets one order pass, up to its value and until its time', () => {
    const { history, does } = account()
    does(limit('100'))
    does(reserve('o-1', '500', { ifOver: 'hold' }))
    const approved = does(
      command('ApproveCreditOverride', {
        orderId: 'o-1',
        overrideId: 'ov-1',
        upTo: '500',
        until: '2026-03-02T00:00:00.000Z[UTC]',
      }),
    )
    expect(types(approved)).toEqual(['CreditOverrideApproved', 'CreditHoldReleased'])
    given(accountAggregate, history).when(reserve('o-1', '501'), circumstances()).thenRefused('credit.limit_exceeded')
    const late = circumstances({ at: '2026-03-02T00:00:00.000Z[UTC]' })
    given(accountAggregate, history).when(reserve('o-1', '500'), late).thenRefused('credit.limit_exceeded')
    given(accountAggregate, history).when(reserve('o-2', '500'), circumstances()).thenRefused('credit.limit_exceeded')
    expect(does(reserve('o-1', '500'))).toMatchObject([
      { type: 'CreditReserved' },
      { type: 'CreditCleared', data: { overrideId: 'ov-1' } },
      { type: 'CreditHoldPlaced', data: { party: 'chain' } },
    ])
  })

  it('a risk hold on a party stops all below it until somebody releases it', () => {
    const { history, does } = account()
    does(reserve('o-0', '1'))
    const [placed] = does(command('PlaceCreditHold', { party: 'chain' }))
    given(accountAggregate, history)
      .when(reserve('o-1', '1'), circumstances())
      .thenRefused('credit.on_hold', { party: 'chain' })
    does(command('ReleaseCreditHold', { holdId: placed?.type === 'CreditHoldPlaced' ? placed.data.holdId : '' }))
    does(reserve('o-1', '1'))
  })
})

describe('a party is on hold exactly while it is over its limit', () => {
  it('a lower limit places the hold, a payment releases it, its reversal places it again', () => {
    const { does } = account()
    does(limit('100000'))
    does(reserve('o-1', '60000'))
    expect(types(does(limit('50000')))).toEqual(['CreditLimitSet', 'CreditHoldPlaced'])
    expect(types(does(command('ReceivePayment', { paymentId: 'p-1', amount: '10000' })))).toEqual([
      'PaymentReceived',
      'CreditHoldReleased',
    ])
    expect(types(does(command('ReversePayment', { paymentId: 'p-1', reason: 'bounced' })))).toEqual([
      'PaymentReversed',
      'CreditHoldPlaced',
    ])
    expect(() => does(command('ReleaseCreditHold', { holdId: 'over_limit/party/chain' }))).toThrow(
      'credit.still_over_limit',
    )
  })
})

describe('each ordered unit stands in one place (ERPNext #47279 counted 60 as 120)', () => {
  it('delivered, then invoiced', () => {
    const { does, state } = account()
    does(reserve('o-1', '6000'))
    does(command('RecordDelivery', { orderId: 'o-1', shipmentId: 's-1', amount: '4000' }))
    expect(balances(state())).toEqual({ placed: '2000', delivered: '4000' })
    does(command('IssueInvoice', { invoiceId: 'i-1', orderId: 'o-1', shipmentId: 's-1', lines: [line(1, '40')] }))
    expect(balances(state())).toEqual({ placed: '2000', receivable: '4000' })
  })

  it('invoiced on its way, then delivered', () => {
    const { does, state } = account()
    does(reserve('o-1', '6000'))
    does(command('IssueInvoice', { invoiceId: 'i-1', orderId: 'o-1', lines: [line(1, '40')] }))
    expect(balances(state())).toEqual({ placed: '2000', receivable: '4000' })
    const [delivered] = does(
      command('RecordDelivery', { orderId: 'o-1', shipmentId: 's-1', deliveryId: 'd-1', amount: '3000' }),
    )
    expect(delivered).toMatchObject({ data: { fromOpen: '0', fromInvoiced: '3000' } })
    does(command('RecordDelivery', { orderId: 'o-1', shipmentId: 's-1', deliveryId: 'd-2', amount: '1000' }))
    expect(balances(state())).toEqual({ placed: '2000', receivable: '4000' })
    does(reserve('o-1', '2000'))
    expect(balances(state())).toEqual({ placed: '2000', receivable: '4000' })
  })

  it('a retry of an order whose goods are invoiced on their way reserves only the rest', () => {
    const { does, state } = account()
    does(reserve('o-1', '6000'))
    does(command('IssueInvoice', { invoiceId: 'i-1', orderId: 'o-1', lines: [line(1, '40')] }))
    expect(does(reserve('o-1', '6000'))).toEqual([])
    expect(balances(state())).toEqual({ placed: '2000', receivable: '4000' })
  })

  it('returned before the invoice, and an order of which nothing stands anywhere is forgotten', () => {
    const { does, state } = account()
    does(reserve('o-1', '6000'))
    does(command('RecordDelivery', { orderId: 'o-1', shipmentId: 's-1', amount: '6000' }))
    expect(does(command('RecordDelivery', { orderId: 'o-1', shipmentId: 's-1', amount: '6000' }))).toEqual([])
    does(command('RecordReturn', { orderId: 'o-1', returnId: 'r-1', amount: '1000' }))
    does(command('IssueInvoice', { invoiceId: 'i-1', orderId: 'o-1', lines: [line(1, '50')] }))
    expect(balances(state())).toEqual({ receivable: '5000' })
    expect(Object.values(state().orders).flatMap(Object.keys)).toEqual([])
  })

  it('a cancelled invoice gives its value back to where the goods are', () => {
    const { does, state } = account()
    does(reserve('o-1', '6000'))
    does(command('IssueInvoice', { invoiceId: 'i-1', orderId: 'o-1', lines: [line(1, '60')] }))
    does(command('RecordDelivery', { orderId: 'o-1', shipmentId: 's-1', amount: '2000' }))
    does(command('CancelInvoice', { invoiceId: 'i-1', reason: 'wrong-address' }))
    expect(balances(state())).toEqual({ placed: '4000', delivered: '2000' })
  })

  it('a delivery without a reservation is refused, and recorded with its breach when it happened elsewhere', () => {
    const delivery = command('RecordDelivery', { orderId: 'o-9', shipmentId: 's-1', amount: '700' })
    given(accountAggregate).when(delivery, circumstances()).thenRefused('credit.not_reserved')
    const [, recorded] = account().does(delivery, { recorded: true })
    expect(recorded).toMatchObject({
      type: 'OrderValueDelivered',
      data: { fromOpen: '0', breaches: [{ code: 'credit.not_reserved' }] },
    })
  })
})

describe('several currencies', () => {
  const rates: Record<string, RatesState> = {
    'EUR/USD': {
      rates: [
        {
          effectiveAt: '2026-01-01T00:00:00.000Z[UTC]',
          eventId: 'rate',
          value: { rate: '1.2', kind: 'mid', source: 'bank' },
        },
      ],
    },
  }
  it('count against the limit at a published rate, which the event shows', () => {
    const { does } = account()
    does(limit('100000'))
    const events = does(reserve('o-1', '50001', { currency: 'EUR' }), { given: { parties: hierarchy, rates } })
    expect(total(events)).toEqual([['chain', '60001']])
    expect(events.at(-1)).toMatchObject({
      data: { exposures: [{ parts: [{ currency: 'EUR', open: '50001', rate: { rate: '1.2' } }] }] },
    })
  })

  it('without a rate the answer is a refusal, never a rate of 1', () => {
    const { history, does } = account()
    does(limit('100000'))
    given(accountAggregate, history)
      .when(reserve('o-1', '1', { currency: 'EUR' }), circumstances())
      .thenRefused('currency.rate_missing', { from: 'EUR', to: 'USD' })
  })
})

describe('a recorded order is never refused', () => {
  it('goes over the limit, says so, and the party is on hold', () => {
    const { does } = account()
    does(limit('100'))
    const events = does(reserve('o-1', '500'), { recorded: true })
    expect(types(events)).toEqual(['AccountMemberAttached', 'CreditReserved', 'CreditCleared', 'CreditHoldPlaced'])
    expect(events[2]).toMatchObject({ data: { breaches: [{ code: 'credit.limit_exceeded' }] } })
  })
})
