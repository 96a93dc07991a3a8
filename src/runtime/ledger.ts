import { randomBytes } from 'node:crypto'
import { join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { aggregates } from '../domain/registry.ts'
import { createCommandHandler, type LedgerCommandHandler } from '../ledger/commandHandler.ts'
import { createEventRegistry, type EventRegistry } from '../ledger/eventRegistry.ts'
import type { EventStore } from '../ledger/eventStore.ts'
import { commandIndexSchema, postgresCommandIndex } from '../ledger/eventstoredb/postgresCommandIndex.ts'
import { createKeyring, type Keyring } from '../ledger/personal/keyring.ts'
import type { KeyStore } from '../ledger/personal/keyStore.ts'
import { openPostgresKeyStore } from '../ledger/personal/postgresKeyStore.ts'
import { migrate } from '../ledger/postgres/migrate.ts'
import { outlastConnections } from '../ledger/postgres/outlastConnections.ts'
import { randomPresence } from '../ledger/presence.ts'
import { openPostgresStore } from '../ledger/postgres/postgresStore.ts'
import { openPostgresSnapshots } from '../ledger/postgres/snapshots.ts'
import { refuseHalfRestored } from './backup/restoreMark.ts'
import { closeInTurn } from './closeInTurn.ts'
import { planConnections, refuseTooFewConnections, type Role } from './connections.ts'
import type { EmbeddedPostgresProgress } from './embeddedPostgres.ts'
import { keepPostgres } from './embeddedPostgres/keepPostgres.ts'
import { openPostgresLink, type PostgresLink } from './links/postgresLink.ts'
import { loadSecrets, type Secrets } from './secrets.ts'
import type { Settings } from './settings.ts'

/** What every process has: the log, its keys, and the handler of commands. */
export interface Ledger {
  /** the main database */
  readonly database: PostgresLink
  /** connections of the main database, and of the one that holds the keys of persons: the same when they are one */
  readonly pool: pg.Pool
  readonly keyPool: pg.Pool
  /** a path on the disk that the log is written to */
  readonly diskPath: string
  readonly store: EventStore
  readonly registry: EventRegistry
  readonly keyStore: KeyStore
  readonly keyring: Keyring
  readonly handler: LedgerCommandHandler
  readonly secrets: Secrets
  close(): Promise<void>
}

export interface OpenLedgerOptions {
  readonly settings: Settings
  readonly roles: readonly Role[]
  readonly warn: (message: string, details: Record<string, unknown>) => void
  readonly onProgress?: (progress: EmbeddedPostgresProgress) => void
  /** lays something around the store, such as a meter */
  readonly around?: (store: EventStore) => EventStore
  /** for a restore alone: opens a database whose restore has not come to its end */
  readonly restoring?: true
  /** ms since 1970 for `recordedAt` where the store lets us say it; else its own clock */
  readonly clock?: () => number
}

export const now = (): number => Date.now()
export const random = (size: number): Uint8Array => randomBytes(size)

/** Opens the database (embedded unless DATABASE_URL), the store and the command handler; whatever was opened is closed again when a later step fails. */
export async function openLedger(options: OpenLedgerOptions): Promise<Ledger> {
  const closers: (() => Promise<unknown>)[] = []
  try {
    return await openParts(options, closers)
  } catch (error) {
    await closeInTurn(closers)
    throw error
  }
}

async function openParts(
  { settings, roles, warn, onProgress, around = (store) => store, restoring, clock }: OpenLedgerOptions,
  closers: (() => Promise<unknown>)[],
): Promise<Ledger> {
  const { unsafeForTests } = settings
  if (unsafeForTests) warn('started with CHANNEL_LEDGER_UNSAFE_FOR_TESTS: acknowledged writes may be lost', {})
  const secrets = loadSecrets(settings)
  const { databaseUrl, diskPath } = await openDatabase(settings, closers, warn, onProgress)
  await refuseTooFewConnections(databaseUrl, planConnections(settings, roles))

  const linkTo = (url: string): PostgresLink => {
    const link = openPostgresLink(url, randomPresence(random), (connections) =>
      warn('connections that no longer answered were cut', { connections }),
    )
    closers.push(async () => link.close())
    return link
  }
  const database = linkTo(databaseUrl)
  const pool = new pg.Pool({ ...database.config, max: 2, application_name: 'channel-ledger keys' })
  outlastConnections(pool)
  closers.push(() => pool.end())
  if (!restoring) await refuseHalfRestored(pool)
  const keyPool =
    settings.keyDatabaseUrl === undefined ? pool : new pg.Pool({ ...linkTo(settings.keyDatabaseUrl).config, max: 2 })
  if (keyPool !== pool) {
    outlastConnections(keyPool)
    closers.push(() => keyPool.end())
  }

  const store = around(await openStore(settings, database, pool, clock))
  closers.push(() => store.close())
  const registry = createEventRegistry(aggregates)
  const keyStore = await openPostgresKeyStore(keyPool)
  const keyring = createKeyring({ keyStore, kek: secrets.kek, random, now })
  const handler = createCommandHandler({
    store,
    registry,
    keyring,
    now,
    random,
    sleep: async (milliseconds) => sleep(milliseconds),
    snapshots: await openPostgresSnapshots(pool),
    onSnapshotError: (error) => warn('a snapshot could not be read or written', { error: String(error) }),
  })
  closers.push(() => handler.idle())
  return {
    database,
    pool,
    keyPool,
    diskPath,
    store,
    registry,
    keyStore,
    keyring,
    handler,
    secrets,
    close: () => closeInTurn(closers),
  }
}

async function openDatabase(
  settings: Settings,
  closers: (() => Promise<unknown>)[],
  warn: OpenLedgerOptions['warn'],
  onProgress: OpenLedgerOptions['onProgress'],
): Promise<{ databaseUrl: string; diskPath: string }> {
  const diskPath = resolve(settings.dataDirectory)
  if (settings.databaseUrl !== undefined) return { databaseUrl: settings.databaseUrl, diskPath }
  const server = await keepPostgres(
    {
      dataDirectory: join(diskPath, 'postgres'),
      unsafeForTests: settings.unsafeForTests,
      ...(settings.databasePort !== undefined && { port: settings.databasePort, whenPortIsBusy: 'refuse' }),
      ...(onProgress && { onProgress }),
    },
    warn,
  )
  closers.push(() => server.stop())
  return { databaseUrl: server.url, diskPath: server.dataDirectory }
}

async function openStore(
  settings: Settings,
  database: PostgresLink,
  pool: pg.Pool,
  clock: OpenLedgerOptions['clock'],
): Promise<EventStore> {
  if (settings.eventStoreUrl === undefined) {
    return openPostgresStore({
      connection: database.config,
      readers: settings.logConnections - 2,
      unsafeForTests: settings.unsafeForTests,
      ...(clock && { clock }),
    })
  }
  // its client takes as long to load as a quarter of the rest
  const { openEventStoreDbStore } = await import('../ledger/eventstoredb/eventStoreDbStore.ts')
  await migrate(pool, 'command-index', [{ name: '0001-command-index', sql: commandIndexSchema }])
  return openEventStoreDbStore({ connectionString: settings.eventStoreUrl, commandIndex: postgresCommandIndex(pool) })
}
