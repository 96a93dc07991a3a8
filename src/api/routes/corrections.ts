import type { FastifyInstance } from 'fastify'
import type { z } from 'zod'
import type { AnyAggregate } from '../../domain/kernel/decider.ts'
import { declareError } from '../../domain/kernel/errorDeclaration.ts'
import { aggregates } from '../../domain/registry.ts'
import { commandAnswer, metaOf, readKey, recordHeaders, sendOutcome } from '../commandRoute.ts'
import type { ApiPorts, Principal } from '../ports.ts'
import { Problem } from '../problem.ts'
import { manufacturer } from '../roles.ts'
import { commandRoutes } from './commandRoutes.ts'

/**
 * `POST /v1/corrections`: declares an event in error. Which events may be named stands with each event type; who may name
 * them follows from the route table: whoever may command the object. Sales does not take back payments, nor finance prices.
 */
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
      if (!mayCorrect(request.principal, aggregate)) throw new Problem('auth.forbidden')
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

function mayCorrect({ role }: Principal, aggregate: AnyAggregate): boolean {
  return role === 'admin' || commandRoutes.some((route) => route.aggregate === aggregate && route.roles.includes(role))
}
