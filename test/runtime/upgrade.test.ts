import { execFileSync, spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, readFileSync, symlinkSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import pg from 'pg'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { productAggregate } from '../../src/domain/catalogue/decide.ts'
import { aggregates } from '../../src/domain/registry.ts'
import { createEventRegistry } from '../../src/ledger/eventRegistry.ts'
import { runEngine } from '../../src/projections/engine/engine.ts'
import { projectionPool } from '../../src/projections/engine/projectionPool.ts'
import { readModels } from '../../src/projections/registry.ts'
import { freePort } from '../../src/runtime/embeddedPostgres/freePort.ts'
import { openLedger } from '../../src/runtime/ledger.ts'
import { openService, type Service } from '../../src/runtime/service.ts'
import { freshDatabase } from '../support/database.ts'
import { brokenInvariants } from '../support/invariants.ts'
import { wholeLog } from '../support/importing.ts'
import { newEvent } from '../support/newEvent.ts'
import {
  caughtUp,
  freshlyFolded,
  readModelRows,
  send,
  temporaryDirectory,
  testEnvironment,
  testSettings,
} from '../support/service.ts'
import { compileTypeScript } from '../support/spawnTypeScript.ts'
import { until } from '../support/until.ts'
import { orderOf, registerReleaseAdministrator, type Release, releaseKeys } from '../support/writeRelease.ts'

// a whole program starts and fills its read models anew
vi.setConfig({ testTimeout: 120_000 })

const root = join(import.meta.dirname, '../..')
const fixtures = join(root, 'test/fixtures/upgrade')
const releases = readdirSync(fixtures)
const registry = createEventRegistry(aggregates)
const { authorization } = releaseKeys

const closers: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const close of closers.splice(0).toReversed()) await close()
})

async function emptyDatabase(): Promise<string> {
  const database = await freshDatabase()
  closers.push(database.drop)
  return database.url
}

/** A database as a release left it. */
async function leftBy(release: string, what: 'channel' | 'every-type'): Promise<string> {
  const url = await emptyDatabase()
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    await client.query(gunzipSync(readFileSync(join(fixtures, release, `${what}.sql.gz`))).toString('utf8'))
  } finally {
    await client.end()
  }
  return url
}

async function openCurrent(databaseUrl: string): Promise<Service> {
  const service = await openService({ settings: testSettings(databaseUrl), roles: ['api', 'worker'] })
  closers.push(() => service.stop())
  return service
}

const given = (release: string): Release =>
  JSON.parse(readFileSync(join(fixtures, release, 'release.json'), 'utf8')) as Release // what make-upgrade-fixture writes

/** Every model serves at this program's version: a new version fills beside the old one first. */
async function upgraded(service: Service, databaseUrl: string): Promise<void> {
  await until(async () => {
    await caughtUp(service)
    const rows = await readModelRows(databaseUrl)
    return readModels.every(({ name, version }) => rows[name]?.[0]?.startsWith(`version ${version} at `))
  }, 30_000)
}

test('the first release left its database here', () => {
  expect(releases).toContain('v0.1.0')
})

