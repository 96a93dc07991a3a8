import { cp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { backupLedger, type BackupOptions, type BackupSummary } from '../../src/runtime/backup/backupLedger.ts'
import { BackupRefused } from '../../src/runtime/backup/backupRefused.ts'
import { readManifest, writeManifest } from '../../src/runtime/backup/manifest.ts'
import { restoreLedger, type RestoreOptions } from '../../src/runtime/backup/restoreLedger.ts'
import { HalfRestored } from '../../src/runtime/backup/restoreMark.ts'
import { verifyBackup } from '../../src/runtime/backup/verifyBackup.ts'
import { openLedger } from '../../src/runtime/ledger.ts'
import { readModels } from '../../src/projections/registry.ts'
import { brokenInvariants } from '../support/invariants.ts'
import { dealer, order } from '../support/channelByApi.ts'
import { freshDatabase } from '../support/database.ts'
import { wholeLog } from '../support/importing.ts'
import {
  fillService,
  openTestService,
  readModelRows,
  temporaryDirectory,
  type TestService,
  testSettings,
} from '../support/service.ts'

// whole programs start here
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 })

const never = new AbortController().signal
const closers: (() => Promise<unknown>)[] = []
let source: TestService
let sourceUrl: string
let root: string
let log: string
let keys: string

beforeAll(async () => {
  const [database, directory] = await Promise.all([freshDatabase(), temporaryDirectory()])
  root = directory.path
  ;[log, keys] = [join(root, 'log'), join(root, 'keys')]
  sourceUrl = database.url
  source = await openTestService(sourceUrl)
  await source.startWorkers()
  closers.push(database.drop, directory.drop, () => source.stop())
  await fillService(source)
  await source.caughtUp()
})
afterAll(async () => {
  for (const close of closers.toReversed()) await close()
})

const backup = (options: Partial<BackupOptions> = {}): Promise<BackupSummary> =>
  backupLedger(source.ledger, { directory: log, keysDirectory: keys, version: '0.0.0', signal: never, ...options })

async function emptyDatabase(): Promise<string> {
  const database = await freshDatabase()
  closers.push(database.drop)
  return database.url
}

const restore = (databaseUrl: string, options: Partial<RestoreOptions> = {}) =>
  restoreLedger({
    settings: testSettings(databaseUrl),
    directory: log,
    keys: { directory: keys },
    until: undefined,
    signal: never,
    warn: (message, details) => expect.fail(`${message} ${JSON.stringify(details)}`),
    ...options,
  })

/** Waits until nothing is written any more: processes have done what followed from the commands. */
async function atRest(service: TestService): Promise<void> {
  for (let head = -1n; head !== (await service.ledger.store.head());) {
    head = await service.ledger.store.head()
    await service.caughtUp()
    await new Promise((resolve) => setTimeout(resolve, 300))
  }
}

