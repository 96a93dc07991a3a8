import { z } from 'zod'
import { agreementMade, claimSubmitted, protectionNotDue } from '../../../domain/claims/events.ts'
import { claimsPolicySet } from '../../../domain/claims/policy.ts'
import { claimKind } from '../../../domain/claims/take.ts'
import type { Source } from '../../engine/ask.ts'
import type { Bind } from '../../engine/foldQuery.ts'
import { defineQuery } from '../../engine/query.ts'
import { isoTime, plainDecimal, where, wholeNumber } from '../sqlText.ts'
import { claimsModel } from './model.ts'

const id = z.string().min(1).max(64)
const base = { model: claimsModel, owner: 'dealerId', audience: 'everyone' } as const
const status = z.enum(['submitted', 'validated', 'approved', 'paid', 'rejected', 'withdrawn'])

const is = (column: string, value: string | undefined, bind: Bind): string | false =>
  value !== undefined && `${column} = ${bind(value)}`

const claim = z.object({
  dealerId: z.string(),
  sku: z.string(),
  claimId: z.string(),
  companyId: z.string(),
  kind: claimKind,
  status,
  agreementId: z.string().nullable(),
  currency: z.string(),
  quantity: z.string(),
  /** minor units: by the rules, what of it was approved, and paid */
  claimed: z.string(),
  approved: z.string(),
  paid: z.string(),
  submittedBy: z.string(),
  submittedAt: z.string(),
  endorsedBy: z.string().nullable(),
  decidedAt: z.string().nullable(),
  reason: z.string().nullable(),
  /** credit notes that pay it, or returns that were authorised */
  documents: z.array(z.string()).nullable(),
})
interface Filter {
  readonly dealerId?: string | undefined
  readonly sku?: string | undefined
  readonly claimId?: string | undefined
  readonly kind?: string | undefined
  readonly status?: string | undefined
  readonly agreementId?: string | undefined
}
const claimsSql = (params: Filter, from: Source, bind: Bind): string =>
  `select c.dealer_id as "dealerId", c.sku, c.claim_id as "claimId", c.company_id as "companyId", c.kind, c.status, c.agreement_id as "agreementId", c.currency,
     ${plainDecimal('c.quantity')} as quantity, ${['claimed', 'approved', 'paid'].map((one) => `${plainDecimal(`c.${one}`)} as ${one}`).join(', ')},
     c.submitted_by as "submittedBy", ${isoTime('c.submitted_at')} as "submittedAt", c.endorsed_by as "endorsedBy", ${isoTime('c.decided_at')} as "decidedAt",
     c.reason, c.documents, c.content
   from ${from('claims', { dealer_id: params.dealerId, sku: params.sku, claim_id: params.claimId })} c ${where(
     // of a moment before it was submitted nothing is known but what came later in business time
     'c.status is not null and c.kind is not null',
     is('c.kind', params.kind, bind),
     is('c.status', params.status, bind),
     is('c.agreement_id', params.agreementId, bind),
   )}`

const claims = defineQuery({
  ...base,
  name: 'claims.list',
  summary: 'Claims on differences of price: price protection, ship and debit, special prices, stock rotation',
  path: '/v1/claims',
  kind: 'list',
  params: z.object({
    dealerId: id.optional(),
    sku: id.optional(),
    kind: claimKind.optional(),
    status: status.optional(),
    agreementId: id.optional(),
  }),
  row: claim,
  order: [
    ['submittedAt', 'desc'],
    ['dealerId', 'asc'],
    ['sku', 'asc'],
    ['claimId', 'asc'],
  ],
  sql: (params, from, bind) =>
    `select ${Object.keys(claim.shape)
      .map((name) => `"${name}"`)
      .join(', ')} from (${claimsSql(params, from, bind)}) c`,
})

export const oneClaim = defineQuery({
  ...base,
  name: 'claims.one',
  summary: 'One claim with what it was asked for and the units that it takes',
  path: '/v1/price-differences/:dealerId/:sku/claims/:claimId',
  kind: 'one',
  params: z.object({ dealerId: id, sku: id, claimId: id }),
  row: claim.extend({ content: claimSubmitted.schema }),
  sql: claimsSql,
})

