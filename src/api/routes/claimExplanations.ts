import { createHash } from 'node:crypto'
import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { calendarAggregate } from '../../domain/calendars/decide.ts'
import { periodById } from '../../domain/calendars/periodOf.ts'
import type { ClaimNode } from '../../domain/claims/claimNode.ts'
import { differencesId } from '../../domain/claims/commands.ts'
import { differencesAggregate } from '../../domain/claims/differences.ts'
import { explainClaim } from '../../domain/claims/explainClaim.ts'
import { layerAt } from '../../domain/claims/layer.ts'
import { layersAt } from '../../domain/claims/layersAt.ts'
import { takesOf } from '../../domain/claims/state.ts'
import { take } from '../../domain/claims/take.ts'
import { explainAccrual, explainFundClaim } from '../../domain/funds/explainFund.ts'
import { fundAggregate } from '../../domain/funds/fund.ts'
import type { KnownFund } from '../../domain/funds/state.ts'
import { sumOf } from '../../domain/kernel/decimalText.ts'
import { identifier } from '../../domain/kernel/fields.ts'
import { own, row } from '../../domain/kernel/table.ts'
import { canonicalJson } from '../../ledger/canonicalJson.ts'
import { rebatesModel } from '../../projections/models/rebates/model.ts'
import { openRebateFacts } from '../../projections/models/rebates/rebateFacts.ts'
import type { ApiPorts, Principal } from '../ports.ts'
import { Problem } from '../problem.ts'
import { accessTo } from '../queryRoute.ts'
import { goodsPort } from './claims.ts'
import { nodeAnswer, nodeQuery, openNode, treeAnswer } from './openNode.ts'

const access = accessTo({ audience: 'everyone', owner: 'dealerId' })
const dealerSku = { dealerId: identifier, sku: identifier }
const waitMilliseconds = 2_000

interface Explained {
  readonly tree: ClaimNode
  readonly verified: boolean
}

/** `GET …/explanation` and `…/explanation/tree` of claims and accruals, and the layers that claims rest on. */
export function claimExplanationRoutes(app: FastifyInstance, ports: ApiPorts): void {
  explained(
    app,
    {
      path: '/v1/price-differences/:dealerId/:sku/claims/:claimId',
      name: 'claims.explanation',
      what: 'a claim on differences of price',
      params: z.strictObject({ ...dealerSku, claimId: identifier }),
    },
    async ({ dealerId, sku, claimId }, principal) => {
      mustOwn(principal, dealerId)
      const { claims } = await ports.handler.load(differencesAggregate, differencesId({ dealerId, sku }))
      const claim = row(claims, claimId)
      if (!claim) throw new Problem('object.not_found')
      // made from what was written alone: the units and stretches stand in the event
      return { tree: explainClaim(claim.submitted, claim), verified: true }
    },
  )
  explained(
    app,
    {
      path: '/v1/funds/:fundId/activities/:activityId/claims/:claimId',
      name: 'funds.claims.explanation',
      what: 'a claim on a fund',
      params: z.strictObject({ fundId: identifier, activityId: identifier, claimId: identifier }),
    },
    async ({ fundId, activityId, claimId }, principal) => {
      const fund = await ownFund(fundId, principal)
      const [claim, activity] = [own(fund.claims, claimId), own(fund.activities, activityId)]
      if (claim?.activityId !== activityId || !activity) throw new Problem('object.not_found')
      return { tree: explainFundClaim(fund, activity, claim), verified: true }
    },
  )
  explained(
    app,
    {
      path: '/v1/funds/:fundId/accruals/:periodId',
      name: 'funds.accruals.explanation',
      what: 'what a period added to a co-op fund',
      params: z.strictObject({ fundId: identifier, periodId: identifier }),
    },
    async ({ fundId, periodId }, principal) => {
      const fund = await ownFund(fundId, principal)
      const { companyId, dealerId, currency, accrual } = fund.terms
      const accrued = fund.accrued.find((one) => one.periodId === periodId)
      const calendar = accrual && (await ports.handler.load(calendarAggregate, accrual.calendarId))
      const period = calendar && periodById(calendar, periodId)
      if (!accrued || !period) throw new Problem('object.not_found')
      const { startInstant: from, endInstant: until } = period
      const query = { companyId, basis: 'invoiced', from, until, upTo: BigInt(accrued.watermark) } as const
      const facts = await openRebateFacts(ports.readerOf(rebatesModel), waitMilliseconds).facts(query, [
        { dealerId, currency },
      ])
      const verified = sumOf(facts.map(({ net }) => net)) === accrued.base
      return { tree: explainAccrual(fund, accrued, facts), verified }
    },
  )
  layersRoute(app, ports)

  async function ownFund(fundId: string, principal: Principal): Promise<KnownFund> {
    const fund = await ports.handler.load(fundAggregate, fundId)
    if (!fund.known) throw new Problem('object.not_found')
    mustOwn(principal, fund.terms.dealerId)
    return fund
  }
}

