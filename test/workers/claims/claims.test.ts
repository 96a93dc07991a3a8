import { describe, expect, it } from 'vitest'
import { differencesAggregate } from '../../../src/domain/claims/differences.ts'
import { layersAt } from '../../../src/domain/claims/layersAt.ts'
import { claimsPolicyAggregate } from '../../../src/domain/claims/policy.ts'
import { fundAggregate } from '../../../src/domain/funds/fund.ts'
import { instantOf } from '../../../src/domain/kernel/businessTime.ts'
import { orderAggregate } from '../../../src/domain/orders/decide.ts'
import { priceAggregate } from '../../../src/domain/pricing/prices.ts'
import { brokenInvariants } from '../../support/invariants.ts'
import { openWorkChannel, type WorkChannel } from '../../support/workChannel.ts'

const day = 86_400_000
const proof = (n: number): string => n.toString(16).padStart(64, '0')
const until = '2026-12-01T00:00:00.000Z[UTC]'

/** 40 bikes at D1 and 20 at D2, at 10.00. */
async function withGoods(method: 'return' | 'scrap' = 'scrap') {
  const channel = await openWorkChannel()
  await channel.receive('BIKE', '1000', 'R1')
  const terms = {
    effectiveFrom: channel.at(),
    protection: { method: 'layers' as const, lookBackDays: 30, inTransit: false },
    rotation: { calendarId: 'FISCAL', grain: 'quarter' as const, share: '0.5', method },
    claimWithinDays: 30,
    rounding: 'half-up' as const,
    secondApprovalAbove: [],
  }
  await channel.run(claimsPolicyAggregate, { type: 'SetClaimsPolicy', companyId: 'ACME', terms })
  for (const [dealerId, quantity] of [
    ['D1', '40'],
    ['D2', '20'],
  ] as const) {
    const orderId = `O-${dealerId}`
    await channel.place(orderId, [['BIKE', quantity]], { dealerId })
    await channel.work()
    await channel.ship(orderId, 'S', [{ lineNo: 1, quantity }])
    await channel.deliver(orderId, 'S')
    await channel.work()
  }
  channel.pass(day)
  return channel
}

const changePrice = (channel: WorkChannel, newPrice: string, effectiveAt = channel.at()) =>
  channel.run(priceAggregate, {
    type: 'ChangePrice',
    companyId: 'ACME',
    listId: 'BASE',
    sku: 'BIKE',
    unit: 'EA',
    currency: 'USD',
    newPrice,
    effectiveAt,
    reason: 'competition',
  })

async function goodsOf(channel: WorkChannel, dealerId: string, at: string) {
  const watermark = await channel.store.head()
  const movements = await channel.ports.goods.movements(dealerId, 'BIKE', watermark)
  return { watermark: watermark.toString(), moments: [{ at, layers: [...layersAt(movements, instantOf(at))] }] }
}

const key = (claimId: string, dealerId = 'D1') => ({ dealerId, sku: 'BIKE', claimId })

async function submitSale(channel: WorkChannel, claimId: string, quantity: string, proofs: string[]) {
  const soldAt = channel.at()
  const claim = { companyId: 'ACME', ...key(claimId), kind: 'ship-and-debit' as const, agreementId: 'A1', proofs: [] }
  const sales = [{ lineNo: 1, soldAt, endCustomer: 'SCHOOL', quantity, proofs }]
  const goods = await goodsOf(channel, 'D1', soldAt)
  return channel.attempt(differencesAggregate, { type: 'SubmitClaim', ...claim, sales, goods })
}

async function agree(channel: WorkChannel): Promise<void> {
  const agreement = { companyId: 'ACME', dealerId: 'D1', sku: 'BIKE', agreementId: 'A1', endCustomer: 'SCHOOL' }
  const price = { kind: 'ship-and-debit', compared: 'layers', contractPrice: '7', currency: 'USD', unit: 'EA' } as const
  const window = { from: channel.at(), until, quantity: '30' }
  await channel.run(differencesAggregate, { type: 'MakeAgreement', ...agreement, ...price, ...window })
}

const dataOf = async (channel: WorkChannel, type: string) => (await channel.events(type)).map(({ data }) => data)

