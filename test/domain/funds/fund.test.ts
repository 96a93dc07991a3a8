import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { CalendarState } from '../../../src/domain/calendars/state.ts'
import type { FundCommand } from '../../../src/domain/funds/commands.ts'
import type { FundEvent } from '../../../src/domain/funds/events.ts'
import { explainAccrual, explainFundClaim } from '../../../src/domain/funds/explainFund.ts'
import { fundAggregate, type FundGiven } from '../../../src/domain/funds/fund.ts'
import { balancesOf, type FundState, type KnownFund } from '../../../src/domain/funds/state.ts'
import { isRefusal } from '../../../src/domain/kernel/decider.ts'
import { instantOf } from '../../../src/domain/kernel/businessTime.ts'
import { sumOf } from '../../../src/domain/kernel/decimalText.ts'
import { foldEvents, given } from '../../support/decider.ts'
import { active, calendar, day, proof } from '../claims/world.ts'
import { fact } from '../rebates/facts.ts'

const fundId = 'F1'
const world = (more: Partial<FundGiven> = {}): FundGiven => ({ dealer: active, used: {}, ...more })
const budget = (more: object = {}): FundCommand => ({
  type: 'BudgetFund',
  fundId,
  companyId: 'maker',
  dealerId: 'dealer',
  currency: 'CNY',
  name: { en: 'Spring' },
  from: day('2026-01-01'),
  until: day('2026-07-01'),
  claimWithinDays: 30,
  budget: '10000',
  ...more,
})
const request = (activityId: string, amount: string, more: object = {}): FundCommand => ({
  type: 'RequestActivity',
  fundId,
  activityId,
  name: 'Fair',
  kind: 'fair',
  from: day('2026-02-01'),
  until: day('2026-03-01'),
  amount,
  ...more,
})
const of = (type: string, activityId: string, more: object = {}): FundCommand =>
  ({ type, fundId, activityId, ...more }) as FundCommand
const claim = (claimId: string, amount: string, more: object = {}): FundCommand =>
  of('SubmitFundClaim', 'A', {
    claimId,
    expenses: [
      {
        lineNo: 1,
        what: 'Stand',
        spentAt: day('2026-02-10'),
        amount,
        proofs: [proof(Number(claimId.slice(1)))],
        ...more,
      },
    ],
  })
const life = (type: string, claimId: string, more: object = {}): FundCommand => of(type, 'A', { claimId, ...more })
const approve = (claimId: string, more: object = {}): FundCommand =>
  life('ApproveFundClaim', claimId, { payLater: false, ...more })

function story(start: readonly FundCommand[] = [budget(), request('A', '6000'), of('CommitActivity', 'A')]) {
  const history: FundEvent[] = []
  const when = (command: FundCommand, by = 'dealer-wang', at = day('2026-02-20'), of: Partial<FundGiven> = {}) =>
    given(fundAggregate, history).when(command, { given: world(of), by, at })
  const run = (...args: Parameters<typeof when>): readonly FundEvent[] => {
    const events = when(...args).events()
    history.push(...events)
    return events
  }
  for (const command of start) run(command, 'sales', day('2026-01-15'))
  const state = (): KnownFund => known(given(fundAggregate, history).state())
  return { when, run, state }
}

function known(state: FundState): KnownFund {
  if (!state.known) throw new Error('there is no fund')
  return state
}

