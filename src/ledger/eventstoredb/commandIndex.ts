/**
 * Where the events of a command are. EventStoreDB finds nothing by id, so the ledger owns this index (design.md §7). It is
 * fed by the store's own appends and, before it is asked, caught up to the head of the stream in question, so it may
 * lag, be shared by processes, or be lost: it is rebuilt from the streams.
 */
export interface CommandPlace {
  readonly commandId: string
  readonly stream: string
  /** revisions of the command's first and last event */
  readonly first: number
  readonly last: number
}

export interface CommandIndex {
  /**
   * How far a stream is indexed (−1: not at all), and where a command is: on that stream, else on any other (the same
   * idempotency key used twice).
   */
  find(
    commandId: string,
    stream: string,
  ): Promise<{ readonly indexed: number; readonly place: CommandPlace | undefined }>
  /**
   * Adds the commands of the revisions `from` to `to` of a stream. The stream counts as indexed up to `to` only when
   * nothing is missing before `from`. Adding the same again changes nothing.
   */
  add(stream: string, from: number, to: number, places: readonly CommandPlace[]): Promise<void>
  /** Forgets a stream: what it knew does not fit the log (a restored or replaced database). */
  forget(stream: string): Promise<void>
}

/** For one process: lost at its end, so the first question about a stream reads the whole stream. */
export function memoryCommandIndex(): CommandIndex {
  const indexed = new Map<string, number>()
  const places = new Map<string, Map<string, CommandPlace>>()
  return {
    async find(commandId, stream) {
      const known = places.get(commandId)
      const [any] = known?.values() ?? []
      return { indexed: indexed.get(stream) ?? -1, place: known?.get(stream) ?? any }
    },
    async add(stream, from, to, added) {
      for (const place of added) {
        const known = places.get(place.commandId) ?? new Map<string, CommandPlace>()
        const before = known.get(stream)
        const first = Math.min(before?.first ?? place.first, place.first)
        known.set(stream, { ...place, first, last: Math.max(before?.last ?? place.last, place.last) })
        places.set(place.commandId, known)
      }
      const upTo = indexed.get(stream) ?? -1
      if (from <= upTo + 1) indexed.set(stream, Math.max(upTo, to))
    },
    async forget(stream) {
      indexed.delete(stream)
      for (const [commandId, known] of places) {
        if (known.delete(stream) && known.size === 0) places.delete(commandId)
      }
    },
  }
}

/** The commands among consecutive events of one stream. */
export function placesOf(
  stream: string,
  events: readonly { readonly revision: number; readonly commandId: string | undefined }[],
): CommandPlace[] {
  const places = new Map<string, CommandPlace>()
  for (const { revision, commandId } of events) {
    if (commandId === undefined) continue
    places.set(commandId, { commandId, stream, first: places.get(commandId)?.first ?? revision, last: revision })
  }
  return [...places.values()]
}
