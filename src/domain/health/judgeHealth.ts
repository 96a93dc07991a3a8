import { divideRounded, formatDecimal, type Micros, parseDecimal } from '../kernel/decimal.ts'
import type { DealerClass, HealthDimension, HealthTerms, WeighedMetric } from './model.ts'
import { scaled, weightedMean } from './scale.ts'

/** What the registry says of a metric for one dealer and window; one for each currency or unit of measure. */
export interface HealthFigure {
  readonly metric: string
  readonly currency: string | null
  readonly unit: string | null
  readonly value: string | null
}

export interface JudgedMetric {
  readonly metric: string
  readonly weight: string
  /** absent where nothing is known: it lowers the confidence and is never zero */
  readonly points?: string
  readonly figures: readonly (Omit<HealthFigure, 'metric'> & { readonly points?: string })[]
}
export interface JudgedDimension {
  readonly code: string
  readonly points?: string
  /** share of its weights that are known, 0 to 1 */
  readonly confidence: string
  readonly metrics: readonly JudgedMetric[]
}
export interface Health {
  /** absent when the dealer is not rated: two dimensions or more are missing */
  readonly index?: string
  readonly confidence: string
  readonly dimensions: readonly (JudgedDimension & {
    readonly weight: string
    /** what it adds to the index: the rounded ones may miss it by a millionth */
    readonly contribution?: string
  })[]
  readonly matrix: {
    readonly dimensions: readonly JudgedDimension[]
    readonly mean?: string
    readonly growth?: string
    readonly dealerClass?: DealerClass
  }
}

/** So many missing dimensions, and a dealer is not rated. */
const unratedFrom = 2

/** The index and the value matrix of a dealer, from figures alone. Every figure follows from those shown below it. */
export function judgeHealth(terms: HealthTerms, figures: readonly HealthFigure[]): Health {
  const byMetric = new Map<string, HealthFigure[]>()
  for (const one of figures) byMetric.set(one.metric, [...(byMetric.get(one.metric) ?? []), one])
  const judged = terms.dimensions.map((one) => ({ weight: one.weight, ...judgeDimension(one, byMetric) }))
  const known = judged.flatMap(({ weight, points }) =>
    points === undefined ? [] : [{ weight: parseDecimal(weight), points: parseDecimal(points) }],
  )
  const weights = known.reduce((sum, { weight }) => sum + weight, 0n)
  const index = judged.length - known.length >= unratedFrom ? undefined : weightedMean(known)
  const confidence = weightedMean(
    judged.map((one) => ({ weight: parseDecimal(one.weight), points: parseDecimal(one.confidence) })),
  )
  return {
    ...(index !== undefined && { index: formatDecimal(index) }),
    confidence: formatDecimal(confidence ?? 0n),
    dimensions: judged.map((one) =>
      one.points === undefined || index === undefined
        ? one
        : { ...one, contribution: shareOf(parseDecimal(one.points), parseDecimal(one.weight), weights) },
    ),
    matrix: judgeMatrix(terms.matrix, byMetric),
  }
}

function judgeMatrix(
  { dimensions, leastDimensions, strategicFrom, growth, growingFrom }: HealthTerms['matrix'],
  byMetric: ReadonlyMap<string, readonly HealthFigure[]>,
): Health['matrix'] {
  const judged = dimensions.map((one) => judgeDimension(one, byMetric))
  const known = judged.filter(({ points }) => points !== undefined)
  const mean = meanOf(known)
  const grown = meanOf(known.filter(({ code }) => growth.includes(code)))
  const dealerClass =
    mean === undefined || known.length < leastDimensions
      ? undefined
      : mean >= parseDecimal(strategicFrom)
        ? 'strategic'
        : grown !== undefined && grown >= parseDecimal(growingFrom)
          ? 'growing'
          : 'potential'
  return {
    dimensions: judged,
    ...(mean !== undefined && { mean: formatDecimal(mean) }),
    ...(grown !== undefined && { growth: formatDecimal(grown) }),
    ...(dealerClass && { dealerClass }),
  }
}

function judgeDimension(
  { code, metrics }: HealthDimension,
  byMetric: ReadonlyMap<string, readonly HealthFigure[]>,
): JudgedDimension {
  const judged = metrics.map((one) => judgeMetric(one, byMetric.get(one.metric) ?? []))
  const known = judged.flatMap(({ weight, points }) =>
    points === undefined ? [] : [{ weight: parseDecimal(weight), points: parseDecimal(points) }],
  )
  const points = weightedMean(known)
  const weighed = known.reduce((sum, { weight }) => sum + weight, 0n)
  return {
    code,
    ...(points !== undefined && { points: formatDecimal(points) }),
    confidence: shareOf(weighed, parseDecimal('1'), parseDecimal('100')),
    metrics: judged,
  }
}

/** A dealer that trades in several currencies, or goods told in several units, has the mean of their points. */
function judgeMetric({ metric, weight, scale }: WeighedMetric, figures: readonly HealthFigure[]): JudgedMetric {
  const judged = figures.map(({ currency, unit, value }) => {
    const line = Array.isArray(scale) ? scale : scale[currency ?? '']
    const points = value === null || !line ? undefined : scaled(parseDecimal(value), line)
    return { currency, unit, value, ...(points !== undefined && { points: formatDecimal(points) }) }
  })
  const points = meanOf(judged)
  return { metric, weight, ...(points !== undefined && { points: formatDecimal(points) }), figures: judged }
}

function meanOf(of: readonly { readonly points?: string }[]): Micros | undefined {
  return weightedMean(
    of.flatMap(({ points }) =>
      points === undefined ? [] : [{ weight: parseDecimal('1'), points: parseDecimal(points) }],
    ),
  )
}

/** a · b ÷ whole, all of them decimals. */
function shareOf(a: Micros, b: Micros, whole: Micros): string {
  return whole === 0n ? '0' : formatDecimal(divideRounded(a * b, whole, 'half-up').value)
}
