import fc from 'fast-check'
import { accountAggregate } from '../../src/domain/credit/account.ts'
import { calendarDate } from '../../src/domain/kernel/businessTime.ts'
import { orderAggregate } from '../../src/domain/orders/decide.ts'
import { priceAggregate } from '../../src/domain/pricing/prices.ts'
import { stockAggregate } from '../../src/domain/stock/decide.ts'
import { transferAggregate } from '../../src/domain/stock/transfer.ts'
import type { Outcome } from '../../src/ledger/commands.ts'
import { settleProgramme } from '../../src/workers/rebates/settleProgramme.ts'
import { begin, dealers, firstWorld, months, skus } from './channel.ts'
import { accountOf } from './oracle/credit.ts'
import { cancelInvoice, invoiceByHand, pay, reversePayment } from './oracle/documents.ts'
import * as orders from './oracle/orders.ts'
import type { Place } from './oracle/orders.ts'
import { picture, show } from './oracle/picture.ts'
import { settle } from './oracle/rebates.ts'
import { comeToRest } from './oracle/rest.ts'
import * as stock from './oracle/stock.ts'
import { parse, sum, type Order, type World } from './oracle/world.ts'
import type { System } from './system.ts'

const minute = 60_000
const day = 86_400_000
/** documents stay in an account's state for 180 days after they were settled */
const horizon = 150 * day

/** One thing to do: to the ledger, and in the oracle's words. Its key makes it the same request when it is sent again. */
interface Action {
  readonly name: string
  readonly key: string
  readonly run: (system: System) => Promise<Outcome>
  /** the code it is refused with, or `ok`; changes the world */
  readonly predict: (world: World, at: number) => string
  /** whether it may be sent again later; always when absent */
  readonly mayRepeat?: (world: World) => boolean
}

/** What the oracle holds possible, and what is remembered to be sent again. */
export interface Model {
  worlds: World[]
  /** requests without an answer */
  pending: Action[]
  answered: { action: Action; outcome: Extract<Outcome, { ok: true }> }[]
  /** events that may be declared in error, and their streams */
  correctable: { eventId: string; id: string; of: 'stock' | 'price'; stream: string }[]
  serial: number
  /** requests that still meet a cut link */
  cutFor: number
  readonly counts: Map<string, number>
  readonly trace: string[]
}

export const newModel = (counts: Map<string, number>): Model => ({
  worlds: [firstWorld()],
  pending: [],
  answered: [],
  correctable: [],
  serial: 0,
  cutFor: 0,
  counts,
  trace: [],
})

/** Cases that a run must meet, or it shows nothing. */
export const wantedCases = [
  'refused for credit limit',
  'released after credit relief',
  'held for stock',
  'backordered',
  'backorder filled',
  'cancelled for want of stock',
  'partial shipment',
  'price change between order and shipment',
  'price changed before order',
  'late stock fact',
  'late fact after settlement',
  'adjusted after settlement',
  'settled with payout',
  'interim settlement',
  'error declared',
  'idempotent replay',
  'idempotent replay after crash',
  'crash before the append',
  'crash after the append',
  'crash in the work of processes',
  'restart',
  'partition',
  'ambiguous',
  'ambiguous resolved as applied',
  'ambiguous resolved as not applied',
  'refused command left no trace',
  'payment reversed',
  'goods returned',
  'order amended upwards',
  'order amended downwards',
  'order cancelled',
  'transfer received',
  'transfer lost',
] as const
type Case = (typeof wantedCases)[number]

const count = (model: Model, name: Case): void => void model.counts.set(name, (model.counts.get(name) ?? 0) + 1)
const pick = <T>(items: readonly T[], n: number): T | undefined => items[n % Math.max(items.length, 1)]
const first = (model: Model): World => model.worlds[0]!
const orderId = (serial: number): string => `O${String(serial).padStart(3, '0')}`

/** Sends an action, works to rest, and holds what came of it against every world that is still possible. */
async function perform(model: Model, system: System, action: Action): Promise<Outcome | 'unknown'> {
  if (system.isDead()) system.restart()
  const at = system.now()
  const possible = model.worlds.map((world) => {
    const after = structuredClone(world)
    const verdict = action.predict(after, at)
    return { world, after, verdict }
  })
  const isRefused = possible.every(({ verdict }) => verdict !== 'ok')
  const before = isRefused ? system.digest() : ''
  const outcome = await system.answer(() => action.run(system))
  model.trace.push(`${system.at()} ${action.name} → ${outcome === 'unknown' ? 'no answer' : codeOf(outcome)}`)
  if (outcome === 'unknown') {
    count(model, system.isCut() ? 'partition' : 'ambiguous')
    model.pending.push(action)
    model.worlds = [...model.worlds, ...applied(possible, action)]
  } else {
    if (isRefused && !outcome.ok) {
      if (system.digest() !== before) throw mismatch(model, `${action.name} was refused and left a trace`)
      count(model, 'refused command left no trace')
    }
    const code = codeOf(outcome)
    model.worlds = possible.filter(({ verdict }) => verdict === code).map(({ after }) => after)
    if (model.worlds.length === 0)
      throw mismatch(model, `${action.name}: ${code}, expected ${possible.map(({ verdict }) => verdict).join(' or ')}`)
    if (outcome.ok && outcome.events.length > 0) {
      model.answered.push({ action, outcome })
      for (const world of model.worlds) world.done.add(action.key)
    }
  }
  await settleDown(model, system)
  return outcome
}

