import pg from 'pg'

/** The database behind the system, asked from outside with plain SQL: none of the project's own reading code. */
export interface OutsideDatabase {
  query<Row extends pg.QueryResultRow>(text: string, values?: readonly unknown[]): Promise<Row[]>
  /** On one connection of its own. */
  session<T>(work: (client: pg.Client) => Promise<T>): Promise<T>
}

/** Each call connects anew: between two calls the server may have been killed. */
export function outsideDatabase(url: string): OutsideDatabase {
  async function session<T>(work: (client: pg.Client) => Promise<T>): Promise<T> {
    const client = new pg.Client({
      connectionString: url,
      connectionTimeoutMillis: 10_000,
      application_name: 'outside',
    })
    client.on('error', () => undefined) // told by the query
    await client.connect()
    try {
      return await work(client)
    } finally {
      await client.end()
    }
  }

  return {
    session,
    query: async <Row extends pg.QueryResultRow>(text: string, values: readonly unknown[] = []) =>
      session(async (client) => (await client.query<Row>(text, [...values])).rows),
  }
}
