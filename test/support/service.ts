import { createHash, randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { principalAggregate } from '../../src/domain/access/decide.ts'
import type { Role } from '../../src/domain/access/role.ts'
import type { CommandMeta } from '../../src/ledger/commands.ts'
import { waitForPosition } from '../../src/projections/engine/waitForPosition.ts'
import { generationSchema } from '../../src/projections/engine/schema.ts'
import { readModels } from '../../src/projections/registry.ts'
import type { Role as ProcessRole } from '../../src/runtime/connections.ts'
import { openService, type Service } from '../../src/runtime/service.ts'
import { readSettings, type Settings } from '../../src/runtime/settings.ts'
import type { RecordedEvent } from '../../src/ledger/envelope.ts'
import { bike, dealer, order, price, priceList } from './channelByApi.ts'
import { openReadModels } from './readModels.ts'

/** Settings of a process on a database of its own; the same master key always. */
export function testSettings(databaseUrl: string, more: Readonly<Record<string, string>> = {}): Settings {
  return readSettings(testEnvironment(databaseUrl, more))
}

export function testEnvironment(databaseUrl: string, more: Readonly<Record<string, string>> = {}) {
  return {
    DATABASE_URL: databaseUrl,
    CHANNEL_LEDGER_MASTER_KEY: Buffer.alloc(32, 7).toString('base64'),
    CHANNEL_LEDGER_COMPANY: 'ACME',
    CHANNEL_LEDGER_RATE_LIMIT: '1000000',
    CHANNEL_LEDGER_PORT: '0',
    CHANNEL_LEDGER_METRICS_PORT: '0',
    CHANNEL_LEDGER_LOG_LEVEL: 'silent',
    ...more,
  }
}

export interface Answer {
  readonly status: number
  readonly headers: Headers
  readonly body: unknown
}

/** One process in this one, reached over HTTP. */
export interface TestService extends Service {
  readonly settings: Settings
  /** for the header `Authorization` */
  readonly authorization: string
  /** JSON in, JSON out, as an administrator; a command has an idempotency key of its own unless one is given */
  send(method: string, path: string, options?: SendOptions): Promise<Answer>
  /** Waits until every read model holds all that is in the log now. */
  caughtUp(): Promise<void>
}

export interface SendOptions {
  readonly body?: unknown
  readonly key?: string
  readonly headers?: Readonly<Record<string, string>>
}

export async function openTestService(
  databaseUrl: string,
  {
    roles = ['api', 'worker'],
    more = {},
  }: { readonly roles?: readonly ProcessRole[]; readonly more?: Readonly<Record<string, string>> } = {},
): Promise<TestService> {
  const settings = testSettings(databaseUrl, more)
  const service = await openService({ settings, roles })
  const authorization = await administrator(service)
  if (roles.includes('worker')) await caughtUp(service) // the directory of keys is a read model
  return {
    ...service,
    settings,
    authorization,
    caughtUp: () => caughtUp(service),
    send: (method, path, options) => send(`${service.url}${path}`, method, authorization, options),
  }
}

/** Waits until every read model holds all that is in the log now. */
export async function caughtUp({ ledger, projections }: Service): Promise<void> {
  const head = await ledger.store.head()
  for (const model of readModels) await waitForPosition(projections.readerOf(model), model.name, head, 60_000)
}

export async function send(
  url: string,
  method: string,
  authorization: string,
  { body, key, headers }: SendOptions = {},
): Promise<Answer> {
  const answer = await fetch(url, {
    method,
    headers: {
      authorization,
      ...(method !== 'GET' && { 'idempotency-key': key ?? randomUUID() }),
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  })
  return { status: answer.status, headers: answer.headers, body: await answer.json() }
}

/** Registers an administrator, always the same, and gives its API key. */
async function administrator({ ledger: { handler } }: Service, role: Role = 'admin'): Promise<string> {
  const principalId = `${role}-1`
  const meta = (key: string): CommandMeta => ({
    at: '2026-01-01T00:00:00.000Z[UTC]',
    actor: principalId,
    source: { kind: 'command' },
    correlationId: 'test',
    idempotency: { principal: principalId, route: 'test', key, requestHash: '0'.repeat(64) },
  })
  const register = { type: 'RegisterPrincipal', principalId, role, displayName: 'Ada' } as const
  const hash = createHash('sha256').update('secret').digest('hex')
  const issue = { type: 'IssueApiKey', principalId, keyId: `key-${principalId}`, hash, label: 'test' } as const
  for (const command of [register, issue]) {
    const outcome = await handler.execute(principalAggregate, command, meta(command.type))
    if (!outcome.ok) throw new Error(`${command.type} was refused: ${outcome.refusal.refused}`)
  }
  return `ApiKey key-${principalId}.secret`
}

/** Two dealers with contacts, a bike with its price and stock, and as many orders; every answer is checked. */
export async function fillService(service: Pick<TestService, 'send'>, orders = 3): Promise<void> {
  const give = async (method: string, path: string, body: object, headers = {}): Promise<void> => {
    const answer = await service.send(method, path, { body, headers })
    if (answer.status >= 300) throw new Error(`${method} ${path}: ${answer.status} ${JSON.stringify(answer.body)}`)
  }
  await give('POST', '/v1/products', bike)
  await give('POST', '/v1/dealers', dealer('D1', 'First Bikes'))
  await give('POST', '/v1/dealers', dealer('D2', 'Second Bikes'))
  await give('POST', '/v1/price-lists', priceList)
  await give('PUT', '/v1/price-lists/BASE/prices/BIKE', price, { 'if-none-match': '*' })
  await give('POST', '/v1/stock/ACME/MAIN/BIKE/openings', { quantity: '1000' })
  for (let n = 1; n <= orders; n += 1)
    await give('POST', '/v1/orders', { ...order, dealerId: n % 2 === 0 ? 'D2' : 'D1', orderId: `O${n}` })
}

/** What a fresh fold of the log holds, as `readModelRows` gives it. */
export async function freshlyFolded(
  log: readonly RecordedEvent[],
): Promise<Readonly<Record<string, readonly string[]>>> {
  const models = await openReadModels(readModels, Date.UTC(2027, 0, 1))
  try {
    await models.fold(log)
    return await readModelRows(models.databaseUrl)
  } finally {
    await models.close()
  }
}

/** Everything that the serving read models hold, as text: facts, ready rows, stamps and all. */
export async function readModelRows(databaseUrl: string): Promise<Readonly<Record<string, readonly string[]>>> {
  const client = new pg.Client({ connectionString: databaseUrl })
  await client.connect()
  try {
    await client.query(`set timezone to 'UTC'`)
    const { rows } = await client.query<{ id: string; model: string; version: number; checkpoint: string }>(
      `select id::text, model, version, checkpoint::text from projections.generations where state = 'active' order by model`,
    )
    const found: Record<string, readonly string[]> = {}
    for (const { id, model: name, version, checkpoint } of rows) {
      found[name] = [`version ${version} at ${checkpoint}`]
      for (const table of readModels.find((model) => model.name === name)?.tables ?? []) {
        for (const held of table.time === 'versioned' ? [`${table.name}_facts`] : [table.name, `${table.name}_facts`]) {
          const where = `${generationSchema(name, id)}.${held}`
          // another version may have other tables
          const { rowCount } = await client.query('select where to_regclass($1) is not null', [where])
          if (rowCount === 0) continue
          const { rows: texts } = await client.query<{ row: string }>(
            `select t::text as row from ${where} t order by 1`,
          )
          found[`${name}.${held}`] = texts.map(({ row }) => row)
        }
      }
    }
    return found
  } finally {
    await client.end()
  }
}

/** A directory that is thrown away. */
export async function temporaryDirectory(): Promise<{ readonly path: string; drop(): Promise<void> }> {
  const path = await mkdtemp(join(tmpdir(), 'channel-ledger-test-'))
  return { path, drop: () => rm(path, { recursive: true, force: true }) }
}