describe.each(releases)('a database that %s wrote', (release) => {
  test('is opened by this program, and holds an event of every type of then; its read models are a fresh fold', async () => {
    const url = await leftBy(release, 'every-type')
    const before = await readModelRows(url)
    expect(Object.keys(before).length).toBeGreaterThan(20)
    const service = await openCurrent(url)
    await upgraded(service, url)
    const log = await wholeLog(service.ledger.store)
    const locked = JSON.parse(readFileSync(join(root, 'test/golden/schema-lock.json'), 'utf8')) as Record<
      string,
      string
    >
    const types = new Set(log.map(({ type, schemaVersion }) => `${type}.v${schemaVersion}`))
    const known = Object.keys(locked).filter((type) => !(addedAfter[release] ?? []).includes(type))
    expect(known.filter((type) => !types.has(type))).toEqual([])
    expect(await readModelRows(url)).toEqual(await freshlyFolded(log))
    const status = await service.projections.status()
    expect(status.filter(({ parkedEvents, waitingFor }) => parkedEvents > 0 || waitingFor !== undefined)).toEqual([])
  })

  test('answers every old command as it was answered then, shows personal fields, and goes on', async () => {
    const url = await leftBy(release, 'channel')
    const service = await openCurrent(url)
    await upgraded(service, url)
    expect(await readModelRows(url)).toEqual(await freshlyFolded(await wholeLog(service.ledger.store)))
    const before = await service.ledger.store.head()
    for (const { method, path, key, headers, body, status, etag, answer } of given(release).commands) {
      const again = await send(`${service.url}${path}`, method, authorization, { key, headers, body })
      expect({ path, status: again.status, etag: again.headers.get('etag'), answer: again.body }).toEqual({
        path,
        status,
        etag,
        answer,
      })
      expect({ path, replayed: again.headers.get('idempotency-replayed') }).toEqual({ path, replayed: 'true' })
    }
    expect(await service.ledger.store.head()).toBe(before)
    const dealer = await send(`${service.url}/v1/dealers/D1`, 'GET', authorization)
    expect(JSON.stringify(dealer.body)).toContain('Contact of D1')

    await service.startWorkers()
    const placed = await send(`${service.url}/v1/orders`, 'POST', authorization, { body: orderOf('NEW', 'D1', '4') })
    expect(placed.status).toBe(201)
    const types = async (stream: string): Promise<string[]> =>
      (await service.ledger.store.readStream(stream)).map(({ type }) => type)
    await until(async () => (await types('order-NEW')).includes('LinesAllocated'), 20_000)
    await caughtUp(service)
    expect(brokenInvariants((await wholeLog(service.ledger.store)).map(lifted))).toEqual([])
  })
})