describe('price protection', () => {
  it('is proposed to every dealer with stock when the change takes effect, and paid once it is approved', async () => {
    const channel = await withGoods()
    const { occurredAt } = (await changePrice(channel, '8', '2026-01-25T00:00:00.000Z[UTC]'))[0] ?? { occurredAt: '' }
    await channel.work()
    expect(instantOf(channel.at())).toBeGreaterThanOrEqual(instantOf(occurredAt))
    expect(await channel.events('ClaimSubmitted')).toEqual([])
    channel.pass(instantOf('2026-01-25T00:00:00.000Z[UTC]') - instantOf(channel.at()))
    await channel.work()
    const claims = await dataOf(channel, 'ClaimSubmitted')
    expect(claims).toMatchObject([
      { dealerId: 'D1', quantity: '40', amount: '8000', basis: { oldPrice: '10', newPrice: '8' } },
      { dealerId: 'D2', quantity: '20', amount: '4000' },
    ])
    const { claimId } = claims[0] as { claimId: string }
    await channel.run(differencesAggregate, { type: 'ApproveClaim', ...key(claimId) })
    await channel.work()
    expect(await dataOf(channel, 'CreditNoteIssued')).toMatchObject([
      { dealerId: 'D1', amount: '8000', reason: 'price_protection', claim: { sku: 'BIKE', claimId }, lines: [] },
    ])
    expect(await dataOf(channel, 'ClaimPaid')).toMatchObject([{ amount: '8000', outlet: 'credit-note' }])
    const head = await channel.store.head()
    await channel.work()
    expect(await channel.store.head()).toBe(head)
    expect(brokenInvariants(await channel.events())).toEqual([])
    expect(await channel.progress.deadTasks(10)).toEqual([])
  })

  it('is not proposed for a change that was declared an error before it took effect', async () => {
    const channel = await withGoods()
    const effectiveAt = '2026-01-25T00:00:00.000Z[UTC]'
    const [changed] = await changePrice(channel, '8', effectiveAt)
    const meta = { at: channel.at(), actor: 'sales', source: { kind: 'command' }, correlationId: 'x' } as const
    const declaration = { eventId: changed?.id ?? '', reason: 'incorrect_data' as const }
    expect(await channel.handler().declareError(priceAggregate, 'BASE/BIKE', declaration, meta)).toMatchObject({
      ok: true,
    })
    channel.pass(40 * day)
    await channel.work()
    expect(await channel.events('ClaimSubmitted')).toEqual([])
    expect(await channel.progress.due('price-change', instantOf(channel.at()), 10)).toEqual([])
  })
})

describe('proofs', () => {
  it('of two claims that come at once with one document, the second is rejected; given back, it may be used again', async () => {
    const channel = await withGoods()
    await agree(channel)
    channel.pass(day)
    expect(await submitSale(channel, 'C1', '3', [proof(1)])).toMatchObject({ ok: true })
    expect(await submitSale(channel, 'C2', '3', [proof(2), proof(1)])).toMatchObject({ ok: true })
    await channel.work()
    expect(await dataOf(channel, 'ClaimValidated')).toMatchObject([{ claimId: 'C1' }])
    expect(await dataOf(channel, 'ClaimRejected')).toMatchObject([
      { claimId: 'C2', reason: 'proof-used', proof: proof(1) },
    ])
    expect(await dataOf(channel, 'ProofReleased')).toMatchObject([{ claimId: 'C2', proof: proof(2) }])
    expect(await submitSale(channel, 'C3', '3', [proof(1)])).toMatchObject({
      refusal: { refused: 'claims.proof_used', details: { claimId: 'C1' } },
    })
    await channel.run(differencesAggregate, { type: 'WithdrawClaim', ...key('C1') })
    await channel.work()
    expect(await submitSale(channel, 'C3', '3', [proof(1)])).toMatchObject({ ok: true })
    await channel.work()
    expect(await dataOf(channel, 'ClaimValidated')).toMatchObject([{ claimId: 'C1' }, { claimId: 'C3' }])
  })

  it('stand for claims on funds as well', async () => {
    const channel = await withGoods()
    await agree(channel)
    const window = { from: channel.at(), until }
    const fund = { fundId: 'F', companyId: 'ACME', dealerId: 'D1', currency: 'USD', name: { en: 'Spring' }, ...window }
    await channel.run(fundAggregate, { type: 'BudgetFund', ...fund, claimWithinDays: 30, budget: '5000' })
    const activity = { fundId: 'F', activityId: 'FAIR' }
    const asked = { name: 'Fair', kind: 'fair', ...window, amount: '5000' }
    await channel.run(fundAggregate, { type: 'RequestActivity', ...activity, ...asked })
    await channel.run(fundAggregate, { type: 'CommitActivity', ...activity })
    channel.pass(day)
    await submitSale(channel, 'C1', '3', [proof(1)])
    await channel.work()
    const claim = (n: number) => ({
      type: 'SubmitFundClaim' as const,
      ...activity,
      claimId: `F${n}`,
      expenses: [{ lineNo: 1, what: 'Stand', spentAt: channel.at(), amount: '2000', proofs: [proof(n)] }],
    })
    expect(await channel.attempt(fundAggregate, claim(1))).toMatchObject({ refusal: { refused: 'claims.proof_used' } })
    await channel.run(fundAggregate, claim(2))
    await channel.work()
    const approve = { type: 'ApproveFundClaim', ...activity, claimId: 'F2', payLater: false } as const
    await channel.run(fundAggregate, approve, { actor: 'finance' })
    // whoever has submitted it needs a second person
    await channel.run(fundAggregate, { ...approve }, { actor: 'admin' })
    await channel.work()
    expect(await dataOf(channel, 'FundClaimPaid')).toMatchObject([{ claimId: 'F2', amount: '2000', paymentNo: 1 }])
    expect(await dataOf(channel, 'CreditNoteIssued')).toMatchObject([{ reason: 'fund', amount: '2000' }])
    expect(brokenInvariants(await channel.events())).toEqual([])
  })
})

