import { describe, expect, it } from 'vitest'
import { streamName } from '../../../src/domain/kernel/fields.ts'
import { stockAggregate } from '../../../src/domain/stock/decide.ts'
import type { StockCommand } from '../../../src/domain/stock/commands.ts'
import type { StockEvent } from '../../../src/domain/stock/events.ts'
import { available, position } from '../../../src/domain/stock/levels.ts'
import { stockId } from '../../../src/domain/stock/stockKey.ts'
import { given } from '../../support/decider.ts'

const key = { party: 'ACME', location: 'WH1', sku: 'BIKE' }
const day = (n: number, time = '00:00'): string => `2026-01-${n.toString().padStart(2, '0')}T${time}:00.000Z[UTC]`
const known = { given: { knownSku: true } }
const opened = (
  quantity: string,
  lot = '-',
  facts: { expiresOn?: string; receivedOn?: string } = {},
  at = day(1),
): StockEvent => ({
  type: 'StockOpened',
  data: { ...key, lot, quantity, ...facts, breaches: [] },
  occurredAt: at,
})
const reserved = (reservationId: string, quantity: string, orderId = 'O1'): StockEvent => ({
  type: 'StockReserved',
  data: { ...key, reservationId, orderId, lines: [{ lineNo: 1, quantity }], short: [], expiresAt: day(20) },
})
const stock = (...history: StockEvent[]) => given(stockAggregate, history)
const reserve = (lines: { lineNo: number; quantity: string }[], partial: 'units' | 'lines' | 'none' = 'units') =>
  ({ type: 'ReserveStock', ...key, reservationId: 'R1', orderId: 'O1', lines, partial, expiresAt: day(20) }) as const

