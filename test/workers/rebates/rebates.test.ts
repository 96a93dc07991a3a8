import { describe, expect, it } from 'vitest'
import { orderAggregate } from '../../../src/domain/orders/decide.ts'
import { programmeAggregate } from '../../../src/domain/rebates/programme.ts'
import { settlementAggregate } from '../../../src/domain/rebates/settlement.ts'
import { stackingAggregate } from '../../../src/domain/rebates/stacking.ts'
import type { Terms } from '../../../src/domain/rebates/terms.ts'
import { planRebates } from '../../../src/workers/rebates/keepRebates.ts'
import { settleProgramme } from '../../../src/workers/rebates/settleProgramme.ts'
import { brokenInvariants } from '../../support/invariants.ts'
import { openWorkChannel, type WorkChannel } from '../../support/workChannel.ts'

const day = 86_400_000

/** 2 % of what is invoiced up to 500.00, 5 % of what lies above, per month. */
async function withProgramme(more: Partial<Terms> = {}, policy: { approveSettlements?: boolean } = {}) {
  const channel = await openWorkChannel({ policy })
  await channel.receive('BIKE', '1000', 'R1')
  const terms: Terms = {
    version: 1,
    name: { en: 'Growth' },
    payer: 'ACME',
    effectiveFrom: '2026-01-01T00:00:00.000Z[UTC]',
    eligibility: { kind: 'all' },
    products: {},
    basis: 'invoiced',
    measure: 'net',
    returns: 'deduct',
    calendarId: 'FISCAL',
    grain: 'month',
    rounding: {
      mode: 'half-up',
      level: 'settlement',
    },
    method: {
      kind: 'marginal',
      tiers: [
        {
          from: '0',
          to: '500',
          rate: '0.02',
        },
        {
          from: '500',
          rate: '0.05',
        },
      ],
    },
    accrual: 'expected-value',
    outlet: 'credit_note',
    negativeInterim: 'carry',
    graceDays: 3,
    clawbackDays: 90,
    ...more,
  }
  await channel.run(programmeAggregate, { type: 'DraftProgramme', programmeId: 'GROWTH', companyId: 'ACME', terms })
  await channel.run(programmeAggregate, { type: 'ActivateProgramme', programmeId: 'GROWTH', version: 1 })
  return channel
}

async function sell(channel: WorkChannel, orderId: string, quantity: string, dealerId = 'D1'): Promise<void> {
  await channel.place(orderId, [['BIKE', quantity]], { dealerId })
  await channel.work()
  await channel.ship(orderId, `S-${orderId}`, [{ lineNo: 1, quantity }])
  await channel.deliver(orderId, `S-${orderId}`)
  await channel.work()
}

const settlementOf = (channel: WorkChannel, dealerId: string, periodId: string) =>
  channel.handler().load(settlementAggregate, `GROWTH/${dealerId}/USD/${periodId}`)

async function daily(channel: WorkChannel, days: number): Promise<void> {
  for (let passed = 0; passed < days; passed += 1) {
    channel.pass(day)
    await channel.work()
  }
}

