import assert from 'node:assert/strict'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseDecimal } from '../../../src/domain/kernel/decimal.ts'
import { rows } from '../../../src/domain/kernel/table.ts'
import { stockAggregate } from '../../../src/domain/stock/decide.ts'
import { measures, stockEffects } from '../../../src/domain/stock/effects.ts'
import type { StockCommand } from '../../../src/domain/stock/commands.ts'
import type { StockEvent } from '../../../src/domain/stock/events.ts'
import { available } from '../../../src/domain/stock/levels.ts'
import type { StockState } from '../../../src/domain/stock/state.ts'
import { longHistories } from '../../support/longHistories.ts'

const key = { party: 'ACME', location: 'WH1', sku: 'BIKE' }
const n = (max: number) => fc.integer({ min: 1, max }).map(String)
const id = fc.integer({ min: 1, max: 5 }).map((one) => `x${one}`)
const order = fc.constantFrom('O1', 'O2')
const lot = fc.constantFrom('-', 'A', 'B')
const lineNo = fc.constantFrom(1, 2)
const one = <T>(line: fc.Arbitrary<T>) => fc.array(line, { minLength: 1, maxLength: 3 })
const byLine = fc.uniqueArray(fc.record({ lineNo, quantity: n(5) }), {
  minLength: 1,
  maxLength: 2,
  selector: (line) => line.lineNo,
})
const expiry: Readonly<Record<string, string>> = { A: '2026-01-20', B: '2027-01-01' }
const time = (days: number): string => new Date(Date.UTC(2026, 0, 1 + days)).toISOString().replace('Z', 'Z[UTC]')

const command: fc.Arbitrary<StockCommand> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc
      .record({
        receiptId: id,
        lines: one(fc.record({ lot, quantity: n(30) })),
        supplyId: fc.option(id, { nil: undefined }),
      })
      .map(({ receiptId, lines, supplyId }): StockCommand => ({
        type: 'ReceiveStock',
        ...key,
        receiptId,
        ...(supplyId && { supplyId }),
        lines: lines.map((line) => ({ ...line, ...(expiry[line.lot] && { expiresOn: expiry[line.lot] }) })),
      })),
  },
  {
    weight: 4,
    arbitrary: fc
      .record({
        reservationId: id,
        orderId: order,
        lines: byLine,
        partial: fc.constantFrom('units' as const, 'lines' as const, 'none' as const),
      })
      .map((data): StockCommand => ({ type: 'ReserveStock', ...key, ...data, expiresAt: time(5) })),
  },
  {
    weight: 4,
    arbitrary: fc
      .record({ allocationId: id, orderId: order, reservationId: id })
      .map((data): StockCommand => ({ type: 'AllocateStock', ...key, ...data })),
  },
  {
    weight: 2,
    arbitrary: fc
      .record({ allocationId: id, orderId: order, lines: byLine })
      .map((data): StockCommand => ({ type: 'AllocateStock', ...key, ...data })),
  },
  {
    weight: 3,
    arbitrary: fc
      .record({ issueId: id, orderId: order, lines: one(fc.record({ lineNo, quantity: n(5) })) })
      .map((data): StockCommand => ({ type: 'IssueStock', ...key, ...data })),
  },
  {
    weight: 2,
    arbitrary: fc
      .record({ issueId: id, lines: one(fc.record({ lot, quantity: n(5) })) })
      .map((data): StockCommand => ({ type: 'IssueStock', ...key, ...data })),
  },
  fc
    .record({ reportId: id, lines: one(fc.record({ quantity: n(5) })) })
    .map((data): StockCommand => ({ type: 'ReportResale', ...key, source: 'pos', ...data })),
  fc.record({ reservationId: id }).map(({ reservationId }): StockCommand => ({
    type: 'ReleaseReservation',
    ...key,
    reservationId,
    reason: 'cancelled',
  })),
  {
    weight: 4,
    arbitrary: id.map((reservationId): StockCommand => ({ type: 'ExpireReservation', ...key, reservationId })),
  },
  {
    weight: 3,
    arbitrary: fc
      .record({ deallocationId: id, orderId: order, lines: byLine })
      .map((data): StockCommand => ({ type: 'DeallocateStock', ...key, ...data, reason: 'cancelled' })),
  },
  fc.record({ orderId: order, lines: byLine }).map((data): StockCommand => ({ type: 'SetBackorder', ...key, ...data })),
  fc
    .record({ blockId: id, lot, quantity: n(6) })
    .map((data): StockCommand => ({ type: 'BlockStock', ...key, ...data, reason: 'quality' })),
  fc
    .record({ blockId: id })
    .map(({ blockId }): StockCommand => ({ type: 'UnblockStock', ...key, blockId, reason: 'cleared' })),
  fc
    .record({ scrapId: id, lot, quantity: n(4), blocked: fc.constantFrom('0', '1', '4') })
    .map(({ scrapId, ...line }): StockCommand => ({
      type: 'ScrapStock',
      ...key,
      scrapId,
      reason: 'damaged',
      lines: [line],
    })),
  fc
    .record({ transferId: id, lines: one(fc.record({ lot, quantity: n(4) })) })
    .map((data): StockCommand => ({ type: 'TransferOutStock', ...key, ...data })),
  fc
    .record({ supplyId: id, quantity: n(9) })
    .map((data): StockCommand => ({ type: 'ExpectSupply', ...key, kind: 'purchase', ...data })),
  fc
    .record({ supplyId: id, shipmentId: id, quantity: n(9) })
    .map((data): StockCommand => ({ type: 'ShipSupply', ...key, ...data })),
  fc
    .record({
      supplyId: id,
      changeId: id,
      quantity: n(9),
      reason: fc.constantFrom('cancelled' as const, 'lost' as const),
    })
    .map((data): StockCommand => ({ type: 'ReduceSupply', ...key, ...data })),
  fc.constant<StockCommand>({ type: 'CheckStockLevel', ...key }),
)
const count = fc
  .record({ countId: id, lot, counted: fc.nat(20).map(String) })
  .map(({ countId, ...line }): StockCommand => ({
    type: 'CountStock',
    ...key,
    countId,
    lines: [line],
    complete: false,
  }))

