import { episodeOf } from './episodes.ts'
import { type Formula, type Input, inputsOf } from './formula.ts'
import type { LocalName } from './localName.ts'
import { measureOf } from './measures.ts'

export type Unit = 'money' | 'money-per-unit' | 'quantity' | 'count' | 'share' | 'ratio' | 'days' | 'hours' | 'points'
export type Area =
  | 'sales'
  | 'growth'
  | 'attainment'
  | 'price'
  | 'margin'
  | 'stock'
  | 'turnover'
  | 'coverage'
  | 'service'
  | 'payment'
  | 'credit'
  | 'rebates'
  | 'claims'
  | 'funds'
  | 'compliance'
  | 'digital'
  | 'reconciliation'
/** Who answers for what it means. */
export type Owner = 'sales' | 'finance' | 'supply' | 'channel' | 'systems'

export interface Metric {
  readonly code: string
  readonly name: LocalName
  readonly area: Area
  readonly unit: Unit
  readonly formula: Formula
  readonly owner: Owner
  /** what one should know who reads it, beside what its formula says */
  readonly note?: LocalName
}

/** Digits after the point of what a division gives; everything else is exact. */
export const digitsOf: Readonly<Record<Unit, number>> = {
  money: 2,
  'money-per-unit': 6,
  quantity: 3,
  count: 3,
  share: 6,
  ratio: 6,
  days: 2,
  hours: 2,
  points: 2,
}

/** Whom and what a metric can be told of: what all its inputs can be. */
export function grainOf({ formula }: Pick<Metric, 'formula'>): readonly ('dealer' | 'product')[] {
  const inputs = inputsOf(formula)
  return (['dealer', 'product'] as const).filter((one) => inputs.every((input) => ofInput(input).includes(one)))
}

/** Currencies are never added, nor units of measure: a metric is told per currency or unit where an input is money or goods. */
export function splitOf({ formula }: Pick<Metric, 'formula'>): {
  readonly byCurrency: boolean
  readonly byUnit: boolean
} {
  const has = (column: string): boolean =>
    inputsOf(formula).some((input) => 'column' in input && input.column === column)
  return { byCurrency: has('amount'), byUnit: has('quantity') }
}

/** The manufacturer's own: dealers do not see it. */
export function isInternal({ formula }: Pick<Metric, 'formula'>): boolean {
  return inputsOf(formula).some((input) => sourceOf(input).isInternal === true)
}

/** The types of events behind it. */
export function eventsOf({ formula }: Pick<Metric, 'formula'>): readonly string[] {
  return [...new Set(inputsOf(formula).flatMap((input) => sourceOf(input).events))].toSorted()
}

function sourceOf(input: Input): { readonly events: readonly string[]; readonly isInternal?: true } {
  return input.op === 'episode' ? episodeOf(input.episode) : measureOf(input.measure)
}

function ofInput(input: Input): readonly ('dealer' | 'product')[] {
  if (input.op === 'episode') return episodeOf(input.episode).of
  const { of } = measureOf(input.measure)
  return of
}