describe('a programme over its periods', () => {
  it('accrues day by day, closes the month, settles it finally and pays by credit note', async () => {
    const channel = await withProgramme()
    await sell(channel, 'O1', '40')
    await daily(channel, 1)
    expect(await settlementOf(channel, 'D1', '2026-01')).toMatchObject({ accrued: '800', settlements: [] })
    await sell(channel, 'O2', '20')
    await daily(channel, 1)
    // 500 at 2 % and 100 at 5 %
    expect(await settlementOf(channel, 'D1', '2026-01')).toMatchObject({ accrued: '1500' })
    await daily(channel, 30)
    expect(await settlementOf(channel, 'D1', '2026-01')).toMatchObject({ accrued: '0', settled: '1500' })
    const notes = (await channel.events('CreditNoteIssued')).map(({ data }) => data)
    expect(notes).toMatchObject([
      { reason: 'rebate', amount: '1500', dealerId: 'D1', settlement: { periodId: '2026-01' } },
    ])
    expect(await channel.events('SettlementCredited')).toHaveLength(1)
    const head = await channel.store.head()
    await channel.work()
    expect(await channel.store.head()).toBe(head)
    expect(brokenInvariants(await channel.events())).toEqual([])
    expect(await channel.progress.deadTasks(10)).toEqual([])
  })

  it('looks at the periods before again when it was stopped after the final settlement of the newest', async () => {
    const channel = await withProgramme()
    await daily(channel, 62)
    const { progress } = channel
    const settled = async () => (await progress.inGroup('settled', 'GROWTH', 100)).map(({ subject }) => subject)
    expect(await settled()).toEqual(['2026-01', '2026-02'])
    // as it was when the second month had come to its end
    await progress.forget('settled', 'GROWTH', '2026-02')
    await progress.put({ kind: 'programme', group: '', subject: 'GROWTH', at: 0 })
    const plan = async (stopsAt?: string): Promise<string[]> => {
      const done: string[] = []
      await planRebates({ handler: channel.handler(), progress }, '2026-03-08T00:00:00.000Z[UTC]', async (run) => {
        if (run.kind === stopsAt) throw new Error('stopped')
        done.push(`${run.kind} ${run.periodId}`)
        return true
      })
      return done
    }
    await expect(plan('adjustment')).rejects.toThrow('stopped')
    expect(await settled()).toEqual(['2026-01'])
    expect(await plan()).toEqual(['final 2026-02', 'accrual 2026-03', 'final 2026-01', 'adjustment 2026-01'])
    expect(await settled()).toEqual(['2026-01', '2026-02'])
  })

  it('takes back what a return after the final settlement no longer earns, in an open period', async () => {
    const channel = await withProgramme()
    await sell(channel, 'O1', '60')
    await daily(channel, 33)
    const lines = [{ lineNo: 1, quantity: '20' }]
    await channel.run(orderAggregate, {
      type: 'AuthoriseReturn',
      orderId: 'O1',
      returnId: 'X1',
      lines,
      reason: 'dented',
    })
    await channel.run(orderAggregate, {
      type: 'ReceiveReturn',
      orderId: 'O1',
      returnId: 'X1',
      reason: 'dented',
      lines: [
        {
          lineNo: 1,
          quantity: '20',
          condition: 'restock',
        },
      ],
    })
    await daily(channel, 30)
    expect(await settlementOf(channel, 'D1', '2026-01')).toMatchObject({ settled: '1500', clawedBack: '700' })
    const adjustment = (await channel.events('SettlementCalculated')).find(
      ({ data }) => (data as { kind: string }).kind === 'adjustment',
    )
    expect(adjustment?.data).toMatchObject({ periodId: '2026-01', postedIn: '2026-03', due: '-700' })
    const note = (await channel.events('InvoiceIssued')).find(
      ({ data }) => (data as { kind: string }).kind === 'debit_note',
    )
    expect(note?.data).toMatchObject({ gross: '700', settlement: { programmeId: 'GROWTH', periodId: '2026-01' } })
    expect(brokenInvariants(await channel.events())).toEqual([])
  })

  it('settles a dealer whose first sale of a settled period is told late', async () => {
    const channel = await withProgramme()
    const left = channel.at()
    await sell(channel, 'O1', '40')
    await daily(channel, 35)
    expect(await settlementOf(channel, 'D1', '2026-01')).toMatchObject({ settled: '800' })
    await channel.place('O2', [['BIKE', '10']], { dealerId: 'D2' })
    await channel.work()
    const lines = [{ lineNo: 1, quantity: '10' }]
    const shipment = { type: 'DispatchShipment', orderId: 'O2', shipmentId: 'S-O2', lines } as const
    await channel.run(orderAggregate, shipment, { at: left })
    await daily(channel, 30)
    expect(await settlementOf(channel, 'D2', '2026-01')).toMatchObject({ settled: '200', accrued: '0' })
    expect(brokenInvariants(await channel.events())).toEqual([])
    expect(await channel.progress.deadTasks(10)).toEqual([])
  })

  it('pays in interims and a final what the whole volume earns', async () => {
    const channel = await withProgramme()
    const ports = channel.ports
    for (const [orderId, quantity] of [
      ['O1', '30'],
      ['O2', '30'],
      ['O3', '10'],
    ] as const) {
      await sell(channel, orderId, quantity)
      channel.pass(day)
      const run = { programmeId: 'GROWTH', periodId: '2026-01', kind: 'interim', at: channel.at() } as const
      const first = await settleProgramme(ports, run)
      expect(first).toMatchObject({ changed: 1, refused: [] })
      // the same run again: the same key, nothing new
      expect(await settleProgramme(ports, run)).toMatchObject({ changed: 0, refused: [] })
      await channel.work()
    }
    await daily(channel, 32)
    const state = await settlementOf(channel, 'D1', '2026-01')
    expect(state.settlements.map(({ kind, due }) => [kind, due])).toEqual([
      ['interim', '600'],
      ['interim', '900'],
      ['interim', '500'],
      ['final', '0'],
    ])
    expect(state.settled).toBe('2000')
    expect(brokenInvariants(await channel.events())).toEqual([])
  })

  it('leaves approval to a person where the policy says so', async () => {
    const channel = await withProgramme({}, { approveSettlements: false })
    await sell(channel, 'O1', '60')
    await daily(channel, 33)
    expect((await settlementOf(channel, 'D1', '2026-01')).settlements).toMatchObject([
      { kind: 'final', status: 'calculated' },
    ])
    expect(await channel.events('CreditNoteIssued')).toHaveLength(0)
    const key = { programmeId: 'GROWTH', dealerId: 'D1', currency: 'USD', periodId: '2026-01' }
    await channel.run(settlementAggregate, { type: 'ApproveSettlement', ...key, settlementNo: 1 })
    await channel.work()
    expect(await channel.events('CreditNoteIssued')).toHaveLength(1)
  })

  it('settles only whom it is for', async () => {
    const channel = await withProgramme({ eligibility: { kind: 'members' } })
    await channel.run(programmeAggregate, {
      type: 'EnrolMember',
      programmeId: 'GROWTH',
      dealerId: 'D2',
      from: '2026-01-01T00:00:00.000Z[UTC]',
    })
    await sell(channel, 'O1', '10', 'D1')
    await sell(channel, 'O2', '10', 'D2')
    await daily(channel, 33)
    expect((await settlementOf(channel, 'D1', '2026-01')).settled).toBe('0')
    expect((await settlementOf(channel, 'D2', '2026-01')).settled).toBe('200')
  })
})