const circumstances = (_command: StockCommand, step: number) => ({ at: time(step), given: { knownSku: true } })
const total = (lines: readonly { quantity: string }[]): bigint =>
  lines.reduce((sum, line) => sum + parseDecimal(line.quantity), 0n)

/** The parts say the same as the totals: reservations, allocations, blocks, supplies (domain.md §3, defect 13). */
function expectDerivable(state: StockState): void {
  const { levels } = state
  assert.equal(total([...rows(state.reservations)].flatMap(([, one]) => one.lines)), parseDecimal(levels.reserved))
  assert.equal(total([...rows(state.allocations)].flatMap(([, lines]) => lines)), parseDecimal(levels.allocated))
  assert.equal(total([...rows(state.backorders)].flatMap(([, lines]) => lines)), parseDecimal(levels.backordered))
  assert.equal(total(Object.values(state.blocks)), parseDecimal(levels.blocked))
  assert.equal(
    total(Object.values(state.supplies).map((one) => ({ quantity: one.onOrder }))),
    parseDecimal(levels.onOrder),
  )
  assert.equal(
    total(Object.values(state.supplies).map((one) => ({ quantity: one.inTransit }))),
    parseDecimal(levels.inTransit),
  )
  assert.equal(
    total(Object.values(state.lots).map((one) => ({ quantity: one.level.onHand }))),
    parseDecimal(levels.onHand),
  )
  for (const measure of measures) if (measure !== 'onHand') assert.ok(!levels[measure].startsWith('-'), measure)
}

function expectReservationsEndOnce(events: readonly StockEvent[]): void {
  const open = new Set<string>()
  for (const { type, data } of events) {
    if (type === 'StockReserved') open.add(data.reservationId)
    if (type === 'ReservationReleased' || type === 'ReservationExpired') assert.ok(open.delete(data.reservationId))
    if (type === 'StockAllocated' && data.reservationId !== undefined) assert.ok(open.delete(data.reservationId))
  }
}

describe('a stock stream under any commands', () => {
  it('never falls below zero, never promises more than it has, ends each reservation once, and does nothing twice', () => {
    const seen = longHistories(stockAggregate, command, {
      circumstances,
      length: 80,
      runs: 50,
      seed: 20260115,
      then(state) {
        for (const { level } of Object.values(state.lots)) assert.ok(!level.onHand.startsWith('-'))
        assert.ok(!available(state.levels).startsWith('-'))
        expectDerivable(state)
      },
      atEnd: (_state, events) => expectReservationsEndOnce(events),
    })
    // otherwise the property would say nothing about them
    for (const type of [
      'StockReserved',
      'StockAllocated',
      'StockIssued',
      'ReservationExpired',
      'StockDeallocated',
      'StockScrapped',
      'StockUnblocked',
    ])
      expect([...seen]).toContain(type)
  })

  it('is overcommitted only after an event that says so, counts included', () => {
    longHistories(stockAggregate, fc.oneof({ weight: 6, arbitrary: command }, { weight: 1, arbitrary: count }), {
      circumstances,
      length: 80,
      runs: 50,
      then(state, events) {
        const flagged = events.some(
          ({ data }) => 'breaches' in data && data.breaches.some((breach) => breach.code === 'stock.overcommitted'),
        )
        if (!flagged) assert.ok(!available(state.levels).startsWith('-'))
        for (const { level } of Object.values(state.lots)) assert.ok(!level.onHand.startsWith('-'))
        expectDerivable(state)
      },
    })
  })

  it('is flagged wherever a recorded fact takes it below zero', () => {
    longHistories(stockAggregate, fc.oneof(command, count), {
      circumstances: (one, step) => ({ ...circumstances(one, step), recorded: true }),
      length: 80,
      runs: 50,
      then(state, events) {
        const isNegative = Object.values(state.lots).some(({ level }) => level.onHand.startsWith('-'))
        const flagged = events.some(
          ({ data }) => 'breaches' in data && data.breaches.some((breach) => breach.code === 'stock.negative'),
        )
        if (isNegative) assert.ok(flagged)
      },
    })
  })

  it('has levels that are the plain sum of its effect rows', () => {
    longHistories(stockAggregate, command, {
      circumstances,
      runs: 40,
      length: 80,
      atEnd(state, events) {
        for (const measure of measures) {
          const moved = events.flatMap(stockEffects).filter((row) => row.measure === measure)
          assert.equal(total(moved), parseDecimal(state.levels[measure]), measure)
        }
      },
    })
  })
})
