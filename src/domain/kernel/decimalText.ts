import { formatDecimal, parseDecimal } from './decimal.ts'

/** Exact arithmetic on decimal strings, for states and effects that hold quantities and line values as text. */
export function plus(a: string, b: string): string {
  return a === '0' ? b : b === '0' ? a : formatDecimal(parseDecimal(a) + parseDecimal(b))
}

export function minus(a: string, b: string): string {
  return b === '0' ? a : formatDecimal(parseDecimal(a) - parseDecimal(b))
}

export function negated(a: string): string {
  return formatDecimal(-parseDecimal(a))
}

export function sumOf(values: readonly string[]): string {
  return formatDecimal(values.reduce((sum, value) => sum + parseDecimal(value), 0n))
}

export function compare(a: string, b: string): -1 | 0 | 1 {
  const difference = parseDecimal(a) - parseDecimal(b)
  return difference < 0n ? -1 : difference > 0n ? 1 : 0
}

export function smaller(a: string, b: string): string {
  return compare(a, b) <= 0 ? a : b
}

export function positivePart(a: string): string {
  return a.startsWith('-') ? '0' : a
}

/** `1234567.5` as `1,234,567.5`, with at least so many digits after the point; never rounded, the same in every language. */
export function grouped(figure: string, digits = 0): string {
  const [whole = '', fraction = ''] = figure.split('.')
  const groups = whole.replaceAll(/\B(?=(\d{3})+$)/g, ',')
  const shown = fraction.padEnd(digits, '0')
  return shown === '' ? groups : `${groups}.${shown}`
}

/** `0.015` as `1.5 %`. */
export function percent(fraction: string): string {
  return `${grouped(formatDecimal(parseDecimal(fraction) * 100n))} %`
}
