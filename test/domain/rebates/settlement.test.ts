import { describe, expect, it } from 'vitest'
import type { SettlementCommand } from '../../../src/domain/rebates/commands.ts'
import type { SettlementEvent } from '../../../src/domain/rebates/events.ts'
import { settle } from '../../../src/domain/rebates/settle.ts'
import { settlementAggregate } from '../../../src/domain/rebates/settlement.ts'
import { ownFigures } from '../../../src/domain/rebates/settlementState.ts'
import type { Terms } from '../../../src/domain/rebates/terms.ts'
import { given } from '../../support/decider.ts'
import { fact, termsWith } from './facts.ts'
import { afterClose, approve, calculate, command, key, story, world } from './settlementStory.ts'

const sales = [fact(1, '5200')]
const withReturn = [...sales, fact(2, '-300')]

describe('targets and baselines', () => {
  const target = (amount: string): SettlementCommand => command({ type: 'SetTarget', ...key, amount })
  const baseline = (amount: string, agreement?: string): SettlementCommand =>
    command({ type: 'FixBaseline', ...key, amount, ...(agreement !== undefined && { agreement }) })
  const when = (at: string) => ({ given: world(false), at })
  const inTime = when('2025-12-20T00:00:00.000Z[UTC]')
  const within = when('2026-02-01T00:00:00.000Z[UTC]')
  const data = { ...key, companyId: 'maker' }
  const targetSet: SettlementEvent = { type: 'TargetSet', data: { ...data, amount: '9000' } }
  const fixed: SettlementEvent = { type: 'BaselineFixed', data: { ...data, amount: '4000', breaches: [] } }

  it('a target is set, and revised until the period ends', () => {
    given(settlementAggregate, []).when(target('9000'), within).then([targetSet])
    given(settlementAggregate, [targetSet])
      .when(target('9500'), within)
      .then([{ type: 'TargetRevised', data: { ...data, amount: '9500', before: '9000' } }])
    given(settlementAggregate, [targetSet]).when(target('9000'), within).thenNothing()
    given(settlementAggregate, [targetSet])
      .when(target('9500'), when('2026-04-01T00:00:00.000Z[UTC]'))
      .thenRefused('rebates.target_late')
  })

  it('a baseline is fixed before the period; afterwards both sides sign', () => {
    given(settlementAggregate, []).when(baseline('4000'), inTime).then([fixed])
    given(settlementAggregate, []).when(baseline('4000'), within).thenRefused('rebates.baseline_fixed')
    given(settlementAggregate, [fixed]).when(baseline('5000'), inTime).thenRefused('rebates.baseline_fixed')
    given(settlementAggregate, [fixed])
      .when(baseline('5000', 'AGR-7'), within)
      .then([
        { type: 'BaselineFixed', data: { ...data, amount: '5000', agreement: 'AGR-7', before: '4000', breaches: [] } },
      ])
  })

  it('the target that counts is the last one in time: at the end, or at the start where the terms say so', () => {
    const period = { startInstant: Date.UTC(2026, 0, 1), endInstant: Date.UTC(2026, 3, 1) }
    const targets = [
      { at: '2026-01-01T00:00:00.000Z[UTC]', amount: '1' },
      { at: '2026-01-02T00:00:00.000Z[UTC]', amount: '2' },
      { at: '2026-03-31T23:59:59.999Z[UTC]', amount: '3' },
      { at: '2026-04-01T00:00:00.000Z[UTC]', amount: '4' },
    ]
    const cut = '2026-05-01T00:00:00.000Z[UTC]'
    expect(ownFigures({ targets }, {}, period, cut)).toEqual({ target: '3' })
    expect(ownFigures({ targets }, { targetAt: 'period-start' }, period, cut)).toEqual({ target: '1' })
    expect(ownFigures({ targets }, {}, period, '2026-02-01T00:00:00.000Z[UTC]')).toEqual({ target: '2' })
    expect(ownFigures({ targets: [] }, {}, period, cut)).toEqual({})
  })

  it('a calculation that looked at another target is refused', () => {
    const terms = { method: { kind: 'attainment' as const, tiers: [{ from: '0.9', rate: '0.01' }] } }
    const { calculation: made } = settle({
      programmeId: 'volume',
      terms: termsWith(terms.method),
      currency: 'USD',
      facts: sales,
      prior: [],
      target: '5000',
    })
    const stated = { ...calculate('interim', sales), calculation: made, due: made.earned } as SettlementCommand
    const circumstances = { given: world(false, terms), at: afterClose }
    const before: SettlementEvent[] = [{ type: 'TargetSet', data: { ...data, amount: '5000' } }]
    const early = '2026-03-01T00:00:00.000Z[UTC]'
    const withTarget = before.map((event) => ({ ...event, occurredAt: early }))
    expect(given(settlementAggregate, withTarget).when(stated, circumstances).events()).toHaveLength(1)
    given(settlementAggregate, [{ ...targetSet, occurredAt: early } as SettlementEvent])
      .when(stated, circumstances)
      .thenRefused('rebates.calculation_invalid')
  })
})

