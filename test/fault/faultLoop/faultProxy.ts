import { setMaxListeners } from 'node:events'
import { createServer, connect, type AddressInfo, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'

/** What a network does to a link: Toxiproxy's eight, and the three that matter for exactly-once. */
export const faults = {
  latency: 'everything is late by 50 to 300 ms, in order',
  bandwidth: '30 KB/s in each direction',
  slicer: 'pieces of a few bytes',
  'slow-close': 'one side hears of the end of a connection 1.5 s after the other',
  down: 'connections end, new ones are refused',
  timeout: 'nothing passes; a connection ends a second after it tried',
  reset: 'connections are reset in the middle of what they say',
  'limit-data': 'connections end after so many bytes of answer, within a message',
  'lost-answer': 'the answer to a write is lost, such as that to COMMIT, and the connection with it',
  'half-open': 'nothing passes, and nobody hears that the other side is gone, not even afterwards',
  repeat: 'what was done is said again after a reconnect: the answer was lost',
} as const satisfies Record<string, string>
export type Fault = keyof typeof faults

/** What is spoken on a link: how a write is seen, and whether a request can be said again without a session. */
export type Protocol = 'postgres' | 'redis' | 'eventstoredb' | 'http'

const isWrite: Readonly<Record<Protocol, (said: Buffer) => boolean>> = {
  postgres: (said) => said.includes('ledger_append') || /commit|insert|update/i.test(said.toString('latin1')),
  redis: () => true,
  // paths are compressed: what is longer than a question is an append
  eventstoredb: (said) => said.length > 400,
  http: (said) => /^(POST|PUT) /.test(said.toString('latin1', 0, 5)),
}
const hasSession: Readonly<Record<Protocol, boolean>> = {
  postgres: true,
  eventstoredb: true,
  // answers come in the order of the requests, and several may be on their way: its client says again itself what was not answered
  redis: true,
  // one request at a time on a connection
  http: false,
}

/** of what passes while a fault is on, besides the first */
const share = 0.3
/** bytes of answer before a connection ends, at most: little passes to and from Redis */
const mostBytes: Readonly<Record<Protocol, number>> = {
  postgres: 20_000,
  redis: 6,
  eventstoredb: 20_000,
  http: 20_000,
}

export interface FaultProxy {
  readonly port: number
  /** From now on, for connections that are open and for new ones. */
  begin(fault: Fault): void
  /** The link is whole again; what is half open stays so. */
  clear(): void
  /** how often each fault did something */
  readonly hits: ReadonlyMap<Fault, number>
  close(): Promise<void>
}

interface Pair {
  readonly client: Socket
  readonly server: Socket
  /** each direction keeps its order */
  readonly queue: { up: Promise<void>; down: Promise<void>; upAt: number; downAt: number }
  said: Buffer[]
  isAnswered: boolean
  isDead: boolean
  left: number
}

/** A TCP proxy on one link that fails as it is told to; `random` chooses where. */
export async function openFaultProxy(target: number, protocol: Protocol, random: () => number): Promise<FaultProxy> {
  const pairs = new Set<Pair>()
  const hits = new Map<Fault, number>()
  let fault: Fault | undefined
  let slow = whileSlow()
  /** whether the fault that is on has done anything yet */
  let isFresh = true
  const hit = (which: Fault): void => {
    hits.set(which, (hits.get(which) ?? 0) + 1)
    isFresh = false
  }
  const isHit = (): boolean => isFresh || random() < share
  const someBytes = (): number => 1 + Math.floor(random() * mostBytes[protocol])

  function end(pair: Pair, how: 'close' | 'reset' = 'close'): void {
    pairs.delete(pair)
    for (const socket of [pair.client, pair.server]) {
      if (how === 'reset') socket.resetAndDestroy()
      else socket.destroy()
    }
  }

  function deliver(pair: Pair, way: 'up' | 'down', chunk: Buffer, delay = 0): void {
    const { queue, client, server } = pair
    const to = way === 'up' ? server : client
    const at = Math.max(way === 'up' ? queue.upAt : queue.downAt, performance.now() + delay)
    if (way === 'up') queue.upAt = at
    else queue.downAt = at
    const { signal } = slow
    queue[way] = queue[way].then(async () => {
      const wait = at - performance.now()
      if (wait > 1 && !signal.aborted) await sleep(wait, undefined, { signal }).catch(() => undefined)
      if (!to.destroyed) to.write(chunk)
    })
  }

  /** Ends both sides, the client 1.5 s after the server. */
  function endSlowly(pair: Pair): void {
    pair.isDead = true
    pair.server.destroy()
    void sleep(1_500).then(() => end(pair))
  }

  /** Says to a new connection what was said before the answer was lost, and passes on what it answers from now on. */
  function sayAgain(pair: Pair): void {
    const again = connect({ port: target, host: '127.0.0.1' })
    const next: Pair = { ...pair, server: again, said: [], isAnswered: true }
    pairs.delete(pair)
    pair.client.removeAllListeners('data').removeAllListeners('close').removeAllListeners('error')
    pair.server.removeAllListeners('data').on('data', () => undefined)
    for (const chunk of pair.said) again.write(chunk)
    pair.server.removeAllListeners('close').destroy()
    follow(next)
  }

  function up(pair: Pair, chunk: Buffer): void {
    if (pair.isDead) return
    if (pair.isAnswered) pair.said = []
    pair.isAnswered = false
    pair.said.push(chunk)
    switch (fault) {
      case 'reset':
        if (!isHit()) break
        hit('reset')
        // some of it has been heard
        pair.server.write(chunk.subarray(0, Math.floor(random() * chunk.length)))
        return end(pair, 'reset')
      case 'slow-close':
        if (!isHit()) break
        hit('slow-close')
        return endSlowly(pair)
      default:
        break
    }
    pass(pair, 'up', chunk)
  }

  function down(pair: Pair, chunk: Buffer): void {
    if (pair.isDead) return
    const isFirst = !pair.isAnswered
    pair.isAnswered = true
    switch (fault) {
      case 'limit-data':
        if (chunk.length <= pair.left) {
          pair.left -= chunk.length
          break
        }
        hit('limit-data')
        pair.client.write(chunk.subarray(0, pair.left))
        pair.isDead = true
        void sleep(0).then(() => end(pair))
        return
      case 'lost-answer':
        if (!isFirst || !isWrite[protocol](Buffer.concat(pair.said)) || !isHit()) break
        hit('lost-answer')
        return end(pair)
      case 'repeat':
        if (!isFirst || !isHit()) break
        hit('repeat')
        return hasSession[protocol] ? end(pair) : sayAgain(pair)
      default:
        break
    }
    pass(pair, 'down', chunk)
  }

  /** What does not depend on the direction. */
  function pass(pair: Pair, way: 'up' | 'down', chunk: Buffer): void {
    switch (fault) {
      case 'latency':
        hit('latency')
        return deliver(pair, way, chunk, 50 + random() * 250)
      case 'bandwidth': {
        hit('bandwidth')
        const before = way === 'up' ? pair.queue.upAt : pair.queue.downAt
        return deliver(pair, way, chunk, Math.max(0, before - performance.now()) + chunk.length / 30)
      }
      case 'slicer': {
        hit('slicer')
        // not more than some pieces of a long answer
        const most = Math.max(8, chunk.length / 100)
        for (let from = 0; from < chunk.length;) {
          const to = from + 1 + Math.floor(random() * most)
          deliver(pair, way, chunk.subarray(from, to), 2)
          from = to
        }
        return
      }
      case 'timeout':
        hit('timeout')
        pair.isDead = true
        void sleep(1_000).then(() => end(pair))
        return
      case 'half-open':
        hit('half-open')
        return die(pair)
      default:
        return deliver(pair, way, chunk)
    }
  }

  function die(pair: Pair): void {
    pair.isDead = true
    pair.server.destroy()
  }

  function follow(pair: Pair): void {
    pairs.add(pair)
    const { client, server } = pair
    client.on('data', (chunk: Buffer) => up(pair, chunk))
    server.on('data', (chunk: Buffer) => down(pair, chunk))
    client.on('error', () => end(pair)).on('close', () => end(pair))
    // nobody tells the client of a dead pair
    server.on('error', () => pair.isDead || end(pair)).on('close', () => pair.isDead || flushAndEnd(pair))
  }

  /** What the server said before it closed still arrives. */
  function flushAndEnd(pair: Pair): void {
    void pair.queue.down.then(() => pair.client.end(() => end(pair)))
  }

  const listener = createServer((client) => {
    client.setNoDelay(true)
    if (fault === 'down') {
      hit('down')
      client.on('error', () => undefined).destroy()
      return
    }
    const server = connect({ port: target, host: '127.0.0.1', noDelay: true })
    const queue = { up: Promise.resolve(), down: Promise.resolve(), upAt: 0, downAt: 0 }
    follow({ client, server, queue, said: [], isAnswered: true, isDead: false, left: someBytes() })
  })
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve))

  return {
    port: (listener.address() as AddressInfo).port, // it listens on TCP
    hits,
    begin(which) {
      fault = which
      isFresh = true
      for (const pair of pairs) {
        pair.left = someBytes()
        if (which === 'down') {
          hit('down')
          end(pair)
        }
        if (which === 'half-open') {
          hit('half-open')
          die(pair)
        }
      }
    },
    clear() {
      fault = undefined
      // what was held back arrives now
      slow.abort()
      slow = whileSlow()
      for (const { queue } of pairs) queue.upAt = queue.downAt = 0
    },
    async close() {
      for (const pair of pairs) end(pair)
      await new Promise((resolve) => listener.close(resolve))
    },
  }
}

function whileSlow(): AbortController {
  const controller = new AbortController()
  setMaxListeners(0, controller.signal)
  return controller
}
