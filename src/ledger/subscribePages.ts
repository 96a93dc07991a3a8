import type { Bell } from './bell.ts'
import { joinSignals } from './joinSignals.ts'
import { StoreUnavailable, type Page, type ReadAllOptions, type SubscribeOptions } from './eventStore.ts'

const defaultLimit = 1_000
const firstRetry = 50
const longestRetry = 2_000

export interface PageSource {
  readonly readAll: (options: ReadAllOptions) => Promise<Page>
  readonly bell: Bell
  /** how often to look when the bell does not ring */
  readonly pollMilliseconds: number
  /** the store was closed: every subscription ends */
  readonly closed: AbortSignal
}

/**
 * A subscription as every adapter gives it: page after page with `readAll`, then whenever the bell rings, and on a
 * timer in case it does not. A store that is away is asked again until it is back. Ends when a signal aborts.
 */
export async function* subscribePages(
  { readAll, bell, pollMilliseconds, closed }: PageSource,
  { after, types, limit = defaultLimit, signal }: SubscribeOptions,
): AsyncGenerator<Page, void, undefined> {
  const { signal: end, release } = joinSignals([signal, closed])
  let position = after
  let failures = 0
  try {
    while (!end.aborted) {
      const seen = bell.rings()
      const page = await unlessAborted(readAll({ after: position, limit, ...(types && { types }) }), end).catch(
        unavailable,
      )
      if (end.aborted) return
      if (page === undefined) {
        failures += 1
        await bell.wait(bell.rings(), Math.min(firstRetry * 2 ** failures, longestRetry), end)
        continue
      }
      failures = 0
      if (page.position > position) {
        position = page.position
        yield page
      }
      if (page.atHead) await bell.wait(seen, pollMilliseconds, end)
    }
  } finally {
    release()
  }
}

function unavailable(error: unknown): undefined {
  if (!(error instanceof StoreUnavailable)) throw error
}

/** Not Promise.race: against a promise that lives as long as the subscription it would keep every page. */
function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T | undefined> {
  return new Promise((resolve, reject) => {
    const abort = (): void => resolve(undefined)
    signal.addEventListener('abort', abort, { once: true })
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort))
  })
}
