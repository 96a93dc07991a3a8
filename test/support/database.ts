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
  await connected(server, (client) => client.query(`CREATE DATABASE ${name} ENCODING 'UTF8' TEMPLATE ${template}`))
  const url = new URL(server)
  url.pathname = `/${name}`
  return {
    url: url.href,
    drop: () =>
      connected(server, async (client) => {
        await connectionsEnd(client, name)
        await client.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`)
      }),
  }
}

/**
 * A pool has ended before the server has seen all of its connections go. One that the drop ends meanwhile says so, as an error that
 * nobody listens to any more.
 */
async function connectionsEnd(client: pg.Client, database: string): Promise<void> {
  for (const limit = performance.now() + 5_000; performance.now() < limit;) {
    const { rowCount } = await client.query('select from pg_stat_activity where datname = $1', [database])
    if (rowCount === 0) return
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

async function connected(url: string, work: (client: pg.Client) => Promise<unknown>): Promise<void> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    await work(client)
  } finally {
    await client.end()
  }
}