describe('a backup that is taken while commands go on', () => {
  test('is restored with every acknowledged command, every event as it was, and read models that are byte for byte the same', async () => {
    const acknowledged: { key: string; body: unknown }[] = []
    let isOver = false
    const writing = (async () => {
      for (let n = 0; !isOver; n += 1) {
        const [key, body] = [`while-${n}`, { ...order, dealerId: 'D1', orderId: `W${n}` }]
        const answer = await source.send('POST', '/v1/orders', { key, body })
        if (answer.status === 201) acknowledged.push({ key, body: answer.body })
      }
    })()
    const before = await source.send('POST', '/v1/orders', {
      key: 'before',
      body: { ...order, dealerId: 'D2', orderId: 'B1' },
    })
    await backup()
    isOver = true
    await writing
    const first = (await readManifest(log))?.point?.position ?? '0'
    expect(acknowledged.length).toBeGreaterThan(0)
    await atRest(source)
    const head = await source.ledger.store.head()
    expect(BigInt(first)).toBeLessThan(head)

    // the next run adds what is new, and only that
    const files = new Set(await readdir(log))
    const second = await backup()
    expect(second).toMatchObject({ complete: true, newEvents: Number(head - BigInt(first)), events: Number(head) })
    const kept = [...files].filter((name) => name.startsWith('events-'))
    expect((await readdir(log)).filter((name) => kept.includes(name))).toEqual(kept)
    expect(await verifyBackup(log, { keysDirectory: keys, signal: never })).toMatchObject({ events: Number(head) })

    const target = await emptyDatabase()
    const summary = await restore(target)
    expect(summary).toMatchObject({ complete: true, events: Number(head), position: `${head}`, erasedPersons: 0 })
    expect(summary.modelsEqual).toEqual(readModels.map(({ name }) => name).toSorted())
    expect(await readModelRows(target)).toEqual(await readModelRows(sourceUrl))

    const restored = await openTestService(target)
    try {
      expect(await wholeLog(restored.ledger.store)).toEqual(await wholeLog(source.ledger.store))
      for (const { key, body } of [{ key: 'before', body: before.body }, ...acknowledged]) {
        const orderId = (body as { id: string }).id
        const dealerId = orderId === 'B1' ? 'D2' : 'D1'
        const again = await restored.send('POST', '/v1/orders', { key, body: { ...order, dealerId, orderId } })
        expect(again).toMatchObject({ status: 200 <= again.status ? again.status : 0, body })
        expect(again.headers.get('idempotency-replayed')).toBe('true')
      }
      // names can be read, and the restored one goes on
      const found = await restored.send('GET', '/v1/dealers/D1')
      expect(JSON.stringify(found.body)).toContain('Contact of D1')
      await restored.startWorkers()
      const next = { ...order, dealerId: 'D1', orderId: 'AFTER' }
      expect(await restored.send('POST', '/v1/orders', { body: next })).toMatchObject({ status: 201 })
      await atRest(restored)
      expect(brokenInvariants(await wholeLog(restored.ledger.store))).toEqual([])
      expect((await wholeLog(restored.ledger.store)).filter(({ stream }) => stream === 'fulfilment-AFTER')).not.toEqual(
        [],
      )
    } finally {
      await restored.stop()
    }
  })

  test('lets the restored processes go on where they were: nothing is done again, no webhook is called again', async () => {
    await backup()
    const point = (await readManifest(log))?.point
    const target = await emptyDatabase()
    await restore(target)
    const ledger = await openLedger({ settings: testSettings(target), roles: [], warn: () => undefined })
    const { rows } = await ledger.pool.query<{ reactor: string; feed: string }>(
      `select (select position::text from processes.reader where name = 'processes') as reactor, (select position::text from webhooks.feed) as feed`,
    )
    await ledger.close()
    expect(BigInt(point?.reactor ?? 0)).toBeGreaterThan(0n)
    expect(rows[0]).toEqual({ reactor: point?.reactor, feed: point?.feed })
  })
})

