import { z } from 'zod'
import { expense, fundAccrued, fundBudgeted } from '../../../domain/funds/events.ts'
import type { Source } from '../../engine/ask.ts'
import type { Bind } from '../../engine/foldQuery.ts'
import { defineQuery } from '../../engine/query.ts'
import { isoTime, plainDecimal, where, wholeNumber } from '../sqlText.ts'
import { fundsModel } from './model.ts'

const id = z.string().min(1).max(64)
const base = { model: fundsModel, owner: 'dealerId', audience: 'everyone' } as const

const is = (column: string, value: string | undefined, bind: Bind): string | false =>
  value !== undefined && `${column} = ${bind(value)}`
const sums = (...columns: readonly string[]): string =>
  columns.map((one) => `${plainDecimal(`f.${one}`)} as ${one}`).join(', ')
const whose = 'f.fund_id as "fundId", f.company_id as "companyId", f.dealer_id as "dealerId", f.currency'
const owned = { fundId: z.string(), companyId: z.string(), dealerId: z.string(), currency: z.string() }

const {
  fundId: _f,
  companyId: _c,
  dealerId: _d,
  currency: _m,
  budget: _b,
  breaches: _r,
  ...terms
} = fundBudgeted.schema.shape
const fund = {
  ...base,
  row: z.object({
    ...owned,
    terms: z.object(terms),
    /** minor units: budget ≥ committed ≥ approved ≥ released for payment ≥ paid */
    budget: z.string(),
    accrued: z.string(),
    committed: z.string(),
    approved: z.string(),
    released: z.string(),
    paid: z.string(),
    expired: z.string(),
    /** not committed, and not expired */
    free: z.string(),
    status: z.enum(['open', 'over']),
  }),
} as const
const fundSql = (
  params: { fundId?: string | undefined; dealerId?: string | undefined },
  from: Source,
  bind: Bind,
): string =>
  `select ${whose}, f.terms, ${sums('budget', 'accrued', 'committed', 'approved', 'released', 'paid', 'expired')},
     ${plainDecimal('f.budget - f.committed - f.expired')} as free, case when f.is_over then 'over' else 'open' end as status
   from ${from('funds', { fund_id: params.fundId })} f ${where('f.terms is not null', is('f.dealer_id', params.dealerId, bind))}`

const funds = defineQuery({
  ...fund,
  name: 'funds.list',
  summary: 'Marketing funds with what is budgeted, committed, approved, paid and expired; minor units',
  path: '/v1/funds',
  kind: 'list',
  params: z.object({ dealerId: id.optional() }),
  order: [['fundId', 'asc']],
  sql: fundSql,
})
const oneFund = defineQuery({
  ...fund,
  name: 'funds.one',
  summary: 'One marketing fund',
  path: '/v1/funds/:fundId',
  kind: 'one',
  params: z.object({ dealerId: id.optional(), fundId: id }),
  sql: fundSql,
})

const activities = defineQuery({
  ...base,
  name: 'funds.activities',
  summary: 'Activities that were asked for, with what is committed to them, approved and paid',
  path: '/v1/fund-activities',
  kind: 'list',
  params: z.object({ dealerId: id.optional(), fundId: id.optional() }),
  row: z.object({
    ...owned,
    activityId: z.string(),
    status: z.enum(['requested', 'committed', 'declined']),
    terms: z.object({
      name: z.string(),
      kind: z.string(),
      from: z.string(),
      until: z.string(),
      requestedBy: z.string(),
    }),
    requested: z.string(),
    committed: z.string(),
    approved: z.string(),
    paid: z.string(),
    reason: z.string().nullable(),
  }),
  order: [
    ['fundId', 'asc'],
    ['activityId', 'asc'],
  ],
  sql: (params, from, bind) =>
    `select ${whose}, f.activity_id as "activityId", f.status, f.terms, ${sums('requested', 'committed', 'approved', 'paid')}, f.reason
     from ${from('activities', { fund_id: params.fundId })} f ${where('f.terms is not null', is('f.dealer_id', params.dealerId, bind))}`,
})

