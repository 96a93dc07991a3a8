import { instantOf } from '../kernel/businessTime.ts'
import { compare, minus, plus } from '../kernel/decimalText.ts'
import type { Happened } from '../kernel/event.ts'
import { emptyTable, own, row, type Table, withRow, withoutRow } from '../kernel/table.ts'
import { stockEffects, type Measure } from './effects.ts'
import type { StockEvent } from './events.ts'
import { noLevels, type Levels } from './levels.ts'
import { noLevel, withFact, type LotLevel } from './lotLevel.ts'
import type { StockKey } from './stockKey.ts'

export interface Lot {
  readonly level: LotLevel
  readonly allocated: string
  readonly blocked: string
  readonly receivedOn?: string
  readonly expiresOn?: string
  readonly ownership: 'owned' | 'consignment'
}

export interface LineQuantity {
  readonly lineNo: number
  readonly quantity: string
}

export interface Reservation {
  readonly orderId: string
  readonly lines: readonly LineQuantity[]
  readonly expiresAt: string
}

export interface Allocation extends LineQuantity {
  readonly lot: string
}

export interface StockState {
  readonly key?: StockKey
  /** events folded, so the revision of the next one */
  readonly revision: number
  readonly rules: { readonly unit?: string; readonly allowNegative: boolean; readonly minimumRemainingLifeDays: number }
  readonly levels: Levels
  readonly lots: Readonly<Record<string, Lot>>
  readonly reservations: Table<Reservation>
  /** by order */
  readonly allocations: Table<readonly Allocation[]>
  /** by order */
  readonly backorders: Table<readonly LineQuantity[]>
  readonly blocks: Readonly<Record<string, { readonly lot: string; readonly quantity: string }>>
  /** supply still expected */
  readonly supplies: Readonly<Record<string, { readonly onOrder: string; readonly inTransit: string }>>
  readonly policy?: { readonly version: number; readonly safetyStock: string; readonly reorderPoint: string }
  readonly alert?: 'out' | 'low'
  /** the last `seenLimit` facts by name; older repeats are caught by the ledger's command index (design.md §7) */
  readonly seen: readonly string[]
}

const seenLimit = 256

export const noStock: StockState = {
  revision: 0,
  rules: { allowNegative: false, minimumRemainingLifeDays: 0 },
  levels: noLevels,
  lots: {},
  reservations: emptyTable,
  allocations: emptyTable,
  backorders: emptyTable,
  blocks: {},
  supplies: {},
  seen: [],
}

export function evolveStock(state: StockState, event: Happened<StockEvent>): StockState {
  return withParticulars(withEffects(begun(state, event), event), event)
}

/** The name of a fact, unique inside the stream; undefined for events that need none. */
export function factName(event: StockEvent): string | undefined {
  switch (event.type) {
    case 'StockOpened':
      return `opened:${event.data.lot}:${event.data.quantity}`
    case 'StockReceived':
      return `received:${event.data.receiptId}`
    case 'StockIssued':
      return `issued:${event.data.issueId}`
    case 'StockTransferredOut':
      return `transferred-out:${event.data.transferId}`
    case 'StockTransferredIn':
      return `transferred-in:${event.data.receiptId}`
    case 'ResaleReported':
      return `resold:${event.data.reportId}`
    case 'GoodsReturnedToStock':
      return `returned:${event.data.returnId}`
    case 'StockScrapped':
      return `scrapped:${event.data.scrapId}`
    case 'StockCounted':
      return `counted:${event.data.countId}`
    case 'StockReported':
      return `reported:${event.data.source}:${event.data.reportId}`
    case 'StockReserved':
      return `reserved:${event.data.reservationId}`
    case 'StockAllocated':
      return `allocated:${event.data.allocationId}`
    case 'StockDeallocated':
      return `deallocated:${event.data.deallocationId}`
    case 'StockBlocked':
      return `blocked:${event.data.blockId}`
    case 'SupplyExpected':
      return `expected:${event.data.supplyId}`
    case 'SupplyShipped':
      return `shipped:${event.data.shipmentId}`
    case 'SupplyReduced':
      return `reduced:${event.data.changeId}`
    default:
      return undefined
  }
}

