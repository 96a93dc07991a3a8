import { expect, it } from 'vitest'
import { accountAggregate } from '../../src/domain/credit/account.ts'
import type { Aggregate } from '../../src/domain/kernel/decider.ts'
import { compare, minus } from '../../src/domain/kernel/decimalText.ts'
import { rows } from '../../src/domain/kernel/table.ts'
import { orderAggregate } from '../../src/domain/orders/decide.ts'
import { linesOf, type Placed } from '../../src/domain/orders/state.ts'
import { stockAggregate } from '../../src/domain/stock/decide.ts'
import { transferAggregate } from '../../src/domain/stock/transfer.ts'
import { workContext } from '../../src/workers/context.ts'
import { passDeadline } from '../../src/workers/fulfilment/passDeadline.ts'
import { runFulfilment } from '../../src/workers/fulfilment/runFulfilment.ts'
import { brokenInvariants } from '../support/invariants.ts'
import { seededRandom } from '../support/seededRandom.ts'
import { main, openWorkChannel, type WorkChannel } from '../support/workChannel.ts'

const isLong = process.env['CHANNEL_LEDGER_LONG'] === '1'
const commandCount = isLong ? 20_000 : 2_000
const seed = Number(process.env['CHANNEL_LEDGER_SEED'] ?? 20_260_105)
const skus = ['BIKE', 'HELMET', 'LOCK', 'PUMP']
const dealers = ['D1', 'D2', 'D3', 'D4', 'D5']
const minute = 60_000

const hasGoods = (order: Placed): boolean =>
  order.holds.length === 0 &&
  linesOf(order).some(({ quantities: { allocated, shipped } }) => compare(allocated, shipped) > 0)
const isOnTheWay = (order: Placed): boolean =>
  linesOf(order).some(({ quantities: { shipped, delivered } }) => compare(shipped, delivered) > 0)
const hasArrived = (order: Placed): boolean =>
  linesOf(order).some(({ quantities: { delivered, returned } }) => compare(delivered, returned) > 0)

/** Cases that a run must meet, or it shows nothing. */
const wanted = [
  'FulfilmentCompleted',
  'FulfilmentRetried',
  'FulfilmentRetryRequested',
  'FulfilmentDeadlinePassed',
  'CompensationCompleted',
  'CreditReservationRefused',
  'StockLineShort',
  'BackorderFilled',
  'OrderCancelled',
  'OrderAmended',
  'OrderLinesCancelled',
  'OrderHeld',
  'OrderHoldReleased',
  'ShipmentDelivered',
  'ShipmentLost',
  'GoodsReturned',
  'InvoiceIssued',
  'InvoiceCancelled',
  'CreditNoteIssued',
  'CreditNoteApplied',
  'OrderClosed',
  'PaymentAllocated',
  'CreditReservationReleased',
  'StockDeallocated',
  'ReservationReleased',
  'LowStockDetected',
  'TransferReceived',
  'TransferLost',
  'StockTransferredIn',
  'PeriodClosed',
  'ReservationExpired',
]

