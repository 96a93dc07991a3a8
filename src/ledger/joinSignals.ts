import { setMaxListeners } from 'node:events'

/**
 * A signal that aborts when one of several does, or after so many milliseconds. `release` forgets them: call it when the wait is over.
 * Not `AbortSignal.any`: a time limit inside one is garbage collected in Node 20, and what waits for it waits for ever
 * (nodejs/node#57736).
 */
export interface JoinedSignal {
  readonly signal: AbortSignal
  release(): void
}

export function joinSignals(signals: readonly AbortSignal[], milliseconds?: number): JoinedSignal {
  const joined = new AbortController()
  const abort = (): void => {
    const reason: unknown = signals.find(({ aborted }) => aborted)?.reason
    release()
    joined.abort(reason)
  }
  const timer = milliseconds === undefined ? undefined : setTimeout(abort, milliseconds)
  const release = (): void => {
    clearTimeout(timer)
    for (const signal of signals) signal.removeEventListener('abort', abort)
  }
  // as many as there are waits under way
  setMaxListeners(0, ...signals)
  for (const signal of signals) signal.addEventListener('abort', abort)
  if (signals.some(({ aborted }) => aborted)) abort()
  return { signal: joined.signal, release }
}
