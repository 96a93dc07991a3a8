import { describe, expect, it } from 'vitest'
import { defaultPriceRules } from '../../../src/domain/detection/defaultRules.ts'
import { assess } from '../../../src/domain/diversion/assess.ts'
import type { Sighting } from '../../../src/domain/diversion/sighting.ts'
import type { Scene } from '../../../src/domain/diversion/signal.ts'
import { businessTime } from '../../../src/domain/kernel/businessTime.ts'

const hour = 3_600_000
const start = Date.UTC(2026, 0, 5, 8)
const rule = defaultPriceRules.rules.DIVERSION
if (!rule) throw new Error('the default rules look for diversion')

const shanghai = { latitude: '31.21', longitude: '121.43' }
const wuhan = { latitude: '30.59', longitude: '114.31' }

/** Boxes of a dealer, seen so many days after the beginning. */
function sighting(box: string, day: number, more: Partial<Sighting> = {}): Sighting {
  const at = businessTime(start + day * 24 * hour, 'UTC')
  return {
    eventId: `${box}-${day}`,
    stream: `serial-${box}`,
    revision: 1,
    at,
    position: BigInt(day + 1),
    companyId: 'ACME',
    serial: box,
    chain: [box],
    role: 'inspector',
    codes: 6,
    unreadable: 0,
    region: 'CN/HB',
    place: wuhan,
    sent: { dealerId: 'D1', eventId: `sent-${box}` },
    ...more,
  }
}
const home = { region: 'CN/SH', place: shanghai }
const scene = (foreign: readonly Sighting[], more: Partial<Scene> = {}): Scene => {
  const own = [...Array.from({ length: 20 }, (_, n) => sighting(`H${n}`, n, home)), ...foreign]
  return { rule, at: foreign.at(-1)?.at ?? '', foreign, own, orders: [], prices: [], ...more }
}
const boxes = (count: number, more: Partial<Sighting> = {}): Sighting[] =>
  Array.from({ length: count }, (_, n) => sighting(`F${n}`, 20 + n, more))

describe('goods in a foreign region', () => {
  it('are a case when there are enough of them, and such a share', () => {
    expect(assess(scene(boxes(3)))).toBeUndefined()
    const found = assess(scene(boxes(4)))
    expect(found).toMatchObject({ score: '1.08', figures: { sightings: '4', share: '0.166667', seen: '24' } })
    expect(found?.evidence.map(({ role }) => role)).toEqual([...Array(4).fill('scan'), ...Array(4).fill('sent')])
    const many = Array.from({ length: 40 }, (_, n) => sighting(`M${n}`, n, home))
    const rare = scene(boxes(4))
    expect(assess({ ...rare, own: [...rare.own, ...many] })).toBeUndefined()
  })

  it('that are read item by item are one box on one day', () => {
    const items = Array.from({ length: 12 }, (_, n) => sighting(`F-${n}`, 20, { chain: [`F-${n}`, 'F'] }))
    expect(assess(scene(items))).toBeUndefined()
  })

  it('are one sighting too few, whatever else there is', () => {
    const orders = (['ORDER_SPIKE', 'TIER_CHASE'] as const).map((kind) => ({
      kind,
      to: scene(boxes(2)).at,
      evidence: [],
    }))
    const two = boxes(2, { unreadable: 6 })
    expect(assess(scene(two, { orders }))).toBeUndefined()
  })

  it('count more when their codes were destroyed', () => {
    expect(assess(scene(boxes(3, { unreadable: 1 })))).toBeUndefined()
    expect(assess(scene(boxes(3, { unreadable: 4 })))).toMatchObject({
      score: '1.16',
      figures: { missing: '12', codes: '18' },
    })
  })

  it('count more when the dealer ordered what it does not sell, up to a step of its rebate', () => {
    const at = scene(boxes(3)).at
    const evidence = [{ eventId: 'order-1', role: 'order' }]
    const spike = { kind: 'ORDER_SPIKE', to: at, evidence } as const
    const chase = { kind: 'TIER_CHASE', to: at, evidence } as const
    expect(assess(scene(boxes(3), { orders: [spike] }))).toBeUndefined()
    const found = assess(scene(boxes(3), { orders: [spike, chase] }))
    expect(found).toMatchObject({ score: '1.16', figures: { spikes: '1', chases: '1' } })
    expect(found?.evidence.filter(({ role }) => role === 'order')).toEqual(evidence)
    const old = businessTime(start - 200 * 24 * hour, 'UTC')
    expect(assess(scene(boxes(3), { orders: [spike, { ...chase, to: old }] }))).toBeUndefined()
  })

  it('count more when the same code, or one of its box, is read far away within hours', () => {
    const all = boxes(3)
    const [first] = all
    if (!first) throw new Error('three boxes')
    const twin = (hours: number, more: Partial<Sighting>): Scene => {
      const at = businessTime(Date.parse(first.at.slice(0, 24)) + hours * hour, 'UTC')
      const there = scene(all)
      return { ...there, own: [...there.own, { ...first, ...home, eventId: 'twin', role: 'dealer', at, ...more }] }
    }
    expect(assess(twin(3, {}))).toMatchObject({ score: '1.16', figures: { twins: '1' } })
    const item = { serial: 'F0-1', chain: ['F0-1', 'F0'] }
    expect(assess(twin(3, item))?.evidence.map(({ eventId }) => eventId)).toContain('twin')
    expect(assess(twin(7, {}))).toBeUndefined()
    expect(assess(twin(3, { place: wuhan }))).toBeUndefined()
    expect(assess(twin(3, { accuracyMetres: 600_000 }))).toBeUndefined()
  })

  it('at low prices are shown beside the case, and no more of a case for it', () => {
    const prices = [{ eventId: 'seen', sku: 'P1', price: '80', limit: '110', currency: 'CNY' }]
    expect(assess(scene(boxes(3), { prices }))).toBeUndefined()
    expect(assess(scene(boxes(4), { prices }))).toMatchObject({
      score: '1.08',
      figures: { lowPrices: '1', lowPrice: '80' },
    })
  })
})