describe('a restore', () => {
  test('up to a position or a time holds what was recorded by then, and never half a command', async () => {
    await atRest(source)
    await backup()
    const events = await wholeLog(source.ledger.store)
    const two = events.findIndex(
      (event, index) => index > 0 && event.source.commandId === events[index - 1]?.source.commandId,
    )
    expect(two, 'a command of two events').toBeGreaterThan(0)
    const cases = [
      { until: { position: 5n }, holds: 5 },
      {
        until: { instant: Date.parse(events[20]?.recordedAt ?? '') },
        holds: events.findLastIndex((e) => e.recordedAt <= (events[20]?.recordedAt ?? '')) + 1,
      },
      // the second event of the command lies behind: the first is left out with it
      { until: { position: events[two - 1]?.position ?? 0n }, holds: two - 1 },
    ]
    for (const { until, holds } of cases) {
      const target = await emptyDatabase()
      expect(await restore(target, { until })).toMatchObject({ complete: true, events: holds })
      const ledger = await openLedger({ settings: testSettings(target), roles: [], warn: () => undefined })
      expect(await wholeLog(ledger.store)).toEqual(events.slice(0, holds))
      await ledger.close()
    }
    await expect(
      restore(await emptyDatabase(), { until: { position: BigInt(events.length) + 1n } }),
    ).rejects.toMatchObject({ why: 'out-of-reach' })
    await expect(restore(await emptyDatabase(), { until: { instant: Date.now() + 60_000 } })).rejects.toMatchObject({
      why: 'out-of-reach',
    })
  })

  test('goes into an empty database only', async () => {
    await backup()
    await expect(restore(sourceUrl)).rejects.toMatchObject({ name: 'BackupRefused', why: 'not-empty' })
  })

  test('that was stopped keeps everybody out until the same restore has come to its end', async () => {
    await backup()
    const target = await emptyDatabase()
    const stop = new AbortController()
    const stopped = await restore(target, { signal: stop.signal, onProgress: () => stop.abort() })
    expect(stopped.complete).toBe(false)
    expect(stopped.events).toBeGreaterThan(0)
    await expect(openTestService(target)).rejects.toThrow(HalfRestored)
    await expect(restore(target, { until: { position: 5n } })).rejects.toMatchObject({ why: 'not-empty' })
    expect((await restore(target)).complete).toBe(true)
    expect(await readModelRows(target)).toMatchObject({})
    await (await openTestService(target)).stop()
  })

  test('that does not come to the read models that were saved says which, and keeps everybody out', async () => {
    await backup()
    const copy = join(root, 'copy-digest')
    await cp(log, copy, { recursive: true })
    const manifest = await readManifest(copy)
    const { point } = manifest ?? {}
    if (!manifest || !point) throw new Error('there is no backup')
    const models = point.models.map((one) =>
      one.model === 'orders' ? { ...one, tables: { ...one.tables, orders: { rows: '1', sum: '7' } } } : one,
    )
    await writeManifest(copy, { ...manifest, point: { ...point, models } })
    const target = await emptyDatabase()
    const refused = restore(target, { directory: copy })
    await expect(refused).rejects.toMatchObject({ why: 'not-equal' })
    await expect(refused).rejects.toThrow(/read model orders differs .* in orders/)
    await expect(openTestService(target)).rejects.toThrow(HalfRestored)
  })

  test('without the keys shows personal fields as erased, and all else as it was', async () => {
    await backup()
    const target = await emptyDatabase()
    expect(await restore(target, { keys: 'none' })).toMatchObject({
      complete: true,
      readablePersons: 0,
      erasedPersons: 3,
    })
    const restored = await openTestService(target)
    try {
      const found = await restored.send('GET', '/v1/dealers/D1')
      expect(found.status).toBe(200)
      expect(JSON.stringify(found.body)).not.toContain('Contact of D1')
      expect(found.body).toMatchObject({ item: { contact: { name: { erased: true } } } })
    } finally {
      await restored.stop()
    }
  })
})

