import { z } from 'zod'
import { breaches } from '../../../domain/kernel/breach.ts'
import { calendarDate } from '../../../domain/kernel/fields.ts'
import { defineQuery } from '../../engine/query.ts'
import { isoTime, plainDecimal, where } from '../sqlText.ts'
import { below } from '../below.ts'
import { channelModel } from './model.ts'

const id = z.string().min(1).max(64)
const base = { model: channelModel, owner: 'dealerId', audience: 'everyone', kind: 'list' } as const

const reports = defineQuery({
  ...base,
  name: 'sellOut.reports',
  summary: 'Sell-out reports with their revisions; one that stands counts, the others were replaced or withdrawn',
  path: '/v1/sell-out/reports',
  params: z.object({
    dealerId: id.optional(),
    source: id.optional(),
    number: id.optional(),
    standing: z.enum(['true', 'false']).optional(),
  }),
  row: z.object({
    dealerId: z.string(),
    source: z.string(),
    documentType: z.string(),
    number: z.string(),
    revision: z.int(),
    stands: z.boolean(),
    from: z.string(),
    to: z.string(),
    lines: z.int(),
    reportedAt: z.string(),
    eventId: z.string(),
    withdrawnAt: z.string().nullable(),
    replacedBy: z.int().nullable(),
    reason: z.string().nullable(),
    breaches,
  }),
  order: [
    ['dealerId', 'asc'],
    ['source', 'asc'],
    ['documentType', 'asc'],
    ['number', 'asc'],
    ['revision', 'asc'],
  ],
  sql: (params, from, bind) =>
    `select r.dealer_id as "dealerId", r.source as "source", r.document_type as "documentType", r.number as "number", r.revision as "revision",
       r.stands as "stands", r.from_day::text as "from", r.to_day::text as "to", r.line_count as "lines", ${isoTime('r.reported_at')} as "reportedAt",
       r.said_by as "eventId", ${isoTime('r.withdrawn_at')} as "withdrawnAt", r.replaced_by as "replacedBy", r.reason as "reason", r.breaches as "breaches"
     from ${from('reports')} r ${where(
       'r.said_by is not null',
       below('r.dealer_id', params.dealerId, from, bind),
       params.source !== undefined && `r.source = ${bind(params.source)}`,
       params.number !== undefined && `r.number = ${bind(params.number)}`,
       params.standing !== undefined && `r.stands = ${bind(params.standing === 'true')}`,
     )}`,
})

const sales = defineQuery({
  ...base,
  name: 'sellOut.byMonth',
  summary: 'Quantities sold to consumers per dealer, outlet (empty: the dealer itself), sku, unit and calendar month',
  path: '/v1/sell-out/by-month',
  params: z.object({
    dealerId: id.optional(),
    outletId: id.optional(),
    sku: id.optional(),
    /** days, both inclusive */
    from: calendarDate.optional(),
    to: calendarDate.optional(),
  }),
  row: z.object({
    dealerId: z.string(),
    outletId: z.string(),
    sku: z.string(),
    unit: z.string(),
    month: z.string(),
    quantity: z.string(),
  }),
  order: [
    ['dealerId', 'asc'],
    ['outletId', 'asc'],
    ['sku', 'asc'],
    ['unit', 'asc'],
    ['month', 'asc'],
  ],
  sql: (params, from, bind) =>
    `select s.dealer_id as "dealerId", s.outlet_id as "outletId", s.sku as "sku", s.unit as "unit", to_char(s.day, 'YYYY-MM') as "month",
       ${plainDecimal('sum(s.quantity)')} as "quantity"
     from ${from('sold', { outlet_id: params.outletId, sku: params.sku })} s ${where(
       below('s.dealer_id', params.dealerId, from, bind),
       params.from !== undefined && `s.day >= ${bind(params.from)}::date`,
       params.to !== undefined && `s.day <= ${bind(params.to)}::date`,
     )} group by 1, 2, 3, 4, 5`,
})

const evidence = defineQuery({
  ...base,
  name: 'sellOut.evidence',
  summary: 'The events behind what dealers and their outlets sold of a product; their quantities add up to the figures',
  path: '/v1/sell-out/evidence',
  params: z.object({
    dealerId: id.optional(),
    sku: id,
    /** one dealer, with its outlets */
    party: id.optional(),
    from: calendarDate.optional(),
    to: calendarDate.optional(),
  }),
  row: z.object({
    occurredAt: z.string(),
    position: z.string(),
    seq: z.int(),
    eventId: z.string(),
    dealerId: z.string(),
    outletId: z.string(),
    unit: z.string(),
    day: z.string(),
    quantity: z.string(),
  }),
  order: [
    ['occurredAt', 'asc'],
    ['position', 'asc'],
    ['seq', 'asc'],
  ],
  sql: ({ dealerId, sku, party, from: first, to }, from, bind) =>
    `select ${isoTime('f.at')} as "occurredAt", f.position as "position", f.seq as "seq", f.event_id as "eventId", f.dealer_id as "dealerId", f.outlet_id as "outletId",
       f.unit as "unit", f.day::text as "day", ${plainDecimal('f.quantity')} as "quantity"
     from ${from.facts('sold', { dealer_id: party, sku })} f ${where(
       below('f.dealer_id', dealerId, from, bind),
       first !== undefined && `f.day >= ${bind(first)}::date`,
       to !== undefined && `f.day <= ${bind(to)}::date`,
     )}`,
})

export const sellOutQueries = [reports, sales, evidence] as const
