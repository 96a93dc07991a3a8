import { afterAll, beforeAll, expect, it } from 'vitest'
import { migrate } from '../../src/ledger/postgres/migrate.ts'
import { projectionPool } from '../../src/projections/engine/projectionPool.ts'
import { engineMigrations } from '../../src/projections/engine/schema.ts'
import { freshDatabase } from '../support/database.ts'
import { simulateEngine } from './engine.ts'
import { watchGenerations } from './engineCheck.ts'
import { runSeeds } from './runSeeds.ts'
import { openSteppedServer, type SteppedServer } from './enginePool.ts'

const wanted = [
  'request lost',
  'answer lost',
  'answer to COMMIT lost',
  'effect after the caller gave up',
  'COMMIT after its caller gave up',
  'waited for a lock',
  'process died',
  'died inside a transaction',
  'projections paused',
  'lease run out, taken over',
  'fenced off',
  'folded behind the newest fact',
  'read model not filled',
  'filling begun by one, finished by another',
  'rebuild took over',
  'retired generation dropped',
  'stream parked',
  'parked and resumed',
  'skipped',
  'looked at everything',
]
const seeds = 60

let database: Awaited<ReturnType<typeof freshDatabase>>
let server: SteppedServer

beforeAll(async () => {
  database = await freshDatabase()
  const pool = projectionPool({ connectionString: database.url, max: 1 })
  await migrate(pool, 'projections', engineMigrations)
  await pool.query(watchGenerations)
  await pool.end()
  server = await openSteppedServer(database.url)
})
afterAll(async () => {
  await server.close()
  await database.drop()
})

it('engines fold every event once into every model, whoever dies and whatever is lost', { timeout: 3_600_000 }, () =>
  runSeeds('engine', (seed) => simulateEngine(seed, server), { seeds, long: 20_000, wanted }),
)

it('a page that is written without a look at the fencing token is seen', { timeout: 600_000 }, async () => {
  // every parameter stays in use
  const unfenced = (sql: string): string =>
    sql.includes('set checkpoint = $4') ? sql.replace('g.fencing_token = l.token', 'l.token is not null') : sql
  expect(await firstBroken(unfenced)).toMatch(/wrote to \d+, held by/)
})

async function firstBroken(rewrite: (sql: string) => string): Promise<string> {
  for (let seed = 1; seed <= seeds; seed += 1) {
    try {
      await simulateEngine(seed, server, rewrite)
    } catch (error) {
      return String(error)
    }
  }
  return 'nothing'
}
