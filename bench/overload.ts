import { type ChildProcess, fork, spawn } from 'node:child_process'
import { createHash, randomBytes, randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { principalAggregate } from '../src/domain/access/decide.ts'
import type { CommandMeta } from '../src/ledger/commands.ts'
import { freePort } from '../src/runtime/embeddedPostgres/freePort.ts'
import { openLedger } from '../src/runtime/ledger.ts'
import { readSettings } from '../src/runtime/settings.ts'
import type { Bench, BenchRow } from './bench.ts'
import type { CallOrder, CallReport } from './overloadCaller.ts'

const skus = 500
const file = (path: string): string => fileURLToPath(new URL(path, import.meta.url))

/**
 * An `api` and a `worker` process under a load of half commands, half queries, from a process of its own: what they can do,
 * how fast they answer at six tenths of it, and what becomes of that at three times of it (OVERLOAD_SECONDS, 300 for the
 * report), and after it.
 */
export const overload: Bench = {
  name: 'overload',
  title: 'One api process at three times what it can do (half receipts of goods, half stock levels; times in ms)',
  async run({ freshDatabase, log }) {
    const seconds = Number(process.env['OVERLOAD_SECONDS'] ?? 20)
    const database = await freshDatabase()
    const system = await openProcesses(database.url)
    const memory = watchMemory(system.api.pid)
    const rows: BenchRow[] = []
    try {
      const call = (load: CallOrder['load'], length: number): Promise<CallReport> =>
        callFrom({ ...system, load, seconds: length, skus })
      await call({ callers: 24 }, Math.min(10, seconds))
      // what it does when asked for no more than it takes at once: the lower of two, the machine being what it is
      const trials = [
        await call({ callers: 24 }, Math.min(15, seconds)),
        await call({ callers: 24 }, Math.min(15, seconds)),
      ]
      const capacity = Math.min(...trials.map((trial) => (trial.outcomes['200'] ?? 0) / trial.seconds))
      log(`capacity ${Math.round(capacity)} requests/s`)
      const phases = [
        ['normal, 0.6 × capacity', 0.6, Math.min(60, seconds)],
        ['overload, 3 × capacity', 3, seconds],
        ['after it, 0.6 × capacity', 0.6, Math.min(60, seconds)],
      ] as const
      let normal = Number.NaN
      for (const [name, times, length] of phases) {
        memory.reset()
        await system.loopLag()
        const report = await call({ rate: capacity * times }, length)
        if (Number.isNaN(normal)) normal = report.accepted.p99
        const row = rowOf(name, report, normal, memory.most(), await system.loopLag())
        log(JSON.stringify(row))
        rows.push(row)
      }
      const alive = system.api.exitCode === null && system.worker.exitCode === null
      log(alive ? 'both processes are alive' : 'A PROCESS HAS ENDED')
      if (!alive) throw new Error('a process has ended under load')
    } finally {
      memory.stop()
      for (const child of [system.api, system.worker]) {
        child.kill('SIGTERM')
        await once(child, 'exit')
      }
      await database.drop()
    }
    return rows
  },
}

function rowOf(name: string, report: CallReport, normal: number, megabytes: number, loopLag: number): BenchRow {
  const { offered, outcomes, accepted, turnedAway, seconds, withoutRetryAfter, sentLate } = report
  const { 200: ok = 0, 503: busy = 0, ...other } = outcomes
  return {
    load: name,
    'offered/s': Math.round(offered / seconds),
    'accepted/s': Math.round(ok / seconds),
    'turned away/s': Math.round(busy / seconds),
    'no Retry-After': withoutRetryAfter,
    other: Object.keys(other).length === 0 ? '0' : JSON.stringify(other),
    p50: accepted.p50.toFixed(1),
    p99: accepted.p99.toFixed(1),
    'p99.9': accepted.p999.toFixed(1),
    '× normal p99': (accepted.p99 / normal).toFixed(2),
    '503 p99': turnedAway.p99.toFixed(1),
    'sent late p99': sentLate.p99.toFixed(1),
    'api loop lag': loopLag.toFixed(0),
    'api MB': Math.round(megabytes),
  }
}

async function callFrom(order: Omit<CallOrder, 'name'>): Promise<CallReport> {
  const { url, authorization, load, seconds, skus } = order
  const child = fork(file('./overloadCaller.js'))
  child.send({ url, authorization, load, seconds, skus, name: randomUUID() })
  const [report] = (await once(child, 'message')) as [CallReport] // what it sends
  return report
}

interface Processes {
  readonly url: string
  readonly authorization: string
  readonly api: ChildProcess
  readonly worker: ChildProcess
  /** the longest that the API's thread was held up since it was asked last, ms */
  loopLag(): Promise<number>
}

async function openProcesses(databaseUrl: string): Promise<Processes> {
  const from = 20_000 + Math.floor(Math.random() * 8_000)
  const ports = [await freePort(from, 'next'), await freePort(from + 500, 'next'), await freePort(from + 1_000, 'next')]
  const environment = {
    DATABASE_URL: databaseUrl,
    CHANNEL_LEDGER_MASTER_KEY: randomBytes(32).toString('base64'),
    CHANNEL_LEDGER_RATE_LIMIT: '1000000',
    CHANNEL_LEDGER_COMPANY: 'ACME',
    // read models may lag under this load: that is no reason to be taken out of service here
    CHANNEL_LEDGER_READY_WITHIN: '86400',
    ...Object.fromEntries(
      Object.entries(process.env).filter(([name]) => /^CHANNEL_LEDGER_(MAX|COMMANDS|QUERIES)_/.test(name)),
    ),
  }
  const authorization = await administrator(readSettings(environment))
  const start = (command: string, port: number): ChildProcess =>
    spawn(process.execPath, [file('../src/runtime/main.js'), command], {
      env: {
        PATH: process.env['PATH'],
        ...environment,
        CHANNEL_LEDGER_PORT: `${ports[0]}`,
        CHANNEL_LEDGER_METRICS_PORT: `${port}`,
      },
      stdio: ['ignore', 'ignore', 'inherit'],
    })
  const api = start('serve', ports[1] ?? 0)
  const worker = start('worker', ports[2] ?? 0)
  const url = `http://127.0.0.1:${ports[0]}`
  const isReady = (): Promise<boolean> =>
    fetch(`${url}/readyz`).then(
      ({ ok }) => ok,
      () => false,
    )
  const knowsKey = (): Promise<boolean> =>
    fetch(`${url}/v1/me`, { headers: { authorization } }).then(
      ({ ok }) => ok,
      () => false,
    )
  for (const isThere of [isReady, knowsKey])
    while (!(await isThere())) await new Promise((resolve) => setTimeout(resolve, 200))
  for (let n = 0; n < skus; n += 1) {
    const sku = `SKU-${n}`
    await post(url, authorization, '/v1/products', {
      sku,
      companyId: 'ACME',
      name: { en: sku },
      category: 'Bikes',
      unit: 'EA',
      effectiveAt: '2026-01-01T00:00:00.000Z[UTC]',
    })
    await post(url, authorization, `/v1/stock/ACME/MAIN/${sku}/receipts`, { lines: [{ lot: '-', quantity: '1' }] })
  }
  return {
    url,
    authorization,
    api,
    worker,
    async loopLag() {
      const text = await (await fetch(`http://127.0.0.1:${ports[1]}/metrics`)).text()
      return Number(/^nodejs_eventloop_lag_max_seconds (\S+)/m.exec(text)?.[1] ?? 0) * 1_000
    },
  }
}

async function post(url: string, authorization: string, path: string, body: object): Promise<void> {
  const headers = {
    authorization,
    'content-type': 'application/json',
    'idempotency-key': path + JSON.stringify(body).length + randomUUID(),
  }
  const answer = await fetch(`${url}${path}`, { method: 'POST', headers, body: JSON.stringify(body) })
  if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`)
}

async function administrator(settings: ReturnType<typeof readSettings>): Promise<string> {
  const ledger = await openLedger({ settings, roles: [], warn: () => undefined })
  const meta: CommandMeta = {
    at: '2026-01-01T00:00:00.000Z[UTC]',
    actor: 'admin',
    source: { kind: 'command' },
    correlationId: 'bench',
  }
  const hash = createHash('sha256').update('secret').digest('hex')
  const commands = [
    { type: 'RegisterPrincipal', principalId: 'admin', role: 'admin', displayName: 'Ada' },
    { type: 'IssueApiKey', principalId: 'admin', keyId: 'bench', hash, label: 'bench' },
  ] as const
  try {
    for (const command of commands) {
      const outcome = await ledger.handler.execute(principalAggregate, command, meta)
      if (!outcome.ok) throw new Error(outcome.refusal.refused)
    }
  } finally {
    await ledger.close()
  }
  return 'ApiKey bench.secret'
}

/** Resident megabytes of a process, looked at every second; 0 where /proc is not. */
function watchMemory(pid: number | undefined): { most(): number; reset(): void; stop(): void } {
  let most = 0
  const look = (): void => {
    try {
      const [, kilobytes = '0'] = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? []
      most = Math.max(most, Number(kilobytes) / 1024)
    } catch {
      // another system, or the process has ended, which is seen elsewhere
    }
  }
  const timer = setInterval(look, 1_000)
  return { most: () => most, reset: () => void (most = 0), stop: () => clearInterval(timer) }
}