/** Of another dealer nothing exists. */
function mustOwn({ role, dealerId }: Principal, owner: string): void {
  if (role === 'dealer' && dealerId !== owner) throw new Problem('object.not_found')
}

function explained<Params extends z.ZodObject>(
  app: FastifyInstance,
  { path, name, what, params }: { readonly path: string; name: string; what: string; params: Params },
  explain: (params: z.infer<Params>, principal: Principal) => Promise<Explained>,
): void {
  const hashed = async (request: { params: unknown; principal: Principal }) => {
    const { tree, verified } = await explain(request.params as z.infer<Params>, request.principal) // checked by its schema
    return { tree, verified, hash: createHash('sha256').update(canonicalJson(tree)).digest('hex') }
  }
  app.route({
    method: 'GET',
    url: `${path}/explanation`,
    config: { access },
    schema: {
      operationId: name,
      summary: `One node of the explanation of ${what}, with its children`,
      tags: ['claims'],
      params,
      querystring: nodeQuery,
      response: { 200: nodeAnswer },
    },
    handler: async (request) => {
      const { tree, hash, verified } = await hashed(request)
      const asked = request.query as z.infer<typeof nodeQuery> // checked by its schema
      return { ...openNode(tree, asked), hash, verified }
    },
  })
  app.route({
    method: 'GET',
    url: `${path}/explanation/tree`,
    config: { access },
    schema: {
      operationId: `${name}.tree`,
      summary: `The whole explanation of ${what}`,
      tags: ['claims'],
      params,
      response: { 200: treeAnswer },
    },
    handler: hashed,
  })
}

/** `GET /v1/price-layers/:dealerId/:sku`: what a dealer has of a sku, at what price, and which claims took what of it. */
function layersRoute(app: FastifyInstance, ports: ApiPorts): void {
  app.route({
    method: 'GET',
    url: '/v1/price-layers/:dealerId/:sku',
    config: { access },
    schema: {
      operationId: 'claims.layers',
      summary: 'The price layers of a sku at a dealer that are not used up, with what claims have taken of them',
      tags: ['claims'],
      params: z.strictObject(dealerSku),
      response: {
        200: z.object({
          knownAt: z.string(),
          layers: z.array(layerAt.extend({ taken: z.array(take.extend({ claimId: z.string(), kind: z.string() })) })),
        }),
      },
    },
    handler: async (request) => {
      const { dealerId, sku } = request.params as { dealerId: string; sku: string } // checked by its schema
      mustOwn(request.principal, dealerId)
      const upTo = await ports.store.head()
      const movements = await goodsPort(ports).movements(dealerId, sku, upTo)
      const state = await ports.handler.load(differencesAggregate, differencesId({ dealerId, sku }))
      const takes = takesOf(state).map(({ goneAt: _gone, ...one }) => one)
      const layers = layersAt(movements, ports.now() + 1)
        .filter(({ left, top }) => left !== top)
        .map((one) => ({ ...one, taken: takes.filter(({ layer }) => layer === one.layer) }))
      return { knownAt: upTo.toString(), layers }
    },
  })
}
