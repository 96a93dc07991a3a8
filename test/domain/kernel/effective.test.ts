import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { businessTime, instantOf } from '../../../src/domain/kernel/businessTime.ts'
import { inForce, withEffective, type Effective } from '../../../src/domain/kernel/effective.ts'

const fact = fc.record({
  effectiveAt: fc.nat(20).map((day) => businessTime(day * 86_400_000, 'UTC')),
  eventId: fc.uuid(),
  value: fc.nat(),
})

describe('effective-dated facts', () => {
  it('are in force from their instant on, until the next; of two at one instant the one recorded later counts', () => {
    fc.assert(
      fc.property(fc.array(fact), fc.nat(20), (recorded, day) => {
        const facts = recorded.reduce<readonly Effective<number>[]>(withEffective, [])
        const at = day * 86_400_000
        const begun = recorded.filter((one) => instantOf(one.effectiveAt) <= at)
        const latest = Math.max(...begun.map((one) => instantOf(one.effectiveAt)))
        expect(inForce(facts, at)).toEqual(begun.findLast((one) => instantOf(one.effectiveAt) === latest))
      }),
    )
  })
})
