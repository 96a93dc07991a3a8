import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { inventoryModel } from '../../../src/projections/models/inventory/model.ts'
import { inventoryQueries } from '../../../src/projections/models/inventory/queries.ts'
import { businessTime } from '../../../src/domain/kernel/businessTime.ts'
import { formatDecimal, parseDecimal } from '../../../src/domain/kernel/decimal.ts'
import {
  historyId,
  type HistoryEvent,
  openReadModels,
  type OpenReadModels,
  recordHistory,
} from '../../support/readModels.ts'
import { seededRandom } from '../../support/seededRandom.ts'
import { at } from '../../support/smallChannel.ts'

const [list, one, lots, days, history, reservations, breaches, supplies, alerts, reports] = inventoryQueries
const stock = (key: object, type: string, when: string, data: object): HistoryEvent => {
  const { party, location, sku } = { party: 'ACME', location: 'MAIN', sku: 'BIKE', ...key }
  return { stream: `stock-${party}/${location}/${sku}`, type, at: at(when), data: { party, location, sku, ...data } }
}
const main = (type: string, when: string, data: object): HistoryEvent => stock({}, type, when, data)
const order = { orderId: 'O1' }
const levels = {
  onHand: '9',
  reserved: '0',
  allocated: '2',
  blocked: '1',
  inTransit: '0',
  onOrder: '0',
  backordered: '0',
}
const alert = { position: '6', available: '6', levels, safetyStock: '2', reorderPoint: '8', policyVersion: 1 }

const small: readonly HistoryEvent[] = [
  main('StockRulesSet', '2026-01-01T00:00', { unit: 'EA', allowNegative: false, minimumRemainingLifeDays: 0 }),
  main('StockOpened', '2026-01-01T00:00', { lot: 'A', quantity: '10', expiresOn: '2026-03-01', breaches: [] }),
  main('ReplenishmentPolicySet', '2026-01-01T01:00', { policyVersion: 1, safetyStock: '2', reorderPoint: '8' }),
  main('SupplyExpected', '2026-01-02T00:00', {
    supplyId: 'PO-1',
    kind: 'purchase',
    quantity: '6',
    expectedOn: '2026-01-09',
  }),
  main('SupplyShipped', '2026-01-02T12:00', { supplyId: 'PO-1', shipmentId: 'X1', quantity: '5', fromOnOrder: '5' }),
  main('StockReceived', '2026-01-03T00:00', {
    receiptId: 'R1',
    supplyId: 'PO-1',
    lines: [{ lot: 'B', quantity: '4', expiresOn: '2026-09-01', receivedOn: '2026-01-03' }],
    fromOnOrder: '0',
    fromInTransit: '4',
    breaches: [],
  }),
  main('StockReserved', '2026-01-04T00:00', {
    reservationId: 'O1:1',
    ...order,
    lines: [{ lineNo: 1, quantity: '3' }],
    short: [],
    expiresAt: at('2026-01-04T04:00'),
  }),
  main('StockAllocated', '2026-01-04T01:00', {
    allocationId: 'a-1',
    ...order,
    reservationId: 'O1:1',
    reservedReleased: '3',
    lines: [{ lineNo: 1, lot: 'A', quantity: '3' }],
    short: [],
  }),
  main('StockIssued', '2026-01-05T00:00', {
    issueId: 'i-1',
    ...order,
    lines: [{ lineNo: 1, lot: 'A', quantity: '1', allocated: '1' }],
    breaches: [{ code: 'stock.insufficient', details: { sku: 'BIKE' } }],
  }),
  // a count asserts: whatever moved before it no longer matters
  main('StockCounted', '2026-01-06T00:00', { countId: 'c-1', lines: [{ lot: 'A', counted: '5' }], breaches: [] }),
  main('StockBlocked', '2026-01-06T01:00', { blockId: 'b-1', lot: 'A', quantity: '1', reason: 'damaged' }),
  main('StockReserved', '2026-01-06T02:00', {
    reservationId: 'O2:1',
    orderId: 'O2',
    lines: [{ lineNo: 1, quantity: '2' }],
    short: [],
    expiresAt: at('2026-01-06T06:00'),
  }),
  main('LowStockDetected', '2026-01-06T03:00', { ...alert, level: 'low' }),
  main('LowStockDetected', '2026-01-06T04:00', { ...alert, available: '0', level: 'out' }),
  main('StockReplenished', '2026-01-07T00:00', alert),
  main('LowStockDetected', '2026-01-08T00:00', { ...alert, level: 'low' }),
  stock({ party: 'D1' }, 'StockReported', '2026-01-05T00:00', {
    reportId: 'rep-1',
    source: 'edi',
    asOf: at('2026-01-05T00:00'),
    cutOff: at('2026-01-05T00:00'),
    basis: 'on-hand',
    lines: [{ lot: '-', reported: '7', onHand: '7' }],
    breaches: [],
  }),
  stock({ party: 'D1', sku: 'HELMET' }, 'StockOpened', '2026-01-05T00:00', { lot: '-', quantity: '2', breaches: [] }),
  // late: it left on the second, before the count, which saw it already
  main('StockIssued', '2026-01-02T00:00', {
    issueId: 'i-2',
    lines: [{ lot: 'A', quantity: '2', allocated: '0' }],
    breaches: [],
  }),
]

