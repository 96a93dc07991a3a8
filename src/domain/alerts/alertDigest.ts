import { addDays, startOfDay } from '../kernel/businessTime.ts'
import type { Role } from '../access/role.ts'
import type { AlertKind } from './alertKinds.ts'
import type { AlertRule } from './events.ts'
import { isAtLeast, severity, type Severity } from './severity.ts'

export type DigestPeriod = 'day' | 'week'

/** What was raised, is still open and was acknowledged in a day or week, for one role and side, as it was known at its end. */
export interface AlertDigest {
  readonly companyId: string
  readonly role: Role
  readonly dealerId: string | null
  readonly period: DigestPeriod
  /** the first and the last day, in the zone */
  readonly from: string
  readonly to: string
  readonly zone: string
  /** positions of the ledger: what was known before it, and at its end */
  readonly knownBefore: string
  readonly knownAt: string
  readonly counts: readonly DigestCount[]
  /** the most severe first, then the oldest */
  readonly alerts: readonly DigestAlert[]
  /** how many more there are than stand here */
  readonly leftOff: number
}

export interface DigestCount {
  readonly kind: AlertKind
  readonly severity: Severity
  readonly raised: number
  /** closed, or raised anew */
  readonly ended: number
  readonly acknowledged: number
  /** at the end */
  readonly open: number
}

export interface DigestAlert {
  readonly alertId: string
  readonly kind: AlertKind
  readonly severity: Severity
  readonly subject: string
  readonly dealerId: string | null
  readonly orderId: string | null
  readonly code: string
  readonly raisedAt: string
  readonly position: string
  /** raised in the period; else it was open when that began */
  readonly isNew: boolean
  /** null while it is open: closed, or raised anew */
  readonly endedAt: string | null
  readonly acknowledgedAt: string | null
  readonly acknowledgedBy: string | null
}

/** The days of a digest and its instants: a calendar day, or the week from Monday on that the day lies in. */
export function digestDays(
  period: DigestPeriod,
  date: string,
  zone: string,
): { readonly from: string; readonly to: string; readonly begin: number; readonly end: number } {
  const weekday = (new Date(`${date}T00:00:00.000Z`).getUTCDay() + 6) % 7
  const from = period === 'day' ? date : addDays(date, -weekday)
  const to = period === 'day' ? date : addDays(from, 6)
  return { from, to, begin: startOfDay(from, zone), end: startOfDay(addDays(to, 1), zone) }
}

/** What of a role's rules goes into a digest: pairs of a kind and a severity. */
export function toldInDigest(
  rules: readonly AlertRule[],
  period: DigestPeriod,
): readonly (readonly [string, Severity])[] {
  const wanted = period === 'day' ? 'daily' : 'weekly'
  return rules
    .filter(({ digest }) => digest === wanted)
    .flatMap(({ kind, from }) =>
      severity.options.filter((one) => isAtLeast(one, from)).map((one) => [kind, one] as const),
    )
}
