import { setTimeout as sleep } from 'node:timers/promises'
import { createBell } from '../../ledger/bell.ts'
import { createDefinitions, reasonOf, runHandler, UnfitData, type Definition } from './definitions.ts'
import {
  InvalidJob,
  jobLimits,
  JobsFull,
  JobStopped,
  queueNames,
  retryDelay,
  type DeadLetter,
  type EnqueueOptions,
  type JobEnded,
  type JobHooks,
  type Jobs,
  type Progress,
  type QueueCounts,
  type QueueName,
} from './jobs.ts'
import { createSlotPlan, slotKey, slotsOf } from './slots.ts'

export interface MemoryJobs extends Jobs {
  /**
   * Runs what is due up to an instant (ms since 1970), one job at a time in order of due time and of enqueueing, with all
   * that it enqueues, retries and every slot of every schedule on the way: time as a simulation has it. Before each job
   * `onTime` of the options is told the instant, so that the simulated clock can be set. Gives the number of runs.
   */
  runDue(until: number): Promise<number>
}

interface Entry {
  readonly queue: QueueName
  readonly name: string
  readonly key: string
  readonly text: string
  readonly firstDueAt: number
  /** of a scheduled job */
  readonly slot: number | undefined
  dueAt: number
  order: number
  attempts: number
  state: 'queued' | 'running' | 'completed' | 'failed'
  progress: Progress | undefined
  reason: string
  endedAt: number
  controller: AbortController | undefined
}

const idleMs = 1_000