describe('how a payout leaves', () => {
  const key = { programmeId: 'GROWTH', dealerId: 'D1', currency: 'USD', periodId: '2026-01' } as const

  it('as money, which finance records: no document on the account', async () => {
    const channel = await withProgramme({ outlet: 'payment' })
    await sell(channel, 'O1', '60')
    await daily(channel, 33)
    expect(await settlementOf(channel, 'D1', '2026-01')).toMatchObject({ settled: '1500' })
    expect(await channel.events('CreditNoteIssued')).toHaveLength(0)
    await channel.run(settlementAggregate, {
      type: 'RecordSettlementPayment',
      ...key,
      settlementNo: 1,
      reference: 'T-1',
    })
    expect((await channel.events('SettlementPaid')).map(({ data }) => data)).toMatchObject([
      { amount: '1500', reference: 'T-1' },
    ])
  })

  it('as credit for invoices to come, each lowered by its share, until it runs out', async () => {
    const channel = await withProgramme({ outlet: { kind: 'offset', share: '0.05', expiresAfterDays: 20 } })
    await sell(channel, 'O1', '60')
    await daily(channel, 33)
    expect((await channel.account('D1')).balances['D1']?.['USD']).toMatchObject({ receivable: '60000', credits: '0' })
    await sell(channel, 'O2', '10')
    expect((await channel.events('CreditNoteApplied')).map(({ data }) => data)).toMatchObject([
      { amount: '500', unapplied: '1000', offset: true },
    ])
    await daily(channel, 21)
    expect((await channel.events('CreditNoteExpired')).map(({ data }) => data)).toMatchObject([{ amount: '1000' }])
    expect(brokenInvariants(await channel.events())).toEqual([])
    expect(await channel.progress.deadTasks(10)).toEqual([])
  })

  it('less what is disputed, which follows with a document of its own', async () => {
    const channel = await withProgramme({}, { approveSettlements: false })
    await sell(channel, 'O1', '60')
    await daily(channel, 33)
    const dispute = { disputeId: 'DISP', side: 'manufacturer', node: 'due', reason: 'Was this sold twice?' } as const
    const opened = {
      type: 'OpenDispute',
      ...key,
      settlementNo: 1,
      ...dispute,
      difference: '-600',
      evidence: [],
    } as const
    await channel.run(settlementAggregate, { ...opened, evidence: [] })
    await channel.run(settlementAggregate, { type: 'ApproveSettlement', ...key, settlementNo: 1 })
    await channel.work()
    await channel.run(settlementAggregate, { type: 'UpholdDispute', ...key, disputeId: 'DISP', awarded: '-100' })
    await channel.work()
    const notes = (await channel.events('CreditNoteIssued')).map(({ data }) => data as { amount: string })
    expect(notes.map(({ amount }) => amount)).toEqual(['900', '500'])
    expect(await channel.events('SettlementCredited')).toHaveLength(2)
    await daily(channel, 40)
    expect(await settlementOf(channel, 'D1', '2026-01')).toMatchObject({ settled: '1400', awarded: '-100' })
    expect(brokenInvariants(await channel.events())).toEqual([])
    expect(await channel.progress.deadTasks(10)).toEqual([])
  })
})