let models: OpenReadModels
const seed = 20260802
const long = randomMovements(seed)

beforeAll(async () => {
  models = await openReadModels([inventoryModel], Date.UTC(2026, 0, 10))
  await models.fold(await recordHistory(small))
})
afterAll(() => models.close())

describe('the inventory', () => {
  test('has every quantity of a stock over its lots, what is available and its position', async () => {
    // A: 5 counted, 2 of 3 still allocated, 1 blocked; B: 4; 2 reserved; 1 on order, 1 in transit
    expect(await models.one(one, { party: 'ACME', location: 'MAIN', sku: 'BIKE' })).toEqual({
      party: 'ACME',
      location: 'MAIN',
      sku: 'BIKE',
      onHand: '9',
      reserved: '2',
      allocated: '2',
      blocked: '1',
      inTransit: '1',
      onOrder: '1',
      backordered: '0',
      available: '4',
      position: '8',
      unit: 'EA',
      safetyStock: '2',
      reorderPoint: '8',
      policyVersion: 1,
      state: 'low',
      alerted: true,
      countedAt: '2026-01-06T00:00:00.000Z',
      reportedAt: null,
      movedAt: '2026-01-06T02:00:00.000Z',
    })
  })

  test('at an instant before the count has what was known then, and what is known of it now', async () => {
    const onHand = async (moment: object): Promise<unknown> =>
      (await models.one(one, { party: 'ACME', location: 'MAIN', sku: 'BIKE' }, moment))?.['onHand']
    const asOf = Date.UTC(2026, 0, 5, 12)
    expect(await onHand({ asOf, knownAt: BigInt(small.length - 1) })).toBe('13')
    expect(await onHand({ asOf })).toBe('11')
    expect(await onHand({ asOf: Date.UTC(2026, 0, 6) })).toBe('9')
  })

  test('shows a dealer its own stock alone, whoever else is asked for', async () => {
    expect((await models.list(list, { dealerId: 'D1' })).map(({ party, sku }) => [party, sku])).toEqual([
      ['D1', 'BIKE'],
      ['D1', 'HELMET'],
    ])
    expect(await models.list(list, { dealerId: 'D1', party: 'ACME' })).toEqual([])
    for (const query of [lots, reservations, breaches, supplies, alerts])
      expect(
        (await models.list(query, { dealerId: 'D1' })).filter(({ party }) => party !== 'D1'),
        `${query.name} of a dealer`,
      ).toEqual([])
    expect(await models.one(one, { dealerId: 'D1', party: 'ACME', location: 'MAIN', sku: 'BIKE' })).toBeUndefined()
    expect(await models.list(history, { dealerId: 'D1', party: 'ACME', location: 'MAIN', sku: 'BIKE' })).toEqual([])
  })

  test('has lots by expiry, reservations that stand, supply on its way, and breaches', async () => {
    const soon = await models.list(lots, { expiresBefore: '2026-06-01' })
    expect(soon.map(({ lot, onHand, expiresOn }) => [lot, onHand, expiresOn])).toEqual([['A', '5', '2026-03-01']])
    const promised = await models.list(reservations)
    expect(promised.map(({ reservationId, quantity, expiresAt }) => [reservationId, quantity, expiresAt])).toEqual([
      ['O2:1', '2', '2026-01-06T06:00:00.000Z'],
    ])
    expect(await models.list(supplies)).toMatchObject([
      { supplyId: 'PO-1', kind: 'purchase', onOrder: '1', inTransit: '1', expectedOn: '2026-01-09' },
    ])
    expect(await models.list(breaches)).toMatchObject([{ eventId: historyId(9), eventType: 'StockIssued' }])
  })

  test('an alert is open until it is replenished or becomes another', async () => {
    const rows = await models.list(alerts)
    expect(rows.map(({ level, openedBy, closedBy, open }) => [level, openedBy, closedBy, open])).toEqual([
      ['low', historyId(16), null, true],
      ['out', historyId(14), historyId(15), false],
      ['low', historyId(13), historyId(14), false],
    ])
    expect(await models.list(alerts, { open: 'true' })).toMatchObject([
      { position: '6', available: '6', reorderPoint: '8', policyVersion: 1 },
    ])
  })

  test('says how old the last report of a party is', async () => {
    expect(await models.list(reports, { party: 'D1' })).toEqual([
      {
        party: 'D1',
        location: 'MAIN',
        reportedAt: '2026-01-05T00:00:00.000Z',
        source: 'edi',
        ageDays: 5,
        oldestReportedAt: '2026-01-05T00:00:00.000Z',
        stocks: 2,
        neverReported: 1,
      },
    ])
    expect(await models.list(reports, { party: 'ACME' })).toMatchObject([{ ageDays: null, neverReported: 1 }])
  })

  test('has the events behind a level', async () => {
    const rows = await models.list(history, { party: 'ACME', location: 'MAIN', sku: 'BIKE', lot: 'A' })
    expect(rows.map(({ eventId, moved, asserted }) => [eventId, moved, asserted])).toEqual([
      [historyId(2), null, '10'],
      [historyId(8), null, null],
      [historyId(9), '-1', null],
      [historyId(10), null, '5'],
      [historyId(11), null, null],
      [historyId(19), '-2', null],
    ])
  })

  test('the days of a lot are its levels at the end of each day', async () => {
    const rows = await models.list(days, { party: 'ACME', lot: 'A', from: '2025-12-31', to: '2026-01-07' })
    expect(rows.map(({ day, onHand }) => [day, onHand])).toEqual([
      ['2026-01-01', '10'],
      ['2026-01-02', '8'],
      ['2026-01-03', '8'],
      ['2026-01-04', '8'],
      ['2026-01-05', '7'],
      ['2026-01-06', '5'],
      ['2026-01-07', '5'],
    ])
  })

  test('the days of a long history with late facts, counts in between and declared errors are the naive balances', async () => {
    const log = await recordHistory(long.history)
    await models.fold(log, 100)
    const first = Date.UTC(2026, 0, 5)
    for (const knownAt of [BigInt(Math.floor(log.length / 2)), BigInt(log.length)]) {
      const rows = await models.list(days, { from: '2026-01-05', to: '2026-02-20' }, { knownAt })
      const expected = naiveDays(long.facts, knownAt, first, 47)
      expect(
        rows.map(({ lot, day, onHand }) => [lot, day, onHand]),
        `seed ${seed}`,
      ).toEqual(expected)
      expect(expected.length).toBeGreaterThan(100)
    }
    expect(await models.list(days, { from: '2026-02-20', to: '2026-02-20' })).toHaveLength(4)
  })
})

