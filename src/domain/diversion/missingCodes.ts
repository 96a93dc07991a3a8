import { divide, parseDecimal } from '../kernel/decimal.ts'
import type { SignalOf } from './signal.ts'

const one = 1_000_000n

/** Codes on the goods were destroyed where they turned up: who diverts hides where they come from. */
export const missingCodes: SignalOf = ({ rule, foreign }) => {
  if (!rule.missingCodes) return undefined
  const { codes: least, share, points } = rule.missingCodes
  const sum = (of: readonly number[]): number => of.reduce((all, one) => all + one, 0)
  const [missing, codes] = [sum(foreign.map(({ unreadable }) => unreadable)), sum(foreign.map(({ codes }) => codes))]
  if (missing < least || codes === 0) return undefined
  const part = divide(BigInt(missing) * one, BigInt(codes) * one, 'half-even')
  if (part < parseDecimal(share)) return undefined
  return { points: parseDecimal(points), figures: { missing: String(missing), codes: String(codes) }, evidence: [] }
}
