import { divideRounded, formatDecimal } from '../kernel/decimal.ts'
import type { Formula, Input, Window } from './formula.ts'
import { isDivided } from './formula.ts'

/** An exact fraction; the denominator is above zero. */
export interface Exact {
  readonly over: bigint
  readonly under: bigint
}

export interface Figures {
  /** zero where nothing was measured; undefined where there is nothing to tell, such as the median of nothing */
  input(input: Input): Exact | undefined
  days(window: Window): number
}

/** The exact value of a formula; undefined where it would divide by zero, or by what was never measured. */
export function evaluate(formula: Formula, figures: Figures): Exact | undefined {
  switch (formula.op) {
    case 'number':
      return exactOf(formula.value)
    case 'days':
      return { over: BigInt(figures.days(formula.window)), under: 1n }
    case 'plus':
    case 'minus':
    case 'times':
    case 'per': {
      const a = evaluate(formula.a, figures)
      const b = evaluate(formula.b, figures)
      return a && b && combined(formula.op, a, b)
    }
    default:
      return figures.input(formula)
  }
}

function combined(op: 'plus' | 'minus' | 'times' | 'per', a: Exact, b: Exact): Exact | undefined {
  switch (op) {
    case 'plus':
      return sum(a, b)
    case 'minus':
      return sum(a, { over: -b.over, under: b.under })
    case 'times':
      return { over: a.over * b.over, under: a.under * b.under }
    case 'per':
      if (b.over === 0n) return undefined
      return b.over > 0n
        ? { over: a.over * b.under, under: a.under * b.over }
        : { over: -a.over * b.under, under: a.under * -b.over }
  }
}

export function sum(a: Exact, b: Exact): Exact {
  return a.under === b.under
    ? { over: a.over + b.over, under: a.under }
    : { over: a.over * b.under + b.over * a.under, under: a.under * b.under }
}

const million = 1_000_000n

/** Any plain decimal, of whatever number of digits; up to six of them share a denominator, so that sums stay small. */
export function exactOf(text: string): Exact {
  const point = text.indexOf('.')
  const digits = point === -1 ? 0 : text.length - point - 1
  if (digits === 0) return { over: BigInt(text) * million, under: million }
  const over = BigInt(text.slice(0, point) + text.slice(point + 1))
  return digits <= 6
    ? { over: over * 10n ** BigInt(6 - digits), under: million }
    : { over, under: 10n ** BigInt(digits) }
}

/** Writes what is shown: exact where the formula divides nothing, else rounded half up at so many digits. */
export function valueWriter(formula: Formula, digits: number): (value: Exact) => string {
  const scale = isDivided(formula) ? digits : 6
  const step = 10n ** BigInt(6 - scale)
  return ({ over, under }) => {
    if (under === million && scale === 6) return formatDecimal(over)
    return formatDecimal(divideRounded(over * million, under * step, 'half-up').value * step)
  }
}