const { companyId: _c, dealerId: _d, sku: _s, agreementId: _a, ...agreementShape } = agreementMade.schema.shape
const agreements = defineQuery({
  ...base,
  name: 'claims.agreements',
  summary: 'Agreements on special prices, with what was claimed on them',
  path: '/v1/claim-agreements',
  kind: 'list',
  params: z.object({ dealerId: id.optional(), sku: id.optional(), agreementId: id.optional() }),
  row: z.object({
    dealerId: z.string(),
    sku: z.string(),
    agreementId: z.string(),
    companyId: z.string(),
    terms: z.object(agreementShape),
    endsAt: z.string().nullable(),
    endReason: z.string().nullable(),
    /** quantity of the claims that stand */
    claimed: z.string(),
  }),
  order: [
    ['dealerId', 'asc'],
    ['sku', 'asc'],
    ['agreementId', 'asc'],
  ],
  sql: (params, from) =>
    `select a.dealer_id as "dealerId", a.sku, a.agreement_id as "agreementId", a.company_id as "companyId", a.content as terms,
       ${isoTime('a.ends_at')} as "endsAt", a.end_reason as "endReason", ${plainDecimal('coalesce(c.quantity, 0)')} as claimed
     from ${from('agreements', { dealer_id: params.dealerId, sku: params.sku, agreement_id: params.agreementId })} a
     left join (select dealer_id, sku, agreement_id, sum(quantity) as quantity from ${from('claims', { dealer_id: params.dealerId, sku: params.sku })} c
       where agreement_id is not null and status not in ('rejected', 'withdrawn') group by 1, 2, 3) c using (dealer_id, sku, agreement_id)
     where a.content is not null`,
})

const { dealerId: _dealer, sku: _sku, changeId: _change, ...notDueShape } = protectionNotDue.schema.shape
const notDue = defineQuery({
  ...base,
  name: 'claims.notDue',
  summary: 'Rises of a list price with the stock that met them, for which nothing was charged',
  path: '/v1/protections-not-due',
  kind: 'list',
  params: z.object({ dealerId: id.optional(), sku: id.optional() }),
  row: z.object({ dealerId: z.string(), sku: z.string(), changeId: z.string(), content: z.object(notDueShape) }),
  order: [
    ['dealerId', 'asc'],
    ['sku', 'asc'],
    ['changeId', 'asc'],
  ],
  sql: (params, from) =>
    `select dealer_id as "dealerId", sku, change_id as "changeId", content from ${from('not_due', { dealer_id: params.dealerId, sku: params.sku })} n`,
})

const proofs = defineQuery({
  ...base,
  name: 'claims.proofs',
  summary: 'Documents by their SHA-256, with the claim that each stands for',
  path: '/v1/proofs',
  kind: 'list',
  params: z.object({ dealerId: id.optional(), proof: z.string().max(64).optional() }),
  row: z.object({ proof: z.string(), dealerId: z.string(), stream: z.string(), claimId: z.string() }),
  order: [['proof', 'asc']],
  sql: (params, from, bind) =>
    `select proof, dealer_id as "dealerId", stream, claim_id as "claimId" from ${from('proofs', { proof: params.proof })} p ${where('is_taken', is('dealer_id', params.dealerId, bind))}`,
})

const policies = defineQuery({
  ...base,
  owner: 'shared',
  audience: 'staff',
  name: 'claims.policies',
  summary: 'Terms of price protection, stock rotation and claims, those to come included',
  path: '/v1/claims-policies',
  kind: 'list',
  params: z.object({ companyId: id.optional() }),
  row: z.object({
    companyId: z.string(),
    version: z.int(),
    effectiveFrom: z.string(),
    terms: claimsPolicySet.schema.shape.terms,
  }),
  order: [
    ['companyId', 'asc'],
    ['version', 'asc'],
  ],
  sql: (params, from) =>
    `select company_id as "companyId", ${wholeNumber('version')} as version, ${isoTime('effective_from')} as "effectiveFrom", terms from ${from('policies', { company_id: params.companyId })} p`,
})

export const claimsQueries = [claims, oneClaim, agreements, notDue, proofs, policies]
