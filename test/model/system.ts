import { calendarAggregate } from '../../src/domain/calendars/decide.ts'
import { productAggregate } from '../../src/domain/catalogue/decide.ts'
import { accountAggregate } from '../../src/domain/credit/account.ts'
import { dealerAggregate } from '../../src/domain/dealers/decide.ts'
import { businessTime, instantOf } from '../../src/domain/kernel/businessTime.ts'
import type { Aggregate } from '../../src/domain/kernel/decider.ts'
import { rows } from '../../src/domain/kernel/table.ts'
import { orderAggregate } from '../../src/domain/orders/decide.ts'
import { linesOf } from '../../src/domain/orders/state.ts'
import { priceListsAggregate } from '../../src/domain/pricing/priceLists.ts'
import { priceAggregate, priceFacts } from '../../src/domain/pricing/prices.ts'
import { programmeAggregate } from '../../src/domain/rebates/programme.ts'
import { settlementAggregate } from '../../src/domain/rebates/settlement.ts'
import { hasFinal } from '../../src/domain/rebates/settlementState.ts'
import { aggregates } from '../../src/domain/registry.ts'
import { stockAggregate } from '../../src/domain/stock/decide.ts'
import { transferAggregate } from '../../src/domain/stock/transfer.ts'
import type { LedgerCommandHandler } from '../../src/ledger/commandHandler.ts'
import type { CommandMeta, Outcome } from '../../src/ledger/commands.ts'
import { createEventRegistry } from '../../src/ledger/eventRegistry.ts'
import { StoreUnavailable, type EventStore } from '../../src/ledger/eventStore.ts'
import { createMemoryLog, openMemoryStore, type MemoryLog } from '../../src/ledger/memory/memoryStore.ts'
import { createMemorySnapshots } from '../../src/ledger/snapshots.ts'
import { createProcesses } from '../../src/workers/createProcesses.ts'
import type { WorkerPorts } from '../../src/workers/ports.ts'
import { createMemoryProgressStore } from '../../src/workers/progress/memoryProgressStore.ts'
import { ledgerSources } from '../../src/workers/ledgerSources.ts'
import { createLedgerFacts } from '../../src/workers/rebates/ledgerFacts.ts'
import { runDueWork } from '../../src/workers/runDueWork.ts'
import { testHandler } from '../support/commandHandling.ts'
import { decodeOnce } from '../support/decodeOnce.ts'
import { begin, dealers, months, skus, tiers } from './channel.ts'

/** What meets the n-th call of the store from now on. `crash`: the process dies there. `timeout`: no answer; `cut`: nor to any call after it. */
export interface Fault {
  /** told when it strikes, and whether it struck an append */
  readonly onStrike?: (isAppend: boolean) => void
  calls: number
  readonly effect: 'before' | 'after'
  readonly how: 'crash' | 'timeout' | 'cut'
}

class Crash extends Error {
  override readonly name = 'Crash'
}

const registry = createEventRegistry(aggregates)
const day = 86_400_000

