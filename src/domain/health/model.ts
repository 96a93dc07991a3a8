import { z } from 'zod'
import { periodGrain } from '../calendars/events.ts'
import { calendarDate, code, identifier, localLabel, price, rate, lineAmount } from '../kernel/fields.ts'
import { byText } from '../kernel/byText.ts'
import { compare, sumOf } from '../kernel/decimalText.ts'
import { grainOf, isInternal } from '../metrics/metric.ts'
import { metricByCode } from '../metrics/registry.ts'

/**
 * How the health of a dealer is told (domain.md §2.9): a company's own, in versions that never change. A metric of the registry
 * becomes 0 to 100 points by a line through given points, flat before the first and behind the last.
 */
const point = z.strictObject({
  at: lineAmount.describe('value of the metric'),
  points: price.describe('0 to 100'),
})
const line = z.array(point).min(1).max(20).describe('by ascending values')
export type ScalePoint = z.infer<typeof point>

/** `scales`: a line for all values, or, of money, one per currency; money of a currency without one is not judged. */
const weighed = z.strictObject({
  metric: code,
  weight: rate.describe('within its dimension; the weights of a dimension add up to 100'),
  scale: z.union([line, z.record(z.string().regex(/^[A-Z]{3}$/), line)]),
})
export type WeighedMetric = z.infer<typeof weighed>

const dimension = z.strictObject({ code, name: localLabel, metrics: z.array(weighed).min(1).max(20) })
export type HealthDimension = z.infer<typeof dimension>
const weighedDimension = z.strictObject({
  ...dimension.shape,
  weight: rate.describe('the weights of all dimensions add up to 100'),
})
export type WeighedDimension = z.infer<typeof weighedDimension>

export const dealerClass = z.enum(['strategic', 'growing', 'potential'])
export type DealerClass = z.infer<typeof dealerClass>

export const healthTerms = z.strictObject({
  /** of the index */
  dimensions: z.array(weighedDimension).min(2).max(12),
  matrix: z.strictObject({
    dimensions: z.array(dimension).min(2).max(24),
    /** fewer dimensions with data: no class */
    leastDimensions: z.int().min(1).max(24),
    strategicFrom: price.describe('mean of all dimensions, for a strategic partner'),
    growth: z.array(code).min(1).max(24).describe('the dimensions that tell growth'),
    growingFrom: price.describe('mean of those, for a growing dealer; everybody else is a potential one'),
  }),
  /** a final evaluation proposes the first of these tiers that the index reaches; nobody is moved by it */
  tiers: z
    .array(z.strictObject({ tier: code, from: price }))
    .max(20)
    .default([]),
  /** when everybody is evaluated finally without being asked; absent: when a person starts it */
  schedule: z
    .strictObject({
      calendarId: identifier,
      grain: periodGrain,
      graceDays: z.int().min(0).max(366).describe('so many days after the end of a period'),
      from: calendarDate.describe('periods that begin on this day or later'),
    })
    .optional(),
})
export type HealthTerms = z.infer<typeof healthTerms>

/** Codes of all metrics that a model reads, each once. */
export function metricsOfHealth({ dimensions, matrix }: HealthTerms): readonly string[] {
  const read = [...dimensions, ...matrix.dimensions].flatMap(({ metrics }) => metrics.map(({ metric }) => metric))
  return [...new Set(read)].toSorted(byText)
}

/** The first place where a model contradicts itself, and how. */
export function healthTermsProblem(terms: HealthTerms): { readonly at: string; readonly problem: string } | undefined {
  const { dimensions, matrix, tiers } = terms
  if (!addsUpTo100(dimensions)) return { at: 'dimensions', problem: 'weights add up to 100' }
  const lists = [
    ['dimensions', dimensions],
    ['matrix.dimensions', matrix.dimensions],
  ] as const
  for (const [name, list] of lists) {
    if (hasTwice(list.map(({ code: one }) => one))) return { at: name, problem: 'each dimension once' }
    for (const [n, one] of list.entries()) {
      const problem = dimensionProblem(one)
      if (problem) return { at: `${name}.${n}.${problem.at}`, problem: problem.problem }
    }
  }
  const known = matrix.dimensions.map(({ code: one }) => one)
  if (matrix.growth.some((one) => !known.includes(one)) || hasTwice(matrix.growth))
    return { at: 'matrix.growth', problem: 'dimensions of the matrix, each once' }
  if (matrix.leastDimensions > known.length)
    return { at: 'matrix.leastDimensions', problem: 'not more than there are dimensions' }
  if (tiers.some((one, n) => n > 0 && compare(one.from, tiers[n - 1]?.from ?? '0') >= 0))
    return { at: 'tiers', problem: 'the highest first' }
  return undefined
}

function dimensionProblem({ metrics }: HealthDimension): ReturnType<typeof healthTermsProblem> {
  if (!addsUpTo100(metrics)) return { at: 'metrics', problem: 'weights add up to 100' }
  if (hasTwice(metrics.map(({ metric }) => metric))) return { at: 'metrics', problem: 'each metric once' }
  for (const [n, { metric, scale }] of metrics.entries()) {
    const registered = metricByCode(metric)
    // a dealer can open every point of its own
    if (!registered || isInternal(registered) || !grainOf(registered).includes('dealer'))
      return { at: `metrics.${n}.metric`, problem: 'a metric of the registry that dealers see' }
    for (const points of Array.isArray(scale) ? [scale] : Object.values(scale)) {
      if (points.some(({ at }, no) => no > 0 && compare(at, points[no - 1]?.at ?? '0') <= 0))
        return { at: `metrics.${n}.scale`, problem: 'ascending values' }
      if (points.some((one) => compare(one.points, '100') > 0))
        return { at: `metrics.${n}.scale`, problem: 'at most 100 points' }
    }
  }
  return undefined
}

function addsUpTo100(list: readonly { readonly weight: string }[]): boolean {
  return compare(sumOf(list.map(({ weight }) => weight)), '100') === 0 && list.every(({ weight }) => weight !== '0')
}

const hasTwice = (list: readonly string[]): boolean => new Set(list).size < list.length