describe('stock on hand', () => {
  it('opens with an assertion per lot', () => {
    stock()
      .when({ type: 'OpenStock', ...key, lot: 'V1', quantity: '875' }, known)
      .then([{ type: 'StockOpened', data: { ...key, lot: 'V1', quantity: '875', breaches: [] } }])
    stock(opened('875', 'V1'))
      .when({ type: 'OpenStock', ...key, lot: 'V1', quantity: '5' }, known)
      .thenRefused('stock.already_open')
  })

  it('knows no stock of a sku that the catalogue does not know', () => {
    stock()
      .when({ type: 'OpenStock', ...key, lot: '-', quantity: '1' }, { given: { knownSku: false } })
      .thenRefused('catalogue.unknown_sku')
  })

  it('takes two lots of one opening day and their movements apart', () => {
    const state = stock(
      opened('100', 'V1'),
      opened('50', 'V2'),
      {
        type: 'StockIssued',
        data: { ...key, issueId: 'i1', lines: [{ lot: 'V1', quantity: '30', allocated: '0' }], breaches: [] },
        occurredAt: day(2),
      },
      {
        type: 'StockReceived',
        data: {
          ...key,
          receiptId: 'r1',
          lines: [{ lot: 'V2', quantity: '5' }],
          fromOnOrder: '0',
          fromInTransit: '0',
          breaches: [],
        },
        occurredAt: day(2),
      },
    ).state()
    expect([state.lots['V1']?.level.onHand, state.lots['V2']?.level.onHand, state.levels.onHand]).toEqual([
      '70',
      '55',
      '125',
    ])
  })

  it('is what the count said, plus what moved after it, whatever comes in late (domain.md §3, defects 3 and 4)', () => {
    const counted: StockEvent = {
      type: 'StockCounted',
      data: { ...key, countId: 'c1', lines: [{ lot: '-', counted: '40' }], breaches: [] },
      occurredAt: day(10),
    }
    const before: StockEvent = {
      type: 'StockReceived',
      data: {
        ...key,
        receiptId: 'late',
        lines: [{ lot: '-', quantity: '7' }],
        fromOnOrder: '0',
        fromInTransit: '0',
        breaches: [],
      },
      occurredAt: day(9),
    }
    const after: StockEvent = {
      ...before,
      data: { ...before.data, receiptId: 'later' },
      occurredAt: day(11),
    }
    expect(stock(opened('50'), counted, before).state().levels.onHand).toBe('40')
    expect(stock(opened('50'), counted, after).state().levels.onHand).toBe('47')
    expect(stock(opened('50'), after, counted).state().levels.onHand).toBe('47')
  })

  it('counts unlisted lots as none when the count is complete', () => {
    stock(opened('5', 'A'), opened('6', 'B'))
      .when({ type: 'CountStock', ...key, countId: 'c', lines: [{ lot: 'A', counted: '4' }], complete: true }, known)
      .then([
        {
          type: 'StockCounted',
          data: {
            ...key,
            countId: 'c',
            lines: [
              { lot: 'A', counted: '4' },
              { lot: 'B', counted: '0' },
            ],
            breaches: [],
          },
        },
      ])
  })

  it('does not refuse a count for what was promised, but says so', () => {
    const [event] = stock(opened('10'), reserved('R1', '8'))
      .when({ type: 'CountStock', ...key, countId: 'c', lines: [{ lot: '-', counted: '5' }], complete: false }, known)
      .events()
    expect(event?.data).toMatchObject({ breaches: [{ code: 'stock.overcommitted', details: { available: '-3' } }] })
  })

  it('does not fall below zero by a command', () => {
    stock(opened('3'))
      .when({ type: 'IssueStock', ...key, issueId: 'i', lines: [{ lot: '-', quantity: '4' }] })
      .thenRefused('stock.negative')
  })

  it('falls below zero by a recorded fact, and says so (domain.md §2.14)', () => {
    stock(opened('3'))
      .when({ type: 'IssueStock', ...key, issueId: 'i', lines: [{ lot: '-', quantity: '4' }] }, { recorded: true })
      .then([
        {
          type: 'StockIssued',
          data: {
            ...key,
            issueId: 'i',
            lines: [{ lot: '-', quantity: '4', allocated: '0' }],
            breaches: [
              { code: 'stock.negative', details: { lot: '-', onHand: '-1' } },
              { code: 'stock.overcommitted', details: { available: '-1' } },
            ],
          },
        },
      ])
  })

  it('refuses an assertion that is older than it can place, and keeps the breach of a recorded one', () => {
    const moves = Array.from({ length: 70 }, (_, index): StockEvent => ({
      type: 'StockReceived',
      data: {
        ...key,
        receiptId: `r${index}`,
        lines: [{ lot: '-', quantity: '1' }],
        fromOnOrder: '0',
        fromInTransit: '0',
        breaches: [],
      },
      occurredAt: `2026-01-05T00:${Math.floor(index / 60)
        .toString()
        .padStart(2, '0')}:${(index % 60).toString().padStart(2, '0')}.000Z[UTC]`,
    }))
    const count: StockCommand = {
      type: 'CountStock',
      ...key,
      countId: 'c',
      lines: [{ lot: '-', counted: '4' }],
      complete: false,
    }
    stock(...moves)
      .when(count, { ...known, at: day(2) })
      .thenRefused('stock.assertion_too_late')
    const [event] = stock(...moves)
      .when(count, { ...known, at: day(2), recorded: true })
      .events()
    expect(event?.data).toMatchObject({ breaches: [{ code: 'stock.assertion_too_late' }] })
  })

  it('stands where a dealer snapshot ends: at its cut-off, reservations added back when the figures are salable', () => {
    const report: StockCommand = {
      type: 'ReportStock',
      ...key,
      reportId: 'w1',
      source: 'erp',
      asOf: day(5, '18:00'),
      cutOff: day(5, '12:00'),
      basis: 'salable',
      lines: [{ lot: '-', quantity: '6' }],
    }
    const decided = stock(opened('10'), reserved('R1', '3')).when(report, { ...known, at: day(6) })
    expect(decided.events()).toMatchObject([
      {
        type: 'StockReported',
        occurredAt: day(5, '12:00'),
        data: { lines: [{ lot: '-', reported: '6', onHand: '9' }] },
      },
    ])
    expect(available(decided.state().levels)).toBe('6')
  })

  it('scraps blocked goods and uses up their block', () => {
    const blocked: StockEvent = {
      type: 'StockBlocked',
      data: { ...key, blockId: 'b', lot: '-', quantity: '4', reason: 'damaged' },
    }
    const after = stock(opened('10'), blocked).when({
      type: 'ScrapStock',
      ...key,
      scrapId: 's',
      reason: 'damaged',
      lines: [{ lot: '-', quantity: '4', blocked: '4' }],
    })
    expect(after.state()).toMatchObject({ levels: { onHand: '6', blocked: '0' }, blocks: {} })
    stock(opened('10'))
      .when({
        type: 'ScrapStock',
        ...key,
        scrapId: 's',
        reason: 'damaged',
        lines: [{ lot: '-', quantity: '4', blocked: '4' }],
      })
      .thenRefused('stock.not_blocked')
  })

  it('says nothing twice', () => {
    const receipt: StockCommand = { type: 'ReceiveStock', ...key, receiptId: 'r', lines: [{ lot: '-', quantity: '2' }] }
    stock()
      .when(receipt, known)
      .then([
        {
          type: 'StockReceived',
          data: {
            ...key,
            receiptId: 'r',
            lines: [{ lot: '-', quantity: '2' }],
            fromOnOrder: '0',
            fromInTransit: '0',
            breaches: [],
          },
        },
      ])
  })
})

