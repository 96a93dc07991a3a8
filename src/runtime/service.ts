import type { FastifyInstance } from 'fastify'
import { pino } from 'pino'
import { buildApp } from '../api/app.ts'
import { buildMetrics } from '../api/buildMetrics.ts'
import { createMetrics, meteredStore, type Metrics } from '../api/metrics.ts'
import type { ApiPorts } from '../api/ports.ts'
import { listen, type Server } from '../api/server.ts'
import { exportView } from '../projections/analytics/exportView.ts'
import { listParked, retryParked, skipParked } from '../projections/engine/parking.ts'
import { webhookSecret } from '../workers/webhooks/signature.ts'
import type { Jobs } from '../workers/jobs/jobs.ts'
import { accessModel } from '../projections/models/access/model.ts'
import { keepAnalystAccess } from './analystAccess.ts'
import { closeInTurn } from './closeInTurn.ts'
import type { Role } from './connections.ts'
import { type DiskGuard, startDiskGuard } from './diskGuard.ts'
import type { EmbeddedPostgresProgress } from './embeddedPostgres.ts'
import { type Ledger, now, openLedger, random } from './ledger.ts'
import { feedProjections, openProjections, type Projections, upcastWith } from './projections.ts'
import type { Settings } from './settings.ts'
import { version } from './version.ts'
import { type Log, openJobs, runWorkers } from './workers.ts'

export interface ServiceOptions {
  readonly settings: Settings
  readonly roles: readonly Role[]
  readonly demonstration?: ApiPorts['demonstration']
  readonly onProgress?: (progress: EmbeddedPostgresProgress) => void
  /** log lines go here instead of standard output */
  readonly logTo?: { write(line: string): void }
}

export interface Service {
  readonly ledger: Ledger
  readonly projections: Projections
  /** where the API listens; undefined without the role `api` */
  readonly url: string | undefined
  readonly metricsUrl: string
  /** from now on reactions, schedules and webhooks run in this process */
  startWorkers(): Promise<void>
  /** Drains and closes in order, within `stopLimit` milliseconds. */
  stop(): Promise<void>
}

const stopLimit = 10_000
const firstPort = { api: 8080, metrics: 9464 }
const portsTried = 50

/** One process of the system: the ledger, and what its roles need. Whatever was opened is closed again when a later step fails. */
export async function openService(options: ServiceOptions): Promise<Service> {
  const closers: (() => Promise<unknown>)[] = []
  try {
    return await openParts(options, closers)
  } catch (error) {
    await closeInTurn(closers)
    throw error
  }
}

async function openParts(options: ServiceOptions, closers: (() => Promise<unknown>)[]): Promise<Service> {
  const { settings, roles } = options
  const logger = pino({ level: settings.logLevel }, options.logTo ?? process.stdout)
  const log: Log = (level, message, details) => logger[level](details, message)
  const warn = (message: string, details: Record<string, unknown>): void => logger.warn(details, message)
  const stopping = new AbortController()

  // the meter stands around the store, so it is made first and asks the rest when it is scraped
  const scraped: Partial<Pick<Parts, 'projections' | 'jobs'>> = {}
  const metrics = createMetrics({
    projectionStatus: async () => (await scraped.projections?.status()) ?? [],
    jobCounts: async () => (scraped.jobs ? countsOf(scraped.jobs) : {}),
    onError: (error) => log('warn', 'a figure for the metrics is missing', { error: String(error) }),
  })
  const ledger = await openLedger({
    settings,
    roles,
    warn,
    around: (store) => meteredStore(store, metrics),
    ...(options.onProgress && { onProgress: options.onProgress }),
  })
  closers.push(() => ledger.close())
  const disk = await startDiskGuard({ path: ledger.diskPath, warn })
  closers.push(async () => disk.stop())
  const projections = await openProjections(ledger, settings.readerConnections)
  closers.push(() => projections.close())
  const jobs = await openJobs(ledger, settings, log)
  closers.push(() => jobs.close({ withinMs: stopLimit / 2 }))
  Object.assign(scraped, { projections, jobs })

  const background: Promise<unknown>[] = []
  const inBackground = (what: string, work: Promise<unknown>): void => {
    background.push(work.catch((error: unknown) => log('error', `${what} ended`, { error: String(error) })))
  }
  closers.push(async () => {
    stopping.abort()
    await Promise.allSettled(background)
  })
  if (roles.includes('worker'))
    inBackground('projections', feedProjections(ledger, settings.projectionConnections, log, stopping.signal))

  const api = apiPorts(options, { ledger, projections, jobs, disk, metrics, isDraining: () => stopping.signal.aborted })
  const scrape = await listenOn(buildMetrics(metrics), '127.0.0.1', settings.metricsPort, firstPort.metrics)
  closers.push(() => scrape.close())
  const server = roles.includes('api')
    ? await listenOn(await buildApp(api), settings.host, settings.port, firstPort.api)
    : undefined
  if (server) closers.push(() => server.close())

  return {
    ledger,
    projections,
    url: server?.url,
    metricsUrl: `${scrape.url}/metrics`,
    async startWorkers() {
      const workers = await runWorkers(ledger, projections, jobs, settings, log, stopping.signal)
      inBackground('processes', workers.stopped)
      if (settings.analystLogins ?? settings.databaseUrl === undefined) {
        const access = {
          pool: projections.pool,
          reader: projections.readerOf(accessModel),
          connections: settings.analystConnections,
          ownsServer: settings.databaseUrl === undefined,
          log,
        }
        inBackground('logins of analysts', keepAnalystAccess(access, stopping.signal))
      }
    },
    async stop() {
      stopping.abort()
      await within(
        stopLimit,
        (async () => {
          await server?.drain(settings.drainSeconds * 1000)
          await closeInTurn(closers)
        })(),
      )
    },
  }
}

