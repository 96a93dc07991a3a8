import type { Pool } from 'pg'
import { migrate } from '../../ledger/postgres/migrate.ts'

/** A restore that has begun and not ended: its database is not to be used, see `refuseHalfRestored`. */
export interface RestoreMark {
  /** the backup, and up to where */
  readonly backup: string
  readonly position: string
}

const migrations = [
  {
    name: '0001-restore',
    sql: `create table channel_ledger_restore (
      single boolean primary key default true check (single),
      backup uuid not null,
      position text not null,
      begun_at timestamptz not null default now()
    )`,
  },
]

export class HalfRestored extends Error {
  override readonly name = 'HalfRestored'
}

/** Throws `HalfRestored` while a restore into this database has not come to its end. */
export async function refuseHalfRestored(pool: Pool): Promise<void> {
  const mark = await readMark(pool)
  if (mark)
    throw new HalfRestored(
      `a restore into this database has not come to its end (up to position ${mark.position}): run the same restore again`,
    )
}

export async function readMark(pool: Pool): Promise<RestoreMark | undefined> {
  const { rows: tables } = await pool.query<{ found: boolean }>(
    `select to_regclass('channel_ledger_restore') is not null as found`,
  )
  if (!tables[0]?.found) return undefined
  const { rows } = await pool.query<RestoreMark>('select backup::text, position from channel_ledger_restore')
  return rows[0]
}

export async function setMark(pool: Pool, { backup, position }: RestoreMark): Promise<void> {
  await migrate(pool, 'restore', migrations)
  await pool.query('insert into channel_ledger_restore (backup, position) values ($1, $2) on conflict do nothing', [
    backup,
    position,
  ])
}

export async function removeMark(pool: Pool): Promise<void> {
  await pool.query('delete from channel_ledger_restore')
}