/** Jobs without a store: for tests and simulated time. Of one process, and gone with it. */
export function createMemoryJobs(hooks: JobHooks & { readonly onTime?: (instant: number) => void }): MemoryJobs {
  const { clock, onEnded, onTime } = hooks
  const limits = { ...jobLimits, ...hooks.limits }
  const definitions = createDefinitions(limits)
  const plan = createSlotPlan()
  const bell = createBell()
  const stopping = new AbortController()
  const entries = new Map<string, Entry>()
  const queued: Record<QueueName, Entry[]> = { work: [], schedule: [] }
  const running = new Map<Entry, Promise<void>>()
  let orders = 0
  let forgottenAt = -Infinity
  let time = -Infinity
  let loop: Promise<void> | undefined
  let closing: Promise<void> | undefined

  const now = (): number => Math.max(time, clock())
  const idOf = (name: string, key: string): string => `${name}/${key}`
  const inState = (state: Entry['state'], queue?: QueueName): Entry[] =>
    [...entries.values()].filter((entry) => entry.state === state && (queue ?? entry.queue) === entry.queue)

  function put(entry: Entry): void {
    orders += 1
    entry.order = orders
    entry.state = 'queued'
    const queue = queued[entry.queue]
    let low = 0
    let high = queue.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((queue[middle]?.dueAt ?? Infinity) <= entry.dueAt) low = middle + 1
      else high = middle
    }
    queue.splice(low, 0, entry)
    bell.ring()
  }

  /** Forgets keys that completed or failed too long ago. */
  function forget(): void {
    if (now() < forgottenAt + idleMs) return
    forgottenAt = now()
    for (const [id, entry] of entries) if (isStale(entry)) entries.delete(id)
  }

  function isStale({ state, queue, endedAt }: Entry): boolean {
    if (state === 'queued' || state === 'running') return false
    return endedAt + (state === 'failed' ? limits.failedFor : limits.completedFor[queue]) < now()
  }

  function add(queue: QueueName, name: string, key: string, data: unknown, firstDueAt: number, slot?: number): void {
    const known = entries.get(idOf(name, key))
    if (known && !isStale(known)) return
    const { text } = definitions.check(name, key, data)
    if (queued[queue].length >= limits.backlog) throw new JobsFull(`${limits.backlog} jobs are queued`)
    const fresh = {
      attempts: 0,
      state: 'queued',
      progress: undefined,
      reason: '',
      endedAt: 0,
      controller: undefined,
    } as const
    const entry: Entry = { queue, name, key, text, firstDueAt, slot, dueAt: firstDueAt, order: 0, ...fresh }
    entries.set(idOf(name, key), entry)
    put(entry)
  }

  function tick(): void {
    for (const { schedule, slot } of plan.due(now())) {
      add('schedule', schedule.name, slotKey(schedule, slot), schedule.data, slot, slot)
    }
  }

  async function execute(entry: Entry): Promise<void> {
    const definition = definitions.get(entry.name)
    const startedAt = now()
    if (!definition?.handler) {
      entry.dueAt = startedAt + limits.unknownDelayMs
      return put(entry)
    }
    const controller = new AbortController()
    Object.assign(entry, { state: 'running', controller, attempts: entry.attempts + 1 })
    const { outcome, error } = await attempt(definition, entry, controller.signal)
    entry.controller = undefined
    entry.endedAt = now()
    switch (outcome) {
      case 'completed':
      case 'cancelled':
        entry.state = 'completed'
        break
      case 'returned':
        entry.attempts -= 1
        put(entry)
        break
      case 'retried':
        entry.dueAt = now() + retryDelay(entry.attempts, limits)
        put(entry)
        break
      case 'failed':
        entry.state = 'failed'
        entry.reason = reasonOf(error)
    }
    const { queue, name, key } = entry
    const [waitedMs, tookMs] = [Math.max(0, startedAt - entry.firstDueAt), now() - startedAt]
    onEnded?.({ queue, name, key, outcome, waitedMs, tookMs, ...(error !== undefined && { error }) })
  }

  async function attempt(
    definition: Definition,
    entry: Entry,
    signal: AbortSignal,
  ): Promise<{ readonly outcome: JobEnded['outcome']; readonly error?: unknown }> {
    const { name, key, attempts, firstDueAt } = entry
    const data: unknown = JSON.parse(entry.text)
    const progress = async (value: Progress): Promise<void> => void (entry.progress = value)
    try {
      return {
        outcome: await runHandler(definition, {
          name,
          key,
          data,
          attempt: attempts,
          dueAt: firstDueAt,
          signal,
          progress,
        }),
      }
    } catch (error) {
      const again = attempts < definition.attempts && !(error instanceof UnfitData)
      return { outcome: again ? 'retried' : 'failed', error }
    }
  }

  function start(queue: QueueName, concurrency: number): void {
    const isFree = (): boolean => [...running.keys()].filter((entry) => entry.queue === queue).length < concurrency
    while (isFree() && (queued[queue][0]?.dueAt ?? Infinity) <= now()) {
      const entry = queued[queue].shift()
      if (!entry) return
      const run = execute(entry).finally(() => {
        running.delete(entry)
        forget()
        bell.ring()
      })
      running.set(entry, run)
    }
  }

  async function work(concurrency: number): Promise<void> {
    while (!stopping.signal.aborted) {
      const rings = bell.rings()
      tick()
      start('work', concurrency)
      start('schedule', 2)
      const next = Math.min(...queueNames.map((queue) => queued[queue][0]?.dueAt ?? Infinity))
      await bell.wait(rings, Math.min(Math.max(next - now(), 1), idleMs), stopping.signal)
    }
  }

  async function close(withinMs: number): Promise<void> {
    stopping.abort()
    await loop
    const ended = Promise.all(running.values())
    await within(ended, withinMs / 2)
    for (const { controller } of running.keys()) controller?.abort(new JobStopped('closing'))
    await within(ended, withinMs / 2)
  }

  const jobs: MemoryJobs = {
    kind: 'memory',
    define(name, schema, handler, options = {}) {
      definitions.define(name, schema, handler, options)
      return (data, enqueueOptions) => jobs.enqueue(name, data, enqueueOptions)
    },
    async enqueue(name, data, { key, delayMs = 0, notBefore = 0 }: EnqueueOptions) {
      definitions.check(name, key, data)
      forget()
      add('work', name, key, data, Math.max(now() + delayMs, notBefore))
    },
    async schedule(name, rhythm, data, key) {
      const slots = slotsOf(rhythm)
      definitions.check(name, key, data)
      plan.declare({ name, key, data, slots })
      tick()
    },
    async cancel(name, key) {
      const entry = entries.get(idOf(name, key))
      if (entry?.state === 'running') {
        entry.controller?.abort(new JobStopped('cancelled'))
        return 'aborting'
      }
      if (entry?.state !== 'queued') return 'unknown'
      queued[entry.queue] = queued[entry.queue].filter((other) => other !== entry)
      entries.delete(idOf(name, key))
      return 'dropped'
    },
    async find(name, key) {
      const entry = entries.get(idOf(name, key))
      if (!entry) return undefined
      const { state, attempts, progress } = entry
      return { state, attempts, ...(progress && { progress }) }
    },
    async failed(limit) {
      const letters = inState('failed').map(({ queue, name, key, attempts, reason, endedAt }): DeadLetter => ({
        queue,
        name,
        key,
        attempts,
        reason,
        failedAt: endedAt,
      }))
      return letters.sort((a, b) => b.failedAt - a.failedAt).slice(0, Math.min(limit, 1_000))
    },
    async revive(name, key) {
      const entry = entries.get(idOf(name, key))
      if (entry?.state !== 'failed') return false
      Object.assign(entry, { attempts: 0, dueAt: now() })
      put(entry)
      return true
    },
    async counts() {
      const count = (queue: QueueName): QueueCounts => ({
        queued: queued[queue].length,
        running: inState('running', queue).length,
        completed: inState('completed', queue).length,
        failed: inState('failed', queue).length,
      })
      return { work: count('work'), schedule: count('schedule') }
    },
    async run({ concurrency, signal }) {
      if (loop) throw new InvalidJob('jobs run already')
      const stop = (): void => stopping.abort()
      signal.addEventListener('abort', stop)
      if (signal.aborted) stop()
      loop = work(concurrency)
      await loop
      signal.removeEventListener('abort', stop)
      await jobs.close()
    },
    async flush() {
      for (const queue of queueNames) queued[queue] = []
      for (const [id, { state }] of entries) if (state === 'queued' || state === 'completed') entries.delete(id)
    },
    close: ({ withinMs = 10_000 } = {}) => (closing ??= close(withinMs)),
    async runDue(until) {
      for (let runs = 0; ; runs += 1) {
        tick()
        const [first, second] = [queued.work[0], queued.schedule[0]]
        const entry = !first || (second && earlier(second, first)) ? second : first
        if (!entry || entry.dueAt > until || stopping.signal.aborted) {
          if (until > now()) time = until
          return runs
        }
        queued[entry.queue].shift()
        if (entry.dueAt > now()) time = entry.dueAt
        onTime?.(now())
        await execute(entry)
        forget()
      }
    },
  }
  return jobs
}

const earlier = (a: Entry, b: Entry): boolean => a.dueAt < b.dueAt || (a.dueAt === b.dueAt && a.order < b.order)

async function within(promise: Promise<unknown>, milliseconds: number): Promise<void> {
  const timer = new AbortController()
  await Promise.race([promise, sleep(milliseconds, undefined, { signal: timer.signal }).catch(() => undefined)])
  timer.abort()
}
