import { BackupRefused } from './backupRefused.ts'
import { readChunk } from './chunkFile.ts'
import type { EventChunk, Manifest } from './manifest.ts'
import { eventOf } from './savedEvent.ts'

/** Up to where a backup is restored: nothing (its end), a position of the log, or an instant (ms since 1970). */
export type Until = undefined | { readonly position: bigint } | { readonly instant: number }

export interface Cut {
  /** of the last event to restore; 0n: none */
  readonly position: bigint
  /** of that event */
  readonly recordedAt: string
}

/**
 * The last event at or before `until` behind which no command is cut in two: events of one command that did not all happen
 * by then are left out together. Throws `BackupRefused` when the backup does not reach so far.
 */
export async function cutAt(directory: string, manifest: Manifest, until: Until): Promise<Cut> {
  const { events, point } = manifest
  if (until === undefined) {
    if (!point)
      throw new BackupRefused(
        'no-backup',
        `the backup in ${directory} was never finished: run backup again, or restore --until a position up to ${events.at(-1)?.last ?? '0'}`,
      )
    // an interrupted later run may have saved more events than the state belongs to
    return cutAt(directory, manifest, { position: BigInt(point.position) })
  }
  const end = events.at(-1)
  if (
    'position' in until
      ? until.position > BigInt(end?.last ?? 0)
      : until.instant > Date.parse(point?.at ?? end?.recordedAt ?? '')
  )
    throw new BackupRefused(
      'out-of-reach',
      `the backup in ${directory} ends at position ${end?.last ?? '0'}, ${point ? `taken at ${point.at}` : 'not finished'}`,
    )
  const isBefore = (event: { position: bigint; recordedAt: string }): boolean =>
    'position' in until ? event.position <= until.position : Date.parse(event.recordedAt) <= until.instant
  // the chunk in which the border lies; the events of a command may reach into its neighbours
  const at = events.findIndex((chunk) => !isBefore({ position: BigInt(chunk.last), recordedAt: chunk.recordedAt }))
  if (at === -1) return { position: BigInt(end?.last ?? 0), recordedAt: end?.recordedAt ?? new Date(0).toISOString() }
  return cutIn(directory, events.slice(Math.max(0, at - 1), at + 1), isBefore)
}

async function cutIn(
  directory: string,
  chunks: readonly EventChunk[],
  isBefore: (event: { position: bigint; recordedAt: string }) => boolean,
): Promise<Cut> {
  const lines = (await Promise.all(chunks.map((chunk) => readChunk(directory, chunk)))).flat()
  const found = lines.map(eventOf)
  const border = found.findIndex((event) => !isBefore(event))
  const split = found[border]?.source.commandId
  let last = border - 1
  while (split !== undefined && found[last]?.source.commandId === split) last -= 1
  const event = found[last]
  return event
    ? { position: event.position, recordedAt: event.recordedAt }
    : { position: 0n, recordedAt: new Date(0).toISOString() }
}
