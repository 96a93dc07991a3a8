import { createBoundedCache } from './boundedCache.ts'

/**
 * Fairness between processes that write one stream. Who has just won starts its next batch from a warm state, who has
 * lost must read first: left to themselves, one process wins again and again until the other gives up. So a process
 * that has met another on a stream works for a turn, and then lets the other begin one; and one that has lost an append
 * looks now and then whether the stream still grows, and tries again when it does not: a batch that is decided only to
 * be lost costs the other its processor.
 */
export interface Courtesy {
  /** At the start of a batch. At once on a stream that nobody else was met on lately. */
  letOthersFirst(stream: string): Promise<void>
  /** An append was lost to another process. Resolves when it is time to try again; `grew` looks whether the stream has grown since the last look. */
  lostTo(stream: string, grew: () => Promise<boolean>): Promise<void>
}

/** Milliseconds of batches one after another, each from a warm state. */
const turn = 200
/** Milliseconds at a turn's end: enough for one that has lost to read and append. */
const pause = 40
/** Milliseconds between two looks, at most: longer than a batch takes, and so that two fall into a pause. */
const longestLook = 20
/** Looks at a stream that grows all the time, before it is tried all the same. */
const mostLooks = 40
/** Milliseconds without a lost append after which nobody else is expected on the stream. */
const memory = 1_000

export function createCourtesy(options: {
  readonly now: () => number
  readonly random: (size: number) => Uint8Array
  readonly sleep: (milliseconds: number) => Promise<void>
  /** streams remembered */
  readonly capacity: number
}): Courtesy {
  const { now, random, sleep, capacity } = options
  const met = createBoundedCache<{ metAt: number; turnSince: number }>({ capacity })
  return {
    async letOthersFirst(stream) {
      const others = met.get(stream)
      if (!others) return
      if (now() - others.metAt > memory) {
        met.delete(stream)
        return
      }
      if (now() - others.turnSince < turn) return
      await sleep(pause)
      met.set(stream, { ...others, turnSince: now() })
    },
    async lostTo(stream, grew) {
      for (let looks = 0; looks < mostLooks; looks += 1) {
        const [fraction = 0] = random(1)
        await sleep(longestLook * (0.6 + (0.4 * fraction) / 256))
        if (!(await grew())) break
      }
      met.set(stream, { metAt: now(), turnSince: now() })
    },
  }
}
