import type { EventStore } from '../src/ledger/eventStore.ts'
import { openPostgresStore } from '../src/ledger/postgres/postgresStore.ts'
import { openReader } from '../src/projections/engine/ask.ts'
import { projectionPool } from '../src/projections/engine/projectionPool.ts'
import { askOne, askPage, type Query } from '../src/projections/engine/query.ts'
import { inventoryQueries } from '../src/projections/models/inventory/queries.ts'
import { ordersQueries } from '../src/projections/models/orders/queries.ts'
import { readModels } from '../src/projections/registry.ts'
import type { Bench, BenchContext, BenchRow } from './bench.ts'
import { vacuum, type BenchDatabase } from './database.ts'
import { feedModels } from './fillModels.ts'
import { growingChannel, growTo } from './growingChannel.ts'

const small = 20_000
/** BENCH_GROWTH_EVENTS makes it smaller: two million take a quarter of an hour to write and to fold */
const large = Number(process.env['BENCH_GROWTH_EVENTS'] ?? 2_000_000)
/** appended and then fed to the models, per turn */
const eventsPerTurn = 3_600

interface Ledger {
  readonly name: string
  readonly database: BenchDatabase
  readonly store: EventStore
  readonly channel: ReturnType<typeof growingChannel>
}

/**
 * What an append and the projection of an event cost on a short and on a long log, in turns; each size has two contenders, so
 * that the difference of identical ones stands beside that of the sizes. Then questions at an early and at a late `knownAt`.
 */
export const growth: Bench = {
  name: 'growth',
  title: `Append and projection of an event at ${small} and at ${large} events, and questions about the past (PostgreSQL)`,
  async run(context) {
    const ledgers: Ledger[] = []
    try {
      for (const size of [small, large]) {
        ledgers.push(await openLedger(context, size))
        context.log(`${size} events are written and folded`)
      }
      const costs = new Map<string, number[]>()
      const add = (name: string, cost: number): void => void costs.set(name, [...(costs.get(name) ?? []), cost])
      for (let round = 0; round <= context.rounds; round += 1) {
        for (const twin of ['a', 'b']) {
          for (const { name, ...ledger } of ledgers) {
            const { append, project } = await takeTurn(ledger)
            if (round === 0) continue // warms up
            add(`append, ${name}, ${twin}`, append)
            add(`projected event, ${name}, ${twin}`, project)
          }
        }
        context.log(round === 0 ? 'warmed up' : `round ${round} of ${context.rounds}`)
      }
      const [, long] = ledgers
      return [...rowsOf(costs), ...(long ? await askThePast(context, long) : [])]
    } finally {
      for (const { store, database } of ledgers) {
        await store.close()
        await database.drop()
      }
    }
  },
}

async function openLedger({ freshDatabase }: BenchContext, size: number): Promise<Ledger> {
  const database = await freshDatabase()
  const store = await openPostgresStore({ connection: database.url })
  const channel = growingChannel()
  await growTo(store, channel, size)
  await feedModels(database, store, readModels)
  await vacuum(database)
  return { name: `${size} events`, database, store, channel }
}

/** Microseconds of an event: appended among many, folded into all read models as in service. */
async function takeTurn({
  database,
  store,
  channel,
}: Omit<Ledger, 'name'>): Promise<{ append: number; project: number }> {
  const before = await store.head()
  const start = performance.now()
  await growTo(store, channel, Number(before) + eventsPerTurn)
  const appended = performance.now()
  const { feeding } = await feedModels(database, store, readModels)
  const events = Number((await store.head()) - before)
  return { append: ((appended - start) * 1_000) / events, project: (feeding * 1e6) / events }
}

function rowsOf(costs: ReadonlyMap<string, readonly number[]>): BenchRow[] {
  return ['append', 'projected event'].flatMap((what) => {
    const [short, long] = [small, large].map((size) => {
      const [a, b] = ['a', 'b'].map((twin) => median(costs.get(`${what}, ${size} events, ${twin}`) ?? []))
      return { size, a: a ?? Number.NaN, b: b ?? Number.NaN, both: median([a ?? Number.NaN, b ?? Number.NaN]) }
    })
    return [short, long].map((row): BenchRow => {
      const { size = 0, a = 0, b = 0 } = row ?? {}
      return {
        what: `${what} at ${size} events`,
        µs: ((a + b) / 2).toFixed(0),
        'identical rounds': `${a.toFixed(0)} / ${b.toFixed(0)}`,
        spread: (Math.max(a, b) / Math.min(a, b)).toFixed(2),
        ratio: ((a + b) / ((short?.a ?? 0) + (short?.b ?? 0))).toFixed(2),
      }
    })
  })
}

/** Milliseconds of questions about one key and of a list, as known at a tenth and at nine tenths of the log. */
async function askThePast({ rounds }: BenchContext, { database, store }: Ledger): Promise<BenchRow[]> {
  const pool = projectionPool({ connectionString: database.url, max: 2 })
  try {
    const head = await store.head()
    const [early, late] = [head / 10n, (head * 9n) / 10n]
    const rows: BenchRow[] = []
    for (const { name, query, params } of questions()) {
      const reader = openReader(pool, query.model, () => Date.now())
      const ask = async (knownAt: bigint): Promise<number> => {
        const start = performance.now()
        if (query.kind === 'one') await askOne(reader, query, params, { knownAt })
        else await askPage(reader, query, params, { knownAt }, { limit: 100 })
        return performance.now() - start
      }
      const times = { early: [] as number[], late: [] as number[] }
      for (let round = 0; round <= rounds * 3; round += 1) {
        const [one, other] = [await ask(early), await ask(late)]
        if (round === 0) continue // warms up
        times.early.push(one)
        times.late.push(other)
      }
      const [a, b] = [median(times.early), median(times.late)]
      rows.push({
        what: `${name}: early / late knownAt, ms`,
        'identical rounds': `${a.toFixed(1)} / ${b.toFixed(1)}`,
        ratio: (a / b).toFixed(2),
      })
    }
    return rows
  } finally {
    await pool.end()
  }
}

function questions(): { name: string; query: Query; params: Record<string, unknown> }[] {
  const named = (queries: readonly Query[], name: string): Query => {
    const query = queries.find((candidate) => candidate.name === name)
    if (!query) throw new Error(`there is no question ${name}`)
    return query
  }
  return [
    {
      name: 'stock of one sku',
      query: named(inventoryQueries, 'inventory.list'),
      params: { sku: 'SKU0' },
    },
    { name: 'one order', query: named(ordersQueries, 'orders.one'), params: { orderId: 'O1' } },
    { name: 'orders of a dealer', query: named(ordersQueries, 'orders.list'), params: { dealerId: 'D1' } },
  ]
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor((values.length - 1) / 2)] ?? Number.NaN
}
