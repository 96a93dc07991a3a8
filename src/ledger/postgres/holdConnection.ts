import { Socket } from 'node:net'
import pg from 'pg'
import { leavesConnectionUsable } from './postgresError.ts'

/** One connection, made when it is needed and made anew after it broke. Calls must not overlap. */
export interface HeldConnection {
  use<T>(work: (client: pg.Client) => Promise<T>): Promise<T>
  end(): Promise<void>
}

interface Open {
  readonly client: pg.Client
  /** Ends the connection whatever state it is in; a polite goodbye would wait for a server that hangs. */
  readonly cut: () => void
}

export function holdConnection(config: pg.ClientConfig): HeldConnection {
  let open: Open | undefined

  async function connect(): Promise<Open> {
    const socket = new Socket()
    const client = new pg.Client({ ...config, stream: () => socket })
    const cut = (): void => {
      if (open?.client === client) open = undefined
      socket.destroy()
    }
    client.on('error', cut)
    client.on('end', cut)
    try {
      await client.connect()
    } catch (error) {
      cut()
      throw error
    }
    return { client, cut }
  }

  return {
    async use(work) {
      const { client, cut } = (open ??= await connect())
      try {
        return await work(client)
      } catch (error) {
        if (!leavesConnectionUsable(error)) cut()
        throw error
      }
    },
    async end() {
      const last = open
      open = undefined
      if (!last) return
      await last.client.end().catch(() => undefined)
      last.cut()
    },
  }
}
