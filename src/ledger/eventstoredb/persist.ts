import { setTimeout as pause } from 'node:timers/promises'
import { StoreUnavailable } from '../eventStore.ts'
import { describe, failureOf } from './failure.ts'

export interface Patience {
  /** longest wait for one answer, ms */
  readonly callTimeout: number
  /** longest wait over all repeats, ms */
  readonly patience: number
  /** aborted by `close` */
  readonly closed: AbortSignal
}

const firstPause = 5
const longestPause = 1_000

/**
 * Calls until there is a definite answer. The client has no deadline of its own on most calls (eventstoredb.md §1, row 9), so
 * each attempt gets `timeLeft` ms and must settle within them.
 *
 * @throws StoreUnavailable when patience ends: whether anything was written is then unknown
 */
export async function persist<T>(
  what: string,
  limits: Patience,
  attempt: (timeLeft: number) => Promise<T>,
): Promise<T> {
  const end = performance.now() + limits.patience
  let wait = firstPause
  for (;;) {
    if (limits.closed.aborted) throw new StoreUnavailable(`${what}: the store is closed`)
    try {
      return await attempt(Math.max(1, Math.min(limits.callTimeout, end - performance.now())))
    } catch (error) {
      const failure = failureOf(error, what)
      if (!failure.repeat) throw failure.error
      const left = end - performance.now()
      if (left <= wait)
        throw new StoreUnavailable(
          `${what}: EventStoreDB gave no answer in ${limits.patience} ms (${describe(error)})`,
          { cause: error },
        )
    }
    await pause(wait, undefined, { signal: limits.closed }).catch(() => undefined)
    wait = Math.min(wait * 2, longestPause)
  }
}

/** The promise, or a rejection after `milliseconds`; what settles later is ignored. */
export async function within<T>(milliseconds: number, promise: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer in ${Math.round(milliseconds)} ms`)), milliseconds)
  })
  try {
    return await Promise.race([promise, late])
  } finally {
    clearTimeout(timer)
  }
}
