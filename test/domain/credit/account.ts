import { accountAggregate, type AccountCommand } from '../../../src/domain/credit/account.ts'
import type { AccountEvent } from '../../../src/domain/credit/exposure.ts'
import type { AccountGiven } from '../../../src/domain/credit/reserveCredit.ts'
import type { AccountState } from '../../../src/domain/credit/state.ts'
import type { Circumstances } from '../../../src/domain/kernel/decider.ts'
import { given } from '../../support/decider.ts'

export const at = '2026-03-01T00:00:00.000Z[UTC]'
/** Dealer `shop` under its parent `chain`, which is the topmost party. */
export const hierarchy = ['shop', 'chain']

/** The command with the fields that most of these specifications do not care about. */
export function command(type: AccountCommand['type'], fields: Record<string, unknown>): AccountCommand {
  const order = { dealerId: 'shop', currency: 'USD' }
  const document = { ...order, companyId: 'maker' }
  const usual: Partial<Record<AccountCommand['type'], Record<string, unknown>>> = {
    SetCreditLimit: {
      currency: 'USD',
      checkPoints: ['place', 'confirm', 'ship'],
      countFrom: 'placed',
      rateKind: 'mid',
    },
    ReserveCredit: { ...order, checkPoint: 'place', ifOver: 'refuse' },
    ClearCredit: { ...order, ifOver: 'refuse' },
    AdjustCreditReservation: { ...order, ifOver: 'refuse' },
    RecordDelivery: order,
    RecordReturn: order,
    ApproveCreditOverride: { ...order, reason: 'a good customer' },
    IssueInvoice: { ...document, kind: 'invoice', rounding: 'half-up', dueOn: '2026-03-31', zone: 'UTC' },
    ReceivePayment: { ...document, method: 'bank_transfer', allocate: 'none' },
    IssueCreditNote: { ...document, reason: 'return', rounding: 'half-up', lines: [], apply: false },
  }
  // the decider support checks that it fits its schema
  return { type, accountId: 'chain', ...usual[type], ...fields } as unknown as AccountCommand
}

export function circumstances(change: Partial<Circumstances<AccountGiven>> = {}): Partial<Circumstances<AccountGiven>> {
  return { at, given: { parties: hierarchy, rates: {} }, ...change }
}

/** An account brought somewhere by commands; a refusal throws. */
export function account(): {
  readonly history: readonly AccountEvent[]
  does: (one: AccountCommand, change?: Partial<Circumstances<AccountGiven>>) => readonly AccountEvent[]
  state: () => AccountState
} {
  const history: AccountEvent[] = []
  return {
    history,
    does: (one, change) => {
      const met = circumstances(change)
      const events = given(accountAggregate, history).when(one, met).events()
      history.push(...events.map((event) => ({ occurredAt: met.at ?? at, ...event })))
      return events
    },
    state: () => given(accountAggregate, history).state(),
  }
}

/** A line worth `value` before tax. */
export function line(lineNo: number, value: string, tax?: string): Record<string, unknown> {
  const given = { code: 'vat', rate: '0.13', amount: tax }
  return {
    lineNo,
    sku: 'bike',
    quantity: '1',
    unit: 'EA',
    unitPrice: value,
    lineValue: value,
    ...(tax !== undefined && { tax: given }),
  }
}

/** The balances of one dealer in one currency that are not zero. */
export function balances(state: AccountState, dealerId = 'shop', currency = 'USD'): Record<string, string> {
  return Object.fromEntries(
    Object.entries(state.balances[dealerId]?.[currency] ?? {}).filter(([, amount]) => amount !== '0'),
  )
}
