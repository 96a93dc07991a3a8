import type { z } from 'zod'

/**
 * Work that happens by itself. The promises are weak on purpose, so that they hold on every adapter:
 *
 * - A job may be **lost** (the queue's store was flushed or restored) and may **run twice** (a process died in the middle,
 *   or lost its lock). So a handler derives what to do from events, writes through commands with ids or expected revisions,
 *   and a sweeper on a schedule finds what was lost. Totals never depend on the queue (design.md §6).
 * - A **key** names one piece of work: while a job of that name and key is queued or running, has completed within
 *   `jobLimits.completedFor`, or lies among the dead letters, enqueueing it again does nothing. So a key holds what the work
 *   derives from, such as an event's id or a stream's revision: `settle/<programme>/<period>/<revision>`.
 * - Two queues: `work` for what is enqueued, `schedule` for what repeats, so that a long backlog never holds up the clock.
 * - Data is small JSON without personal data: ids, periods, positions.
 */
export interface Jobs {
  readonly kind: 'memory' | 'postgres' | 'redis'
  /**
   * Declares a job in this process and gives back its typed `enqueue`. Without a handler this process only enqueues; a
   * process that runs jobs gives an unknown one back after `jobLimits.unknownDelayMs`, for a newer release to take.
   */
  define<S extends z.ZodType>(
    name: string,
    schema: S,
    handler?: JobHandler<z.output<S>>,
    options?: DefineOptions,
  ): (data: z.input<S>, options: EnqueueOptions) => Promise<void>
  /**
   * Throws `InvalidJob` (a bug: not declared, data that does not fit or is too large) and `JobsFull`. When the queue's store
   * is away it rejects with the driver's error, outcome unknown: repeat with the same key.
   */
  enqueue(name: string, data: unknown, options: EnqueueOptions): Promise<void>
  /**
   * Repeats a declared job. Slots are instants of the rhythm, the same in every process, and the job's key is
   * `<key>@<slot>`: one run per slot however many processes declare it. A process that starts also runs the slot that
   * passed last (it may have been missed); of slots missed while it runs, the last. Nothing is kept of a schedule that is
   * no longer declared, beyond its next slot.
   */
  schedule(name: string, rhythm: Rhythm, data: unknown, key: string): Promise<void>
  /**
   * Drops a queued job, or aborts the signal of a running one: at once in this process, at its next `progress` in another.
   * A handler that then throws is not retried.
   */
  cancel(name: string, key: string): Promise<'dropped' | 'aborting' | 'unknown'>
  /** What is known of one job; undefined when it is not (never enqueued, lost, or completed long ago). */
  find(name: string, key: string): Promise<JobStatus | undefined>
  /** Dead letters: jobs that used up their attempts or whose data did not fit. Newest first; at most 1,000. */
  failed(limit: number): Promise<readonly DeadLetter[]>
  /** Gives a dead letter all its attempts again. False when there is none of that key. */
  revive(name: string, key: string): Promise<boolean>
  counts(): Promise<Readonly<Record<QueueName, QueueCounts>>>
  /** Runs jobs until the signal aborts or `close` is called, then ends as `close` does. At most once per object. */
  run(options: RunOptions): Promise<void>
  /** Forgets everything queued, and what completed. For tests: totals may not change. */
  flush(): Promise<void>
  /**
   * Takes no new job, lets the running ones end, aborts their signals after half the time and leaves them after all of it
   * (default 10,000 ms): what was left runs again elsewhere. Never rejects, may be called often.
   */
  close(options?: { readonly withinMs?: number }): Promise<void>
}

export type QueueName = 'work' | 'schedule'
export const queueNames = ['work', 'schedule'] as const satisfies readonly QueueName[]

export type JobHandler<T> = (job: Job<T>) => Promise<void>

export interface Job<T> {
  readonly name: string
  readonly key: string
  readonly data: T
  /** 1 for the first attempt */
  readonly attempt: number
  /** ms since 1970: the slot of a scheduled job, otherwise when it was to run first */
  readonly dueAt: number
  /** aborts with a `JobStopped` as its reason; a handler that takes longer than a second looks at it */
  readonly signal: AbortSignal
  /** Reports how far it is. Written at most twice a second; a cancellation from another process arrives here. */
  progress(progress: Progress): Promise<void>
}

