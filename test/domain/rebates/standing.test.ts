import { describe, expect, it } from 'vitest'
import { calculationProblem } from '../../../src/domain/rebates/calculationProblem.ts'
import { settle } from '../../../src/domain/rebates/settle.ts'
import { standingOf } from '../../../src/domain/rebates/standing.ts'
import type { StandingFact } from '../../../src/domain/rebates/standingFacts.ts'
import type { Gate, Terms } from '../../../src/domain/rebates/terms.ts'
import { fact, termsWith } from './facts.ts'

const period = { periodId: '2026-Q1', startInstant: Date.UTC(2026, 0, 1), endInstant: Date.UTC(2026, 3, 1) }
const at = (date: string): string => `${date}T12:00:00.000Z[UTC]`
const on = (date: string, position = '1') => ({
  companyId: 'maker',
  dealerId: 'dealer',
  occurredAt: at(date),
  position,
})
const issued = (invoiceId: string, date: string, due: string): StandingFact => ({
  ...on(date),
  about: 'receivable',
  invoiceId,
  amount: '100',
  issuedAt: at(date),
  dueAt: `${due}T00:00:00.000Z[UTC]`,
})
const paid = (invoiceId: string, date: string, amount = '-100'): StandingFact => ({
  ...on(date),
  about: 'receivable',
  invoiceId,
  amount,
  moneyAt: at(date),
})

/** Of 1,000 at ten percent: what the gate let through, in minor units, and what it found. */
function through(
  gate: Gate,
  facts: readonly StandingFact[],
  { cutOff = '2026-04-10', watermark = 9n, ...change }: Partial<Terms> & { cutOff?: string; watermark?: bigint } = {},
): readonly [earned: string, found: string | undefined, open: boolean | undefined] {
  const terms = termsWith({ kind: 'all-units', tiers: [{ from: '0', rate: '0.1' }] }, { gates: [gate], ...change })
  const standing = standingOf({ terms, period, zone: 'UTC', cutOff: at(cutOff), watermark }, facts)
  const request = { programmeId: 'p', terms, currency: 'USD', facts: [fact(1, '1000')], prior: [], standing }
  const { calculation } = settle(request)
  expect(calculationProblem(terms, 'USD', calculation)).toBeUndefined()
  const [found] = calculation.gates ?? []
  expect(calculationProblem(terms, 'USD', { ...calculation, gates: [{ ...found, open: !found?.open }] })).toBe(
    'gates.0',
  )
  return [calculation.earned, found?.found, found?.open]
}

describe('a process gate counts the evidence of the period', () => {
  const gate: Gate = { kind: 'process', evidence: 'display', count: 2, whenClosed: '0.5' }
  const proof = (evidenceId: string, date: string, kind = 'display'): StandingFact => ({
    ...on(date),
    about: 'evidence',
    evidenceId,
    kind,
    counts: 1,
    at: at(date),
  })
  const two = [proof('a', '2026-01-05'), proof('b', '2026-03-31')]

  it('of its kind, not withdrawn, not of another period', () => {
    expect(through(gate, two)).toEqual(['10000', '2', true])
    expect(through(gate, [...two.slice(1), proof('c', '2026-04-01'), proof('d', '2026-02-01', 'training')])).toEqual([
      '5000',
      '1',
      false,
    ])
    const withdrawal: StandingFact = {
      ...on('2026-04-05'),
      about: 'evidence',
      evidenceId: 'a',
      kind: 'display',
      counts: -1,
      at: at('2026-01-05'),
    }
    expect(through(gate, [...two, withdrawal])).toEqual(['5000', '1', false])
  })

  it('as it was at the cut-off and stood at the watermark', () => {
    const late = { ...proof('c', '2026-02-01'), position: '10' }
    expect(through(gate, [...two.slice(1), late])).toEqual(['5000', '1', false])
    expect(through(gate, [...two.slice(1), late], { watermark: 10n })).toEqual(['10000', '2', true])
    expect(through(gate, two, { cutOff: '2026-03-01' })).toEqual(['5000', '1', false])
  })
})

