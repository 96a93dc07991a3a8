import { productAggregate } from '../catalogue/decide.ts'
import { calendarDate, compareTimes, instantOf, zoneOf } from '../kernel/businessTime.ts'
import { compare, minus, negated, plus, positivePart, smaller, sumOf } from '../kernel/decimalText.ts'
import {
  isRefusal,
  refuse,
  type Aggregate,
  type Circumstances,
  type Decision,
  type Load,
  type Refusal,
} from '../kernel/decider.ts'
import { enforce } from '../kernel/enforce.ts'
import { own, row } from '../kernel/table.ts'
import { chooseIssue } from './chooseIssue.ts'
import { stockCommands, type StockCommand } from './commands.ts'
import { stockEvents, type StockEvent } from './events.ts'
import { fefo, usableQuantity, type FreeLot } from './fefo.ts'
import { freeLots, freeOf } from './freeLots.ts'
import { available, position } from './levels.ts'
import { isTooLate } from './lotLevel.ts'
import { safetyStock } from './safetyStock.ts'
import { evolveStock, factName, noStock, type LineQuantity, type StockState } from './state.ts'
import { stockId } from './stockKey.ts'

export interface StockGiven {
  /** the catalogue knows the sku; asked where a command may begin a stream */
  readonly knownSku: boolean
}

/** All quantities of one sku at one place of one party, by lot (domain.md §2.5). */
export const stockAggregate: Aggregate<StockCommand, StockEvent, StockState, StockGiven | undefined> = {
  category: 'stock',
  stateVersion: 1,
  initialState: noStock,
  evolve: evolveStock,
  decide,
  gather,
  owner: (state, command) => state.key?.party ?? command.party,
  events: stockEvents,
  commands: stockCommands,
}

type Of<Type extends StockCommand['type']> = Extract<StockCommand, { type: Type }>
/** Facts that move or assert stock: the rules they break are kept beside them when they are recorded facts. */
type Physical = Extract<StockEvent, { data: { breaches: unknown } }>

async function gather(command: StockCommand, load: Load): Promise<StockGiven | undefined> {
  switch (command.type) {
    case 'SetStockRules':
    case 'OpenStock':
    case 'ReceiveStock':
    case 'CountStock':
    case 'ReportStock':
    case 'ExpectSupply':
      return { knownSku: (await load(productAggregate, command.sku)).known }
    default:
      return undefined
  }
}

