import { setTimeout as delay } from 'node:timers/promises'
import type { EncodedEvent } from '../encodeEvent.ts'
import { StoreUnavailable, type AppendResult } from '../eventStore.ts'
import { isTransient, unavailable } from './postgresError.ts'

export interface Append {
  readonly stream: string
  readonly events: readonly EncodedEvent[]
  readonly expectedRevision: number
  /** ms since 1970; undefined: the clock of the database */
  readonly recordedAt: number | undefined
}

export interface AppendQueueLimits {
  /** waiting in this process; more is refused as busy */
  readonly queuedEvents: number
  readonly queuedBytes: number
  /** of one flush; a single append may be larger */
  readonly flushEvents: number
  readonly flushBytes: number
  /** how long an append waits and is tried again before its outcome is given up as unknown */
  readonly patienceMilliseconds: number
}

export interface AppendQueue {
  append(append: Append): Promise<AppendResult>
  /**
   * Resolves when no append that was given up can land any more, so that what is read now and told to a caller stays true: at once,
   * unless one was given up since the last flush. Rejects after `patienceMilliseconds`.
   */
  settled(): Promise<void>
  /** Refuses new appends and returns when those that wait are settled. */
  close(): Promise<void>
}

interface Waiting extends Append {
  readonly bytes: number
  readonly deadline: number
  readonly resolve: (result: AppendResult) => void
  readonly reject: (error: Error) => void
}

const firstRetry = 25
const longestRetry = 500

/**
 * Group commit: while one flush is on its way everything else queues, and goes out together with the next one.
 * After a lost connection the appends of a flush go back to the front of the queue and are tried again with the same
 * ids, which finds out whether they were written. After one was given up an empty flush follows as soon as there is a connection:
 * by then the old one is ended on the server's side.
 */
export function createAppendQueue(
  flush: (appends: readonly Append[]) => Promise<readonly AppendResult[]>,
  limits: AppendQueueLimits,
): AppendQueue {
  let queue: Waiting[] = []
  let queuedEvents = 0
  let queuedBytes = 0
  let running: Promise<void> | undefined
  let closed = false
  /** an append was given up, and nothing was flushed since */
  let isOpen = false
  let asking: { readonly deadline: number; readonly resolve: () => void; readonly reject: (error: Error) => void }[] =
    []

  async function run(): Promise<void> {
    let failures = 0
    // Callers that were answered by the last flush come back within this turn of the event loop.
    for (; queue.length > 0 || (isOpen && !closed); await turn()) {
      const batch = takeBatch()
      try {
        const results = await flush(batch)
        failures = 0
        isOpen = false
        for (const { resolve } of asking.splice(0)) resolve()
        for (const [n, waiting] of batch.entries()) settle(waiting, results[n])
      } catch (error) {
        if (isTransient(error)) queue = batch.concat(queue)
        else for (const waiting of batch) settle(waiting, unavailable(error))
        giveUpExpired(error)
        failures += 1
        await delay(Math.min(firstRetry * 2 ** failures, longestRetry))
      }
    }
    running = undefined
  }

  /** The oldest appends within the limits of a flush. An event id goes out once per flush: a repeat waits for the next. */
  function takeBatch(): Waiting[] {
    const batch: Waiting[] = []
    const held: Waiting[] = []
    const ids = new Set<string>()
    let events = 0
    let bytes = 0
    let next = 0
    for (; next < queue.length; next += 1) {
      const waiting = queue[next]
      if (!waiting) break
      if (waiting.events.some(({ id }) => ids.has(id))) {
        held.push(waiting)
        continue
      }
      events += waiting.events.length
      bytes += waiting.bytes
      if (batch.length > 0 && (events > limits.flushEvents || bytes > limits.flushBytes)) break
      for (const { id } of waiting.events) ids.add(id)
      batch.push(waiting)
    }
    queue = [...held, ...queue.slice(next)]
    return batch
  }

  function giveUpExpired(cause: unknown): void {
    const now = performance.now()
    const expired = queue.filter(({ deadline }) => deadline <= now)
    queue = queue.filter(({ deadline }) => deadline > now)
    for (const waiting of expired) settle(waiting, unavailable(cause))
    isOpen ||= expired.length > 0
    for (const { reject } of asking.filter(({ deadline }) => deadline <= now)) reject(unavailable(cause))
    asking = asking.filter(({ deadline }) => deadline > now)
  }

  function settle(waiting: Waiting, result: AppendResult | Error | undefined): void {
    queuedEvents -= waiting.events.length
    queuedBytes -= waiting.bytes
    if (result === undefined) waiting.reject(new StoreUnavailable('a flush without an answer for each append'))
    else if (result instanceof Error) waiting.reject(result)
    else waiting.resolve(result)
  }

  return {
    append(append) {
      const bytes = append.events.reduce((sum, event) => sum + event.bytes, 0)
      if (closed) return Promise.reject(new StoreUnavailable('the store is closed'))
      if (queuedEvents + append.events.length > limits.queuedEvents || queuedBytes + bytes > limits.queuedBytes) {
        return Promise.reject(
          new StoreUnavailable(`busy: ${queuedEvents} events wait to be written; nothing was written`),
        )
      }
      queuedEvents += append.events.length
      queuedBytes += bytes
      return new Promise((resolve, reject) => {
        queue.push({ ...append, bytes, deadline: performance.now() + limits.patienceMilliseconds, resolve, reject })
        running ??= turn().then(run)
      })
    },
    settled() {
      if (!isOpen || closed) return Promise.resolve()
      return new Promise((resolve, reject) => {
        asking.push({ deadline: performance.now() + limits.patienceMilliseconds, resolve, reject })
      })
    },
    async close() {
      closed = true
      await running
      for (const { resolve } of asking.splice(0)) resolve()
    },
  }
}

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}
