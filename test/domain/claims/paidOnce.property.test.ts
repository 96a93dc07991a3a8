import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { claimAmount } from '../../../src/domain/claims/claimAmount.ts'
import type { ClaimNode } from '../../../src/domain/claims/claimNode.ts'
import type { DifferencesCommand } from '../../../src/domain/claims/commands.ts'
import { differencesAggregate, type DifferencesGiven } from '../../../src/domain/claims/differences.ts'
import type { DifferencesEvent } from '../../../src/domain/claims/events.ts'
import { explainClaim } from '../../../src/domain/claims/explainClaim.ts'
import { isRefusal } from '../../../src/domain/kernel/decider.ts'
import { parseDecimal, type RoundingMode } from '../../../src/domain/kernel/decimal.ts'
import { sumOf } from '../../../src/domain/kernel/decimalText.ts'
import * as w from './world.ts'

const layers = [w.layer(1, '100', '12'), w.layer(2, '97.5', '8'), w.layer(3, '110', '10', { onHand: '6' })]
const price = fc.integer({ min: 40, max: 110 }).map(String)
const units = fc.integer({ min: 1, max: 9 }).map(String)

interface Act {
  readonly command: DifferencesCommand
  readonly given: DifferencesGiven
}

const changeId = (n: number): string => `00000000-0000-7000-8000-0000000${(0xc1000 + n).toString(16)}`

/** Anything that may pay a difference, in any order, some of it turned down again. */
const act = fc.nat(400).chain((n): fc.Arbitrary<Act> => {
  const claimId = `C${n % 7}`
  const change = changeId(n)
  const plain = (command: DifferencesCommand): Act => ({ command, given: w.given() })
  return fc.oneof(
    fc.tuple(price, price, fc.constantFrom('layers' as const, 'list' as const)).map(([before, after, method]) => {
      const of = w.priceChange(before, after, {
        ...w.terms,
        protection: { method, lookBackDays: 90, inTransit: n % 2 === 0 },
      })
      const given = { ...of, change: of.change && { ...of.change, after: w.listPrice(after, change) } }
      return { command: { ...w.protect(layers), changeId: change } as DifferencesCommand, given }
    }),
    fc.tuple(units, fc.integer({ min: 10, max: 19 })).map(([quantity, day]) => {
      const date = n % 3 === 0 ? '2026-01-25' : `2026-02-${day}`
      return plain(w.shipAndDebit(claimId, [w.soldOn(date, quantity)], layers))
    }),
    units.map((quantity) =>
      plain({ ...w.specialPrice(claimId, quantity, layers), agreementId: 'A2' } as DifferencesCommand),
    ),
    units.map((quantity) => plain(w.rotation(claimId, quantity, layers))),
    fc
      .constantFrom('RejectClaim', 'WithdrawClaim')
      .map((type) => plain({ type, dealerId: 'dealer', sku: 'PHONE', claimId, reason: 'wrong' })),
  )
})

const agreements = [
  w.agreement({ quantity: '15' }),
  w.agreement({ agreementId: 'A2', kind: 'special-price', contractPrice: '90', quantity: '15' }),
]

/** What stands at the end, judged from the events alone. */
function judge(history: readonly DifferencesEvent[]): { claims: number; passedOver: number } {
  const ended = new Set(
    history.flatMap((one) => (one.type === 'ClaimRejected' || one.type === 'ClaimWithdrawn' ? [one.data.claimId] : [])),
  )
  const standing = history.flatMap((one) =>
    one.type === 'ClaimSubmitted' && !ended.has(one.data.claimId) ? [one.data] : [],
  )
  // one cell per half unit and half a coin: each is painted by one claim
  const painted = new Map<string, string>()
  for (const { claimId, takes } of standing) {
    for (const { layer, from, to, low, high } of takes) {
      for (let unit = Number(from) * 2; unit < Number(to) * 2; unit++) {
        const key = `${layer} ${unit}`
        for (let coin = Number(low) * 2; coin < Number(high) * 2; coin++) {
          const cell = `${key} ${coin}`
          if (painted.has(cell)) throw new Error(`${cell} is paid by ${painted.get(cell)} and by ${claimId}`)
          painted.set(cell, claimId)
        }
      }
    }
  }
  for (const [id, cap] of [
    ['A1', '15'],
    ['A2', '15'],
  ] as const) {
    const claimed = standing.flatMap(({ basis, quantity }) =>
      'agreementId' in basis && basis.agreementId === id ? [quantity] : [],
    )
    expect(parseDecimal(sumOf(claimed))).toBeLessThanOrEqual(parseDecimal(cap))
  }
  const sold = standing.filter(({ basis }) => basis.kind === 'ship-and-debit' || basis.kind === 'stock-rotation')
  const gone = sold.flatMap(({ takes }) =>
    takes.flatMap(({ layer, from, to }) =>
      Array.from({ length: Number(to) - Number(from) }, (_, n) => `${layer} ${Number(from) + n}`),
    ),
  )
  expect(new Set(gone).size).toBe(gone.length)
  return { claims: standing.length, passedOver: standing.filter((one) => one.passedOver.length > 0).length }
}

