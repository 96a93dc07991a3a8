import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { freePort } from '../../src/runtime/embeddedPostgres/freePort.ts'
import { bike } from '../support/channelByApi.ts'
import { freshDatabase } from '../support/database.ts'
import { wholeLog } from '../support/importing.ts'
import { type Called, openCaller } from '../support/loadCaller.ts'
import { fillService, openTestService, testEnvironment, type TestService } from '../support/service.ts'
import { spawnTypeScript } from '../support/spawnTypeScript.ts'
import { until } from '../support/until.ts'

// whole programs start here
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 })

const small = {
  CHANNEL_LEDGER_MAX_REQUESTS: '24',
  CHANNEL_LEDGER_COMMANDS_AT_WORK: '4',
  CHANNEL_LEDGER_QUERIES_AT_WORK: '2',
  CHANNEL_LEDGER_DRAIN_SECONDS: '1',
}
let database: Awaited<ReturnType<typeof freshDatabase>>
/** in this process: fills the channel, feeds the read models, and looks at the log */
let service: TestService
const children: ChildProcess[] = []

beforeAll(async () => {
  database = await freshDatabase()
  service = await openTestService(database.url)
  await fillService(service)
  const skus = Array.from({ length: 20 }, (_, n) => `S${n}`)
  await Promise.all(skus.map((sku) => service.send('POST', '/v1/products', { body: { ...bike, sku } })))
  await service.caughtUp()
})
afterAll(async () => {
  for (const child of children) child.kill('SIGKILL')
  await service.stop()
  await database.drop()
})

interface Process {
  readonly child: ChildProcess
  readonly url: string
  readonly metrics: () => Promise<string>
}

async function start(command: 'serve' | 'worker', more: Readonly<Record<string, string>> = {}): Promise<Process> {
  const [port, metricsPort] = [
    await freePort(20_000 + Math.floor(Math.random() * 5_000), 'next'),
    await freePort(25_000 + Math.floor(Math.random() * 5_000), 'next'),
  ]
  const ports = { CHANNEL_LEDGER_PORT: `${port}`, CHANNEL_LEDGER_METRICS_PORT: `${metricsPort}` }
  const env = { PATH: process.env['PATH'], ...testEnvironment(database.url, { ...small, ...ports, ...more }) }
  const child = await spawnTypeScript('src/runtime/main.ts', [command], { env, stdio: ['ignore', 'ignore', 'inherit'] })
  children.push(child)
  const metrics = async (): Promise<string> => (await fetch(`http://127.0.0.1:${metricsPort}/metrics`)).text()
  const url = `http://127.0.0.1:${port}`
  await until(
    () =>
      fetch(command === 'serve' ? `${url}/readyz` : `http://127.0.0.1:${metricsPort}/metrics`).then(
        ({ status }) => status === 200,
        () => false,
      ),
    30_000,
  )
  return { child, url, metrics }
}

const receipt = { lines: [{ lot: '-', quantity: '1' }] }
const receive = (sku: string): string => `/v1/stock/ACME/MAIN/${sku}/receipts`

/** A figure of the metrics; of several with these labels the sum. */
const figure = (text: string, name: string, label: string): number =>
  [...text.matchAll(new RegExp(`^${name}\\{([^}]*)\\} (\\S+)$`, 'gm'))]
    .filter(([, labels = '']) => labels.includes(label))
    .reduce((sum, [, , value]) => sum + Number(value), 0)

/** 0 where /proc is not */
const residentMegabytes = (pid: number | undefined): number =>
  process.platform === 'linux'
    ? Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1024
    : 0