/** Types and versions (`<Type>.v<n>`) that the schema lock has and a release did not know yet. */
const addedAfter: Readonly<Record<string, readonly string[]>> = {
  'v0.1.0': [
    'ReadingScopeSet.v1',
    'DatabaseLoginIssued.v1',
    'DatabaseLoginRevoked.v1',
    'TargetSet.v1',
    'TargetRevised.v1',
    'BaselineFixed.v1',
    'StackingDefined.v1',
    'SettlementEndorsed.v1',
    'SettlementPaid.v1',
    'DisputeOpened.v1',
    'DisputeAnswered.v1',
    'DisputeUpheld.v1',
    'DisputeRejected.v1',
    'DisputeWithdrawn.v1',
    'DisputedPartPaid.v1',
    'GoodsGranted.v1',
    'GrantedGoodsDelivered.v1',
    'GrantedGoodsTakenBack.v1',
    'GoodsRestReleased.v1',
    'CreditNoteExpired.v1',
    'StatementPublished.v1',
    'StatementLinesConfirmed.v1',
    'StatementLineDisputed.v1',
    'StatementDisputeSettled.v1',
    'StatementConfirmed.v1',
    'ChartOfAccountsDefined.v1',
    'PostingsExported.v1',
    'PostingsAcknowledged.v1',
    'PostingsRejected.v1',
    'EvidenceRecorded.v1',
    'EvidenceWithdrawn.v1',
    'EvaluationRecorded.v1',
    'ForecastPolicySet.v1',
    'ForecastPublished.v1',
    'ForecastPublished.v2',
    'DemandJudged.v1',
    'StockPlanPolicySet.v1',
    'StockPlanned.v1',
    'StockAdviceGiven.v1',
    'StockAdviceWithdrawn.v1',
    'HealthModelDefined.v1',
    'HealthModelDefined.v2',
    'DealerEvaluated.v1',
    'EvaluationDefined.v1',
    'ResalePricePolicySet.v1',
    'OutletRegistered.v1',
    'OutletRevised.v1',
    'OutletReleased.v1',
    'OutletAssigned.v1',
    'OutletClosed.v1',
    'SellOutReported.v1',
    'SellOutWithdrawn.v1',
    'SerialCommissioned.v1',
    'SerialPacked.v1',
    'SerialTakenOut.v1',
    'ContainerUnpacked.v1',
    'SerialShipped.v1',
    'SerialReceived.v1',
    'SerialTransferred.v1',
    'SerialReturned.v1',
    'ScanObserved.v1',
    'UnknownSerialScanned.v1',
    'ClaimsPolicySet.v1',
    'AgreementMade.v1',
    'AgreementEnded.v1',
    'ClaimSubmitted.v1',
    'ClaimValidated.v1',
    'ClaimEndorsed.v1',
    'ClaimApproved.v1',
    'ClaimPartlyApproved.v1',
    'ClaimRejected.v1',
    'ClaimWithdrawn.v1',
    'ClaimPaid.v1',
    'ProtectionNotDue.v1',
    'ProofTaken.v1',
    'ProofReleased.v1',
    'FundBudgeted.v1',
    'FundBudgetRevised.v1',
    'FundAccrued.v1',
    'FundActivityRequested.v1',
    'FundCommitted.v1',
    'FundActivityDeclined.v1',
    'FundReleased.v1',
    'FundExpired.v1',
    'FundClaimSubmitted.v1',
    'FundClaimValidated.v1',
    'FundClaimEndorsed.v1',
    'FundClaimApproved.v1',
    'FundClaimRejected.v1',
    'FundClaimWithdrawn.v1',
    'FundPaymentReleased.v1',
    'FundClaimPaid.v1',
    'CreditNoteIssued.v2',
    'PricePolicySet.v1',
    'PricePolicyEnded.v1',
    'MarketPriceObserved.v1',
    'ViolationDetected.v1',
    'ViolationNotified.v1',
    'ViolationExplained.v1',
    'ViolationConfirmed.v1',
    'ViolationDismissed.v1',
    'ViolationRemedied.v1',
    'ViolationClosed.v1',
    'AlertAcknowledged.v1',
    'AlertSnoozed.v1',
    'AlertAssigned.v1',
    'AlertReopened.v1',
    'AlertRulesSet.v1',
  ],
}

function lifted<E extends { type: string; schemaVersion: number; data: unknown }>(event: E): E {
  return { ...event, data: registry.upcast(event.type, event.schemaVersion, event.data) }
}

test('a process that meets an event of a newer release waits in front of it, and goes on when it has been replaced', async () => {
  const url = await emptyDatabase()
  const service = await openCurrent(url)
  await service.startWorkers()
  const { store } = service.ledger
  const append = (stream: string, events: Parameters<typeof store.append>[1]) =>
    store.append(stream, events, { expectedRevision: -1 })
  const type = 'ProductPublished'
  await append('product-NEW', [{ ...newEvent(), type, schemaVersion: 2, data: { unheard: 'of' } }])
  const waits = async (): Promise<boolean> =>
    (await service.projections.status()).some(({ waitingFor }) => waitingFor === `${type} v2`)
  await until(waits, 10_000)
  const position = async (): Promise<bigint> =>
    (await service.projections.status()).reduce((most, one) => (one.position > most ? one.position : most), 0n)
  expect(await position()).toBe(0n)
  // a command on that stream is not decided on half of what happened, nor refused for good
  const body = {
    sku: 'NEW',
    companyId: 'ACME',
    name: { en: 'x' },
    category: 'x',
    unit: 'EA',
    effectiveAt: '2026-01-01T00:00:00.000Z[UTC]',
  }
  const { handler } = service.ledger
  const meta = { at: body.effectiveAt, actor: 'a', source: { kind: 'command' }, correlationId: 'c' } as const
  await expect(
    handler.execute(
      productAggregate,
      { type: 'PublishProduct', ...body, attributes: {}, pictures: [], lotTracked: false },
      meta,
    ),
  ).rejects.toThrow(/does not know ProductPublished version 2/)
  const { rows } = await service.ledger.pool.query(
    `select 1 from projections.parked union all select 1 from processes.dead_task`,
  )
  expect(rows).toEqual([])
  await service.stop()

  // the newer release: it knows the version, and folds it
  const ledger = await openLedger({ settings: testSettings(url), roles: [], warn: () => undefined })
  const pool = projectionPool({ connectionString: url, max: 3 })
  const stop = new AbortController()
  const newer = readModels.map((model) => ({ ...model, facts: () => [] }))
  const running = runEngine(
    {
      pool,
      store: ledger.store,
      models: newer,
      knows: () => true,
      upcast: (event) => event,
      holder: 'newer',
      log: () => undefined,
    },
    stop.signal,
  )
  closers.push(
    () => ledger.close(),
    () => pool.end(),
    async () => {
      stop.abort()
      await running
    },
  )
  await until(async () => {
    const { rows } = await pool.query<{ checkpoint: string }>(
      `select min(checkpoint)::text as checkpoint from projections.generations`,
    )
    return rows[0]?.checkpoint === '1'
  })
})

