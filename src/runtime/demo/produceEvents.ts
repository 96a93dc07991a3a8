import { setImmediate as turn } from 'node:timers/promises'
import { Worker } from 'node:worker_threads'
import { z } from 'zod'
import type { ThreadOptions } from './demoThread.ts'
import { simulate, simulatedDays, type SimulateOptions } from './simulate.ts'
import type { World } from './world.ts'

/** Events in the order of the simulation's log, as their canonical texts, and the persons' keys made for them. */
export interface DemoChunk {
  readonly events: readonly { readonly envelope: string; readonly data: string }[]
  readonly keys: readonly { readonly subject: string; readonly kek: string; readonly bytes: Uint8Array }[]
  /** simulated days that are over */
  readonly days: number
}

export type ProduceOptions = Omit<SimulateOptions, 'rest'>

/** Chunks always end at the same events, whoever produces them: that makes a copy resumable. */
export const chunkSize = 500
/** chunks that may wait to be written before the simulation waits */
const chunksAhead = 6
/** the longest that requests wait for the simulation while it shares their thread, milliseconds */
const slice = 12

/**
 * Simulates and hands over chunk after chunk, waiting for each to be taken. Built code simulates in a thread of its own, so
 * that the log is written, read models are fed and pages answer meanwhile on another core; TypeScript files cannot be loaded
 * by a thread on every Node that we support, so there it shares the thread.
 */
export function produceEvents(
  options: ProduceOptions,
  take: (chunk: DemoChunk) => Promise<void>,
  signal?: AbortSignal,
): Promise<void> {
  return import.meta.url.endsWith('.js') ? inThread(options, take, signal) : inProcess(options, take, signal)
}

export async function inProcess(
  options: ProduceOptions,
  take: (chunk: DemoChunk) => Promise<void>,
  signal?: AbortSignal,
): Promise<void> {
  let sent = 0n
  let rested = performance.now()
  const emit = async (world: World, least: number): Promise<void> => {
    for (let left = Number((await world.store.head()) - sent); left >= least && left > 0; left -= chunkSize) {
      const { events, position } = await world.store.readAll({ after: sent, limit: chunkSize })
      sent = position
      const keys = world.takeKeys().map(([subject, { kek, bytes }]) => ({ subject, kek, bytes }))
      await take({ events: events.map(({ raw }) => raw), keys, days: simulatedDays(world.now()) })
      signal?.throwIfAborted()
    }
  }
  const world = await simulate({
    ...options,
    async rest(of) {
      await emit(of, chunkSize)
      if (performance.now() - rested < slice) return
      await turn()
      rested = performance.now()
      signal?.throwIfAborted()
    },
  })
  await emit(world, 1)
}

const fromThread = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('chunk'), chunk: z.custom<DemoChunk>() }),
  z.object({ kind: z.literal('end') }),
])

async function inThread(
  options: ProduceOptions,
  take: (chunk: DemoChunk) => Promise<void>,
  signal: AbortSignal | undefined,
): Promise<void> {
  const thread = new Worker(new URL('./demoThread.js', import.meta.url), {
    workerData: options satisfies ThreadOptions,
    // a simulation makes much that is garbage at once: a large young generation collects it seldom
    resourceLimits: { maxYoungGenerationSizeMb: 128, maxOldGenerationSizeMb: 3_000 },
  })
  let taken: Promise<void> = Promise.resolve()
  try {
    await new Promise<void>((resolve, reject) => {
      signal?.addEventListener('abort', () => reject(signal.reason as Error), { once: true })
      if (signal?.aborted) reject(signal.reason as Error)
      thread.on('error', reject)
      let ended = false
      // after its end the thread may be gone before what it made is written
      thread.on('exit', () => {
        if (!ended) reject(new Error('the simulation ended before its last day'))
      })
      thread.on('message', (message) => {
        const told = fromThread.parse(message)
        if (told.kind === 'end') {
          ended = true
          taken.then(resolve, reject)
          return
        }
        taken = taken.then(async () => {
          if (signal?.aborted) return
          await take(told.chunk)
          thread.postMessage('taken', [])
        })
        taken.catch(reject)
      })
    })
  } finally {
    await thread.terminate()
    // what is being written is written before the caller closes the store
    await taken.catch(() => undefined)
  }
}

/** The thread's side: sends chunks, and waits while too many are not taken. */
export async function serveThread(
  port: {
    postMessage(message: unknown): void
    on(event: 'message', listener: () => void): unknown
  },
  options: ProduceOptions,
): Promise<void> {
  let free = chunksAhead
  let wake: (() => void) | undefined
  port.on('message', () => {
    free += 1
    wake?.()
  })
  await inProcess(options, async (chunk) => {
    port.postMessage({ kind: 'chunk', chunk })
    free -= 1
    if (free === 0) await new Promise<void>((resolve) => (wake = resolve))
  })
  port.postMessage({ kind: 'end' })
}
