import { END, streamNameFilter } from '@eventstore/db-client'
import type { Bell } from '../bell.ts'
import type { Connection } from './connection.ts'

/**
 * Rings when something of ours is written anywhere. One live subscription per store, however many readers: a client that
 * opens a hundred streams stops for good (eventstoredb.md §1, row 5). It only says "look": events are taken from `readAll`,
 * so a subscription that the server drops (row 11) or that dies with its connection (§7) costs nothing but the wait for
 * the next poll, and is opened again as a matter of course.
 */
export interface Doorbell {
  /** Keeps the subscription open until the answer is called. */
  listen(): () => void
  close(): void
}

export interface DoorbellOptions {
  readonly connection: Connection
  readonly bell: Bell
  readonly prefix: string
  /** a subscription that is not confirmed within this time is opened anew, ms */
  readonly callTimeout: number
}

const firstPause = 25
const longestPause = 2_000

export function createDoorbell({ connection, bell, prefix, callTimeout }: DoorbellOptions): Doorbell {
  let listeners = 0
  let hangUp: (() => void) | undefined
  let wait = firstPause
  let timer: NodeJS.Timeout | undefined

  const open = (): void => {
    clearTimeout(timer)
    const subscription = connection.client.subscribeToAll({
      fromPosition: END,
      filter: streamNameFilter({ prefixes: [prefix] }),
    })
    let over = false
    const end = (): void => {
      if (over) return
      over = true
      clearTimeout(unconfirmed)
      subscription.unsubscribe().catch(() => undefined)
    }
    const again = (): void => {
      if (over) return
      end()
      timer = setTimeout(open, wait)
      wait = Math.min(wait * 2, longestPause)
    }
    const unconfirmed = setTimeout(again, callTimeout)
    subscription.on('confirmation', () => {
      clearTimeout(unconfirmed)
      wait = firstPause
      // What was written while nobody listened is seen now.
      bell.ring()
    })
    subscription.on('data', () => bell.ring())
    // Listeners stay after the end: the client may report the same failure twice.
    subscription.on('error', again)
    subscription.on('end', again)
    hangUp = end
  }

  const close = (): void => {
    clearTimeout(timer)
    hangUp?.()
    hangUp = undefined
  }

  connection.onReplaced(() => {
    if (listeners === 0) return
    close()
    open()
  })

  return {
    listen() {
      listeners += 1
      if (listeners === 1) open()
      let left = false
      return () => {
        if (left) return
        left = true
        listeners -= 1
        if (listeners === 0) close()
      }
    },
    close() {
      listeners = 0
      close()
    },
  }
}
