import { setTimeout as delay } from 'node:timers/promises'
import { type EmbeddedPostgres, type EmbeddedPostgresOptions, startEmbeddedPostgres } from '../embeddedPostgres.ts'

export interface KeptPostgres extends Pick<EmbeddedPostgres, 'url' | 'port' | 'dataDirectory' | 'logFile'> {
  /** Ends the watch, and the server unless another process started it. */
  readonly stop: () => Promise<void>
}

/** Between two tries, in milliseconds; the last one goes on. */
const pauses = [0, 500, 1_000, 2_000, 5_000]

/**
 * The embedded server, started again at the same address whenever it ends by itself: killed, out of disk (PostgreSQL ends
 * itself rather than lose a commit), or ended together with the process that had started it. Pools of connections live
 * through that.
 */
export async function keepPostgres(
  options: EmbeddedPostgresOptions,
  warn: (message: string, details: Record<string, unknown>) => void,
): Promise<KeptPostgres> {
  let server = await startEmbeddedPostgres(options)
  const { url, port, dataDirectory, logFile } = server
  const stopping = new AbortController()
  const { signal } = stopping

  async function startAgain(): Promise<void> {
    for (let tries = 0; !signal.aborted; tries += 1) {
      try {
        await delay(pauses[Math.min(tries, pauses.length - 1)], undefined, { signal, ref: false })
        server = await startEmbeddedPostgres({ ...options, port, whenPortIsBusy: 'refuse' })
        warn('PostgreSQL is back', { port, tries: tries + 1 })
        return
      } catch (error) {
        if (signal.aborted) return
        warn('PostgreSQL cannot be started again', { port, tries: tries + 1, error: String(error), logFile })
      }
    }
  }

  const watch = async (): Promise<void> => {
    while (!signal.aborted) {
      await Promise.race([server.ended, aborted(signal)])
      if (signal.aborted) return
      warn('PostgreSQL ended by itself and is started again', { port, logFile })
      await startAgain()
    }
  }
  const watching = watch()
  return {
    url,
    port,
    dataDirectory,
    logFile,
    async stop() {
      stopping.abort()
      await watching
      await server.stop()
    },
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }))
}
