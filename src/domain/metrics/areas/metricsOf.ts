import type { Formula } from '../formula.ts'
import type { LocalName } from '../localName.ts'
import type { Area, Metric, Owner, Unit } from '../metric.ts'

type Row = readonly [code: string, en: string, zh: string, unit: Unit, formula: Formula, note?: LocalName]

/** The metrics of an area, a row each. */
export function metricsOf(area: Area, owner: Owner, rows: readonly Row[]): readonly Metric[] {
  return rows.map(([code, en, zh, unit, formula, note]) => ({
    code,
    name: { en, 'zh-CN': zh },
    area,
    unit,
    formula,
    owner,
    ...(note && { note }),
  }))
}
