import { parseDecimal } from '../kernel/decimal.ts'
import type { Terms } from './terms.ts'

export interface TermsProblem {
  /** where it is: `method.tiers.2.from` */
  readonly at: string
  readonly problem: 'gap' | 'overlap' | 'empty_tier' | 'open_ended_inside' | 'last_not_open_ended'
  readonly found: string
  readonly expected?: string
}

/** The first thing wrong with terms that are about to bind: tiers are half-open, contiguous, the last one open-ended (domain.md §2.1). */
export function termsProblem({ method: { tiers } }: Pick<Terms, 'method'>): TermsProblem | undefined {
  for (const [index, { from, to }] of tiers.entries()) {
    const at = `method.tiers.${index}`
    const next = tiers[index + 1]
    if (to !== undefined && parseDecimal(to) <= parseDecimal(from))
      return { at: `${at}.to`, problem: 'empty_tier', found: to, expected: `more than ${from}` }
    if (!next) return to === undefined ? undefined : { at: `${at}.to`, problem: 'last_not_open_ended', found: to }
    if (to === undefined) return { at: `${at}.to`, problem: 'open_ended_inside', found: 'none', expected: next.from }
    const step = parseDecimal(next.from) - parseDecimal(to)
    if (step !== 0n) {
      const problem = step > 0n ? 'gap' : 'overlap'
      return { at: `method.tiers.${index + 1}.from`, problem, found: next.from, expected: to }
    }
  }
  return undefined
}
