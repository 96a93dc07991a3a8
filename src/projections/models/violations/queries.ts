import { z } from 'zod'
import { violationKind } from '../../../domain/detection/rules.ts'
import { sealedText } from '../../../domain/kernel/fields.ts'
import { violationDetected } from '../../../domain/violations/events.ts'
import { marketPriceObserved } from '../../../domain/violations/marketPrice.ts'
import { priceRules } from '../../../domain/violations/pricePolicy.ts'
import type { Source } from '../../engine/ask.ts'
import type { Bind } from '../../engine/foldQuery.ts'
import { defineQuery } from '../../engine/query.ts'
import { isoTime, where, wholeNumber } from '../sqlText.ts'
import { violationsModel } from './model.ts'

const id = z.string().min(1).max(64)
const violationId = z.string().min(1).max(64)
const base = { model: violationsModel, owner: 'dealerId', audience: 'everyone' } as const
const status = z.enum(['detected', 'notified', 'explained', 'confirmed', 'dismissed', 'remedied', 'closed'])
const flag = z.enum(['true', 'false'])

const violation = z.object({
  /** whose conduct it is: the company's own id where that is its own */
  dealerId: z.string(),
  violationId: z.string(),
  companyId: z.string(),
  kind: violationKind,
  sku: z.string().nullable(),
  /** where goods were found that should be elsewhere */
  region: z.string().nullable(),
  status,
  from: z.string(),
  to: z.string(),
  score: z.string(),
  policyVersion: z.int(),
  /** what a dealer sold for stands behind it: it is shown apart (domain.md §2.7) */
  derivesFromResale: z.boolean(),
  /** once it is confirmed: may it count where conduct pays, gates or rates, and how many of its kind came before it? */
  counts: z.boolean().nullable(),
  repeats: z.int().nullable(),
  notifiedBy: z.string().nullable(),
  explainUntil: z.string().nullable(),
  decidedBy: z.string().nullable(),
  decidedAt: z.string().nullable(),
  reason: z.string().nullable(),
  remedy: z.string().nullable(),
  en: z.string(),
  zh: z.string(),
})
const { figures, evidence } = violationDetected.schema.shape
const whole = violation.extend({ figures, evidence, explanation: sealedText.nullable() })

interface Filter {
  readonly dealerId?: string | undefined
  readonly violationId?: string | undefined
  readonly sku?: string | undefined
  readonly kind?: string | undefined
  readonly status?: string | undefined
  readonly counts?: 'true' | 'false' | undefined
  readonly derivesFromResale?: 'true' | 'false' | undefined
}

function violationsSql(params: Filter, from: Source, bind: Bind): string {
  const { dealerId, violationId, sku, kind, status, counts, derivesFromResale } = params
  return `select v.dealer_id as "dealerId", v.violation_id as "violationId", v.company_id as "companyId", v.kind, v.sku, v.content->>'region' as region, v.status,
     ${isoTime('v.from_at')} as "from", ${isoTime('v.to_at')} as "to", v.content->>'score' as score, ${wholeNumber("(v.content->>'policyVersion')::numeric")} as "policyVersion",
     v.derives_from_resale as "derivesFromResale", v.counts, ${wholeNumber('v.repeats')} as repeats, v.notified_by as "notifiedBy",
     ${isoTime('v.explain_until')} as "explainUntil", v.decided_by as "decidedBy", ${isoTime('v.decided_at')} as "decidedAt", v.reason, v.remedy,
     v.sentence->>'en' as en, v.sentence->>'zh-CN' as zh, v.content->'figures' as figures, v.content->'evidence' as evidence, v.explanation
   from ${from('violations', { dealer_id: dealerId, violation_id: violationId })} v ${where(
     // of a moment before it was detected nothing is known but what came later in business time
     'v.content is not null',
     sku !== undefined && `v.sku = ${bind(sku)}`,
     kind !== undefined && `v.kind = ${bind(kind)}`,
     status !== undefined && `v.status = ${bind(status)}`,
     counts !== undefined && `coalesce(v.counts, false) = ${bind(counts === 'true')}`,
     derivesFromResale !== undefined && `v.derives_from_resale = ${bind(derivesFromResale === 'true')}`,
   )}`
}