describe('the same difference of price', () => {
  it('is paid once per unit, claims stay below their cap, and a unit is sold once, whatever is claimed in which order', () => {
    const kinds = new Set<string>()
    let passedOver = 0
    let refusedTaken = 0
    fc.assert(
      fc.property(fc.array(act, { minLength: 3, maxLength: 25, size: 'max' }), (acts) => {
        const history: DifferencesEvent[] = []
        let state = differencesAggregate.initialState
        for (const { command, given } of [...agreements.map((command) => ({ command, given: w.given() })), ...acts]) {
          const circumstances = { at: w.day('2026-02-20'), by: 'somebody', recorded: false, given }
          const decision = differencesAggregate.decide(command, state, circumstances)
          if (isRefusal(decision)) {
            refusedTaken += decision.refused === 'claims.units_taken' ? 1 : 0
            continue
          }
          for (const event of decision) {
            const happened = { ...event, id: w.change, revision: history.push(event) - 1, occurredAt: circumstances.at }
            state = differencesAggregate.evolve(state, happened)
          }
        }
        passedOver += judge(history).passedOver
        for (const one of history) if (one.type === 'ClaimSubmitted') kinds.add(one.data.basis.kind)
      }),
      { numRuns: 150, seed: 20_260_220 },
    )
    // the interesting cases occurred
    expect([...kinds].toSorted()).toEqual(['price-protection', 'ship-and-debit', 'special-price', 'stock-rotation'])
    expect(passedOver).toBeGreaterThan(5)
    expect(refusedTaken).toBeGreaterThan(5)
  })
})

describe('the explanation of a claim', () => {
  const decimal = (most: number, scale: number) =>
    fc
      .tuple(fc.nat(most), fc.nat(10 ** scale - 1))
      .map(([whole, part]) => `${whole}.${String(part).padStart(scale, '0')}`)
  const take = fc
    .tuple(fc.integer({ min: 1, max: 3 }), decimal(50, 3), decimal(900, 6), decimal(90, 6))
    .map(([lineNo, quantity, low, each]) => ({
      lineNo,
      layer: `L${lineNo}`,
      eventId: w.change,
      from: '0',
      to: quantity,
      low,
      high: sumOf([low, each]),
    }))

  it('adds up at every node, to the coin, in every currency and rounding', () => {
    fc.assert(
      fc.property(
        fc.array(take, { minLength: 1, maxLength: 12 }),
        fc.constantFrom('CNY', 'JPY', 'KWD'),
        fc.constantFrom<RoundingMode>('half-up', 'half-even', 'down', 'up', 'floor'),
        (takes, currency, rounding) => {
          const amount = claimAmount(takes, currency, rounding)
          fc.pre(amount > 1n)
          const basis = { kind: 'stock-rotation', periodId: 'P', share: '1', bought: '0', rotated: '0' } as const
          const claim = { takes, amount: amount.toString(), currency, basis, policyVersion: 1, sales: [] }
          for (const tree of [
            explainClaim(claim),
            explainClaim(claim, { approved: (amount / 2n).toString(), reason: 'part' }),
          ]) {
            const visit = (node: ClaimNode): void => {
              if (!node.children) return
              const sum = sumOf(node.children.map((child) => child.amount))
              expect(sum, `at ${node.id}`).toBe(node.amount)
              node.children.forEach(visit)
            }
            visit(tree)
          }
        },
      ),
      { numRuns: 300, seed: 7 },
    )
  })
})
