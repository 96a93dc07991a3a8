import { expect } from 'vitest'
import { type Server, listen } from '../../src/api/server.ts'
import { principalAggregate } from '../../src/domain/access/decide.ts'
import type { Role } from '../../src/domain/access/role.ts'
import type { StockCommand } from '../../src/domain/stock/commands.ts'
import { stockAggregate } from '../../src/domain/stock/decide.ts'
import { businessTime } from '../../src/domain/kernel/businessTime.ts'
import type { RecordedEvent } from '../../src/ledger/envelope.ts'
import { openMemoryStore } from '../../src/ledger/memory/memoryStore.ts'
import type { Reader } from '../../src/projections/engine/ask.ts'
import type { ReadModel } from '../../src/projections/engine/factTable.ts'
import { openTestApi, testNow, type TestApi } from './api.ts'
import { bike, dealer } from './channelByApi.ts'
import { openReadModels } from './readModels.ts'

export interface AlertsApi {
  readonly api: TestApi
  readonly server: Server
  readonly readerOf: (model: ReadModel) => Reader
  /** the business time and the store's clock, ms since 1970 */
  readonly clock: { now: number }
  /** Sets the stock of a party and looks at its level; the id of the event that raised an alert, if one did. */
  stock(party: string, quantity: string): Promise<string | undefined>
  /** Makes somebody known to the ledger. */
  register(principalId: string, role: Role, dealerId?: string): Promise<void>
  /** Brings the read models to the head, which it gives back. */
  project(): Promise<bigint>
  close(): Promise<void>
}

/** An API over an empty ledger in memory, with read models that are brought up by hand. */
export async function openAlertsApi(
  readModels: readonly ReadModel[],
  { around = (reader: Reader) => reader }: { readonly around?: (reader: Reader) => Reader } = {},
): Promise<AlertsApi> {
  const clock = { now: testNow }
  const store = openMemoryStore({ clock: () => clock.now })
  const models = await openReadModels(readModels, testNow)
  await models.fold([])
  const readerOf = (model: ReadModel): Reader => around(models.reader(model))
  const api = await openTestApi({
    store,
    now: () => clock.now,
    readerOf,
  })
  await api.send('admin', 'POST', '/v1/products', { body: bike })
  for (const one of ['D1', 'D2']) await api.send('admin', 'POST', '/v1/dealers', { body: dealer(one, one) })
  const server = await listen(api.app, { host: '127.0.0.1', port: 0 })
  let commands = 0

  async function run(command: StockCommand): Promise<readonly { id: string; type: string }[]> {
    commands += 1
    const at = businessTime(clock.now, 'UTC')
    const meta = { at, actor: 'warehouse', source: { kind: 'command' }, correlationId: `c${commands}` } as const
    const outcome = await api.ports.handler.execute(stockAggregate, command, meta)
    expect(outcome).toMatchObject({ ok: true })
    return outcome.ok ? outcome.events : []
  }

  return {
    api,
    readerOf,
    server,
    clock,
    async stock(party, quantity) {
      const key = { party, location: 'MAIN', sku: 'BIKE' }
      if ((await store.readStream(`stock-${party}/MAIN/BIKE`, { from: 0, limit: 1 })).length === 0) {
        await run({ type: 'OpenStock', ...key, lot: '-', quantity: '9', unit: 'EA' })
        await run({ type: 'SetReplenishmentPolicy', ...key, levels: { safetyStock: '2', reorderPoint: '4' } })
      }
      const lines = [{ lot: '-', counted: quantity }]
      await run({ type: 'CountStock', ...key, countId: `count-${commands}`, lines, complete: false })
      const events = await run({ type: 'CheckStockLevel', ...key })
      return events.find(({ type }) => type === 'LowStockDetected')?.id
    },
    async register(principalId, role, dealerId) {
      const at = businessTime(clock.now, 'UTC')
      const who = {
        principalId,
        role,
        displayName: principalId,
        rights: [],
        ...(dealerId !== undefined && { dealerId }),
      }
      const meta = { at, actor: 'admin', source: { kind: 'command' }, correlationId: principalId } as const
      const outcome = await api.ports.handler.execute(principalAggregate, { type: 'RegisterPrincipal', ...who }, meta)
      expect(outcome).toMatchObject({ ok: true })
    },
    async project() {
      const log: RecordedEvent[] = []
      for (let after = 0n; ;) {
        const page = await store.readAll({ after, limit: 5000 })
        log.push(...page.events)
        after = page.position
        if (page.atHead) break
      }
      await models.fold(log)
      return log.at(-1)?.position ?? 0n
    },
    async close() {
      await server.close(500)
      await api.close()
      await models.close()
    },
  }
}
