import { fork } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import { fileURLToPath } from 'node:url'
import fastify, { type FastifyInstance } from 'fastify'
import type pg from 'pg'
import { buildApp } from '../src/api/app.ts'
import { createMetrics } from '../src/api/metrics.ts'
import type { ApiPorts, ApiSettings, Principal } from '../src/api/ports.ts'
import { aggregates } from '../src/domain/registry.ts'
import { createEventRegistry } from '../src/ledger/eventRegistry.ts'
import type { EventStore } from '../src/ledger/eventStore.ts'
import { createMemoryKeyStore } from '../src/ledger/personal/memoryKeyStore.ts'
import { createKeyring } from '../src/ledger/personal/keyring.ts'
import { openPostgresStore } from '../src/ledger/postgres/postgresStore.ts'
import { openReader } from '../src/projections/engine/ask.ts'
import { projectionPool } from '../src/projections/engine/projectionPool.ts'
import { readModels } from '../src/projections/registry.ts'
import { generateDemo } from '../src/runtime/demo/demo.ts'
import type { Bench, BenchRow } from './bench.ts'
import { feedModels } from './fillModels.ts'
import type { HttpLoad } from './httpCaller.ts'
import { interleave, type Contender } from './interleave.ts'
import { openBenchHandler } from './openBenchHandler.ts'

const connections = 16
const until = '2025-02-28'
const secret = 'benchmark'
const authorization = `ApiKey bench.${secret}`

/** Each answers what the one before it answers, and does one thing more. */
const steps: readonly (readonly [name: string, settings: Partial<ApiSettings>])[] = [
  ['the API: limits, authentication, checked question', { logLevel: 'silent', checkAnswers: 'off' }],
  ['… and one log line', { logLevel: 'info', checkAnswers: 'off' }],
  ['… and the answer checked against its schema', { logLevel: 'info', checkAnswers: 'report' }],
]

/** Questions over HTTP beside a bare Fastify handler that sends the same SQL over a pool of the same size and answers its rows. */
export const http: Bench = {
  name: 'http',
  title: `Questions over HTTP, ${connections} connections, beside a bare Fastify handler with the same SQL (requests per second)`,
  async run(context) {
    const database = await context.freshDatabase()
    const store = await openPostgresStore({ connection: database.url })
    const keyStore = createMemoryKeyStore()
    const kek = Buffer.alloc(32, 7)
    await generateDemo({ target: { store, keyStore, kek }, until })
    await feedModels(database, store, readModels)
    const pool = projectionPool({ connectionString: database.url, max: 5 })
    const caller = fork(fileURLToPath(new URL('./httpCaller.js', import.meta.url)))
    const sink = createWriteStream('/dev/null')
    const logTo = { write: (line: string) => void sink.write(line) }
    const keyring = createKeyring({ keyStore, kek, random: randomBytes, now: Date.now })
    const apps: FastifyInstance[] = []
    const listening = async (app: FastifyInstance): Promise<number> => {
      apps.push(app)
      return Number(new URL(await app.listen({ host: '127.0.0.1', port: 0 })).port)
    }
    const call = async (load: Omit<HttpLoad, 'authorization' | 'connections'>): Promise<number> => {
      const answered = once(caller, 'message')
      caller.send({ ...load, authorization, connections } satisfies HttpLoad)
      const [count] = (await answered) as [number | string]
      if (typeof count === 'string') throw new Error(count)
      return count
    }
    try {
      const recorded = recording(pool)
      const ports = { store, keyring, registry: createEventRegistry(aggregates), handler: openBenchHandler(store) }
      const rows: BenchRow[] = []
      const built = await Promise.all(
        steps.map(async ([name, settings]) => {
          const app = await buildApp(portsOf(ports, recorded.pool, { ...settings, logTo }))
          return { name, app, port: await listening(app) }
        }),
      )
      for (const path of await questions(built[0]?.app)) {
        recorded.queries.length = 0
        await built[0]?.app.inject({ url: path, headers: { authorization } })
        const bare = fastify()
        const [query, ...others] = recorded.queries
        if (!query || others.length > 0) throw new Error(`${path} is not one statement`)
        bare.get('/*', async () => ({ items: (await pool.query(query)).rows }))
        const port = await listening(bare)
        const contender = (name: string, port: number): Contender => ({
          name,
          work: (end) => call({ port, path, milliseconds: end - performance.now() }),
        })
        const measured = await interleave(
          [contender('bare handler', port), ...built.map(({ name, port }) => contender(name, port))],
          context.rounds,
          context.secondsPerRound,
          context.log,
        )
        const base = measured.get('bare handler')?.median ?? 0
        let before = base
        for (const { name, median, low, high } of measured.values()) {
          rows.push({
            question: path.replace(/\/[^/?]*\d[^/?]*/, '/{id}'),
            answering: name,
            'requests/s': Math.round(median),
            'low–high': `${Math.round(low)}–${Math.round(high)}`,
            '× bare': (median / base).toFixed(2),
            'its cost, µs': Math.round(1e6 / median - 1e6 / before),
          })
          before = median
        }
      }
      return rows
    } finally {
      caller.kill()
      for (const app of apps) await app.close()
      await pool.end()
      await store.close()
      await database.drop()
    }
  },
}

