import { calendarAggregate } from '../../src/domain/calendars/decide.ts'
import { productAggregate } from '../../src/domain/catalogue/decide.ts'
import { accountAggregate } from '../../src/domain/credit/account.ts'
import { dealerAggregate } from '../../src/domain/dealers/decide.ts'
import type { DealerTerms } from '../../src/domain/dealers/terms.ts'
import { fulfilmentAggregate } from '../../src/domain/fulfilment/decide.ts'
import type { FulfilmentState } from '../../src/domain/fulfilment/state.ts'
import { businessTime, instantOf } from '../../src/domain/kernel/businessTime.ts'
import type { Aggregate } from '../../src/domain/kernel/decider.ts'
import { orderAggregate } from '../../src/domain/orders/decide.ts'
import type { Placed } from '../../src/domain/orders/state.ts'
import { priceListsAggregate } from '../../src/domain/pricing/priceLists.ts'
import { priceAggregate } from '../../src/domain/pricing/prices.ts'
import { aggregates } from '../../src/domain/registry.ts'
import { stockAggregate } from '../../src/domain/stock/decide.ts'
import type { StockState } from '../../src/domain/stock/state.ts'
import type { CommandMeta, Outcome } from '../../src/ledger/commands.ts'
import type { RecordedEvent } from '../../src/ledger/envelope.ts'
import { createEventRegistry } from '../../src/ledger/eventRegistry.ts'
import type { EventStore } from '../../src/ledger/eventStore.ts'
import { createMemorySnapshots } from '../../src/ledger/snapshots.ts'
import { openMemoryStore } from '../../src/ledger/memory/memoryStore.ts'
import type { WorkerPorts, WorkPolicy } from '../../src/workers/ports.ts'
import { createMemoryProgressStore } from '../../src/workers/progress/memoryProgressStore.ts'
import { ledgerSources } from '../../src/workers/ledgerSources.ts'
import { createProcesses } from '../../src/workers/createProcesses.ts'
import type { DeadTask } from '../../src/workers/progress/progressStore.ts'
import { runDueWork } from '../../src/workers/runDueWork.ts'
import { testHandler } from './commandHandling.ts'

export const main = { party: 'ACME', location: 'MAIN' }
const registry = createEventRegistry(aggregates)
const begin = instantOf('2026-01-05T09:00:00.000Z[UTC]')

/**
 * A channel on a ledger in memory, with the workers under a clock that the test moves: one company, some products at 10.00,
 * dealers on USD, and a calendar. Everything goes through commands.
 */
