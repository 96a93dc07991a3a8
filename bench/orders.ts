import { randomBytes, randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { productAggregate } from '../src/domain/catalogue/decide.ts'
import { accountAggregate } from '../src/domain/credit/account.ts'
import { dealerAggregate } from '../src/domain/dealers/decide.ts'
import { businessTime } from '../src/domain/kernel/businessTime.ts'
import type { Aggregate } from '../src/domain/kernel/decider.ts'
import { orderAggregate } from '../src/domain/orders/decide.ts'
import { priceListsAggregate } from '../src/domain/pricing/priceLists.ts'
import { priceAggregate } from '../src/domain/pricing/prices.ts'
import { stockAggregate } from '../src/domain/stock/decide.ts'
import type { LedgerCommandHandler } from '../src/ledger/commandHandler.ts'
import type { EventStore } from '../src/ledger/eventStore.ts'
import { openService } from '../src/runtime/service.ts'
import { readSettings } from '../src/runtime/settings.ts'
import type { Bench } from './bench.ts'
import { interleave, quantile, type Contender } from './interleave.ts'

const atOnce = [1, 16, 64] as const
const dealers = 32
const skus = 32
const shelf = { party: 'ACME', location: 'MAIN' }

/** Orders of two lines from the command that places them to the confirmation that the workers write, credit and stock reserved in between. */
export const orders: Bench = {
  name: 'orders',
  title: `An order from placed to confirmed, ${dealers} dealers, ${skus} skus, workers and read models in the same process`,
  async run({ rounds, secondsPerRound, freshDatabase, log }) {
    const database = await freshDatabase()
    const data = await mkdtemp(join(tmpdir(), 'channel-ledger-bench-'))
    const service = await openService({
      settings: readSettings({
        DATABASE_URL: database.url,
        CHANNEL_LEDGER_DATA: data,
        CHANNEL_LEDGER_COMPANY: 'ACME',
        CHANNEL_LEDGER_LOG_LEVEL: 'error',
        CHANNEL_LEDGER_MASTER_KEY: randomBytes(32).toString('base64'),
      }),
      roles: ['worker'],
      logTo: { write: (line) => void process.stderr.write(line) },
    })
    const stop = new AbortController()
    try {
      const { handler, store } = service.ledger
      await setUp(handler)
      await service.startWorkers()
      const confirmed = confirmations(store, stop.signal)
      const times = new Map<string, number[]>()
      const contender = (callers: number): Contender => {
        const name = callers === 1 ? 'one after another' : `${callers} at once`
        return {
          name,
          async work(until) {
            const taken: number[] = []
            await Promise.all(
              Array.from({ length: callers }, async (_, caller) => {
                for (let n = 0; performance.now() < until; n += 1) {
                  const start = performance.now()
                  await confirmed.of((orderId) => place(handler, orderId, caller + n))
                  taken.push(performance.now() - start)
                }
              }),
            )
            times.set(name, [...(times.get(name) ?? []), ...taken])
            return taken.length
          },
        }
      }
      const measured = await interleave(atOnce.map(contender), rounds, secondsPerRound, log)
      return [...measured.values()].map(({ name, median, low, high }) => {
        const sorted = (times.get(name) ?? []).toSorted((a, b) => a - b)
        return {
          orders: name,
          'confirmed/s': Math.round(median),
          'low–high': `${Math.round(low)}–${Math.round(high)}`,
          'p50 ms': quantile(sorted, 0.5).toFixed(1),
          'p99 ms': quantile(sorted, 0.99).toFixed(1),
        }
      })
    } finally {
      stop.abort()
      await service.stop()
      await database.drop()
      await rm(data, { recursive: true, force: true })
    }
  },
}

/** Tells when an order that was just placed is confirmed. */
function confirmations(store: EventStore, signal: AbortSignal) {
  const waiting = new Map<string, () => void>()
  void (async () => {
    const after = await store.head()
    for await (const { events } of store.subscribe({ after, types: ['OrderConfirmed'], signal })) {
      for (const { stream } of events) {
        const orderId = stream.slice('order-'.length)
        waiting.get(orderId)?.()
        waiting.delete(orderId)
      }
    }
  })()
  return {
    async of(place: (orderId: string) => Promise<void>): Promise<void> {
      const orderId = randomUUID()
      const confirmed = new Promise<void>((resolve) => waiting.set(orderId, resolve))
      await place(orderId)
      await confirmed
    },
  }
}

const place = (handler: LedgerCommandHandler, orderId: string, n: number): Promise<void> =>
  run(handler, orderAggregate, {
    type: 'PlaceOrder',
    orderId,
    companyId: 'ACME',
    dealerId: `D${n % dealers}`,
    currency: 'USD',
    shipFrom: shelf,
    affectsStock: true,
    placedVia: 'api',
    lines: [0, 1].map((line) => ({ lineNo: line + 1, sku: `S${(n + line) % skus}`, unit: 'EA', quantity: '1' })),
  })

async function setUp(handler: LedgerCommandHandler): Promise<void> {
  const effectiveAt = businessTime(Date.now(), 'UTC')
  const price = { companyId: 'ACME', listId: 'BASE' }
  await run(handler, priceListsAggregate, {
    type: 'PublishPriceList',
    ...price,
    name: { en: 'Base' },
    level: 'base',
    scope: {},
    currency: 'USD',
    priority: 1,
    effectiveFrom: effectiveAt,
  })
  for (let n = 0; n < skus; n += 1) {
    const sku = `S${n}`
    const unit = 'EA'
    const product = { companyId: 'ACME', name: { en: sku }, category: 'Bikes', unit, effectiveAt }
    await run(handler, productAggregate, { type: 'PublishProduct', sku, ...product })
    const given = { sku, unit, currency: 'USD', newPrice: '10', effectiveAt, retroactive: true, reason: 'new' }
    await run(handler, priceAggregate, { type: 'ChangePrice', ...price, ...given })
    await run(handler, stockAggregate, { type: 'OpenStock', ...shelf, sku, lot: '-', quantity: '10000000' })
  }
  for (let n = 0; n < dealers; n += 1) {
    const dealerId = `D${n}`
    await run(handler, dealerAggregate, {
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
      effectiveAt,
    })
    await run(handler, accountAggregate, {
      type: 'SetCreditLimit',
      accountId: dealerId,
      party: dealerId,
      amount: '1000000000000',
      currency: 'USD',
      checkPoints: ['place', 'confirm'],
      countFrom: 'placed',
      rateKind: 'mid',
    })
  }
}

async function run<C extends { type: string }, E extends { type: string; data: unknown }, S, G>(
  handler: LedgerCommandHandler,
  aggregate: Aggregate<C, E, S, G>,
  command: C,
): Promise<void> {
  const key = randomUUID()
  const outcome = await handler.execute(aggregate, command, {
    at: businessTime(Date.now(), 'UTC'),
    actor: 'bench',
    source: { kind: 'command' },
    correlationId: key,
    idempotency: { principal: 'bench', route: command.type, key, requestHash: key },
  })
  if (!outcome.ok) throw new Error(`${command.type} was refused: ${JSON.stringify(outcome.refusal)}`)
}
