import type { ResolvedEvent } from '@eventstore/db-client'
import { positionOf } from './eventCodec.ts'
import { createTimeline, type Mark } from './timeline.ts'

/** When the log was written. EventStoreDB finds nothing by time: it is walked backwards, about 20,000 events per second. */
export interface LookBack {
  /**
   * Position of the last event recorded at or before an instant, whoever wrote it; 0n before the first event. The first
   * question about a time walks from the end, or from the nearest time that anybody has read or asked for since this
   * process began, back to that instant; later ones are short.
   */
  positionAt(instant: number): Promise<bigint>
  /** Leaves a mark that shortens later walks. */
  note(event: ResolvedEvent): void
}

export interface LookBackOptions {
  /** events before a position (exclusive) or before the end, newest first */
  readonly readBackwards: (before: bigint | 'end', count: number) => Promise<readonly ResolvedEvent[]>
  /** the first event of the log */
  readonly readFirst: () => Promise<ResolvedEvent | undefined>
}

const firstPage = 32
const longestPage = 2_000

export function createLookBack({ readBackwards, readFirst }: LookBackOptions): LookBack {
  const timeline = createTimeline()

  async function* walk(from: bigint | 'end'): AsyncGenerator<ResolvedEvent> {
    let before = from
    for (let size = firstPage; ; size = Math.min(size * 4, longestPage)) {
      const events = await readBackwards(before, size)
      yield* events
      const last = events.at(-1)
      if (!last || events.length < size) return
      before = positionOf(last)
    }
  }

  return {
    note: (event) => timeline.note(markOf(event)),
    async positionAt(instant) {
      if (!timeline.around(instant).before) {
        const first = await readFirst()
        if (!first || markOf(first).at > instant) return 0n
        timeline.note(markOf(first))
      }
      const { before, after } = timeline.around(instant)
      for await (const event of walk(after?.position ?? 'end')) {
        if (before && positionOf(event) <= before.position) return before.position
        timeline.note(markOf(event))
        if (markOf(event).at <= instant) return positionOf(event)
      }
      return 0n
    },
  }
}

function markOf(event: ResolvedEvent): Mark {
  return { position: positionOf(event), at: event.event?.created.getTime() ?? 0 }
}
