import { randomBytes } from 'node:crypto'
import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { startEmbeddedPostgres } from '../src/runtime/embeddedPostgres.ts'

export interface BenchDatabase {
  readonly url: string
  drop(): Promise<void>
}

export interface BenchServer {
  readonly description: string
  /** empty, or a copy of one that nobody is connected to */
  freshDatabase(copyOf?: BenchDatabase): Promise<BenchDatabase>
  stop(): Promise<void>
}

/** The server of CHANNEL_LEDGER_BENCH_DATABASE_URL, or the embedded one with its usual, safe settings. */
export async function openBenchServer(): Promise<BenchServer> {
  const given = process.env['CHANNEL_LEDGER_BENCH_DATABASE_URL']
  const { url, stop } = given ? { url: given, stop: async () => undefined } : await startOwn()
  const [version] = await execute(url, `SELECT version(), current_setting('wal_sync_method') AS sync`)
  return {
    description: `${String(version?.['version']).split(' on ')[0]}, ${given ? 'given' : 'embedded'}, ${String(version?.['sync'])}`,
    stop,
    async freshDatabase(copyOf) {
      const name = `channel_ledger_bench_${randomBytes(6).toString('hex')}`
      const template = copyOf ? new URL(copyOf.url).pathname.slice(1) : 'template0'
      await execute(url, `CREATE DATABASE ${name} ENCODING 'UTF8' TEMPLATE ${template} STRATEGY file_copy`)
      const own = new URL(url)
      own.pathname = `/${name}`
      return {
        url: own.href,
        drop: async () => void (await execute(url, `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`)),
      }
    },
  }
}

/** What a server in service has done by itself after so many rows: not in the middle of a measurement. */
export async function vacuum({ url }: BenchDatabase): Promise<void> {
  await execute(url, 'vacuum analyze')
}

async function startOwn(): Promise<{ url: string; stop: () => Promise<void> }> {
  const directory = await mkdtemp(join(tmpdir(), 'channel-ledger-bench-'))
  // As root the server runs as `nobody`, who has to get through here.
  await chmod(directory, 0o755)
  const server = await startEmbeddedPostgres({
    dataDirectory: join(directory, 'data'),
    systemDirectory: join(directory, 'system'),
    maxConnections: 150,
  })
  return {
    url: server.url,
    async stop() {
      await server.stop()
      await rm(directory, { recursive: true, force: true })
    },
  }
}

async function execute(url: string, sql: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows
  } finally {
    await client.end()
  }
}
