import { accountAggregate } from '../../src/domain/credit/account.ts'
import type { AccountState } from '../../src/domain/credit/state.ts'
import { declaredEventId } from '../../src/domain/kernel/errorDeclaration.ts'
import { compare, minus, plus, sumOf } from '../../src/domain/kernel/decimalText.ts'
import { row, rows } from '../../src/domain/kernel/table.ts'
import { orderAggregate } from '../../src/domain/orders/decide.ts'
import { linesOf, type OrderState, type Placed } from '../../src/domain/orders/state.ts'
import { undeliveredAmount } from '../../src/domain/orders/undelivered.ts'
import { payable } from '../../src/domain/rebates/payable.ts'
import { settlementAggregate } from '../../src/domain/rebates/settlement.ts'
import { outstanding, type SettlementState } from '../../src/domain/rebates/settlementState.ts'
import { stockAggregate } from '../../src/domain/stock/decide.ts'
import { available } from '../../src/domain/stock/levels.ts'
import type { StockState } from '../../src/domain/stock/state.ts'
import { transferAggregate, type TransferState } from '../../src/domain/stock/transfer.ts'
import type { RecordedEvent } from '../../src/ledger/envelope.ts'

/**
 * The invariants of domain.md §2 and design.md §6 by one fold over a whole log at rest (every process has run as far as it
 * goes). Gives the sentences of those that do not hold; empty is good. `data` must be at the newest versions. Recorded facts
 * may break the rules they were recorded against, so orders and stock that hold any are left out of those.
 */
export function brokenInvariants(log: readonly RecordedEvent[]): readonly string[] {
  const declared = new Set(log.flatMap((event) => declaredEventId(event) ?? []))
  const events = log.filter((event) => !declared.has(event.id) && declaredEventId(event) === undefined)
  const broken: string[] = []
  const expect = (holds: boolean, sentence: () => string): void => {
    if (!holds && broken.length < 100) broken.push(sentence())
  }
  const orders = new Map<string, OrderState>()
  const stocks = new Map<string, StockState>()
  const accounts = new Map<string, AccountState>()
  const transfers = new Map<string, TransferState>()
  const settlements = new Map<string, SettlementState>()
  const earned = new Map<string, string>()
  const reservations = new Map<string, 'open' | 'ended'>()
  const moved = new Map<string, { out: string; in: string; lost: string }>()
  // a part of a shipment that was paid before it was lost: the account keeps it as invoiced and on its way
  const corrected = new Set(
    events.flatMap(({ type, data }) => {
      const { reason, orderId } = data as { reason?: string; orderId?: string }
      return type === 'CreditNoteIssued' && reason === 'correction' && orderId !== undefined ? [orderId] : []
    }),
  )
  const recorded = new Set(events.filter(({ source }) => source.kind === 'import').map(({ stream }) => stream))

  for (const event of events) {
    const [category, id] = split(event.stream)
    if (category === 'order') {
      const state = fold(orders, orderAggregate, id, event)
      if (state.phase === 'placed' && !recorded.has(event.stream)) checkLines(id, state, event, expect)
    }
    if (category === 'stock') {
      const state = fold(stocks, stockAggregate, id, event)
      checkReservation(id, event, reservations, expect)
      if (!state.rules.allowNegative && !recorded.has(event.stream)) {
        for (const [lot, { level }] of Object.entries(state.lots))
          expect(
            compare(level.onHand, '0') >= 0,
            () => `${id}: lot ${lot} has ${level.onHand} on hand after ${event.type}`,
          )
      }
    }
    if (category === 'account') fold(accounts, accountAggregate, id, event)
    if (category === 'settlement') {
      fold(settlements, settlementAggregate, id, event)
      if (event.type === 'SettlementCalculated') {
        const { settlementNo, calculation } = event.data as { settlementNo: number; calculation: { earned: string } }
        earned.set(`${id}#${settlementNo}`, calculation.earned)
      }
    }
    if (category === 'transfer') {
      fold(transfers, transferAggregate, id, event)
      count(moved, id, event)
    }
    if (event.type === 'StockTransferredOut' || event.type === 'StockTransferredIn') {
      const { transferId } = event.data as { transferId: string }
      count(moved, `${transferId} in stock`, event)
    }
  }

  for (const [id, stock] of stocks) checkStock(id, stock, orders, recorded, expect)
  for (const [id, order] of orders) {
    if (order.phase === 'placed' && !recorded.has(`order-${id}`))
      checkOrder(id, order, stocks, corrected.has(id) ? new Map() : accounts, expect)
  }
  for (const [id, account] of accounts) checkDocuments(id, account, expect)
  for (const [id, transfer] of transfers) {
    if (transfer.status === 'none') continue
    const sums = moved.get(id) ?? { out: '0', in: '0', lost: '0' }
    const way = sumOf(transfer.onTheWay.flatMap((line) => line.lots.map((lot) => lot.quantity)))
    expect(
      compare(sums.out, sumOf([sums.in, sums.lost, way])) === 0,
      () => `transfer ${id}: out ${sums.out}, in ${sums.in}, lost ${sums.lost}, on the way ${way}`,
    )
    const stocked = moved.get(`${id} in stock`) ?? { out: '0', in: '0', lost: '0' }
    expect(
      stocked.out === sums.out && stocked.in === sums.in,
      () => `transfer ${id}: its stock streams say out ${stocked.out}, in ${stocked.in}`,
    )
  }
  for (const [id, state] of settlements) checkSettlement(id, state, earned, expect)
  return broken
}