export interface Progress {
  readonly done: number
  readonly of?: number
}

export interface DefineOptions {
  /** how often it is tried before it becomes a dead letter; 1 to 20, default 8: with the waits of `retryDelay` about two minutes */
  readonly attempts?: number
}

export interface EnqueueOptions {
  /** 1 to 200 printable characters */
  readonly key: string
  /** not earlier than this many ms from now, or than this instant (ms since 1970) */
  readonly delayMs?: number
  readonly notBefore?: number
}

/** Every so many ms, counted from 1970; or five cron fields (cron.ts) on the clocks of an IANA zone. */
export type Rhythm = { readonly everyMs: number } | { readonly cron: string; readonly zone: string }

export interface RunOptions {
  /** jobs of queue `work` at the same time; `schedule` runs two beside them */
  readonly concurrency: number
  readonly signal: AbortSignal
}

export interface JobStatus {
  readonly state: 'queued' | 'running' | 'completed' | 'failed'
  readonly attempts: number
  readonly progress?: Progress
}

export interface DeadLetter {
  readonly queue: QueueName
  readonly name: string
  readonly key: string
  readonly attempts: number
  /** the last error's message, at most 500 characters */
  readonly reason: string
  /** ms since 1970 */
  readonly failedAt: number
}

/** `queued` holds the delayed ones too; `completed` those still remembered for their keys. */
export interface QueueCounts {
  readonly queued: number
  readonly running: number
  readonly completed: number
  readonly failed: number
}

/** Told of every job that ended: for metrics and logs. `retried` waits for its next attempt, `returned` was left to another process. */
export interface JobEnded {
  readonly queue: QueueName
  readonly name: string
  readonly key: string
  readonly outcome: 'completed' | 'retried' | 'failed' | 'cancelled' | 'returned'
  readonly waitedMs: number
  readonly tookMs: number
  readonly error?: unknown
}

export interface JobHooks {
  /** ms since 1970 */
  readonly clock: () => number
  readonly onEnded?: (ended: JobEnded) => void
  /** trouble of the queue itself: a connection lost, a lock not renewed */
  readonly onError?: (error: Error) => void
  readonly limits?: Partial<JobLimits>
}

export interface JobLimits {
  readonly dataBytes: number
  /** queued jobs per queue; more are refused with `JobsFull` */
  readonly backlog: number
  /** how long a completed job's key is remembered, ms */
  readonly completedFor: Readonly<Record<QueueName, number>>
  readonly failedFor: number
  readonly attempts: number
  /** wait before the second attempt; doubles up to `longestRetryMs` */
  readonly firstRetryMs: number
  readonly longestRetryMs: number
  readonly unknownDelayMs: number
  /** a running job whose process does not answer for this long is given to another */
  readonly lockMs: number
}

const minutes = 60_000
const hours = 60 * minutes

export const jobLimits: JobLimits = {
  dataBytes: 64 * 1024,
  backlog: 100_000,
  completedFor: { work: 15 * minutes, schedule: 25 * hours },
  failedFor: 14 * 24 * hours,
  attempts: 8,
  firstRetryMs: 1_000,
  longestRetryMs: 10 * minutes,
  unknownDelayMs: 1 * minutes,
  lockMs: 30_000,
}

/** ms to wait after the n-th failed attempt. No jitter: what hits a recovering server is bounded by the concurrency. */
export function retryDelay(attempt: number, limits: JobLimits): number {
  return Math.min(limits.firstRetryMs * 2 ** (attempt - 1), limits.longestRetryMs)
}

/** A bug of the caller: the job is not declared, or its key or data do not fit. */
export class InvalidJob extends Error {
  override readonly name = 'InvalidJob'
}

/** The backlog has reached its bound: slow down and come back. What is derived from events is not lost by waiting. */
export class JobsFull extends Error {
  override readonly name = 'JobsFull'
}

/** Why a job's signal aborted. */
export class JobStopped extends Error {
  override readonly name = 'JobStopped'
  readonly why: 'cancelled' | 'closing' | 'lock lost'

  constructor(why: JobStopped['why']) {
    super(`the job was stopped: ${why}`)
    this.why = why
  }
}
