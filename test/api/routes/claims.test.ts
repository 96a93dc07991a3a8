import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { dealerAggregate } from '../../../src/domain/dealers/decide.ts'
import { differencesAggregate } from '../../../src/domain/claims/differences.ts'
import type { LedgerCommandHandler } from '../../../src/ledger/commandHandler.ts'
import type { Moved } from '../../../src/domain/claims/layersAt.ts'
import { fundAggregate } from '../../../src/domain/funds/fund.ts'
import { openTestApi, testNow, type TestApi } from '../../support/api.ts'

const day = 86_400_000
const at = (days: number): string => `${new Date(testNow + days * day).toISOString()}[UTC]`.replace('Z[', 'Z[')
const proof = (n: number): string => n.toString(16).padStart(64, '0')
const one = '/v1/price-differences/D1/BIKE'

/** 50 bikes at 10.00, delivered a month ago. */
const movements: readonly Moved[] = [
  {
    kind: 'shipped',
    orderId: 'O1',
    shipmentId: 'S1',
    lineNo: 1,
    companyId: 'ACME',
    unit: 'EA',
    currency: 'USD',
    quantity: '50',
    value: '500',
  } as const,
  { kind: 'delivered', orderId: 'O1', shipmentId: 'S1', lineNo: 1, quantity: '50' } as const,
].map((movement, seq) => ({
  movement,
  seq,
  eventId: '00000000-0000-7000-8000-000000000001',
  occurredAt: at(-30),
  position: 1n,
}))

let api: TestApi
beforeAll(async () => {
  api = await openTestApi({
    goods: { dealers: async () => ['D1'], movements: async (dealerId) => (dealerId === 'D1' ? movements : []) },
  })
})
afterAll(() => api.close())

const handler = (): LedgerCommandHandler => api.ports.handler
const meta = { at: at(-100), actor: 'sales', source: { kind: 'command' }, correlationId: 'set-up' } as const

async function registered(dealerId: string): Promise<void> {
  const place = { kind: 'warehouse', country: 'US', region: 'US/Washington', zone: 'UTC', currencies: ['USD'] }
  const profile = { ...place, companyId: 'ACME', legalName: { en: dealerId }, tierLevel: 1 as const }
  const command = { type: 'RegisterDealer', dealerId, ...profile, effectiveAt: at(-100) } as const
  expect(await handler().execute(dealerAggregate, command as never, meta)).toMatchObject({ ok: true })
}

const headers = { 'if-none-match': '*' }
const terms = { effectiveFrom: at(-90), claimWithinDays: 20, rounding: 'half-up' }
const agreement = {
  companyId: 'ACME',
  agreementId: 'A1',
  kind: 'ship-and-debit',
  endCustomer: 'SCHOOL',
  contractPrice: '7.5',
  currency: 'USD',
  unit: 'EA',
  quantity: '10',
  from: at(-20),
  until: at(20),
  compared: 'layers',
}
const claim = (claimId: string, quantity = '4', more: object = {}) => ({
  companyId: 'ACME',
  claimId,
  kind: 'ship-and-debit',
  agreementId: 'A1',
  sales: [{ lineNo: 1, soldAt: at(-5), endCustomer: 'SCHOOL', quantity, proofs: [proof(1)], ...more }],
})

beforeEach(async () => {
  api.reset()
  await registered('D1')
  await registered('D2')
  const policy = await api.send('finance', 'PUT', '/v1/claims-policies/ACME', { body: { terms }, headers })
  if (policy.statusCode !== 200) throw new Error(policy.body)
  const made = await api.send('sales', 'POST', `${one}/agreements`, { body: agreement })
  if (made.statusCode !== 201) throw new Error(made.body)
})

const validate = (claimId: string) =>
  handler().execute(differencesAggregate, { type: 'ValidateClaim', dealerId: 'D1', sku: 'BIKE', claimId }, meta)
const revision = async (path: string): Promise<number> =>
  (await api.send('admin', 'GET', `${path}/revision`)).json<{ revision: number }>().revision

