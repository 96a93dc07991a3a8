import type { Pool } from 'pg'
import { z } from 'zod'
import { migrate } from '../postgres/migrate.ts'
import type { KeyStore, StoredKey } from './keyStore.ts'

const tables = `
  CREATE SCHEMA IF NOT EXISTS channel_ledger_keys;
  CREATE TABLE channel_ledger_keys.subjects (
    subject text PRIMARY KEY,
    kek text,
    wrapped bytea,
    created_at timestamptz NOT NULL DEFAULT now(),
    destroyed_at timestamptz,
    CHECK ((wrapped IS NULL) = (destroyed_at IS NOT NULL) AND (wrapped IS NULL) = (kek IS NULL))
  )`

const keyRow = z.object({ subject: z.string(), kek: z.string().nullable(), wrapped: z.instanceof(Buffer).nullable() })

/** Keys in the schema `channel_ledger_keys` of the pool's database, which need not be the log's. */
export async function openPostgresKeyStore(pool: Pool): Promise<KeyStore> {
  await migrate(pool, 'keys', [{ name: '0001-subjects', sql: tables }])

  const find: KeyStore['find'] = async (subjects) => {
    const { rows } = await pool.query({
      name: 'keys-find',
      text: 'SELECT subject, kek, wrapped FROM channel_ledger_keys.subjects WHERE subject = ANY($1)',
      values: [subjects],
    })
    return new Map(
      rows.map((found) => {
        const { subject, kek, wrapped } = keyRow.parse(found)
        const key: StoredKey = kek === null || wrapped === null ? 'destroyed' : { kek, bytes: wrapped }
        return [subject, key]
      }),
    )
  }

  return {
    find,
    async create(subject, { kek, bytes }) {
      await pool.query({
        name: 'keys-create',
        text: 'INSERT INTO channel_ledger_keys.subjects (subject, kek, wrapped) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING',
        values: [subject, kek, bytes],
      })
      // the row that stands may be another process's; read in a statement of its own, which sees it
      const standing = (await find([subject])).get(subject)
      if (!standing) throw new Error(`the key of ${subject} is gone as soon as it was made`)
      return standing
    },
    async destroy(subject) {
      await pool.query({
        name: 'keys-destroy',
        text: `UPDATE channel_ledger_keys.subjects SET kek = NULL, wrapped = NULL, destroyed_at = now()
               WHERE subject = $1 AND destroyed_at IS NULL`,
        values: [subject],
      })
    },
  }
}