export async function openWorkChannel(
  options: { dealers?: readonly string[]; skus?: readonly string[]; policy?: Partial<WorkPolicy> } = {},
) {
  const { dealers = ['D1', 'D2'], skus = ['BIKE', 'HELMET'] } = options
  let now = begin
  let commands = 0
  const store = openMemoryStore({ clock: () => now })
  /** before and after each append: may throw, as a process that dies there */
  const crash = { before: () => {}, after: () => {} }
  const fragile: EventStore = {
    ...store,
    async append(...append) {
      crash.before()
      const result = await store.append(...append)
      crash.after()
      return result
    },
  }
  const snapshots = createMemorySnapshots()
  const start = () => testHandler(fragile, { registry, snapshots, now: () => now })
  let handler = start()
  const progress = createMemoryProgressStore()
  const ports: WorkerPorts = {
    store: fragile,
    registry,
    progress,
    clock: () => now,
    zone: 'UTC',
    get handler() {
      return handler
    },
    ...ledgerSources({ store, registry }),
    ...(options.policy && { policy: options.policy }),
  }
  const at = (): string => businessTime(now, 'UTC')

  async function attempt<C extends { type: string }, E extends { type: string; data: unknown }, S, G>(
    aggregate: Aggregate<C, E, S, G>,
    command: C,
    meta: Partial<CommandMeta> = {},
  ): Promise<Outcome> {
    commands += 1
    // with a key, so that ids are the same in every run
    const idempotency = { principal: 'staff-1', route: command.type, key: `${commands}`, requestHash: '0'.repeat(64) }
    return handler.execute(aggregate, command, {
      idempotency,
      at: at(),
      actor: 'staff-1',
      source: { kind: 'command' },
      correlationId: 'test',
      ...meta,
    })
  }

  async function run<C extends { type: string }, E extends { type: string; data: unknown }, S, G>(
    aggregate: Aggregate<C, E, S, G>,
    command: C,
    meta: Partial<CommandMeta> = {},
  ): Promise<readonly RecordedEvent[]> {
    const outcome = await attempt(aggregate, command, meta)
    if (!outcome.ok)
      throw new Error(
        `${command.type} was refused: ${outcome.refusal.refused} ${JSON.stringify(outcome.refusal.details)}`,
      )
    return outcome.events
  }

  const channel = {
    store,
    progress,
    ports,
    registry,
    at,
    attempt,
    run,
    crash,
    handler: () => handler,
    newHandler: start,
    restart(): void {
      handler = start()
    },
    pass(milliseconds: number): void {
      now += milliseconds
    },
    work: (): Promise<void> => runDueWork(ports, at()),
    revive: (task: DeadTask): Promise<void> =>
      createProcesses(ports, { sleep: async () => undefined }).reactor.revive(task),
    async events(type?: string): Promise<readonly RecordedEvent[]> {
      const found: RecordedEvent[] = []
      for (let after = 0n, atHead = false; !atHead;) {
        const page = await store.readAll({
          after,
          limit: 5e3,
          ...(type !== undefined && { types: [type] }),
        })
        found.push(...page.events)
        ;({ position: after, atHead } = page)
      }
      return found
    },
    stock: (sku: string): Promise<StockState> => handler.load(stockAggregate, `ACME/MAIN/${sku}`),
    account: (id: string) => handler.load(accountAggregate, id),
    process: (orderId: string): Promise<FulfilmentState> => handler.load(fulfilmentAggregate, orderId),
    async order(orderId: string): Promise<Placed> {
      const state = await handler.load(orderAggregate, orderId)
      if (state.phase !== 'placed') throw new Error(`${orderId} is ${state.phase}`)
      return state
    },
    receive: (sku: string, quantity: string, receiptId: string) =>
      run(stockAggregate, {
        type: 'ReceiveStock',
        ...main,
        sku,
        receiptId,
        lines: [
          {
            lot: '-',
            quantity,
          },
        ],
      }),
    limit: (accountId: string, amount: string, more: object = {}) =>
      run(accountAggregate, {
        type: 'SetCreditLimit',
        accountId,
        party: accountId,
        amount,
        currency: 'USD',
        rateKind: 'mid',
        checkPoints: ['place', 'confirm'],
        countFrom: 'placed',
        ...more,
      }),
    terms: (dealerId: string, terms: Partial<DealerTerms>) =>
      run(dealerAggregate, {
        type: 'SetDealerTerms',
        dealerId,
        paymentTermDays: 30,
        creditCheckPoints: ['confirm'],
        backorderPolicy: 'backorder',
        invoiceOn: 'shipment',
        ...terms,
        effectiveAt: at(),
      }),
    price: (sku: string, newPrice: string) =>
      run(priceAggregate, {
        type: 'ChangePrice',
        companyId: 'ACME',
        listId: 'BASE',
        sku,
        unit: 'EA',
        currency: 'USD',
        newPrice,
        effectiveAt: at(),
        reason: 'new',
      }),
    place: (
      orderId: string,
      lines: readonly (readonly [sku: string, quantity: string])[],
      more: {
        dealerId?: string
        backorderPolicy?: 'backorder' | 'split' | 'cancel' | 'hold'
      } = {},
    ) =>
      run(orderAggregate, {
        type: 'PlaceOrder',
        orderId,
        companyId: 'ACME',
        dealerId: 'D1',
        currency: 'USD',
        shipFrom: main,
        affectsStock: true,
        placedVia: 'api',
        ...more,
        lines: lines.map(([sku, quantity], index) => ({
          lineNo: index + 1,
          sku,
          unit: 'EA',
          quantity,
        })),
      }),
    ship: (
      orderId: string,
      shipmentId: string,
      lines: readonly {
        lineNo: number
        quantity: string
      }[],
    ) =>
      run(orderAggregate, {
        type: 'DispatchShipment',
        orderId,
        shipmentId,
        lines: [...lines],
      }),
    deliver: (orderId: string, shipmentId: string) =>
      run(orderAggregate, {
        type: 'DeliverShipment',
        orderId,
        shipmentId,
      }),
  }

  for (const sku of skus) {
    await run(productAggregate, {
      type: 'PublishProduct',
      sku,
      companyId: 'ACME',
      name: { en: sku },
      category: 'Bikes',
      unit: 'EA',
      effectiveAt: at(),
    })
  }
  for (const dealerId of dealers) {
    await run(dealerAggregate, {
      type: 'RegisterDealer',
      dealerId,
      companyId: 'ACME',
      legalName: { en: dealerId },
      kind: 'warehouse',
      country: 'US',
      region: 'US/Washington',
      zone: 'UTC',
      currencies: ['USD'],
      tierLevel: 1,
      effectiveAt: at(),
    })
  }
  await run(priceListsAggregate, {
    type: 'PublishPriceList',
    companyId: 'ACME',
    listId: 'BASE',
    name: { en: 'Base' },
    level: 'base',
    scope: {},
    currency: 'USD',
    priority: 1,
    effectiveFrom: at(),
  })
  for (const sku of skus) await channel.price(sku, '10')
  const calendar = { calendarId: 'FISCAL' }
  await run(calendarAggregate, {
    type: 'DefineCalendar',
    ...calendar,
    name: { en: 'Fiscal' },
    kind: 'gregorian',
    zone: 'UTC',
  })
  await run(calendarAggregate, { type: 'OpenYear', ...calendar, year: 2026, graceDays: 2 })
  return channel
}

export type WorkChannel = Awaited<ReturnType<typeof openWorkChannel>>
