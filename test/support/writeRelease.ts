import { createHash } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { principalAggregate } from '../../src/domain/access/decide.ts'
import { aggregates } from '../../src/domain/registry.ts'
import type { LedgerCommandHandler } from '../../src/ledger/commandHandler.ts'
import type { CommandMeta } from '../../src/ledger/commands.ts'
import { createEventRegistry } from '../../src/ledger/eventRegistry.ts'
import type { EventStore } from '../../src/ledger/eventStore.ts'
import { waitForPosition } from '../../src/projections/engine/waitForPosition.ts'
import { readModels } from '../../src/projections/registry.ts'
import { openService, type Service } from '../../src/runtime/service.ts'
import { readSettings } from '../../src/runtime/settings.ts'
import { historyId } from './historyEvent.ts'
import { sampleHistory } from './sampleHistory.ts'

/** A command as it was given to a release, and what that release answered: every later one must answer a repeat the same. */
export interface GivenCommand {
  readonly method: string
  readonly path: string
  readonly key: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: unknown
  readonly status: number
  readonly etag: string | null
  readonly answer: unknown
}

export interface Release {
  readonly version: string
  readonly commands: readonly GivenCommand[]
}

/** The master key and the API key of what a release wrote. */
export const releaseKeys = {
  master: Buffer.alloc(32, 7).toString('base64'),
  authorization: 'ApiKey key-upgrade.secret',
}

const at = '2026-01-01T00:00:00.000Z[UTC]'
const dealer = (dealerId: string) => ({
  dealerId,
  companyId: 'ACME',
  legalName: { en: `Dealer ${dealerId}`, 'zh-CN': '经销商' },
  kind: 'warehouse',
  country: 'US',
  region: 'US/Washington',
  zone: 'America/Los_Angeles',
  currencies: ['USD'],
  tierLevel: 1,
  contact: { personId: `person-${dealerId}`, name: `Contact of ${dealerId}` },
  effectiveAt: at,
})
const product = (sku: string) => ({
  sku,
  companyId: 'ACME',
  name: { en: sku },
  category: 'Bikes',
  unit: 'EA',
  attributes: { colour: 'red' },
  effectiveAt: at,
})
const price = {
  companyId: 'ACME',
  unit: 'EA',
  currency: 'USD',
  newPrice: '100',
  effectiveAt: at,
  retroactive: true,
  reason: 'season',
}
export const orderOf = (orderId: string, dealerId: string, quantity: string) => ({
  orderId,
  companyId: 'ACME',
  dealerId,
  currency: 'USD',
  shipFrom: { party: 'ACME', location: 'MAIN' },
  lines: [{ lineNo: 1, sku: 'BIKE', unit: 'EA', quantity }],
})
const first = { 'if-none-match': '*' }

/** One after another; `rest` waits until what follows from the commands before has been done. */
const script: readonly (
  readonly [method: string, path: string, body?: object, headers?: Record<string, string>] | 'rest'
)[] = [
  ['POST', '/v1/products', product('BIKE')],
  ['POST', '/v1/products', product('HELMET')],
  ['POST', '/v1/dealers', dealer('D1')],
  ['POST', '/v1/dealers', dealer('D2')],
  [
    'POST',
    '/v1/price-lists',
    {
      companyId: 'ACME',
      listId: 'BASE',
      name: { en: 'Base' },
      level: 'base',
      scope: {},
      currency: 'USD',
      priority: 1,
      effectiveFrom: at,
    },
  ],
  ['PUT', '/v1/price-lists/BASE/prices/BIKE', price, first],
  ['PUT', '/v1/price-lists/BASE/prices/HELMET', { ...price, newPrice: '12.5' }, first],
  ['POST', '/v1/stock/ACME/MAIN/BIKE/openings', { quantity: '50' }],
  ['POST', '/v1/stock/ACME/MAIN/BIKE/receipts', { receiptId: 'R1', lines: [{ lot: '-', quantity: '10' }] }],
  ['PUT', '/v1/accounts/D1/limits/D1', { amount: '1000000', currency: 'USD' }],
  ['POST', '/v1/webhooks', { url: 'https://webhooks.example/orders', eventTypes: ['TransferLost'] }],
  'rest',
  ['POST', '/v1/orders', orderOf('O1', 'D1', '2')],
  ['POST', '/v1/orders', orderOf('O2', 'D2', '3')],
  ['POST', '/v1/orders', orderOf('O3', 'D1', '200')],
  'rest',
  ['POST', '/v1/orders/O1/shipments', { shipmentId: 'S1', lines: [{ lineNo: 1, quantity: '2' }] }],
  ['POST', '/v1/orders/O1/shipments/S1/deliveries', {}],
  ['POST', '/v1/orders/O2/cancellation', { reason: 'customer-wish' }, { 'if-match': '"*"' }],
  'rest',
  [
    'POST',
    '/v1/accounts/D1/payments',
    { companyId: 'ACME', dealerId: 'D1', currency: 'USD', paymentId: 'P1', amount: '20000', allocate: 'oldest_first' },
  ],
  'rest',
]