/** The worlds in which a request without an answer has written something. */
function applied(possible: readonly { world: World; after: World; verdict: string }[], action: Action): World[] {
  return possible.flatMap(({ world, after, verdict }) => {
    // a late fact may change nothing that is seen
    const isNothing = after.seq === world.seq && picture(after).join() === picture(world).join()
    if (verdict !== 'ok' || isNothing) return []
    after.done.add(action.key)
    return [after]
  })
}

const codeOf = (outcome: Outcome): string => (outcome.ok ? 'ok' : outcome.refusal.refused)

/** Everything that follows by itself, in the ledger and in every world. */
async function settleDown(model: Model, system: System): Promise<void> {
  if (system.isCut()) {
    if ((model.cutFor -= 1) > 0) return
    system.heal()
  }
  for (const world of model.worlds) comeToRest(world, system.now())
  const deaths = await system.work()
  if (deaths > 0) count(model, 'crash in the work of processes')
  await look(model, system, false)
}

/** Reads everything; `resolves` keeps only the worlds that look like it. */
async function look(model: Model, system: System, resolves: boolean): Promise<void> {
  const shown = await system.picture()
  const text = shown.join('\n')
  const same = model.worlds.filter((world) => picture(world).join('\n') === text)
  if (same.length === 0) throw mismatch(model, differences(shown, picture(first(model))))
  if (!resolves && model.worlds.length <= 8) return
  for (const { key } of model.pending) {
    const isApplied = same.every((world) => world.done.has(key))
    if (isApplied || same.every((world) => !world.done.has(key)))
      count(model, isApplied ? 'ambiguous resolved as applied' : 'ambiguous resolved as not applied')
  }
  model.worlds = same.slice(0, 1)
  model.pending = []
}

function differences(ledger: readonly string[], oracle: readonly string[]): string {
  const only = (a: readonly string[], b: readonly string[]): string[] => a.filter((line) => !b.includes(line))
  return `the ledger says\n  ${only(ledger, oracle).join('\n  ')}\nthe oracle says\n  ${only(oracle, ledger).join('\n  ')}`
}

function mismatch(model: Model, what: string): Error {
  return new Error(`${what}\nafter\n  ${model.trace.join('\n  ')}`)
}

type Chance = { readonly a: number; readonly b: number; readonly c: number; readonly d: number }
type Step = fc.AsyncCommand<Model, System, true>

/** A command of the sequence: `make` says what it is on this world, or undefined when there is nothing to do it to. */
function step(name: string, wait: number, act: (model: Model, system: System, chance: Chance) => Promise<void>) {
  const chance = fc.record({ a: fc.nat(999), b: fc.nat(999), c: fc.nat(999), d: fc.nat(999) })
  return chance.map((drawn): Step => ({
    check: async () => true,
    async run(model, system) {
      if (system.now() + wait > begin + horizon) return
      system.pass(wait)
      await act(model, system, drawn)
    },
    toString: () => `${name}(${Object.values(drawn).join(',')})`,
  }))
}

/** Mostly one that fits, now and then any. */
function oneOrder(model: Model, n: number, fits: (order: Order) => boolean): Order | undefined {
  const all = [...first(model).orders.values()]
  const fitting = all.filter(fits)
  return pick(n % 7 === 0 || fitting.length === 0 ? all : fitting, Math.floor(n / 7))
}

const account = (dealerId: string) => ({ accountId: dealerId, companyId: 'ACME', dealerId, currency: 'USD' })