describe('a marketing fund', () => {
  it('goes from budget to payment', () => {
    const { run, state } = story()
    run(claim('C1', '5000'))
    run(life('ValidateFundClaim', 'C1'))
    const [approved, released] = run(approve('C1'), 'finance')
    expect(approved).toMatchObject({ type: 'FundClaimApproved', data: { claimed: '5000', amount: '5000' } })
    expect(released).toMatchObject({ type: 'FundPaymentReleased', data: { paymentNo: 1, amount: '5000' } })
    run(life('RecordFundPayment', 'C1', { paymentNo: 1, creditNoteId: 'CN-1' }))
    expect(balancesOf(state())).toEqual({
      committed: 6000n,
      claimed: 5000n,
      approved: 5000n,
      released: 5000n,
      paid: 5000n,
    })
  })

  it('commits no more than the budget, and no more than was asked for', () => {
    const { run, when } = story()
    run(request('B', '5000'))
    when(of('CommitActivity', 'B')).thenRefused('funds.over_budget', { free: '4000' })
    when(of('CommitActivity', 'B', { amount: '5001' })).thenRefused('funds.over_requested')
    run(of('CommitActivity', 'B', { amount: '4000' }))
    when({ type: 'ReviseFundBudget', fundId, budget: '9999', reason: 'cut' }).thenRefused('funds.over_budget', {
      committed: '10000',
    })
    run({ type: 'ReviseFundBudget', fundId, budget: '12000', reason: 'more' })
    when(of('DeclineActivity', 'B', { reason: 'late' })).thenRefused('funds.not_open')
  })

  it('refuses a claim over what is committed, outside its window, too late, or with a proof of another claim', () => {
    const { run, when } = story()
    when(claim('C1', '6001')).thenRefused('claims.over_cap', { cap: '6000' })
    run(claim('C1', '4000'))
    when(claim('C2', '2001')).thenRefused('claims.over_cap', { claimed: '4000' })
    when(claim('C2', '10', { spentAt: day('2026-03-01') })).thenRefused('claims.outside_window')
    when(claim('C2', '10'), 'dealer-wang', day('2026-04-01')).thenRefused('claims.too_late')
    const used = { [proof(2)]: { stream: 'differences-x', claimId: 'X', dealerId: 'dealer' } }
    when(claim('C2', '10'), 'dealer-wang', day('2026-02-20'), { used }).thenRefused('claims.proof_used', {
      claimId: 'X',
    })
    when(claim('C1', '4000')).thenNothing()
    when(claim('C1', '3999')).thenRefused('claims.key_reused')
    run(life('RejectFundClaim', 'C1', { reason: 'no-invoice' }))
    run(claim('C2', '6000'))
  })

  it('pays in parts, and never more than was approved', () => {
    const { run, when } = story()
    run(claim('C1', '5000'))
    run(life('ValidateFundClaim', 'C1'))
    when(approve('C1', { amount: '3000' }), 'finance').thenRefused('claims.part_needs_reason')
    run(approve('C1', { amount: '3000', reason: 'part', payLater: true }), 'finance')
    const pay = (paymentNo: number, amount?: string): FundCommand =>
      life('ReleasePayment', 'C1', { paymentNo, ...(amount !== undefined && { amount }) })
    run(pay(1, '1000'))
    when(pay(1, '1000')).thenNothing()
    when(pay(1, '999')).thenRefused('claims.key_reused')
    when(pay(3, '1')).thenRefused('funds.payment_order', { next: 2 })
    when(pay(2, '2001')).thenRefused('funds.over_approved', { left: '2000' })
    expect(run(pay(2))).toMatchObject([{ data: { amount: '2000' } }])
    when(pay(3)).thenRefused('funds.over_approved')
  })

  it('takes two people above its limit, and for whoever submitted the claim', () => {
    const large = story([budget({ secondApprovalAbove: '40' }), request('A', '6000'), of('CommitActivity', 'A')])
    large.run(claim('C1', '5000'))
    large.run(life('ValidateFundClaim', 'C1'))
    expect(large.run(approve('C1'), 'finance')).toMatchObject([{ type: 'FundClaimEndorsed' }])
    large.when(approve('C1'), 'finance').thenRefused('claims.second_person')
    large.run(approve('C1'), 'admin')
    const own = story()
    own.run(claim('C1', '50'), 'finance')
    own.run(life('ValidateFundClaim', 'C1'))
    expect(own.run(approve('C1'), 'finance')).toMatchObject([{ type: 'FundClaimEndorsed' }])
  })

  it('releases what nobody claimed in time, and expires', () => {
    const { run, when } = story()
    run(claim('C1', '5000'))
    run(life('ValidateFundClaim', 'C1'))
    run(approve('C1'), 'finance')
    when({ type: 'SweepFund', fundId }, 'funds', day('2026-03-30')).thenNothing()
    expect(run({ type: 'SweepFund', fundId }, 'funds', day('2026-04-01'))).toMatchObject([
      { type: 'FundReleased', data: { amount: '1000', reason: 'not-claimed' } },
    ])
    expect(run({ type: 'SweepFund', fundId }, 'funds', day('2026-07-01'))).toMatchObject([
      { type: 'FundExpired', data: { amount: '5000' } },
    ])
    when(request('B', '1')).thenRefused('funds.over')
    when({ type: 'SweepFund', fundId }, 'funds', day('2026-08-01')).thenNothing()
  })

  it('explains a claim line by line', () => {
    const { run, state } = story()
    run(claim('C1', '5000'))
    run(life('ValidateFundClaim', 'C1'))
    run(approve('C1', { amount: '4000', reason: 'part' }), 'finance')
    const fund = state()
    const tree = explainFundClaim(fund, fund.activities['A'] as never, fund.claims['C1'] as never)
    expect(tree).toMatchObject({
      amount: '40',
      children: [
        { amount: '50', children: [{ amount: '50', source: { proofs: [proof(1)] } }] },
        { amount: '-10', reason: 'part' },
      ],
    })
  })
})

