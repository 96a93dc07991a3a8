import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { DisputeSide, SettlementEvent } from '../../../src/domain/rebates/events.ts'
import { payable } from '../../../src/domain/rebates/payable.ts'
import { settlementAggregate } from '../../../src/domain/rebates/settlement.ts'
import { outstanding, type SettlementState } from '../../../src/domain/rebates/settlementState.ts'
import { given } from '../../support/decider.ts'
import { fact } from './facts.ts'
import { afterClose, approve, calculate, command, key, story, world } from './settlementStory.ts'

/** All units earn 2 % from 5,000: 5,200 earn 104.00, and after a return of 300 nothing. */
const sales = [fact(1, '5200')]
const withReturn = [...sales, fact(2, '-300')]

const open = (disputeId: string, difference: string, side: DisputeSide = 'manufacturer', settlementNo = 1) =>
  command({
    type: 'OpenDispute',
    ...key,
    settlementNo,
    disputeId,
    side,
    node: 'due/earned/tier-1',
    difference,
    reason: 'I counted differently',
    evidence: ['ab'.repeat(32)],
  })
const answer = (disputeId: string, side: DisputeSide) =>
  command({ type: 'AnswerDispute', ...key, disputeId, side, answer: 'We looked again' })
const uphold = (disputeId: string, awarded?: string) =>
  command({ type: 'UpholdDispute', ...key, disputeId, ...(awarded !== undefined && { awarded }) })
const reject = (disputeId: string) => command({ type: 'RejectDispute', ...key, disputeId, reason: 'It stands' })
const withdraw = (disputeId: string, side: DisputeSide) => command({ type: 'WithdrawDispute', ...key, disputeId, side })

const amounts = (events: readonly SettlementEvent[]): (readonly [string, string])[] =>
  events.flatMap(({ type, data }) => ('amount' in data ? [[type, data.amount] as const] : []))

/** A final settlement of 104.00, calculated. */
function calculated() {
  const one = story()
  one.run(() => calculate('final', sales), true)
  return one
}

describe('a dispute about a settlement that is not paid yet', () => {
  it('holds back the disputed part, and nothing else', () => {
    const { run } = calculated()
    run(() => open('D1', '-3000'), true)
    const [approved] = run(() => approve(1), true)
    expect(approved?.data).toMatchObject({ amount: '7400', held: '3000' })
  })

  it('sets the part free when it is rejected or withdrawn, posted in an open period', () => {
    for (const end of [reject('D1'), withdraw('D1', 'manufacturer')]) {
      const { run } = calculated()
      run(() => open('D1', '-3000'), true)
      run(() => approve(1), true)
      const events = run(() => end, true)
      expect(events.at(-1)).toMatchObject({
        type: 'DisputedPartPaid',
        data: { disputeId: 'D1', amount: '3000', postedIn: '2026-Q2' },
      })
    }
  })

  it('keeps what it is upheld for, and pays the rest of what it held', () => {
    const { run, state } = calculated()
    run(() => open('D1', '-3000'), true)
    run(() => approve(1), true)
    expect(amounts(run(() => uphold('D1', '-1000'), true))).toEqual([['DisputedPartPaid', '2000']])
    expect(state()).toMatchObject({ settled: '9400', awarded: '-1000', clawedBack: '0' })
  })

  it('is paid with the settlement when it was upheld before the approval', () => {
    const { run } = calculated()
    run(() => open('D1', '2500', 'dealer'), true)
    expect(run(() => uphold('D1'), true)).toHaveLength(1)
    expect(amounts(run(() => approve(1), true))).toEqual([['SettlementApproved', '12900']])
  })

  it('holds back no more than there is', () => {
    const { run } = calculated()
    run(() => open('D1', '-9000'), true)
    run(() => open('D2', '-9000'), true)
    const [approved] = run(() => approve(1), true)
    expect(approved?.data).toMatchObject({ amount: '0', held: '10400' })
    expect(amounts(run(() => reject('D1'), true))).toEqual([['DisputedPartPaid', '1400']])
    expect(amounts(run(() => reject('D2'), true))).toEqual([['DisputedPartPaid', '9000']])
  })

  it('holds back a clawback that the dealer disputes', () => {
    const { run } = calculated()
    run(() => approve(1), true)
    run((state) => calculate('adjustment', withReturn, state, { postedIn: '2026-Q2' }), true)
    run(() => open('D1', '4000', 'dealer', 2), true)
    expect(amounts(run(() => approve(2), true))).toEqual([
      ['SettlementApproved', '0'],
      ['ClawbackPosted', '6400'],
    ])
    expect(amounts(run(() => uphold('D1'), true))).toEqual([])
  })

  it('leaves what it holds accrued', () => {
    const { run, state } = story()
    const cut = { cutOff: '2026-03-01T00:00:00.000Z[UTC]', watermark: '9' }
    run(() => command({ type: 'PostAccrual', ...key, ...cut, volume: '5200', estimate: '10400' }))
    run((now) => calculate('final', sales, now), true)
    run(() => open('D1', '-3000'), true)
    run(() => approve(1), true)
    expect(state().accrued).toBe('3000')
    run(() => reject('D1'), true)
    expect(state().accrued).toBe('0')
  })
})

