import { formatDecimal, multiply, parseDecimal } from '../kernel/decimal.ts'

/** The named rounding from quantity × unit price to a line value: half-up at scale 6, once per line. */
export function lineValueOf(
  quantity: string,
  unitPrice: string,
): { lineValue: string; rounding: { mode: 'half-up'; remainder: string } } {
  const { value, remainder } = multiply(parseDecimal(quantity), parseDecimal(unitPrice), 'half-up')
  return { lineValue: formatDecimal(value), rounding: { mode: 'half-up', remainder: remainder.toString() } }
}

/** The number that two lines have, if there is one. */
export function repeatedLineNo(lines: readonly { readonly lineNo: number }[]): number | undefined {
  return lines.find((line, index) => lines.findIndex((other) => other.lineNo === line.lineNo) !== index)?.lineNo
}