const claims = defineQuery({
  ...base,
  name: 'funds.claims',
  summary: 'Claims on what was committed to activities, with their expenses',
  path: '/v1/fund-claims',
  kind: 'list',
  params: z.object({ dealerId: id.optional(), fundId: id.optional(), claimId: id.optional() }),
  row: z.object({
    ...owned,
    activityId: z.string(),
    claimId: z.string(),
    status: z.enum(['submitted', 'validated', 'approved', 'rejected', 'withdrawn']),
    expenses: z.array(expense),
    claimed: z.string(),
    approved: z.string(),
    released: z.string(),
    paid: z.string(),
    submittedBy: z.string(),
    submittedAt: z.string(),
    endorsedBy: z.string().nullable(),
    reason: z.string().nullable(),
  }),
  order: [
    ['fundId', 'asc'],
    ['claimId', 'asc'],
  ],
  sql: (params, from, bind) =>
    `select ${whose}, f.activity_id as "activityId", f.claim_id as "claimId", f.status, f.expenses, ${sums('claimed', 'approved', 'released', 'paid')},
       f.submitted_by as "submittedBy", ${isoTime('f.submitted_at')} as "submittedAt", f.endorsed_by as "endorsedBy", f.reason
     from ${from('claims', { fund_id: params.fundId, claim_id: params.claimId })} f ${where('f.expenses is not null', is('f.dealer_id', params.dealerId, bind))}`,
})

const payments = defineQuery({
  ...base,
  name: 'funds.payments',
  summary: 'Payments of fund claims, with the credit note of each',
  path: '/v1/fund-payments',
  kind: 'list',
  params: z.object({ dealerId: id.optional(), fundId: id.optional(), claimId: id.optional() }),
  row: z.object({
    ...owned,
    claimId: z.string(),
    paymentNo: z.int(),
    amount: z.string(),
    creditNoteId: z.string().nullable(),
    paidAt: z.string().nullable(),
  }),
  order: [
    ['fundId', 'asc'],
    ['claimId', 'asc'],
    ['paymentNo', 'asc'],
  ],
  sql: (params, from, bind) =>
    `select ${whose}, f.claim_id as "claimId", ${wholeNumber('f.payment_no')} as "paymentNo", ${sums('amount')},
       f.credit_note_id as "creditNoteId", ${isoTime('f.paid_at')} as "paidAt"
     from ${from('payments', { fund_id: params.fundId, claim_id: params.claimId })} f ${where(is('f.dealer_id', params.dealerId, bind))}`,
})

const {
  fundId: _af,
  companyId: _ac,
  dealerId: _ad,
  currency: _am,
  periodId: _ap,
  amount: _aa,
  ...accrual
} = fundAccrued.schema.shape
const accruals = defineQuery({
  ...base,
  name: 'funds.accruals',
  summary: 'What closed periods added to co-op funds',
  path: '/v1/fund-accruals',
  kind: 'list',
  params: z.object({ dealerId: id.optional(), fundId: id.optional() }),
  row: z.object({
    ...owned,
    periodId: z.string(),
    amount: z.string(),
    base: accrual.base,
    rate: accrual.rate,
    exact: accrual.exact,
    cutOff: z.string(),
    watermark: z.string(),
  }),
  order: [
    ['fundId', 'asc'],
    ['periodId', 'asc'],
  ],
  sql: (params, from, bind) =>
    `select ${whose}, f.period_id as "periodId", ${sums('amount')}, f.content->>'base' as base, f.content->>'rate' as rate, f.content->>'exact' as exact,
       f.content->>'cutOff' as "cutOff", f.content->>'watermark' as watermark
     from ${from('accruals', { fund_id: params.fundId })} f ${where('f.content is not null', is('f.dealer_id', params.dealerId, bind))}`,
})

export const fundsQueries = [funds, oneFund, activities, claims, payments, accruals]
