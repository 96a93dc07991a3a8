import { createHash, randomBytes } from 'node:crypto'
import { open, readFile, rename, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { gunzip, gzip } from 'node:zlib'
import { z } from 'zod'
import { BackupRefused } from './backupRefused.ts'

/** One file of a backup: lines of text, gzipped, with what proves that it is whole. */
export const chunkFile = z.strictObject({
  file: z.string().regex(/^[a-z0-9-]+\.ndjson\.gz$/),
  rows: z.int().nonnegative(),
  /** of the file as it lies there */
  bytes: z.int().positive(),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
})
export type ChunkFile = z.infer<typeof chunkFile>

/** A chunk is closed when it holds so much text: it is made, checked and read in memory. */
export const chunkLimits = { rows: 20_000, characters: 8 * 1_048_576 } as const
/** of the text of one chunk: the limit, one more event of the largest size, and room for its escapes */
const longestText = 64 * 1_048_576

const [zip, unzip] = [promisify(gzip), promisify(gunzip)]

/** Writes lines to `<prefix>-<random>.ndjson.gz`: on the disk before it is named. */
export async function writeChunk(directory: string, prefix: string, lines: readonly string[]): Promise<ChunkFile> {
  const file = `${prefix}-${randomBytes(4).toString('hex')}.ndjson.gz`
  const content = await zip(lines.map((line) => `${line}\n`).join(''), { level: 5 })
  await writeDurably(join(directory, file), content)
  const sha256 = createHash('sha256').update(content).digest('hex')
  return { file, rows: lines.length, bytes: content.length, sha256 }
}

/** The lines of a chunk. Throws `BackupRefused`, which names the file, unless it is byte for byte what was written. */
export async function readChunk(directory: string, { file, rows, bytes, sha256 }: ChunkFile): Promise<string[]> {
  const damaged = (what: string, cause?: unknown): BackupRefused =>
    new BackupRefused('damaged', `${join(directory, file)} ${what}`, { cause })
  const path = join(directory, file)
  const found = await stat(path).catch((error: unknown) => {
    throw damaged('is missing', error)
  })
  if (found.size !== bytes) throw damaged(`has ${found.size} bytes instead of ${bytes}`)
  const content = await readFile(path)
  if (createHash('sha256').update(content).digest('hex') !== sha256)
    throw damaged('is not what was written: its SHA-256 differs')
  const text = (
    await unzip(content, { maxOutputLength: longestText }).catch((error: unknown) => {
      throw damaged('cannot be unpacked', error)
    })
  ).toString('utf8')
  const lines = text.split('\n')
  if (lines.pop() !== '' || lines.length !== rows) throw damaged(`has ${lines.length} lines instead of ${rows}`)
  return lines
}

/** Lines as chunks, each closed when it is full. */
export async function* writeChunks(
  directory: string,
  prefix: string,
  lines: AsyncIterable<string>,
): AsyncGenerator<ChunkFile> {
  let batch: string[] = []
  let characters = 0
  for await (const line of lines) {
    batch.push(line)
    characters += line.length
    if (batch.length < chunkLimits.rows && characters < chunkLimits.characters) continue
    yield await writeChunk(directory, prefix, batch)
    batch = []
    characters = 0
  }
  if (batch.length > 0) yield await writeChunk(directory, prefix, batch)
}

/** All of a file or nothing of it, also after a power failure. */
export async function writeDurably(path: string, content: string | Buffer): Promise<void> {
  const draft = `${path}.${randomBytes(4).toString('hex')}.draft`
  const handle = await open(draft, 'wx', 0o600)
  try {
    await handle.writeFile(content)
    await handle.sync()
  } finally {
    await handle.close()
  }
  await rename(draft, path)
  if (process.platform === 'win32') return // directories cannot be opened there, and need no sync
  const directory = await open(dirname(path), 'r')
  try {
    await directory.sync()
  } finally {
    await directory.close()
  }
}
