import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { type AlertFeed, type AlertNews, openAlertFeed } from '../alertFeed.ts'
import { accessTo } from '../queryRoute.ts'
import type { LiveClients } from '../liveClients.ts'
import type { ApiPorts } from '../ports.ts'
import { feedHeaders, feedParameters, positionGiven, tellFeed } from '../tellFeed.ts'

const querystring = z.strictObject(feedParameters)

/**
 * `GET /v1/alerts/stream`: alerts raised, changed, handled and closed, as the rules have it for the caller's role; to a dealer its own.
 * Positions are ids, as in `/v1/stream`. Who begins asks `/v1/alerts` first and goes on after its `knownAt`.
 */
export function alertStreamRoute(app: FastifyInstance, ports: ApiPorts, clients: LiveClients): void {
  const access = accessTo({ audience: 'everyone', owner: 'dealerId' })
  let opened: AlertFeed | undefined
  const feed = (): AlertFeed =>
    (opened ??= openAlertFeed(ports, clients.closing, (error) =>
      app.log.warn({ error: String(error) }, 'the feed of alerts is interrupted'),
    ))

  app.route({
    method: 'GET',
    url: '/v1/alerts/stream',
    exposeHeadRoute: false,
    config: { access, isLive: true },
    schema: {
      operationId: 'alerts.stream',
      summary: 'Alerts as server-sent events, as they are raised, changed, handled and closed; to a dealer its own',
      tags: ['alerts'],
      headers: feedHeaders,
      querystring,
      response: { 200: { description: 'text/event-stream', content: { 'text/event-stream': { schema: z.string() } } } },
    },
    handler: async (request, reply) => {
      const from = positionGiven(request)
      const { principal } = request
      const alerts = feed()
      await clients.serve(request, reply, access, (client) =>
        tellFeed(client, alerts, from, (news) => (alerts.isFor(principal, news) ? messageOf(news) : undefined)),
      )
    },
  })
}

function messageOf({ position, side: _side, ...news }: AlertNews): string {
  return `id: ${position}\nevent: alert\ndata: ${JSON.stringify({ position: position.toString(), ...news })}\n\n`
}
