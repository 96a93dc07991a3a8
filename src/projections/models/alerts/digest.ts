import type { Role } from '../../../domain/access/role.ts'
import {
  type DigestAlert,
  type DigestCount,
  type DigestPeriod,
  toldInDigest,
} from '../../../domain/alerts/alertDigest.ts'
import { defaultRules } from '../../../domain/alerts/alertRules.ts'
import type { AlertRule } from '../../../domain/alerts/events.ts'
import type { Reader, Source } from '../../engine/ask.ts'
import type { Bind } from '../../engine/foldQuery.ts'
import { isoTime, where } from '../sqlText.ts'

export interface DigestAsked {
  readonly companyId: string
  readonly role: Role
  readonly dealerId: string | undefined
  readonly period: DigestPeriod
  /** what became known after the one and up to the other */
  readonly knownBefore: bigint
  readonly knownAt: bigint
}

/** What a digest holds, at most `limit` alerts of it, as known at its end: the same whenever it is asked. */
export async function digestContent(
  reader: Reader,
  asked: DigestAsked,
  limit: number,
): Promise<{
  readonly counts: readonly DigestCount[]
  readonly alerts: readonly DigestAlert[]
  readonly leftOff: number
}> {
  const { companyId, role, knownAt } = asked
  const moment = { knownAt }
  const said = await reader.ask<{ rules: AlertRule[] }>(
    moment,
    (from) => `select rules from ${from('rules', { company_id: companyId, role })} r where r.version is not null`,
  )
  const told = toldInDigest(said.rows[0]?.rules ?? defaultRules[role], asked.period)
  if (told.length === 0) return { counts: [], alerts: [], leftOff: 0 }
  const { rows: counts } = await reader.ask<DigestCount>(
    moment,
    (from, bind) => `select kind, severity, (count(*) filter (where "isNew"))::integer as raised,
       (count(*) filter (where ended_position > ${bind(asked.knownBefore.toString())}::bigint))::integer as ended,
       (count(*) filter (where "acknowledgedNow"))::integer as acknowledged, (count(*) filter (where ended_position is null))::integer as open
     from (${alertsSql(asked, told, from, bind)}) a group by 1, 2 order by ${bySeverity}, kind`,
  )
  const { rows: alerts } = await reader.ask<DigestAlert>(
    moment,
    (
      from,
      bind,
    ) => `select "alertId", kind, severity, subject, "dealerId", "orderId", code, "raisedAt", position::text, "isNew", "endedAt", "acknowledgedAt", "acknowledgedBy"
     from (${alertsSql(asked, told, from, bind)}) a
     where "isNew" or ended_position is null or "acknowledgedNow" order by ${bySeverity}, a.position limit ${bind(limit)}`,
  )
  const { rows: all } = await reader.ask<{ count: number }>(
    moment,
    (from, bind) => `select count(*)::integer as count from (${alertsSql(asked, told, from, bind)}) a
     where "isNew" or ended_position is null or "acknowledgedNow"`,
  )
  return { counts, alerts, leftOff: (all[0]?.count ?? 0) - alerts.length }
}

const bySeverity = `array_position(array['critical', 'warning', 'info'], severity)`

/** Every alert of the kinds told that was raised by the end and had not ended before the beginning, or was acknowledged in between. */
function alertsSql(
  { dealerId, knownBefore }: DigestAsked,
  told: readonly (readonly [kind: string, severity: string])[],
  from: Source,
  bind: Bind,
): string {
  const before = `${bind(knownBefore.toString())}::bigint`
  const side = bind(dealerId ?? '')
  const pairs = bind(told.map((pair) => pair.join(' ')))
  // an alert ends with the next word about its subject: closed, or raised anew
  return `select a.*, a.position > ${before} as "isNew", ${isoTime('a.ended_at')} as "endedAt", n.at is not null as "acknowledgedNow",
       case when h.handled->>'state' = 'acknowledged' then h.handled->>'at' end as "acknowledgedAt",
       case when h.handled->>'state' = 'acknowledged' then h.handled->>'by' end as "acknowledgedBy"
     from (select f.raised_by as "alertId", f.kind, f.severity, f.subject, coalesce(f.dealer_id, o.dealer_id) as "dealerId", f.order_id as "orderId", f.code,
         ${isoTime('f.raised_at')} as "raisedAt", f.raised_by, f.position,
         f.ended_position, f.ended_at
       from (select f.*, lead(f.position) over next_word as ended_position, lead(coalesce(f.closed_at, f.raised_at)) over next_word as ended_at
         from ${from.facts('alerts')} f window next_word as (partition by f.kind, f.subject order by f.position, f.seq)) f
       left join ${from('owners')} o on o.order_id = f.order_id
       where f.raised_by is not null) a
     left join ${from('handling')} h on h.alert_id = a.raised_by and h.side = ${side}
     left join lateral (select f.position as at from ${from.facts('handling', {})} f
       where f.alert_id = a.raised_by and f.side = ${side} and f.handled->>'state' = 'acknowledged' and f.position > ${before} limit 1) n on true
     ${where(
       `a.kind || ' ' || a.severity = any(${pairs}::text[])`,
       `(a.ended_position is null or a.ended_position > ${before} or n.at is not null)`,
       dealerId !== undefined && `a."dealerId" = ${bind(dealerId)}`,
     )}`
}