const placeOrder = step('place', minute, async (model, system, { a, b, c, d }) => {
  const isAgain = a % 11 === 0 && model.serial > 0
  if (!isAgain) model.serial += 1
  const id = orderId(model.serial)
  const [dealer, policy] = [dealers[a % 2]!, (['backorder', 'backorder', 'split', 'cancel', 'hold'] as const)[b % 5]!]
  const rate = b % 3 === 0 ? '0' : '0.13'
  const seen = show(stock.priceAt(first(model), 'BIKE', system.now() - (c % 2) * day) ?? parse('10'))
  const lines = Array.from({ length: 1 + (c % 3) }, (_, index) => ({
    no: index + 1,
    sku: d % 29 === 0 ? 'UNKNOWN' : skus[(c + index * (1 + (d % 2))) % 2]!,
    quantity: ['1', '2.5', '4', '7', '12', '0.125'][(b + d * index) % 6]!,
  })).map((line): Place['lines'][number] => (line.sku === 'BIKE' && d % 3 === 0 ? { ...line, expected: seen } : line))
  const outcome = await perform(model, system, {
    name: `place ${id} of ${dealer} (${policy}): ${lines.map(({ sku, quantity }) => `${quantity} ${sku}`).join(', ')}`,
    key: `${id}/place/${a}${b}${c}${d}`,
    run: ({ execute }) =>
      execute(
        orderAggregate,
        {
          type: 'PlaceOrder',
          orderId: id,
          companyId: 'ACME',
          dealerId: dealer,
          currency: 'USD',
          shipFrom: { party: 'ACME', location: 'MAIN' },
          affectsStock: true,
          backorderPolicy: policy,
          placedVia: 'api',
          lines: lines.map(({ no, sku, quantity, expected }) => ({
            lineNo: no,
            sku,
            unit: 'EA',
            quantity,
            ...(expected !== undefined && { expectedUnitPrice: expected }),
            ...(rate !== '0' && { tax: { code: 'vat', rate } }),
          })),
        },
        `${id}/place/${a}${b}${c}${d}`,
      ),
    predict: (world, at) => orders.place(world, { id, dealer, policy, rate, lines }, at),
  })
  if (outcome === 'unknown') return
  if (!outcome.ok)
    return outcome.refusal.refused === 'orders.price_changed' ? count(model, 'price changed before order') : undefined
  const order = first(model).orders.get(id)
  if (order?.holds.has('credit')) count(model, 'refused for credit limit')
  if (order?.holds.has('stock')) count(model, 'held for stock')
  if (order?.lines.some((line) => line.backordered > 0n)) count(model, 'backordered')
  if (order?.cancelled) count(model, 'cancelled for want of stock')
})

const amendOrder = step('amend', minute, async (model, system, { a, b, c, d }) => {
  const order = oneOrder(model, a, ({ cancelled, closed }) => !cancelled && !closed)
  if (!order) return
  const line = pick(order.lines, b)!
  const isNew = c % 5 === 0
  const [no, sku] = isNew ? [50 + (d % 3), skus[b % 2]!] : [line.no, line.sku]
  const quantity = ['1', '3', '5.5', '9', '20'][d % 5]!
  const known = order.lines.find((one) => one.no === no)
  const key = `${order.id}/amend/${(model.serial += 1)}`
  const live = known ? known.ordered - known.cancelled : 0n
  const outcome = await perform(model, system, {
    name: `amend ${order.id} line ${no} to ${quantity}`,
    key,
    run: ({ execute }) =>
      execute(
        orderAggregate,
        {
          type: 'AmendOrder',
          orderId: order.id,
          reason: 'model',
          lines: [{ lineNo: no, quantity, ...(known ? {} : { sku, unit: 'EA' }) }],
        },
        key,
      ),
    predict: (world, at) => orders.amend(world, { id: order.id, no, sku, quantity }, at),
  })
  if (outcome !== 'unknown' && outcome.ok && outcome.events.length > 0)
    count(model, parse(quantity) > live ? 'order amended upwards' : 'order amended downwards')
})

const cancelOrder = step('cancel', minute, async (model, system, { a }) => {
  const order = oneOrder(model, a, ({ cancelled, closed }) => !cancelled && !closed)
  const id = a % 23 === 0 ? 'NONE' : order?.id
  if (id === undefined) return
  const key = `${id}/cancel/${(model.serial += 1)}`
  const outcome = await perform(model, system, {
    name: `cancel ${id}`,
    key,
    run: ({ execute }) => execute(orderAggregate, { type: 'CancelOrder', orderId: id, reason: 'model' }, key),
    predict: (world) => orders.cancel(world, id),
  })
  if (outcome !== 'unknown' && outcome.ok && outcome.events.length > 0) count(model, 'order cancelled')
})

const closeOrder = step('close', minute, async (model, system, { a }) => {
  const order = oneOrder(
    model,
    a,
    ({ lines, closed }) => !closed && lines.every((line) => line.ordered - line.cancelled <= line.delivered),
  )
  if (!order) return
  const key = `${order.id}/close/${(model.serial += 1)}`
  await perform(model, system, {
    name: `close ${order.id}`,
    key,
    run: ({ execute }) => execute(orderAggregate, { type: 'CloseOrder', orderId: order.id, reason: 'complete' }, key),
    predict: (world) => orders.close(world, order.id),
  })
})

/** A person holds an order, or lets one go that is held for stock or by a person. */
const holdOrder = step('hold', minute, async (model, system, { a, b }) => {
  const held = oneOrder(model, a, ({ holds }) => holds.has('stock') || holds.has('manual'))
  const isHeld = !held || !(held.holds.has('stock') || held.holds.has('manual'))
  const order = isHeld ? oneOrder(model, b, ({ cancelled, closed }) => !cancelled && !closed) : held
  if (!order || (isHeld && b % 3 > 0)) return
  const key = `${order.id}/hold/${(model.serial += 1)}`
  const kind = order.holds.has('stock') ? 'stock' : 'manual'
  await perform(model, system, {
    name: `${isHeld ? 'hold' : `release (${kind})`} ${order.id}`,
    key,
    run: ({ execute }) =>
      isHeld
        ? execute(orderAggregate, { type: 'HoldOrder', orderId: order.id, kind: 'manual', reason: 'model' }, key)
        : execute(orderAggregate, { type: 'ReleaseHold', orderId: order.id, kind, reason: 'model' }, key),
    predict: (world, at) => orders.hold(world, order.id, isHeld ? 'hold' : kind, at),
  })
})