type Expect = (holds: boolean, sentence: () => string) => void

function split(stream: string): [string, string] {
  const dash = stream.indexOf('-')
  return [stream.slice(0, dash), stream.slice(dash + 1)]
}

function fold<S>(
  states: Map<string, S>,
  aggregate: { readonly initialState: S; evolve(state: S, event: never): S },
  id: string,
  event: RecordedEvent,
): S {
  // the stream's category says whose event it is
  const state = aggregate.evolve(states.get(id) ?? aggregate.initialState, event as never)
  states.set(id, state)
  return state
}

/** C + X + B ≤ O, S ≤ A ≤ C, D ≤ S, R ≤ D (domain.md §2.10), after every event. */
function checkLines(id: string, order: Placed, { type }: RecordedEvent, expect: Expect): void {
  for (const { terms, quantities: q } of linesOf(order)) {
    const where = (): string => `order ${id} line ${terms.lineNo} after ${type}: ${JSON.stringify(q)}`
    expect(compare(sumOf([q.confirmed, q.cancelled, q.backordered]), q.ordered) <= 0, () => `C + X + B > O: ${where()}`)
    expect(
      compare(q.shipped, q.allocated) <= 0 && compare(q.allocated, q.confirmed) <= 0,
      () => `S ≤ A ≤ C broken: ${where()}`,
    )
    expect(compare(q.delivered, q.shipped) <= 0, () => `D > S: ${where()}`)
    expect(compare(q.returned, q.delivered) <= 0, () => `R > D: ${where()}`)
    expect(!Object.values(q).some((quantity) => quantity.startsWith('-')), () => `below zero: ${where()}`)
  }
}

/** A reservation ends exactly once: allocated, released or expired. */
function checkReservation(
  stock: string,
  { type, data }: RecordedEvent,
  reservations: Map<string, 'open' | 'ended'>,
  expect: Expect,
): void {
  if (!['StockReserved', 'StockAllocated', 'ReservationReleased', 'ReservationExpired'].includes(type)) return
  const { reservationId } = data as { reservationId?: string }
  if (reservationId === undefined) return
  const key = `${stock}#${reservationId}`
  if (type === 'StockReserved') {
    expect(!reservations.has(key), () => `reserved twice: ${key}`)
    reservations.set(key, 'open')
    return
  }
  expect(
    reservations.get(key) === 'open',
    () => `${type} of a reservation that is ${reservations.get(key) ?? 'unknown'}: ${key}`,
  )
  reservations.set(key, 'ended')
}

/** No reservation without a live order, nothing held after cancel, and what is held is what the order says. */
function checkStock(
  id: string,
  stock: StockState,
  orders: ReadonlyMap<string, OrderState>,
  recorded: ReadonlySet<string>,
  expect: Expect,
): void {
  const isLive = (orderId: string): boolean => {
    const order = orders.get(orderId)
    return order?.phase === 'placed' && !order.cancelled && !order.closed
  }
  for (const [reservationId, { orderId }] of rows(stock.reservations))
    expect(isLive(orderId), () => `${id}: reservation ${reservationId} of an order that is over`)
  for (const [orderId] of rows(stock.backorders))
    expect(isLive(orderId), () => `${id}: backorder of ${orderId}, which is over`)
  for (const [orderId] of rows(stock.allocations))
    expect(orders.get(orderId)?.phase === 'placed', () => `${id}: allocation of ${orderId}, which does not exist`)
  const sums = {
    reserved: sumOf([...rows(stock.reservations)].flatMap(([, one]) => one.lines.map((line) => line.quantity))),
    allocated: sumOf([...rows(stock.allocations)].flatMap(([, lines]) => lines.map((line) => line.quantity))),
    backordered: sumOf([...rows(stock.backorders)].flatMap(([, lines]) => lines.map((line) => line.quantity))),
  }
  for (const [measure, sum] of Object.entries(sums) as [keyof typeof sums, string][])
    expect(
      compare(stock.levels[measure], sum) === 0,
      () => `${id}: ${measure} is ${stock.levels[measure]}, its parts are ${sum}`,
    )
  const asserted = stock.seen.some((name) => name.startsWith('counted:') || name.startsWith('reported:'))
  if (!stock.rules.allowNegative && !asserted && !recorded.has(`stock-${id}`))
    expect(compare(available(stock.levels), '0') >= 0, () => `${id}: ${available(stock.levels)} available`)
}

