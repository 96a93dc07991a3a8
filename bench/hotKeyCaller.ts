import { randomBytes } from 'node:crypto'
import { accountAggregate, type AccountCommand } from '../src/domain/credit/account.ts'
import type { DealerCommand } from '../src/domain/dealers/commands.ts'
import { dealerAggregate } from '../src/domain/dealers/decide.ts'
import type { Refusal } from '../src/domain/kernel/decider.ts'
import { aggregates } from '../src/domain/registry.ts'
import type { StockCommand } from '../src/domain/stock/commands.ts'
import { stockAggregate } from '../src/domain/stock/decide.ts'
import { createCommandHandler } from '../src/ledger/commandHandler.ts'
import type { CommandMeta, Outcome } from '../src/ledger/commands.ts'
import { createEventRegistry } from '../src/ledger/eventRegistry.ts'
import { createKeyring } from '../src/ledger/personal/keyring.ts'
import { createMemoryKeyStore } from '../src/ledger/personal/memoryKeyStore.ts'
import { openPostgresStore } from '../src/ledger/postgres/postgresStore.ts'
import { unitOfCredit, type HotKeyCount, type HotKeyTask } from './hotKeyTask.ts'

const at = '2026-01-15T08:30:00.000+08:00[Asia/Shanghai]'
const shelf = (sku: string) => ({ party: 'ACME', location: 'MAIN', sku })
const expiresAt = '2026-02-15T08:30:00.000+08:00[Asia/Shanghai]'

async function run(url: string): Promise<void> {
  const store = await openPostgresStore({ connection: url, unsafeForTests: true })
  const handler = createCommandHandler({
    store,
    registry: createEventRegistry(aggregates),
    keyring: createKeyring({
      keyStore: createMemoryKeyStore(),
      kek: Buffer.alloc(32, 1),
      random: randomBytes,
      now: Date.now,
    }),
    now: Date.now,
    random: randomBytes,
    sleep: (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds)),
  })

  async function open({ of, keys, units }: HotKeyTask): Promise<void> {
    for (const key of new Set(keys)) {
      // derived from the key: a second process that opens it too does nothing
      const fact = { ...meta(`open-${key}`), recorded: true }
      if (of === 'stock') {
        done(await handler.execute(stockAggregate, openStock(key, units), fact))
        continue
      }
      done(await handler.execute(dealerAggregate, registerDealer(key), meta(`register-${key}`)))
      done(await handler.execute(accountAggregate, setLimit(key, units), meta(`limit-${key}`)))
    }
  }

  const take = {
    stock: (sku: string, id: string) =>
      handler.execute(
        stockAggregate,
        {
          type: 'ReserveStock',
          ...shelf(sku),
          reservationId: id,
          orderId: id,
          lines: [{ lineNo: 1, quantity: '1' }],
          partial: 'none',
          expiresAt,
        },
        meta(`take-${id}`),
      ),
    credit: (dealerId: string, orderId: string) =>
      handler.execute(
        accountAggregate,
        {
          type: 'ReserveCredit',
          accountId: dealerId,
          dealerId,
          orderId,
          currency: 'USD',
          amount: String(unitOfCredit),
          checkPoint: 'place',
          ifOver: 'refuse',
        },
        meta(`take-${orderId}`),
      ),
  }
  const giveBack = {
    stock: (sku: string, id: string) =>
      handler.execute(
        stockAggregate,
        { type: 'ReleaseReservation', ...shelf(sku), reservationId: id, reason: 'cancelled' },
        meta(`back-${id}`),
      ),
    credit: (accountId: string, orderId: string) =>
      handler.execute(
        accountAggregate,
        { type: 'ReleaseCredit', accountId, orderId, reason: 'cancelled' },
        meta(`back-${orderId}`),
      ),
  }
  const noneLeft = { stock: 'stock.insufficient', credit: 'credit.limit_exceeded' }

  async function work({ of, keys }: HotKeyTask, milliseconds: number): Promise<HotKeyCount> {
    const until = performance.now() + milliseconds
    let [taken, refused] = [0, 0]
    const caller = async (key: string): Promise<void> => {
      while (performance.now() < until) {
        const id = randomBytes(8).toString('hex')
        const outcome = await take[of](key, id)
        if (outcome.ok) {
          taken += 1
          done(await giveBack[of](key, id))
        } else if (outcome.refusal.refused === noneLeft[of]) refused += 1
        else throw failed(outcome.refusal)
      }
    }
    await Promise.all(keys.map(caller))
    return { taken, refused }
  }

  let given: HotKeyTask | undefined
  process.on('message', (message: HotKeyTask | number) => {
    void (async () => {
      if (typeof message === 'number') process.send?.(given ? await work(given, message) : undefined)
      else {
        given = message
        await open(message)
        process.send?.('opened')
      }
    })()
  })
  process.once('disconnect', () => void handler.idle().then(() => store.close()))
  process.send?.('ready')
}

const openStock = (sku: string, units: number): StockCommand => ({
  type: 'OpenStock',
  ...shelf(sku),
  lot: '-',
  quantity: String(units),
})
const registerDealer = (dealerId: string): DealerCommand => ({
  type: 'RegisterDealer',
  dealerId,
  companyId: 'ACME',
  legalName: { en: dealerId },
  kind: 'shop',
  country: 'US',
  region: 'US/Washington',
  zone: 'UTC',
  currencies: ['USD'],
  tierLevel: 1,
  effectiveAt: at,
})
const setLimit = (accountId: string, units: number): AccountCommand => ({
  type: 'SetCreditLimit',
  accountId,
  party: accountId,
  amount: String(units * unitOfCredit),
  currency: 'USD',
  checkPoints: ['place'],
  countFrom: 'placed',
  rateKind: 'mid',
})

function meta(key: string): CommandMeta {
  return {
    at,
    actor: 'caller',
    source: { kind: 'command' },
    correlationId: key,
    idempotency: { principal: 'caller', route: 'hot', key, requestHash: key },
  }
}

function done(outcome: Outcome): void {
  if (!outcome.ok) throw failed(outcome.refusal)
}

function failed(refusal: Refusal): Error {
  return new Error(`${refusal.refused} ${JSON.stringify(refusal)}`)
}

await run(process.argv[2] ?? '')