interface NaiveFact {
  readonly lot: string
  readonly at: number
  readonly position: bigint
  readonly asserted: boolean
  readonly quantity: string
  voidedAt?: bigint
}

function randomMovements(from: number): { history: HistoryEvent[]; facts: NaiveFact[] } {
  const random = seededRandom(from)
  const history: HistoryEvent[] = []
  const facts: NaiveFact[] = []
  const hour = 3_600_000
  for (let n = 0; n < 400; n++) {
    // half of them a good deal late, some at the very same instant
    const instant =
      Date.UTC(2026, 0, 1) + Math.floor((n / 400) * 50 * 24) * hour - (n % 2) * Math.floor(random() * 300) * hour
    const lot = ['-', 'A', 'B', 'C'][Math.floor(random() * 4)]!
    const quantity = `${1 + Math.floor(random() * 20)}.${1 + Math.floor(random() * 8)}`
    const when = businessTime(instant, 'UTC')
    const kind = Math.floor(random() * 10)
    const place = { party: 'ACME', location: 'MAIN', sku: 'BIKE' }
    const event = (type: string, data: object): HistoryEvent => ({
      stream: 'stock-ACME/MAIN/BIKE',
      type,
      at: when,
      data: { ...place, ...data, breaches: [] },
    })
    const position = BigInt(history.length + 1)
    if (kind === 0) {
      history.push(event('StockCounted', { countId: `c${n}`, lines: [{ lot, counted: quantity }] }))
      facts.push({ lot, at: instant, position, asserted: true, quantity })
    } else if (kind < 6) {
      history.push(
        event('StockReceived', {
          receiptId: `r${n}`,
          lines: [{ lot, quantity }],
          fromOnOrder: '0',
          fromInTransit: '0',
        }),
      )
      facts.push({ lot, at: instant, position, asserted: false, quantity })
    } else {
      history.push(event('StockIssued', { issueId: `i${n}`, lines: [{ lot, quantity, allocated: '0' }] }))
      facts.push({ lot, at: instant, position, asserted: false, quantity: `-${quantity}` })
    }
    const wrong = facts[Math.floor(random() * facts.length)]!
    if (random() < 0.05 && wrong.voidedAt === undefined) {
      wrong.voidedAt = BigInt(history.length + 1)
      const data = { eventId: historyId(Number(wrong.position)), reason: 'did_not_occur' }
      history.push({ stream: 'stock-ACME/MAIN/BIKE', type: 'ErrorDeclared', at: when, data })
    }
  }
  return { history, facts }
}

function naiveDays(facts: readonly NaiveFact[], knownAt: bigint, first: number, count: number): string[][] {
  const rows: string[][] = []
  for (const lot of ['-', 'A', 'B', 'C']) {
    const own = facts
      .filter((fact) => fact.lot === lot && fact.position <= knownAt && (fact.voidedAt ?? knownAt + 1n) > knownAt)
      .sort((a, b) => a.at - b.at || Number(a.position - b.position))
    for (let day = 0; day < count; day++) {
      const end = first + (day + 1) * 86_400_000
      const past = own.filter((fact) => fact.at < end)
      if (past.length === 0) continue
      const level = past.reduce((sum, { asserted, quantity }) => (asserted ? 0n : sum) + parseDecimal(quantity), 0n)
      rows.push([lot, new Date(end - 1).toISOString().slice(0, 10), formatDecimal(level)])
    }
  }
  return rows
}