describe('a dispute about what is paid', () => {
  it('holds nothing back; upheld it is paid, or taken back, at once', () => {
    const { run } = calculated()
    run(() => approve(1), true)
    run(() => open('more', '2000', 'dealer'), true)
    run(() => open('less', '-500'), true)
    expect(amounts(run(() => uphold('more', '1500'), true))).toEqual([['DisputedPartPaid', '1500']])
    expect(amounts(run(() => uphold('less'), true))).toEqual([['ClawbackPosted', '500']])
  })

  it('is a node of the next settlement, and is not paid twice', () => {
    const { run } = calculated()
    run(() => approve(1), true)
    run(() => open('more', '2000', 'dealer'), true)
    run(() => uphold('more'), true)
    const [adjusted] = run((state) => calculate('adjustment', withReturn, state, { postedIn: '2026-Q2' }), true)
    // nothing earned any more, 20.00 awarded, 124.00 paid
    expect(adjusted?.data).toMatchObject({ awarded: '2000', settled: '12400', due: '-10400' })
  })

  it('makes no adjustment where nothing else has changed', () => {
    const { run } = calculated()
    run(() => open('less', '-500'), true)
    run(() => approve(1), true)
    expect(run((state) => calculate('adjustment', sales, state, { postedIn: '2026-Q2' }), true)).toEqual([])
  })
})

