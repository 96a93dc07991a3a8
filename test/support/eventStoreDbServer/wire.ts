import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net'

/**
 * The network between a client and a server on 127.0.0.1: forwards TCP and can break or freeze. It stands before the
 * in-process server and, in some tests, before a real one.
 */
export interface Wire {
  /** stays the same over `down` and `up` */
  readonly port: number
  /** Resets every open connection; new ones are accepted. */
  breakConnections(): void
  /** Nothing flows any more in either direction, and nobody is told. */
  freeze(): void
  thaw(): void
  /** Refuses connections and resets the open ones, as when the server's process is killed. */
  down(): Promise<void>
  up(): Promise<void>
  /** connections accepted so far */
  accepted(): number
  close(): Promise<void>
}

export async function openWire(target: { readonly host: string; readonly port: number }): Promise<Wire> {
  const sockets = new Set<Socket>()
  let frozen = false
  let accepted = 0

  const forward = (near: Socket): void => {
    accepted += 1
    const far = connect(target)
    for (const socket of [near, far]) {
      sockets.add(socket)
      socket.setNoDelay(true)
      if (frozen) socket.pause()
      const end = (): void => {
        near.destroy()
        far.destroy()
        sockets.delete(socket)
      }
      socket.on('error', end).on('close', end)
    }
    const copy = (from: Socket, to: Socket): void => {
      from.on('data', (chunk) => {
        if (!to.write(chunk)) from.pause()
      })
      to.on('drain', () => {
        if (!frozen) from.resume()
      })
    }
    copy(near, far)
    copy(far, near)
    if (frozen) {
      near.pause()
      far.pause()
    }
  }

  const breakConnections = (): void => {
    for (const socket of sockets) socket.resetAndDestroy()
  }

  const listen = (port: number): Promise<Server> =>
    new Promise((resolve, reject) => {
      const server = createServer(forward)
      server.once('error', reject).listen(port, '127.0.0.1', () => resolve(server))
    })
  let server: Server | undefined = await listen(0)
  // A server that listens on TCP has an address with a port.
  const { port } = server.address() as AddressInfo

  const down = async (): Promise<void> => {
    const listening = server
    server = undefined
    const closed = new Promise<void>((resolve) => (listening ? listening.close(() => resolve()) : resolve()))
    breakConnections()
    await closed
  }

  return {
    port,
    breakConnections,
    freeze() {
      frozen = true
      for (const socket of sockets) socket.pause()
    },
    thaw() {
      frozen = false
      for (const socket of sockets) socket.resume()
    },
    down,
    async up() {
      server ??= await listen(port)
    },
    accepted: () => accepted,
    close: down,
  }
}