export const violationList = defineQuery({
  ...base,
  name: 'violations.list',
  summary: 'Price violations and abnormal transactions, the newest first',
  path: '/v1/violations',
  kind: 'list',
  params: z.object({
    dealerId: id.optional(),
    sku: id.optional(),
    kind: violationKind.optional(),
    status: status.optional(),
    counts: flag.optional(),
    derivesFromResale: flag.optional(),
  }),
  row: violation,
  order: [
    ['to', 'desc'],
    ['dealerId', 'asc'],
    ['violationId', 'asc'],
  ],
  sql: (params, from, bind) =>
    `select ${Object.keys(violation.shape)
      .map((name) => `"${name}"`)
      .join(', ')} from (${violationsSql(params, from, bind)}) v`,
})

const one = defineQuery({
  ...base,
  name: 'violations.one',
  summary: 'One case with its figures, the events that show it, and what the dealer said',
  path: '/v1/violations/:dealerId/:violationId',
  kind: 'one',
  params: z.object({ dealerId: id, violationId }),
  row: whole,
  sql: violationsSql,
})

const counts = defineQuery({
  ...base,
  name: 'violations.counts',
  summary: 'Cases by dealer, product and kind; what derives from resale prices stands apart',
  path: '/v1/violation-counts',
  kind: 'list',
  params: z.object({ dealerId: id.optional(), sku: id.optional(), kind: violationKind.optional() }),
  row: z.object({
    dealerId: z.string(),
    sku: z.string(),
    kind: violationKind,
    derivesFromResale: z.boolean(),
    open: z.int(),
    confirmed: z.int(),
    counting: z.int(),
    dismissed: z.int(),
  }),
  order: [
    ['dealerId', 'asc'],
    ['sku', 'asc'],
    ['kind', 'asc'],
    ['derivesFromResale', 'asc'],
  ],
  sql: (params, from, bind) =>
    `select v."dealerId", coalesce(v.sku, '') as sku, v.kind, v."derivesFromResale",
       (count(*) filter (where v.status in ('detected', 'notified', 'explained')))::integer as open,
       (count(*) filter (where v.repeats is not null))::integer as confirmed,
       (count(*) filter (where v.counts))::integer as counting,
       (count(*) filter (where v.reason is not null))::integer as dismissed
     from (${violationsSql(params, from, bind)}) v group by 1, 2, 3, 4`,
})

const policies = defineQuery({
  ...base,
  owner: 'shared',
  audience: 'staff',
  name: 'violations.policies',
  summary: 'Price policies in versions, those to come included',
  path: '/v1/price-policies',
  kind: 'list',
  params: z.object({ companyId: id.optional() }),
  row: z.object({ companyId: z.string(), version: z.int(), terms: priceRules, endsAt: z.string().nullable() }),
  order: [
    ['companyId', 'asc'],
    ['version', 'asc'],
  ],
  sql: (params, from) =>
    `select p.company_id as "companyId", ${wholeNumber('p.version')} as version, p.terms, ${isoTime('p.ends_at')} as "endsAt"
     from ${from('policies', { company_id: params.companyId })} p where p.terms is not null`,
})

const { observationId: _o, dealerId: _d, sku: _s, breaches: _b, ...seen } = marketPriceObserved.schema.shape
const observations = defineQuery({
  ...base,
  name: 'violations.marketPrices',
  summary: 'Prices as they were seen in the market, the newest first; a dealer sees those at its own',
  path: '/v1/market-prices',
  kind: 'list',
  params: z.object({ dealerId: id.optional(), sku: id.optional(), observationId: id.optional() }),
  row: z.object({
    observationId: z.string(),
    /** empty at a stranger's */
    dealerId: z.string(),
    sku: z.string(),
    observedAt: z.string(),
    content: z.object(seen),
  }),
  order: [
    ['observedAt', 'desc'],
    ['observationId', 'asc'],
  ],
  sql: ({ dealerId, sku, observationId }, from, bind) =>
    `select o.observation_id as "observationId", o.dealer_id as "dealerId", o.sku, ${isoTime('o.observed_at')} as "observedAt", o.content
     from ${from('observations', { observation_id: observationId })} o ${where(
       'o.content is not null',
       dealerId !== undefined && `o.dealer_id = ${bind(dealerId)}`,
       sku !== undefined && `o.sku = ${bind(sku)}`,
     )}`,
})

export const violationsQueries = [violationList, one, counts, policies, observations]
