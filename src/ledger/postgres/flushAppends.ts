import type pg from 'pg'
import type { AppendResult } from '../eventStore.ts'
import type { Append } from './appendQueue.ts'

const sql = 'SELECT * FROM ledger_append($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)'

interface Row {
  readonly outcomes: readonly number[]
  readonly revisions: readonly number[]
  readonly positions: readonly (string | null)[]
}

/** Writes appends in one round trip and one transaction; a result for each. No event id may occur twice. */
export async function flushAppends(client: pg.Client, appends: readonly Append[]): Promise<readonly AppendResult[]> {
  const lines = new Map<string, number>()
  const streamOf = appends.map(({ stream }) => {
    const line = lines.get(stream) ?? lines.size + 1
    lines.set(stream, line)
    return line
  })
  const events = appends.flatMap((append) => append.events)
  const { rows } = await client.query<Row>({
    name: 'ledger_append',
    text: sql,
    values: [
      [...lines.keys()].join('\n'),
      streamOf,
      appends.map(({ expectedRevision }) => expectedRevision),
      appends.map((append) => append.events.length),
      appends.map(({ recordedAt }) => recordedAt ?? null),
      appends.flatMap((append, index) => append.events.map(() => index + 1)),
      events.map(({ revision }) => revision),
      events.map(({ id }) => id).join('\n'),
      events.map(({ type }) => type).join('\n'),
      events.map(({ commandId }) => commandId ?? '').join('\n'),
      events.map(({ envelope }) => envelope).join('\n'),
      events.map(({ data }) => data).join('\n'),
    ],
  })
  const row = rows[0]
  if (!row) throw new Error('ledger_append gave no row')
  return appends.map((_, n) => resultOf(row.outcomes[n], row.revisions[n], row.positions[n]))
}

function resultOf(
  outcome: number | undefined,
  revision: number | undefined,
  position: string | null | undefined,
): AppendResult {
  if (outcome === undefined || revision === undefined) throw new Error('ledger_append left an append without an answer')
  if (outcome === 2) return { outcome: 'conflict', actualRevision: revision }
  if (position === null || position === undefined) throw new Error('ledger_append gave no position')
  return { outcome: 'appended', revision, position: BigInt(position), repeated: outcome === 1 }
}
