import type { ResolvedEvent } from '@eventstore/db-client'
import type { RecordedEvent } from '../envelope.ts'
import { shareReads } from '../shareReads.ts'
import { placesOf, type CommandIndex, type CommandPlace } from './commandIndex.ts'

export interface CommandSearchOptions {
  readonly commandIndex: CommandIndex
  readonly readRecords: (stream: string, from: number, count: number) => Promise<readonly ResolvedEvent[]>
  /** undefined for what is not ours */
  readonly ours: (record: ResolvedEvent) => RecordedEvent | undefined
}

export type CommandSearch = (commandId: string, stream: string) => Promise<readonly RecordedEvent[]>

const page = 1_000

/**
 * All events of a command. The index is caught up to the head of the asked stream first, so an append that another
 * process made, or whose answer was lost, is found; a command on another stream is found when the index knows it.
 */
export function createCommandSearch({ commandIndex, readRecords, ours }: CommandSearchOptions): CommandSearch {
  const shared = shareReads<readonly CommandPlace[]>()

  const eventsAt = async ({ commandId, stream, first, last }: CommandPlace): Promise<readonly RecordedEvent[]> => {
    const records = await readRecords(stream, first, last - first + 1)
    return records.flatMap((record) => ours(record) ?? []).filter((event) => event.source.commandId === commandId)
  }

  /** Indexes a stream from where it is indexed to its head; gives the commands in that part. */
  const catchUp = async (stream: string, indexed: number): Promise<readonly CommandPlace[]> => {
    const found: CommandPlace[] = []
    // The last indexed event is read again: a stream that does not have it is not the one that was indexed.
    for (let from = Math.max(0, indexed); ;) {
      const records = await readRecords(stream, from, page)
      const last = records.at(-1)?.event
      if (!last && from === indexed) return catchUpAnew(stream)
      if (!last) return found
      const to = Number(last.revision)
      if (to > indexed) {
        const commands = records.flatMap((record) => {
          const event = ours(record)
          return event ? { revision: event.revision, commandId: event.source.commandId } : []
        })
        const places = placesOf(stream, commands)
        found.push(...places)
        await commandIndex.add(stream, from, to, places)
      }
      if (records.length < page) return found
      from = to + 1
    }
  }
  const catchUpAnew = async (stream: string): Promise<readonly CommandPlace[]> => {
    await commandIndex.forget(stream)
    return catchUp(stream, -1)
  }

  return async (commandId, stream) => {
    const { indexed, place } = await commandIndex.find(commandId, stream)
    const own = place?.stream === stream ? place : undefined
    // The events of one command are appended together: only at the end of the indexed part could some be missing.
    if (own && own.last < indexed) {
      const events = await eventsAt(own)
      if (events.length > 0) return events
      const again = join((await catchUpAnew(stream)).filter((caught) => caught.commandId === commandId))
      return again ? eventsAt(again) : []
    }
    const caught = (await shared(stream, () => catchUp(stream, indexed))).filter((each) => each.commandId === commandId)
    const found = join(own ? [own, ...caught] : caught) ?? place
    return found ? eventsAt(found) : []
  }
}

/** One place for a command whose events stand on both sides of a page's end. */
function join(places: readonly CommandPlace[]): CommandPlace | undefined {
  const [place] = places
  return (
    place && {
      ...place,
      first: Math.min(...places.map(({ first }) => first)),
      last: Math.max(...places.map(({ last }) => last)),
    }
  )
}