/** The release that runs beside this program: a tag, or whatever CHANNEL_LEDGER_TEST_RELEASE names. */
const oldRelease = process.env['CHANNEL_LEDGER_TEST_RELEASE'] ?? 'v0.1.0'
const hasOldRelease = ((): boolean => {
  try {
    execFileSync('git', ['rev-parse', '--verify', '--quiet', `${oldRelease}^{commit}`], { cwd: root, stdio: 'ignore' })
    return true
  } catch {
    return false
  }
})()

test.skipIf(!hasOldRelease)(
  'the release before and this program run on one database together',
  { timeout: 300_000 },
  async () => {
    const url = await emptyDatabase()
    const old = await startProcesses(await buildRelease(oldRelease), url, ['serve', 'worker'])
    await registerAdministrator(url)
    await until(() => isKnown(url), 60_000)
    const give = async (process: { url: string }, path: string, key: string, body: object) => {
      const answer = await send(`${process.url}${path}`, 'POST', authorization, { key, body })
      expect(answer.status, `${path} ${JSON.stringify(answer.body)}`).toBeLessThan(300)
      return answer.body
    }
    for (const { method, path, key, headers, body } of given('v0.1.0').commands.slice(0, 10))
      expect((await send(`${old.url}${path}`, method, authorization, { key, headers, body })).status).toBeLessThan(300)
    const alone = await give(old, '/v1/orders', 'old-alone', orderOf('OLD-ALONE', 'D1', '1'))

    // the order of docs/operations.md: first the worker, then the apis
    const current = await startProcesses(await compileTypeScript('src/runtime/main.ts'), url, ['worker', 'serve'])
    await until(() => isKnown(url), 60_000)
    await Promise.all(
      [old, current].flatMap((process, which) =>
        Array.from({ length: 8 }, async (_, caller) => {
          for (let n = 0; n < 6; n += 1) {
            const name = `BOTH-${which}-${caller}-${n}`
            await give(process, '/v1/orders', name, orderOf(name, caller % 2 === 0 ? 'D1' : 'D2', '1'))
            // both write one stream
            await give(process, '/v1/stock/ACME/MAIN/BIKE/receipts', `R-${name}`, {
              receiptId: `R-${name}`,
              lines: [{ lot: '-', quantity: '1' }],
            })
          }
        }),
      ),
    )
    // each answers for the other's commands
    const repeated = orderOf('BOTH-0-0-0', 'D1', '1')
    expect(await give(current, '/v1/orders', 'BOTH-0-0-0', repeated)).toEqual(
      await give(old, '/v1/orders', 'BOTH-0-0-0', repeated),
    )
    expect(await give(current, '/v1/orders', 'old-alone', orderOf('OLD-ALONE', 'D1', '1'))).toEqual(alone)
    for (const process of [old, current]) expect(await process.ended()).toEqual([])
    await old.stop()

    const service = await openCurrent(url)
    const log = async () => (await wholeLog(service.ledger.store)).map(lifted)
    await until(async () => (await log()).filter(({ type }) => type === 'LinesAllocated').length === 97, 60_000)
    await current.stop()
    await upgraded(service, url)
    expect(brokenInvariants(await log())).toEqual([])
    expect(await readModelRows(url)).toEqual(await freshlyFolded(await wholeLog(service.ledger.store)))
  },
)

