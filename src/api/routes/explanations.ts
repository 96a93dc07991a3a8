import type { FastifyInstance } from 'fastify'
import type { z } from 'zod'
import { createBoundedCache } from '../../ledger/boundedCache.ts'
import type { ExplainedSettlement, SettlementKey } from '../../projections/models/rebates/explainSettlement.ts'
import { openExplanation } from '../openExplanation.ts'
import type { ApiPorts } from '../ports.ts'
import { Problem } from '../problem.ts'
import { accessTo } from '../queryRoute.ts'
import { ownSettlement, settlementParams } from '../settlementKey.ts'
import { nodeAnswer, nodeQuery, openNode, treeAnswer } from './openNode.ts'

/** `GET …/explanation`: one node of the tree that explains a settlement, with its children; and the whole tree. */
export function explanationRoutes(app: FastifyInstance, ports: ApiPorts): void {
  // a settlement never changes, and a reader opens one node after another
  const held = createBoundedCache<ExplainedSettlement>({ capacity: 20 })
  const path = '/v1/settlements/:programmeId/:dealerId/:currency/:periodId/:settlementNo/explanation'
  const access = accessTo({ audience: 'everyone', owner: 'dealerId' })

  async function explained(key: SettlementKey): Promise<ExplainedSettlement> {
    const name = JSON.stringify(key)
    const known = held.get(name)
    if (known) return known
    const found = await openExplanation(ports, key)
    if (!found) throw new Problem('object.not_found')
    const { tree, hash, isVerified } = found
    const kept = { tree, hash, isVerified }
    held.set(name, kept)
    return kept
  }

  app.route({
    method: 'GET',
    url: path,
    config: { access },
    schema: {
      operationId: 'settlements.explanation',
      summary: 'One node of the explanation of a settlement, with its children',
      tags: ['rebates'],
      params: settlementParams,
      querystring: nodeQuery,
      response: { 200: nodeAnswer },
    },
    handler: async (request) => {
      const { tree, hash, isVerified } = await explained(ownSettlement(request))
      const asked = request.query as z.infer<typeof nodeQuery> // checked by its schema
      return { ...openNode(tree, asked), hash, verified: isVerified }
    },
  })
  app.route({
    method: 'GET',
    url: `${path}/tree`,
    config: { access },
    schema: {
      operationId: 'settlements.explanation.tree',
      summary: 'The whole explanation of a settlement',
      tags: ['rebates'],
      params: settlementParams,
      response: { 200: treeAnswer },
    },
    handler: async (request) => {
      const { tree, hash, isVerified } = await explained(ownSettlement(request))
      return { tree, hash, verified: isVerified }
    },
  })
}
