import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { nodeOf, type ExplanationNode } from '../../domain/rebates/explanation.ts'
import { createBoundedCache } from '../../ledger/boundedCache.ts'
import type { ExplainedSettlement, SettlementKey } from '../../projections/models/rebates/explainSettlement.ts'
import { openExplanation } from '../openExplanation.ts'
import type { ApiPorts } from '../ports.ts'
import { Problem } from '../problem.ts'
import { accessTo } from '../queryRoute.ts'
import { ownSettlement, settlementParams } from '../settlementKey.ts'

const querystring = z.strictObject({
  node: z.string().min(1).max(200).default('due').describe('`id` of the node to open; the root is `due`'),
  limit: z.coerce.number().int().min(1).max(500).default(100),
  after: z.coerce.number().int().min(0).max(10_000_000).default(0).describe('`next` of the page before'),
})
/** A node without what is below it, but how much that is. */
const shown = z.looseObject({ id: z.string(), code: z.string(), amount: z.string(), childCount: z.int() })
/** A node with its `children`, which are such nodes. */
const tree = z.looseObject({ id: z.string(), code: z.string(), amount: z.string(), children: z.array(z.unknown()) })
const answer = z.object({
  node: shown,
  children: z.array(shown),
  next: z.int().nullable().describe('`after` of the next page of children; null at the end'),
  hash: z.string().describe('SHA-256 of the canonical text of the whole tree'),
  verified: z.boolean().describe('the hash is the one that was written with the settlement'),
})

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
      querystring,
      response: { 200: answer },
    },
    handler: async (request) => {
      const { node: id, limit, after } = request.query as z.infer<typeof querystring> // checked by its schema
      const { tree, hash, isVerified } = await explained(ownSettlement(request))
      const node = nodeOf(tree, id)
      if (!node) throw new Problem('object.not_found', { node: id })
      const children = node.children ?? []
      const next = after + limit < children.length ? after + limit : null
      return {
        node: alone(node),
        children: children.slice(after, after + limit).map(alone),
        next,
        hash,
        verified: isVerified,
      }
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
      response: { 200: z.object({ tree, hash: z.string(), verified: z.boolean() }) },
    },
    handler: async (request) => {
      const { tree, hash, isVerified } = await explained(ownSettlement(request))
      return { tree, hash, verified: isVerified }
    },
  })
}

function alone({ children, ...node }: ExplanationNode): z.infer<typeof shown> {
  return { ...node, childCount: children?.length ?? 0 }
}
