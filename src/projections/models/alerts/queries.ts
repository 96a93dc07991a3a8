import { z } from 'zod'
import { role } from '../../../domain/access/role.ts'
import { alertKindNames, dealersKinds } from '../../../domain/alerts/alertKinds.ts'
import { defaultRules } from '../../../domain/alerts/alertRules.ts'
import { alertRule } from '../../../domain/alerts/events.ts'
import { severity } from '../../../domain/alerts/severity.ts'
import { sealedText } from '../../../domain/kernel/fields.ts'
import type { Source } from '../../engine/ask.ts'
import type { Bind } from '../../engine/foldQuery.ts'
import { defineQuery } from '../../engine/query.ts'
import { isoTime, where } from '../sqlText.ts'
import { alertsModel } from './model.ts'

const id = z.string().min(1).max(64)
const flag = z.enum(['true', 'false'])
const base = { model: alertsModel, owner: 'dealerId', audience: 'everyone', viewer: 'side' } as const
/** the dealer whose staff ask, who see what was done by themselves and not by the manufacturer */
const side = z.string().max(64).default('')

const said = { by: z.string(), at: z.string(), note: sealedText.optional() }
const alertRow = z.object({
  /** the event that raised it */
  alertId: z.string(),
  kind: z.enum(alertKindNames),
  subject: z.string(),
  severity,
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
  /** what the asking side did about it last; a snooze is over when its time is */
  handling: z
    .object({ state: z.enum(['acknowledged', 'snoozed', 'reopened']), ...said, until: z.string().optional() })
    .nullable(),
  assignment: z.object({ assignee: z.string(), ...said }).nullable(),
})

const owner = 'coalesce(a.dealer_id, o.dealer_id)'

/** Alerts as `a`, with the owner of the order as `o` and what a side did as `h`. */
function alertsSql(from: Source, bind: Bind, { kind, side }: { kind?: string | undefined; side: string }): string {
  return `${from('alerts', { kind })} a left join ${from('owners')} o on o.order_id = a.order_id
     left join ${from('handling')} h on h.alert_id = a.raised_by and h.side = ${bind(side)}`
}

const columns = `a.raised_by as "alertId", a.kind, a.subject, a.severity, ${owner} as "dealerId", a.order_id as "orderId", a.code, a.details, a.is_open as open,
       ${isoTime('a.raised_at')} as "raisedAt", a.raised_by as "raisedBy", a.raised_position as position,
       case when not a.is_open then ${isoTime('a.closed_at')} end as "closedAt", h.handled as handling, h.assigned as assignment`

const isTold = (side: string): string | false =>
  side !== '' && `a.kind in (${dealersKinds.map((kind) => `'${kind}'`).join()})`

/** Nobody has acknowledged it, nor put it off to a time that has not come. */
const waits = (from: Source): string =>
  `(a.is_open and coalesce(h.handled->>'state', 'reopened') <> 'acknowledged' and coalesce((h.handled->>'until')::timestamptz, ${from.at()}) <= ${from.at()})`

const list = defineQuery({
  ...base,
  name: 'alerts.list',
  summary: 'What somebody has to look at, with what was done about it; the newest first',
  path: '/v1/alerts',
  kind: 'list',
  params: z.object({
    dealerId: id.optional(),
    kind: z.enum(alertKindNames).optional(),
    severity: severity.optional(),
    orderId: id.optional(),
    open: flag.optional(),
    /** open, and neither acknowledged nor snoozed now */
    waiting: flag.optional(),
    assignee: id.optional(),
    side,
  }),
  row: alertRow,
  order: [
    ['position', 'desc'],
    ['kind', 'asc'],
    ['subject', 'asc'],
  ],
  sql: ({ dealerId, kind, severity, orderId, open, waiting, assignee, side }, from, bind) =>
    `select ${columns} from ${alertsSql(from, bind, { kind, side })} ${where(
      'a.raised_position is not null',
      isTold(side),
      dealerId !== undefined && `${owner} = ${bind(dealerId)}`,
      severity !== undefined && `a.severity = ${bind(severity)}`,
      orderId !== undefined && `a.order_id = ${bind(orderId)}`,
      open !== undefined && `a.is_open = ${bind(open === 'true')}`,
      waiting !== undefined && `${waits(from)} = ${bind(waiting === 'true')}`,
      assignee !== undefined && `h.assigned->>'assignee' = ${bind(assignee)}`,
    )}`,
})

export const alertQuery = defineQuery({
  ...base,
  name: 'alerts.one',
  summary: 'An alert, until it is raised anew about the same subject',
  path: '/v1/alerts/:alertId',
  kind: 'one',
  params: z.object({ alertId: id, dealerId: id.optional(), side }),
  row: alertRow,
  sql: ({ alertId, dealerId, side }, from, bind) =>
    `select ${columns} from ${alertsSql(from, bind, { side })} ${where(
      `a.raised_by = ${bind(alertId)}`,
      isTold(side),
      dealerId !== undefined && `${owner} = ${bind(dealerId)}`,
    )}`,
})

const counts = defineQuery({
  ...base,
  name: 'alerts.counts',
  summary: 'Open alerts by kind and code, and how many of them nobody has acknowledged or put off',
  path: '/v1/alert-counts',
  kind: 'list',
  params: z.object({ dealerId: id.optional(), side }),
  row: z.object({ kind: z.enum(alertKindNames), code: z.string(), open: z.int(), waiting: z.int() }),
  order: [
    ['kind', 'asc'],
    ['code', 'asc'],
  ],
  sql: ({ dealerId, side }, from, bind) =>
    `select a.kind, a.code, count(*)::integer as open, count(*) filter (where ${waits(from)})::integer as waiting
     from ${alertsSql(from, bind, { side })} ${where(
       'a.is_open and a.raised_position is not null',
       isTold(side),
       dealerId !== undefined && `${owner} = ${bind(dealerId)}`,
     )} group by 1, 2`,
})

const rules = defineQuery({
  model: alertsModel,
  owner: 'shared',
  audience: 'staff',
  name: 'alerts.rules',
  summary: 'Who is told of which alerts, live and in digests: as the company said, else by default',
  path: '/v1/alert-rules/:companyId',
  kind: 'list',
  params: z.object({ companyId: id, role: role.optional() }),
  row: z.object({
    role,
    ...alertRule.shape,
    /** nobody has said so: it is the default */
    isDefault: z.boolean(),
    setAt: z.string().nullable(),
    setBy: z.string().nullable(),
  }),
  order: [
    ['role', 'asc'],
    ['kind', 'asc'],
  ],
  sql: ({ companyId, role }, from, bind) =>
    `select d.role, r.rule->>'kind' as kind, r.rule->>'from' as "from", (r.rule->>'live')::boolean as live, r.rule->>'digest' as digest,
       s.role is null as "isDefault", case when s.role is not null then ${isoTime('s.set_at')} end as "setAt", s.set_by as "setBy"
     from jsonb_each(${bind(JSON.stringify(defaultRules))}::jsonb) d(role, rules)
     left join ${from('rules', { company_id: companyId })} s on s.role = d.role
     cross join lateral jsonb_array_elements(coalesce(s.rules, d.rules)) r(rule) ${where(role !== undefined && `d.role = ${bind(role)}`)}`,
})

export const alertsQueries = [list, alertQuery, counts, rules] as const
