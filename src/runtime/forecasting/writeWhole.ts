import { createWriteStream } from 'node:fs'
import { rename, rm } from 'node:fs/promises'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'

/** Writes a CSV file that is whole or not there at all. */
export async function writeWhole(path: string, lines: Iterable<string>, signal: AbortSignal): Promise<void> {
  const draft = `${path}.partial`
  try {
    await pipeline(Readable.from(lines), createWriteStream(draft), { signal })
    await rename(draft, path)
  } catch (error) {
    await rm(draft, { force: true })
    throw error
  }
}
