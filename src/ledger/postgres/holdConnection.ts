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

/**
 * `succeed` is called on a connection that follows a broken one, before anything else, with the process that served the old one; when
 * it throws, the new one is given up too.
 */
export function holdConnection(
  config: pg.ClientConfig,
  succeed?: (client: pg.Client, lost: number) => Promise<void>,
): HeldConnection {
  let open: Open | undefined
  let lost: number | undefined

  async function connect(): Promise<Open> {
    const socket = config.stream?.() ?? new Socket()
    const client = new pg.Client({ ...config, stream: () => socket })
    const cut = (): void => {
      if (open?.client === client) {
        open = undefined
        lost = backendOf(client)
      }
      socket.destroy()
    }
    client.on('error', cut)
    client.on('end', cut)
    try {
      await client.connect()
      if (succeed && lost !== undefined) await succeed(client, lost)
      lost = undefined
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

/** The server's process behind a connection: `pg` has it from the server's greeting and does not declare it. */
function backendOf(client: pg.Client): number | undefined {
  const { processID } = client as { readonly processID?: unknown }
  return typeof processID === 'number' ? processID : undefined
}
