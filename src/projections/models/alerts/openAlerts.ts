import type { AlertKind } from '../../../domain/alerts/alertKinds.ts'
import type { Severity } from '../../../domain/alerts/severity.ts'
import type { Reader } from '../../engine/ask.ts'

export interface OpenAlert {
  readonly alertId: string
  readonly kind: AlertKind
  readonly subject: string
  readonly severity: Severity
  /** null when it is nobody's */
  readonly dealerId: string | null
  readonly orderId: string | null
  readonly code: string
  readonly details: Readonly<Record<string, string | number>>
}

/** The alerts that are open, the newest `limit` of them, oldest first, and the position at which they are. */
export async function openAlerts(
  reader: Reader,
  limit: number,
): Promise<{ readonly position: bigint; readonly alerts: readonly OpenAlert[] }> {
  const { knownAt, rows } = await reader.ask<OpenAlert>(
    {},
    (from, bind) =>
      `select a.raised_by as "alertId", a.kind, a.subject, a.severity, coalesce(a.dealer_id, o.dealer_id) as "dealerId", a.order_id as "orderId", a.code, a.details
       from ${from('alerts')} a left join ${from('owners')} o on o.order_id = a.order_id
       where a.is_open and a.raised_position is not null order by a.raised_position desc limit ${bind(limit)}`,
  )
  return { position: knownAt, alerts: rows.toReversed() }
}