function decide(
  command: StockCommand,
  state: StockState,
  circumstances: Circumstances<StockGiven | undefined>,
): Decision<StockEvent> {
  const { party, location, sku } = command
  const key = { party, location, sku }
  const { at, recorded, given } = circumstances
  const today = calendarDate(instantOf(at), zoneOf(at))
  const isNew = (event: StockEvent): boolean => !state.seen.includes(factName(event) ?? '')
  const once = (event: StockEvent): Decision<StockEvent> => (isNew(event) ? [event] : [])
  const fact = (event: Physical): Decision<StockEvent> => (isNew(event) ? physical(event, state, circumstances) : [])
  if (state.key !== undefined && stockId(state.key) !== stockId(key))
    return refuse('stock.key_mismatch', { ...state.key })
  if (state.key === undefined && given?.knownSku === false && !recorded) return refuse('catalogue.unknown_sku', { sku })

  switch (command.type) {
    case 'SetStockRules': {
      const { unit, allowNegative, minimumRemainingLifeDays } = command
      const { rules } = state
      if (
        rules.unit === unit &&
        rules.allowNegative === allowNegative &&
        rules.minimumRemainingLifeDays === minimumRemainingLifeDays
      )
        return []
      return [{ type: 'StockRulesSet', data: { ...key, unit, allowNegative, minimumRemainingLifeDays } }]
    }
    case 'OpenStock': {
      const { type: _type, ...data } = command
      return fact({ type: 'StockOpened', data: { ...data, breaches: [] } })
    }
    case 'ReceiveStock': {
      const { receiptId, supplyId, lines, cost } = command
      const supply = supplyId === undefined ? undefined : own(state.supplies, supplyId)
      const fromInTransit = smaller(total(lines), supply?.inTransit ?? '0')
      const fromOnOrder = smaller(minus(total(lines), fromInTransit), supply?.onOrder ?? '0')
      return fact({
        type: 'StockReceived',
        data: {
          ...key,
          receiptId,
          ...(supplyId !== undefined && { supplyId }),
          lines,
          fromOnOrder,
          fromInTransit,
          ...(cost && { cost }),
          breaches: [],
        },
      })
    }
    case 'IssueStock': {
      const { issueId, orderId, shipmentId, cost } = command
      const lines = chooseIssue(state, command, today, recorded)
      if (isRefusal(lines)) return state.seen.includes(`issued:${issueId}`) ? [] : lines
      return fact({
        type: 'StockIssued',
        data: {
          ...key,
          issueId,
          ...(orderId !== undefined && { orderId }),
          ...(shipmentId !== undefined && { shipmentId }),
          lines,
          ...(cost && { cost }),
          breaches: [],
        },
      })
    }
    case 'TransferOutStock':
      return fact({
        type: 'StockTransferredOut',
        data: { ...key, transferId: command.transferId, lines: command.lines, breaches: [] },
      })
    case 'TransferInStock': {
      const { transferId, receiptId, lines } = command
      const fromInTransit = smaller(total(lines), own(state.supplies, transferId)?.inTransit ?? '0')
      return once({ type: 'StockTransferredIn', data: { ...key, transferId, receiptId, lines, fromInTransit } })
    }
    case 'ReportResale': {
      const { type: _type, lines: _lines, ...data } = command
      const chosen = chooseIssue(state, command, today, recorded)
      if (isRefusal(chosen)) return state.seen.includes(`resold:${command.reportId}`) ? [] : chosen
      const lines = chosen.map(({ lot, quantity }) => ({ lot, quantity }))
      return fact({ type: 'ResaleReported', data: { ...data, lines, breaches: [] } })
    }
    case 'ReturnToStock': {
      const { returnId, orderId, lines } = command
      return once({
        type: 'GoodsReturnedToStock',
        data: { ...key, returnId, ...(orderId !== undefined && { orderId }), lines },
      })
    }
    case 'ScrapStock': {
      const lines = command.lines.map((line) => ({ ...line, blocked: smaller(line.blocked, line.quantity) }))
      const tooMuch = lines.find((line) => compare(line.blocked, own(state.lots, line.lot)?.blocked ?? '0') > 0)
      const event: Physical = {
        type: 'StockScrapped',
        data: { ...key, scrapId: command.scrapId, reason: command.reason, lines, breaches: [] },
      }
      if (tooMuch && isNew(event))
        return refuse('stock.not_blocked', { lot: tooMuch.lot, blocked: own(state.lots, tooMuch.lot)?.blocked ?? '0' })
      return fact(event)
    }
    case 'CountStock':
      return fact({
        type: 'StockCounted',
        data: { ...key, countId: command.countId, lines: countedLines(command, state), breaches: [] },
      })
    case 'ReportStock':
      return fact(reported(command, state))
    case 'ReserveStock':
      return state.seen.includes(`reserved:${command.reservationId}`) ? [] : reserve(command, state, today)
    case 'ReleaseReservation': {
      const reservation = row(state.reservations, command.reservationId)
      if (reservation === undefined) return []
      const { reservationId, reason } = command
      return [
        {
          type: 'ReservationReleased',
          data: { ...key, reservationId, orderId: reservation.orderId, lines: [...reservation.lines], reason },
        },
      ]
    }
    case 'ExpireReservation': {
      const reservation = row(state.reservations, command.reservationId)
      if (reservation === undefined || compareTimes(at, reservation.expiresAt) < 0) return []
      const { reservationId } = command
      return [
        {
          type: 'ReservationExpired',
          data: { ...key, reservationId, orderId: reservation.orderId, lines: [...reservation.lines] },
        },
      ]
    }
    case 'AllocateStock':
      return state.seen.includes(`allocated:${command.allocationId}`) ? [] : allocate(command, state, today)
    case 'DeallocateStock': {
      const { deallocationId, orderId, reason } = command
      const lines = allocationsToFree(command, state)
      return lines.length === 0
        ? []
        : once({ type: 'StockDeallocated', data: { ...key, deallocationId, orderId, lines, reason } })
    }
    case 'SetBackorder': {
      const before = row(state.backorders, command.orderId) ?? []
      const lines = command.lines
        .map(({ lineNo, quantity }) => ({
          lineNo,
          from: before.find((line) => line.lineNo === lineNo)?.quantity ?? '0',
          to: quantity,
        }))
        .filter((line) => compare(line.from, line.to) !== 0)
      return lines.length === 0
        ? []
        : [{ type: 'StockBackorderChanged', data: { ...key, orderId: command.orderId, lines } }]
    }
    case 'BlockStock': {
      const { blockId, lot, quantity, reason } = command
      const free = smaller(freeOf(state, lot), available(state.levels))
      const event: StockEvent = { type: 'StockBlocked', data: { ...key, blockId, lot, quantity, reason } }
      if (isNew(event) && compare(quantity, free) > 0) return insufficient(key, quantity, free)
      return once(event)
    }
    case 'UnblockStock': {
      const { blockId, reason } = command
      const block = own(state.blocks, blockId)
      if (block === undefined)
        return state.seen.includes(`blocked:${blockId}`) ? [] : refuse('stock.not_blocked', { blockId })
      const quantity = command.quantity ?? block.quantity
      if (compare(quantity, block.quantity) > 0)
        return refuse('stock.not_blocked', { blockId, blocked: block.quantity })
      return [{ type: 'StockUnblocked', data: { ...key, blockId, lot: block.lot, quantity, reason } }]
    }
    case 'ExpectSupply': {
      const { type: _type, ...data } = command
      return once({ type: 'SupplyExpected', data })
    }
    case 'ShipSupply': {
      const { type: _type, ...data } = command
      const fromOnOrder = smaller(command.quantity, own(state.supplies, command.supplyId)?.onOrder ?? '0')
      return once({ type: 'SupplyShipped', data: { ...data, fromOnOrder } })
    }
    case 'ReduceSupply': {
      const { supplyId, changeId, quantity, reason } = command
      const supply = own(state.supplies, supplyId) ?? { onOrder: '0', inTransit: '0' }
      const fromOnOrder = reason === 'lost' ? '0' : smaller(quantity, supply.onOrder)
      const fromInTransit = smaller(minus(quantity, fromOnOrder), supply.inTransit)
      if (fromOnOrder === '0' && fromInTransit === '0') return []
      return once({ type: 'SupplyReduced', data: { ...key, supplyId, changeId, fromOnOrder, fromInTransit, reason } })
    }
    case 'SetReplenishmentPolicy':
      return setPolicy(command, state)
    case 'CheckStockLevel':
      return checkLevel(command, state)
    default:
      return command satisfies never
  }
}