describe('calendars', () => {
  it('close periods after their grace, the month before its quarter, and open the next year ahead', async () => {
    const channel = await openWorkChannel()
    channel.pass(27 * day)
    await channel.work()
    expect(await channel.events('PeriodClosed')).toHaveLength(0)
    channel.pass(2 * day)
    await channel.work()
    expect((await channel.events('PeriodClosed')).map(({ data }) => (data as { periodId: string }).periodId)).toEqual([
      '2026-01',
    ])
    channel.pass(330 * day)
    await channel.work()
    const closed = (await channel.events('PeriodClosed')).map(({ data }) => (data as { periodId: string }).periodId)
    expect(closed.indexOf('2026-03')).toBeLessThan(closed.indexOf('2026-Q1'))
    expect(
      (await channel.events('PeriodOpened')).filter(({ data }) => (data as { periodId: string }).periodId === '2027'),
    ).toHaveLength(1)
  })
})

describe('programmes that count the same sale', () => {
  it('the second one of the group counts what the first one leaves', async () => {
    const stackingGroup = 'SPRING'
    const channel = await withProgramme({ stackingGroup })
    const { versions } = await channel.handler().load(programmeAggregate, 'GROWTH')
    const [growth] = versions
    if (!growth) throw new Error('not drafted')
    const bonus: Terms = {
      ...growth,
      name: { en: 'Bonus' },
      method: { kind: 'all-units', tiers: [{ from: '0', rate: '0.1' }] },
    }
    await channel.run(programmeAggregate, {
      type: 'DraftProgramme',
      programmeId: 'BONUS',
      companyId: 'ACME',
      terms: bonus,
    })
    await channel.run(programmeAggregate, { type: 'ActivateProgramme', programmeId: 'BONUS', version: 1 })
    await channel.run(stackingAggregate, {
      type: 'DefineStacking',
      groupId: stackingGroup,
      companyId: 'ACME',
      effectiveFrom: '2026-01-01T00:00:00.000Z[UTC]',
      programmes: [
        { programmeId: 'GROWTH', class: 'independent' },
        { programmeId: 'BONUS', class: 'net-of-previous' },
      ],
    })
    await sell(channel, 'O1', '60')
    await daily(channel, 33)
    // 600: 500 at 2 % and 100 at 5 % are 15.00; 10 % of 585.00
    const settled = async (programmeId: string) =>
      (await channel.handler().load(settlementAggregate, `${programmeId}/D1/USD/2026-01`)).settled
    expect([await settled('GROWTH'), await settled('BONUS')]).toEqual(['1500', '5850'])
  })
})

describe('a programme on the dealer’s own target', () => {
  it('pays by the target that was set, and shows with the settlement which one it was', async () => {
    const method: Terms['method'] = { kind: 'attainment', tiers: [{ from: '0.9', rate: '0.01' }], excess: '0.02' }
    const channel = await withProgramme({ method })
    const dealerPeriod = { programmeId: 'GROWTH', dealerId: 'D1', currency: 'USD', periodId: '2026-01' }
    await channel.run(settlementAggregate, { type: 'SetTarget', ...dealerPeriod, amount: '500' })
    await sell(channel, 'O1', '60')
    await daily(channel, 33)
    expect(await settlementOf(channel, 'D1', '2026-01')).toMatchObject({ settled: '800' })
    const [calculated] = await channel.events('SettlementCalculated')
    expect(calculated?.data).toMatchObject({ calculation: { target: '500', tierReached: 1, earned: '800' } })
  })
})
