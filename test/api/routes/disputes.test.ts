import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { SettlementEvent } from '../../../src/domain/rebates/events.ts'
import { openGrownApi, type GrownApi } from '../../support/grownApi.ts'

type Approved = Extract<SettlementEvent, { type: 'SettlementApproved' }>['data']
type As = 'finance' | 'admin' | 'd1' | 'd2'

let api: GrownApi
/** Of the dealer that d1 works for. */
let settled: Approved

beforeAll(async () => {
  api = await openGrownApi()
  const own = api.channel.log.findLast(
    ({ type, data }) => type === 'SettlementApproved' && (data as Approved).dealerId === 'CN001',
  )
  settled = own?.data as Approved // checked by what the tests find in it
}, 120_000)
afterAll(() => api.close())

const periodPath = (): string => {
  const { programmeId, dealerId, currency, periodId } = settled
  return `/v1/settlements/${programmeId}/${dealerId}/${currency}/${periodId}`
}
const open = (as: As, disputeId: string, body: object = {}) =>
  api.send(as, 'POST', `${periodPath()}/${settled.settlementNo}/disputes`, {
    body: { disputeId, node: 'due/earned', difference: '250', reason: 'A line is missing', ...body },
  })
async function change(as: As, path: string, body: object = {}) {
  const { revision } = (await api.send('finance', 'GET', `${periodPath()}/revision`)).json<{ revision: number }>()
  return api.send(as, 'POST', `${periodPath()}${path}`, { body, headers: { 'if-match': `"${revision}"` } })
}
interface Row {
  readonly disputeId: string
  readonly side: string
  readonly status: string
  readonly difference: string
  readonly awarded: string | null
  readonly paid: string
}
async function listed(as: As, disputeId: string): Promise<Row | undefined> {
  await api.project()
  const answer = await api.send(as, 'GET', '/v1/disputes?dealerId=CN001')
  return answer.json<{ items: Row[] }>().items.find((row) => row.disputeId === disputeId)
}

describe('disputes over HTTP', () => {
  test('a dealer disputes its settlement, the manufacturer answers and upholds a part, which is paid', async () => {
    expect((await open('d1', 'X1')).statusCode).toBe(201)
    expect((await open('d1', 'X1')).json<{ events: unknown[] }>().events).toEqual([])
    expect((await change('finance', '/disputes/X1/answers', { answer: 'We look into it' })).statusCode).toBe(200)
    const upheld = await change('admin', '/disputes/X1/award', { awarded: '100' })
    expect(upheld.statusCode).toBe(200)
    const { events } = upheld.json<{ events: { type: string }[] }>()
    expect(events.map(({ type }) => type)).toEqual(['DisputeUpheld', 'DisputedPartPaid'])
    expect(await listed('d1', 'X1')).toMatchObject({
      side: 'dealer',
      status: 'upheld',
      difference: '250',
      awarded: '100',
      paid: '100',
    })
  })

  test('each speaks for its own side, whatever it says', async () => {
    expect((await open('d1', 'X2', { side: 'manufacturer' })).statusCode).toBe(400)
    expect((await open('d1', 'X2')).statusCode).toBe(201)
    const answer = await change('d1', '/disputes/X2/answers', { answer: 'Yes' })
    expect([answer.statusCode, answer.json<{ code: string }>().code]).toEqual([422, 'rebates.dispute_side'])
    expect((await change('finance', '/disputes/X2/withdrawal')).statusCode).toBe(422)
    expect((await change('d1', '/disputes/X2/award')).statusCode).toBe(403)
    expect((await change('d1', '/disputes/X2/withdrawal')).statusCode).toBe(200)
  })

  test('a node that the explanation does not have, and a settlement of somebody else, are not there', async () => {
    const strange = await open('d1', 'X3', { node: 'due/earned/tier-9/1' })
    expect([strange.statusCode, strange.json<{ code: string }>().code]).toEqual([404, 'object.not_found'])
    expect((await open('d2', 'X3')).statusCode).toBe(404)
    expect((await open('d1', 'X3', { difference: '0' })).statusCode).toBe(400)
  })
})
