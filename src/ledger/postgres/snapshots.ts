import type { Pool } from 'pg'
import { z } from 'zod'
import type { Snapshots } from '../snapshots.ts'
import { migrate } from './migrate.ts'

// State as text: what cannot be read as JSON is no snapshot, and PostgreSQL's jsonb would not keep what it reads.
const tables = `
  CREATE SCHEMA IF NOT EXISTS channel_ledger_cache;
  CREATE TABLE channel_ledger_cache.snapshots (
    stream text NOT NULL,
    state_version integer NOT NULL,
    revision bigint NOT NULL,
    position bigint NOT NULL,
    last_event_id uuid NOT NULL,
    declared text NOT NULL,
    state text NOT NULL,
    PRIMARY KEY (stream, state_version)
  )`

const row = z.object({
  revision: z.coerce.number().int(),
  position: z.coerce.bigint(),
  last_event_id: z.string(),
  declared: z.string(),
  state: z.string(),
})
const ids = z.array(z.string())

/** Snapshots in the schema `channel_ledger_cache`, whose table may be emptied at any time. */
export async function openPostgresSnapshots(pool: Pool): Promise<Snapshots> {
  await migrate(pool, 'snapshots', [{ name: '0001-snapshots', sql: tables }])
  return {
    async load(stream, stateVersion) {
      const { rows } = await pool.query({
        name: 'snapshot-load',
        text: `SELECT revision, position, last_event_id, declared, state FROM channel_ledger_cache.snapshots
               WHERE stream = $1 AND state_version = $2`,
        values: [stream, stateVersion],
      })
      if (rows.length === 0) return undefined
      const found = row.parse(rows[0])
      try {
        return {
          revision: found.revision,
          position: found.position,
          lastEventId: found.last_event_id,
          declared: ids.parse(JSON.parse(found.declared)),
          state: JSON.parse(found.state) as unknown,
        }
      } catch {
        return undefined
      }
    },
    async save(stream, stateVersion, { revision, position, lastEventId, declared, state }) {
      await pool.query({
        name: 'snapshot-save',
        text: `INSERT INTO channel_ledger_cache.snapshots VALUES ($1, $2, $3, $4, $5, $6, $7)
               ON CONFLICT (stream, state_version) DO UPDATE SET revision = excluded.revision, position = excluded.position,
                 last_event_id = excluded.last_event_id, declared = excluded.declared, state = excluded.state`,
        values: [
          stream,
          stateVersion,
          revision,
          position,
          lastEventId,
          JSON.stringify(declared),
          JSON.stringify(state),
        ],
      })
    },
  }
}