/** A page of orders, and one of them. */
async function questions(app: FastifyInstance | undefined): Promise<readonly string[]> {
  const page = '/v1/orders?limit=20'
  const answer = await app?.inject({ url: page, headers: { authorization } })
  const { items } = JSON.parse(answer?.body ?? '{}') as { items?: { orderId: string }[] }
  const [first] = items ?? []
  if (!first) throw new Error(`no orders: ${answer?.body}`)
  return [page, `/v1/orders/${first.orderId}`]
}

/** The same pool, and what was asked of it. */
function recording(pool: pg.Pool): { pool: pg.Pool; queries: pg.QueryConfig[] } {
  const queries: pg.QueryConfig[] = []
  const query = (text: string | pg.QueryConfig, values?: unknown[]) => {
    queries.push(typeof text === 'string' ? { text, ...(values && { values }) } : text)
    return typeof text === 'string' ? pool.query(text, values) : pool.query(text)
  }
  // readers use nothing else of it
  return { pool: { query } as unknown as pg.Pool, queries }
}

function portsOf(
  given: Pick<ApiPorts, 'handler' | 'registry' | 'keyring'> & { store: EventStore },
  pool: pg.Pool,
  settings: Partial<ApiSettings>,
): ApiPorts {
  const principal: Principal = { id: 'bench', role: 'admin', rights: [] }
  const hash = createHash('sha256').update(secret).digest('hex')
  const jobCounts = async () => ({})
  const projections: ApiPorts['projections'] = {
    status: async () => [],
    parked: async () => [],
    retry: async () => 0,
    skip: async () => false,
  }
  const readers = new Map(readModels.map((model) => [model.name, openReader(pool, model, Date.now)]))
  return {
    ...given,
    now: Date.now,
    random: randomBytes,
    exportView: async () => {
      throw new Error('nothing is exported here')
    },
    readerOf(model) {
      const reader = readers.get(model.name)
      if (!reader) throw new Error(`no read model ${model.name}`)
      return reader
    },
    directory: {
      byKey: async () => ({ principal, hash }),
      byIdentity: async () => undefined,
      byId: async () => principal,
    },
    projections,
    jobCounts,
    webhookSecret: () => '',
    metrics: createMetrics({ projectionStatus: () => projections.status(), jobCounts, onError: () => undefined }),
    isReadOnly: () => false,
    isDraining: () => false,
    settings: {
      version: '0',
      mode: 'production',
      companyId: 'KESTREL',
      logLevel: 'info',
      rateLimitPerMinute: 1_000_000_000,
      maxConcurrentRequests: 200,
      commandsAtWork: 100,
      queriesAtWork: 100,
      maxLiveClients: 10,
      readyWithinSeconds: 60,
      accessKey: Buffer.alloc(32, 3),
      checkAnswers: 'report',
      ...settings,
    },
  }
}