describe('a process that is asked for more than it can do', () => {
  test('turns away at once and says when to come back, answers everybody it let in, and goes on being well', async () => {
    const { child, url, metrics } = await start('serve')
    const caller = openCaller(url, service.authorization)
    try {
      const answers = new Map<string, Called>()
      const seen = { working: 0, waiting: 0, probes: [] as unknown[], megabytes: [] as number[] }
      const rounds = 6
      for (let round = 0; round < rounds; round += 1) {
        const calls = Array.from({ length: 300 }, async (_, n) => {
          const key = `r${round}-${n}`
          const called =
            n % 3 === 2
              ? await caller.call('GET', '/v1/inventory?limit=5')
              : await caller.call('POST', receive(`S${n % 20}`), key, { ...receipt, receiptId: key })
          answers.set(key, called)
        })
        const probe = (async () => {
          seen.probes.push(
            (await caller.call('GET', '/healthz')).outcome,
            (await caller.call('GET', '/readyz')).outcome,
          )
          const text = await metrics()
          seen.working = Math.max(seen.working, figure(text, 'channel_ledger_requests_at_work', 'kind="commands"'))
          seen.waiting = Math.max(seen.waiting, figure(text, 'channel_ledger_requests_waiting', 'kind='))
        })()
        await Promise.all([...calls, probe])
        seen.megabytes.push(residentMegabytes(child.pid))
      }
      const count = (outcome: number): number => [...answers.values()].filter((one) => one.outcome === outcome).length
      expect([...new Set([...answers.values()].map(({ outcome }) => outcome))].toSorted()).toEqual([200, 503])
      expect(count(200)).toBeGreaterThan(24)
      expect(count(503)).toBeGreaterThan(300)
      for (const { outcome, retryAfter, body } of answers.values()) {
        if (outcome !== 503) continue
        expect(retryAfter).toBe('1')
        expect(JSON.parse(body)).toMatchObject({ code: 'server.busy', status: 503 })
      }
      expect(seen.probes).toEqual(seen.probes.map(() => 200))
      expect(seen.working).toBeLessThanOrEqual(4)
      expect(seen.waiting).toBeLessThanOrEqual(24)
      const text = await metrics()
      expect(figure(text, 'channel_ledger_requests_turned_away_total', 'kind=')).toBe(count(503))
      expect(figure(text, 'channel_ledger_requests_at_work', 'kind=')).toBe(0)
      // after it has warmed up it holds no more than before
      expect((seen.megabytes.at(-1) ?? 0) - (seen.megabytes[1] ?? 0)).toBeLessThan(60)

      // what was accepted is in the log once, what was turned away is not, and comes in with its own key later
      const commands = [...answers].filter(([, { body }]) => !body.includes('"items"'))
      const recorded = async (): Promise<string[]> =>
        (await wholeLog(service.ledger.store)).flatMap(({ type, data }) =>
          type === 'StockReceived' ? [(data as { receiptId: string }).receiptId] : [],
        )
      const accepted = commands.filter(([, { outcome }]) => outcome === 200).map(([key]) => key)
      expect((await recorded()).toSorted()).toEqual(accepted.toSorted())
      const again = commands
        .filter(([key, { outcome }]) => outcome === 503 && key.startsWith('r0-') && Number(key.slice(3)) % 3 !== 2)
        .slice(0, 20)
      for (const [key] of again) {
        const path = receive(`S${Number(key.slice(3)) % 20}`)
        expect((await caller.call('POST', path, key, { ...receipt, receiptId: key })).outcome).toBe(200)
      }
      expect((await recorded()).toSorted()).toEqual([...accepted, ...again.map(([key]) => key)].toSorted())
    } finally {
      caller.close()
      child.kill('SIGTERM')
      await once(child, 'exit')
    }
  })
})