/** The real thing on a log in memory: command handler, processes and schedules, one process that dies and comes back. */
export async function openSystem(base: MemoryLog) {
  let now = begin
  const log = createMemoryLog()
  for (const stored of base.all) log.append(stored.stream, [{ ...stored, bytes: 0 }], stored.recordedAt)
  const sound = decodeOnce(log, openMemoryStore({ clock: () => now, log }))
  let fault: Fault | undefined
  let isDead = false
  let isCut = false

  async function call<T>(effect: () => Promise<T>, isAppend = false): Promise<T> {
    if (isDead) throw new Crash()
    if (isCut) throw new StoreUnavailable('the link is cut')
    if (!fault || (fault.calls -= 1) >= 0) return effect()
    const { effect: when, how, onStrike } = fault
    fault = undefined
    onStrike?.(isAppend)
    if (when === 'after') await effect()
    isDead = how === 'crash'
    isCut = how === 'cut'
    throw isDead ? new Crash() : new StoreUnavailable('no answer')
  }

  const store: EventStore = {
    ...sound,
    append: (...args) => call(() => sound.append(...args), true),
    readStream: (...args) => call(() => sound.readStream(...args)),
    readAll: (...args) => call(() => sound.readAll(...args)),
    findCommand: (...args) => call(() => sound.findCommand(...args)),
    head: () => call(() => sound.head()),
  }
  const snapshots = createMemorySnapshots()
  const progress = createMemoryProgressStore()
  const start = (on: EventStore): LedgerCommandHandler => testHandler(on, { registry, snapshots, now: () => now })
  let handler = start(store)
  let facts = createLedgerFacts({ store, registry })
  const reader = start(sound)
  const ports: WorkerPorts = {
    store,
    registry,
    progress,
    clock: () => now,
    zone: 'UTC',
    ...ledgerSources({ store, registry }),
    get handler() {
      return handler
    },
    get facts() {
      return facts
    },
  }
  const at = (instant = now): string => businessTime(instant, 'UTC')
  await createProcesses({ ...ports, store: sound }, { sleep: async () => undefined }).reactor.skipTo(await sound.head())

  const system = {
    log,
    ports,
    at,
    now: (): number => now,
    pass(milliseconds: number): void {
      now += milliseconds
    },
    arm(next: Fault): void {
      fault = next
    },
    isCut: (): boolean => isCut,
    isDead: (): boolean => isDead,
    heal(): void {
      isCut = false
      fault = undefined
    },
    /** Whatever was in memory is gone. */
    restart(): void {
      isDead = false
      handler = start(store)
      facts = createLedgerFacts({ store, registry })
    },
    /** Every byte of the log. */
    digest: (): string => log.all.map(({ stream, envelope, data }) => `${stream}\n${envelope}\n${data}`).join('\n'),
    events: async () => (await sound.readAll({ after: 0n, limit: 5_000 })).events,
    /** The answer, or that there was none. */
    async answer<T>(ask: () => Promise<T>): Promise<T | 'unknown'> {
      try {
        return await ask()
      } catch (error) {
        if (error instanceof Crash || error instanceof StoreUnavailable) return 'unknown'
        throw error
      }
    },
    execute: <C extends { type: string }, E extends { type: string; data: unknown }, S, G>(
      aggregate: Aggregate<C, E, S, G>,
      command: C,
      key: string,
      meta: Partial<CommandMeta> = {},
    ): Promise<Outcome> => handler.execute(aggregate, command, { ...metaOf(key, at()), ...meta }),
    declareError: <C extends { type: string }, E extends { type: string; data: unknown }, S, G>(
      aggregate: Aggregate<C, E, S, G>,
      id: string,
      eventId: string,
      key: string,
    ): Promise<Outcome> =>
      handler.declareError(aggregate, id, { eventId, reason: 'incorrect_data' }, metaOf(key, at())),
    /** Processes and schedules, until nothing more follows; whoever dies on the way comes back. Says how often that was. */
    async work(): Promise<number> {
      for (let deaths = 0; deaths < 10; deaths += 1) {
        if (isDead) system.restart()
        // a link that was cut under the processes comes back before they are asked again
        if (isCut) system.heal()
        const done = await system.answer(() => runDueWork(ports, at()).then(() => true))
        if (done === true) return deaths
      }
      throw new Error('the work does not come to an end')
    },
    deadTasks: () => progress.deadTasks(10),
    picture: () => pictureOf(reader, log, now),
  }
  return system
}

export type System = Awaited<ReturnType<typeof openSystem>>

function metaOf(key: string, at: string): CommandMeta {
  const idempotency = { principal: 'staff-1', route: 'model', key, requestHash: '0'.repeat(64) }
  return { idempotency, at, actor: 'staff-1', source: { kind: 'command' }, correlationId: 'model' }
}