const shipOrder = step('ship', minute, async (model, system, { a, b, c, d }) => {
  const order = oneOrder(
    model,
    a,
    ({ lines, holds }) => holds.size === 0 && lines.some((line) => line.allocated > line.shipped),
  )
  if (!order) return
  const ready = order.lines.filter((line) => line.allocated > line.shipped)
  const chosen = b % 3 === 0 ? ready.slice(0, 1) : ready
  const isPart = c % 3 === 0
  const lines = (chosen.length === 0 ? order.lines.slice(0, 1) : chosen).map((line) => {
    const left = line.allocated - line.shipped
    const quantity = isPart && left > parse('1') ? parse('1') : left > 0n ? left : parse('1')
    return { no: line.no, quantity: show(quantity + (c % 13 === 0 ? parse('1') : 0n)) }
  })
  const shipment = `S${(model.serial += 1)}`
  // told late: it left days ago, perhaps in a month that is settled
  const lateBy = d % 4 === 0 ? (d % 60) * day : 0
  const at = Math.max(begin, system.now() - lateBy)
  const key = `${order.id}/${shipment}`
  const outcome = await perform(model, system, {
    name: `ship ${lines.map(({ no, quantity }) => `${quantity} of ${order.id} line ${no}`).join(', ')} at ${system.at(at)}`,
    key,
    run: ({ execute }) =>
      execute(
        orderAggregate,
        {
          type: 'DispatchShipment',
          orderId: order.id,
          shipmentId: shipment,
          lines: lines.map(({ no, quantity }) => ({ lineNo: no, quantity })),
        },
        key,
        { at: system.at(at) },
      ),
    predict: (world) => orders.ship(world, { id: order.id, shipment, lines }, at),
  })
  if (outcome === 'unknown' || !outcome.ok) return
  if (
    order.lines.some(
      (line) =>
        unshippedOf(line) >
        sum(
          lines.filter(({ no }) => no === line.no),
          ({ quantity }) => parse(quantity),
        ),
    )
  )
    count(model, 'partial shipment')
  if (
    lines.some(({ no }) => {
      const line = order.lines.find((one) => one.no === no)!
      return stock.priceAt(first(model), line.sku, system.now()) !== line.price
    })
  )
    count(model, 'price change between order and shipment')
  const month = months.find(({ start, end }) => at >= start && at < end)
  if (first(model).periods.some(({ id, isSettled }) => isSettled && id === month?.id))
    count(model, 'late fact after settlement')
})

const unshippedOf = (line: Order['lines'][number]): bigint => line.ordered - line.cancelled - line.shipped

const deliverOrder = step('deliver', minute, async (model, system, { a, b }) => {
  const order = oneOrder(model, a, ({ shipments }) => [...shipments.values()].some(({ arrived }) => !arrived))
  if (!order) return
  const shipment =
    [...order.shipments].find(([, { arrived }]) => !arrived)?.[0] ?? [...order.shipments.keys()][0] ?? 'NONE'
  const key = `${order.id}/${shipment}/arrived/${b}/${(model.serial += 1)}`
  await perform(model, system, {
    name: `deliver ${shipment} of ${order.id}`,
    key,
    run: ({ execute }) =>
      execute(orderAggregate, { type: 'DeliverShipment', orderId: order.id, shipmentId: shipment }, key),
    predict: (world, at) => orders.deliver(world, order.id, shipment, at),
  })
})

const returnGoods = step('return', minute, async (model, system, { a, b, c }) => {
  const isReturnable = (line: Order['lines'][number]): boolean => line.delivered > line.returned
  const order = oneOrder(model, a, ({ lines }) => lines.some(isReturnable))
  if (!order) return
  const line = order.lines.find(isReturnable) ?? order.lines[0]!
  const left = line.delivered - line.returned
  const quantity = show(b % 3 === 0 && left > parse('1') ? parse('1') : left > 0n ? left : parse('1'))
  const returnId = `R${(model.serial += 1)}`
  const parts = [{ lineNo: line.no, quantity }]
  const authorise = {
    name: `allow return ${returnId} of ${quantity} of ${order.id} line ${line.no}`,
    key: `${returnId}/allow`,
  }
  const allowed = await perform(model, system, {
    ...authorise,
    run: ({ execute }) =>
      execute(
        orderAggregate,
        { type: 'AuthoriseReturn', orderId: order.id, returnId, lines: parts, reason: 'model' },
        authorise.key,
      ),
    predict: (world) => orders.allowReturn(world, { id: order.id, returnId, no: line.no, quantity }),
  })
  if (allowed === 'unknown' || !allowed.ok || c % 5 === 0) return
  const outcome = await perform(model, system, {
    name: `take back ${returnId}`,
    key: returnId,
    run: ({ execute }) =>
      execute(
        orderAggregate,
        {
          type: 'ReceiveReturn',
          orderId: order.id,
          returnId,
          reason: 'model',
          lines: parts.map((part) => ({ ...part, condition: 'restock' as const })),
        },
        returnId,
      ),
    predict: (world, at) => orders.takeBack(world, { id: order.id, returnId }, at),
  })
  if (outcome !== 'unknown' && outcome.ok) count(model, 'goods returned')
})