describe('the keys', () => {
  test('never lie with the log', async () => {
    for (const together of [log, join(log, 'keys'), root])
      await expect(backup({ keysDirectory: together })).rejects.toMatchObject({ why: 'keys' })
    for (const name of await readdir(log))
      expect(name).toMatch(/^(events|state)-[0-9a-f]{8}\.ndjson\.gz$|^manifest\.json$/)
  })

  test('of a person that were destroyed are gone from the next backup of the keys', async () => {
    const body = { ...dealer('D9', 'Ninth Bikes') }
    expect((await source.send('POST', '/v1/dealers', { body })).status).toBe(201)
    await backup()
    const names = await readdir(keys)
    await source.ledger.keyring.destroy('person-D9')
    await backup()
    expect((await readdir(keys)).filter((name) => names.includes(name) && name.endsWith('.gz'))).toEqual([])
    const target = await emptyDatabase()
    await restore(target)
    const ledger = await openLedger({ settings: testSettings(target), roles: [], warn: () => undefined })
    expect((await ledger.keyStore.find(['person-D9', 'person-D1'])).get('person-D9')).toBe('destroyed')
    await ledger.close()
  })

  test('that are older than the log, or of another backup, are refused', async () => {
    await backup()
    const old = join(root, 'old-keys')
    await cp(keys, old, { recursive: true })
    expect((await source.send('POST', '/v1/dealers', { body: dealer('D8', 'Eighth Bikes') })).status).toBe(201)
    await backup()
    await expect(restore(await emptyDatabase(), { keys: { directory: old } })).rejects.toMatchObject({ why: 'keys' })
    await backup({ directory: join(root, 'other'), keysDirectory: join(root, 'other-keys') })
    await expect(
      restore(await emptyDatabase(), { keys: { directory: join(root, 'other-keys') } }),
    ).rejects.toMatchObject({ why: 'keys' })
  })
})

describe('a damaged backup', () => {
  const harms: Record<string, (file: string) => Promise<void>> = {
    'is missing': (file) => rm(file),
    'is cut off': async (file) => truncate(file, (await readFile(file)).length - 7),
    'has one bit changed': async (file) => {
      const content = await readFile(file)
      content[content.length >> 1] = (content[content.length >> 1] ?? 0) ^ 1
      await writeFile(file, content)
    },
  }
  test.each(Object.keys(harms))('of which a file %s names the file, when checked and when restored', async (harm) => {
    await backup()
    const copy = join(root, `copy-${harm.replaceAll(' ', '-')}`)
    await cp(log, copy, { recursive: true })
    const [chunk] = (await readManifest(copy))?.events ?? []
    await harms[harm]?.(join(copy, chunk?.file ?? ''))
    const named = new RegExp(chunk?.file ?? 'none')
    await expect(verifyBackup(copy, { signal: never })).rejects.toThrow(named)
    await expect(restore(await emptyDatabase(), { directory: copy })).rejects.toThrow(named)
  })

  test('whose manifest was changed, or is missing, is none', async () => {
    await backup()
    const copy = join(root, 'copy-manifest')
    await cp(log, copy, { recursive: true })
    const file = join(copy, 'manifest.json')
    await writeFile(file, (await readFile(file, 'utf8')).replace('"rows": ', '"rows": 1'))
    await expect(verifyBackup(copy, { signal: never })).rejects.toThrow(/manifest\.json is not what was written/)
    await rm(file)
    await expect(restore(await emptyDatabase(), { directory: copy })).rejects.toMatchObject({ why: 'no-backup' })
  })
})

describe('a run of backup', () => {
  test('that was stopped is finished by the next one; until then there is nothing to restore', async () => {
    const [directory, keysDirectory] = [join(root, 'stopped'), join(root, 'stopped-keys')]
    const stop = new AbortController()
    const stopped = await backup({ directory, keysDirectory, signal: stop.signal, onProgress: () => stop.abort() })
    expect(stopped).toMatchObject({ complete: false })
    expect(stopped.newEvents).toBeGreaterThan(0)
    await expect(restore(await emptyDatabase(), { directory, keys: 'none' })).rejects.toMatchObject({
      why: 'no-backup',
    })
    expect(await backup({ directory, keysDirectory })).toMatchObject({ complete: true, newEvents: 0 })
  })

  test('into the directory of another log is refused', async () => {
    await backup()
    const other = await openTestService(await emptyDatabase())
    try {
      const options = { directory: log, keysDirectory: undefined, version: '0', signal: never }
      const refused = backupLedger(other.ledger, options)
      await expect(refused).rejects.toThrow(BackupRefused)
      await expect(refused).rejects.toMatchObject({ why: 'another-log' })
    } finally {
      await other.stop()
    }
  })
})
