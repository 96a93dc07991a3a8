import { once } from 'node:events'
import type { ServerResponse } from 'node:http'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { joinSignals } from '../../ledger/joinSignals.ts'
import { mayCall, type RouteAccess } from '../access.ts'
import type { Authenticate } from '../authenticate.ts'
import { constantHeaders } from '../constantHeaders.ts'
import { openLiveFeed, type LiveEvent, type LiveFeed } from '../liveFeed.ts'
import { createOwnerOf } from '../ownerOf.ts'
import type { ApiPorts, Principal } from '../ports.ts'
import { invalid, Problem } from '../problem.ts'

const access: RouteAccess = { roles: ['admin', 'sales', 'finance', 'dealer', 'analyst', 'auditor'] }
const ringCapacity = 5_000
const heartbeatMilliseconds = 15_000
const stalledMilliseconds = 60_000
/** streams of principals and webhooks are for those who administer them */
const withheld = /^(principal|webhook)-/
const seesAll: ReadonlySet<string> = new Set(['admin', 'auditor'])

const querystring = z.strictObject({
  types: z
    .string()
    .regex(/^[A-Za-z]{1,64}(,[A-Za-z]{1,64}){0,99}$/)
    .optional()
    .describe('event types, separated by commas; all when absent'),
  after: z
    .string()
    .regex(/^\d{1,19}$/)
    .optional()
    .describe('the same as the header Last-Event-ID, for a first connection that goes on from a known position'),
})

/**
 * `GET /v1/stream`: server-sent events. The id of each is its ledger position, so a client that comes back with
 * `Last-Event-ID` misses nothing; one that is too far behind is told `resync` and goes on from now.
 */
export function streamRoute(app: FastifyInstance, ports: ApiPorts, authenticate: Authenticate): void {
  const closing = new AbortController()
  let clients = 0
  let opened: LiveFeed | undefined
  // opened with the first client: a process nobody listens to does not read along
  const feed = (): LiveFeed =>
    (opened ??= openLiveFeed({
      store: ports.store,
      ownerOf: createOwnerOf(ports.handler.load),
      capacity: ringCapacity,
      signal: closing.signal,
      onError: (error) => app.log.warn({ error: String(error) }, 'the live feed is interrupted'),
    }))
  app.addHook('preClose', async () => closing.abort())

  app.route({
    method: 'GET',
    url: '/v1/stream',
    exposeHeadRoute: false,
    config: { access, isLive: true },
    schema: {
      operationId: 'stream',
      summary: 'Live events as server-sent events; for a dealer what concerns it',
      tags: ['events'],
      headers: z.looseObject({ 'last-event-id': z.string().optional().describe('the position to go on after') }),
      querystring,
      response: { 200: { description: 'text/event-stream', content: { 'text/event-stream': { schema: z.string() } } } },
    },
    handler: async (request, reply) => {
      if (clients >= ports.settings.maxLiveClients) throw new Problem('server.busy', {}, 5)
      const { types, after } = request.query as z.infer<typeof querystring> // checked by its schema
      const wanted = request.headers['last-event-id'] ?? after
      if (wanted !== undefined && !/^\d{1,19}$/.test(String(wanted)))
        throw invalid('headers.last-event-id', 'a ledger position')
      clients += 1
      ports.metrics.liveClients(clients)
      const seen = (event: LiveEvent): boolean =>
        isFor(request.principal, event) && (types === undefined || types.split(',').includes(event.type))
      try {
        await serve(request, reply, seen, wanted === undefined ? undefined : BigInt(String(wanted)))
      } finally {
        clients -= 1
        ports.metrics.liveClients(clients)
      }
    },
  })

  async function serve(
    request: FastifyRequest,
    reply: FastifyReply,
    isSeen: (event: LiveEvent) => boolean,
    from: bigint | undefined,
  ): Promise<void> {
    const gone = new AbortController()
    reply.raw.once('close', () => gone.abort())
    const { signal, release } = joinSignals([closing.signal, gone.signal])
    reply.hijack()
    reply.raw.writeHead(200, {
      ...constantHeaders(request),
      'content-type': 'text/event-stream; charset=utf-8',
      'x-accel-buffering': 'no',
      // when the stream ends, so does its connection: none stays behind to hold up a shutdown
      connection: 'close',
    })
    reply.raw.write('retry: 2000\n\n')
    try {
      await pump(feed(), reply.raw, isSeen, from, signal, () => isStillWelcome(request))
    } catch (error) {
      if (!signal.aborted) request.log.warn({ error: String(error) }, 'a live stream ended')
    } finally {
      release()
    }
    // a goodbye would wait behind what a stalled client has not read
    if (reply.raw.writableNeedDrain) reply.raw.destroy()
    else reply.raw.end()
  }

  /** A token that ran out, a revoked key or another role ends the stream; a directory that is away does not. */
  async function isStillWelcome(request: FastifyRequest): Promise<boolean> {
    try {
      const principal = await authenticate(request.headers.authorization)
      const { role, dealerId } = request.principal
      return mayCall(principal, access) && principal.role === role && principal.dealerId === dealerId
    } catch (error) {
      return !(error instanceof Problem && error.code === 'auth.invalid')
    }
  }
}

function isFor({ role, dealerId }: Principal, event: LiveEvent): boolean {
  if (role === 'dealer') return event.dealerId === dealerId && !withheld.test(event.stream)
  return seesAll.has(role) || !withheld.test(event.stream)
}

/** Writes what the ring holds after the client's position, at the client's own pace, until the signal aborts. */
async function pump(
  feed: LiveFeed,
  raw: ServerResponse,
  isSeen: (event: LiveEvent) => boolean,
  from: bigint | undefined,
  signal: AbortSignal,
  isStillWelcome: () => Promise<boolean>,
): Promise<void> {
  let position = from
  let heartbeatAt = performance.now() + heartbeatMilliseconds
  const write = async (text: string): Promise<void> => {
    if (raw.write(text)) return
    // who does not read for so long holds a place that others want
    const patience = joinSignals([signal], stalledMilliseconds)
    await once(raw, 'drain', { signal: patience.signal }).finally(patience.release)
  }
  while (!signal.aborted) {
    const turns = feed.turns()
    const head = feed.position()
    if (head !== undefined) {
      const events = feed.after(position ?? head)
      if (events === undefined) {
        await write(`event: resync\nid: ${head}\ndata: {"position":"${head}"}\n\n`)
        position = head
        continue
      }
      for (const event of events) if (isSeen(event)) await write(messageOf(event))
      position = events.at(-1)?.position ?? position ?? head
    }
    if (performance.now() >= heartbeatAt) {
      if (!(await isStillWelcome())) return
      // an id without data moves the client's position on, past events that are not for it
      await write(position === undefined ? ': heartbeat\n\n' : `id: ${position}\n: heartbeat\n\n`)
      heartbeatAt = performance.now() + heartbeatMilliseconds
    }
    await feed.wait(
      turns,
      Math.max(1, Math.min(heartbeatAt - performance.now(), head === undefined ? 50 : Infinity)),
      signal,
    )
  }
}

function messageOf(event: LiveEvent): string {
  return `id: ${event.position}\nevent: ledger\ndata: ${JSON.stringify({ ...event, position: event.position.toString() })}\n\n`
}
