import { randomUUID } from 'node:crypto'
import { mkdir } from 'node:fs/promises'
import pg from 'pg'
import type { RecordedEvent } from '../../ledger/envelope.ts'
import type { EventStore } from '../../ledger/eventStore.ts'
import { outlastConnections } from '../../ledger/postgres/outlastConnections.ts'
import { projectionPool } from '../../projections/engine/projectionPool.ts'
import { readModels } from '../../projections/registry.ts'
import { type Ledger, now } from '../ledger.ts'
import { BackupRefused } from './backupRefused.ts'
import { chunkLimits, readChunk, writeChunk } from './chunkFile.ts'
import {
  type BackupPoint,
  type EventChunk,
  type Manifest,
  readManifest,
  removeOthers,
  writeManifest,
} from './manifest.ts'
import { countPersons, refuseTogether, saveKeys } from './personalKeys.ts'
import { readModelDigests } from './readModelDigests.ts'
import { eventOf, lineOf } from './savedEvent.ts'
import { saveState } from './state.ts'

export interface BackupOptions {
  readonly directory: string
  /** where the keys of persons go; without it they are not saved */
  readonly keysDirectory: string | undefined
  /** of the program */
  readonly version: string
  readonly signal: AbortSignal
  /** events saved of those to be saved; `total` is 0 where the store cannot count */
  readonly onProgress?: (done: number, total: number) => void
}

export interface BackupSummary {
  /** false: stopped; the next run goes on */
  readonly complete: boolean
  readonly backup: string
  readonly position: string
  /** by this run, and in all */
  readonly newEvents: number
  readonly events: number
  readonly bytes: number
  /** persons whose keys were saved; undefined without `keysDirectory` */
  readonly persons: number | undefined
}

/** Any fixed number: two runs never write one directory at once. */
const lock = 4_210_968_041
const pageSize = 1_000

/**
 * Saves the log up to its head as it is when the run begins, while the system goes on; into a directory that holds a backup
 * already only what is new. Every chunk is in the manifest as soon as it is on the disk, so that a run that was stopped
 * anywhere is finished by the next one. Throws `BackupRefused`.
 */
export async function backupLedger(ledger: Ledger, options: BackupOptions): Promise<BackupSummary> {
  const { directory, keysDirectory } = options
  if (keysDirectory !== undefined) refuseTogether(directory, keysDirectory)
  await mkdir(directory, { recursive: true, mode: 0o700 })
  const client = new pg.Client({ ...ledger.database.config, application_name: 'channel-ledger backup' })
  await client.connect()
  try {
    const { rows } = await client.query<{ taken: boolean }>('select pg_try_advisory_lock($1) as taken', [lock])
    if (!rows[0]?.taken) throw new BackupRefused('busy', 'another backup of this ledger is being taken')
    return await save(ledger, client, options)
  } finally {
    await client.end()
  }
}

async function save(ledger: Ledger, client: pg.Client, options: BackupOptions): Promise<BackupSummary> {
  const { directory, keysDirectory, version, signal, onProgress } = options
  const { store } = ledger
  const before = await openBackup(directory, store)
  let saved = before
  await removeOthers(directory, new Set(filesOf(saved)))

  // First where the readers of the log stand, then its head: what they have read is saved.
  const state = await saveState(client, directory)
  const head = await store.head()
  let newEvents = 0
  const events = [...before.events]
  const begun = lastOf(before)
  for await (const chunk of newChunks(store, directory, begun, head, signal)) {
    events.push(chunk)
    saved = { ...before, events }
    await writeManifest(directory, saved)
    newEvents += chunk.rows
    onProgress?.(newEvents, store.kind === 'postgres' ? Number(head - begun) : 0)
  }
  const summary = (persons: number | undefined, complete: boolean): BackupSummary => ({
    complete,
    backup: saved.backup,
    position: lastOf(saved).toString(),
    newEvents,
    events: saved.events.reduce((sum, { rows }) => sum + rows, 0),
    bytes: saved.events.reduce((sum, { bytes }) => sum + bytes, 0),
    persons,
  })
  if (signal.aborted) return summary(undefined, false)

  // Keys after the log: an event that was saved has its key.
  const [position, at] = [lastOf(saved).toString(), new Date(now()).toISOString()]
  const keys =
    keysDirectory === undefined
      ? undefined
      : await saveKeys(ledger.keyPool, keysDirectory, { backup: saved.backup, at, position })
  const point: BackupPoint = {
    position,
    at,
    version,
    reactor: state.reactor,
    feed: state.feed,
    state: [...state.chunks],
    persons: keys?.persons ?? (await countPersons(ledger.keyPool)),
    models: await digestsAt(ledger, BigInt(position)),
  }
  saved = { ...saved, point }
  await writeManifest(directory, saved)
  await removeOthers(directory, new Set(filesOf(saved)))
  return summary(keys?.persons, true)
}

