import { Redis } from 'ioredis'
import type { Socket } from 'node:net'
import { watchLink } from '../../ledger/watchLink.ts'
import { trackSockets } from './sockets.ts'

export interface RedisLink {
  track(socket: Socket): void
  close(): void
}

/** The connections of this process to a Redis server: dead ones are cut. */
export function openRedisLink(url: string, onCut: (connections: number) => void): RedisLink {
  const sockets = trackSockets()
  const watch = watchLink({
    onDead: (before) => onCut(sockets.cutBefore(before)),
    async open(signal, broke) {
      const redis = new Redis(url, {
        lazyConnect: true,
        retryStrategy: () => null,
        maxRetriesPerRequest: 0,
        enableReadyCheck: false,
      })
      redis.on('error', broke)
      redis.on('close', broke)
      const end = (): void => redis.disconnect()
      signal.addEventListener('abort', end)
      try {
        await redis.connect()
        await redis.ping()
      } catch (error) {
        end()
        throw error
      } finally {
        signal.removeEventListener('abort', end)
      }
      return { ask: () => redis.ping(), end }
    },
  })
  return { track: sockets.track, close: watch.close }
}