const receiveStock = step('receive', minute, async (model, system, { a, b, c, d }) => {
  const [location, sku] = [a % 4 === 0 ? 'EAST' : 'MAIN', skus[b % 2]!]
  const quantity = ['3', '5', '10', '16.5', '30'][c % 5]!
  const id = `G${(model.serial += 1)}`
  const lateBy = d % 4 === 0 ? d * 60 * minute : 0
  const at = Math.max(begin, system.now() - lateBy)
  const waits = [...first(model).orders.values()].some(({ lines }) => lines.some((line) => line.backordered > 0n))
  const before = sum(first(model).orders.values(), ({ lines }) => sum(lines, (line) => line.backordered))
  const outcome = await perform(model, system, {
    name: `receive ${quantity} ${sku} at ${location}, ${system.at(at)}`,
    key: id,
    run: ({ execute }) =>
      execute(
        stockAggregate,
        { type: 'ReceiveStock', party: 'ACME', location, sku, receiptId: id, lines: [{ lot: '-', quantity }] },
        id,
        { at: system.at(at) },
      ),
    predict: (world) => {
      stock.tellStock(world, `${location}/${sku}`, 'move', parse(quantity), at, id)
      return 'ok'
    },
  })
  if (outcome === 'unknown' || !outcome.ok) return
  if (lateBy > 0) count(model, 'late stock fact')
  if (location === 'EAST' && outcome.events[0])
    model.correctable.push({ eventId: outcome.events[0].id, id, of: 'stock', stream: `ACME/EAST/${sku}` })
  if (waits && sum(first(model).orders.values(), ({ lines }) => sum(lines, (line) => line.backordered)) < before)
    count(model, 'backorder filled')
})

const countStock = step('count', minute, async (model, system, { a, b, c, d }) => {
  const [location, sku] = [a % 2 === 0 ? 'EAST' : 'MAIN', skus[b % 2]!]
  const stream = `${location}/${sku}`
  // what is set aside for orders is never counted away: that would be a matter for people
  const promised = model.worlds.map((world) => stock.allocatedAt(world, stream)).reduce((x, y) => (x > y ? x : y))
  const counted = show(promised + parse(String(c % 12)))
  const lateBy = location === 'EAST' && d % 2 === 0 ? d * 60 * minute : 0
  const at = Math.max(begin, system.now() - lateBy)
  const id = `C${(model.serial += 1)}`
  const outcome = await perform(model, system, {
    name: `count ${counted} ${sku} at ${location}, ${system.at(at)}`,
    key: id,
    run: ({ execute }) =>
      execute(
        stockAggregate,
        {
          type: 'CountStock',
          party: 'ACME',
          location,
          sku,
          countId: id,
          lines: [{ lot: '-', counted }],
          complete: false,
        },
        id,
        { at: system.at(at) },
      ),
    predict: (world) => {
      stock.tellStock(world, stream, 'count', parse(counted), at, id)
      return 'ok'
    },
    // told later it might count away what is set aside by then
    mayRepeat: () => location === 'EAST',
  })
  if (outcome === 'unknown' || !outcome.ok) return
  if (lateBy > 0) count(model, 'late stock fact')
  if (location === 'EAST' && outcome.events[0])
    model.correctable.push({ eventId: outcome.events[0].id, id, of: 'stock', stream: `ACME/EAST/${sku}` })
})

