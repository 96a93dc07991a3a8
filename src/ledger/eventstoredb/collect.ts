import type { StreamingRead } from '@eventstore/db-client'

/**
 * All events of one bounded read. Reads are always read to their end and bounded by `maxCount`, since leaving one early
 * keeps its call open, and about a hundred open calls stop the client for good (eventstoredb.md §1, rows 4 and 6).
 * `silence` is the longest wait for the next event, in ms; then, or when the store closes, the call is cancelled.
 */
export function collect<E>(read: StreamingRead<E>, silence: number, closed: AbortSignal): Promise<E[]> {
  return new Promise((resolve, reject) => {
    const events: E[] = []
    const giveUp = (why: string): void => {
      settle(() => reject(new Error(why)))
      // The call may never have been opened; nobody waits for the cancellation.
      read.cancel().catch(() => undefined)
    }
    const close = (): void => giveUp('the store was closed')
    const timer = setTimeout(() => giveUp(`no event in ${Math.round(silence)} ms`), silence)
    closed.addEventListener('abort', close)
    const settle = (end: () => void): void => {
      clearTimeout(timer)
      closed.removeEventListener('abort', close)
      end()
    }
    read.on('data', (event: E) => {
      events.push(event)
      timer.refresh()
    })
    read.on('end', () => settle(() => resolve(events)))
    // Stays for good: the stream may fail again after it was given up, and an error without a listener ends the process.
    read.on('error', (error) => settle(() => reject(error)))
  })
}
