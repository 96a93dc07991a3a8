import { randomBytes } from 'node:crypto'
import pg from 'pg'
import { inject } from 'vitest'

/** A new database, empty or a copy of one that nobody is connected to, on the server of this test run (CHANNEL_LEDGER_TEST_DATABASE_URL, or the embedded one). */
export async function freshDatabase(copyOf?: {
  readonly url: string
}): Promise<{ readonly url: string; drop(): Promise<void> }> {
  const server = inject('databaseUrl')
  const name = `channel_ledger_test_${randomBytes(6).toString('hex')}`
  const template = copyOf ? new URL(copyOf.url).pathname.slice(1) : 'template0'
  await execute(server, `CREATE DATABASE ${name} ENCODING 'UTF8' TEMPLATE ${template}`)
  const url = new URL(server)
  url.pathname = `/${name}`
  return { url: url.href, drop: () => execute(server, `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`) }
}

async function execute(url: string, sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    await client.query(sql)
  } finally {
    await client.end()
  }
}