/** Gives the commands to this release, on an empty database, and notes what it answers. */
async function writeChannel(databaseUrl: string, file: string): Promise<void> {
  const service = await open(databaseUrl)
  await registerReleaseAdministrator(service.ledger.handler)
  await service.startWorkers()
  await atRest(service)
  const commands: GivenCommand[] = []
  for (const [n, step] of script.entries()) {
    if (step === 'rest') {
      await atRest(service)
      continue
    }
    const [method, path, body = {}, more = {}] = step
    const headers = more['if-match'] === '"*"' ? { 'if-match': await revisionOf(service, path) } : more
    const key = `upgrade-${n}`
    const answer = await fetch(`${service.url}${path}`, {
      method,
      headers: {
        ...headers,
        authorization: releaseKeys.authorization,
        'idempotency-key': key,
        'content-type': 'application/json',
      },
      body: JSON.stringify(body),
    })
    const given = {
      method,
      path,
      key,
      headers,
      body,
      status: answer.status,
      etag: answer.headers.get('etag'),
      answer: await answer.json(),
    }
    if (answer.status >= 300) throw new Error(`${method} ${path}: ${answer.status} ${JSON.stringify(given.answer)}`)
    commands.push(given)
  }
  const about = (await (await fetch(`${service.url}/v1/about`)).json()) as { version: string } // our own route
  await service.stop()
  const release: Release = { version: about.version, commands }
  await writeFile(file, `${JSON.stringify(release, null, 1)}\n`)
}

/** Writes an event of every type that this release knows, as imported facts, which set nothing off. */
async function writeEveryType(databaseUrl: string): Promise<void> {
  const service = await open(databaseUrl)
  const { store } = service.ledger
  const registry = createEventRegistry(aggregates)
  const revisions = new Map<string, number>()
  for (const [index, { stream, type, at: occurredAt, data, id, actor }] of sampleHistory(20_260_101, 1).entries()) {
    const revision = revisions.get(stream) ?? -1
    const event = {
      id: id ?? historyId(index + 1),
      type,
      schemaVersion: registry.definition(type).version,
      occurredAt,
      actor: actor ?? 'clerk-1',
      source: { kind: 'import' as const, system: 'erp' },
      correlationId: 'upgrade',
      data: registry.validate(type, data),
    }
    const result = await store.append(stream, [event], { expectedRevision: revision })
    if (result.outcome !== 'appended') throw new Error(`${type} was not appended`)
    revisions.set(stream, revision + 1)
  }
  await caughtUp(service, store)
  await service.stop()
}

function open(databaseUrl: string): Promise<Service> {
  const settings = readSettings({
    DATABASE_URL: databaseUrl,
    CHANNEL_LEDGER_MASTER_KEY: releaseKeys.master,
    CHANNEL_LEDGER_COMPANY: 'ACME',
    CHANNEL_LEDGER_PORT: '0',
    CHANNEL_LEDGER_METRICS_PORT: '0',
    CHANNEL_LEDGER_LOG_LEVEL: 'error',
  })
  return openService({ settings, roles: ['api', 'worker'] })
}

/** Whose API key `releaseKeys` has. */
export async function registerReleaseAdministrator(handler: LedgerCommandHandler): Promise<void> {
  const principalId = 'upgrade'
  const meta: CommandMeta = { at, actor: principalId, source: { kind: 'command' }, correlationId: 'upgrade' }
  const hash = createHash('sha256').update('secret').digest('hex')
  const commands = [
    { type: 'RegisterPrincipal', principalId, role: 'admin', displayName: 'Ada' },
    { type: 'IssueApiKey', principalId, keyId: 'key-upgrade', hash, label: 'upgrade' },
  ] as const
  for (const command of commands) {
    const outcome = await handler.execute(principalAggregate, command, meta)
    if (!outcome.ok) throw new Error(`${command.type} was refused: ${outcome.refusal.refused}`)
  }
}

async function caughtUp(service: Service, store: EventStore): Promise<void> {
  const head = await store.head()
  for (const model of readModels) await waitForPosition(service.projections.readerOf(model), model.name, head, 60_000)
}

/** Waits until nothing has been written for a second. */
async function atRest(service: Service): Promise<void> {
  const { store } = service.ledger
  for (let head = -1n; head !== (await store.head());) {
    head = await store.head()
    await caughtUp(service, store)
    await new Promise((resolve) => setTimeout(resolve, 1_000))
  }
}

async function revisionOf(service: Service, path: string): Promise<string> {
  const object = path.split('/').slice(0, 4).join('/')
  const answer = await fetch(`${service.url}${object}/revision`, {
    headers: { authorization: releaseKeys.authorization },
  })
  return answer.headers.get('etag') ?? ''
}

const [what, databaseUrl = '', file = ''] = process.argv.slice(2)
if (what === 'channel') await writeChannel(databaseUrl, file)
if (what === 'every-type') await writeEveryType(databaseUrl)
