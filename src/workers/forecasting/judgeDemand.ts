import { findingsAtOnce, type Finding } from '../../domain/forecasting/events.ts'
import { holm } from '../../domain/forecasting/holm.ts'
import type { Expected } from '../../domain/forecasting/publication.ts'
import { chanceOf } from '../../domain/forecasting/usualRange.ts'
import { compare, plus } from '../../domain/kernel/decimalText.ts'
import type { MonthlyDemand } from '../../projections/models/sales/openDemand.ts'

export interface Judged {
  readonly dealerId: string
  readonly series: number
  readonly outside: number
  readonly findings: readonly Finding[]
}

/** of a month in which nothing was unusual to be told of anything */
const falseAlarm = 0.05
const rarest = 1_000_000_000

/**
 * The demand of a month held against what was expected of it before, all dealers of a company together: one in a hundred series lies
 * outside its usual range by chance alone, so that with many of them only what is much rarer than that stands.
 */
export function judgeDemand(
  month: string,
  expected: ReadonlyMap<string, readonly Expected[]>,
  demand: readonly MonthlyDemand[],
): readonly Judged[] {
  const ordered = new Map<string, string>()
  for (const { dealerId, sku, unit, quantity, ...row } of demand) {
    const key = JSON.stringify([dealerId, sku, unit])
    if (row.month === month) ordered.set(key, plus(ordered.get(key) ?? '0', quantity))
  }
  const found = [...expected].flatMap(([dealerId, lines]) =>
    lines.flatMap((line) => {
      const actual = ordered.get(JSON.stringify([dealerId, line.sku, line.unit])) ?? '0'
      const { low, high } = line.usual
      const isUsual = compare(actual, low) >= 0 && compare(actual, high) <= 0
      return isUsual ? [] : [{ dealerId, actual, line, chance: chanceOfLine(actual, line) }]
    }),
  )
  const together = [...expected.values()].reduce((sum, lines) => sum + lines.length, 0)
  const stands = holm(
    found.map(({ chance }) => chance),
    together,
    falseAlarm,
  )
  const findings = found
    .map(({ dealerId, actual, line: { sku, unit, quantity, usual }, chance }, i) => ({
      dealerId,
      chance,
      finding: {
        sku,
        unit,
        actual,
        expected: quantity,
        low: usual.low,
        high: usual.high,
        oneIn: Math.round(Math.min(rarest, 1 / chance)),
        stands: stands[i] ?? false,
      },
    }))
    .toSorted((a, b) => a.chance - b.chance)
  return [...expected].flatMap(([dealerId, { length: series }]) => {
    const own = findings.filter((one) => one.dealerId === dealerId)
    const rarestFirst = own.slice(0, findingsAtOnce).map(({ finding }) => finding)
    return series === 0 ? [] : [{ dealerId, series, outside: own.length, findings: rarestFirst }]
  })
}

/** A forecast is an estimate, and so is how far it was off: here quantities become floating point numbers. */
function chanceOfLine(actual: string, { quantity, usual: { low, high, tail } }: Expected): number {
  return chanceOf(Number(actual), Number(quantity), { low: Number(low), high: Number(high), tail: Number(tail) })
}
