import type { EventStore } from '../src/ledger/eventStore.ts'
import { createMemoryKeyStore } from '../src/ledger/personal/memoryKeyStore.ts'
import { openPostgresStore } from '../src/ledger/postgres/postgresStore.ts'
import type { ReadModel } from '../src/projections/engine/factTable.ts'
import { inventoryModel } from '../src/projections/models/inventory/model.ts'
import { readModels } from '../src/projections/registry.ts'
import { generateDemo } from '../src/runtime/demo/demo.ts'
import { importDirectory } from '../src/runtime/import/importDirectory.ts'
import type { Bench, BenchRow } from './bench.ts'
import type { BenchDatabase } from './database.ts'
import { dropModels, feedModels } from './fillModels.ts'
import { openBenchHandler } from './openBenchHandler.ts'
import { upsertRows } from './upsertRows.ts'

const adventureWorks = process.env['ADVENTUREWORKS_DIR']
const until = '2025-04-30'

interface Subject {
  readonly name: string
  /** seconds */
  readonly run: () => Promise<number>
}

/** Filling read models from the log of AdventureWorks, beside a bare read of the same log before each of them. */
export const rebuild: Bench = {
  name: 'rebuild',
  title: `Rebuild of read models from ${adventureWorks === undefined ? `the demonstration up to ${until} (ADVENTUREWORKS_DIR names a larger log)` : 'AdventureWorks'}, beside a bare read of the log`,
  async run({ rounds, freshDatabase, log }) {
    const database = await freshDatabase()
    const store = await openPostgresStore({ connection: database.url })
    try {
      await writeLog(store)
      const events = Number(await store.head())
      log(`${events} events`)
      const subjects: Subject[] = [
        { name: 'all in one pass', run: () => rebuildOf(database, store, readModels) },
        { name: rawInventory, run: () => upsertRows(database, store, inventoryModel) },
        ...readModels.map((model) => ({ name: model.name, run: () => rebuildOf(database, store, [model]) })),
      ]
      const times = new Map<string, { seconds: number; bare: number }[]>()
      await readAll(store) // warms up
      for (let round = 1; round <= rounds; round += 1) {
        for (const { name, run } of subjects) {
          const bare = await readAll(store)
          times.set(name, [...(times.get(name) ?? []), { seconds: await run(), bare }])
        }
        log(`round ${round} of ${rounds}`)
      }
      const own = times.get('inventory') ?? []
      const raw = times.get(rawInventory) ?? []
      const all = [...times].map(([name, list]): BenchRow => rowOf(name, events, list))
      const share = own.map(({ seconds }, round) => (raw[round]?.seconds ?? 0) / seconds)
      return [
        rowOf(
          'bare read',
          events,
          [...times.values()].flat().map(({ bare }) => ({ seconds: bare, bare })),
        ),
        ...all,
        { model: 'inventory: share of the raw upsert', ...spread(share, 2) },
      ]
    } finally {
      await store.close()
      await database.drop()
    }
  },
}

const rawInventory = 'raw fold and upsert of inventory'

async function writeLog(store: EventStore): Promise<void> {
  if (adventureWorks === undefined) {
    await generateDemo({ target: { store, keyStore: createMemoryKeyStore(), kek: Buffer.alloc(32, 7) }, until })
    return
  }
  const handler = openBenchHandler(store)
  const { outcome } = await importDirectory({ handler }, adventureWorks, { dataSet: 'adventureworks' })
  await handler.idle()
  if (outcome !== 'complete') throw new Error(`the import of ${adventureWorks} ended ${outcome}`)
}

async function rebuildOf(database: BenchDatabase, store: EventStore, models: readonly ReadModel[]): Promise<number> {
  await dropModels(database)
  const { seconds } = await feedModels(database, store, models)
  return seconds
}

async function readAll(store: EventStore): Promise<number> {
  const start = performance.now()
  for (let after = 0n; ;) {
    const page = await store.readAll({ after, limit: 1000 })
    after = page.position
    if (page.atHead) return (performance.now() - start) / 1000
  }
}

function rowOf(name: string, events: number, times: readonly { seconds: number; bare: number }[]): BenchRow {
  const { median, low, high } = spread(
    times.map(({ seconds }) => seconds),
    2,
  )
  const ratio = spread(
    times.map(({ seconds, bare }) => seconds / bare),
    1,
  )
  return {
    model: name,
    median,
    low,
    high,
    '× bare read': ratio.median,
    'its low': ratio.low,
    'its high': ratio.high,
    'events/s': Math.round(events / Number(median)),
  }
}

function spread(values: readonly number[], digits: number): Record<'median' | 'low' | 'high', string> {
  const sorted = values.toSorted((a, b) => a - b)
  const at = (index: number): string => (sorted[index] ?? Number.NaN).toFixed(digits)
  return { median: at(Math.floor((sorted.length - 1) / 2)), low: at(0), high: at(sorted.length - 1) }
}
