import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { createOwnerOf } from '../api/ownerOf.ts'
import { claimsModel } from '../projections/models/claims/model.ts'
import { violationsModel } from '../projections/models/violations/model.ts'
import { serialsModel } from '../projections/models/serials/model.ts'
import { openSightings } from '../projections/models/serials/openSightings.ts'
import { openTrade } from '../projections/models/violations/openTrade.ts'
import { openGoods } from '../projections/models/claims/openGoods.ts'
import { rebatesModel } from '../projections/models/rebates/model.ts'
import { openRebateFacts } from '../projections/models/rebates/rebateFacts.ts'
import { salesModel } from '../projections/models/sales/model.ts'
import { openDemand } from '../projections/models/sales/openDemand.ts'
import { inventoryModel } from '../projections/models/inventory/model.ts'
import { openStocks } from '../projections/models/inventory/openStocks.ts'
import { measuresModel } from '../projections/models/measures/model.ts'
import { openHealth } from '../projections/models/measures/openHealth.ts'
import { uuidV7 } from '../ledger/commandIds.ts'
import { migrate } from '../ledger/postgres/migrate.ts'
import { outlastConnections } from '../ledger/postgres/outlastConnections.ts'
import { openBullJobs } from '../workers/jobs/bullJobs.ts'
import type { Jobs } from '../workers/jobs/jobs.ts'
import { createPostgresProgressStore, progressMigrations } from '../workers/progress/postgresProgressStore.ts'
import type { ProgressStore } from '../workers/progress/progressStore.ts'
import { startWorkers, type Workers } from '../workers/startWorkers.ts'
import { createWebhookDelivery } from '../workers/webhooks/deliver.ts'
import { createPostgresDeliveryStore, deliveryMigrations } from '../workers/webhooks/postgresDeliveryStore.ts'
import { type Ledger, now, random } from './ledger.ts'
import { openRedisLink } from './links/redisLink.ts'
import type { Projections } from './projections.ts'
import type { Settings } from './settings.ts'

export type Log = (level: 'info' | 'warn' | 'error', message: string, details: Record<string, unknown>) => void

export async function openJobs(ledger: Ledger, settings: Settings, log: Log): Promise<Jobs> {
  const onError = (error: Error): void => log('warn', 'job queue', { error: String(error) })
  const { redisUrl, jobConnections } = settings
  if (redisUrl === undefined) {
    const { url, config } = ledger.database
    // one connection of the plan listens
    const store = { databaseUrl: url, stream: config.stream, connections: jobConnections - 1 }
    return openBullJobs({ store, clock: now, onError })
  }
  const link = openRedisLink(redisUrl, (connections) =>
    log('warn', 'connections to Redis that no longer answered were cut', { connections }),
  )
  try {
    const jobs = await openBullJobs({ store: { redisUrl, track: link.track }, clock: now, onError })
    return { ...jobs, close: async (how) => jobs.close(how).finally(link.close) }
  } catch (error) {
    link.close()
    throw error
  }
}

/** The pool and progress of the processes that happen by themselves. */
export async function openProgress(ledger: Ledger): Promise<{ pool: pg.Pool; progress: ProgressStore }> {
  const pool = new pg.Pool({
    ...ledger.database.config,
    max: 3,
    application_name: 'channel-ledger processes',
  })
  outlastConnections(pool)
  try {
    await migrate(pool, 'processes', progressMigrations)
    await migrate(pool, 'webhooks', deliveryMigrations)
  } catch (error) {
    await pool.end()
    throw error
  }
  return { pool, progress: createPostgresProgressStore(pool, ledger.database.presence) }
}

/** how long a settlement waits for the read model to reach its watermark */
const factsWaitMs = 60_000

/** Reactions, schedules, jobs and webhooks, until the signal aborts. */
export async function runWorkers(
  ledger: Ledger,
  projections: Projections,
  jobs: Jobs,
  settings: Settings,
  log: Log,
  signal: AbortSignal,
): Promise<Workers> {
  const { pool, progress } = await openProgress(ledger)
  const { store, registry, handler } = ledger
  const webhooks = createWebhookDelivery({
    store,
    registry,
    deliveries: createPostgresDeliveryStore(pool),
    commands: handler,
    masterKey: ledger.secrets.webhooks,
    ownerOf: createOwnerOf(handler.load),
    clock: now,
    newId: () => uuidV7({ now, random }),
    onError: (error) => log('warn', 'webhooks', { error: String(error) }),
  })
  const workers = await startWorkers(
    {
      store,
      registry,
      handler,
      progress,
      facts: openRebateFacts(projections.readerOf(rebatesModel), factsWaitMs),
      goods: openGoods(projections.readerOf(claimsModel), factsWaitMs),
      demand: openDemand(projections.readerOf(salesModel), factsWaitMs),
      stocks: openStocks(projections.readerOf(inventoryModel), factsWaitMs),
      health: openHealth(projections.readerOf(measuresModel), factsWaitMs),
      trade: openTrade(projections.readerOf(violationsModel), { store, registry }, factsWaitMs),
      sightings: openSightings(projections.readerOf(serialsModel), factsWaitMs),
      clock: now,
      zone: 'UTC',
      jobs,
      webhooks,
      concurrency: settings.workerConcurrency,
      sleep: async (milliseconds, stop) => {
        await sleep(milliseconds, undefined, { signal: stop }).catch(() => undefined)
      },
      onTrouble: (trouble) => log('warn', 'a reaction failed', { ...trouble, error: String(trouble.error) }),
    },
    signal,
  )
  return { ...workers, stopped: workers.stopped.finally(() => pool.end()) }
}
