import { calendarDate, instantOf, zoneOf } from '../kernel/businessTime.ts'
import { refuse, type Aggregate, type Circumstances, type Decision, type Load } from '../kernel/decider.ts'
import { compare, minus, plus, sumOf } from '../kernel/decimalText.ts'
import type { Happened } from '../kernel/event.ts'
import { stockAggregate } from './decide.ts'
import { fefo, type FreeLot } from './fefo.ts'
import { freeLots } from './freeLots.ts'
import { available } from './levels.ts'
import { stockId } from './stockKey.ts'
import { transferCommands, type TransferCommand } from './transferCommands.ts'
import { transferEvents, type TransferEvent } from './transferEvents.ts'

interface Place {
  readonly party: string
  readonly location: string
}
interface MovedLot {
  readonly lot: string
  readonly quantity: string
  readonly expiresOn?: string | undefined
  readonly receivedOn?: string | undefined
  readonly ownership?: 'owned' | 'consignment' | undefined
}
interface MovedLine {
  readonly lineNo: number
  readonly sku: string
  readonly lots: readonly MovedLot[]
}

export type TransferState =
  | { readonly status: 'none' }
  | {
      readonly status: 'requested' | 'in-transit' | 'completed' | 'cancelled'
      readonly transferId: string
      readonly from: Place
      readonly to: Place
      readonly requested: readonly { readonly lineNo: number; readonly sku: string; readonly quantity: string }[]
      /** dispatched and neither received nor lost */
      readonly onTheWay: readonly MovedLine[]
      /** receipts and losses, by id */
      readonly ended: readonly string[]
    }

/** Of the source's stock streams, by sku: what may leave, and what is known of the lots. */
export interface TransferGiven {
  readonly sources: Readonly<
    Record<string, { readonly lots: readonly FreeLot[]; readonly available: string; readonly allowNegative: boolean }>
  >
}

/** Goods on their way between two places: what went out comes in or is lost (domain.md §2.5). */
export const transferAggregate: Aggregate<TransferCommand, TransferEvent, TransferState, TransferGiven | undefined> = {
  category: 'transfer',
  stateVersion: 1,
  initialState: { status: 'none' },
  evolve,
  decide,
  gather,
  owner: (state, command) =>
    state.status !== 'none' ? state.from.party : command.type === 'RequestTransfer' ? command.from.party : undefined,
  events: transferEvents,
  commands: transferCommands,
}

function evolve(state: TransferState, event: Happened<TransferEvent>): TransferState {
  if (event.type === 'TransferRequested') {
    const { transferId, from, to, lines } = event.data
    return { status: 'requested', transferId, from, to, requested: lines, onTheWay: [], ended: [] }
  }
  if (state.status === 'none') return state
  switch (event.type) {
    case 'TransferDispatched':
      return { ...state, status: 'in-transit', onTheWay: event.data.lines }
    case 'TransferReceived':
      return {
        ...state,
        onTheWay: without(state.onTheWay, event.data.lines),
        ended: [...state.ended, `received:${event.data.receiptId}`],
      }
    case 'TransferLost':
      return {
        ...state,
        onTheWay: without(state.onTheWay, event.data.lines),
        ended: [...state.ended, `lost:${event.data.lossId}`],
      }
    case 'TransferCancelled':
      return { ...state, status: 'cancelled' }
    case 'TransferCompleted':
      return { ...state, status: 'completed' }
    default:
      return event satisfies never
  }
}

async function gather(command: TransferCommand, load: Load): Promise<TransferGiven | undefined> {
  if (command.type !== 'DispatchTransfer') return undefined
  const transfer = await load(transferAggregate, command.transferId)
  if (transfer.status === 'none') return undefined
  const skus = [...new Set(transfer.requested.map((line) => line.sku))]
  const sources = await Promise.all(
    skus.map(async (sku) => {
      const stock = await load(stockAggregate, stockId({ ...transfer.from, sku }))
      return [
        sku,
        { lots: freeLots(stock), available: available(stock.levels), allowNegative: stock.rules.allowNegative },
      ] as const
    }),
  )
  return { sources: Object.fromEntries(sources) }
}

