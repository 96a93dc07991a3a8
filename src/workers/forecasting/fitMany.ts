import { once } from 'node:events'
import { setImmediate as turn } from 'node:timers/promises'
import { Worker } from 'node:worker_threads'
import { fitSeries, type FitOptions, type SeriesFit } from '../../domain/forecasting/fitSeries.ts'

/** What a thread gets, and what it answers, one after another. */
export interface FitRequest {
  readonly series: readonly Float64Array[]
  readonly horizon: number
  readonly options: FitOptions
}
export type FitAnswer = { readonly fits: readonly SeriesFit[] } | { readonly error: string }

export interface FitManyOptions extends FitOptions {
  readonly threads: number
  readonly signal?: AbortSignal | undefined
  readonly onProgress?: ((done: number, of: number) => void) | undefined
}

/** series that a thread is handed at once */
const share = 16

/**
 * Fits every series, in the order given, whatever the number of threads. Built code fits in threads of its own; TypeScript files
 * cannot be loaded by a thread on every Node that we support, so there it shares the thread. Throws the signal's reason.
 */
export async function fitMany(
  series: readonly Float64Array[],
  horizon: number,
  { threads, signal, onProgress, ...options }: FitManyOptions,
): Promise<readonly SeriesFit[]> {
  const fits: SeriesFit[] = []
  let next = 0
  let done = 0
  const count = import.meta.url.endsWith('.js') ? Math.min(threads, Math.ceil(series.length / share)) : 1
  const work = async (fit: Fitter): Promise<void> => {
    try {
      for (;;) {
        signal?.throwIfAborted()
        const from = next
        if (from >= series.length) return
        next += share
        const made = await fit.run({ series: series.slice(from, from + share), horizon, options })
        made.forEach((one, i) => (fits[from + i] = one))
        done += made.length
        onProgress?.(done, series.length)
      }
    } finally {
      await fit.close()
    }
  }
  // every thread ends before an error of one is told
  const ended = await Promise.allSettled(
    Array.from({ length: count }, () => work(count > 1 ? openThread(signal) : inProcess)),
  )
  for (const one of ended) if (one.status === 'rejected') throw one.reason
  return fits
}

interface Fitter {
  run(request: FitRequest): Promise<readonly SeriesFit[]>
  close(): Promise<unknown>
}

const inProcess: Fitter = {
  async run({ series, horizon, options }) {
    await turn() // so that a signal arrives
    return series.map((y) => fitSeries(y, horizon, options))
  },
  close: async () => undefined,
}

function openThread(signal: AbortSignal | undefined): Fitter {
  const thread = new Worker(new URL('./fitThread.js', import.meta.url))
  return {
    async run(request) {
      const answered = once(thread, 'message', signal ? { signal } : {})
      thread.postMessage(request)
      const [answer] = (await answered) as [FitAnswer] // what fitThread sends
      if ('error' in answer) throw new Error(answer.error)
      return answer.fits
    },
    close: () => thread.terminate(),
  }
}
