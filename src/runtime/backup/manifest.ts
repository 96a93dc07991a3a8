import { createHash } from 'node:crypto'
import { readdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { canonicalJson } from '../../ledger/canonicalJson.ts'
import { BackupRefused } from './backupRefused.ts'
import { chunkFile, writeDurably } from './chunkFile.ts'
import { modelDigest } from './readModelDigests.ts'

const position = z.string().regex(/^\d{1,20}$/)

/** Events in the order of the log, as lines `[position, recordedAt, envelope, data]`; the texts are the canonical bytes. */
export const eventChunk = chunkFile.extend({
  /** positions of its first and last event */
  first: position,
  last: position,
  /** of its last event */
  recordedAt: z.iso.datetime(),
})
export type EventChunk = z.infer<typeof eventChunk>

/** A run of `backup` that came to its end. */
export const backupPoint = z.strictObject({
  /** of the last event */
  position,
  /** when it was taken */
  at: z.iso.datetime(),
  /** the program that took it */
  version: z.string(),
  /** where the processes and the webhooks stood, and what people decided about what failed: none of it is in the log */
  reactor: position,
  feed: position,
  state: z.array(chunkFile),
  /** persons with a key, destroyed ones included */
  persons: z.int().nonnegative(),
  /** what the read models held: the restored ones must hold the same */
  models: z.array(modelDigest),
})
export type BackupPoint = z.infer<typeof backupPoint>

export const manifest = z.strictObject({
  format: z.literal(1),
  /** names this series of backups; the backup of its keys says the same */
  backup: z.uuid(),
  store: z.enum(['postgres', 'eventstoredb']),
  events: z.array(eventChunk),
  /** undefined until a first run came to its end */
  point: backupPoint.optional(),
})
export type Manifest = z.infer<typeof manifest>

const file = 'manifest.json'

/** Undefined when there is none. Throws `BackupRefused` when it is not what was written. */
export async function readManifest(directory: string): Promise<Manifest | undefined> {
  return readSigned(join(directory, file), manifest)
}

export async function writeManifest(directory: string, content: Manifest): Promise<void> {
  await writeSigned(join(directory, file), content)
}

/** A JSON file that carries the digest of its own content. */
export async function readSigned<T extends z.ZodType>(path: string, schema: T): Promise<z.infer<T> | undefined> {
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  })
  if (text === undefined) return undefined
  try {
    const { digest, ...content } = JSON.parse(text) as Record<string, unknown> // checked below
    if (digest !== digestOf(content)) throw new Error('its digest differs')
    return schema.parse(content)
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new BackupRefused('damaged', `${path} is not what was written: ${reason}`, { cause: error })
  }
}

export async function writeSigned(path: string, content: object): Promise<void> {
  await writeDurably(path, `${JSON.stringify({ ...content, digest: digestOf(content) }, null, 1)}\n`)
}

/** Removes what an earlier run left behind or a newer file has replaced. */
export async function removeOthers(directory: string, kept: ReadonlySet<string>): Promise<void> {
  for (const name of await readdir(directory))
    if (/\.ndjson\.gz(\.[0-9a-f]+\.draft)?$/.test(name) && !kept.has(name)) await rm(join(directory, name))
}

function digestOf(content: object): string {
  return createHash('sha256').update(canonicalJson(content)).digest('hex')
}