describe('SIGTERM under load', () => {
  test('says so on /readyz first, fails no request, ends connections, and is over in ten seconds', async () => {
    const { child, url } = await start('serve', {
      CHANNEL_LEDGER_COMMANDS_AT_WORK: '32',
      CHANNEL_LEDGER_MAX_REQUESTS: '256',
    })
    const caller = openCaller(url, service.authorization)
    const probe = openCaller(url, '')
    let isReady = true
    const answers: (Called & { readonly key: string; readonly isLate: boolean })[] = []
    let stoppedAt = Infinity
    try {
      /** What a load balancer does: it asks, and sends nobody to a process that says no. */
      const balancing = (async () => {
        while (isReady) {
          const { outcome, body } = await probe.call('GET', '/readyz')
          if (outcome === 200) continue
          isReady = false
          expect(outcome).toBe(503)
          expect(JSON.parse(body)).toMatchObject({ reasons: ['draining'] })
        }
      })()
      const callers = Array.from({ length: 12 }, async (_, caller_) => {
        for (let n = 0; isReady; n += 1) {
          const key = `t${caller_}-${n}`
          const isLate = performance.now() > stoppedAt
          answers.push({
            ...(await caller.call('POST', receive(`S${caller_ % 6}`), key, { ...receipt, receiptId: key })),
            key,
            isLate,
          })
        }
      })
      await until(() => answers.filter(({ outcome }) => outcome === 200).length > 100, 60_000)
      const exited = once(child, 'exit') as Promise<[number | null, string | null]>
      stoppedAt = performance.now()
      child.kill('SIGTERM')
      const [code, signal] = await exited
      expect({ code, signal, inTime: performance.now() - stoppedAt < 10_000 }).toEqual({
        code: 0,
        signal: null,
        inTime: true,
      })
      await Promise.all([...callers, balancing])
      expect(isReady).toBe(false)
      // turned away for another reason is an answer too, and says so
      const isBusy = ({ outcome, body }: Called): boolean => outcome === 503 && body.includes('"server.busy"')
      const accepted = answers.filter(({ outcome }) => outcome === 200)
      expect(answers.filter((one) => one.outcome !== 200 && !isBusy(one))).toEqual([])
      expect(accepted.length).toBeGreaterThan(100)
      expect(answers.filter(({ isLate, closes }) => isLate && !closes)).toEqual([])
      const log = new Set(
        (await wholeLog(service.ledger.store)).map(({ data }) => (data as { receiptId?: string }).receiptId),
      )
      expect(accepted.filter(({ key }) => !log.has(key))).toEqual([])
    } finally {
      caller.close()
      probe.close()
    }
  })

  test('lets a worker give back what it runs: leases and jobs are free when it has ended', async () => {
    const { child } = await start('worker')
    const client = new pg.Client({ connectionString: database.url })
    await client.connect()
    const ask = async (sql: string): Promise<number> => Number((await client.query<{ n: string }>(sql)).rows[0]?.n ?? 0)
    try {
      await until(
        // the tables are made by the worker
        async () =>
          (await ask(`select count(*) as n from processes.reader where leased_until > 0`).catch(() => 0)) === 1,
        20_000,
      )
      const orders = Array.from({ length: 40 }, (_, n) =>
        service.send('POST', '/v1/orders', {
          body: {
            companyId: 'ACME',
            dealerId: 'D1',
            currency: 'USD',
            orderId: `L${n}`,
            shipFrom: { party: 'ACME', location: 'MAIN' },
            lines: [{ lineNo: 1, sku: 'BIKE', unit: 'EA', quantity: '1' }],
          },
        }),
      )
      await Promise.all(orders)
      const started = performance.now()
      const exited = once(child, 'exit') as Promise<[number | null]>
      child.kill('SIGTERM')
      expect(await exited).toEqual([0, null])
      expect(performance.now() - started).toBeLessThan(10_000)
      expect(await ask(`select count(*) as n from processes.reader where leased_until > 0`)).toBe(0)
      const held = `select count(*) as n from projections.generations where lease_holder like '${child.pid}-%'`
      expect(await ask(held)).toBe(0)
      expect(
        await ask(
          `select count(*) as n from pg_stat_activity where datname = current_database() and application_name = 'channel-ledger processes'`,
        ),
      ).toBe(0)
    } finally {
      await client.end()
    }
  })
})
