import { type ChildProcess, spawn } from 'node:child_process'
import { createHash, randomBytes, randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { principalAggregate } from '../src/domain/access/decide.ts'
import type { CommandMeta } from '../src/ledger/commands.ts'
import { freePort } from '../src/runtime/embeddedPostgres/freePort.ts'
import { openLedger } from '../src/runtime/ledger.ts'
import { readSettings } from '../src/runtime/settings.ts'

export interface Processes {
  readonly urls: readonly string[]
  /** an administrator's */
  readonly authorization: string
  readonly apis: readonly ChildProcess[]
  /** of the APIs */
  readonly metricsPorts: readonly number[]
  readonly worker: ChildProcess
  stop(): Promise<void>
}

/** So many `serve` processes and one `worker` on a database; resolves when they answer. */
export async function openProcesses(databaseUrl: string, count: number): Promise<Processes> {
  const from = 20_000 + Math.floor(Math.random() * 8_000)
  const free = async (first: number): Promise<number> => freePort(from + first, 'next')
  const ports = await Promise.all(Array.from({ length: count }, async (_, n) => free(100 * n)))
  const metricsPorts = await Promise.all(Array.from({ length: count + 1 }, async (_, n) => free(2_000 + 100 * n)))
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
  const start = (command: string, port: number | undefined, metricsPort: number | undefined): ChildProcess =>
    spawn(process.execPath, [fileURLToPath(new URL('../src/runtime/main.js', import.meta.url)), command], {
      env: {
        PATH: process.env['PATH'],
        ...environment,
        CHANNEL_LEDGER_PORT: `${port ?? 0}`,
        CHANNEL_LEDGER_METRICS_PORT: `${metricsPort ?? 0}`,
      },
      stdio: ['ignore', 'ignore', 'inherit'],
    })
  const apis = ports.map((port, n) => start('serve', port, metricsPorts[n]))
  const worker = start('worker', ports[0], metricsPorts[count])
  const urls = ports.map((port) => `http://127.0.0.1:${port}`)
  for (const url of urls)
    for (const isThere of [() => answers(`${url}/readyz`), () => answers(`${url}/v1/me`, authorization)])
      while (!(await isThere())) await new Promise((resolve) => setTimeout(resolve, 200))
  return {
    urls,
    authorization,
    apis,
    metricsPorts,
    worker,
    async stop() {
      for (const child of [...apis, worker]) {
        child.kill('SIGTERM')
        await once(child, 'exit')
      }
    },
  }
}

async function answers(url: string, authorization?: string): Promise<boolean> {
  return fetch(url, { headers: authorization === undefined ? {} : { authorization } }).then(
    ({ ok }) => ok,
    () => false,
  )
}

/** A product, and so much of it in the company's warehouse. */
export async function openStock(url: string, authorization: string, sku: string, quantity: string): Promise<void> {
  await command(url, authorization, 'POST', '/v1/products', {
    sku,
    companyId: 'ACME',
    name: { en: sku },
    category: 'Bikes',
    unit: 'EA',
    effectiveAt: '2026-01-01T00:00:00.000Z[UTC]',
  })
  const receipt = { lines: [{ lot: '-', quantity }] }
  await command(url, authorization, 'POST', `/v1/stock/ACME/MAIN/${sku}/receipts`, receipt)
}

/** Gives a command that must be accepted. */
export async function command(
  url: string,
  authorization: string,
  method: 'POST' | 'PUT',
  path: string,
  body: object,
): Promise<void> {
  const headers = { authorization, 'content-type': 'application/json', 'idempotency-key': randomUUID() }
  const answer = await fetch(`${url}${path}`, { method, headers, body: JSON.stringify(body) })
  const text = await answer.text()
  if (!answer.ok) throw new Error(`${path}: ${answer.status} ${text}`)
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