interface Parts {
  readonly ledger: Ledger
  readonly projections: Projections
  readonly jobs: Jobs
  readonly disk: DiskGuard
  readonly metrics: Metrics
  readonly isDraining: () => boolean
}

function apiPorts(
  { settings, demonstration, logTo }: ServiceOptions,
  { ledger, projections, jobs, disk, metrics, isDraining }: Parts,
): ApiPorts {
  const { handler, store, registry, keyring, secrets } = ledger
  return {
    now,
    random,
    handler,
    store,
    registry,
    keyring,
    readerOf: projections.readerOf,
    exportView: (view, territories) => exportView(projections.pool, view, territories),
    projections: {
      status: projections.status,
      parked: (limit) => listParked(projections.pool, limit),
      retry: (model, stream) =>
        retryParked({ pool: projections.pool, store, model, stream, upcast: upcastWith(registry) }),
      skip: (model, position, by) => skipParked(projections.pool, model.name, position, by),
    },
    jobCounts: () => countsOf(jobs),
    webhookSecret: (webhookId, secretId) => webhookSecret(secrets.webhooks, webhookId, secretId),
    metrics,
    isReadOnly: disk.isReadOnly,
    isDraining,
    ...(demonstration && { demonstration }),
    settings: {
      version,
      mode: settings.mode,
      companyId: settings.companyId,
      logLevel: settings.logLevel,
      ...(logTo && { logTo }),
      checkAnswers: settings.checkAnswers,
      rateLimitPerMinute: settings.rateLimitPerMinute,
      maxConcurrentRequests: settings.maxConcurrentRequests,
      commandsAtWork: settings.commandsAtWork,
      queriesAtWork: settings.queriesAtWork,
      maxLiveClients: settings.maxLiveClients,
      readyWithinSeconds: settings.readyWithinSeconds,
      accessKey: secrets.access,
      ...(settings.oidcIssuer !== undefined &&
        settings.oidcAudience !== undefined && {
          oidc: { issuer: settings.oidcIssuer, audience: settings.oidcAudience },
        }),
    },
  }
}

async function countsOf(jobs: Jobs): Promise<Record<string, number>> {
  const queues = Object.entries(await jobs.counts())
  return Object.fromEntries(
    queues.flatMap(([queue, counts]) =>
      Object.entries(counts).map(([state, count]) => [`${queue}.${state}`, Number(count)]),
    ),
  )
}

/** The port that was asked for, or else the first free one from the usual on. */
async function listenOn(app: FastifyInstance, host: string, asked: number | undefined, usual: number): Promise<Server> {
  if (asked !== undefined) return listen(app, { host, port: asked })
  for (let port = usual; port < usual + portsTried; port++) {
    try {
      return await listen(app, { host, port })
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EADDRINUSE')) throw error
    }
  }
  return listen(app, { host, port: 0 })
}

async function within(milliseconds: number, work: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  await Promise.race([work, new Promise((resolve) => (timer = setTimeout(resolve, milliseconds)))])
  clearTimeout(timer)
}