describe('a payment gate looks at what is overdue', () => {
  const gate: Gate = { kind: 'payment', overdueDays: 10 }
  const old = issued('I1', '2026-01-10', '2026-02-10')

  it('closes when something open is past its due date by more than the days, at the cut-off', () => {
    // its last day is 9 February: the first late instant is the next midnight
    expect(through(gate, [old], { cutOff: '2026-02-19' })).toEqual(['10000', '10', true])
    expect(through(gate, [old], { cutOff: '2026-02-20' })).toEqual(['0', '11', false])
    expect(through(gate, [old], { cutOff: '2026-02-01' })).toEqual(['10000', '-8', true])
  })

  it('is open when nothing is open, whether paid in parts, credited or cancelled', () => {
    expect(through(gate, [])).toEqual(['10000', undefined, true])
    expect(through(gate, [old, paid('I1', '2026-02-01', '-40'), paid('I1', '2026-02-02', '-60')])).toEqual([
      '10000',
      undefined,
      true,
    ])
    const cancelled: StandingFact = {
      ...on('2026-01-11'),
      about: 'receivable',
      invoiceId: 'I1',
      amount: '-100',
      isCancelled: true,
    }
    expect(through(gate, [old, cancelled])).toEqual(['10000', undefined, true])
  })

  it('and closed again when the money went back', () => {
    const { moneyAt: _, ...back } = { ...paid('I1', '2026-02-02', '100'), moneyAt: '' }
    expect(through(gate, [old, paid('I1', '2026-02-01'), back])[2]).toBe(false)
  })

  it('an adjustment a year later looks at the end of the grace days, as the final settlement did', () => {
    const facts = [old, paid('I1', '2026-04-20')]
    const [, found] = through(gate, facts, { cutOff: '2026-04-06', graceDays: 5 })
    expect(through(gate, facts, { cutOff: '2027-01-01', graceDays: 5 })).toEqual(['0', found, false])
  })
})

describe('a collection gate pays by the time that money took', () => {
  const gate: Gate = {
    kind: 'collection',
    since: 'invoice',
    bands: [
      { to: '16', rate: '1' },
      { from: '16', to: '31', rate: '0.8' },
      { from: '31', to: '46', rate: '0.5' },
    ],
  }
  const one = issued('I1', '2026-01-10', '2026-02-10')

  it.each([
    ['2026-01-25', '10000', '15', true],
    ['2026-01-26', '8000', '16', false],
    ['2026-02-24', '5000', '45', false],
    ['2026-02-25', '0', '46', false],
  ])('paid on %s', (date, ...expected) => {
    expect(through(gate, [one, paid('I1', date)])).toEqual(expected)
  })

  it('the longest of the period counts, what is open by the moment, and nothing of another period', () => {
    const facts = [
      one,
      paid('I1', '2026-01-12'),
      issued('I2', '2026-03-20', '2026-04-20'),
      issued('I3', '2025-12-31', '2026-01-31'),
    ]
    expect(through(gate, facts, { cutOff: '2026-04-04' })).toEqual(['10000', '15', true])
    expect(through(gate, facts, { cutOff: '2026-04-05' })).toEqual(['8000', '16', false])
    expect(through(gate, [issued('I3', '2025-12-31', '2026-01-31')])).toEqual(['10000', undefined, true])
  })
})

describe('a score gate asks for the evaluation of the period', () => {
  const gate: Gate = { kind: 'score', evaluation: 'service', version: 2, score: '80', whenClosed: '0.25' }
  const scored = (score: string, change: object = {}): StandingFact => ({
    ...on('2026-04-02'),
    about: 'evaluation',
    evaluation: 'service',
    version: 2,
    calendarId: 'gregorian',
    periodId: '2026-Q1',
    score,
    ...change,
  })

  it('the newest of its version; without one it is closed and says so', () => {
    expect(through(gate, [scored('80')])).toEqual(['10000', '80', true])
    expect(through(gate, [scored('80'), scored('79.5', { position: '2' })])).toEqual(['2500', '79.5', false])
    expect(through(gate, [scored('90', { version: 1 }), scored('90', { periodId: '2025-Q4' })])).toEqual([
      '2500',
      undefined,
      false,
    ])
  })
})
