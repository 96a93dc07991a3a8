import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { zone } from '../../domain/kernel/fields.ts'
import { createBell } from '../../ledger/bell.ts'
import type { RouteAccess } from '../access.ts'
import { openFigureBoard, type FigureBoard, type Figures, type FigureScopeName } from '../figures.ts'
import type { LiveClient, LiveClients } from '../liveClients.ts'
import type { ApiPorts, Principal } from '../ports.ts'
import { accessTo } from '../queryRoute.ts'

const querystring = z.strictObject({ zone: zone.default('UTC').describe('whose day `today` is') })
const answer = z.object({
  asOf: z.string(),
  day: z.string(),
  figures: z.array(
    z.object({
      figure: z.string(),
      values: z.array(z.object({ of: z.string().nullable(), value: z.string() })),
      model: z.string(),
      position: z.string(),
    }),
  ),
})

/** `GET /v1/figures` and `GET /v1/figures/stream`: a dashboard's figures, now and as they change; to a dealer its own. */
export function figureRoutes(app: FastifyInstance, ports: ApiPorts, clients: LiveClients): void {
  const access: RouteAccess = accessTo({ audience: 'everyone', owner: 'dealerId' })
  const board = openFigureBoard(ports)
  const scopeOf = (principal: Principal, query: unknown): FigureScopeName => ({
    dealerId: principal.dealerId,
    zone: (query as z.infer<typeof querystring>).zone, // checked by its schema
  })

  app.route({
    method: 'GET',
    url: '/v1/figures',
    config: { access },
    schema: {
      operationId: 'figures.now',
      summary: 'Figures at a glance: orders, shipments, receivables, stock, alerts, lag; to a dealer its own',
      tags: ['figures'],
      querystring,
      response: { 200: answer },
    },
    handler: async (request) => board.of(scopeOf(request.principal, request.query)),
  })
  app.route({
    method: 'GET',
    url: '/v1/figures/stream',
    exposeHeadRoute: false,
    config: { access, isLive: true },
    schema: {
      operationId: 'figures.stream',
      summary: 'The same as server-sent events: all figures first, then those that change, every few seconds at most',
      tags: ['figures'],
      querystring,
      response: { 200: { description: 'text/event-stream', content: { 'text/event-stream': { schema: z.string() } } } },
    },
    handler: async (request, reply) => {
      const scope = scopeOf(request.principal, request.query)
      await clients.serve(request, reply, access, (client) => tellFigures(app, client, board, scope))
    },
  })
}

async function tellFigures(
  app: FastifyInstance,
  client: LiveClient,
  board: FigureBoard,
  scope: FigureScopeName,
): Promise<void> {
  const told = new Map<string, string>()
  while (!client.signal.aborted) {
    // a read model that is away for a while is no reason to end
    const now = await board.of(scope).catch((error: unknown) => app.log.warn({ error: String(error) }, 'no figures'))
    if (now) await tellChanges(client, now, told)
    if (!(await client.beat(undefined))) return
    await createBell().wait(0, Math.min(board.cadenceMilliseconds, client.untilBeat()), client.signal)
  }
}

/** Only what is another value than was told; position and time of the others are then as before. */
async function tellChanges(client: LiveClient, now: Figures, told: Map<string, string>): Promise<void> {
  const isNew = now.figures.filter(({ figure, values }) => told.get(figure) !== JSON.stringify([now.day, values]))
  if (isNew.length === 0) return
  for (const { figure, values } of isNew) told.set(figure, JSON.stringify([now.day, values]))
  await client.write(`event: figures\ndata: ${JSON.stringify({ ...now, figures: isNew })}\n\n`)
}
