import type pg from 'pg'
import { webhookAggregate } from '../../domain/webhooks/webhook.ts'
import { asNewEvent } from '../../ledger/asNewEvent.ts'
import type { RecordedEvent } from '../../ledger/envelope.ts'
import type { EventStore } from '../../ledger/eventStore.ts'
import { joinSignals } from '../../ledger/joinSignals.ts'
import { skipHistory } from '../../workers/skipHistory.ts'
import { ledgerSources } from '../../workers/ledgerSources.ts'
import { createPostgresDeliveryStore } from '../../workers/webhooks/postgresDeliveryStore.ts'
import { readPage } from '../../workers/webhooks/feed.ts'
import { readModels } from '../../projections/registry.ts'
import { type Ledger, now, openLedger, type OpenLedgerOptions } from '../ledger.ts'
import { feedProjections, openProjections } from '../projections.ts'
import type { Settings } from '../settings.ts'
import { openProgress } from '../workers.ts'
import { BackupRefused } from './backupRefused.ts'
import { readChunk } from './chunkFile.ts'
import { type Cut, cutAt, type Until } from './cutAt.ts'
import { type Manifest, readManifest } from './manifest.ts'
import { noteErased, readKeys, restoreKeys, type SavedKeys } from './personalKeys.ts'
import { readModelDigests } from './readModelDigests.ts'
import { readMark, removeMark, setMark } from './restoreMark.ts'
import { eventOf } from './savedEvent.ts'
import { restoreState } from './state.ts'

export interface RestoreOptions {
  readonly settings: Settings
  readonly directory: string
  /** where the keys of persons lie; `none`: they are gone, and what was sealed for persons stays unreadable */
  readonly keys: { readonly directory: string } | 'none'
  readonly until: Until
  readonly signal: AbortSignal
  readonly warn: OpenLedgerOptions['warn']
  readonly onProgress?: (step: 'events' | 'read models', done: number, total: number) => void
}

export interface RestoreSummary {
  /** false: stopped; the same restore again goes on */
  readonly complete: boolean
  /** of the last event, in the backup and in the log now: the same on PostgreSQL */
  readonly from: string
  readonly position: string
  readonly recordedAt: string
  readonly events: number
  /** persons whose fields can be read, and those noted as erased because their keys were left out */
  readonly readablePersons: number
  readonly erasedPersons: number
  /** read models whose facts are the saved ones, and those that could not be compared: of another version, or cut at another moment */
  readonly modelsEqual: readonly string[]
  readonly modelsNotCompared: readonly string[]
}

/**
 * With an earlier moment nobody knows how far the reactions had come by then. What happened in this time before it is reacted
 * to again, which has one effect; what an older event left undone the schedules find.
 */
const reactAgainMs = 5 * 60_000
const sealedFor = /"sealed":1,"subject":"((?:[^"\\]|\\.)+)"/g
/** The last step of filling, which makes rows and indexes of the facts, shows no progress. */
const stallMs = 30 * 60_000

/**
 * Restores a backup into a database in which nothing has happened, and checks it: every file, every event as it can be read
 * back, and on PostgreSQL the facts of every read model. Stopped anywhere, the same restore goes on; until it has come to
 * its end no other process opens the database. Throws `BackupRefused`.
 */
export async function restoreLedger(options: RestoreOptions): Promise<RestoreSummary> {
  const { directory, settings, warn } = options
  const manifest = await readManifest(directory)
  if (!manifest) throw new BackupRefused('no-backup', `${directory} holds no backup: manifest.json is missing`)
  const cut = await cutAt(directory, manifest, options.until)
  const keys =
    options.keys === 'none' ? undefined : await readKeys(options.keys.directory, manifest.backup, cut.position)
  /** what the log says when an event was recorded: the times of the backup, one append after another */
  const clock = { now: 0 }
  const ledger = await openLedger({ settings, roles: [], warn, restoring: true, clock: () => clock.now })
  try {
    await begin(ledger, manifest, cut)
    return await restore(ledger, { ...options, manifest, cut, savedKeys: keys, clock })
  } finally {
    await ledger.close()
  }
}

