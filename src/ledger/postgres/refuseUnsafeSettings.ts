import type pg from 'pg'

/** Without these an acknowledged event may be gone after a power cut. */
const needed = ['fsync', 'full_page_writes', 'synchronous_commit'] as const

export class UnsafePostgres extends Error {
  override readonly name = 'UnsafePostgres'
}

/** @throws UnsafePostgres when this server could lose or garble acknowledged events */
export async function refuseUnsafeSettings(client: pg.Client, unsafeForTests: boolean): Promise<void> {
  const { rows } = await client.query<{ name: string; setting: string }>(
    'SELECT name, current_setting(name) AS setting FROM unnest($1::text[]) AS name',
    [[...needed, 'server_encoding']],
  )
  const settings = new Map(rows.map(({ name, setting }) => [name, setting]))
  const off = needed.filter((name) => settings.get(name) === 'off')
  if (off.length > 0 && !unsafeForTests) {
    throw new UnsafePostgres(
      `PostgreSQL runs with ${off.map((name) => `${name} = off`).join(', ')}: a power cut would lose acknowledged events. ` +
        'Turn it on, or pass --unsafe-for-tests for a log that may be lost',
    )
  }
  const encoding = settings.get('server_encoding')
  if (encoding !== 'UTF8') throw new UnsafePostgres(`the database is encoded in ${encoding}; the ledger needs UTF8`)
}