describe('who may do what', () => {
  const history = (): { events: SettlementEvent[]; run: ReturnType<typeof story>['run'] } => {
    const { run } = story()
    const events = [...run(() => calculate('final', sales), true), ...run(() => open('D1', '2000', 'dealer'), true)]
    return { events, run }
  }
  const here = { given: world(true), at: afterClose, by: 'finance' }

  it('the side that opened it withdraws it, the other one answers', () => {
    const { events } = history()
    given(settlementAggregate, events).when(withdraw('D1', 'manufacturer'), here).thenRefused('rebates.dispute_side')
    given(settlementAggregate, events).when(answer('D1', 'dealer'), here).thenRefused('rebates.dispute_side')
    expect(given(settlementAggregate, events).when(answer('D1', 'manufacturer'), here).events()).toHaveLength(1)
  })

  it('no more is awarded than was asked for, and nothing of the other sign', () => {
    const { events } = history()
    for (const awarded of ['2001', '-1', '0'])
      given(settlementAggregate, events).when(uphold('D1', awarded), here).thenRefused('rebates.award_beyond')
  })

  it('a large award is upheld by another person than answered it', () => {
    const large = { ...here, given: world(true, { secondApprovalAbove: '10' }) }
    const { events } = history()
    given(settlementAggregate, events).when(uphold('D1'), large).thenRefused('rebates.second_person')
    const answered = [
      ...events,
      ...given(settlementAggregate, events).when(answer('D1', 'manufacturer'), here).events(),
    ]
    given(settlementAggregate, answered).when(uphold('D1'), large).thenRefused('rebates.second_person')
    expect(
      given(settlementAggregate, answered)
        .when(uphold('D1'), { ...large, by: 'controller' })
        .events(),
    ).toHaveLength(1)
  })

  it('an ended dispute stays ended; a repeated command does nothing', () => {
    const { run } = history()
    run(() => approve(1), true)
    run(() => reject('D1'), true)
    expect(run(() => reject('D1'), true)).toEqual([])
    expect(() => run(() => uphold('D1'), true)).toThrow('rebates.dispute_closed')
    expect(() => run(() => reject('D2'), true)).toThrow('object.not_found')
    expect(run(() => open('D1', '2000', 'dealer'), true)).toEqual([])
    expect(() => run(() => open('D1', '2001', 'dealer'), true)).toThrow('object.exists')
  })

  it('comes within the days of the terms, and about a calculation that stands', () => {
    const [first] = story().run(() => calculate('final', sales), true)
    const events = first ? [{ ...first, occurredAt: afterClose }] : []
    const at = (day: string, disputeDays?: number) => ({
      given: world(true, disputeDays === undefined ? {} : { disputeDays }),
      at: `2026-${day}T00:00:00.000Z[UTC]`,
    })
    const opened = (day: string, disputeDays?: number) =>
      given(settlementAggregate, events).when(open('D1', '1'), at(day, disputeDays))
    expect(opened('04-30', 10).events()).toHaveLength(1)
    opened('05-01', 10).thenRefused('rebates.dispute_late')
    expect(opened('12-31').events()).toHaveLength(1)
    const again = calculate('final', sales, undefined, { explanationHash: 'cd'.repeat(32) })
    const later = given(settlementAggregate, events)
      .when(again, { given: world(true), at: afterClose })
      .events()
    given(settlementAggregate, [...events, ...later])
      .when(open('D1', '1'), { given: world(true), at: afterClose })
      .thenRefused('rebates.superseded')
  })

  it('a dealer-period has room for a hundred', () => {
    const { run } = calculated()
    for (let n = 1; n <= 100; n += 1) run(() => open(`D${n}`, '1'), true)
    expect(() => run(() => open('D101', '1'), true)).toThrow('rebates.dispute_limit')
  })
})

describe('a dealer that has exited', () => {
  const exited = { given: { ...world(true), hasExited: true }, at: afterClose, by: 'finance' }

  it('is paid nothing more, by a settlement or after a dispute', () => {
    const { run } = story()
    const events = [...run(() => calculate('final', sales), true)]
    given(settlementAggregate, events).when(approve(1), exited).thenRefused('rebates.dealer_exited')
    events.push(...run(() => open('D1', '-3000'), true), ...run(() => approve(1), true))
    given(settlementAggregate, events).when(reject('D1'), exited).thenRefused('rebates.dealer_exited')
  })

  it('its settlement is closed by a dispute that the manufacturer upholds', () => {
    const { run } = story()
    const events = [...run(() => calculate('final', sales), true), ...run(() => open('D1', '-10400'), true)]
    events.push(...given(settlementAggregate, events).when(uphold('D1'), exited).events())
    const [approved] = given(settlementAggregate, events).when(approve(1), exited).events()
    expect(approved?.data).toMatchObject({ amount: '0' })
  })
})

describe('payouts', () => {
  const paid = (reference: string, disputeId?: string) =>
    command({
      type: 'RecordSettlementPayment',
      ...key,
      settlementNo: 1,
      reference,
      ...(disputeId !== undefined && { disputeId }),
    })
  const asMoney = { outlet: 'payment' } as const

  it('leave as money where the terms say so, each once and whole', () => {
    const { run } = story()
    run(() => calculate('final', sales), true, asMoney)
    run(() => open('D1', '-3000'), true, asMoney)
    expect(run(() => approve(1), true, asMoney)[0]?.data).toMatchObject({ amount: '7400', outlet: 'payment' })
    expect(run(() => reject('D1'), true, asMoney).at(-1)?.data).toMatchObject({ amount: '3000', outlet: 'payment' })
    expect(amounts(run(() => paid('T-1'), true, asMoney))).toEqual([['SettlementPaid', '7400']])
    expect(amounts(run(() => paid('T-2', 'D1'), true, asMoney))).toEqual([['SettlementPaid', '3000']])
    expect(run(() => paid('T-2', 'D1'), true, asMoney)).toEqual([])
    expect(() => run(() => paid('T-3'), true, asMoney)).toThrow('object.exists')
  })

  it('are not money elsewhere, nor before they are approved', () => {
    const { run } = story()
    run(() => calculate('final', sales), true)
    expect(() => run(() => paid('T-1'), true)).toThrow('rebates.other_outlet')
    expect(() => run(() => paid('T-1'), true, asMoney)).toThrow('rebates.not_approved')
  })
})

