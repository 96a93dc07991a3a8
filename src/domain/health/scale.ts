import { divideRounded, type Micros, parseDecimal } from '../kernel/decimal.ts'
import type { ScalePoint } from './model.ts'

/** The points of a value: on the line through the given ones, flat before the first and behind the last; rounded half up at six digits. */
export function scaled(value: Micros, line: readonly ScalePoint[]): Micros {
  const points = line.map(({ at, points: worth }) => ({ x: parseDecimal(at), y: parseDecimal(worth) }))
  const next = points.findIndex(({ x }) => value < x)
  const [before, after] = [points[next === -1 ? points.length - 1 : next - 1], points[next]]
  if (!before) return after?.y ?? 0n
  if (!after) return before.y
  const across = after.x - before.x
  return divideRounded(before.y * (after.x - value) + after.y * (value - before.x), across, 'half-up').value
}

/** Weighted mean, rounded half up at six digits; undefined of nothing. */
export function weightedMean(of: readonly { readonly weight: Micros; readonly points: Micros }[]): Micros | undefined {
  const weights = of.reduce((sum, { weight }) => sum + weight, 0n)
  if (weights === 0n) return undefined
  return divideRounded(
    of.reduce((sum, { weight, points }) => sum + weight * points, 0n),
    weights,
    'half-up',
  ).value
}
