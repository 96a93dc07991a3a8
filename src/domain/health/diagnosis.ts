import { byText } from '../kernel/byText.ts'
import { divideRounded, formatDecimal, parseDecimal } from '../kernel/decimal.ts'
import type { Health } from './judgeHealth.ts'
import type { HealthTerms } from './model.ts'

/** Everything that stands in the monthly report of a dealer. */
export interface Diagnosis {
  readonly dealerId: string
  readonly dealerName: { readonly en?: string | undefined; readonly 'zh-CN'?: string | undefined }
  /** YYYY-MM */
  readonly month: string
  readonly model: { readonly version: number; readonly terms: HealthTerms }
  readonly health: Health
  readonly before: Health
  /** the months up to this one */
  readonly trend: readonly { readonly month: string; readonly index?: string | undefined }[]
  /** by dimension of the matrix; those alone that enough others have */
  readonly peers: ReadonlyMap<string, string>
  readonly causes: readonly (Cause & { readonly eventIds: readonly string[] })[]
  readonly stock: readonly StockLine[]
  readonly cases: readonly {
    readonly violationId: string
    readonly status: string
    readonly sku: string
    readonly en: string
    readonly zh: string
    readonly apart: boolean
  }[]
  readonly rebates: readonly RebatePosition[]
  /** the position of the log that all of it rests on */
  readonly knownAt: string
  /** SHA-256 of the figures that the index was told from */
  readonly hash: string
}

export interface StockLine {
  readonly sku: string
  readonly onHand: string
  readonly sold: string
  readonly days: string | null
  readonly safety: string
}

export interface RebatePosition {
  readonly programmeId: string
  readonly name: Diagnosis['dealerName']
  readonly periodId: string
  readonly currency: string
  readonly measure: 'net' | 'gross' | 'units'
  readonly volume: string
  /** minor units */
  readonly earned: string
  /** the last day of the period */
  readonly lastDay: string
  readonly next?: { readonly missing: string; readonly more: string } | undefined
}

/** So many others, and their median betrays nobody. */
export const leastPeers = 5

/** The median of each dimension of the value matrix among others; none of fewer than five. */
export function peerMedians(others: readonly Pick<Health, 'matrix'>[]): ReadonlyMap<string, string> {
  const byDimension = new Map<string, bigint[]>()
  for (const { matrix } of others)
    for (const { code, points } of matrix.dimensions)
      if (points !== undefined) byDimension.set(code, [...(byDimension.get(code) ?? []), parseDecimal(points)])
  return new Map(
    [...byDimension].flatMap(([code, points]) => {
      if (points.length < leastPeers) return []
      const sorted = points.toSorted((a, b) => (a < b ? -1 : a > b ? 1 : 0))
      const [low = 0n, high = 0n] = [sorted[(sorted.length - 1) >> 1], sorted[sorted.length >> 1]]
      return [[code, formatDecimal(divideRounded(low + high, 2n, 'half-up').value)]]
    }),
  )
}

export interface Cause {
  readonly dimension: string
  readonly metric: string
  /** points of the metric, then and now */
  readonly before: string
  readonly now: string
  /** what it moved the index by, with all weights known */
  readonly effect: string
}

const shownCauses = 5
const hundred = parseDecimal('100')

/** The metrics that moved the index most between two windows; those that are known of both. */
export function causesOf(now: Health, before: Health): readonly Cause[] {
  const then = new Map(
    before.dimensions.flatMap(({ code, metrics }) =>
      metrics.map(({ metric, points }) => [`${code} ${metric}`, points] as const),
    ),
  )
  return now.dimensions
    .flatMap(({ code, weight, metrics }) =>
      metrics.flatMap(({ metric, weight: own, points }): Cause[] => {
        const earlier = then.get(`${code} ${metric}`)
        if (points === undefined || earlier === undefined || points === earlier) return []
        const change = parseDecimal(points) - parseDecimal(earlier)
        const over = parseDecimal(weight) * parseDecimal(own) * change
        const effect = divideRounded(over, hundred * hundred, 'half-up').value
        return [{ dimension: code, metric, before: earlier, now: points, effect: formatDecimal(effect) }]
      }),
    )
    .toSorted((a, b) => compareSize(b.effect, a.effect) || byText(a.metric, b.metric))
    .slice(0, shownCauses)
}

function compareSize(a: string, b: string): number {
  const [one, other] = [sizeOf(a), sizeOf(b)]
  return one < other ? -1 : one > other ? 1 : 0
}

function sizeOf(text: string): bigint {
  const value = parseDecimal(text)
  return value < 0n ? -value : value
}