describe('a payout above the limit of the terms', () => {
  const limited = { secondApprovalAbove: '104' }
  const approvedBy = (history: readonly SettlementEvent[], by: string, change: Partial<Terms> = limited) =>
    given(settlementAggregate, history).when(approve(1), { given: world(false, change), at: afterClose, by })
  const calculated = (change: Partial<Terms>, facts = sales) =>
    given(settlementAggregate)
      .when(calculate('interim', facts), { given: world(false, change), at: afterClose })
      .events()

  it('is approved by two different people; at the limit one is enough', () => {
    const history = [...calculated(limited, [fact(1, '5200.5')])]
    const first = approvedBy(history, 'anna').events()
    expect(first).toMatchObject([{ type: 'SettlementEndorsed', data: { amount: '10401', endorsedBy: 'anna' } }])
    const endorsed = [...history, ...first]
    approvedBy(endorsed, 'anna').thenRefused('rebates.second_person')
    expect(approvedBy(endorsed, 'bert').events()).toMatchObject([
      { type: 'SettlementApproved', data: { amount: '10401' } },
    ])
    expect(approvedBy([...calculated(limited)], 'anna').events()).toMatchObject([{ type: 'SettlementApproved' }])
  })

  it('a new calculation needs both again', () => {
    const history = [...calculated(limited, [fact(1, '5200.5')])]
    history.push(...approvedBy(history, 'anna').events())
    const more = given(settlementAggregate, history)
      .when(calculate('interim', [fact(1, '5300')], undefined, { watermark: '99' }), {
        given: world(false, limited),
        at: afterClose,
      })
      .events()
    const second = given(settlementAggregate, [...history, ...more]).when(
      command({ type: 'ApproveSettlement', ...key, settlementNo: 2 }),
      {
        given: world(false, limited),
        at: afterClose,
        by: 'bert',
      },
    )
    expect(second.events()).toMatchObject([{ type: 'SettlementEndorsed', data: { endorsedBy: 'bert' } }])
  })
})

describe('accruals', () => {
  const accrue = (estimate: string): SettlementCommand =>
    command({
      type: 'PostAccrual',
      ...key,
      cutOff: '2026-02-01T00:00:00.000Z[UTC]',
      watermark: '7',
      volume: '5200',
      estimate,
    })

  it('follow the estimate up and down, and are not posted twice', () => {
    const { run } = story()
    expect(run(() => accrue('10400'))).toMatchObject([
      { type: 'AccrualPosted', data: { amount: '10400', balance: '10400', method: 'most-likely-amount' } },
    ])
    expect(run(() => accrue('10400'))).toEqual([])
    expect(run(() => accrue('10000'))).toMatchObject([
      { type: 'AccrualReversed', data: { amount: '400', balance: '10000' } },
    ])
  })

  it('are taken back by every settlement, so the balance after the final one is zero', () => {
    const { run, state } = story()
    run(() => accrue('12000'))
    run((now) => calculate('interim', sales, now))
    expect(run(() => approve(1)).map(({ type }) => type)).toEqual(['SettlementApproved', 'AccrualReversed'])
    expect(run(() => accrue('12000'))).toMatchObject([{ data: { amount: '1600', estimate: '12000' } }])
    run((now) => calculate('final', sales, now), true)
    run(() => approve(2), true)
    expect(state().accrued).toBe('0')
    given(settlementAggregate, [])
      .when(accrue('1'), { given: world(false) })
      .events()
    expect(() => run(() => accrue('1'))).toThrow('rebates.final_settled')
  })
})

describe('interim and final settlements follow the delta rule', () => {
  it('pays the interim, then only what is earned beyond it', () => {
    const { run, state } = story()
    expect(run((now) => calculate('interim', sales, now))).toMatchObject([
      {
        type: 'SettlementCalculated',
        data: { settlementNo: 1, due: '10400', settled: '0', postedIn: '2026-Q1', programmeVersion: 1 },
      },
    ])
    expect(run(() => approve(1))).toMatchObject([{ type: 'SettlementApproved', data: { amount: '10400' } }])
    const more = [...sales, fact(3, '1000')]
    expect(run((now) => calculate('final', more, now), true)).toMatchObject([
      { data: { due: '2000', settled: '10400' } },
    ])
    run(() => approve(2), true)
    expect(state()).toMatchObject({ settled: '12400', clawedBack: '0' })
  })

  it('an interim below zero is carried, or taken back, as the terms say', () => {
    for (const [negativeInterim, types] of [
      ['carry', ['SettlementApproved']],
      ['clawback', ['SettlementApproved', 'ClawbackPosted']],
    ] as const) {
      const { run, state } = story()
      run((now) => calculate('interim', sales, now))
      run(() => approve(1))
      run((now) => calculate('interim', withReturn, now), false, { negativeInterim })
      expect(run(() => approve(2), false, { negativeInterim }).map(({ type }) => type)).toEqual(types)
      run((now) => calculate('final', withReturn, now), true)
      run(() => approve(3), true)
      expect(state()).toMatchObject({ settled: '10400', clawedBack: '10400' })
    }
  })

  it('a calculation nobody approved is replaced by the next one, and cannot be approved any more', () => {
    const { run } = story()
    run((now) => calculate('interim', sales, now))
    expect(run((now) => calculate('interim', [...sales, fact(3, '1')], now))).toMatchObject([
      { data: { settlementNo: 2, supersedes: 1 } },
    ])
    expect(() => run(() => approve(1))).toThrow('rebates.superseded')
  })

  it('the same calculation again, or one up to the same event after approval, is nothing new', () => {
    given(settlementAggregate, [])
      .when(calculate('interim', sales), { given: world(false) })
      .events()
    const { run } = story()
    run((now) => calculate('interim', sales, now))
    expect(run((now) => calculate('interim', sales, now))).toEqual([])
    run(() => approve(1))
    expect(run(() => approve(1))).toEqual([])
    expect(run((now) => calculate('interim', sales, now))).toEqual([])
  })
})