function begun(state: StockState, event: Happened<StockEvent>): StockState {
  const name = factName(event)
  const { party, location, sku } = event.data
  return {
    ...state,
    key: state.key ?? { party, location, sku },
    revision: event.revision + 1,
    seen: name === undefined ? state.seen : [...state.seen, name].slice(-seenLimit),
  }
}

/** Quantities come from the shared effect rows alone, so that no read model can disagree. */
function withEffects(state: StockState, event: Happened<StockEvent>): StockState {
  const levels: Record<Measure, string> = { ...state.levels }
  const lots: Record<string, Lot> = { ...state.lots }
  for (const { lot: lotId, measure, kind, quantity } of stockEffects(event)) {
    const lot = own(lots, lotId) ?? noLot
    if (measure === 'onHand') {
      const level = withFact(lot.level, { at: instantOf(event.occurredAt), kind, quantity })
      levels.onHand = plus(levels.onHand, minus(level.onHand, lot.level.onHand))
      lots[lotId] = { ...lot, level }
      continue
    }
    levels[measure] = plus(levels[measure], quantity)
    if (measure === 'allocated' || measure === 'blocked')
      lots[lotId] = { ...lot, [measure]: plus(lot[measure], quantity) }
  }
  for (const facts of lotFacts(event)) lots[facts.lot] = withLotFacts(own(lots, facts.lot) ?? noLot, facts)
  return { ...state, levels, lots }
}

const noLot: Lot = { level: noLevel, allocated: '0', blocked: '0', ownership: 'owned' }

interface LotFacts {
  readonly lot: string
  readonly receivedOn?: string | undefined
  readonly expiresOn?: string | undefined
  readonly ownership?: 'owned' | 'consignment' | undefined
}

function lotFacts(event: StockEvent): readonly LotFacts[] {
  switch (event.type) {
    case 'StockOpened':
      return [event.data]
    case 'StockReceived':
    case 'StockTransferredIn':
    case 'GoodsReturnedToStock':
      return event.data.lines
    default:
      return []
  }
}

/** Of what events say of a lot itself, the first word on its dates stands. */
function withLotFacts(lot: Lot, { receivedOn, expiresOn, ownership }: LotFacts): Lot {
  return {
    ...lot,
    ...(receivedOn !== undefined && lot.receivedOn === undefined ? { receivedOn } : {}),
    ...(expiresOn !== undefined && lot.expiresOn === undefined ? { expiresOn } : {}),
    ownership: ownership ?? lot.ownership,
  }
}

/** Who holds what: reservations, allocations, blocks, supplies, backorders, and the settings. */
function withParticulars(state: StockState, event: Happened<StockEvent>): StockState {
  switch (event.type) {
    case 'StockRulesSet': {
      const { unit, allowNegative, minimumRemainingLifeDays } = event.data
      return { ...state, rules: { unit, allowNegative, minimumRemainingLifeDays } }
    }
    case 'StockReserved': {
      const { reservationId, orderId, lines, expiresAt } = event.data
      return { ...state, reservations: withRow(state.reservations, reservationId, { orderId, lines, expiresAt }) }
    }
    case 'ReservationReleased':
    case 'ReservationExpired':
      return { ...state, reservations: withoutRow(state.reservations, event.data.reservationId) }
    case 'StockAllocated': {
      const { reservationId, orderId } = event.data
      const lines = event.data.lines.map(({ lineNo, lot, quantity }) => ({ lineNo, lot, quantity }))
      const held = merged([...(row(state.allocations, orderId) ?? []), ...lines])
      return {
        ...state,
        reservations: reservationId === undefined ? state.reservations : withoutRow(state.reservations, reservationId),
        allocations: held.length === 0 ? state.allocations : withRow(state.allocations, orderId, held),
      }
    }
    case 'StockDeallocated':
      return withAllocationsTaken(state, event.data.orderId, event.data.lines)
    case 'StockIssued': {
      const taken = event.data.lines.flatMap(({ lineNo, lot, allocated }) =>
        lineNo === undefined || allocated === '0' ? [] : [{ lineNo, lot, quantity: allocated }],
      )
      return event.data.orderId === undefined ? state : withAllocationsTaken(state, event.data.orderId, taken)
    }
    case 'StockBackorderChanged': {
      const changed = new Map(event.data.lines.map((line) => [line.lineNo, line.to]))
      const before = row(state.backorders, event.data.orderId) ?? []
      const lines = [
        ...before.filter((line) => !changed.has(line.lineNo)),
        ...event.data.lines
          .filter((line) => line.to !== '0')
          .map((line) => ({ lineNo: line.lineNo, quantity: line.to })),
      ]
      const backorders =
        lines.length === 0
          ? withoutRow(state.backorders, event.data.orderId)
          : withRow(state.backorders, event.data.orderId, lines)
      return { ...state, backorders }
    }
    case 'StockBlocked': {
      const { blockId, lot, quantity } = event.data
      return { ...state, blocks: { ...state.blocks, [blockId]: { lot, quantity } } }
    }
    case 'StockUnblocked':
      return withBlockTaken(state, event.data.blockId, event.data.quantity)
    case 'StockScrapped':
      return event.data.lines.reduce((next, line) => withLotUnblocked(next, line.lot, line.blocked), state)
    case 'SupplyExpected':
      return withSupply(state, event.data.supplyId, event.data.quantity, '0')
    case 'SupplyShipped':
      return withSupply(state, event.data.supplyId, minus('0', event.data.fromOnOrder), event.data.quantity)
    case 'SupplyReduced':
    case 'StockReceived':
      return event.data.supplyId === undefined
        ? state
        : withSupply(
            state,
            event.data.supplyId,
            minus('0', event.data.fromOnOrder),
            minus('0', event.data.fromInTransit),
          )
    case 'StockTransferredIn':
      return withSupply(state, event.data.transferId, '0', minus('0', event.data.fromInTransit))
    case 'ReplenishmentPolicySet': {
      const { policyVersion: version, safetyStock, reorderPoint } = event.data
      return { ...state, policy: { version, safetyStock, reorderPoint } }
    }
    case 'LowStockDetected':
      return { ...state, alert: event.data.level }
    case 'StockReplenished': {
      const { alert: _closed, ...rest } = state
      return rest
    }
    default:
      return state
  }
}

