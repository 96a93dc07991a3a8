import { describe, expect, it } from 'vitest'
import { legsOf } from '../../../src/domain/postings/legsOf.ts'
import type { OrderCommand } from '../../../src/domain/orders/commands.ts'
import { orderAggregate } from '../../../src/domain/orders/decide.ts'
import type { SettlementCommand } from '../../../src/domain/rebates/commands.ts'
import { settlementEvents } from '../../../src/domain/rebates/events.ts'
import { programmeAggregate } from '../../../src/domain/rebates/programme.ts'
import { settlementAggregate } from '../../../src/domain/rebates/settlement.ts'
import type { Terms } from '../../../src/domain/rebates/terms.ts'
import { receivableEvents } from '../../../src/domain/receivables/events.ts'
import { brokenInvariants } from '../../support/invariants.ts'
import { main, openWorkChannel, type WorkChannel } from '../../support/workChannel.ts'

const day = 86_400_000
const posting = new Set<string>([...settlementEvents, ...receivableEvents].map(({ type }) => type))
const key = { programmeId: 'GOODS', dealerId: 'D1', currency: 'USD', periodId: '2026-01' } as const

/** 1.05 for every piece that is delivered, in helmets at 10.00. D1 is owed 63.00 for sixty bikes. */
async function owing(outlet: Terms['outlet'] = { kind: 'goods', skus: ['HELMET'] }): Promise<WorkChannel> {
  const channel = await openWorkChannel()
  await channel.receive('BIKE', '1000', 'R1')
  await channel.receive('HELMET', '1000', 'R2')
  const terms: Terms = {
    version: 1,
    name: { en: 'Helmets for bikes' },
    payer: 'ACME',
    effectiveFrom: '2026-01-01T00:00:00.000Z[UTC]',
    eligibility: { kind: 'all' },
    products: {},
    basis: 'delivered',
    measure: 'units',
    unit: 'EA',
    returns: 'deduct',
    calendarId: 'FISCAL',
    grain: 'month',
    rounding: { mode: 'half-up', level: 'settlement' },
    method: { kind: 'per-unit', amount: '1.05' },
    accrual: 'expected-value',
    outlet,
    negativeInterim: 'carry',
    graceDays: 3,
    clawbackDays: 90,
  }
  const programme = { programmeId: 'GOODS', companyId: 'ACME' }
  await channel.run(programmeAggregate, { type: 'DraftProgramme', ...programme, terms })
  await channel.run(programmeAggregate, { type: 'ActivateProgramme', programmeId: 'GOODS', version: 1 })
  await channel.place('O1', [['BIKE', '60']])
  await channel.work()
  await arrive(channel, 'O1', '60')
  await daily(channel, 33)
  return channel
}

async function arrive(channel: WorkChannel, orderId: string, quantity: string): Promise<void> {
  await channel.ship(orderId, `S-${orderId}`, [{ lineNo: 1, quantity }])
  await channel.deliver(orderId, `S-${orderId}`)
  await channel.work()
}

async function daily(channel: WorkChannel, days: number): Promise<void> {
  for (let passed = 0; passed < days; passed += 1) {
    channel.pass(day)
    await channel.work()
  }
}

const grant = (orderId: string, quantity: string, sku = 'HELMET', settlementNo = 1): SettlementCommand => ({
  type: 'GrantGoods',
  ...key,
  settlementNo,
  orderId,
  shipFrom: main,
  lines: [{ lineNo: 1, sku, unit: 'EA', quantity }],
})
const release = { type: 'ReleaseGoodsRest', ...key, settlementNo: 1 } as const
const amounts = async (channel: WorkChannel, type: string): Promise<string[]> =>
  (await channel.events(type)).map(({ data }) => (data as { amount: string }).amount)
/** what is accrued and not gone yet, by the postings alone */
const accrued = async (channel: WorkChannel): Promise<bigint> => {
  const events = (await channel.events()).filter(({ type }) => posting.has(type))
  const legs = events.flatMap((event) => legsOf(event as Parameters<typeof legsOf>[0]))
  return legs.filter(({ role }) => role === 'accrued-rebates').reduce((sum, { amount }) => sum + amount, 0n)
}

