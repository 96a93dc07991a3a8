import { describe, expect, it } from 'vitest'
import { refuse } from '../../../src/domain/kernel/decider.ts'
import { breach } from '../../../src/domain/kernel/breach.ts'
import { breachOf, enforce } from '../../../src/domain/kernel/enforce.ts'

describe('business rules', () => {
  const rules = [
    false,
    undefined,
    refuse('pricing.below_floor', { price: '1', limit: 2 }),
    refuse('pricing.overlap'),
  ] as const

  it('refuse a command by the first one it breaks', () => {
    expect(enforce(rules, false)).toEqual(refuse('pricing.below_floor', { price: '1', limit: 2 }))
    expect(enforce([false, undefined], false)).toEqual([])
  })

  it('keep everything that a recorded fact breaks, as text', () => {
    expect(enforce(rules, true)).toEqual([
      { code: 'pricing.below_floor', details: { price: '1', limit: '2' } },
      { code: 'pricing.overlap', details: {} },
    ])
  })

  it('show values of any length and kind in a shape that fits the log', () => {
    const shown = breachOf(
      refuse('pricing.overlap', { long: '𠮷'.repeat(150), odd: 'x' + '𠮷'.repeat(150), none: undefined, list: ['a'] }),
    )
    expect(breach.safeParse(shown).success).toBe(true)
    expect(shown.details.odd).toHaveLength(199)
  })
})
