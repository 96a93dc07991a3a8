import type { FastifyInstance } from 'fastify'
import type { z } from 'zod'
import { declareError } from '../../domain/kernel/errorDeclaration.ts'
import { aggregates } from '../../domain/registry.ts'
import { commandAnswer, metaOf, readKey, recordHeaders, sendOutcome } from '../commandRoute.ts'
import type { ApiPorts } from '../ports.ts'
import { Problem } from '../problem.ts'
import { manufacturer } from '../roles.ts'

/** `POST /v1/corrections`: declares an event in error. Any stream; which events may be named stands with each event type. */
export function correctionRoute(app: FastifyInstance, ports: ApiPorts): void {
  app.route({
    method: 'POST',
    url: '/v1/corrections',
    config: { access: { roles: manufacturer } },
    schema: {
      operationId: declareError.name,
      summary: 'Declare an event in error: from then on its stream is read as if it had not been',
      tags: ['events'],
      headers: recordHeaders,
      body: declareError.schema,
      response: { 201: commandAnswer },
    },
    handler: async (request, reply) => {
      if (ports.isReadOnly()) throw new Problem('ledger.disk_full')
      const sent = request.body as z.infer<typeof declareError.schema> // checked by its schema
      const { stream, ...declaration } = sent
      const aggregate = aggregates.find(({ category }) => stream.startsWith(`${category}-`))
      if (!aggregate) throw new Problem('object.not_found')
      const call = {
        ports,
        principal: request.principal,
        routeName: 'POST /v1/corrections',
        key: readKey(request),
        sent,
      }
      const outcome = await ports.handler.declareError(
        aggregate,
        declareError.id(sent),
        declaration,
        metaOf(call, request),
      )
      return sendOutcome(reply, outcome, { id: declareError.id(sent), isCreation: true })
    },
  })
}