/** What the ledger says, in the words of the oracle's picture. */
async function pictureOf({ load }: LedgerCommandHandler, log: MemoryLog, now: number): Promise<string[]> {
  const lines: string[] = []
  for (const stream of log.streams.keys()) {
    if (!stream.startsWith('order-')) continue
    const order = await load(orderAggregate, stream.slice('order-'.length))
    if (order.phase !== 'placed') continue
    const { orderId, dealerId } = order.header
    const flags = `${order.cancelled ? ' cancelled' : ''}${order.closed ? ' closed' : ''}`
    lines.push(`order ${orderId} of ${dealerId}: ${order.holds.toSorted().join('+')}${flags}`)
    for (const [returnId, { lines: parts, received }] of Object.entries(order.returns))
      lines.push(`return ${returnId} of ${orderId}: ${parts[0]?.quantity}${received ? ' received' : ''}`)
    for (const { terms, quantities: q, money } of linesOf(order)) {
      const quantities = [
        q.ordered,
        q.cancelled,
        q.backordered,
        q.confirmed,
        q.allocated,
        q.shipped,
        q.delivered,
        q.returned,
      ]
      const worth = [money.ordered, money.cancelled, money.shipped, money.delivered, money.returned]
      const text = worth.map(({ value, tax }) => `${value}+${tax}`).join(' ')
      lines.push(
        `order ${orderId} line ${terms.lineNo}: ${terms.sku} at ${terms.unitPrice}: ${quantities.join(' ')} worth ${text}`,
      )
    }
  }
  for (const stream of log.streams.keys()) {
    if (!stream.startsWith('transfer-')) continue
    const transfer = await load(transferAggregate, stream.slice('transfer-'.length))
    if (transfer.status === 'none') continue
    const status = { requested: 'requested', 'in-transit': 'sent', completed: 'over', cancelled: 'cancelled' }[
      transfer.status
    ]
    lines.push(`transfer ${transfer.transferId}: ${status}`)
  }
  for (const location of ['MAIN', 'EAST'])
    for (const sku of skus) {
      const { levels } = await load(stockAggregate, `ACME/${location}/${sku}`)
      const shown = [levels.onHand, levels.allocated, levels.backordered, levels.inTransit]
      const others =
        levels.reserved === '0' && levels.blocked === '0' && levels.onOrder === '0'
          ? ''
          : ` and ${JSON.stringify(levels)}`
      lines.push(`stock ${location}/${sku}: ${shown.join(' ')}${others}`)
    }
  for (const dealer of dealers) {
    const account = await load(accountAggregate, dealer)
    const {
      placed = '0',
      confirmed = '0',
      delivered = '0',
      receivable = '0',
      unapplied = '0',
      credits = '0',
    } = account.balances[dealer]?.['USD'] ?? {}
    const balances = [placed, confirmed, delivered, receivable, unapplied, credits].join(' ')
    const limit = account.limits[dealer]
    const isOver = Object.hasOwn(account.holds, `over_limit/party/${dealer}`)
    const held = Object.values(account.holds).flatMap(({ orderId }) => orderId ?? [])
    lines.push(`account ${dealer}: ${balances}${isOver ? ' over' : ''} holding ${held.toSorted().join(' ')}`)
    if (limit)
      lines.push(`limit ${dealer}: ${limit.amount} ${limit.checkPoints.toSorted().join('+')} ${limit.countFrom}`)
    for (const [id, { gross, open }] of rows(account.invoices)) lines.push(`invoice ${id}: ${gross} ${open}`)
    for (const [id, { amount, unapplied: left }] of rows(account.payments))
      lines.push(`payment ${id}: ${amount} ${left}`)
    for (const { id, start } of months) {
      if (start > now) continue
      const state = await load(settlementAggregate, `GROWTH/${dealer}/USD/${id}`)
      const { settled, clawedBack, accrued } = state
      if (hasFinal(state) || settled !== '0' || clawedBack !== '0' || accrued !== '0')
        lines.push(`settlement ${dealer}/${id}: ${settled} ${clawedBack} ${accrued}${hasFinal(state) ? ' final' : ''}`)
    }
  }
  for (const sku of skus) {
    const prices = priceFacts(await load(priceAggregate, `BASE/${sku}`), 'EA', 'USD')
    lines.push(
      `price ${sku}: ${prices.map(({ effectiveAt, value }) => `${instantOf(effectiveAt)}=${value?.newPrice}`).join(' ')}`,
    )
  }
  return lines.toSorted()
}