async function buildRelease(release: string): Promise<string> {
  const directory = await temporaryDirectory()
  closers.push(directory.drop)
  const archive = execFileSync(
    'git',
    ['archive', release, 'src', 'package.json', 'tsconfig.json', 'tsconfig.build.json'],
    {
      cwd: root,
      maxBuffer: 2 ** 28,
    },
  )
  execFileSync('tar', ['-x', '-C', directory.path], { input: archive })
  symlinkSync(join(root, 'node_modules'), join(directory.path, 'node_modules'))
  const tsc = join(dirname(createRequire(import.meta.url).resolve('typescript/package.json')), 'bin/tsc')
  execFileSync(process.execPath, [tsc, '-p', 'tsconfig.build.json', '--noCheck'], { cwd: directory.path })
  return join(directory.path, 'dist/runtime/main.js')
}

async function startProcesses(program: string, databaseUrl: string, commands: readonly ('serve' | 'worker')[]) {
  const [port, ...metrics] = await Promise.all(
    [20_000, 23_000, 26_000].map((from) => freePort(from + Math.floor(Math.random() * 3_000), 'next')),
  )
  const url = `http://127.0.0.1:${port}`
  const children: ChildProcess[] = []
  const stop = async (): Promise<void> => {
    const running = children.filter(({ exitCode, signalCode }) => exitCode === null && signalCode === null)
    for (const child of running) child.kill('SIGTERM')
    await Promise.all(running.map((child) => once(child, 'exit')))
  }
  closers.push(stop)
  for (const [n, command] of commands.entries()) {
    const ports = { CHANNEL_LEDGER_PORT: `${port}`, CHANNEL_LEDGER_METRICS_PORT: `${metrics[n]}` }
    const env = { PATH: process.env['PATH'], ...testEnvironment(databaseUrl, ports) }
    children.push(spawn(process.execPath, [program, command], { env, stdio: ['ignore', 'ignore', 'inherit'] }))
    const probe = command === 'serve' ? `${url}/healthz` : `http://127.0.0.1:${metrics[n]}/metrics`
    await until(
      () =>
        fetch(probe).then(
          ({ ok }) => ok,
          () => false,
        ),
      90_000,
    )
  }
  return {
    url,
    stop,
    ended: async () =>
      children.filter(({ exitCode, signalCode }) => exitCode !== null || signalCode !== null).map(({ pid }) => pid),
  }
}

/** The read model of who may call holds everything. Not by asking the API: too many failures, and it would not look any more. */
async function isKnown(databaseUrl: string): Promise<boolean> {
  const client = new pg.Client({ connectionString: databaseUrl })
  await client.connect()
  try {
    const { rows } = await client.query<{ known: boolean }>(
      `select checkpoint >= (select position from ledger_head) as known from projections.generations
       where model = 'access' and state = 'active'`,
    )
    return rows[0]?.known === true
  } finally {
    await client.end()
  }
}

async function registerAdministrator(databaseUrl: string): Promise<void> {
  const ledger = await openLedger({ settings: testSettings(databaseUrl), roles: [], warn: () => undefined })
  try {
    await registerReleaseAdministrator(ledger.handler)
  } finally {
    await ledger.close()
  }
}