describe('stock rotation as a return', () => {
  it('authorises the return on the order; the goods are credited as they were sold', async () => {
    const channel = await withGoods('return')
    const at = channel.at()
    const claim = { companyId: 'ACME', ...key('ROT'), kind: 'stock-rotation' as const, periodId: '2026-Q1' }
    const asked = { quantity: '5', unit: 'EA', currency: 'USD', sales: [], proofs: [] }
    const goods = await goodsOf(channel, 'D1', at)
    await channel.run(differencesAggregate, { type: 'SubmitClaim', ...claim, ...asked, goods }, { actor: 'dealer' })
    await channel.work()
    await channel.run(differencesAggregate, { type: 'ApproveClaim', ...key('ROT') })
    await channel.work()
    expect(await dataOf(channel, 'ReturnAuthorised')).toMatchObject([
      { orderId: 'O-D1', returnId: 'ROT', lines: [{ lineNo: 1, quantity: '5' }] },
    ])
    expect(await dataOf(channel, 'ClaimPaid')).toMatchObject([{ outlet: 'return', documents: ['O-D1'] }])
    expect(await channel.events('CreditNoteIssued')).toEqual([])
    const back = { orderId: 'O-D1', returnId: 'ROT', reason: 'stock-rotation' }
    const lines = [{ lineNo: 1, quantity: '5', condition: 'restock' as const }]
    await channel.run(orderAggregate, { type: 'ReceiveReturn', ...back, lines })
    await channel.work()
    expect(await dataOf(channel, 'CreditNoteIssued')).toMatchObject([{ reason: 'return', amount: '5000' }])
  })
})

describe('a process that dies', () => {
  it('at any append of a claim’s way leaves the same events once it has run again', async () => {
    const told = async (dieAt: number): Promise<{ types: readonly string[]; appends: number }> => {
      const channel = await withGoods()
      await changePrice(channel, '8')
      let appends = 0
      let isAlive = true
      channel.crash.before = () => {
        appends += 1
        if (appends === dieAt) isAlive = false
        if (!isAlive) throw new Error('died')
      }
      const work = async (): Promise<void> => {
        await channel.work().catch(() => undefined)
        if (isAlive) return
        isAlive = true
        channel.restart()
        await channel.work()
      }
      await work()
      const [claim] = await dataOf(channel, 'ClaimSubmitted')
      const approve = { type: 'ApproveClaim', ...key((claim as { claimId: string }).claimId) } as const
      await channel.attempt(differencesAggregate, approve).catch(async () => {
        isAlive = true
        await channel.run(differencesAggregate, approve)
      })
      await work()
      return { types: (await channel.events()).map(({ type }) => type).toSorted(), appends }
    }
    const { types, appends } = await told(0)
    expect(types).toEqual(expect.arrayContaining(['ClaimPaid', 'CreditNoteIssued']))
    for (let dieAt = 1; dieAt <= appends; dieAt += 1)
      expect((await told(dieAt)).types, `died at ${dieAt}`).toEqual(types)
    expect(appends).toBeGreaterThan(4)
  })
})
