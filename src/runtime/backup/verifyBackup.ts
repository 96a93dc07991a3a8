import { BackupRefused } from './backupRefused.ts'
import { readChunk } from './chunkFile.ts'
import { readManifest } from './manifest.ts'
import { readKeys } from './personalKeys.ts'
import { eventOf } from './savedEvent.ts'

export interface Verified {
  readonly backup: string
  readonly position: string
  readonly events: number
  readonly files: number
  /** when the newest run that came to its end was taken; undefined: none did */
  readonly takenAt: string | undefined
}

/**
 * Reads a backup from end to end without restoring it: every file is what was written, and the events are a log, with rising
 * positions and times, without a gap where the store numbers them densely. Throws `BackupRefused`, which names the file.
 */
export async function verifyBackup(
  directory: string,
  options: {
    readonly keysDirectory?: string | undefined
    readonly signal: AbortSignal
    readonly onProgress?: (done: number, total: number) => void
  },
): Promise<Verified> {
  const manifest = await readManifest(directory)
  if (!manifest) throw new BackupRefused('no-backup', `${directory} holds no backup: manifest.json is missing`)
  const { events: chunks, point, store, backup } = manifest
  const isDense = store === 'postgres'
  let [position, time, events] = [0n, 0, 0]
  for (const [index, chunk] of chunks.entries()) {
    if (options.signal.aborted) throw new BackupRefused('busy', 'stopped')
    for (const line of await readChunk(directory, chunk)) {
      const event = eventOf(line)
      const recorded = Date.parse(event.recordedAt)
      if (isDense ? event.position !== position + 1n : event.position < position)
        throw new BackupRefused('damaged', `${chunk.file}: position ${event.position} follows ${position}`)
      if (isDense && recorded < time)
        throw new BackupRefused(
          'damaged',
          `${chunk.file}: position ${event.position} was recorded before the one ahead of it`,
        )
      ;[position, time, events] = [event.position, recorded, events + 1]
    }
    options.onProgress?.(index + 1, chunks.length)
  }
  for (const chunk of point?.state ?? []) await readChunk(directory, chunk)
  if (options.keysDirectory !== undefined) {
    const keys = await readKeys(options.keysDirectory, backup, BigInt(point?.position ?? 0))
    for (const chunk of keys.files) await readChunk(options.keysDirectory, chunk)
  }
  const files = chunks.length + (point?.state.length ?? 0)
  return { backup, position: position.toString(), events, files, takenAt: point?.at }
}
