import { describe, expect, it } from 'vitest'
import { conductRulesAggregate } from '../../../src/domain/conduct/conductRules.ts'
import { instantOf } from '../../../src/domain/kernel/businessTime.ts'
import { isMember, programmeAggregate, termsFor } from '../../../src/domain/rebates/programme.ts'
import type { ProgrammeEvent } from '../../../src/domain/rebates/events.ts'
import { tier, type Method, type Terms, type Tier } from '../../../src/domain/rebates/terms.ts'
import { given } from '../../support/decider.ts'
import { termsWith } from './facts.ts'

const key = { programmeId: 'volume', companyId: 'maker' }
const marginal = (...tiers: Tier[]): Method => ({ kind: 'marginal', tiers })
const terms = termsWith(marginal({ from: '0', to: '1000', rate: '0.01' }, { from: '1000', rate: '0.02' }))
const second = { ...terms, version: 2, effectiveFrom: '2026-04-01T00:00:00.000Z[UTC]' }
const drafted: ProgrammeEvent = { type: 'RebateProgrammeDrafted', data: { ...key, terms } }
const activated: ProgrammeEvent = { type: 'RebateProgrammeActivated', data: { ...key, terms } }
const activate = { type: 'ActivateProgramme', programmeId: 'volume', version: 1 } as const
const lawful = { given: { rules: conductRulesAggregate.initialState } }
const amend = { type: 'AmendProgramme', programmeId: 'volume', terms: second, retroactive: false } as const

describe('a programme is drafted, changed at will, and then bound', () => {
  it('drafts version 1 and drafts it again with other terms', () => {
    const other = { ...terms, cap: '500' }
    given(programmeAggregate)
      .when({ type: 'DraftProgramme', ...key, terms })
      .then([drafted])
    given(programmeAggregate, [drafted])
      .when({ type: 'DraftProgramme', ...key, terms: other })
      .then([{ type: 'RebateProgrammeDrafted', data: { ...key, terms: other } }])
  })

  it('activates what was drafted', () => {
    given(programmeAggregate, [drafted]).when(activate, lawful).then([activated])
    given(programmeAggregate).when(activate, lawful).thenRefused('object.not_found')
  })

  it('refuses to change an active version', () => {
    given(programmeAggregate, [drafted, activated])
      .when({ type: 'DraftProgramme', ...key, terms: { ...terms, cap: '1' } })
      .thenRefused('rebates.already_active')
  })
})

describe('tiers are checked when they begin to bind, and the refusal names the place', () => {
  const cases: readonly [string, Tier[], Record<string, string>][] = [
    [
      'a gap',
      [
        { from: '0', to: '10', rate: '0' },
        { from: '11', rate: '0.1' },
      ],
      { at: 'method.tiers.1.from', problem: 'gap' },
    ],
    [
      'an overlap',
      [
        { from: '0', to: '10', rate: '0' },
        { from: '9.99', rate: '0.1' },
      ],
      { at: 'method.tiers.1.from', problem: 'overlap' },
    ],
    [
      'an empty tier',
      [
        { from: '5', to: '5', rate: '0' },
        { from: '5', rate: '0.1' },
      ],
      { at: 'method.tiers.0.to', problem: 'empty_tier' },
    ],
    ['an end above', [{ from: '0', to: '10', rate: '0' }], { at: 'method.tiers.0.to', problem: 'last_not_open_ended' }],
    [
      'an open tier inside',
      [
        { from: '0', rate: '0' },
        { from: '5', rate: '0.1' },
      ],
      { at: 'method.tiers.0.to', problem: 'open_ended_inside' },
    ],
  ]
  it.each(cases)('%s', (_name, tiers, details) => {
    const wrong = { ...terms, method: marginal(...tiers) }
    given(programmeAggregate, [{ type: 'RebateProgrammeDrafted', data: { ...key, terms: wrong } }])
      .when(activate, lawful)
      .thenRefused('rebates.terms_invalid', details)
    given(programmeAggregate, [drafted, activated])
      .when({ ...amend, terms: { ...second, method: marginal(...tiers) } }, lawful)
      .thenRefused('rebates.terms_invalid', details)
  })

  it('a rate above one is no rate at all', () => {
    expect(tier.safeParse({ from: '0', rate: '1.000001' }).success).toBe(false)
    expect(tier.safeParse({ from: '0', rate: '-0.01' }).success).toBe(false)
    expect(tier.safeParse({ from: '0', rate: '0.0000001' }).success).toBe(false)
  })
})