describe('a co-op fund', () => {
  const accrual = { rate: '0.015', calendarId: 'gregorian', grain: 'quarter', rounding: 'half-up' }
  const coop = budget({ accrual, budget: '0' })
  const closed = {
    ...calendar,
    periods: calendar.known ? calendar.periods.map((one) => ({ ...one, closedBy: 'close' })) : [],
  } as CalendarState
  const accrue = (base: string): FundCommand => ({
    type: 'AccrueFund',
    fundId,
    periodId: '2026-Q1',
    base,
    cutOff: day('2026-04-10'),
    watermark: '9',
  })

  it('gets a share of the sales of each closed period, once', () => {
    const { run, when, state } = story([coop])
    when(accrue('1000'), 'funds', undefined, { calendar }).thenRefused('funds.period_open')
    expect(run(accrue('1234.5'), 'funds', undefined, { calendar: closed })).toMatchObject([
      { data: { exact: '18.5175', amount: '1852', budget: '1852' } },
    ])
    when(accrue('9999'), 'funds', undefined, { calendar: closed }).thenNothing()
    when({ type: 'ReviseFundBudget', fundId, budget: '1', reason: 'x' }).thenRefused('funds.accrued_only')
    const facts = [fact(1, '1000.1'), fact(2, '234.4')]
    const fund = state()
    const tree = explainAccrual(fund, fund.accrued[0] as never, facts)
    expect(tree.amount).toBe('18.52')
    expect(sumOf((tree.children ?? []).map(({ amount }) => amount))).toBe('18.52')
    expect(tree.children?.map(({ code }) => code)).toEqual(['accrued', 'rounding'])
    expect(sumOf((tree.children?.[0]?.children ?? []).map(({ amount }) => amount))).toBe('18.5175')
  })

  it('gets nothing for a period in which more came back than was sold', () => {
    const { run } = story([coop])
    expect(run(accrue('-10'), 'funds', undefined, { calendar: closed })).toMatchObject([
      { data: { amount: '0', exact: '-0.15' } },
    ])
  })

  it('does not expire before its periods have added to it', () => {
    const { run, when } = story([coop])
    when({ type: 'SweepFund', fundId }, 'funds', day('2026-08-01'), { calendar: closed }).thenNothing()
    run(accrue('1000'), 'funds', undefined, { calendar: closed })
    expect(run({ type: 'SweepFund', fundId }, 'funds', day('2026-08-01'), { calendar: closed })).toMatchObject([
      { type: 'FundExpired', data: { amount: '1500' } },
    ])
    story().when(accrue('1'), 'funds', undefined, { calendar: closed }).thenRefused('funds.not_accrued')
  })
})

