import type { Pool } from 'pg'

export interface Migration {
  /** Never changed once released; migrations are told apart by component and name. */
  readonly name: string
  readonly sql: string
}

/** Any fixed number: all processes that migrate this database wait for one another. */
const lock = 4_210_968_031

/**
 * Brings the tables of one component ('ledger', 'projections', …) up to date, in one transaction: all of it or
 * nothing. Forward only. Any number of processes may call it at once.
 *
 * @throws Error when the database was migrated by a newer or another program
 */
export async function migrate(pool: Pool, component: string, migrations: readonly Migration[]): Promise<void> {
  const client = await pool.connect()
  let failure: Error | undefined
  try {
    await client.query('BEGIN')
    await client.query('SET LOCAL statement_timeout = 0')
    await client.query('SELECT pg_advisory_xact_lock($1)', [lock])
    await client.query(`
      CREATE TABLE IF NOT EXISTS channel_ledger_migrations (
        component text NOT NULL,
        number integer NOT NULL,
        name text NOT NULL,
        applied_at timestamptz NOT NULL DEFAULT clock_timestamp(),
        PRIMARY KEY (component, number)
      )`)
    const { rows: applied } = await client.query<{ name: string }>(
      'SELECT name FROM channel_ledger_migrations WHERE component = $1 ORDER BY number',
      [component],
    )
    for (const [index, { name }] of applied.entries()) {
      if (migrations[index]?.name === name) continue
      throw new Error(
        `the database holds the migration ${component}/${name}, which this program does not know at that place: ` +
          'it was migrated by a newer version; there is no way back, so run that version',
      )
    }
    for (const [index, { name, sql }] of migrations.entries()) {
      if (index < applied.length) continue
      await client.query(sql)
      await client.query('INSERT INTO channel_ledger_migrations (component, number, name) VALUES ($1, $2, $3)', [
        component,
        index + 1,
        name,
      ])
    }
    await client.query('COMMIT')
  } catch (error) {
    failure = error instanceof Error ? error : new Error(String(error))
    throw error
  } finally {
    // A client that failed may be inside its transaction still: it is closed, which rolls back.
    client.release(failure)
  }
}