const transferStock = step('transfer', minute, async (model, system, { a, b, c }) => {
  const under = [...first(model).transfers].find(([, { over, sent }]) => sent && !over)
  if (under && a % 2 === 0) {
    const [id] = under
    const how = b % 4 === 0 ? 'lost' : 'received'
    const key = `${id}/${how}`
    const outcome = await perform(model, system, {
      name: `transfer ${id} ${how}`,
      key,
      run: ({ execute }) =>
        how === 'lost'
          ? execute(
              transferAggregate,
              { type: 'ReportTransferLost', transferId: id, lossId: 'L1', reason: 'model' },
              key,
            )
          : execute(transferAggregate, { type: 'ReceiveTransfer', transferId: id, receiptId: 'A1' }, key),
      predict: (world, at) => stock.endTransfer(world, id, how, at),
    })
    return outcome !== 'unknown' && outcome.ok
      ? count(model, how === 'lost' ? 'transfer lost' : 'transfer received')
      : undefined
  }
  const id = `T${(model.serial += 1)}`
  const [sku, quantity] = [skus[b % 2]!, String(1 + (c % 5))]
  const asked = await perform(model, system, {
    name: `request transfer ${id} of ${quantity} ${sku}`,
    key: `${id}/request`,
    run: ({ execute }) =>
      execute(
        transferAggregate,
        {
          type: 'RequestTransfer',
          transferId: id,
          companyId: 'ACME',
          from: { party: 'ACME', location: 'MAIN' },
          to: { party: 'ACME', location: 'EAST' },
          lines: [{ lineNo: 1, sku, quantity }],
          reason: 'model',
        },
        `${id}/request`,
      ),
    predict: (world) => stock.requestTransfer(world, { id, sku, quantity }),
  })
  if (asked === 'unknown') return
  await perform(model, system, {
    name: `dispatch transfer ${id}`,
    key: `${id}/dispatch`,
    run: ({ execute }) => execute(transferAggregate, { type: 'DispatchTransfer', transferId: id }, `${id}/dispatch`),
    predict: (world, at) => stock.dispatchTransfer(world, id, at),
  })
})

const changePrice = step('price', minute, async (model, system, { a, b, c }) => {
  const sku = a % 17 === 0 ? 'UNKNOWN' : skus[a % 2]!
  const price = ['9.99', '3.335', '12.5', '10', '0.004', '7.12345'][b % 6]!
  const at = system.now() + ([0, 0, 1, 3, -2][c % 5]! * day) / 2
  const retroactive = c % 2 === 0
  const id = `P${(model.serial += 1)}`
  const outcome = await perform(model, system, {
    name: `price of ${sku} ${price} from ${system.at(at)}${retroactive ? ' retroactive' : ''}`,
    key: id,
    run: ({ execute }) =>
      execute(
        priceAggregate,
        {
          type: 'ChangePrice',
          companyId: 'ACME',
          listId: 'BASE',
          sku,
          unit: 'EA',
          currency: 'USD',
          newPrice: price,
          effectiveAt: system.at(at),
          reason: 'model',
          retroactive,
        },
        id,
      ),
    predict: (world, now) => stock.changePrice(world, { sku, price, at, id, retroactive }, now),
  })
  const event = outcome !== 'unknown' && outcome.ok ? outcome.events[0] : undefined
  if (event) model.correctable.push({ eventId: event.id, id, of: 'price', stream: `BASE/${sku}` })
})

const setLimit = step('limit', minute, async (model, system, { a, b, c }) => {
  const dealer = dealers[a % 2]!
  const amount = ['5037', '12013', '30071', '90011', '0'][b % 5]!
  const points = ([['place', 'confirm'], ['confirm'], ['place']] as const)[c % 3]!
  const from = c % 2 === 0 ? 'placed' : 'confirmed'
  const key = `limit/${(model.serial += 1)}`
  const held = sum(first(model).accounts.values(), (one) => BigInt(one.held.size))
  const outcome = await perform(model, system, {
    name: `limit of ${dealer} ${amount} at ${points.join('+')} from ${from}`,
    key,
    run: ({ execute }) =>
      execute(
        accountAggregate,
        {
          type: 'SetCreditLimit',
          accountId: dealer,
          party: dealer,
          amount,
          currency: 'USD',
          rateKind: 'mid',
          checkPoints: [...points],
          countFrom: from,
        },
        key,
      ),
    predict: (world) => {
      accountOf(world, dealer).limit = { amount: BigInt(amount), points: [...points], from }
      return 'ok'
    },
  })
  if (outcome !== 'unknown' && sum(first(model).accounts.values(), (one) => BigInt(one.held.size)) < held)
    count(model, 'released after credit relief')
})

const billByHand = step('invoice', minute, async (model, system, { a, b }) => {
  const dealer = dealers[a % 2]!
  const byHand = [...accountOf(first(model), dealer).invoices].filter(
    ([id, { void: isVoid }]) => id.startsWith('M') && !isVoid,
  )
  const taken = b % 3 === 0 ? pick(byHand, b)?.[0] : undefined
  const id = taken ?? `M${(model.serial += 1)}`
  const key = taken === undefined ? id : `${id}/cancel`
  const value = ['100', '33.335', '612.5', '0.05'][b % 4]!
  await perform(model, system, {
    name: taken === undefined ? `invoice ${id} of ${value} to ${dealer}` : `take back invoice ${id}`,
    key,
    run: ({ execute }) =>
      taken === undefined
        ? execute(
            accountAggregate,
            {
              type: 'IssueInvoice',
              ...account(dealer),
              invoiceId: id,
              kind: 'invoice',
              rounding: 'half-up',
              zone: 'UTC',
              dueOn: calendarDate(system.now() + 30 * day, 'UTC'),
              lines: [{ lineNo: 1, sku: 'BIKE', unit: 'EA', quantity: '1', unitPrice: value, lineValue: value }],
            },
            key,
          )
        : execute(accountAggregate, { type: 'CancelInvoice', accountId: dealer, invoiceId: id, reason: 'model' }, key),
    predict: (world, at) =>
      taken === undefined ? invoiceByHand(world, { dealer, id, value }, at) : cancelInvoice(world, { dealer, id }, at),
  })
})