/** Looks at the stock as it would be after the fact. What a command would break refuses it; a recorded fact, and goods of a party that may go negative, keep the breach. */
function physical(event: Physical, state: StockState, { at, recorded }: Circumstances<unknown>): Decision<StockEvent> {
  const occurredAt = event.occurredAt ?? at
  const next = evolveStock(state, { ...event, id: '', occurredAt, revision: state.revision })
  const isAssertion = event.type === 'StockOpened' || event.type === 'StockCounted' || event.type === 'StockReported'
  const lots = event.type === 'StockOpened' ? [event.data.lot] : [...new Set(event.data.lines.map((line) => line.lot))]
  const rules = [
    event.type === 'StockOpened' &&
      own(state.lots, event.data.lot) !== undefined &&
      refuse('stock.already_open', { lot: event.data.lot }),
    ...lots.map((lot) => {
      const level = own(state.lots, lot)?.level
      return (
        isAssertion &&
        level !== undefined &&
        isTooLate(level, instantOf(occurredAt)) &&
        refuse('stock.assertion_too_late', { lot })
      )
    }),
  ]
  const strict = enforce(rules, recorded)
  const negative = enforce(
    lots.map((lot) => negativeLot(state, next, lot)),
    recorded || state.rules.allowNegative,
  )
  // a count says what is there, however much was promised: it is not refused for it
  const committed = enforce([overcommitted(state, next, lots)], recorded || isAssertion || state.rules.allowNegative)
  for (const answer of [strict, negative, committed]) if (isRefusal(answer)) return answer
  const breaches = [strict, negative, committed].flatMap((answer) => (isRefusal(answer) ? [] : answer))
  // the same event with its breaches: the spread keeps type and data together, which the checker cannot see
  return [{ ...event, data: { ...event.data, breaches } } as Physical]
}

