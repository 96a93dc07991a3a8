import type { EpisodeCode } from './episodes.ts'
import type { Column, MeasureCode } from './measures.ts'

/**
 * How a metric follows from base measures. A formula is computed over sums that were added up for its group and window, so a
 * total is the same formula over larger sums: it never adds or averages the figures of groups.
 */
export type Formula =
  | Input
  | { readonly op: 'number'; readonly value: string }
  | { readonly op: 'days'; readonly window: Window }
  | { readonly op: 'plus' | 'minus' | 'times' | 'per'; readonly a: Formula; readonly b: Formula }

/** The window that is asked about, the one of the same length just before it, and the same one a year before. */
export type Window = 'asked' | 'before' | 'yearBefore'
export const windows: readonly Window[] = ['asked', 'before', 'yearBefore']

/** What is read of the base: everything else is arithmetic. */
export type Input = MeasureInput | DistinctInput | NewestInput | EpisodeInput

interface MeasureInput {
  readonly op: 'measure'
  /**
   * `flow`: what was added in the window; `opening`, `closing`: the level before it and at its end; `average`: the mean of
   * the levels at the end of its days
   */
  readonly take: 'flow' | 'opening' | 'closing' | 'average'
  readonly measure: MeasureCode
  readonly column: Column
  readonly window: Window
}

/** How many dealers, products or pairs of both a measure is above zero for in the window: no sum of groups. */
interface DistinctInput {
  readonly op: 'distinct'
  readonly entity: Entity
  readonly measure: MeasureCode
  readonly column: Column
  readonly window: Window
}
export type Entity = 'dealer' | 'product' | 'dealer-product'

/** Dealers that a measure was ever seen of before the end of the window, and the days since the newest of each, added up. */
interface NewestInput {
  readonly op: 'newest'
  readonly take: 'dealers' | 'days'
  readonly measure: MeasureCode
  readonly window: Window
}

/** Of the episodes of a kind: how many, or how long; times in milliseconds. */
interface EpisodeInput {
  readonly op: 'episode'
  readonly episode: EpisodeCode
  readonly take: EpisodeTake
  readonly window: Window
}
/**
 * `begun`, `ended`: in the window; `lasted`: the time that those which ended took, added up; `due`: of those which ended, the
 * ones with a day they were due on, `onTime`: which ended by then; `open`: begun before the end of the window and not ended by
 * then; `age`: the time those have been open, added up; `late`: those of them past their day; `median`, `p90`: of the times of
 * those which ended
 */
export type EpisodeTake = 'begun' | 'ended' | 'lasted' | 'due' | 'onTime' | 'open' | 'age' | 'late' | 'median' | 'p90'

const take =
  (what: MeasureInput['take']) =>
  (measure: MeasureCode, column: Column): Formula => ({ op: 'measure', take: what, measure, column, window: 'asked' })
export const flow = take('flow')
export const opening = take('opening')
export const closing = take('closing')
export const average = take('average')

export const distinct = (entity: Entity, measure: MeasureCode, column: Column): Formula => ({
  op: 'distinct',
  entity,
  measure,
  column,
  window: 'asked',
})

export const newest = (what: NewestInput['take'], measure: MeasureCode): Formula => ({
  op: 'newest',
  take: what,
  measure,
  window: 'asked',
})

export const episode = (what: EpisodeTake, code: EpisodeCode): Formula => ({
  op: 'episode',
  episode: code,
  take: what,
  window: 'asked',
})

export const number = (value: string): Formula => ({ op: 'number', value })
export const days: Formula = { op: 'days', window: 'asked' }
export const minus = (a: Formula, b: Formula): Formula => ({ op: 'minus', a, b })
export const times = (a: Formula, b: Formula): Formula => ({ op: 'times', a, b })
export const per = (a: Formula, b: Formula): Formula => ({ op: 'per', a, b })
export const plus = (first: Formula, ...rest: readonly Formula[]): Formula =>
  rest.reduce<Formula>((a, b) => ({ op: 'plus', a, b }), first)

/** The same formula over another window. */
export function over(window: Window, formula: Formula): Formula {
  switch (formula.op) {
    case 'number':
      return formula
    case 'days':
    case 'measure':
    case 'distinct':
    case 'newest':
    case 'episode':
      return { ...formula, window }
    case 'plus':
    case 'minus':
    case 'times':
    case 'per':
      return { op: formula.op, a: over(window, formula.a), b: over(window, formula.b) }
  }
}

/** (now − then) ÷ then. */
export function growth(formula: Formula, against: Exclude<Window, 'asked'>): Formula {
  const then = over(against, formula)
  return per(minus(formula, then), then)
}

export function inputsOf(formula: Formula): readonly Input[] {
  switch (formula.op) {
    case 'number':
    case 'days':
      return []
    case 'plus':
    case 'minus':
    case 'times':
    case 'per':
      return [...inputsOf(formula.a), ...inputsOf(formula.b)]
    default:
      return [formula]
  }
}

/** The windows that a formula looks at. */
export function windowsOf(formula: Formula): readonly Window[] {
  switch (formula.op) {
    case 'number':
      return []
    case 'days':
      return [formula.window]
    case 'plus':
    case 'minus':
    case 'times':
    case 'per':
      return [...windowsOf(formula.a), ...windowsOf(formula.b)]
    default:
      return [formula.window]
  }
}

export function isDivided(formula: Formula): boolean {
  switch (formula.op) {
    case 'per':
      return true
    case 'plus':
    case 'minus':
    case 'times':
      return isDivided(formula.a) || isDivided(formula.b)
    default:
      return formula.op === 'measure' && formula.take === 'average'
  }
}

/** Names an input among others: what the read model answers is found by it. */
export function inputKey(input: Input): string {
  switch (input.op) {
    case 'measure':
      return `${input.take}/${input.measure}/${input.column}/${input.window}`
    case 'distinct':
      return `distinct-${input.entity}/${input.measure}/${input.column}/${input.window}`
    case 'newest':
      return `newest-${input.take}/${input.measure}//${input.window}`
    case 'episode':
      return `episode-${input.take}/${input.episode}//${input.window}`
  }
}
