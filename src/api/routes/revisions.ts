import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { accessTo } from '../queryRoute.ts'
import type { ApiPorts } from '../ports.ts'
import { Problem } from '../problem.ts'
import { type Resource, resources } from '../resources.ts'
import { noStream } from '../../ledger/eventStore.ts'

const answer = z.object({ id: z.string(), stream: z.string(), revision: z.int() })

/** `GET <object>/revision`: the ledger's own word on an object's revision, for `If-Match`, without a read model between. */
export function revisionRoutes(app: FastifyInstance, ports: ApiPorts): void {
  for (const resource of resources) revisionRoute(app, ports, resource)
}

function revisionRoute(app: FastifyInstance, ports: ApiPorts, resource: Resource): void {
  const { aggregate, path } = resource
  // what has no owner is nobody's that acts for a dealer, as in commands; principals and webhooks are for who manages them
  const isManaged = aggregate.category === 'principal' || aggregate.category === 'webhook'
  app.route({
    method: 'GET',
    url: `${path}/revision`,
    config: { access: accessTo({ audience: isManaged ? 'administration' : 'everyone', owner: 'dealerId' }) },
    schema: {
      operationId: `${aggregate.category}.revision`,
      summary: 'The revision to name in If-Match, as ETag and in the body',
      tags: [aggregate.category],
      params: resource.params,
      response: { 200: answer },
    },
    handler: async (request, reply) => {
      const params = request.params as Readonly<Record<string, string>> // text, by their schema
      const { dealerId, role } = request.principal
      const id = resource.id(params)
      const { state, revision } = await ports.handler.loadWithRevision(aggregate, id)
      const isOwn = role !== 'dealer' || aggregate.owner?.(state, { type: 'Read', ...params }) === dealerId
      if (revision === noStream || !isOwn) throw new Problem('object.not_found')
      return reply.header('etag', `"${revision}"`).send({ id, stream: `${aggregate.category}-${id}`, revision })
    },
  })
}