/** Marks the database as half restored. Throws `BackupRefused` unless nothing has happened in it, or this restore has begun already. */
async function begin({ pool, store }: Ledger, { backup }: Manifest, cut: Cut): Promise<void> {
  const mark = await readMark(pool)
  const wanted = { backup, position: cut.position.toString() }
  if (mark && (mark.backup !== wanted.backup || mark.position !== wanted.position))
    throw new BackupRefused(
      'not-empty',
      `another restore into this database has begun (up to position ${mark.position})`,
    )
  if (mark) return
  const found = await whatHappened(pool, store)
  if (found !== undefined)
    throw new BackupRefused('not-empty', `a restore needs an empty database: this one holds ${found}`)
  await setMark(pool, wanted)
}

async function whatHappened(pool: pg.Pool, store: EventStore): Promise<string | undefined> {
  for (let after = 0n, atHead = false; !atHead;) {
    const page = await store.readAll({ after, limit: 1_000 })
    if (page.events.length > 0) return 'events'
    ;({ position: after, atHead } = page)
  }
  const traces = {
    'read models': ['projections.generations', 'checkpoint > 0'],
    'the progress of processes': ['processes.reader', 'position > 0'],
    'the progress of webhooks': ['webhooks.feed', 'position > 0'],
  } as const
  for (const [what, [table, condition]] of Object.entries(traces)) {
    const { rows: tables } = await pool.query<{ found: boolean }>('select to_regclass($1) is not null as found', [
      table,
    ])
    if (!tables[0]?.found) continue
    const { rows } = await pool.query(`select 1 from ${table} where ${condition} limit 1`)
    if (rows.length > 0) return what
  }
  return undefined
}

interface Restoring extends RestoreOptions {
  readonly manifest: Manifest
  readonly cut: Cut
  readonly savedKeys: SavedKeys | undefined
  readonly clock: { now: number }
}

async function restore(ledger: Ledger, options: Restoring): Promise<RestoreSummary> {
  const { manifest, cut, signal, directory, onProgress } = options
  const { store, pool, keyPool } = ledger
  const { point } = manifest
  const atPoint = point !== undefined && point.position === cut.position.toString()
  const settled = Date.parse(cut.recordedAt) - reactAgainMs
  /** where the readers of the log go on, in positions of the restored one */
  const readers = { reactor: 0n, feed: 0n }
  const total = manifest.events.reduce((sum, { rows, first }) => sum + (BigInt(first) <= cut.position ? rows : 0), 0)
  let events = 0
  let erasedPersons = 0
  let position = 0n
  for (const chunk of manifest.events) {
    if (BigInt(chunk.first) > cut.position || signal.aborted) break
    const all = (await readChunk(directory, chunk)).map(eventOf)
    const wanted = all.filter((event) => event.position <= cut.position)
    const written = await append(store, wanted, options.clock, manifest.store === store.kind)
    await checkWritten(store, position, wanted, chunk.file)
    for (const [index, event] of wanted.entries()) {
      position = written[index] ?? position
      const isSettled = atPoint || Date.parse(event.recordedAt) <= settled
      if (isSettled && event.position <= BigInt(point?.reactor ?? 0)) readers.reactor = position
      if (isSettled && event.position <= BigInt(point?.feed ?? 0)) readers.feed = position
    }
    if (options.keys === 'none') erasedPersons += await noteErased(keyPool, subjectsIn(wanted))
    events += wanted.length
    onProgress?.('events', events, total)
  }
  const summary: RestoreSummary = {
    complete: false,
    from: cut.position.toString(),
    position: position.toString(),
    recordedAt: cut.recordedAt,
    events,
    readablePersons: 0,
    erasedPersons,
    modelsEqual: [],
    modelsNotCompared: [],
  }
  if (signal.aborted) return summary
  const readablePersons =
    options.savedKeys && options.keys !== 'none'
      ? await restoreKeys(keyPool, options.keys.directory, options.savedKeys)
      : 0
  await restoreReaders(ledger, readers, options)
  const models = await rebuild(ledger, position, options)
  if (!models) return { ...summary, readablePersons }
  await removeMark(pool)
  return { ...summary, ...models, readablePersons, complete: true }
}