async function openBackup(directory: string, store: EventStore): Promise<Manifest> {
  const known = await readManifest(directory)
  if (store.kind === 'memory') throw new BackupRefused('no-backup', 'a log in memory is not backed up')
  if (!known) return { format: 1, backup: randomUUID(), store: store.kind, events: [] }
  const last = known.events.at(-1)
  if (known.store !== store.kind)
    throw new BackupRefused('another-log', `${directory} holds a backup of a log in ${known.store}`)
  if (last && !(await isIn(store, directory, last)))
    throw new BackupRefused(
      'another-log',
      `${directory} holds a backup of another log, or this log was restored to an earlier moment: take a new directory`,
    )
  return known
}

/** Whether the log holds the last saved event at its place. */
async function isIn(store: EventStore, directory: string, chunk: EventChunk): Promise<boolean> {
  const line = (await readChunk(directory, chunk)).at(-1)
  if (line === undefined) return false
  const saved = eventOf(line)
  const [found] = await store.readStream(saved.stream, { from: saved.revision, limit: 1 })
  return found?.id === saved.id && found.position === saved.position
}

/** What the log holds behind `after`, up to `head`, in chunks. Ends early when the signal aborts. */
async function* newChunks(
  store: EventStore,
  directory: string,
  after: bigint,
  head: bigint,
  signal: AbortSignal,
): AsyncGenerator<EventChunk> {
  let lines: string[] = []
  let characters = 0
  let [first, last]: (RecordedEvent | undefined)[] = []
  for (let position = after; position < head && !signal.aborted;) {
    const page = await store.readAll({ after: position, limit: pageSize })
    if (page.position === position) break
    for (const event of page.events) {
      if (event.position > head) break
      const line = lineOf(event)
      lines.push(line)
      characters += line.length
      first ??= event
      last = event
    }
    position = page.position
    const isFull = lines.length >= chunkLimits.rows || characters >= chunkLimits.characters
    if (!first || !last || (!isFull && position < head && !page.atHead)) continue
    const chunk = await writeChunk(directory, 'events', lines)
    yield {
      ...chunk,
      first: first.position.toString(),
      last: last.position.toString(),
      recordedAt: last.recordedAt,
    }
    ;[lines, characters, first, last] = [[], 0, undefined, undefined]
  }
}

/** On PostgreSQL only: elsewhere a restored log has other positions, and so have the facts. */
async function digestsAt({ database, store }: Ledger, position: bigint): Promise<BackupPoint['models']> {
  if (store.kind !== 'postgres') return []
  const pool = projectionPool({ ...database.config, max: 1, application_name: 'channel-ledger backup' })
  outlastConnections(pool)
  try {
    return await readModelDigests(pool, readModels, () => position)
  } finally {
    await pool.end()
  }
}

const lastOf = ({ events }: Manifest): bigint => BigInt(events.at(-1)?.last ?? 0)

function filesOf({ events, point }: Manifest): string[] {
  return [...events, ...(point?.state ?? [])].map(({ file }) => file)
}
