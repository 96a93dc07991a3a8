import { createServer, connect, type AddressInfo, type Socket } from 'node:net'

/** A TCP proxy that fails on command, between a client under test and a server on this machine. */
export interface TcpProxy {
  readonly port: number
  /** Refuses and cuts everything until `heal`. */
  cut(): void
  /** Accepts and passes nothing on, in either direction, until `heal`; open connections stay as they are. */
  freeze(): void
  /** The next `count` answers of the server that match are not passed on: their connection is cut instead. */
  loseAnswers(count: number, matching: (answer: Buffer) => boolean): void
  /**
   * What clients say on the connections that are open now is kept back, and the server does not hear when they end; new ones are
   * refused until `heal`. `release` passes on what was kept back, and resolves when the server has answered or ended each connection.
   */
  hold(): { release(): Promise<void> }
  heal(): void
  /** answers lost so far */
  lost(): number
  close(): Promise<void>
}

export async function openTcpProxy(target: { readonly host: string; readonly port: number }): Promise<TcpProxy> {
  const pairs = new Set<readonly [Socket, Socket]>()
  const holding = new Map<Socket, Buffer[]>()
  let state: 'open' | 'cut' | 'frozen' = 'open'
  let toLose = 0
  let lost = 0
  let matches: (answer: Buffer) => boolean = () => false

  const server = createServer((client) => {
    if (state === 'cut') {
      client.destroy()
      return
    }
    const upstream = connect(target)
    const pair = [client, upstream] as const
    pairs.add(pair)
    const end = (): void => {
      if (holding.has(upstream) && !upstream.destroyed) return
      pairs.delete(pair)
      client.destroy()
      upstream.destroy()
    }
    for (const socket of pair) socket.on('error', end).on('close', end)
    client.on('data', (chunk) => {
      const held = holding.get(upstream)
      if (held) held.push(chunk)
      else if (state !== 'frozen') upstream.write(chunk)
    })
    upstream.on('data', (chunk) => {
      if (state === 'frozen') return
      if (toLose > 0 && matches(chunk)) {
        toLose -= 1
        lost += 1
        end()
        return
      }
      client.write(chunk)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const endAll = (): void => {
    for (const [client, upstream] of pairs) {
      client.destroy()
      upstream.destroy()
    }
  }

  return {
    // A server that listens on TCP has an address with a port.
    port: (server.address() as AddressInfo).port,
    cut() {
      state = 'cut'
      endAll()
    },
    freeze: () => void (state = 'frozen'),
    loseAnswers(count, matching) {
      toLose = count
      matches = matching
    },
    hold() {
      state = 'cut'
      for (const [, upstream] of pairs) holding.set(upstream, [])
      return {
        async release() {
          const late = [...holding]
          holding.clear()
          await Promise.all(
            late.map(async ([upstream, held]) => {
              const heard = new Promise((resolve) => upstream.once('data', resolve).once('close', resolve))
              for (const chunk of held) upstream.write(chunk)
              if (held.length > 0 && !upstream.destroyed) await heard
              upstream.destroy()
            }),
          )
        },
      }
    },
    heal() {
      // What was sent meanwhile is gone, so no connection of that time can be used again.
      if (state === 'frozen') endAll()
      state = 'open'
    },
    lost: () => lost,
    async close() {
      endAll()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
