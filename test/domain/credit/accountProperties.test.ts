import fc from 'fast-check'
import { expect, it } from 'vitest'
import { accountAggregate, type AccountCommand } from '../../../src/domain/credit/account.ts'
import { afterEvents } from '../../../src/domain/credit/afterEvents.ts'
import {
  addEffect,
  emptyBuckets,
  exposureEffects,
  exposureOf,
  type AccountEvent,
  type Buckets,
} from '../../../src/domain/credit/exposure.ts'
import { bucketsOf, type AccountState } from '../../../src/domain/credit/state.ts'
import { isRefusal } from '../../../src/domain/kernel/decider.ts'
import { rows } from '../../../src/domain/kernel/table.ts'
import { sameCommandTwice } from '../../support/decider.ts'
import { at, circumstances, command, hierarchy, line } from './account.ts'

const seed = 20260301
const id = (prefix: string) => fc.integer({ min: 1, max: 3 }).map((n) => `${prefix}-${n}`)
const minor = fc.integer({ min: 1, max: 900 }).map(String)
const order = id('o')
const someInvoice = id('i')
const somePayment = id('p')
const make = (
  type: AccountCommand['type'],
  fields: Record<string, fc.Arbitrary<unknown>>,
): fc.Arbitrary<AccountCommand> => fc.record(fields).map((values) => command(type, values))
const ifOver = fc.constantFrom('refuse', 'hold')

/** Few ids and small amounts, so that commands meet each other and their limits. */
const anyCommand: fc.Arbitrary<AccountCommand> = fc.oneof(
  make('SetCreditLimit', {
    party: fc.constantFrom('shop', 'chain'),
    amount: minor,
    countFrom: fc.constantFrom('placed', 'confirmed'),
  }),
  make('ReserveCredit', { orderId: order, amount: minor, ifOver, checkPoint: fc.constantFrom('place', 'confirm') }),
  make('AdjustCreditReservation', { orderId: order, amount: minor, ifOver }),
  make('ClearCredit', { orderId: order, checkPoint: fc.constantFrom('confirm', 'ship'), ifOver }),
  make('ReleaseCredit', { orderId: order, reason: fc.constant('cancelled') }),
  make('RecordReturn', { orderId: order, returnId: id('r'), amount: minor }),
  make('ApproveCreditOverride', { orderId: order, overrideId: id('ov'), upTo: minor }),
  make('IssueInvoice', {
    invoiceId: someInvoice,
    orderId: order,
    lines: minor.map((cents) => [line(1, `${cents}.${cents.slice(0, 1)}`)]),
  }),
  make('CancelInvoice', { invoiceId: someInvoice, reason: fc.constant('wrong') }),
  make('ReceivePayment', {
    paymentId: somePayment,
    amount: fc.integer({ min: 1, max: 90_000 }).map(String),
    allocate: fc.constantFrom('none', 'oldest_first'),
  }),
  make('AllocatePayment', {
    paymentId: somePayment,
    to: fc.oneof(
      fc.constant('oldest_first'),
      fc.tuple(someInvoice, minor).map(([invoiceId, amount]) => [{ invoiceId, amount }]),
    ),
  }),
  make('UnallocatePayment', { paymentId: somePayment }),
  make('ReversePayment', { paymentId: somePayment, reason: fc.constant('bounced') }),
  make('IssueCreditNote', {
    creditNoteId: id('c'),
    stated: minor.map((gross) => ({ gross })),
    invoiceId: someInvoice,
    apply: fc.boolean(),
    reason: fc.constant('correction'),
    offset: fc.constantFrom(undefined, { share: '0.5' }, { share: '1', until: '2026-02-01T00:00:00.000Z[UTC]' }),
  }),
  make('ExpireCreditNote', { creditNoteId: id('c') }),
  make('ApplyCreditNote', { creditNoteId: id('c'), invoiceId: someInvoice }),
)
// a delivery may end its order, and is then refused the second time: it takes part below, not in `sameCommandTwice`
const orDelivery = fc.oneof(
  { weight: 8, arbitrary: anyCommand },
  { weight: 2, arbitrary: make('RecordDelivery', { orderId: order, shipmentId: id('s'), amount: minor }) },
)

it('every command decided twice gives nothing the second time, from any state', () => {
  sameCommandTwice(accountAggregate, anyCommand, { circumstances: () => circumstances(), runs: 60, length: 10, seed })
}, 20_000)