function negativeLot(before: StockState, after: StockState, lot: string): Refusal | undefined {
  const onHand = own(after.lots, lot)?.level.onHand ?? '0'
  const was = own(before.lots, lot)?.level.onHand ?? '0'
  return compare(onHand, '0') < 0 && compare(onHand, was) < 0 ? refuse('stock.negative', { lot, onHand }) : undefined
}

function overcommitted(before: StockState, after: StockState, lots: readonly string[]): Refusal | undefined {
  const worse = (now: string, was: string): boolean => compare(now, '0') < 0 && compare(now, was) < 0
  if (worse(available(after.levels), available(before.levels)))
    return refuse('stock.overcommitted', { available: available(after.levels) })
  const lot = lots.find(
    (name) =>
      own(after.lots, name) !== undefined &&
      isCommitted(after, name) &&
      worse(freeOf(after, name), freeOf(before, name)),
  )
  return lot === undefined ? undefined : refuse('stock.overcommitted', { lot, available: freeOf(after, lot) })
}

function isCommitted(state: StockState, lot: string): boolean {
  const { allocated = '0', blocked = '0' } = own(state.lots, lot) ?? {}
  return allocated !== '0' || blocked !== '0'
}

function reserve(command: Of<'ReserveStock'>, state: StockState, today: string): Decision<StockEvent> {
  const { party, location, sku, reservationId, orderId, lines, partial, expiresAt } = command
  const free = promisable(state, today)
  let left = free
  const reserved: LineQuantity[] = []
  const short: LineQuantity[] = []
  for (const { lineNo, quantity } of lines) {
    const fits = smaller(quantity, left)
    const given = partial === 'units' || fits === quantity ? fits : '0'
    left = minus(left, given)
    if (given !== '0') reserved.push({ lineNo, quantity: given })
    if (given !== quantity) short.push({ lineNo, quantity: minus(quantity, given) })
  }
  if (reserved.length === 0 || (partial === 'none' && short.length > 0))
    return insufficient(command, total(lines), free)
  return [
    {
      type: 'StockReserved',
      data: { party, location, sku, reservationId, orderId, lines: reserved, short, expiresAt },
    },
  ]
}

/** What may be promised today: not more than is available, nor than usable lots hold beyond the promises made. */
export function promisable(state: StockState, today: string): string {
  const usable = usableQuantity(freeLots(state), today, state.rules.minimumRemainingLifeDays)
  return positivePart(smaller(minus(usable, state.levels.reserved), available(state.levels)))
}

function allocate(command: Of<'AllocateStock'>, state: StockState, today: string): Decision<StockEvent> {
  const { party, location, sku, allocationId, orderId, reservationId } = command
  const reservation = reservationId === undefined ? undefined : row(state.reservations, reservationId)
  const wanted = command.lines ?? reservation?.lines
  if (wanted === undefined) return refuse('stock.reservation_unknown', { reservationId: reservationId ?? null })
  if (reservation !== undefined && reservation.orderId !== orderId)
    return refuse('stock.reservation_unknown', { reservationId })
  const reservedReleased = total(reservation?.lines ?? [])
  let budget = positivePart(
    smaller(plus(available(state.levels), reservedReleased), plus(reservedReleased, promisable(state, today))),
  )
  let pool = freeLots(state)
  const lines: { lineNo: number; lot: string; quantity: string; expiresOn?: string }[] = []
  const short: LineQuantity[] = []
  for (const { lineNo, quantity } of wanted) {
    const choice = fefo(pool, smaller(quantity, budget), today, state.rules.minimumRemainingLifeDays)
    const taken = total(choice.chosen)
    budget = minus(budget, taken)
    pool = without(pool, choice.chosen)
    lines.push(...choice.chosen.map((part) => ({ lineNo, ...part })))
    if (compare(taken, quantity) < 0) short.push({ lineNo, quantity: minus(quantity, taken) })
  }
  if (lines.length === 0 && reservation === undefined) return insufficient(command, total(wanted), '0')
  return [
    {
      type: 'StockAllocated',
      data: {
        party,
        location,
        sku,
        allocationId,
        orderId,
        ...(reservation && reservationId !== undefined && { reservationId }),
        reservedReleased,
        lines,
        short,
      },
    },
  ]
}