describe('promises', () => {
  it('are made to all lines of an order on a key together (domain.md §2.5)', () => {
    stock(opened('10'))
      .when(
        reserve([
          { lineNo: 1, quantity: '7' },
          { lineNo: 2, quantity: '7' },
        ]),
      )
      .then([
        {
          type: 'StockReserved',
          data: {
            ...key,
            reservationId: 'R1',
            orderId: 'O1',
            lines: [
              { lineNo: 1, quantity: '7' },
              { lineNo: 2, quantity: '3' },
            ],
            short: [{ lineNo: 2, quantity: '4' }],
            expiresAt: day(20),
          },
        },
      ])
  })

  it('leave a short line alone when lines must be whole, and everything when all must be', () => {
    const lines = [
      { lineNo: 1, quantity: '7' },
      { lineNo: 2, quantity: '7' },
      { lineNo: 3, quantity: '3' },
    ]
    const [event] = stock(opened('10')).when(reserve(lines, 'lines')).events()
    expect(event?.data).toMatchObject({ lines: [{ lineNo: 1 }, { lineNo: 3 }], short: [{ lineNo: 2, quantity: '7' }] })
    stock(opened('10')).when(reserve(lines, 'none')).thenRefused('stock.insufficient', { available: '10', short: '7' })
  })

  it('do not count lots that have expired', () => {
    stock(opened('10', 'OLD', { expiresOn: '2026-01-10' }))
      .when(reserve([{ lineNo: 1, quantity: '1' }]))
      .thenRefused('stock.insufficient')
  })

  it('end once: released, expired at their time, or allocated', () => {
    const history = [opened('10'), reserved('R1', '4')]
    const release = { type: 'ReleaseReservation', ...key, reservationId: 'R1', reason: 'cancelled' } as const
    const released: StockEvent = {
      type: 'ReservationReleased',
      data: { ...key, reservationId: 'R1', orderId: 'O1', lines: [{ lineNo: 1, quantity: '4' }], reason: 'cancelled' },
    }
    stock(...history)
      .when(release)
      .then([released])
    const expire = { type: 'ExpireReservation', ...key, reservationId: 'R1' } as const
    stock(...history)
      .when(expire, { at: day(19) })
      .thenNothing()
    stock(...history)
      .when(expire, { at: day(20) })
      .then([
        {
          type: 'ReservationExpired',
          data: { ...key, reservationId: 'R1', orderId: 'O1', lines: [{ lineNo: 1, quantity: '4' }] },
        },
      ])
    stock(...history, released)
      .when(expire, { at: day(20) })
      .thenNothing()
    stock(...history, released)
      .when(reserve([{ lineNo: 1, quantity: '4' }]))
      .thenNothing()
  })

  it('become allocations of lots chosen first-expired-first-out, recorded in the event', () => {
    const decided = stock(
      opened('3', 'B', { expiresOn: '2026-09-01' }),
      opened('4', 'A', { expiresOn: '2026-08-01' }),
      reserved('R1', '6'),
    ).when({
      type: 'AllocateStock',
      ...key,
      allocationId: 'a1',
      orderId: 'O1',
      reservationId: 'R1',
    })
    decided.then([
      {
        type: 'StockAllocated',
        data: {
          ...key,
          allocationId: 'a1',
          orderId: 'O1',
          reservationId: 'R1',
          reservedReleased: '6',
          lines: [
            { lineNo: 1, lot: 'A', quantity: '4', expiresOn: '2026-08-01' },
            { lineNo: 1, lot: 'B', quantity: '2', expiresOn: '2026-09-01' },
          ],
          short: [],
        },
      },
    ])
    expect(decided.state().levels).toMatchObject({ reserved: '0', allocated: '6' })
  })

  it('cannot be allocated to another order', () => {
    stock(opened('9'), reserved('R1', '6'))
      .when({ type: 'AllocateStock', ...key, allocationId: 'a', orderId: 'O2', reservationId: 'R1' })
      .thenRefused('stock.reservation_unknown')
  })

  it('are served from the allocated lots when goods leave', () => {
    const allocated: StockEvent = {
      type: 'StockAllocated',
      data: {
        ...key,
        allocationId: 'a',
        orderId: 'O1',
        reservedReleased: '0',
        lines: [
          { lineNo: 1, lot: 'A', quantity: '4' },
          { lineNo: 1, lot: 'B', quantity: '2' },
        ],
        short: [],
      },
    }
    const history = [opened('4', 'A'), opened('3', 'B'), allocated]
    const decided = stock(...history).when({
      type: 'IssueStock',
      ...key,
      issueId: 's1',
      orderId: 'O1',
      shipmentId: 's1',
      lines: [{ lineNo: 1, quantity: '5' }],
    })
    expect(decided.events()).toMatchObject([
      {
        data: {
          lines: [
            { lot: 'A', quantity: '4', allocated: '4' },
            { lot: 'B', quantity: '1', allocated: '1' },
          ],
        },
      },
    ])
    expect(decided.state().levels).toMatchObject({ onHand: '2', allocated: '1' })
    stock(...history)
      .when({ type: 'IssueStock', ...key, issueId: 'other', lines: [{ quantity: '2' }] })
      .thenRefused('stock.insufficient')
    stock(...history)
      .when({ type: 'IssueStock', ...key, issueId: 'other', lines: [{ lot: 'A', quantity: '1' }] })
      .thenRefused('stock.overcommitted')
  })

  it('are given free again, what expires last first', () => {
    const allocated: StockEvent = {
      type: 'StockAllocated',
      data: {
        ...key,
        allocationId: 'a',
        orderId: 'O1',
        reservedReleased: '0',
        lines: [
          { lineNo: 1, lot: 'A', quantity: '4' },
          { lineNo: 1, lot: 'B', quantity: '2' },
        ],
        short: [],
      },
    }
    stock(opened('4', 'A'), opened('3', 'B'), allocated)
      .when({
        type: 'DeallocateStock',
        ...key,
        deallocationId: 'd',
        orderId: 'O1',
        lines: [{ lineNo: 1, quantity: '3' }],
        reason: 'cancelled',
      })
      .then([
        {
          type: 'StockDeallocated',
          data: {
            ...key,
            deallocationId: 'd',
            orderId: 'O1',
            lines: [
              { lineNo: 1, lot: 'B', quantity: '2' },
              { lineNo: 1, lot: 'A', quantity: '1' },
            ],
            reason: 'cancelled',
          },
        },
      ])
  })

  it('cannot be blocked away', () => {
    stock(opened('5'), reserved('R1', '4'))
      .when({ type: 'BlockStock', ...key, blockId: 'b', lot: '-', quantity: '2', reason: 'quality' })
      .thenRefused('stock.insufficient', { available: '1' })
  })
})

