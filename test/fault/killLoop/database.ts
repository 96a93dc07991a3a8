import pg from 'pg'
import type { LogRow } from './checkLog.ts'

/** The database behind the system, asked from outside with plain SQL: none of the project's own reading code. */
export interface OutsideDatabase {
  query<Row extends pg.QueryResultRow>(text: string, values?: readonly unknown[]): Promise<Row[]>
  /** The log after a position, in its order, up to the head of the moment. */
  rows(after: bigint): AsyncIterable<LogRow>
  /** On one connection of its own. */
  session<T>(work: (client: pg.Client) => Promise<T>): Promise<T>
}

const pageSize = 5_000

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
    async *rows(after) {
      for (let from = after; ;) {
        const page = await session(async (client) =>
          client.query<{
            position: string
            id: string
            stream: string
            revision: number
            command_id: string | null
            envelope: string
          }>(
            'select position, id, stream, revision, command_id, envelope from ledger_events where position > $1 order by position limit $2',
            [from.toString(), pageSize],
          ),
        )
        for (const { position, id, stream, revision, command_id, envelope } of page.rows) {
          const { actor, source } = JSON.parse(envelope) as { actor: string; source: { kind: string } } // the canonical envelope
          from = BigInt(position)
          yield { position: from, id, stream, revision, actor, kind: source.kind, commandId: command_id ?? undefined }
        }
        if (page.rows.length < pageSize) return
      }
    },
  }
}
