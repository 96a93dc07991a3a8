import {
  DelayedError,
  PostgresConnection,
  PostgresQueueBackend,
  Queue,
  UnrecoverableError,
  WaitingError,
  withBackend,
  Worker,
  type IQueueBackend,
  type Job,
  type JobsOptions,
  type PostgresConnectionOptions,
  type Processor,
  type QueueOptions,
  type WorkerOptions,
} from 'bullmq'
import { Redis } from 'ioredis'
import type { Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import type { z } from 'zod'
import { createBell } from '../../ledger/bell.ts'
import { createDefinitions, reasonOf, runHandler, UnfitData } from './definitions.ts'
import {
  InvalidJob,
  jobLimits,
  JobsFull,
  JobStopped,
  queueNames,
  retryDelay,
  type DeadLetter,
  type JobEnded,
  type JobHooks,
  type JobLimits,
  type Jobs,
  type JobStatus,
  type Progress,
  type QueueCounts,
  type QueueName,
} from './jobs.ts'
import { createSlotPlan, slotKey, slotsOf } from './slots.ts'

export interface BullJobsOptions extends JobHooks {
  readonly store:
    | {
        /** `postgres://…`: all of this process's jobs share one pool of `connections` (default 4) and one more that listens */
        readonly databaseUrl: string
        readonly connections?: number
        /** gives every connection its socket */
        readonly stream?: () => Socket
      }
    /** `redis://…`: one connection to enqueue, three more to run; `track` is told the socket of each */
    | { readonly redisUrl: string; readonly track?: (socket: Socket) => void }
  /** schema in PostgreSQL, key prefix in Redis; default `channel_ledger_jobs` */
  readonly namespace?: string
}

/** What stands in the queue's store. */
interface Stored {
  readonly key: string
  readonly data: unknown
  readonly dueAt: number
  /** somebody asked to cancel it while it ran elsewhere */
  readonly cancelled?: true
}

/** What is used of BullMQ's classes, whatever their backend. */
type StoredJob = Job<Stored, void>
type StoredQueue = Pick<Queue<Stored, void>, 'getJobCounts' | 'drain' | 'clean' | 'close'> & {
  add(name: string, data: Stored, options: JobsOptions): Promise<unknown>
  getJob(id: string): Promise<StoredJob | undefined>
  getFailed(start: number, end: number): Promise<StoredJob[]>
  on(event: 'error', listener: (error: Error) => void): unknown
}
interface StoredWorker extends Pick<Worker, 'run' | 'pause' | 'close'> {
  on(event: 'error', listener: (error: Error) => void): unknown
  on(event: 'lockRenewalFailed', listener: (ids: string[]) => void): unknown
  getBackend(): Pick<IQueueBackend, 'disconnectBlocking'>
}

/** What differs between the stores. */
interface Store {
  readonly kind: 'postgres' | 'redis'
  queue(name: QueueName, options: Omit<QueueOptions, 'connection'>): StoredQueue
  worker(name: QueueName, process: Processor<Stored, void>, options: Omit<WorkerOptions, 'connection'>): StoredWorker
  close(): Promise<void>
}

const tickMs = 30_000
const progressMs = 500
/** an unknown job waits this long for a process that knows it */
const unknownForMs = 24 * 60 * 60_000

/**
 * Jobs over BullMQ 6. On PostgreSQL the tables are made at the first start; a process uses `connections` + 1 connections
 * whatever it does, no QueueEvents among them, where BullMQ's own wiring would use a pool and a listener for each of the
 * two queues and two workers. They commit asynchronously: a job may be lost anyway, and a crash of the server that loses
 * the last fraction of a second is one more way. Measured on two busy cores (load 11) with 4 connections and empty jobs:
 * 277 jobs/s run and some 400 enqueued, against 195 and 205 with synchronous commits; 169 run with 2 connections, 390 with
 * 8. So work is cut into chunks of many events, not into a job for each. Rejects when the store cannot be reached.
 */
export async function openBullJobs(options: BullJobsOptions): Promise<Jobs> {
  const { clock, onEnded, onError = () => undefined, namespace = 'channel_ledger_jobs' } = options
  const limits: JobLimits = { ...jobLimits, ...options.limits }
  const definitions = createDefinitions(limits)
  const plan = createSlotPlan()
  const bell = createBell()
  const stopping = new AbortController()
  /** attempts here; `ended` when the job was handed back too, for which the connections must live */
  const running = new Map<string, { readonly controller: AbortController; readonly ended: Promise<void> }>()
  /** cancelled between its claim and its start, when it may be on its way to this process */
  const claimedCancelled = new Set<string>()
  const workers: StoredWorker[] = []
  let loop: Promise<void> | undefined
  let closing: Promise<void> | undefined

  const store =
    'redisUrl' in options.store
      ? await openRedis(options.store, namespace, onError)
      : await openPostgres(options.store, namespace, onError)
  const queues = mapQueues((name) => {
    const queue = store.queue(name, { streams: { events: { maxLen: 1_000 } } })
    queue.on('error', onError)
    return { queue, backlog: boundedBacklog(queue, limits.backlog, clock) }
  })

  async function add(queue: QueueName, name: string, key: string, data: unknown, dueAt: number): Promise<void> {
    const { definition } = definitions.check(name, key, data)
    await queues[queue].backlog()
    const jobOptions: JobsOptions = {
      jobId: idOf(name, key),
      delay: Math.max(0, dueAt - clock()),
      attempts: definition.attempts,
      backoff: { type: 'ledger' },
      stackTraceLimit: 0,
    }
    await queues[queue].queue.add(name, { key, data, dueAt }, jobOptions)
  }

  async function tick(): Promise<void> {
    for (const { schedule, slot } of plan.due(clock())) {
      await add('schedule', schedule.name, slotKey(schedule, slot), schedule.data, slot)
    }
  }

  async function stored(name: string, key: string): Promise<StoredJob | undefined> {
    for (const queue of queueNames) {
      const job = await queues[queue].queue.getJob(idOf(name, key))
      if (job) return job
    }
    return undefined
  }

  /** One attempt. What it throws tells BullMQ what to do with the job. */
  async function process(queue: QueueName, job: StoredJob, token: string | undefined): Promise<void> {
    if (stopping.signal.aborted) {
      await job.moveToWait(token)
      throw new WaitingError()
    }
    const definition = definitions.get(job.name)
    if (!definition?.handler) {
      if (clock() - job.data.dueAt > unknownForMs) throw new UnrecoverableError('no process knows this job')
      await job.moveToDelayed(clock() + limits.unknownDelayMs, token)
      throw new DelayedError()
    }
    const controller = new AbortController()
    const id = idOf(job.name, job.data.key)
    const startedAt = clock()
    const { key, data, dueAt, cancelled } = job.data
    if (cancelled || claimedCancelled.delete(id)) controller.abort(new JobStopped('cancelled'))
    const progress = reportTo(job, controller, () => queues[queue].queue.getJob(id), clock)
    const { signal } = controller
    const attempt = job.attemptsMade + 1
    let over = (): void => undefined
    running.set(id, { controller, ended: new Promise<void>((resolve) => (over = resolve)) })
    const tell = (outcome: JobEnded['outcome'], error?: unknown): void => {
      const [waitedMs, tookMs] = [Math.max(0, startedAt - dueAt), clock() - startedAt]
      onEnded?.({ queue, name: job.name, key, outcome, waitedMs, tookMs, ...(error !== undefined && { error }) })
    }
    try {
      const outcome = await runHandler(definition, { name: job.name, key, data, attempt, dueAt, signal, progress })
      if (outcome === 'returned') await giveBack(job, signal, token)
      tell(outcome)
      if (outcome === 'returned') throw new WaitingError()
    } catch (error) {
      if (error instanceof WaitingError) throw error
      const again = attempt < definition.attempts && !(error instanceof UnfitData)
      tell(again ? 'retried' : 'failed', error)
      throw again ? new Error(reasonOf(error)) : new UnrecoverableError(reasonOf(error))
    } finally {
      running.delete(id)
      over()
    }
  }

  function startWorker(queue: QueueName, concurrency: number): void {
    const { completedFor, failedFor, lockMs, attempts } = limits
    const worker = store.worker(queue, (job, token) => process(queue, job, token), {
      autorun: false,
      concurrency,
      lockDuration: lockMs,
      stalledInterval: lockMs,
      maxStalledCount: attempts,
      // by age only: on PostgreSQL keeping a count costs a scan of what is kept at every completion
      removeOnComplete: { age: Math.ceil(completedFor[queue] / 1_000) },
      removeOnFail: { age: Math.ceil(failedFor / 1_000), count: 10_000 },
      settings: { backoffStrategy: (attempt) => retryDelay(attempt, limits) },
    })
    worker.on('error', onError)
    worker.on('lockRenewalFailed', (ids) => {
      for (const id of ids) running.get(id)?.controller.abort(new JobStopped('lock lost'))
    })
    workers.push(worker)
    worker.run().catch(onError)
  }

  async function work(concurrency: number): Promise<void> {
    startWorker('work', concurrency)
    startWorker('schedule', 2)
    while (!stopping.signal.aborted) {
      const rings = bell.rings()
      await tick().catch(onError)
      const wait = Math.min(Math.max(plan.nextAt(clock()) - clock(), 20), tickMs)
      await bell.wait(rings, wait, stopping.signal)
    }
  }

  async function close(withinMs: number): Promise<void> {
    stopping.abort()
    await loop
    const ended = (): Promise<unknown> => Promise.all([...running.values()].map((run) => run.ended))
    await Promise.all(workers.map((worker) => worker.pause(true)))
    await within(ended(), withinMs / 2)
    for (const { controller } of running.values()) controller.abort(new JobStopped('closing'))
    await within(ended(), withinMs / 2)
    const forced = running.size > 0
    const all = Promise.all([
      ...workers.map(async (worker) => {
        if (forced) await worker.getBackend().disconnectBlocking(false)
        await worker.close(forced)
      }),
      ...queueNames.map((name) => queues[name].queue.close()),
    ]).then(() => store.close())
    await within(all, Math.max(withinMs / 4, 500)).catch(onError)
  }

  const jobs: Jobs = {
    kind: store.kind,
    define<S extends z.ZodType>(...[name, schema, handler, defineOptions = {}]: Parameters<typeof jobs.define<S>>) {
      definitions.define(name, schema, handler, defineOptions)
      return (data: z.input<S>, enqueueOptions: Parameters<Jobs['enqueue']>[2]) =>
        jobs.enqueue(name, data, enqueueOptions)
    },
    enqueue: (name, data, { key, delayMs = 0, notBefore = 0 }) =>
      add('work', name, key, data, Math.max(clock() + delayMs, notBefore)),
    async schedule(name, rhythm, data, key) {
      definitions.check(name, key, data)
      plan.declare({ name, key, data, slots: slotsOf(rhythm) })
      bell.ring()
      await tick()
    },
    async cancel(name, key) {
      const job = await stored(name, key)
      const state = await job?.getState()
      if (!job || state === 'completed' || state === 'failed' || state === 'unknown') return 'unknown'
      // of a job that starts at this moment the removal fails: then it runs
      if (
        state !== 'active' &&
        (await job.remove().then(
          () => true,
          () => false,
        ))
      )
        return 'dropped'
      await job.updateData({ ...job.data, cancelled: true })
      const here = running.get(idOf(name, key))
      if (here) here.controller.abort(new JobStopped('cancelled'))
      else if (claimedCancelled.size < 1_000) claimedCancelled.add(idOf(name, key))
      return 'aborting'
    },
    async find(name, key) {
      const job = await stored(name, key)
      const state = stateOf((await job?.getState()) ?? 'unknown')
      if (!job || !state) return undefined
      // only `reportTo` writes it; before the first report it is the number 0
      const progress = typeof job.progress === 'object' ? (job.progress as Progress) : undefined
      return { state, attempts: job.attemptsMade, ...(progress && { progress }) }
    },
    async failed(limit) {
      const most = Math.min(limit, 1_000)
      const letters = await Promise.all(
        queueNames.map(async (queue) =>
          (await queues[queue].queue.getFailed(0, most - 1)).map((job) => letterOf(queue, job)),
        ),
      )
      return letters
        .flat()
        .sort((a, b) => b.failedAt - a.failedAt)
        .slice(0, most)
    },
    async revive(name, key) {
      const job = await stored(name, key)
      if ((await job?.getState()) !== 'failed') return false
      await job?.retry('failed', { resetAttemptsMade: true, resetAttemptsStarted: true })
      return true
    },
    async counts() {
      const [work, schedule] = await Promise.all([countsOf(queues.work.queue), countsOf(queues.schedule.queue)])
      return { work, schedule }
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
      for (const name of queueNames) {
        await queues[name].queue.drain(true)
        await queues[name].queue.clean(0, 0, 'completed')
      }
    },
    close: ({ withinMs = 10_000 } = {}) =>
      (closing ??= close(withinMs)
        .catch(onError)
        .then(() => undefined)),
  }
  return jobs
}

async function openPostgres(
  { databaseUrl, connections = 4, stream }: Extract<BullJobsOptions['store'], { databaseUrl: string }>,
  namespace: string,
  onError: (error: Error) => void,
): Promise<Store> {
  const connection = new PostgresConnection({
    connectionString: databaseUrl,
    ...(stream && { stream }),
    schema: namespace,
    migrate: true,
    max: connections,
    connectionTimeoutMillis: 5_000,
    application_name: 'channel-ledger jobs',
    options: '-c synchronous_commit=off -c statement_timeout=30s',
  })
  connection.on('error', onError)
  const backends: PostgresQueueBackend[] = []
  // Two queues and two workers on one pool and one listener. A backend that does not own its connection is not told when
  // the listener was replaced, so that is done here: it wakes up and listens again.
  connection.on('listenerinvalidated', () => {
    for (const backend of backends) void backend.disconnectBlocking().then(() => backend.reconnectBlocking())
  })
  const bull = withBackend<PostgresQueueBackend, PostgresConnectionOptions>((name, options) => {
    const backend = new PostgresQueueBackend(connection, name, options, false)
    backends.push(backend)
    return backend
  })
  await connection.waitUntilReady().catch(async (error: unknown) => {
    await connection.close()
    throw error
  })
  return {
    kind: 'postgres',
    queue: (name, options) => new bull.Queue<Stored, void>(name, { ...options, connection: databaseUrl }),
    worker: (name, process, options) =>
      new bull.Worker<Stored, void>(name, process, { ...options, connection: databaseUrl }),
    close: () => connection.close(),
  }
}

async function openRedis(
  { redisUrl, track }: Extract<BullJobsOptions['store'], { redisUrl: string }>,
  namespace: string,
  onError: (error: Error) => void,
): Promise<Store> {
  const connect = (options: { readonly maxRetriesPerRequest: number | null }): Redis => {
    const redis = new Redis(redisUrl, { ...options, lazyConnect: true, connectTimeout: 5_000 })
    redis.on('error', onError)
    return tracked(redis)
  }
  /** Those that BullMQ makes like it are tracked too. */
  const tracked = (redis: Redis): Redis => {
    redis.on('connect', () => track?.(redis.stream))
    const duplicate = redis.duplicate.bind(redis)
    redis.duplicate = (options) => tracked(duplicate(options))
    return redis
  }
  // who enqueues is answered when Redis is away; who runs jobs waits until it is back
  const producer = connect({ maxRetriesPerRequest: 3 })
  const consumers: Redis[] = []
  await producer.connect().catch((error: unknown) => {
    producer.disconnect()
    throw error
  })
  return {
    kind: 'redis',
    queue: (name, options) => new Queue<Stored, void>(name, { ...options, connection: producer, prefix: namespace }),
    worker(name, process, options) {
      const consumer = consumers[0] ?? connect({ maxRetriesPerRequest: null })
      consumers[0] = consumer
      return new Worker<Stored, void>(name, process, { ...options, connection: consumer, prefix: namespace })
    },
    async close() {
      for (const redis of [producer, ...consumers]) redis.disconnect()
    },
  }
}

/** Asks the store at most once a second; in between it counts what this process adds. */
function boundedBacklog(queue: StoredQueue, most: number, clock: () => number): () => Promise<void> {
  let known = { at: -Infinity, count: 0 }
  return async () => {
    if (clock() - known.at >= 1_000) {
      const { queued } = await countsOf(queue)
      known = { at: clock(), count: queued }
    }
    if (known.count >= most) throw new JobsFull(`${most} jobs are queued`)
    known.count += 1
  }
}

function reportTo(
  job: StoredJob,
  controller: AbortController,
  read: () => Promise<StoredJob | undefined>,
  clock: () => number,
): (progress: Progress) => Promise<void> {
  let reportedAt = -Infinity
  return async (progress) => {
    if (clock() - reportedAt < progressMs && progress.done !== progress.of) return
    reportedAt = clock()
    await job.updateProgress({ ...progress })
    if ((await read())?.data.cancelled) controller.abort(new JobStopped('cancelled'))
  }
}

/** A job whose lock was lost belongs to another process already. */
async function giveBack(job: StoredJob, signal: AbortSignal, token: string | undefined): Promise<void> {
  const stopped: unknown = signal.reason
  if (stopped instanceof JobStopped && stopped.why === 'closing') await job.moveToWait(token)
}

async function countsOf(queue: StoredQueue): Promise<QueueCounts> {
  const counts = await queue.getJobCounts('waiting', 'delayed', 'active', 'completed', 'failed')
  const { waiting = 0, delayed = 0, active = 0, completed = 0, failed = 0 } = counts
  return { queued: waiting + delayed, running: active, completed, failed }
}

function letterOf(queue: QueueName, job: StoredJob): DeadLetter {
  const { name, data, attemptsMade, failedReason, finishedOn } = job
  return { queue, name, key: data.key, attempts: attemptsMade, reason: failedReason ?? '', failedAt: finishedOn ?? 0 }
}

function stateOf(state: string): JobStatus['state'] | undefined {
  if (state === 'active') return 'running'
  if (state === 'completed' || state === 'failed') return state
  return state === 'unknown' ? undefined : 'queued'
}

/** BullMQ takes no colon in an id. */
function idOf(name: string, key: string): string {
  return `${name}.${encodeURIComponent(key)}`
}

function mapQueues<T>(make: (name: QueueName) => T): Readonly<Record<QueueName, T>> {
  return { work: make('work'), schedule: make('schedule') }
}

async function within(promise: Promise<unknown>, milliseconds: number): Promise<void> {
  const timer = new AbortController()
  const late = sleep(milliseconds, undefined, { signal: timer.signal }).catch(() => undefined)
  await Promise.race([promise, late]).finally(() => timer.abort())
}
