import { mkdir } from 'node:fs/promises'
import { join, relative, resolve } from 'node:path'
import type pg from 'pg'
import { z } from 'zod'
import { BackupRefused } from './backupRefused.ts'
import { type ChunkFile, chunkFile, readChunk, writeChunks } from './chunkFile.ts'
import { readSigned, removeOthers, writeSigned } from './manifest.ts'

/** The keys of persons, wrapped by the master key, in a directory of their own: they are kept for a shorter time than the log. */
const savedKeys = z.strictObject({
  format: z.literal(1),
  /** the series of backups that these keys open */
  backup: z.uuid(),
  at: z.iso.datetime(),
  /** they were read when the log was at least here: no event up to it lacks its key */
  position: z.string().regex(/^\d{1,20}$/),
  persons: z.int().nonnegative(),
  files: z.array(chunkFile),
})
export type SavedKeys = z.infer<typeof savedKeys>

const file = 'keys.json'
const atOnce = 2_000
const row = z.strictObject({
  subject: z.string(),
  kek: z.string().nullable(),
  /** base64 */
  wrapped: z.string().nullable(),
  created_at: z.string(),
  destroyed_at: z.string().nullable(),
})

/** Throws `BackupRefused` when one of the two directories lies in the other: whoever keeps the log would keep the keys. */
export function refuseTogether(directory: string, keysDirectory: string): void {
  const way = relative(resolve(directory), resolve(keysDirectory))
  const back = relative(resolve(keysDirectory), resolve(directory))
  if ([way, back].some((one) => one === '' || !(one === '..' || one.startsWith('../') || one.startsWith('..\\'))))
    throw new BackupRefused(
      'keys',
      `the keys must not lie with the log: ${keysDirectory} and ${directory} are one directory, or one inside the other`,
    )
}

/** Writes all keys anew; what the directory held before is removed, destroyed keys with it. */
export async function saveKeys(
  pool: pg.Pool,
  directory: string,
  about: Pick<SavedKeys, 'backup' | 'at' | 'position'>,
): Promise<SavedKeys> {
  await mkdir(directory, { recursive: true, mode: 0o700 })
  const before = await readSigned(join(directory, file), savedKeys)
  if (before && before.backup !== about.backup)
    throw new BackupRefused('keys', `${directory} holds the keys of another backup`)
  const files: ChunkFile[] = []
  for await (const chunk of writeChunks(directory, 'keys', linesOf(pool))) files.push(chunk)
  const saved: SavedKeys = { format: 1, ...about, persons: files.reduce((sum, { rows }) => sum + rows, 0), files }
  await writeSigned(join(directory, file), saved)
  await removeOthers(directory, new Set(files.map((one) => one.file)))
  return saved
}

/** Throws `BackupRefused` when the keys are not there, or not those of this backup up to this position. */
export async function readKeys(directory: string, backup: string, position: bigint): Promise<SavedKeys> {
  const saved = await readSigned(join(directory, file), savedKeys)
  if (!saved) throw new BackupRefused('keys', `${directory} holds no keys: ${file} is missing`)
  if (saved.backup !== backup) throw new BackupRefused('keys', `${directory} holds the keys of another backup`)
  if (BigInt(saved.position) < position)
    throw new BackupRefused(
      'keys',
      `the keys in ${directory} were saved at position ${saved.position}, before the log's ${position}: events after it could not be opened`,
    )
  return saved
}

/** Puts the keys into a key store that has none, or the same. Can be repeated. Answers how many persons can be read. */
export async function restoreKeys(pool: pg.Pool, directory: string, { files }: SavedKeys): Promise<number> {
  let readable = 0
  for (const chunk of files) {
    const rows = (await readChunk(directory, chunk)).map((line) => row.parse(JSON.parse(line)))
    readable += rows.filter(({ wrapped }) => wrapped !== null).length
    const { rows: different } = await pool.query<{ subject: string }>(
      `with saved as (select subject, kek, decode(wrapped, 'base64') as wrapped, created_at, destroyed_at from json_populate_recordset(
           null::record, $1::json) as s(subject text, kek text, wrapped text, created_at timestamptz, destroyed_at timestamptz)),
         added as (insert into channel_ledger_keys.subjects select * from saved on conflict do nothing)
       select s.subject from saved s join channel_ledger_keys.subjects k using (subject)
       where (k.kek, k.wrapped) is distinct from (s.kek, s.wrapped) limit 1`,
      [JSON.stringify(rows)],
    )
    if (different[0]) throw new BackupRefused('not-empty', `there is another key of ${different[0].subject} already`)
  }
  return readable
}

/** Notes persons without a key as erased: what was sealed for them stays unreadable, and nothing new is sealed for them. */
export async function noteErased(pool: pg.Pool, subjects: readonly string[]): Promise<number> {
  const { rowCount } = await pool.query(
    `insert into channel_ledger_keys.subjects (subject, destroyed_at) select unnest($1::text[]), now() on conflict do nothing`,
    [subjects],
  )
  return rowCount ?? 0
}

export async function countPersons(pool: pg.Pool): Promise<number> {
  const { rows } = await pool.query<{ count: number }>('select count(*)::integer from channel_ledger_keys.subjects')
  return rows[0]?.count ?? 0
}

async function* linesOf(pool: pg.Pool): AsyncGenerator<string> {
  for (let after = ''; ;) {
    const { rows } = await pool.query<z.infer<typeof row>>(
      `select subject, kek, encode(wrapped, 'base64') as wrapped, created_at::text, destroyed_at::text
       from channel_ledger_keys.subjects where subject > $1 order by subject limit $2`,
      [after, atOnce],
    )
    for (const one of rows) yield JSON.stringify(one)
    const last = rows.at(-1)
    if (!last || rows.length < atOnce) return
    after = last.subject
  }
}