function withAllocationsTaken(state: StockState, orderId: string, taken: readonly Allocation[]): StockState {
  const left = merged([
    ...(row(state.allocations, orderId) ?? []),
    ...taken.map((line) => ({ ...line, quantity: minus('0', line.quantity) })),
  ])
  const allocations =
    left.length === 0 ? withoutRow(state.allocations, orderId) : withRow(state.allocations, orderId, left)
  return { ...state, allocations }
}

/** One entry per line and lot, empty ones left out. */
function merged(entries: readonly Allocation[]): readonly Allocation[] {
  const sums = new Map<string, Allocation>()
  for (const entry of entries) {
    const name = `${entry.lineNo}/${entry.lot}`
    const before = sums.get(name)
    sums.set(name, before === undefined ? entry : { ...before, quantity: plus(before.quantity, entry.quantity) })
  }
  return [...sums.values()].filter((entry) => compare(entry.quantity, '0') > 0)
}

function withBlockTaken(state: StockState, blockId: string, quantity: string): StockState {
  const block = own(state.blocks, blockId)
  if (block === undefined) return state
  const left = minus(block.quantity, quantity)
  const { [blockId]: _taken, ...others } = state.blocks
  return { ...state, blocks: compare(left, '0') > 0 ? { ...others, [blockId]: { ...block, quantity: left } } : others }
}

/** Scrapping blocked goods uses up the lot's blocks, in the order of their names. */
function withLotUnblocked(state: StockState, lot: string, quantity: string): StockState {
  let left = quantity
  let next = state
  for (const blockId of Object.keys(state.blocks).toSorted()) {
    const block = own(state.blocks, blockId)
    if (block === undefined || block.lot !== lot || compare(left, '0') <= 0) continue
    const taken = compare(block.quantity, left) < 0 ? block.quantity : left
    next = withBlockTaken(next, blockId, taken)
    left = minus(left, taken)
  }
  return next
}

function withSupply(state: StockState, supplyId: string, onOrder: string, inTransit: string): StockState {
  const before = own(state.supplies, supplyId) ?? { onOrder: '0', inTransit: '0' }
  const after = { onOrder: plus(before.onOrder, onOrder), inTransit: plus(before.inTransit, inTransit) }
  const { [supplyId]: _before, ...others } = state.supplies
  const isOver = after.onOrder === '0' && after.inTransit === '0'
  return { ...state, supplies: isOver ? others : { ...others, [supplyId]: after } }
}