function decide(
  command: TransferCommand,
  state: TransferState,
  circumstances: Circumstances<TransferGiven | undefined>,
): Decision<TransferEvent> {
  const { transferId } = command
  if (command.type === 'RequestTransfer') {
    const { type: _type, ...data } = command
    if (state.status !== 'none') return sameRequest(state, command) ? [] : refuse('object.exists', { transferId })
    if (stockId({ ...command.from, sku: '-' }) === stockId({ ...command.to, sku: '-' }))
      return refuse('transfers.same_place', { transferId })
    return [{ type: 'TransferRequested', data }]
  }
  if (state.status === 'none') return refuse('transfers.unknown', { transferId })
  const ends = { transferId, from: state.from, to: state.to }
  const wrongState = refuse('transfers.wrong_state', { transferId, status: state.status })

  switch (command.type) {
    case 'DispatchTransfer': {
      if (state.status === 'in-transit' || state.status === 'completed') return []
      return state.status === 'requested' ? dispatch(command, state, circumstances) : wrongState
    }
    case 'CancelTransfer':
      if (state.status === 'cancelled') return []
      return state.status === 'requested'
        ? [{ type: 'TransferCancelled', data: { ...ends, reason: command.reason } }]
        : wrongState
    case 'ReceiveTransfer':
    case 'ReportTransferLost': {
      const id = command.type === 'ReceiveTransfer' ? `received:${command.receiptId}` : `lost:${command.lossId}`
      if (state.ended.includes(id)) return []
      if (state.status !== 'in-transit') return wrongState
      const lines = pick(command.lines, state.onTheWay)
      if (lines === undefined) return refuse('transfers.quantity', { transferId })
      const event: TransferEvent =
        command.type === 'ReceiveTransfer'
          ? { type: 'TransferReceived', data: { ...ends, receiptId: command.receiptId, lines } }
          : { type: 'TransferLost', data: { ...ends, lossId: command.lossId, lines, reason: command.reason } }
      return without(state.onTheWay, lines).length === 0 ? [event, { type: 'TransferCompleted', data: ends }] : [event]
    }
    default:
      return command satisfies never
  }
}

type Known = Exclude<TransferState, { status: 'none' }>

function dispatch(
  command: Extract<TransferCommand, { type: 'DispatchTransfer' }>,
  state: Known,
  { at, recorded, given }: Circumstances<TransferGiven | undefined>,
): Decision<TransferEvent> {
  const { transferId } = command
  const today = calendarDate(instantOf(at), zoneOf(at))
  const wanted: readonly {
    lineNo: number
    quantity: string
    lots?: readonly { lot: string; quantity: string }[] | undefined
  }[] = command.lines ?? state.requested
  const taken: { sku: string; lot: string; quantity: string }[] = []
  const lines: (MovedLine & { lots: MovedLot[] })[] = []
  for (const { lineNo, quantity, lots } of wanted) {
    const line = state.requested.find((one) => one.lineNo === lineNo)
    if (line === undefined || compare(quantity, line.quantity) > 0 || lines.some((one) => one.lineNo === lineNo))
      return refuse('transfers.quantity', { transferId, lineNo })
    const source = given?.sources[line.sku] ?? { lots: [], available: '0', allowNegative: false }
    const ofSku = taken.filter((one) => one.sku === line.sku)
    const pool = source.lots.map((lot) => ({
      ...lot,
      quantity: minus(lot.quantity, total(ofSku.filter((one) => one.lot === lot.lot))),
    }))
    const chosen: readonly { lot: string; quantity: string }[] = lots ?? fefo(pool, quantity, today, 0).chosen
    const isThere = chosen.every(
      (one) => compare(one.quantity, pool.find((lot) => lot.lot === one.lot)?.quantity ?? '0') <= 0,
    )
    const free = minus(source.available, total(ofSku))
    if (compare(total(chosen), quantity) !== 0)
      return refuse(lots ? 'transfers.quantity' : 'stock.insufficient', {
        sku: line.sku,
        wanted: quantity,
        available: free,
      })
    if (!recorded && !source.allowNegative && (!isThere || compare(quantity, free) > 0))
      return refuse('stock.insufficient', { sku: line.sku, wanted: quantity, available: free })
    taken.push(...chosen.map((one) => ({ sku: line.sku, lot: one.lot, quantity: one.quantity })))
    lines.push({ lineNo, sku: line.sku, lots: chosen.map((one) => moved(one, source.lots)) })
  }
  const { expectedOn } = command
  const { from, to } = state
  return [
    {
      type: 'TransferDispatched',
      data: { transferId, from, to, lines, ...(expectedOn !== undefined && { expectedOn }) },
    },
  ]
}