it('no sequence of commands breaks an invariant of credit or receivables', () => {
  const accepted = new Set<string>()
  fc.assert(
    fc.property(fc.array(orDelivery, { maxLength: 60, size: 'max' }), fc.boolean(), (commands, recorded) => {
      let state = accountAggregate.initialState
      const log: AccountEvent[] = []
      for (const one of commands) {
        const decided = accountAggregate.decide(one, state, {
          at,
          by: 'tester',
          recorded,
          given: { parties: hierarchy, rates: {} },
        })
        if (isRefusal(decided)) continue
        const before = state
        state = afterEvents(state, decided, at)
        log.push(...decided)
        for (const { type } of decided) accepted.add(type)
        expectDocumentsHold(state)
        expectOneFold(state, log)
        expectPartyHolds(state)
        if (!recorded) expectClearedWithinLimits(decided, before)
      }
    }),
    { seed, numRuns: 150 },
  )
  // every kind of event took part
  expect([...accepted].toSorted()).toEqual(accountAggregate.events.map(({ type }) => type).toSorted())
}, 30_000)

/** Σ allocations ≤ payment; Σ allocations + credits ≤ invoice; what is left is the difference. */
function expectDocumentsHold(state: AccountState): void {
  const onInvoice = new Map<string, bigint>()
  for (const table of [state.payments, state.creditNotes]) {
    for (const [, document] of rows<{
      amount: string
      unapplied: string
      to: Readonly<Record<string, string>>
      void?: boolean
    }>(table)) {
      const amounts = Object.entries(document.to)
      const used = amounts.reduce((sum, [, amount]) => sum + BigInt(amount), 0n)
      const left = BigInt(document.unapplied)
      expect(left).toBeGreaterThanOrEqual(0n)
      const rest = document.void ? 0n : BigInt(document.amount) - used
      expect(left).toBe(rest)
      // a payment that bounced is taken off its invoices; what was used of a credit that ran out stays
      expect(document.void && table === state.payments ? used : 0n).toBe(0n)
      for (const [invoiceId, amount] of amounts)
        onInvoice.set(invoiceId, (onInvoice.get(invoiceId) ?? 0n) + BigInt(amount))
    }
  }
  for (const [invoiceId, invoice] of rows(state.invoices)) {
    if (invoice.void) continue
    expect(BigInt(invoice.open)).toBeGreaterThanOrEqual(0n)
    expect(BigInt(invoice.open) + (onInvoice.get(invoiceId) ?? 0n)).toBe(BigInt(invoice.gross))
  }
}

/** Exposure folded from the log, from the state's totals and from its single documents is the same; nothing is below zero. */
function expectOneFold(state: AccountState, log: readonly AccountEvent[]): void {
  const folded = log.flatMap(exposureEffects).reduce<Buckets>(addEffect, emptyBuckets)
  const held = bucketsOf(state.balances['shop']?.['USD'])
  expect(held).toEqual(folded)
  const documents = { ...emptyBuckets }
  for (const [, { stage, open, delivered }] of rows(state.orders)) {
    documents[stage] += BigInt(open)
    documents.delivered += BigInt(delivered)
  }
  for (const [, invoice] of rows(state.invoices)) documents.receivable += BigInt(invoice.open)
  for (const [, payment] of rows(state.payments)) documents.unapplied += BigInt(payment.unapplied)
  for (const [, note] of rows(state.creditNotes)) if (!note.offset) documents.credits += BigInt(note.unapplied)
  expect(held).toEqual(documents)
  for (const amount of Object.values(held)) expect(amount).toBeGreaterThanOrEqual(0n)
}

function expectPartyHolds(state: AccountState): void {
  for (const [party, limit] of Object.entries(state.limits)) {
    const exposure = exposureOf(bucketsOf(state.balances['shop']?.['USD']), limit.countFrom)
    expect(`over_limit/party/${party}` in state.holds).toBe(exposure > BigInt(limit.amount))
  }
}

/** An order past a check point was within every limit checked there, or somebody let it pass. */
function expectClearedWithinLimits(decided: readonly AccountEvent[], before: AccountState): void {
  for (const { type, data } of decided) {
    if (type !== 'CreditCleared') continue
    const isOver = data.exposures.some(({ exposure, limit }) => BigInt(exposure) > BigInt(limit))
    const letPass = data.overrideId !== undefined && data.overrideId === before.overrides[data.orderId]?.overrideId
    expect(!isOver || letPass).toBe(true)
  }
}
