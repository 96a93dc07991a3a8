import { z } from 'zod'
import { evaluated } from '../../../domain/health/events.ts'
import { healthTerms } from '../../../domain/health/model.ts'
import { identifier } from '../../../domain/kernel/fields.ts'
import { defineQuery } from '../../engine/query.ts'
import { isoTime, where, wholeNumber } from '../sqlText.ts'
import { healthModel } from './model.ts'

const { companyId: _c, dealerId: _d, calendarId: _k, periodId: _p, ...found } = evaluated
const base = { model: healthModel, audience: 'everyone', kind: 'list' } as const

const models = defineQuery({
  ...base,
  owner: 'shared',
  name: 'health.models',
  summary: 'How the health of dealers is told: the dimensions, weights and scaling functions of every version',
  path: '/v1/health-models',
  params: z.object({ companyId: identifier.optional() }),
  row: z.object({ companyId: z.string(), version: z.int(), definedAt: z.string(), terms: healthTerms }),
  order: [
    ['companyId', 'asc'],
    ['version', 'asc'],
  ],
  sql: ({ companyId }, from) =>
    `select m.company_id as "companyId", ${wholeNumber('m.version')} as version, ${isoTime('m.defined_at')} as "definedAt", m.terms
     from ${from('models', { company_id: companyId })} m`,
})

const evaluations = defineQuery({
  ...base,
  owner: 'dealerId',
  name: 'health.evaluations',
  summary: 'Evaluations of dealers, the newest of each period: a draft, or the final one',
  path: '/v1/health-evaluations',
  params: z.object({
    dealerId: identifier.optional(),
    calendarId: identifier.optional(),
    periodId: identifier.optional(),
  }),
  row: z.object({
    dealerId: z.string(),
    calendarId: z.string(),
    periodId: z.string(),
    companyId: z.string(),
    evaluatedAt: z.string(),
    eventId: z.string(),
    evaluation: z.object(found),
  }),
  order: [
    ['dealerId', 'asc'],
    ['calendarId', 'asc'],
    ['periodId', 'asc'],
  ],
  sql: ({ dealerId, calendarId, periodId }, from, bind) =>
    `select e.dealer_id as "dealerId", e.calendar_id as "calendarId", e.period_id as "periodId", e.company_id as "companyId",
       ${isoTime('e.evaluated_at')} as "evaluatedAt", e.evaluated_by as "eventId", e.evaluation
     from ${from('evaluations', { dealer_id: dealerId })} e ${where(
       calendarId !== undefined && `e.calendar_id = ${bind(calendarId)}`,
       periodId !== undefined && `e.period_id = ${bind(periodId)}`,
     )}`,
})

export const healthQueries = [models, evaluations] as const
