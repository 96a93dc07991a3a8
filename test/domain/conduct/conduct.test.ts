import { describe, expect, it } from 'vitest'
import { conductAggregate } from '../../../src/domain/conduct/conduct.ts'
import { conductRulesAggregate, evaluationAllowed } from '../../../src/domain/conduct/conductRules.ts'
import type { ConductEvent, ConductRulesEvent } from '../../../src/domain/conduct/events.ts'
import { given, someTime } from '../../support/decider.ts'

const shop = { companyId: 'maker', dealerId: 'shop' }
const hash = 'a'.repeat(64)
const display = { ...shop, evidenceId: 'E1', kind: 'display', documentHash: hash }
const recorded: ConductEvent = { type: 'EvidenceRecorded', data: { ...display, breaches: [] } }
const withdrawn: ConductEvent = {
  type: 'EvidenceWithdrawn',
  data: { ...shop, evidenceId: 'E1', kind: 'display', recordedAt: someTime },
}
const known = { given: { isDealer: true } }

describe('evidence', () => {
  it('is recorded once, under its id and with its document', () => {
    given(conductAggregate)
      .when({ type: 'RecordEvidence', ...display }, known)
      .then([recorded])
    given(conductAggregate, [recorded])
      .when({ type: 'RecordEvidence', ...display, kind: 'training' }, known)
      .thenRefused('object.exists')
    given(conductAggregate, [recorded])
      .when({ type: 'RecordEvidence', ...display, evidenceId: 'E2' }, known)
      .thenRefused('conduct.document_used', { evidenceId: 'E1' })
    given(conductAggregate, [recorded, withdrawn])
      .when({ type: 'RecordEvidence', ...display, evidenceId: 'E2' }, known)
      .then([{ type: 'EvidenceRecorded', data: { ...display, evidenceId: 'E2', breaches: [] } }])
  })

  it('is withdrawn once, with the time of what it was to prove', () => {
    given(conductAggregate, [recorded])
      .when({ type: 'WithdrawEvidence', dealerId: 'shop', evidenceId: 'E1' }, known)
      .then([withdrawn])
    given(conductAggregate)
      .when({ type: 'WithdrawEvidence', dealerId: 'shop', evidenceId: 'E1' }, known)
      .thenRefused('object.not_found')
  })

  it('is of a dealer: a stranger’s is refused, and of an import kept with what it breaks', () => {
    const stranger = { given: { isDealer: false } }
    given(conductAggregate)
      .when({ type: 'RecordEvidence', ...display }, stranger)
      .thenRefused('dealers.unknown')
    const [event] = given(conductAggregate)
      .when({ type: 'RecordEvidence', ...display }, { ...stranger, recorded: true })
      .events()
    expect(event?.data).toMatchObject({ breaches: [{ code: 'dealers.unknown' }] })
  })
})

const service = { evaluation: 'service', version: 1 }
const name = { en: 'Service' }
const score = { ...shop, ...service, calendarId: 'C', periodId: '2026-Q1', score: '80' }
const defined = (fromResalePrice: boolean): ConductRulesEvent => ({
  type: 'EvaluationDefined',
  data: { companyId: 'maker', ...service, name, fromResalePrice },
})
const policy = (resalePriceEnforcement: 'on' | 'off'): ConductRulesEvent => ({
  type: 'ResalePricePolicySet',
  data: { companyId: 'maker', resalePriceEnforcement, restsOn: 'an opinion' },
})

describe('an evaluation', () => {
  it('is defined version by version, and a version never changes', () => {
    const define = { type: 'DefineEvaluation', companyId: 'maker', ...service, name, fromResalePrice: false } as const
    given(conductRulesAggregate)
      .when(define)
      .then([defined(false)])
    given(conductRulesAggregate, [defined(false)])
      .when({ ...define, fromResalePrice: true })
      .thenRefused('object.exists')
    given(conductRulesAggregate)
      .when({ ...define, version: 2 })
      .thenRefused('conduct.version_order', { expected: 1, found: 2 })
  })

  it('is recorded for a period that is there, of a kind that is defined', () => {
    const command = { type: 'RecordEvaluation', ...score } as const
    given(conductAggregate)
      .when(command, { given: { isDealer: true, allowed: 'allowed', hasPeriod: true } })
      .then([{ type: 'EvaluationRecorded', data: { ...score, breaches: [] } }])
    given(conductAggregate)
      .when(command, { given: { isDealer: true, allowed: undefined, hasPeriod: true } })
      .thenRefused('conduct.unknown_evaluation')
    given(conductAggregate)
      .when(command, { given: { isDealer: true, allowed: 'allowed', hasPeriod: false } })
      .thenRefused('calendars.unknown_period')
  })

  it('from resale prices is kept only where the policy is on, imported or not', () => {
    const allowed = (...events: ConductRulesEvent[]) =>
      evaluationAllowed(given(conductRulesAggregate, events).state(), 'service', 1)
    expect([
      allowed(),
      allowed(defined(false)),
      allowed(defined(true)),
      allowed(defined(true), policy('on')),
      allowed(defined(true), policy('on'), policy('off')),
    ]).toEqual([undefined, 'allowed', 'resale_price', 'allowed', 'resale_price'])
    for (const recorded of [false, true])
      given(conductAggregate)
        .when(
          { type: 'RecordEvaluation', ...score },
          { recorded, given: { isDealer: true, allowed: 'resale_price', hasPeriod: true } },
        )
        .thenRefused('conduct.resale_price')
  })
})