const payInvoices = step('pay', minute, async (model, system, { a, b, c }) => {
  const dealer = dealers[a % 2]!
  const ledger = accountOf(first(model), dealer)
  const open = sum(ledger.invoices.values(), (invoice) => invoice.open)
  const reversed = c % 4 === 0 ? pick([...ledger.payments.keys()], b) : undefined
  const id = reversed ?? `Z${(model.serial += 1)}`
  const amount = String([open, open / 2n + 1n, open + 500n][b % 3]! || 100n)
  const isAllocated = b % 5 > 0
  const key = reversed === undefined ? id : `${id}/reverse/${(model.serial += 1)}`
  const held = ledger.held.size
  const outcome = await perform(model, system, {
    name: reversed === undefined ? `pay ${amount} by ${dealer}` : `reverse payment ${id} of ${dealer}`,
    key,
    run: ({ execute }) =>
      reversed === undefined
        ? execute(
            accountAggregate,
            {
              type: 'ReceivePayment',
              ...account(dealer),
              paymentId: id,
              amount,
              method: 'bank_transfer',
              allocate: isAllocated ? 'oldest_first' : 'none',
            },
            key,
          )
        : execute(accountAggregate, { type: 'ReversePayment', accountId: dealer, paymentId: id, reason: 'model' }, key),
    predict: (world) =>
      reversed === undefined ? pay(world, { dealer, id, amount, isAllocated }) : reversePayment(world, { dealer, id }),
  })
  if (outcome === 'unknown' || !outcome.ok) return
  if (reversed !== undefined && outcome.events.length > 0) count(model, 'payment reversed')
  if (accountOf(first(model), dealer).held.size < held) count(model, 'released after credit relief')
})

const declareError = step('declare', minute, async (model, system, { a }) => {
  const one = pick(model.correctable, a)
  if (!one) return
  const key = `declare/${(model.serial += 1)}`
  const outcome = await perform(model, system, {
    name: `declare ${one.id} of ${one.stream} in error`,
    key,
    run: ({ declareError: declare }) =>
      one.of === 'stock'
        ? declare(stockAggregate, one.stream, one.eventId, key)
        : declare(priceAggregate, one.stream, one.eventId, key),
    predict: (world) => stock.declareError(world, one.id),
  })
  if (outcome !== 'unknown' && outcome.ok) count(model, 'error declared')
})

/** Settles by hand: run again until it is answered, as whoever started it would. */
const settleMonth = step('settle', minute, async (model, system, { a, b }) => {
  await resolve(model, system)
  const started = months.filter(({ start }) => start <= system.now())
  const periodId = started[Math.max(0, started.length - 1 - (a % 3))]!.id
  const kind = b % 3 === 0 ? 'final' : 'interim'
  const run = { programmeId: 'GROWTH', periodId, kind, at: system.at() } as const
  let settled: Awaited<ReturnType<typeof settleProgramme>> | 'unknown' = 'unknown'
  for (let tries = 0; settled === 'unknown' && tries < 9; tries += 1) {
    if (system.isDead()) system.restart()
    system.heal()
    settled = await system.answer(() => settleProgramme(system.ports, run))
  }
  if (settled === 'unknown') throw new Error('the settlement has no answer')
  const code = settled?.refused[0]?.code ?? 'ok'
  model.trace.push(`${run.at} settle ${periodId} ${kind} → ${code}`)
  const verdict = settle(first(model), kind, periodId, system.now())
  if (verdict !== code) throw mismatch(model, `settle ${periodId}: ${code}, expected ${verdict}`)
  if (code === 'ok' && kind === 'interim') count(model, 'interim settlement')
  await settleDown(model, system)
})

const resolve = async (model: Model, system: System): Promise<void> => {
  if (system.isCut()) {
    model.cutFor = 0
    await settleDown(model, system)
  }
  await look(model, system, true)
}

const passTime = (name: string, wait: number) =>
  step(name, wait, async (model, system) => {
    const before = first(model)
    const settled = before.periods.filter(({ isSettled }) => isSettled).length
    const adjusted = adjustments(before)
    model.trace.push(`${system.at()} ${name}`)
    await settleDown(model, system)
    const after = first(model)
    if (
      after.periods.filter(({ isSettled }) => isSettled).length > settled &&
      sum(after.settlements.values(), (one) => one.settled) > 0n
    )
      count(model, 'settled with payout')
    if (settled > 0 && adjustments(after) > adjusted) count(model, 'adjusted after settlement')
  })

const adjustments = ({ settlements }: World): number =>
  [...settlements.values()].reduce((total, { isFinal, count: calculated }) => total + (isFinal ? calculated : 0), 0)