it(`keeps every invariant over ${commandCount} random commands (seed ${seed})`, { timeout: 3_600_000 }, async () => {
  const random = seededRandom(seed)
  const below = (n: number): number => Math.floor(random() * n)
  const one = <T>(items: readonly T[]): T => items[below(items.length)] as T // the lists are never empty
  const channel = await openWorkChannel({ skus, dealers })
  const other = { party: 'ACME', location: 'EAST' }
  const live: string[] = []
  let made = 0
  let refused = 0

  for (const dealerId of dealers) await channel.limit(dealerId, `${300_000 + below(300_000)}`)
  for (const sku of skus) {
    await channel.receive(sku, '60', 'R0')
    await channel.run(stockAggregate, {
      type: 'SetReplenishmentPolicy',
      ...main,
      sku,
      levels: {
        safetyStock: '10',
        reorderPoint: '25',
      },
    })
  }

  const actions: readonly (readonly [weight: number, act: (n: number) => Promise<unknown>])[] = [
    [24, (n) => place(channel, n)],
    [14, (n) => channel.receive(one(skus), `${5 + below(60)}`, `R${n}`)],
    [8, (n) => onOrder((orderId) => change(orderId, n))],
    [6, () => onOrder((orderId) => attempt(orderAggregate, { type: 'CancelOrder', orderId, reason: 'random' }))],
    [6, (n) => onOrder((orderId) => cancelSome(orderId, n))],
    [30, (n) => onOrderWith(hasGoods, (orderId) => shipSome(orderId, n))],
    [28, () => onOrderWith(isOnTheWay, arrive)],
    [8, (n) => onOrderWith(hasArrived, (orderId) => giveBack(orderId, n))],
    [12, (n) => pay(n)],
    [6, close],
    [6, () => onOrder(hold)],
    [4, (n) => move(n)],
    [2, () => channel.limit(one(dealers), `${100_000 + below(500_000)}`)],
    [
      2,
      (n) =>
        attempt(stockAggregate, {
          type: 'CountStock',
          ...other,
          sku: one(skus),
          countId: `C${n}`,
          lines: [{ lot: '-', counted: `${below(20)}` }],
          complete: false,
        }),
    ],
  ]
  const weights = actions.reduce((sum, [weight]) => sum + weight, 0)

  for (let n = 1; made + refused < commandCount; n += 1) {
    let drawn = below(weights)
    const [, act] = actions.find(([weight]) => (drawn -= weight) < 0) ?? actions[0] ?? []
    // now and then the workers are killed in the middle, and stay away for longer than an attempt may take
    const isKilled = below(40) === 0
    if (isKilled) {
      await channel.work()
      await place(channel, n)
      let left = 1 + below(12)
      channel.crash.before = () => {
        left -= 1
        if (left < 0) throw new Error('crash')
      }
    }
    if (!isKilled) await act?.(n)
    if (isKilled || below(3) > 0) await channel.work().catch(onlyCrash)
    if (isKilled) {
      channel.crash.before = () => {}
      channel.restart()
      channel.pass(below(2) === 0 ? 5 * 60 * minute : minute)
      await findHalfDone(n)
    }
    if (n % 50 === 0) await forgetOver()
    channel.pass(below(20 * minute))
    if (below(40) === 0) channel.pass(below(3 * 24 * 60 * minute))
    if (isLong && n % 1_000 === 0) console.log(`${made + refused} commands, ${await channel.store.head()} events`)
  }
  await channel.work()

  const log = await channel.events()
  const counts = new Map<string, number>()
  for (const { type } of log) counts.set(type, (counts.get(type) ?? 0) + 1)
  console.log(`seed ${seed}: ${made} commands accepted, ${refused} refused, ${log.length} events`)
  console.log(wanted.map((type) => `${type} ${counts.get(type) ?? 0}`).join(', '))
  expect(await channel.progress.deadTasks(10)).toEqual([])
  expect(brokenInvariants(log)).toEqual([])
  expect(wanted.filter((type) => !counts.has(type))).toEqual([])
  // goods and credit keep going round to the end
  expect(counts.get('ShipmentDelivered')).toBeGreaterThan(commandCount / 20)

  function onlyCrash(error: unknown): void {
    if (!(error instanceof Error) || error.message !== 'crash') throw error
  }

  async function attempt<C extends { type: string }, E extends { type: string; data: unknown }, S, G>(
    aggregate: Aggregate<C, E, S, G>,
    command: C,
  ): Promise<void> {
    const outcome = await channel.attempt(aggregate, command)
    if (outcome.ok) made += 1
    else refused += 1
  }

  async function onOrder(act: (orderId: string) => Promise<unknown>): Promise<void> {
    if (live.length > 0) await act(one(below(2) === 0 ? live.slice(0, 40) : live.slice(-40)))
  }

  /** The first that fits, from a random one on. */
  async function onOrderWith(
    fits: (order: Placed) => boolean,
    act: (orderId: string) => Promise<unknown>,
  ): Promise<void> {
    const from = below(live.length + 1)
    for (const orderId of [...live.slice(from), ...live.slice(0, from)])
      if (fits(await channel.order(orderId))) return void (await act(orderId))
  }

  /** Before the workers go on where they stopped, the order is changed, or another process finds what has run out. */
  async function findHalfDone(n: number): Promise<void> {
    for (const orderId of live.slice(-20)) {
      const process = await channel.process(orderId)
      if (process.phase === 'none' || process.phase === 'done') continue
      if (below(2) === 0) {
        await change(orderId, n)
        const request = { cause: 'amended', requestId: `other-${n}` } as const
        await runFulfilment(channel.ports.handler, orderId, channel.at(), { request })
        continue
      }
      const { attempt: number } = process.attempt
      if (below(2) === 0) await passDeadline(workContext(channel.ports), orderId, channel.at())
      for (const sku of skus) {
        const reservationId = `${orderId}/${number}`
        await attempt(stockAggregate, { type: 'ExpireReservation', ...main, sku, reservationId })
      }
    }
  }

  async function place({ place: order }: WorkChannel, n: number): Promise<void> {
    const orderId = `O${n}`
    const count = 1 + below(3)
    const lines = Array.from({ length: count }, () => [one(skus), `${1 + below(14)}`] as const)
    await order(orderId, lines, {
      dealerId: one(dealers),
      backorderPolicy: one(['backorder', 'backorder', 'split', 'cancel', 'hold'] as const),
    })
    made += 1
    live.push(orderId)
  }

  async function change(orderId: string, n: number): Promise<void> {
    const { terms } = one(linesOf(await channel.order(orderId)))
    const lines = [
      { lineNo: terms.lineNo, quantity: `${1 + below(16)}` },
      ...(below(4) === 0 ? [{ lineNo: 100 + (n % 9), sku: one(skus), unit: 'EA', quantity: `${1 + below(5)}` }] : []),
    ]
    await attempt(orderAggregate, { type: 'AmendOrder', orderId, lines, reason: 'random' })
  }

  async function cancelSome(orderId: string, n: number): Promise<void> {
    const { terms } = one(linesOf(await channel.order(orderId)))
    const lines = [{ lineNo: terms.lineNo, quantity: `${1 + below(3)}` }]
    await attempt(orderAggregate, { type: 'CancelLines', orderId, cancellationId: `X${n}`, lines, reason: 'random' })
  }

  async function shipSome(orderId: string, n: number): Promise<void> {
    const lines = linesOf(await channel.order(orderId)).flatMap(({ terms, quantities: { allocated, shipped } }) => {
      const left = minus(allocated, shipped)
      if (compare(left, '0') <= 0) return []
      return [{ lineNo: terms.lineNo, quantity: below(3) === 0 ? '1' : left }]
    })
    if (lines.length > 0)
      await attempt(orderAggregate, { type: 'DispatchShipment', orderId, shipmentId: `S${n}`, lines })
  }

  async function arrive(orderId: string): Promise<void> {
    const shipments = Object.entries((await channel.order(orderId)).shipments).filter(
      ([, { ended }]) => ended.length === 0,
    )
    if (shipments.length === 0) return undefined
    const [shipmentId] = one(shipments)
    if (below(6) > 0) return attempt(orderAggregate, { type: 'DeliverShipment', orderId, shipmentId })
    const remedy = one(['reship', 'cancel'] as const)
    return attempt(orderAggregate, { type: 'ReportShipmentLost', orderId, shipmentId, remedy, reason: 'random' })
  }

  async function giveBack(orderId: string, n: number): Promise<void> {
    const found = linesOf(await channel.order(orderId)).find(
      ({ quantities: { delivered, returned } }) => compare(delivered, returned) > 0,
    )
    if (!found) return
    const returnId = `B${n}`
    const line = { lineNo: found.terms.lineNo, quantity: '1' }
    await attempt(orderAggregate, { type: 'AuthoriseReturn', orderId, returnId, lines: [line], reason: 'random' })
    const lines = [{ ...line, condition: one(['restock', 'scrap'] as const) }]
    await attempt(orderAggregate, { type: 'ReceiveReturn', orderId, returnId, lines, reason: 'random' })
  }

  async function pay(n: number): Promise<void> {
    const dealerId = one(dealers)
    const open = [...rows((await channel.account(dealerId)).invoices)].reduce(
      (sum, [, invoice]) => sum + BigInt(invoice.open),
      0n,
    )
    if (open === 0n) return
    const document = { accountId: dealerId, companyId: 'ACME', dealerId, currency: 'USD', paymentId: `P${n}` }
    const amount = below(3) === 0 ? `${open / 2n + 1n}` : `${open}`
    await attempt(accountAggregate, {
      type: 'ReceivePayment',
      ...document,
      amount,
      method: 'bank_transfer',
      allocate: 'oldest_first',
    })
  }

  /** Orders that are over are left alone, so that goods and credit go round however long the history is. */
  async function forgetOver(): Promise<void> {
    const open: string[] = []
    for (const orderId of live) {
      const order = await channel.order(orderId)
      const isOver = linesOf(order).every(
        ({ quantities: q }) => compare(minus(q.ordered, q.cancelled), q.delivered) <= 0,
      )
      if (!order.closed && (!isOver || below(3) > 0)) open.push(orderId)
    }
    live.splice(0, live.length, ...open)
  }

  async function close(): Promise<void> {
    for (const orderId of live) {
      const order = await channel.order(orderId)
      const isDone = linesOf(order).every(
        ({ quantities: q }) => compare(minus(q.ordered, q.cancelled), q.delivered) <= 0,
      )
      if (isDone && !order.closed && !order.cancelled)
        return attempt(orderAggregate, { type: 'CloseOrder', orderId, reason: 'complete' })
    }
  }

  /** A person sees what is held, and lets it go or holds it. */
  async function hold(orderId: string): Promise<void> {
    const { holds } = await channel.order(orderId)
    const [kind] = holds
    if (kind !== undefined) return attempt(orderAggregate, { type: 'ReleaseHold', orderId, kind, reason: 'random' })
    return below(3) === 0
      ? attempt(orderAggregate, { type: 'HoldOrder', orderId, kind: 'manual', reason: 'random' })
      : undefined
  }

  async function move(n: number): Promise<void> {
    const transferId = `T${n}`
    const lines = [{ lineNo: 1, sku: one(skus), quantity: `${1 + below(5)}` }]
    await attempt(transferAggregate, {
      type: 'RequestTransfer',
      transferId,
      companyId: 'ACME',
      from: main,
      to: other,
      lines,
      reason: 'random',
    })
    await attempt(transferAggregate, { type: 'DispatchTransfer', transferId })
    await channel.work()
    if (below(3) === 0)
      await attempt(transferAggregate, {
        type: 'ReportTransferLost',
        transferId,
        lossId: 'L1',
        lines: [{ lineNo: 1, lots: [{ lot: '-', quantity: '1' }] }],
        reason: 'random',
      })
    await attempt(transferAggregate, { type: 'ReceiveTransfer', transferId, receiptId: 'A1' })
  }
})