/** The log that every sequence begins with: products, dealers, a price list, a calendar and a programme. */
export async function baseLog(): Promise<MemoryLog> {
  const log = createMemoryLog()
  const handler = testHandler(openMemoryStore({ clock: () => begin, log }), { registry, now: () => begin })
  const at = businessTime(begin, 'UTC')
  let commands = 0
  async function run<C extends { type: string }, E extends { type: string; data: unknown }, S, G>(
    aggregate: Aggregate<C, E, S, G>,
    command: C,
  ): Promise<void> {
    const outcome = await handler.execute(aggregate, command, metaOf(`base-${(commands += 1)}`, at))
    if (!outcome.ok) throw new Error(`${command.type}: ${outcome.refusal.refused}`)
  }
  for (const sku of skus) {
    const product = { name: { en: sku }, category: 'Bikes', unit: 'EA', effectiveAt: at }
    await run(productAggregate, { type: 'PublishProduct', sku, companyId: 'ACME', ...product })
  }
  for (const dealerId of dealers) {
    const profile = {
      legalName: { en: dealerId },
      kind: 'warehouse',
      country: 'US',
      region: 'US/Washington',
      zone: 'UTC',
    } as const
    const trade = { currencies: ['USD'], tierLevel: 1 as const, effectiveAt: at }
    await run(dealerAggregate, { type: 'RegisterDealer', dealerId, companyId: 'ACME', ...profile, ...trade })
    const terms = {
      paymentTermDays: 30,
      creditCheckPoints: ['confirm' as const],
      backorderPolicy: 'backorder' as const,
    }
    const invoiceOn = dealerId === 'D1' ? 'shipment' : 'delivery'
    await run(dealerAggregate, { type: 'SetDealerTerms', dealerId, ...terms, invoiceOn, effectiveAt: at })
  }
  const list = { companyId: 'ACME', listId: 'BASE', currency: 'USD' }
  const scope = {
    name: { en: 'Base' },
    level: 'base',
    scope: {},
    priority: 1,
    effectiveFrom: businessTime(begin - 400 * day, 'UTC'),
  } as const
  await run(priceListsAggregate, { type: 'PublishPriceList', ...list, ...scope })
  for (const sku of skus)
    await run(priceAggregate, {
      type: 'ChangePrice',
      ...list,
      sku,
      unit: 'EA',
      newPrice: '10',
      effectiveAt: at,
      reason: 'new',
    })
  const calendar = { calendarId: 'FISCAL' }
  await run(calendarAggregate, {
    type: 'DefineCalendar',
    ...calendar,
    name: { en: 'Fiscal' },
    kind: 'gregorian',
    zone: 'UTC',
  })
  await run(calendarAggregate, { type: 'OpenYear', ...calendar, year: 2026, graceDays: 2 })
  const effect = {
    version: 1,
    name: { en: 'Growth' },
    payer: 'ACME',
    effectiveFrom: businessTime(Date.UTC(2026, 0, 1), 'UTC'),
  }
  const volume = {
    eligibility: { kind: 'all' },
    products: {},
    basis: 'invoiced',
    measure: 'net',
    returns: 'deduct',
  } as const
  const when = {
    calendarId: 'FISCAL',
    grain: 'month',
    graceDays: 3,
    clawbackDays: 90,
    negativeInterim: 'carry',
  } as const
  const pays = {
    rounding: { mode: 'half-up', level: 'settlement' },
    accrual: 'expected-value',
    outlet: 'credit_note',
  } as const
  const method = { kind: 'marginal' as const, tiers: tiers.map((tier) => ({ ...tier })) }
  const programme = { programmeId: 'GROWTH' }
  await run(programmeAggregate, {
    type: 'DraftProgramme',
    ...programme,
    companyId: 'ACME',
    terms: { ...effect, ...volume, ...when, ...pays, method },
  })
  await run(programmeAggregate, { type: 'ActivateProgramme', ...programme, version: 1 })
  return log
}