describe('a dealer claims over the API', () => {
  it('what the ledger works out, finance approves, and every cent opens', async () => {
    const submitted = await api.send('d1', 'POST', `${one}/claims`, { body: claim('C1'), key: 'k' })
    expect(submitted.statusCode, `answered ${submitted.body}`).toBe(201)
    const again = await api.send('d1', 'POST', `${one}/claims`, { body: claim('C1'), key: 'k' })
    expect(again.headers['idempotency-replayed']).toBe('true')
    const approvals = `${one}/claims/C1/approvals`
    const early = await api.send('finance', 'POST', approvals, { body: {}, revision: await revision(one) })
    expect(early.json()).toMatchObject({ status: 409, code: 'claims.not_validated' })
    await validate('C1')
    const approved = await api.send('finance', 'POST', approvals, { body: {}, revision: await revision(one) })
    expect(approved.json()).toMatchObject({ events: [{ type: 'ClaimApproved' }] })
    const tree = (await api.send('d1', 'GET', `${one}/claims/C1/explanation/tree`)).json<{
      tree: unknown
      hash: string
    }>()
    expect(tree.tree).toMatchObject({
      amount: '10',
      children: [{ code: 'claimed', children: [{ children: [{ units: '4', stretch: { low: '7.5', high: '10' } }] }] }],
    })
    const node = await api.send('d1', 'GET', `${one}/claims/C1/explanation?node=due/claimed`)
    expect(node.json()).toMatchObject({
      node: { amount: '10', childCount: 1 },
      children: [{ code: 'line' }],
      hash: tree.hash,
    })
    const layers = await api.send('d1', 'GET', '/v1/price-layers/D1/BIKE')
    expect(layers.json()).toMatchObject({
      layers: [{ price: '10', onHand: '50', taken: [{ claimId: 'C1', to: '4' }] }],
    })
  })

  it('is told the rule that a claim breaks', async () => {
    const refused = async (body: object): Promise<unknown> => {
      const answer = await api.send('d1', 'POST', `${one}/claims`, { body })
      return { status: answer.statusCode, code: answer.json<{ code: string }>().code }
    }
    expect(await refused(claim('C1', '11'))).toEqual({ status: 422, code: 'claims.over_cap' })
    expect(await refused(claim('C1', '4', { endCustomer: 'OTHER' }))).toEqual({
      status: 422,
      code: 'claims.other_customer',
    })
    expect(await refused(claim('C1', '4', { soldAt: at(-25) }))).toEqual({ status: 422, code: 'claims.outside_window' })
    expect(await refused(claim('C1', '4', { proofs: [] }))).toEqual({ status: 400, code: 'request.invalid' })
    expect(await refused({ ...claim('C1'), goods: { watermark: '1', moments: [] } })).toEqual({
      status: 400,
      code: 'request.invalid',
    })
    expect(await refused({ ...claim('C1'), agreementId: 'A9' })).toEqual({ status: 404, code: 'object.not_found' })
    await api.send('d1', 'POST', `${one}/claims`, { body: claim('C1') })
    expect(await refused(claim('C1', '5'))).toEqual({ status: 409, code: 'claims.key_reused' })
  })

  it('for nobody but itself, and approves nothing', async () => {
    const foreign = await api.send('d2', 'POST', `${one}/claims`, { body: claim('C1') })
    expect(foreign.statusCode).toBe(404)
    const clerk = await api.send('clerk', 'POST', `${one}/claims`, { body: claim('C1') })
    expect(clerk.statusCode).toBe(403)
    await api.send('d1', 'POST', `${one}/claims`, { body: claim('C1') })
    expect((await api.send('d1', 'POST', `${one}/claims/C1/approvals`, { body: {}, revision: 1 })).statusCode).toBe(403)
    expect((await api.send('d2', 'GET', `${one}/claims/C1/explanation`)).statusCode).toBe(404)
    expect((await api.send('d2', 'GET', '/v1/price-layers/D1/BIKE')).statusCode).toBe(404)
    const withdrawn = await api.send('d1', 'POST', `${one}/claims/C1/withdrawal`, {
      body: {},
      revision: await revision(one),
    })
    expect(withdrawn.json()).toMatchObject({ events: [{ type: 'ClaimWithdrawn' }] })
  })
})

describe('a marketing fund over the API', () => {
  it('is asked for, committed, claimed, approved and paid in parts', async () => {
    const window = { from: at(-20), until: at(20) }
    const fund = { companyId: 'ACME', fundId: 'F1', dealerId: 'D1', currency: 'USD', name: { en: 'Fair' }, ...window }
    const budgeted = await api.send('finance', 'POST', '/v1/funds', {
      body: { ...fund, claimWithinDays: 9, budget: '5000' },
    })
    expect(budgeted.statusCode, `answered ${budgeted.body}`).toBe(201)
    const activity = { activityId: 'FAIR', name: 'Fair', kind: 'fair', ...window, amount: '4000' }
    expect((await api.send('d2', 'POST', '/v1/funds/F1/activities', { body: activity })).statusCode).toBe(404)
    expect((await api.send('d1', 'POST', '/v1/funds/F1/activities', { body: activity })).statusCode).toBe(201)
    const path = '/v1/funds/F1/activities/FAIR'
    const change = async (as: 'finance' | 'sales', url: string, body: object) => {
      const answer = await api.send(as, 'POST', url, { body, revision: await revision('/v1/funds/F1') })
      expect(answer.statusCode, `answered ${answer.body}`).toBe(200)
      return answer.json<{ events: { type: string }[] }>().events.map(({ type }) => type)
    }
    expect(await change('sales', `${path}/commitment`, {})).toEqual(['FundCommitted'])
    const expenses = [{ lineNo: 1, what: 'Stand', spentAt: at(-2), amount: '3000', proofs: [proof(3)] }]
    const claimed = await api.send('d1', 'POST', `${path}/claims`, { body: { claimId: 'C1', expenses } })
    expect(claimed.statusCode, `answered ${claimed.body}`).toBe(201)
    const key = { fundId: 'F1', activityId: 'FAIR', claimId: 'C1' }
    await handler().execute(fundAggregate, { type: 'ValidateFundClaim', ...key }, meta)
    const part = { amount: '2000', reason: 'catering', payLater: true }
    expect(await change('finance', `${path}/claims/C1/approvals`, part)).toEqual(['FundClaimApproved'])
    expect(await change('finance', `${path}/claims/C1/payments/1`, { amount: '500' })).toEqual(['FundPaymentReleased'])
    expect(await change('finance', `${path}/claims/C1/payments/2`, {})).toEqual(['FundPaymentReleased'])
    const tree = await api.send('d1', 'GET', `${path}/claims/C1/explanation/tree`)
    expect(tree.json()).toMatchObject({
      tree: { amount: '20', children: [{ amount: '30' }, { amount: '-10', reason: 'catering' }] },
    })
  })
})