describe('supply and replenishment', () => {
  it('moves from on order to in transit to on hand, never counted twice', () => {
    const history: StockEvent[] = [
      { type: 'SupplyExpected', data: { ...key, supplyId: 'P1', kind: 'purchase', quantity: '10' } },
      { type: 'SupplyShipped', data: { ...key, supplyId: 'P1', shipmentId: 'P1/1', quantity: '6', fromOnOrder: '6' } },
    ]
    expect(stock(...history).state().levels).toMatchObject({ onOrder: '4', inTransit: '6' })
    const received = stock(...history).when(
      { type: 'ReceiveStock', ...key, receiptId: 'r', supplyId: 'P1', lines: [{ lot: '-', quantity: '8' }] },
      known,
    )
    expect(received.events()).toMatchObject([{ data: { fromInTransit: '6', fromOnOrder: '2' } }])
    expect(received.state().levels).toMatchObject({ onHand: '8', inTransit: '0', onOrder: '2' })
    expect(position(received.state().levels)).toBe('10')
  })

  it('raises one alert while the position is at or below the reorder point, and closes it once', () => {
    const policy: StockEvent = {
      type: 'ReplenishmentPolicySet',
      data: { ...key, policyVersion: 1, safetyStock: '2', reorderPoint: '5' },
    }
    const check = { type: 'CheckStockLevel', ...key } as const
    const low = stock(opened('5'), policy).when(check)
    expect(low.events()).toMatchObject([
      { type: 'LowStockDetected', data: { level: 'low', position: '5', reorderPoint: '5', levels: { onHand: '5' } } },
    ])
    const [alert] = low.events()
    if (!alert) throw new Error('no alert')
    stock(opened('5'), policy, alert).when(check).thenNothing()
    const more: StockEvent = {
      type: 'SupplyExpected',
      data: { ...key, supplyId: 'P', kind: 'purchase', quantity: '9' },
    }
    expect(stock(opened('5'), policy, alert, more).when(check).events()).toMatchObject([
      { type: 'StockReplenished', data: { position: '14' } },
    ])
    stock(opened('9'), policy).when(check).thenNothing()
  })

  it('names the inputs of a computed policy', () => {
    const demand = {
      serviceLevel: '0.95',
      z: '1.645',
      dailyDemand: '20',
      demandDeviation: '5',
      leadTimeDays: '4',
      leadTimeDeviationDays: '0',
      sampleFrom: '2025-01-01',
      sampleTo: '2025-12-31',
      sampleCount: 365,
    }
    stock()
      .when({ type: 'SetReplenishmentPolicy', ...key, demand })
      .then([
        {
          type: 'ReplenishmentPolicySet',
          data: {
            ...key,
            policyVersion: 1,
            safetyStock: '16.45',
            reorderPoint: '96.45',
            inputs: { ...demand, lumpy: false },
          },
        },
      ])
  })
})

describe('the name of a stock stream', () => {
  it('is different for different keys, whatever slashes their parts hold', () => {
    expect(stockId({ party: 'A/B', location: 'C', sku: 'D' })).not.toBe(
      stockId({ party: 'A', location: 'B/C', sku: 'D' }),
    )
    expect(stockId(key)).toBe('ACME/WH1/BIKE')
    expect(streamName.safeParse(`stock-${stockId({ party: 'A/B', location: 'C', sku: 'D' })}`).success).toBe(true)
  })

  it('keeps names that every object has apart from its own', () => {
    const state = stock(opened('3', 'constructor')).state()
    expect(state.levels.onHand).toBe('3')
    stock()
      .when({ type: 'ReleaseReservation', ...key, reservationId: 'constructor', reason: 'x' })
      .thenNothing()
    stock()
      .when({ type: 'UnblockStock', ...key, blockId: 'constructor', reason: 'x' })
      .thenRefused('stock.not_blocked')
  })
})