/** Reserved credit and stock are what the order still needs; after cancel and close nothing is. */
function checkOrder(
  id: string,
  order: Placed,
  stocks: ReadonlyMap<string, StockState>,
  accounts: ReadonlyMap<string, AccountState>,
  expect: Expect,
): void {
  const { shipFrom, affectsStock, dealerId } = order.header
  for (const { terms, quantities: q } of affectsStock ? linesOf(order) : []) {
    const stock = stocks.get(`${shipFrom.party}/${shipFrom.location}/${terms.sku}`)
    if (stock === undefined) continue
    const ofLine = (lines: readonly { lineNo: number; quantity: string }[] = []): string =>
      sumOf(lines.filter((line) => line.lineNo === terms.lineNo).map((line) => line.quantity))
    const held = ofLine(row(stock.allocations, id))
    expect(
      compare(held, minus(q.allocated, q.shipped)) === 0,
      () => `order ${id} line ${terms.lineNo}: allocated ${q.allocated}, shipped ${q.shipped}, stock holds ${held}`,
    )
    const waits = ofLine(row(stock.backorders, id))
    expect(
      compare(waits, q.backordered) === 0,
      () => `order ${id} line ${terms.lineNo}: backordered ${q.backordered}, stock says ${waits}`,
    )
  }
  const account = [...accounts.values()].find((one) => Object.hasOwn(one.members, dealerId))
  const credit = account && row(account.orders, id)
  const { amount } = undeliveredAmount(order)
  const standing = credit === undefined ? '0' : plus(credit.open, credit.invoiced)
  const isStarted = linesOf(order).some(({ quantities: q }) => q.confirmed !== '0' || q.backordered !== '0')
  // every document is rounded by itself: each may be a minor unit off the order's one balance
  const documents = [...rows(account?.invoices ?? [])].filter(([, invoice]) => invoice.orderId === id).length
  const difference = minus(standing, amount).replace('-', '')
  if (credit !== undefined || (account !== undefined && isStarted))
    expect(
      compare(difference, String(documents)) <= 0,
      () => `order ${id}: ${amount} undelivered, its credit stands at ${standing}`,
    )
}

/** Σ allocations ≤ payment; Σ allocations + credits ≤ invoice. */
function checkDocuments(id: string, account: AccountState, expect: Expect): void {
  const sum = (to: Readonly<Record<string, string>>): bigint =>
    Object.values(to).reduce((all, one) => all + BigInt(one), 0n)
  for (const [paymentId, { amount, unapplied, to, void: isVoid }] of rows(account.payments)) {
    expect(sum(to) <= BigInt(amount), () => `account ${id}: payment ${paymentId} pays more than it is`)
    expect(
      isVoid === true || sum(to) + BigInt(unapplied) === BigInt(amount),
      () => `account ${id}: payment ${paymentId} does not add up`,
    )
  }
  for (const [noteId, { amount, unapplied, to, void: isVoid }] of rows(account.creditNotes))
    expect(
      isVoid === true || sum(to) + BigInt(unapplied) === BigInt(amount),
      () => `account ${id}: credit note ${noteId} does not add up`,
    )
  for (const [invoiceId, { open, gross }] of rows(account.invoices))
    expect(
      BigInt(open) >= 0n && BigInt(open) <= BigInt(gross),
      () => `account ${id}: invoice ${invoiceId} has ${open} of ${gross} open`,
    )
}

/** After the final settlement Σ payouts − Σ clawbacks = R(V) of the last approved calculation and what disputes awarded, but for what open ones hold; only that is accrued. */
function checkSettlement(
  id: string,
  state: SettlementState,
  earned: ReadonlyMap<string, string>,
  expect: Expect,
): void {
  const last = state.settlements.findLast(({ status }) => status === 'approved')
  if (last === undefined || last.kind === 'interim') return
  const due = earned.get(`${id}#${last.settlementNo}`) ?? ''
  const { amount, held } = payable(state, outstanding(state, due))
  expect(BigInt(state.accrued) <= held, () => `settlement ${id}: ${state.accrued} accrued after ${last.kind}`)
  expect(amount === 0n, () => `settlement ${id}: ${amount} more to pay than was, earned ${due}`)
}

function count(
  moved: Map<string, { out: string; in: string; lost: string }>,
  id: string,
  { type, data }: RecordedEvent,
): void {
  const side = {
    TransferDispatched: 'out',
    StockTransferredOut: 'out',
    TransferReceived: 'in',
    StockTransferredIn: 'in',
    TransferLost: 'lost',
  }[type] as 'out' | 'in' | 'lost' | undefined
  if (side === undefined) return
  const { lines } = data as { lines: readonly { quantity?: string; lots?: readonly { quantity: string }[] }[] }
  const quantity = sumOf(lines.flatMap((line) => line.lots?.map((lot) => lot.quantity) ?? [line.quantity ?? '0']))
  const before = moved.get(id) ?? { out: '0', in: '0', lost: '0' }
  moved.set(id, { ...before, [side]: plus(before[side], quantity) })
}
