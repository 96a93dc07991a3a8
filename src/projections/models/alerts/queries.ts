import { z } from 'zod'
import { defineQuery } from '../../engine/query.ts'
import { isoTime, where } from '../sqlText.ts'
import { alertKinds, alertsModel } from './model.ts'

const id = z.string().min(1).max(64)

const list = defineQuery({
  model: alertsModel,
  owner: 'dealerId',
  audience: 'everyone',
  name: 'alerts.list',
  summary:
    'What somebody has to look at: low stock, credit holds, late or refused fulfilments, price violations, abnormal trade; the newest first',
  path: '/v1/alerts',
  kind: 'list',
  params: z.object({
    dealerId: id.optional(),
    kind: z.enum(alertKinds).optional(),
    orderId: id.optional(),
    open: z.enum(['true', 'false']).optional(),
  }),
  row: z.object({
    kind: z.enum(alertKinds),
    subject: z.string(),
    /** the party, for stock */
    dealerId: z.string().nullable(),
    orderId: z.string().nullable(),
    code: z.string(),
    details: z.record(z.string(), z.union([z.string(), z.int()])),
    open: z.boolean(),
    raisedAt: z.string(),
    raisedBy: z.string(),
    position: z.string(),
    closedAt: z.string().nullable(),
  }),
  order: [
    ['position', 'desc'],
    ['kind', 'asc'],
    ['subject', 'asc'],
  ],
  sql: ({ dealerId, kind, orderId, open }, from, bind) =>
    `select a.kind, a.subject, coalesce(a.dealer_id, o.dealer_id) as "dealerId", a.order_id as "orderId", a.code, a.details, a.is_open as open,
       ${isoTime('a.raised_at')} as "raisedAt", a.raised_by as "raisedBy", a.raised_position as position,
       case when not a.is_open then ${isoTime('a.closed_at')} end as "closedAt"
     from ${from('alerts', { kind })} a left join ${from('owners')} o on o.order_id = a.order_id ${where(
       'a.raised_position is not null',
       dealerId !== undefined && `coalesce(a.dealer_id, o.dealer_id) = ${bind(dealerId)}`,
       orderId !== undefined && `a.order_id = ${bind(orderId)}`,
       open !== undefined && `a.is_open = ${bind(open === 'true')}`,
     )}`,
})

const counts = defineQuery({
  model: alertsModel,
  owner: 'dealerId',
  audience: 'everyone',
  name: 'alerts.counts',
  summary: 'Open alerts by kind and code',
  path: '/v1/alert-counts',
  kind: 'list',
  params: z.object({ dealerId: id.optional() }),
  row: z.object({ kind: z.enum(alertKinds), code: z.string(), open: z.int() }),
  order: [
    ['kind', 'asc'],
    ['code', 'asc'],
  ],
  sql: ({ dealerId }, from, bind) =>
    `select a.kind, a.code, count(*)::integer as open from ${from('alerts')} a left join ${from('owners')} o on o.order_id = a.order_id ${where(
      'a.is_open and a.raised_position is not null',
      dealerId !== undefined && `coalesce(a.dealer_id, o.dealer_id) = ${bind(dealerId)}`,
    )} group by 1, 2`,
})

export const alertsQueries = [list, counts] as const
