import { Socket } from 'node:net'
import pg from 'pg'
import { showPresence, type Presence } from '../../ledger/presence.ts'
import { watchLink } from '../../ledger/watchLink.ts'
import { trackSockets } from './sockets.ts'

/** A database, and the connections of this process to it: dead ones are cut. The one that `watchLink` asks shows that the process is there. */
export interface PostgresLink {
  readonly url: string
  readonly presence: Presence
  /** for every configuration of `pg` */
  readonly config: { readonly connectionString: string; readonly stream: () => Socket }
  close(): void
}

export function openPostgresLink(url: string, presence: Presence, onCut: (connections: number) => void): PostgresLink {
  const sockets = trackSockets()
  const watch = watchLink({
    onDead: (before) => onCut(sockets.cutBefore(before)),
    async open(signal, broke) {
      const socket = new Socket()
      const client = new pg.Client({
        connectionString: url,
        application_name: 'channel-ledger link',
        stream: () => socket,
      })
      client.on('error', broke)
      client.on('end', broke)
      const end = (): void => void socket.destroy()
      signal.addEventListener('abort', end)
      try {
        await client.connect()
        await client.query(showPresence(presence))
      } catch (error) {
        end()
        throw error
      } finally {
        signal.removeEventListener('abort', end)
      }
      return { ask: () => client.query('select 1'), end }
    },
  })
  const stream = (): Socket => {
    const socket = new Socket()
    sockets.track(socket)
    return socket
  }
  return { url, presence, config: { connectionString: url, stream }, close: watch.close }
}