describe('whatever happens to a fund', () => {
  it('budget ≥ committed ≥ claimed ≥ approved ≥ released ≥ paid, and nothing happens twice', () => {
    const amount = fc.integer({ min: 1, max: 3000 }).map(String)
    const activityId = fc.constantFrom('A', 'B')
    const claimId = fc.constantFrom('C1', 'C2', 'C3')
    const one = (type: string) =>
      fc.tuple(activityId, claimId).map(([of, id]) => ({ type, fundId, activityId: of, claimId: id }) as FundCommand)
    const command = fc.oneof(
      fc.tuple(activityId, amount).map(([id, of]) => request(id, of)),
      fc.tuple(activityId, amount).map(([id, of]) => ({ type: 'CommitActivity', fundId, activityId: id, amount: of })),
      activityId.map((id) => ({ type: 'CommitActivity', fundId, activityId: id })),
      amount.map((of) => ({ type: 'ReviseFundBudget', fundId, budget: of, reason: 'plan' })),
      activityId.map((id) => ({ type: 'ReleaseCommitment', fundId, activityId: id })),
      fc.tuple(activityId, claimId, amount).map(([id, c, of]) => ({ ...claim(c, of), activityId: id }) as FundCommand),
      one('ValidateFundClaim'),
      fc.tuple(one('ApproveFundClaim'), fc.boolean()).map(([c, payLater]) => ({ ...c, payLater }) as FundCommand),
      fc
        .tuple(one('ApproveFundClaim'), amount)
        .map(([c, of]) => ({ ...c, amount: of, reason: 'part', payLater: true }) as FundCommand),
      one('WithdrawFundClaim'),
      fc
        .tuple(one('ReleasePayment'), fc.integer({ min: 1, max: 3 }), fc.option(amount, { nil: undefined }))
        .map(([c, paymentNo, of]) => ({ ...c, paymentNo, ...(of !== undefined && { amount: of }) }) as FundCommand),
      fc
        .tuple(one('RecordFundPayment'), fc.integer({ min: 1, max: 3 }))
        .map(([c, paymentNo]) => ({ ...c, paymentNo, creditNoteId: `CN${paymentNo}` }) as FundCommand),
      fc.constant({ type: 'SweepFund', fundId }),
    ) as fc.Arbitrary<FundCommand>
    const times = ['2026-02-15', '2026-03-20', '2026-04-05', '2026-07-02'].map(day)
    const occurred = new Set<string>()
    fc.assert(
      fc.property(fc.array(command, { minLength: 20, maxLength: 60, size: 'max' }), fc.nat(3), (commands, hurry) => {
        const start = [budget(), request('A', '6000'), of('CommitActivity', 'A'), claim('C1', '2500')]
        const history: FundEvent[] = []
        for (const [n, one] of [...start, ...commands].entries()) {
          const at = times[Math.min(3, Math.floor((n * hurry) / 40))] ?? ''
          const circumstances = { at, by: n < 4 ? 'dealer' : `person-${n % 3}`, recorded: false, given: world() }
          const state = foldEvents(fundAggregate, history, day('2026-02-15'))
          const decision = fundAggregate.decide(one, state, circumstances)
          if (isRefusal(decision)) continue
          history.push(...decision)
          const after = known(foldEvents(fundAggregate, history, day('2026-02-15')))
          const { committed, claimed, approved, released, paid } = balancesOf(after)
          const chain = [
            BigInt(after.budget),
            committed + BigInt(after.expired),
            committed,
            claimed,
            approved,
            released,
            paid,
          ]
          for (let k = 1; k < chain.length; k++)
            expect(chain[k - 1]! >= chain[k]!, `${one.type} ${chain.join(' ')}`).toBe(true)
          for (const activity of Object.keys(after.activities)) {
            const own = balancesOf(after, activity)
            expect(own.committed >= own.claimed, `${one.type} on ${activity}`).toBe(true)
          }
          for (const { type } of decision) occurred.add(type)
          if (instantOf(at) >= instantOf(day('2026-07-01')) && after.isOver) break
        }
      }),
      { numRuns: 400, seed: 11 },
    )
    expect([...occurred].toSorted()).toEqual(
      expect.arrayContaining([
        'FundClaimPaid',
        'FundClaimEndorsed',
        'FundExpired',
        'FundPaymentReleased',
        'FundReleased',
      ]),
    )
  })
})
