import { once } from 'node:events'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { joinSignals } from '../ledger/joinSignals.ts'
import { mayCall, type RouteAccess } from './access.ts'
import type { Authenticate } from './authenticate.ts'
import { constantHeaders } from './constantHeaders.ts'
import type { ApiPorts } from './ports.ts'
import { Problem } from './problem.ts'

const heartbeatMilliseconds = 15_000
const stalledMilliseconds = 60_000

/** Somebody who listens to server-sent events. */
export interface LiveClient {
  /** At the client's own pace: who does not read for a minute holds a place that others want, and loses it. */
  write(text: string): Promise<void>
  /** A beat when one is due, with the position that the client would go on from. False: it may not listen any more. */
  beat(position: bigint | undefined): Promise<boolean>
  /** until the next beat is due */
  untilBeat(): number
  /** aborts when the client or the app is gone */
  readonly signal: AbortSignal
}

/** All who listen to this process, whatever to. */
export interface LiveClients {
  /** aborts when the app closes */
  readonly closing: AbortSignal
  /** Takes a place and has `tell` write, until it returns, the client leaves, or the app closes. */
  serve(
    request: FastifyRequest,
    reply: FastifyReply,
    access: RouteAccess,
    tell: (client: LiveClient) => Promise<void>,
  ): Promise<void>
}

export function createLiveClients(app: FastifyInstance, ports: ApiPorts, authenticate: Authenticate): LiveClients {
  const closing = new AbortController()
  let clients = 0
  app.addHook('preClose', async () => closing.abort())

  return {
    closing: closing.signal,
    async serve(request, reply, access, tell) {
      if (clients >= ports.settings.maxLiveClients) throw new Problem('server.busy', {}, 5)
      clients += 1
      ports.metrics.liveClients(clients)
      try {
        await serveOne(request, reply, access, tell)
      } finally {
        clients -= 1
        ports.metrics.liveClients(clients)
      }
    },
  }

  async function serveOne(
    request: FastifyRequest,
    reply: FastifyReply,
    access: RouteAccess,
    tell: (client: LiveClient) => Promise<void>,
  ): Promise<void> {
    const gone = new AbortController()
    const { raw } = reply
    raw.once('close', () => gone.abort())
    const { signal, release } = joinSignals([closing.signal, gone.signal])
    reply.hijack()
    raw.writeHead(200, {
      ...constantHeaders(request),
      'content-type': 'text/event-stream; charset=utf-8',
      'x-accel-buffering': 'no',
      // when the stream ends, so does its connection: none stays behind to hold up a shutdown
      connection: 'close',
    })
    raw.write('retry: 2000\n\n')
    let beatAt = performance.now() + heartbeatMilliseconds
    const write = async (text: string): Promise<void> => {
      if (raw.write(text)) return
      const patience = joinSignals([signal], stalledMilliseconds)
      await once(raw, 'drain', { signal: patience.signal }).finally(patience.release)
    }
    try {
      await tell({
        write,
        signal,
        untilBeat: () => Math.max(1, beatAt - performance.now()),
        async beat(position) {
          if (performance.now() < beatAt) return true
          if (!(await isStillWelcome(request, access))) return false
          // an id without data moves the client's position on, past events that are not for it
          await write(position === undefined ? ': heartbeat\n\n' : `id: ${position}\n: heartbeat\n\n`)
          beatAt = performance.now() + heartbeatMilliseconds
          return true
        },
      })
    } catch (error) {
      if (!signal.aborted) request.log.warn({ error: String(error) }, 'a live stream ended')
    } finally {
      release()
    }
    // a goodbye would wait behind what a stalled client has not read
    if (raw.writableNeedDrain) raw.destroy()
    else raw.end()
  }

  /** A token that ran out, a revoked key or another role ends the stream; a directory that is away does not. */
  async function isStillWelcome(request: FastifyRequest, access: RouteAccess): Promise<boolean> {
    try {
      const principal = await authenticate(request.headers.authorization)
      const { role, dealerId } = request.principal
      return mayCall(principal, access) && principal.role === role && principal.dealerId === dealerId
    } catch (error) {
      return !(error instanceof Problem && error.code === 'auth.invalid')
    }
  }
}
