import { setTimeout as delay } from 'node:timers/promises'
import type pg from 'pg'
import type { Bell } from '../bell.ts'
import { holdConnection } from './holdConnection.ts'
import { channel } from './schema.ts'

export interface Doorbell {
  /** The log has grown: wakes the readers of this process now and those of others within a few milliseconds. */
  announce(): void
  close(): Promise<void>
}

/** Notifications of one process are at least this far apart. */
const quiet = 20
const firstRetry = 100
const longestRetry = 5_000

/**
 * Rings the bell when another process has written. One connection that listens and notifies; while it is away readers
 * poll. NOTIFY is its own transaction, after the events': inside theirs its lock would be held over their disk sync.
 */
export function openDoorbell(config: pg.ClientConfig, bell: Bell): Doorbell {
  const connection = holdConnection(config)
  const closing = new AbortController()
  let wanted = false
  let listening: pg.Client | undefined
  let wake: () => void = () => undefined

  async function run(): Promise<void> {
    let failures = 0
    while (!closing.signal.aborted) {
      try {
        await connection.use(async (client) => {
          if (client !== listening) await listen(client)
          if (wanted) {
            wanted = false
            await client.query(`NOTIFY ${channel}`)
          }
        })
        failures = 0
        await delay(quiet, undefined, { signal: closing.signal })
        if (!wanted && listening) await new Promise<void>((resolve) => (wake = resolve))
      } catch {
        if (closing.signal.aborted) return
        failures += 1
        await delay(Math.min(firstRetry * 2 ** failures, longestRetry), undefined, { signal: closing.signal }).catch(
          () => undefined,
        )
      }
    }
  }

  async function listen(client: pg.Client): Promise<void> {
    let ownProcess: number | undefined
    client.on('notification', ({ processId }) => {
      if (processId !== ownProcess) bell.ring()
    })
    client.on('end', () => {
      if (listening === client) listening = undefined
      wake()
    })
    // A lost notification costs one poll interval, a synchronous commit would cost a disk sync each.
    await client.query('SET synchronous_commit = off')
    await client.query(`LISTEN ${channel}`)
    const { rows } = await client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid')
    ownProcess = rows[0]?.pid
    listening = client
    // What was announced while nobody listened.
    bell.ring()
  }

  const running = run()
  return {
    announce() {
      bell.ring()
      wanted = true
      wake()
    },
    async close() {
      closing.abort()
      wake()
      await running
      await connection.end()
    },
  }
}
