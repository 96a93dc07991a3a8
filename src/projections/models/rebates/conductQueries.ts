import { z } from 'zod'
import { enforcement } from '../../../domain/conduct/events.ts'
import { localLabel } from '../../../domain/kernel/fields.ts'
import { defineQuery } from '../../engine/query.ts'
import { isoTime, plainDecimal, where, wholeNumber } from '../sqlText.ts'
import { rebatesModel } from './model.ts'

const id = z.string().min(1).max(64)
const ofDealer = { model: rebatesModel, owner: 'dealerId', audience: 'everyone', kind: 'list' } as const
const ofCompany = { model: rebatesModel, owner: 'shared', audience: 'staff', kind: 'list' } as const

const evidence = defineQuery({
  ...ofDealer,
  name: 'evidence.list',
  summary: 'Evidence of what dealers did, withdrawn or not',
  path: '/v1/evidence',
  params: z.object({ dealerId: id.optional(), kind: id.optional() }),
  row: z.object({
    dealerId: z.string(),
    companyId: z.string(),
    evidenceId: z.string(),
    kind: z.string(),
    /** business time of what it proves */
    evidenceAt: z.string(),
    documentHash: z.string().nullable(),
    withdrawn: z.boolean(),
  }),
  order: [
    ['dealerId', 'asc'],
    ['evidenceId', 'asc'],
  ],
  sql: (params, from, bind) =>
    `select dealer_id as "dealerId", company_id as "companyId", evidence_id as "evidenceId", kind, evidence_at as "evidenceAt",
       document_hash as "documentHash", is_withdrawn as withdrawn
     from ${from('evidence', { dealer_id: params.dealerId })} e ${where(params.kind !== undefined && `kind = ${bind(params.kind)}`)}`,
})

const evaluations = defineQuery({
  ...ofDealer,
  name: 'evaluations.list',
  summary: 'Scores of dealers for periods, the newest of each',
  path: '/v1/evaluations',
  params: z.object({ dealerId: id.optional(), evaluation: id.optional(), periodId: id.optional() }),
  row: z.object({
    dealerId: z.string(),
    companyId: z.string(),
    evaluation: z.string(),
    version: z.int(),
    calendarId: z.string(),
    periodId: z.string(),
    score: z.string(),
    recordedAt: z.string(),
  }),
  order: [
    ['dealerId', 'asc'],
    ['companyId', 'asc'],
    ['evaluation', 'asc'],
    ['version', 'asc'],
    ['calendarId', 'asc'],
    ['periodId', 'asc'],
  ],
  sql: (params, from) =>
    `select dealer_id as "dealerId", company_id as "companyId", evaluation, ${wholeNumber('version')} as version, calendar_id as "calendarId",
       period_id as "periodId", ${plainDecimal('score')} as score, happened_at as "recordedAt"
     from ${from('evaluations', { dealer_id: params.dealerId, evaluation: params.evaluation, period_id: params.periodId })} e`,
})

const evaluationKinds = defineQuery({
  ...ofCompany,
  name: 'evaluations.kinds',
  summary: 'The evaluations that a company has defined, every version',
  path: '/v1/evaluation-kinds',
  params: z.object({ companyId: id.optional() }),
  row: z.object({
    companyId: z.string(),
    evaluation: z.string(),
    version: z.int(),
    name: localLabel,
    fromResalePrice: z.boolean(),
  }),
  order: [
    ['companyId', 'asc'],
    ['evaluation', 'asc'],
    ['version', 'asc'],
  ],
  sql: (params, from) =>
    `select company_id as "companyId", evaluation, ${wholeNumber('version')} as version, name, from_resale_price as "fromResalePrice"
     from ${from('evaluation_kinds', { company_id: params.companyId })} k`,
})

const resalePricePolicies = defineQuery({
  ...ofCompany,
  name: 'resalePricePolicies.list',
  summary: 'Whether companies may look at resale prices, and what that rests on; off where none is named',
  path: '/v1/resale-price-policies',
  params: z.object({ companyId: id.optional() }),
  row: z.object({
    companyId: z.string(),
    resalePriceEnforcement: enforcement,
    restsOn: z.string(),
    setAt: z.string(),
  }),
  order: [['companyId', 'asc']],
  sql: (params, from) =>
    `select company_id as "companyId", enforcement as "resalePriceEnforcement", rests_on as "restsOn", ${isoTime('set_at')} as "setAt"
     from ${from('resale_price_policies', { company_id: params.companyId })} p`,
})

export const conductQueries = [evidence, evaluations, evaluationKinds, resalePricePolicies] as const