it('in any order of disputes, awards, late facts and approvals, what is paid is what is earned and awarded less what is held', () => {
  const side = fc.constantFrom<DisputeSide>('dealer', 'manufacturer')
  const dispute = fc.integer({ min: 1, max: 3 })
  const step = fc.oneof(
    fc.record({ do: fc.constant('calculate' as const), volume: fc.integer({ min: -500, max: 9000 }) }),
    { weight: 3, arbitrary: fc.record({ do: fc.constant('approve' as const) }) },
    fc.record({ do: fc.constant('open' as const), dispute, side, by: fc.integer({ min: -20000, max: 20000 }) }),
    fc.record({ do: fc.constant('uphold' as const), dispute, part: fc.integer({ min: 1, max: 100 }) }),
    { weight: 2, arbitrary: fc.record({ do: fc.constant('reject' as const), dispute }) },
    fc.record({ do: fc.constant('withdraw' as const), dispute, side }),
  )
  const seen = { held: 0, awarded: 0, released: 0, clawedBack: 0 }
  fc.assert(
    fc.property(fc.array(step, { minLength: 5, maxLength: 30 }), (more) => {
      const steps: typeof more = [
        { do: 'calculate', volume: 100 },
        { do: 'open', dispute: 1, side: 'manufacturer', by: -3000 },
        { do: 'approve' },
        ...more,
      ]
      const { run, state } = story()
      const facts = [fact(1, '5200')]
      const attempt = (make: (state: SettlementState) => ReturnType<typeof command>): readonly SettlementEvent[] => {
        try {
          return run(make, true)
        } catch {
          return []
        }
      }
      let events: readonly SettlementEvent[] = []
      for (const one of steps) {
        const now = state()
        const awarded = (of: number, part: number): string =>
          (
            (BigInt(now.disputes.find(({ disputeId }) => disputeId === `D${of}`)?.difference ?? '0') * BigInt(part)) /
            100n
          ).toString()
        if (one.do === 'calculate') {
          facts.push(fact(facts.length + 1, String(one.volume)))
          const isFinal = now.settlements.some(({ status, kind }) => status === 'approved' && kind === 'final')
          const change = isFinal ? { postedIn: '2026-Q2' } : {}
          events = attempt((state) => calculate(isFinal ? 'adjustment' : 'final', facts, state, change))
        }
        if (one.do === 'approve') events = attempt(() => approve(now.settlements.length))
        if (one.do === 'open')
          events = attempt(() => open(`D${one.dispute}`, String(one.by), one.side, now.settlements.length))
        if (one.do === 'uphold') events = attempt(() => uphold(`D${one.dispute}`, awarded(one.dispute, one.part)))
        if (one.do === 'reject') events = attempt(() => reject(`D${one.dispute}`))
        if (one.do === 'withdraw') events = attempt(() => withdraw(`D${one.dispute}`, one.side))
        seen.released += events.some(({ type }) => type === 'DisputedPartPaid') ? 1 : 0
        seen.clawedBack += events.some(({ type }) => type === 'ClawbackPosted') ? 1 : 0
        const after = state()
        const last = after.settlements.findLast(({ status }) => status === 'approved')
        const isPending = after.settlements.at(-1)?.status === 'calculated'
        if (!last || isPending) continue
        const { amount, held } = payable(after, outstanding(after, last.earned))
        expect(amount).toBe(0n)
        seen.held += held > 0n ? 1 : 0
        seen.awarded += after.awarded === '0' ? 0 : 1
      }
    }),
    { numRuns: 200, seed: 20261122 },
  )
  expect(seen.held).toBeGreaterThan(10)
  expect(seen.awarded).toBeGreaterThan(10)
  expect(seen.released).toBeGreaterThan(10)
  expect(seen.clawedBack).toBeGreaterThan(10)
})