/** The lot takes what is known of it along. */
function moved({ lot, quantity }: { lot: string; quantity: string }, known: readonly FreeLot[]): MovedLot {
  const { expiresOn, receivedOn } = known.find((one) => one.lot === lot) ?? {}
  return {
    lot,
    quantity,
    ...(expiresOn !== undefined && { expiresOn }),
    ...(receivedOn !== undefined && { receivedOn }),
  }
}

function without(lines: readonly MovedLine[], taken: readonly MovedLine[]): readonly MovedLine[] {
  return lines
    .map((line) => {
      const gone = taken.filter((one) => one.lineNo === line.lineNo).flatMap((one) => one.lots)
      const left = line.lots.map((lot) => ({
        ...lot,
        quantity: minus(lot.quantity, total(gone.filter((one) => one.lot === lot.lot))),
      }))
      return { ...line, lots: left.filter((lot) => lot.quantity !== '0') }
    })
    .filter((line) => line.lots.length > 0)
}

/** The named lots as they stand on the way; undefined when more is named than is there. */
function pick(
  wanted: readonly { lineNo: number; lots: readonly { lot: string; quantity: string }[] }[] | undefined,
  onTheWay: readonly MovedLine[],
): (MovedLine & { lots: MovedLot[] })[] | undefined {
  if (wanted === undefined) return onTheWay.map((line) => ({ ...line, lots: [...line.lots] }))
  const sums = new Map<string, string>()
  const picked: (MovedLine & { lots: MovedLot[] })[] = []
  for (const { lineNo, lots } of wanted) {
    const line = onTheWay.find((one) => one.lineNo === lineNo)
    if (line === undefined) return undefined
    const taken: MovedLot[] = []
    for (const { lot, quantity } of lots) {
      const there = line.lots.find((one) => one.lot === lot)
      const sum = plus(sums.get(`${lineNo}/${lot}`) ?? '0', quantity)
      sums.set(`${lineNo}/${lot}`, sum)
      if (there === undefined || compare(sum, there.quantity) > 0) return undefined
      taken.push({ ...there, quantity })
    }
    picked.push({ lineNo, sku: line.sku, lots: taken })
  }
  return picked
}

function sameRequest(state: Known, command: Extract<TransferCommand, { type: 'RequestTransfer' }>): boolean {
  const picture = (one: { lineNo: number; sku: string; quantity: string }): string =>
    `${one.lineNo}/${one.sku}/${one.quantity}`
  return (
    stockId({ ...state.from, sku: '-' }) === stockId({ ...command.from, sku: '-' }) &&
    stockId({ ...state.to, sku: '-' }) === stockId({ ...command.to, sku: '-' }) &&
    state.requested.map(picture).join() === command.lines.map(picture).join()
  )
}

function total(lines: readonly { quantity: string }[]): string {
  return sumOf(lines.map((line) => line.quantity))
}