/** Writes events as they were; answers where each stands now. Events that an earlier run has written are found by their ids. */
async function append(
  store: EventStore,
  events: readonly RecordedEvent[],
  clock: { now: number },
  samePlaces: boolean,
): Promise<readonly bigint[]> {
  const one = async (run: readonly RecordedEvent[]): Promise<readonly bigint[]> => {
    const [first, last] = [run[0], run.at(-1)]
    if (!first || !last) return []
    clock.now = Date.parse(first.recordedAt)
    const result = await store.append(first.stream, run.map(asNewEvent), { expectedRevision: first.revision - 1 })
    if (result.outcome === 'conflict')
      throw new BackupRefused(
        'not-empty',
        `${first.stream} is at revision ${result.actualRevision}: somebody else writes`,
      )
    if (samePlaces && store.kind === 'postgres' && result.position !== last.position)
      throw new BackupRefused(
        'not-equal',
        `event ${last.id} is at position ${result.position} instead of ${last.position}`,
      )
    // in between the positions of one append are not known everywhere: its end stands for all of it
    return run.map(() => result.position)
  }
  const runs = runsOf(events)
  // the queue of PostgreSQL keeps the order and writes them together; EventStoreDB takes one after another
  const positions: (readonly bigint[])[] = []
  if (store.kind === 'eventstoredb') for (const run of runs) positions.push(await one(run))
  else {
    const settled = await Promise.allSettled(runs.map(one))
    for (const result of settled) {
      if (result.status === 'rejected') throw result.reason
      positions.push(result.value)
    }
  }
  return positions.flat()
}

/** Neighbours of one stream that were recorded at the same time go into one append. */
function runsOf(events: readonly RecordedEvent[]): readonly (readonly RecordedEvent[])[] {
  const runs: RecordedEvent[][] = []
  let characters = 0
  for (const event of events) {
    const run = runs.at(-1)
    const last = run?.at(-1)
    const size = event.raw.envelope.length + event.raw.data.length
    const isNext = last?.stream === event.stream && last.recordedAt === event.recordedAt
    if (run && isNext && run.length < 500 && characters + size < 200_000) {
      run.push(event)
      characters += size
    } else {
      runs.push([event])
      characters = size
    }
  }
  return runs
}

/** Reads back what was written: the canonical bytes, and on PostgreSQL position and time. */
async function checkWritten(
  store: EventStore,
  after: bigint,
  wanted: readonly RecordedEvent[],
  file: string,
): Promise<void> {
  let index = 0
  for (let position = after; index < wanted.length;) {
    const page = await store.readAll({ after: position, limit: 1_000 })
    for (const found of page.events) {
      const saved = wanted[index]
      if (!saved) return
      const same =
        found.raw.envelope === saved.raw.envelope &&
        found.raw.data === saved.raw.data &&
        (store.kind !== 'postgres' || (found.position === saved.position && found.recordedAt === saved.recordedAt))
      if (!same) throw new BackupRefused('not-equal', `${file}: event ${saved.id} cannot be read back as it was saved`)
      index += 1
    }
    if (page.position === position)
      throw new BackupRefused('not-equal', `${file}: event ${wanted[index]?.id ?? ''} is missing after it was written`)
    position = page.position
  }
}

function subjectsIn(events: readonly RecordedEvent[]): string[] {
  const subjects = new Set<string>()
  for (const { raw } of events)
    if (raw.data.includes('"sealed":1')) for (const subject of sealedIn(raw.data)) subjects.add(subject)
  return [...subjects]
}

/** Canonical JSON writes the keys of a sealed text in one order: `sealed`, `subject`, `text`. */
function sealedIn(data: string): string[] {
  return [...data.matchAll(sealedFor)].map(([, subject = '']) => JSON.parse(`"${subject}"`) as string)
}

/** Where reactions and webhooks go on, what was put on the agenda, and what people were told of failures. */
async function restoreReaders(
  ledger: Ledger,
  readers: { readonly reactor: bigint; readonly feed: bigint },
  { manifest, directory }: Restoring,
): Promise<void> {
  const { store, registry, handler } = ledger
  const { pool, progress } = await openProgress(ledger)
  const projections = await openProjections(ledger, 1)
  try {
    const ports = {
      store,
      registry,
      handler,
      progress,
      ...ledgerSources({ store, registry }),
      clock: now,
      zone: 'UTC',
    }
    if (!(await skipHistory(ports, readers.reactor)))
      throw new BackupRefused('busy', 'workers run on this database: stop them until the restore is complete')
    await restoreFeed(pool, ledger, readers.feed)
    await restoreState(pool, store, directory, manifest.point?.state ?? [])
  } finally {
    await projections.close()
    await pool.end()
  }
}