/** The process dies at a call of the next requests or of the work that follows from them. */
const crash = step('crash', 0, async (model, system, { a, b }) => {
  const effect = b % 2 === 0 ? 'before' : 'after'
  const calls = a % 40 < 25 ? a % 10 : a % 120
  const onStrike = (isAppend: boolean): void => {
    if (isAppend) count(model, effect === 'before' ? 'crash before the append' : 'crash after the append')
  }
  system.arm({ calls, effect, how: 'crash', onStrike })
  model.trace.push(`${system.at()} a crash is armed: call ${calls}, ${effect} its effect`)
})

/** One call has no answer. */
const timeOut = step('time-out', 0, async (model, system, { a, b }) => {
  const effect = b % 2 === 0 ? 'before' : 'after'
  system.arm({ calls: a % 9, effect, how: 'timeout' })
  model.trace.push(`${system.at()} a time-out is armed: call ${a % 9}, ${effect} its effect`)
})

/** From one call on nothing is answered, to requests and to processes, until the link is back. */
const partition = step('partition', 0, async (model, system, { a, b, c }) => {
  const effect = b % 2 === 0 ? 'before' : 'after'
  system.arm({ calls: a % 9, effect, how: 'cut' })
  model.cutFor = 1 + (c % 3)
  model.trace.push(`${system.at()} a partition is armed: call ${a % 9}, ${effect} its effect, for ${model.cutFor}`)
})

const restart = step('restart', 0, async (model, system) => {
  system.restart()
  count(model, 'restart')
})

const read = step('read', 0, async (model, system) => {
  if (!system.isCut()) await look(model, system, true)
})

/** The same request again: one without an answer is resolved, an answered one is answered as before. */
const retry = step('retry', minute, async (model, system, { a }) => {
  if (system.isCut()) return
  if (system.isDead()) system.restart()
  const pending = model.pending.at(-1)
  const earlier = pick(model.answered, a)
  const action = pending ?? earlier?.action
  if (!action || model.worlds.some((world) => !world.done.has(action.key) && action.mayRepeat?.(world) === false))
    return
  const possible = model.worlds.map((world) => {
    const after = structuredClone(world)
    const wasDone = world.done.has(action.key)
    const verdict = wasDone ? 'replayed' : action.predict(after, system.now())
    return { world, after, verdict }
  })
  const before = system.log.all.length
  const outcome = await system.answer(() => action.run(system))
  if (outcome === 'unknown') {
    model.trace.push(`${system.at()} again ${action.name} → no answer`)
    model.worlds = [...model.worlds, ...applied(possible, action)]
    return settleDown(model, system)
  }
  const code = outcome.ok && outcome.replayed ? 'replayed' : codeOf(outcome)
  model.trace.push(`${system.at()} again ${action.name} → ${code}`)
  model.worlds = possible.filter(({ verdict }) => verdict === code).map(({ after }) => after)
  if (model.worlds.length === 0)
    throw mismatch(
      model,
      `again ${action.name}: ${code}, expected ${possible.map(({ verdict }) => verdict).join(' or ')}`,
    )
  if (outcome.ok && outcome.events.length > 0) for (const world of model.worlds) world.done.add(action.key)
  if (code === 'replayed') {
    if (system.log.all.length !== before) throw mismatch(model, `${action.name}, answered again, left a trace`)
    count(model, pending ? 'idempotent replay after crash' : 'idempotent replay')
    if (!pending && earlier && JSON.stringify(plain(outcome)) !== JSON.stringify(plain(earlier.outcome)))
      throw mismatch(model, `${action.name} was answered otherwise`)
  }
  if (pending) {
    count(model, code === 'replayed' ? 'ambiguous resolved as applied' : 'ambiguous resolved as not applied')
    model.pending = model.pending.filter((one) => one !== pending)
  }
  await settleDown(model, system)
})

function plain(outcome: Outcome): unknown {
  return outcome.ok
    ? { revision: outcome.revision, events: outcome.events.map(({ raw, revision }) => [revision, raw]) }
    : outcome
}

const many = <T>(n: number, one: T): T[] => Array.from({ length: n }, () => one)

/** Sequences of a channel's life, with the accidents of its process among them. */
export const steps = fc.commands(
  [
    ...many(9, placeOrder),
    ...many(5, receiveStock),
    ...many(4, shipOrder),
    ...many(5, deliverOrder),
    ...many(2, amendOrder),
    ...many(2, changePrice),
    ...many(2, setLimit),
    ...many(3, payInvoices),
    ...many(3, returnGoods),
    ...many(3, retry),
    ...many(2, crash),
    cancelOrder,
    closeOrder,
    holdOrder,
    countStock,
    ...many(2, transferStock),
    billByHand,
    declareError,
    settleMonth,
    passTime('a day passes', day),
    ...many(5, passTime('twelve days pass', 12 * day)),
    timeOut,
    partition,
    restart,
    read,
  ],
  { maxCommands: 60, size: 'max' },
)