describe('the final settlement', () => {
  it('needs the closed period and its days of grace', () => {
    const final = calculate('final', sales)
    given(settlementAggregate)
      .when(final, { given: world(false), at: afterClose })
      .thenRefused('rebates.period_open')
    const early = '2026-04-03T00:00:00.000Z[UTC]'
    given(settlementAggregate)
      .when(final, { given: world(true), at: early })
      .thenRefused('rebates.period_open')
  })

  it('happens once; what comes later is an adjustment that posts in an open period', () => {
    const { run, state } = story()
    run((now) => calculate('final', sales, now), true)
    run(() => approve(1), true)
    expect(() => run((now) => calculate('final', withReturn, now), true)).toThrow('rebates.final_settled')
    expect(() => run((now) => calculate('interim', withReturn, now), true)).toThrow('rebates.final_settled')
    expect(() => run((now) => calculate('adjustment', withReturn, now), true)).toThrow('rebates.not_final')
    const posted = { postedIn: '2026-Q2' }
    expect(run((now) => calculate('adjustment', withReturn, now, posted), true)).toMatchObject([
      { data: { due: '-10400', postedIn: '2026-Q2' } },
    ])
    expect(run(() => approve(2), true)).toMatchObject([
      { type: 'SettlementApproved', data: { amount: '0' } },
      { type: 'ClawbackPosted', data: { amount: '10400', postedIn: '2026-Q2' } },
    ])
    expect(state()).toMatchObject({ settled: '10400', clawedBack: '10400' })
    expect(run((now) => calculate('adjustment', [...withReturn, fact(9, '0')], now, posted), true)).toEqual([])
  })

  it('an adjustment before it makes no sense', () => {
    given(settlementAggregate)
      .when(calculate('adjustment', sales, undefined, { postedIn: '2026-Q2' }), { given: world(true) })
      .thenRefused('rebates.not_final')
  })
})

describe('a calculation is checked against the terms', () => {
  const sound = calculate('interim', sales) as Extract<SettlementCommand, { type: 'CalculateSettlement' }>
  const { calculation } = sound
  const wrong: readonly [string, Partial<typeof sound>][] = [
    ['earned', { calculation: { ...calculation, earned: '10401' }, due: '10401' }],
    ['tierReached', { calculation: { ...calculation, volume: '4999' } }],
    ['parts.2.base', { calculation: { ...calculation, volume: '6000' } }],
    [
      'parts.2',
      { calculation: { ...calculation, parts: calculation.parts.map((part) => ({ ...part, rate: '0.03' })) } },
    ],
    ['rounding', { calculation: { ...calculation, rounding: '0.01' } }],
    ['due', { due: '1' }],
  ]
  it.each(wrong)('%s', (at, change) => {
    given(settlementAggregate)
      .when({ ...sound, ...change }, { given: world(false) })
      .thenRefused('rebates.calculation_invalid', { at })
  })

  it('needs a known programme, period and currency', () => {
    given(settlementAggregate)
      .when({ ...sound, periodId: '2026-Q9' }, { given: world(false) })
      .thenRefused('calendars.unknown_period')
    given(settlementAggregate)
      .when(sound, { given: world(false, { currencies: ['EUR'] }) })
      .thenRefused('rebates.currency')
    const none = { ...world(false).programme, versions: [], status: 'unknown' as const }
    given(settlementAggregate)
      .when(sound, { given: { ...world(false), programme: none } })
      .thenRefused('object.not_found')
  })
})

describe('the payout', () => {
  const credit = (creditNoteId: string): SettlementCommand =>
    command({ type: 'RecordSettlementCredit', ...key, settlementNo: 1, creditNoteId })

  it('is credited once, and only after approval', () => {
    const { run } = story()
    run((now) => calculate('interim', sales, now))
    expect(() => run(() => credit('cn-1'))).toThrow('rebates.not_approved')
    run(() => approve(1))
    expect(run(() => credit('cn-1'))).toMatchObject([
      { type: 'SettlementCredited', data: { amount: '10400', creditNoteId: 'cn-1' } },
    ])
    expect(run(() => credit('cn-1'))).toEqual([])
    expect(() => run(() => credit('cn-2'))).toThrow('object.exists')
  })
})