describe('a payout in goods', () => {
  it('waits for goods, becomes an order that costs nothing, and earns no rebate again', async () => {
    const channel = await owing()
    expect(await amounts(channel, 'SettlementApproved')).toEqual(['6300'])
    expect(await channel.events('CreditNoteIssued')).toHaveLength(0)
    await channel.run(settlementAggregate, grant('G1', '6'))
    await channel.work()
    const order = await channel.order('G1')
    expect(order.header.grant).toEqual({ programmeId: 'GOODS', periodId: '2026-01', settlementNo: 1 })
    expect(order.lines['1']?.terms).toMatchObject({ unitPrice: '10', extended: '60', lineValue: '0' })
    const owed = (await channel.account('D1')).balances['D1']?.['USD']
    await arrive(channel, 'G1', '6')
    expect((await channel.account('D1')).balances['D1']?.['USD']).toEqual(owed)
    expect((await channel.events('InvoiceIssued')).map(({ data }) => (data as { orderId: string }).orderId)).toEqual([
      'O1',
    ])
    expect(await amounts(channel, 'GrantedGoodsDelivered')).toEqual(['6000'])
    await daily(channel, 60)
    // February, in which the helmets arrived, has no volume
    const february = await channel.handler().load(settlementAggregate, `GOODS/D1/USD/2026-02`)
    expect([february.settled, february.settlements.filter(({ earned }) => earned !== '0')]).toEqual(['0', []])
    // 3.00 are too little for a helmet
    const refused = await channel.attempt(settlementAggregate, grant('G2', '1'))
    expect(refused).toMatchObject({ refusal: { refused: 'rebates.goods_worth', details: { left: '300' } } })
    await channel.run(settlementAggregate, release)
    await channel.work()
    expect(await amounts(channel, 'CreditNoteIssued')).toEqual(['300'])
    expect(await channel.run(settlementAggregate, release)).toEqual([])
    expect(await accrued(channel)).toBe(0n)
    expect(brokenInvariants(await channel.events())).toEqual([])
    expect(await channel.progress.deadTasks(10)).toEqual([])
  })

  it('owes again what is cancelled, lost or returned, to the cent', async () => {
    const channel = await owing()
    await channel.run(settlementAggregate, grant('G1', '5'))
    await channel.work()
    const part = (quantity: string) => [{ lineNo: 1, quantity }]
    const cancelled = { orderId: 'G1', cancellationId: 'C1', lines: part('1'), reason: 'less' }
    await channel.run(orderAggregate, { type: 'CancelLines', ...cancelled })
    await channel.work()
    await channel.ship('G1', 'S1', part('1'))
    const lost = { orderId: 'G1', shipmentId: 'S1', remedy: 'cancel', reason: 'gone' } as const
    await channel.run(orderAggregate, { type: 'ReportShipmentLost', ...lost })
    await channel.ship('G1', 'S2', part('3'))
    await channel.deliver('G1', 'S2')
    await channel.work()
    const back = { orderId: 'G1', returnId: 'X1', reason: 'dented' }
    await channel.run(orderAggregate, { type: 'AuthoriseReturn', ...back, lines: part('1') })
    await channel.run(orderAggregate, {
      type: 'ReceiveReturn',
      ...back,
      lines: [{ lineNo: 1, quantity: '1', condition: 'scrap' }],
    })
    await channel.work()
    expect(await amounts(channel, 'GrantedGoodsDelivered')).toEqual(['3000'])
    const takenBack = (await channel.events('GrantedGoodsTakenBack')).map(({ data }) => data)
    expect(takenBack).toMatchObject([
      { amount: '1000', returned: false, undelivered: '0', changeId: 'cancelled:C1' },
      { amount: '1000', returned: false, undelivered: '0' },
      { amount: '1000', returned: true, undelivered: '1000' },
    ])
    expect(await accrued(channel)).toBe(-4300n)
    // 43.00 wait: four helmets, and what comes back after the rest was released is released too
    await channel.run(settlementAggregate, grant('G2', '4'))
    await channel.run(settlementAggregate, release)
    await channel.work()
    await channel.run(orderAggregate, { type: 'CancelOrder', orderId: 'G2', reason: 'enough' })
    await channel.work()
    expect(await amounts(channel, 'GoodsRestReleased')).toEqual(['300', '4000'])
    expect(await amounts(channel, 'CreditNoteIssued')).toEqual(['300', '4000'])
    expect(await accrued(channel)).toBe(0n)
    expect(brokenInvariants(await channel.events())).toEqual([])
    expect(await channel.progress.deadTasks(10)).toEqual([])
  })

  it('is granted once, within what is owed and what the terms offer, and its order cannot be changed', async () => {
    const channel = await owing()
    const refusal = async (command: SettlementCommand): Promise<string> => {
      const outcome = await channel.attempt(settlementAggregate, command)
      return outcome.ok ? 'accepted' : outcome.refusal.refused
    }
    expect(await refusal(grant('G1', '7'))).toBe('rebates.goods_worth')
    expect(await refusal(grant('G1', '6', 'BIKE'))).toBe('rebates.goods_choice')
    expect(await refusal(grant('O1', '6'))).toBe('object.exists')
    expect(await refusal(grant('G1', '6', 'HELMET', 2))).toBe('rebates.not_approved')
    expect(await refusal(grant('G1', '4'))).toBe('accepted')
    expect(await channel.run(settlementAggregate, grant('G1', '4'))).toEqual([])
    expect(await refusal(grant('G2', '3'))).toBe('rebates.goods_worth')
    await channel.work()
    const change = { orderId: 'G1', reason: 'more' }
    const changes: OrderCommand[] = [
      { type: 'AmendOrder', ...change, lines: [{ lineNo: 1, quantity: '9' }] },
      { type: 'ApprovePriceOverride', ...change, lineNo: 1, unitPrice: '3' },
      { type: 'ApplyReprice', ...change },
    ]
    for (const command of changes) {
      const outcome = await channel.attempt(orderAggregate, command)
      expect(outcome).toMatchObject({ refusal: { refused: 'orders.granted' } })
    }
    const money = await owing('payment')
    const outcome = await money.attempt(settlementAggregate, grant('G1', '1'))
    expect(outcome).toMatchObject({ refusal: { refused: 'rebates.other_outlet' } })
  })
})
