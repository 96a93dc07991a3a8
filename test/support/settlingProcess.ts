import { setTimeout as wait } from 'node:timers/promises'
import { claimsModel } from '../../src/projections/models/claims/model.ts'
import { openGoods } from '../../src/projections/models/claims/openGoods.ts'
import { salesModel } from '../../src/projections/models/sales/model.ts'
import { openDemand } from '../../src/projections/models/sales/openDemand.ts'
import { inventoryModel } from '../../src/projections/models/inventory/model.ts'
import { openStocks } from '../../src/projections/models/inventory/openStocks.ts'
import { violationsModel } from '../../src/projections/models/violations/model.ts'
import { serialsModel } from '../../src/projections/models/serials/model.ts'
import { openSightings } from '../../src/projections/models/serials/openSightings.ts'
import { openTrade } from '../../src/projections/models/violations/openTrade.ts'
import { measuresModel } from '../../src/projections/models/measures/model.ts'
import { openHealth } from '../../src/projections/models/measures/openHealth.ts'
import { rebatesModel } from '../../src/projections/models/rebates/model.ts'
import { openRebateFacts } from '../../src/projections/models/rebates/rebateFacts.ts'
import { openLedger } from '../../src/runtime/ledger.ts'
import { feedProjections, openProjections } from '../../src/runtime/projections.ts'
import { readSettings } from '../../src/runtime/settings.ts'
import { openProgress } from '../../src/runtime/workers.ts'
import { openBullJobs } from '../../src/workers/jobs/bullJobs.ts'
import { startWorkers } from '../../src/workers/startWorkers.ts'

/**
 * A worker process whose hours are seconds, so that the schedules come round while a test looks; everything else is what a
 * worker has: the log, the read models and the jobs in PostgreSQL. The argument is the instant of all processes at which that began.
 */
const began = Number(process.argv[2])
const faster = 600
const clock = (): number => began + (Date.now() - began) * faster
const trouble = (message: string): void => void process.stderr.write(`${message}\n`)

const ledger = await openLedger({ settings: readSettings(process.env), roles: [], warn: trouble })
const projections = await openProjections(ledger, 2)
const stop = new AbortController()
const feeding = feedProjections(
  ledger,
  2,
  (level, message, details) => {
    if (level === 'error') trouble(`${message} ${JSON.stringify(details)}`)
  },
  stop.signal,
)
const { pool, progress } = await openProgress(ledger)
const jobs = await openBullJobs({
  clock,
  store: { databaseUrl: ledger.database.url, connections: 2 },
  onError: (error) => trouble(String(error)),
  // soon another takes over what a killed one had
  limits: { lockMs: 2_000, firstRetryMs: 100 },
})
const { store, registry, handler } = ledger
const { stopped } = await startWorkers(
  {
    store,
    registry,
    handler,
    progress,
    facts: openRebateFacts(projections.readerOf(rebatesModel), 60_000),
    goods: openGoods(projections.readerOf(claimsModel), 60_000),
    demand: openDemand(projections.readerOf(salesModel), 60_000),
    stocks: openStocks(projections.readerOf(inventoryModel), 60_000),
    health: openHealth(projections.readerOf(measuresModel), 60_000),
    trade: openTrade(projections.readerOf(violationsModel), { store, registry }, 60_000),
    sightings: openSightings(projections.readerOf(serialsModel), 60_000),
    clock,
    zone: 'UTC',
    jobs,
    webhooks: { feed: async () => {}, deliverDue: async () => 0, run: async () => {} },
    concurrency: 2,
    sleep: async (milliseconds, signal) => wait(milliseconds, undefined, { signal }).catch(() => undefined),
    // a lease is told by the same clock
    limits: { pollMs: 50, leaseMs: 1_000 * faster },
  },
  stop.signal,
)
process.once('SIGTERM', () => stop.abort())
await Promise.all([stopped, feeding])
await pool.end()
await projections.close()
await ledger.close()
