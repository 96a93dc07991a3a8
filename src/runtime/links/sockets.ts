import type { Socket } from 'node:net'

/** The connections of this process to one server, so that those that are dead can be cut. */
export interface Sockets {
  /** Forgotten when it closes. */
  track(socket: Socket): void
  /** Whoever waits on one is told as if the network had reset it. Gives their number. */
  cutBefore(instant: number): number
}

export function trackSockets(): Sockets {
  const opened = new Map<Socket, number>()
  return {
    track(socket) {
      opened.set(socket, performance.now())
      socket.once('close', () => opened.delete(socket))
    },
    cutBefore(instant) {
      const old = [...opened].filter(([, at]) => at < instant)
      for (const [socket] of old)
        socket.destroy(Object.assign(new Error('the connection no longer answers'), { code: 'ECONNRESET' }))
      return old.length
    },
  }
}
