import type { Role } from '../access/role.ts'
import type { Severity } from './severity.ts'

interface AlertKindEntry {
  readonly en: string
  readonly zh: string
  /** of all of its kind, or by the code of the alert */
  readonly severity: Severity | ((code: string) => Severity)
  /**
   * Beside administrators and auditors: who is told of it without a rule of the company. What a dealer is told is of that dealer alone,
   * and of no other kinds: of a case about itself it hears when that is put to it.
   */
  readonly tells: readonly Role[]
}

/** What somebody has to look at. A kind more is a line here, and the events that raise and close it in `alertChange.ts`. */
const table = {
  low_stock: {
    en: 'Low stock',
    zh: '库存不足',
    severity: (code) => (code === 'out' ? 'critical' : 'warning'),
    tells: ['sales', 'dealer'],
  },
  excess_stock: { en: 'Excess stock', zh: '库存过剩', severity: 'warning', tells: ['sales', 'dealer'] },
  dead_stock: { en: 'Dead stock', zh: '呆滞库存', severity: 'warning', tells: ['sales', 'dealer'] },
  demand_anomaly: { en: 'Unusual demand', zh: '需求异常', severity: 'warning', tells: ['sales'] },
  credit_hold: { en: 'Credit hold', zh: '信用冻结', severity: 'warning', tells: ['sales', 'finance', 'dealer'] },
  fulfilment_late: { en: 'Order late', zh: '订单履行逾时', severity: 'warning', tells: ['sales', 'dealer'] },
  fulfilment_refused: {
    en: 'Order step refused',
    zh: '订单步骤被拒',
    severity: 'critical',
    tells: ['sales', 'finance', 'dealer'],
  },
  price_violation: { en: 'Price violation', zh: '价格违规', severity: 'warning', tells: ['sales'] },
  abnormal_trade: { en: 'Abnormal trade', zh: '异常交易', severity: 'warning', tells: ['sales', 'finance'] },
  diversion: { en: 'Diversion', zh: '窜货', severity: 'warning', tells: ['sales'] },
} as const satisfies Record<string, AlertKindEntry>

export type AlertKind = keyof typeof table
export const alertKinds: Readonly<Record<AlertKind, AlertKindEntry>> = table
export const alertKindNames = Object.keys(table) as [AlertKind, ...AlertKind[]] // the keys of the table, and there are some

/** What a dealer may hear of at all. */
export const dealersKinds: readonly AlertKind[] = alertKindNames.filter((kind) =>
  alertKinds[kind].tells.includes('dealer'),
)

export function severityOf(kind: AlertKind, code: string): Severity {
  const { severity } = alertKinds[kind]
  return typeof severity === 'function' ? severity(code) : severity
}