describe('an amendment is the next version', () => {
  const history = [drafted, activated]

  it('takes effect for periods that start after it', () => {
    given(programmeAggregate, history)
      .when(amend, lawful)
      .then([{ type: 'RebateProgrammeAmended', data: { ...key, terms: second, retroactive: false } }])
    const state = given(programmeAggregate, history).when(amend, lawful).state()
    expect(termsFor(state, instantOf('2026-01-01T00:00:00.000Z[UTC]'))?.version).toBe(1)
    expect(termsFor(state, instantOf('2026-04-01T00:00:00.000Z[UTC]'))?.version).toBe(2)
    expect(termsFor(state, instantOf('2025-10-01T00:00:00.000Z[UTC]'))).toBeUndefined()
  })

  it('may reach back only when it says so', () => {
    const back = { ...second, effectiveFrom: terms.effectiveFrom }
    given(programmeAggregate, history)
      .when({ ...amend, terms: back }, lawful)
      .thenRefused('rebates.retroactive')
    const state = given(programmeAggregate, history)
      .when({ ...amend, terms: back, retroactive: true }, lawful)
      .state()
    expect(termsFor(state, instantOf(terms.effectiveFrom))?.version).toBe(2)
  })

  it('skips no version, and keeps payer, calendar, grain and basis', () => {
    given(programmeAggregate, history)
      .when({ ...amend, terms: { ...second, version: 3 } }, lawful)
      .thenRefused('rebates.version_order', { expected: 2 })
    given(programmeAggregate, history)
      .when({ ...amend, terms: { ...second, basis: 'paid', grain: 'year' } }, lawful)
      .thenRefused('rebates.fixed_terms', { changed: ['grain', 'basis'] })
  })

  it('is not for a draft, nor for a programme that has ended', () => {
    given(programmeAggregate, [drafted]).when(amend, lawful).thenRefused('rebates.not_active')
    const data = { programmeId: 'volume', endsAt: '2026-07-01T00:00:00.000Z[UTC]' }
    const ended: ProgrammeEvent = { type: 'RebateProgrammeEnded', data }
    given(programmeAggregate, [...history, ended])
      .when(amend, lawful)
      .thenRefused('rebates.ended')
    given(programmeAggregate, history)
      .when({ type: 'EndProgramme', ...data })
      .then([ended])
  })
})