function without(pool: readonly FreeLot[], taken: readonly { lot: string; quantity: string }[]): readonly FreeLot[] {
  return pool.map((lot) => ({
    ...lot,
    quantity: minus(lot.quantity, total(taken.filter((part) => part.lot === lot.lot))),
  }))
}

/** What is taken back last is what was to expire last. */
function allocationsToFree(
  command: Of<'DeallocateStock'>,
  state: StockState,
): { lineNo: number; lot: string; quantity: string }[] {
  const held = row(state.allocations, command.orderId) ?? []
  return command.lines.flatMap(({ lineNo, quantity }) => {
    let left = quantity
    return held
      .filter((entry) => entry.lineNo === lineNo)
      .toReversed()
      .flatMap((entry) => {
        const taken = smaller(left, entry.quantity)
        left = minus(left, taken)
        return taken === '0' ? [] : [{ lineNo, lot: entry.lot, quantity: taken }]
      })
  })
}

function countedLines(command: Of<'CountStock'>, state: StockState): { lot: string; counted: string }[] {
  const named = new Set(command.lines.map((line) => line.lot))
  const others = command.complete ? Object.keys(state.lots).filter((lot) => !named.has(lot)) : []
  return [...command.lines, ...others.map((lot) => ({ lot, counted: '0' }))]
}

/** Salable figures have left out what is promised: the lot's allocations are added back, reservations to the first lot of the report. */
function reported(command: Of<'ReportStock'>, state: StockState): Physical {
  const { party, location, sku, reportId, source, asOf, basis } = command
  const cutOff = command.cutOff ?? asOf
  const lines = command.lines.map(({ lot, quantity }, index) => {
    const promised = plus(own(state.lots, lot)?.allocated ?? '0', index === 0 ? state.levels.reserved : '0')
    return { lot, reported: quantity, onHand: basis === 'salable' ? plus(quantity, promised) : quantity }
  })
  return {
    type: 'StockReported',
    data: { party, location, sku, reportId, source, asOf, cutOff, basis, lines, breaches: [] },
    occurredAt: cutOff,
  }
}

function setPolicy(command: Of<'SetReplenishmentPolicy'>, state: StockState): Decision<StockEvent> {
  const { party, location, sku, levels, demand } = command
  const computed = demand && safetyStock(demand)
  const chosen = levels ?? computed
  if (chosen === undefined) return refuse('request.invalid', { field: 'levels' })
  const { safetyStock: safety, reorderPoint } = chosen
  if (state.policy?.safetyStock === safety && state.policy.reorderPoint === reorderPoint) return []
  const inputs = demand && computed && { ...demand, lumpy: computed.lumpy }
  const policyVersion = (state.policy?.version ?? 0) + 1
  return [
    {
      type: 'ReplenishmentPolicySet',
      data: { party, location, sku, policyVersion, safetyStock: safety, reorderPoint, ...(inputs && { inputs }) },
    },
  ]
}

function checkLevel(
  { party, location, sku }: Of<'CheckStockLevel'>,
  { policy, levels, alert }: StockState,
): Decision<StockEvent> {
  if (policy === undefined) return []
  const { safetyStock: safety, reorderPoint, version: policyVersion } = policy
  const data = {
    party,
    location,
    sku,
    position: position(levels),
    available: available(levels),
    levels,
    safetyStock: safety,
    reorderPoint,
    policyVersion,
  }
  if (compare(data.position, reorderPoint) > 0) return alert === undefined ? [] : [{ type: 'StockReplenished', data }]
  const level = compare(data.available, '0') <= 0 ? 'out' : 'low'
  return alert === level ? [] : [{ type: 'LowStockDetected', data: { ...data, level } }]
}

function insufficient({ sku }: { sku: string }, wanted: string, free: string): Refusal {
  return refuse('stock.insufficient', { sku, wanted, available: free, short: negated(minus(free, wanted)) })
}

function total(lines: readonly { quantity: string }[]): string {
  return sumOf(lines.map((line) => line.quantity))
}
