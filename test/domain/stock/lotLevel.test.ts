import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  isTooLate,
  noLevel,
  recentLimit,
  withFact,
  type LotLevel,
  type StockFact,
} from '../../../src/domain/stock/lotLevel.ts'

/** The rule itself, naively: the latest assertion, plus the movements after it, by instant (domain.md §2.5). */
function byRule(facts: readonly StockFact[]): string {
  const sorted = facts.toSorted((a, b) => a.at - b.at)
  const from = sorted.findLastIndex((fact) => fact.kind === 'assertion')
  return sorted
    .slice(Math.max(from, 0))
    .reduce((sum, fact) => sum + Number(fact.quantity), 0)
    .toString()
}

const fold = (facts: readonly StockFact[]): LotLevel => facts.reduce(withFact, noLevel)

/** Instants of their own, so that the order of arrival decides nothing. */
const facts = (maxLength: number, minLength = 0) =>
  fc
    .uniqueArray(
      fc.record({
        at: fc.nat(5000),
        kind: fc.constantFrom(...Array<'movement'>(29).fill('movement'), 'assertion'),
        quantity: fc.integer({ min: -50, max: 50 }).map(String),
      }),
      {
        selector: (fact) => fact.at,
        minLength,
        maxLength,
      },
    )
    .map((list) => list as readonly StockFact[])

describe('the level of a lot', () => {
  it('is the same in whatever order facts arrive, within the window', () => {
    fc.assert(
      fc.property(
        facts(recentLimit).chain((list) =>
          fc.tuple(fc.constant(list), fc.shuffledSubarray([...list], { minLength: list.length })),
        ),
        ([list, shuffled]) => {
          expect(fold(shuffled).onHand).toBe(byRule(list))
          expect(fold(list).onHand).toBe(byRule(list))
        },
      ),
    )
  })

  it('counts a movement that is older than the window as exactly as one inside it', () => {
    fc.assert(
      fc.property(
        facts(2 * recentLimit, recentLimit + 4),
        fc.nat(5000),
        fc.integer({ min: -50, max: 50 }),
        (list, at, quantity) => {
          fc.pre(list.every((fact) => fact.at !== at))
          const inOrder = list.toSorted((a, b) => a.at - b.at)
          const late: StockFact = { at, kind: 'movement', quantity: `${quantity}` }
          expect(withFact(fold(inOrder), late).onHand).toBe(byRule([...inOrder, late]))
        },
      ),
    )
  })

  it('leaves out a late movement that a count behind the window has seen', () => {
    const moves = Array.from({ length: recentLimit + 10 }, (_, n): StockFact => ({
      at: 100 + n,
      kind: 'movement',
      quantity: '1',
    }))
    const level = fold([{ at: 50, kind: 'assertion', quantity: '10' }, ...moves])
    expect(level.base.assertedAt).toBe(50)
    expect(withFact(level, { at: 40, kind: 'movement', quantity: '1000' }).onHand).toBe(level.onHand)
    expect(withFact(level, { at: 60, kind: 'movement', quantity: '5' }).onHand).toBe(`${10 + moves.length + 5}`)
  })

  it('places a late assertion right, or says that it is too late', () => {
    let tooLate = 0
    fc.assert(
      fc.property(facts(2 * recentLimit, recentLimit + 4), fc.nat(5000), (list, at) => {
        fc.pre(list.every((fact) => fact.at !== at))
        const level = fold(list.toSorted((a, b) => a.at - b.at))
        const late: StockFact = { at, kind: 'assertion', quantity: '7' }
        if (isTooLate(level, at)) tooLate += 1
        expect(isTooLate(level, at) || withFact(level, late).onHand === byRule([...list, late])).toBe(true)
      }),
      { numRuns: 200 },
    )
    expect(tooLate).toBeGreaterThan(0)
  })

  it('takes facts of one instant in the order in which they came', () => {
    const facts: StockFact[] = [
      { at: 1, kind: 'movement', quantity: '5' },
      { at: 1, kind: 'assertion', quantity: '100' },
      { at: 1, kind: 'movement', quantity: '-3' },
    ]
    expect(fold(facts).onHand).toBe('97')
  })

  it('keeps a bounded window', () => {
    const many = Array.from({ length: 1000 }, (_, at): StockFact => ({ at, kind: 'movement', quantity: '1' }))
    expect(fold(many).recent).toHaveLength(recentLimit)
    expect(fold(many).onHand).toBe('1000')
  })
})
