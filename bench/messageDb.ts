import { randomUUID } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import pg from 'pg'
import { orderEvent } from './sampleEvent.ts'

export interface MessageDb {
  /** Closed loop of one caller per connection, each writing a stream of its own; gives how many messages were written. */
  write(connections: number, categories: number, until: number): Promise<number>
  close(): Promise<void>
}

/** What its install scripts run, in their order, without the roles and the views. */
const files = [
  'schema/message-store',
  'tables/messages',
  'types/message',
  'functions/hash-64',
  'functions/category',
  'functions/id',
  'functions/cardinal-id',
  'functions/is-category',
  'functions/acquire-lock',
  'functions/stream-version',
  'functions/write-message',
  'indexes/messages-id',
  'indexes/messages-stream',
  'indexes/messages-category',
]

/** Message DB, the peer: its own SQL from its own package, in a database of its own, called as its clients do. */
export async function openMessageDb(url: string, connections: number): Promise<MessageDb> {
  const folder = join(dirname(createRequire(import.meta.url).resolve('@eventide/message-db/package.json')), 'database')
  const setUp = new pg.Client({ connectionString: url, options: '-c search_path=message_store,public' })
  await setUp.connect()
  const { rowCount } = await setUp.query(`SELECT FROM pg_namespace WHERE nspname = 'message_store'`)
  for (const file of rowCount === 0 ? files : []) await setUp.query(await readFile(join(folder, `${file}.sql`), 'utf8'))
  await setUp.end()
  const pool = new pg.Pool({ connectionString: url, max: connections, options: '-c search_path=message_store,public' })
  pool.on('error', () => undefined)
  const { data, type, ...metadata } = orderEvent()
  const texts = [JSON.stringify(data), JSON.stringify(metadata)]
  return {
    async write(callers, categories, until) {
      const run = randomUUID().replaceAll('-', '')
      let done = 0
      await Promise.all(
        Array.from({ length: callers }, async (_, caller) => {
          const client = await pool.connect()
          const stream = `order${run}${caller % categories}-${caller}`
          for (let version = -1; performance.now() < until; version += 1) {
            await client.query({
              name: 'write',
              text: 'SELECT write_message($1, $2, $3, $4, $5, $6)',
              values: [randomUUID(), stream, type, ...texts, version],
            })
            done += 1
          }
          client.release()
        }),
      )
      return done
    },
    close: () => pool.end(),
  }
}