/** The webhooks as they were when the feed stood there; without it, everything that ever happened would be delivered again. */
async function restoreFeed(pool: pg.Pool, { store, registry }: Ledger, to: bigint): Promise<void> {
  const deliveries = createPostgresDeliveryStore(pool)
  const begun = await deliveries.load()
  if (begun.position >= to) return
  const types = webhookAggregate.events.map(({ type }) => type)
  let webhooks = new Map(begun.webhooks.map((webhook) => [webhook.webhookId, webhook]))
  for (let after = 0n, atHead = false; !atHead && after < to;) {
    const page = await store.readAll({ after, limit: 5_000, types })
    const events = page.events.filter((event) => event.position <= to && event.stream.startsWith('webhook-'))
    const step = await readPage(registry, async () => undefined, webhooks, events)
    webhooks = new Map([...webhooks, ...step.webhooks.map((webhook) => [webhook.webhookId, webhook] as const)])
    ;({ position: after, atHead } = page)
  }
  const step = { webhooks: [...webhooks.values()], dropped: [], noted: [] }
  await deliveries.advance({ from: begun.position, to, ...step, now: now() })
}

/** Fills the read models and compares them with what the backup says of them. Undefined when the signal aborted it. */
async function rebuild(
  ledger: Ledger,
  head: bigint,
  { manifest, cut, signal, onProgress, warn }: Restoring,
): Promise<Pick<RestoreSummary, 'modelsEqual' | 'modelsNotCompared'> | undefined> {
  const filled = new AbortController()
  const { signal: stop, release } = joinSignals([signal, filled.signal])
  const feeding = feedProjections(
    ledger,
    3,
    (level, message, details) => (level === 'error' ? warn(message, details) : undefined),
    stop,
  )
  const projections = await openProjections(ledger, 1)
  try {
    let slowest = -1n
    for (let movedAt = performance.now(); !signal.aborted;) {
      const status = await projections.status()
      const placeOf = (name: string, isServing: boolean): bigint =>
        status.reduce((most, { model, state, position }) => {
          const counts = model === name && (state === 'active' || !isServing)
          return counts && position > most ? position : most
        }, 0n)
      if (readModels.every(({ name }) => placeOf(name, true) >= head)) break
      const place = readModels.reduce(
        (least, { name }) => (placeOf(name, false) < least ? placeOf(name, false) : least),
        head,
      )
      if (place > slowest) movedAt = performance.now()
      else if (performance.now() - movedAt > stallMs)
        throw new BackupRefused(
          'not-equal',
          `the read models do not come to position ${head}: see \`projections status\``,
        )
      slowest = place
      onProgress?.('read models', Number(place), Number(head))
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
    if (signal.aborted) return undefined
    return await compare(projections.pool, manifest, cut)
  } finally {
    filled.abort()
    await feeding
    release()
    await projections.close()
  }
}

async function compare(
  pool: pg.Pool,
  { point }: Manifest,
  cut: Cut,
): Promise<Pick<RestoreSummary, 'modelsEqual' | 'modelsNotCompared'>> {
  // of an earlier moment than the saved one nothing was saved
  const saved = new Map(
    (point?.models ?? []).filter(({ position }) => BigInt(position) <= cut.position).map((one) => [one.model, one]),
  )
  const restored = await readModelDigests(pool, readModels, (model) => {
    const position = saved.get(model)?.position
    return position === undefined ? undefined : BigInt(position)
  })
  const modelsEqual: string[] = []
  for (const { model, version, tables } of restored) {
    const before = saved.get(model)
    if (before?.version !== version) continue
    const wrong = Object.keys(tables).find(
      (table) => tables[table]?.rows !== before.tables[table]?.rows || tables[table]?.sum !== before.tables[table]?.sum,
    )
    if (wrong !== undefined)
      throw new BackupRefused(
        'not-equal',
        `the read model ${model} differs from the saved one in ${wrong} (up to position ${before.position}): ` +
          `${tables[wrong]?.rows} facts, ${before.tables[wrong]?.rows} were saved`,
      )
    modelsEqual.push(model)
  }
  return {
    modelsEqual,
    modelsNotCompared: readModels.map(({ name }) => name).filter((name) => !modelsEqual.includes(name)),
  }
}
