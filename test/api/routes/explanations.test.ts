import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parseDecimal } from '../../../src/domain/kernel/decimal.ts'
import type { ExplanationNode } from '../../../src/domain/rebates/explanation.ts'
import type { SettlementEvent } from '../../../src/domain/rebates/events.ts'
import { openGrownApi, type GrownApi } from '../../support/grownApi.ts'

type Calculated = Extract<SettlementEvent, { type: 'SettlementCalculated' }>['data']

type Shown = Omit<ExplanationNode, 'children'> & { readonly childCount: number }
interface Body {
  readonly node: Shown
  readonly children: readonly Shown[]
  readonly next: number | null
  readonly tree: ExplanationNode
  readonly hash: string
  readonly verified: boolean
}

let api: GrownApi
let settlements: Calculated[]

beforeAll(async () => {
  api = await openGrownApi()
  settlements = api.channel.log.flatMap(({ type, data }) =>
    type === 'SettlementCalculated' ? [data as Calculated] : [],
  )
}, 120_000)
afterAll(() => api.close())

const get = async (as: 'finance' | 'd1', url: string): Promise<{ status: number; body: Body }> => {
  const answer = await api.send(as, 'GET', url)
  return { status: answer.statusCode, body: answer.json<Body>() }
}
const pathOf = ({ programmeId, dealerId, currency, periodId, settlementNo }: Calculated): string =>
  `/v1/settlements/${programmeId}/${dealerId}/${currency}/${periodId}/${settlementNo}/explanation`

describe('the explanation of a settlement', () => {
  test('every settlement of the channel is worked out again to the very bytes that were hashed then', async () => {
    expect(settlements.length).toBeGreaterThan(10)
    for (const one of settlements) {
      const { status, body } = await get('finance', `${pathOf(one)}/tree`)
      expect([status, body.verified, body.hash]).toEqual([200, true, one.explanationHash])
      expect(parseDecimal(body.tree.amount)).toBe(BigInt(one.due) * 10_000n)
    }
  })

  test('opens node by node, each with children that add up to it, down to the lines of orders', async () => {
    const [one] = settlements
      .filter(({ due }) => BigInt(due) > 0n)
      .toSorted((a, b) => Number(BigInt(b.due) - BigInt(a.due)))
    if (!one) throw new Error('nothing was ever due')
    const lines: string[] = []
    const sums: [bigint, bigint][] = []
    async function open(id: string): Promise<bigint> {
      let sum = 0n
      let after: number | null = 0
      let node: Shown | undefined
      while (after !== null) {
        const { body } = await get('finance', `${pathOf(one as Calculated)}?node=${id}&limit=2&after=${after}`)
        node = body.node
        after = body.next
        for (const child of body.children) {
          sum += parseDecimal(child.amount)
          if (child.source) lines.push(child.source.eventId)
          if (child.childCount > 0) sums.push([await open(child.id), parseDecimal(child.amount)])
        }
      }
      expect(sum).toBe(parseDecimal(node?.amount ?? ''))
      return sum
    }
    await open('due')
    expect(sums.map(([sum]) => sum)).toEqual(sums.map(([, amount]) => amount))
    expect(lines.length).toBeGreaterThan(2)
    const known = new Set(api.channel.log.map(({ id }) => id))
    expect(lines.every((id) => known.has(id))).toBe(true)
  })

  test('a dealer opens its own and no other; what is not there is not found', async () => {
    const own = settlements.find(({ dealerId }) => dealerId === 'CN001')
    const foreign = settlements.find(({ dealerId }) => dealerId !== 'CN001')
    if (!own || !foreign) throw new Error('not settled')
    expect((await get('d1', pathOf(own))).status).toBe(200)
    expect((await get('d1', pathOf(foreign))).status).toBe(404)
    expect((await get('finance', `${pathOf(own)}?node=due/nothing`)).status).toBe(404)
    expect((await get('finance', pathOf({ ...own, settlementNo: 99 }))).status).toBe(404)
  })
})