describe('terms that look beside the volume', () => {
  const refusedAt = (change: Partial<Terms>, details: object, rules = lawful.given.rules): void => {
    const wrong = { ...terms, ...change }
    given(programmeAggregate, [{ type: 'RebateProgrammeDrafted', data: { ...key, terms: wrong } }])
      .when(activate, { given: { rules } })
      .thenRefused('rebates.terms_invalid', details as Record<string, unknown>)
  }
  const perUnit: Method = { kind: 'per-unit', amount: '2' }
  const soldOut: Partial<Terms> = {
    basis: 'sold-out',
    measure: 'units',
    unit: 'EA',
    currencies: ['USD'],
    method: perUnit,
  }

  it('what is sold out is counted, and never valued: no money, no rate, one currency', () => {
    refusedAt({ ...soldOut, measure: 'net', method: terms.method }, { at: 'measure', problem: 'without_value' })
    refusedAt({ ...soldOut, measure: 'gross', method: terms.method }, { at: 'measure', problem: 'without_value' })
    refusedAt({ ...soldOut, method: terms.method }, { at: 'method.kind', problem: 'without_value' })
    refusedAt({ ...soldOut, currencies: ['USD', 'EUR'] }, { at: 'currencies', problem: 'needs_one_currency' })
    refusedAt({ ...soldOut, currencies: undefined }, { at: 'currencies', problem: 'needs_one_currency' })
  })

  it('evidence is counted by one, by its kinds', () => {
    const evidence: Partial<Terms> = { ...soldOut, basis: 'evidence', unit: 'C62' }
    refusedAt({ ...evidence, unit: 'EA' }, { at: 'unit', problem: 'needs_units', expected: 'C62' })
    refusedAt({ ...evidence, products: { include: { categories: ['bikes'] } } }, { at: 'products' })
    refusedAt({ ...evidence, launchedWithinDays: 5 }, { at: 'launchedWithinDays', problem: 'no_products' })
  })

  it('a score is one that is defined, and derives from resale prices only where the policy is on', () => {
    const gates: Terms['gates'] = [{ kind: 'score', evaluation: 'discipline', version: 1, score: '80' }]
    const at = 'gates.0.evaluation'
    refusedAt({ gates }, { at, problem: 'unknown_evaluation' })
    const evaluations = { discipline: [{ name: { en: 'Discipline' }, fromResalePrice: true }] }
    refusedAt({ gates }, { at, problem: 'resale_price' }, { evaluations, resalePriceEnforcement: 'off' })
    const judged = { ...terms, gates }
    given(programmeAggregate, [{ type: 'RebateProgrammeDrafted', data: { ...key, terms: judged } }])
      .when(activate, { given: { rules: { evaluations, resalePriceEnforcement: 'on' } } })
      .then([{ type: 'RebateProgrammeActivated', data: { ...key, terms: judged } }])
    given(programmeAggregate, [drafted, activated])
      .when(
        { ...amend, terms: { ...second, gates } },
        { given: { rules: { evaluations, resalePriceEnforcement: 'off' } } },
      )
      .thenRefused('rebates.terms_invalid', { at, problem: 'resale_price' })
  })

  it('bands of days are in order', () => {
    const bands = [
      { to: '16', rate: '1' },
      { from: '17', rate: '0.5' },
    ]
    refusedAt({ gates: [{ kind: 'collection', since: 'due', bands }] }, { at: 'gates.0.bands.1.from', problem: 'gap' })
  })
})

describe('members', () => {
  const from = '2026-02-01T00:00:00.000Z[UTC]'
  const until = '2026-03-01T00:00:00.000Z[UTC]'
  const member = { programmeId: 'volume', dealerId: 'constructor' }
  const enrolled: ProgrammeEvent = { type: 'MemberEnrolled', data: { ...member, from } }
  const withdrawn: ProgrammeEvent = { type: 'MemberWithdrawn', data: { ...member, until } }

  it('are members from the day they enrol to the day they withdraw', () => {
    given(programmeAggregate, [drafted, activated])
      .when({ type: 'EnrolMember', ...member, from })
      .then([enrolled])
    given(programmeAggregate, [drafted, activated, enrolled])
      .when({ type: 'WithdrawMember', ...member, until })
      .then([withdrawn])
    const state = given(programmeAggregate, [drafted, activated, enrolled, withdrawn]).state()
    const times = ['2026-01-31T23:59:59.999Z[UTC]', from, '2026-02-28T23:59:59.999Z[UTC]', until]
    expect(times.map((at) => isMember(state, 'constructor', at))).toEqual([false, true, true, false])
  })

  it('who never enrolled cannot withdraw', () => {
    given(programmeAggregate, [drafted, activated])
      .when({ type: 'WithdrawMember', ...member, until })
      .thenRefused('rebates.not_member')
  })
})
