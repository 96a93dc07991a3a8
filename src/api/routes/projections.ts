import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { streamName } from '../../domain/kernel/fields.ts'
import { readModels } from '../../projections/registry.ts'
import type { ApiPorts } from '../ports.ts'
import { Problem } from '../problem.ts'
import { admin } from '../roles.ts'

export const modelStatus = z.object({
  model: z.string(),
  version: z.int(),
  state: z.enum(['filling', 'active']),
  position: z.string(),
  eventsBehind: z.number().nullable().describe('null where the store cannot count'),
  secondsBehind: z.number(),
  secondsSinceProgress: z.number(),
  parkedEvents: z.int(),
  waitingFor: z.string().nullable().describe('an event type and version that this release does not know'),
})
const parked = z.object({
  model: z.string(),
  stream: z.string(),
  position: z.string(),
  eventId: z.string(),
  eventType: z.string(),
  error: z.string(),
  parkedAt: z.string(),
  attempts: z.int(),
})
const model = z.enum(readModels.map(({ name }) => name) as [string, ...string[]]) // there are read models
const readers = { roles: ['admin', 'analyst', 'auditor'] } as const
const tags = ['projections']

/** How far the read models are, and what to do with events that one of them could not fold. */
export function projectionRoutes(app: FastifyInstance, ports: ApiPorts): void {
  app.route({
    method: 'GET',
    url: '/v1/projections',
    config: { access: readers },
    schema: {
      operationId: 'projections.status',
      summary: 'Every read model with its position and lag',
      tags,
      response: { 200: z.object({ items: z.array(modelStatus) }) },
    },
    handler: async () => ({ items: await statusOf(ports) }),
  })
  app.route({
    method: 'GET',
    url: '/v1/projections/parked',
    config: { access: readers },
    schema: {
      operationId: 'projections.parked',
      summary: 'Events that a read model could not fold, with those of their streams that wait behind them',
      tags,
      querystring: z.strictObject({ limit: z.coerce.number().int().min(1).max(500).default(100) }),
      response: { 200: z.object({ items: z.array(parked) }) },
    },
    handler: async (request) => {
      const { limit } = request.query as { limit: number } // checked by its schema
      const items = await ports.projections.parked(limit)
      return { items: items.map((one) => ({ ...one, position: one.position.toString() })) }
    },
  })
  app.route({
    method: 'POST',
    url: '/v1/projections/:model/parked-streams/:stream/retry',
    config: { access: { roles: admin } },
    schema: {
      operationId: 'projections.retry',
      summary: 'Fold the parked events of a stream again, all or none; repeating it does no harm',
      tags,
      params: z.strictObject({ model, stream: streamName }),
      response: { 200: z.object({ applied: z.int() }) },
    },
    handler: async (request) => {
      const { model: name, stream } = request.params as { model: string; stream: string } // checked by its schema
      const found = readModels.find((candidate) => candidate.name === name)
      if (!found) throw new Problem('object.not_found')
      return { applied: await retry(request.log, found, stream) }
    },
  })
  app.route({
    method: 'POST',
    url: '/v1/projections/:model/parked/:position/skip',
    config: { access: { roles: admin } },
    schema: {
      operationId: 'projections.skip',
      summary: 'Give up one parked event for good; who did is recorded',
      tags,
      params: z.strictObject({ model, position: z.string().regex(/^\d{1,18}$/) }),
      response: { 200: z.object({ skipped: z.literal(true) }) },
    },
    handler: async (request) => {
      const params = request.params as { model: string; position: string } // checked by its schema
      const found = readModels.find((candidate) => candidate.name === params.model)
      if (!found || !(await ports.projections.skip(found, BigInt(params.position), request.principal.id)))
        throw new Problem('object.not_found')
      return { skipped: true }
    },
  })

  async function retry(
    log: FastifyInstance['log'],
    found: (typeof readModels)[number],
    stream: string,
  ): Promise<number> {
    try {
      return await ports.projections.retry(found, stream)
    } catch (error) {
      log.warn({ model: found.name, stream, error: String(error) }, 'parked events still do not fold')
      throw new Problem('projection.still_parked', { model: found.name, stream })
    }
  }
}

export async function statusOf({ projections }: Pick<ApiPorts, 'projections'>): Promise<z.infer<typeof modelStatus>[]> {
  const status = await projections.status()
  return status.map(
    ({ generation: _generation, difference: _difference, position, eventsBehind, waitingFor, ...rest }) => ({
      ...rest,
      position: position.toString(),
      eventsBehind: eventsBehind ?? null,
      waitingFor: waitingFor ?? null,
    }),
  )
}
