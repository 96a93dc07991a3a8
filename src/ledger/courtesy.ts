import { createBoundedCache } from './boundedCache.ts'

/**
 * Fairness between processes that write one stream. Who has just won starts its next batch from a warm state, who has
 * lost must read first: left to themselves, one process wins again and again until the other gives up. So a process
 * that has met another on a stream lets a short random time pass before its next batches there, and one that has lost
 * an append tries again at once.
 */
export interface Courtesy {
  /** At the start of a batch. At once on a stream that nobody else was met on lately. */
  letOthersFirst(stream: string): Promise<void>
  /** An append was lost to another process. */
  lostTo(stream: string): void
}

/** Batches for which another process is expected to be there still. */
const memory = 16
/** Milliseconds: more than an append and two reads take. */
const longest = 16

export function createCourtesy(options: {
  readonly random: (size: number) => Uint8Array
  readonly sleep: (milliseconds: number) => Promise<void>
  /** streams remembered */
  readonly capacity: number
}): Courtesy {
  const { random, sleep, capacity } = options
  const met = createBoundedCache<number>({ capacity })
  return {
    async letOthersFirst(stream) {
      const batches = met.get(stream)
      if (batches === undefined) return
      if (batches > 1) met.set(stream, batches - 1)
      else met.delete(stream)
      const [fraction = 0] = random(1)
      await sleep((fraction / 256) * longest)
    },
    lostTo: (stream) => met.set(stream, memory),
  }
}
