import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import type { RecordedEvent } from '../../ledger/envelope.ts'
import type { RouteAccess } from '../access.ts'
import type { LiveClients } from '../liveClients.ts'
import { openLiveFeed, type LiveFeed } from '../liveFeed.ts'
import { createOwnerOf } from '../ownerOf.ts'
import type { ApiPorts, Principal } from '../ports.ts'
import { feedHeaders, feedParameters, positionGiven, tellFeed } from '../tellFeed.ts'

/** What a live view is told of an event: enough to know what to ask again, nothing personal. */
interface LiveEvent {
  readonly position: bigint
  readonly eventId: string
  readonly type: string
  readonly stream: string
  readonly revision: number
  readonly occurredAt: string
  readonly recordedAt: string
  readonly dealerId: string | undefined
}

const access: RouteAccess = { roles: ['admin', 'sales', 'finance', 'dealer', 'analyst', 'auditor'] }
const ringCapacity = 5_000
/** streams of principals and webhooks are for those who administer them */
const withheld = /^(principal|webhook)-/
const seesAll: ReadonlySet<string> = new Set(['admin', 'auditor'])

const querystring = z.strictObject({
  types: z
    .string()
    .regex(/^[A-Za-z]{1,64}(,[A-Za-z]{1,64}){0,99}$/)
    .optional()
    .describe('event types, separated by commas; all when absent'),
  ...feedParameters,
})

/**
 * `GET /v1/stream`: server-sent events. The id of each is its ledger position, so a client that comes back with
 * `Last-Event-ID` misses nothing; one that is too far behind is told `resync` and goes on from now.
 */
export function streamRoute(app: FastifyInstance, ports: ApiPorts, clients: LiveClients): void {
  let opened: LiveFeed<LiveEvent> | undefined
  // opened with the first client: a process nobody listens to does not read along
  const feed = (): LiveFeed<LiveEvent> => (opened ??= openFeed(app, ports, clients.closing))

  app.route({
    method: 'GET',
    url: '/v1/stream',
    exposeHeadRoute: false,
    config: { access, isLive: true },
    schema: {
      operationId: 'stream',
      summary: 'Live events as server-sent events; for a dealer what concerns it',
      tags: ['events'],
      headers: feedHeaders,
      querystring,
      response: { 200: { description: 'text/event-stream', content: { 'text/event-stream': { schema: z.string() } } } },
    },
    handler: async (request, reply) => {
      const { types } = request.query as z.infer<typeof querystring> // checked by its schema
      const from = positionGiven(request)
      const wanted = types === undefined ? undefined : new Set(types.split(','))
      const { principal } = request
      await clients.serve(request, reply, access, (client) =>
        tellFeed(client, feed(), from, (event) =>
          isFor(principal, event) && (wanted?.has(event.type) ?? true) ? messageOf(event) : undefined,
        ),
      )
    },
  })
}

function openFeed(app: FastifyInstance, { store, handler }: ApiPorts, signal: AbortSignal): LiveFeed<LiveEvent> {
  const ownerOf = createOwnerOf(handler.load)
  const told = async (event: RecordedEvent): Promise<LiveEvent> => {
    const { position, id: eventId, type, stream, revision, occurredAt, recordedAt } = event
    return { position, eventId, type, stream, revision, occurredAt, recordedAt, dealerId: await ownerOf(event) }
  }
  return openLiveFeed({
    store,
    begin: () => store.head(),
    async itemsOf(events) {
      const items: LiveEvent[] = []
      for (const event of events) items.push(await told(event))
      return items
    },
    capacity: ringCapacity,
    signal,
    onError: (error) => app.log.warn({ error: String(error) }, 'the live feed is interrupted'),
  })
}

function isFor({ role, dealerId }: Principal, event: LiveEvent): boolean {
  if (role === 'dealer') return event.dealerId === dealerId && !withheld.test(event.stream)
  return seesAll.has(role) || !withheld.test(event.stream)
}

function messageOf(event: LiveEvent): string {
  return `id: ${event.position}\nevent: ledger\ndata: ${JSON.stringify({ ...event, position: event.position.toString() })}\n\n`
}
