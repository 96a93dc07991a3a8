import { describe, it } from 'vitest'
import type { ViolationCommand } from '../../../src/domain/violations/commands.ts'
import type { ViolationEvent } from '../../../src/domain/violations/events.ts'
import { violationsAggregate } from '../../../src/domain/violations/violations.ts'
import { given } from '../../support/decider.ts'

const shown = '2026-01-10T00:00:00.000Z[UTC]'
const subject = { companyId: 'ACME', dealerId: 'D1', violationId: 'v-1', kind: 'ADVERTISED_BELOW_MAP' } as const
const judged = { derivesFromResale: false, repeatWithinDays: 90, explainWithinDays: 10 }
const evidence = [{ eventId: '00000000-0000-4000-8000-000000000001', role: 'observation' }]
const detected = (to = shown, more: Partial<DetectedData> = {}): ViolationEvent => ({
  type: 'ViolationDetected',
  data: {
    ...subject,
    policyVersion: 2,
    from: to,
    to,
    score: '0.1',
    figures: { price: '90' },
    evidence,
    ...judged,
    ...more,
  },
})
type DetectedData = Extract<ViolationEvent, { type: 'ViolationDetected' }>['data']
const notified: ViolationEvent = {
  type: 'ViolationNotified',
  data: { ...subject, notifiedBy: 'first', explainUntil: '2026-01-25T00:00:00.000Z[UTC]' },
}
const explained: ViolationEvent = { type: 'ViolationExplained', data: { ...subject, explanation: 'An old poster' } }
const confirmed: ViolationEvent = {
  type: 'ViolationConfirmed',
  data: { ...subject, confirmedBy: 'second', repeats: 0, derivesFromResale: false, counts: true },
}
const one = { dealerId: 'D1', violationId: 'v-1' }
const confirm: ViolationCommand = { type: 'ConfirmViolation', ...one }
const early = '2026-01-20T00:00:00.000Z[UTC]'
const late = '2026-01-25T00:00:00.000Z[UTC]'
const rules = { resaleCounts: false }

describe('a case', () => {
  it('is found once, however often the fact is judged', () => {
    const found = detected()
    const command = { type: 'DetectViolation', ...(found.data as DetectedData), quietDays: 30 } as const
    given(violationsAggregate)
      .when(command)
      .then([{ ...found, occurredAt: shown }])
    given(violationsAggregate, [found]).when(command).thenNothing()
  })

  it('of a window is the same case while it goes on, and another one after that', () => {
    const spike = (violationId: string, to: string) =>
      detected(to, { violationId, kind: 'ORDER_SPIKE', sku: 'BIKE' }) as ViolationEvent & { data: DetectedData }
    const again = spike('v-2', '2026-02-01T00:00:00.000Z[UTC]')
    const before = [spike('v-1', shown)]
    given(violationsAggregate, before)
      .when({ type: 'DetectViolation', ...again.data, quietDays: 30 })
      .thenNothing()
    given(violationsAggregate, before)
      .when({ type: 'DetectViolation', ...again.data, quietDays: 10 })
      .then([{ ...again, occurredAt: again.data.to }])
  })

  it('is put to the dealer, who has as long as the policy says', () => {
    given(violationsAggregate, [detected()])
      .when({ type: 'NotifyViolation', ...one }, { by: 'first', at: '2026-01-15T00:00:00.000Z[UTC]' })
      .then([notified])
  })

  it('is not decided before the dealer was heard or had the time', () => {
    const open = given(violationsAggregate, [detected(), notified])
    open.when(confirm, { by: 'second', at: early, given: rules }).thenRefused('violations.not_heard')
    open.when(confirm, { by: 'second', at: late, given: rules }).then([confirmed])
    given(violationsAggregate, [detected(), notified, explained])
      .when(confirm, { by: 'second', at: early, given: rules })
      .then([confirmed])
  })

  it('is decided by another person than who put it to the dealer', () => {
    const open = given(violationsAggregate, [detected(), notified, explained])
    open.when(confirm, { by: 'first', given: rules }).thenRefused('violations.second_person', { notifiedBy: 'first' })
    open
      .when({ type: 'DismissViolation', ...one, reason: 'mistake' }, { by: 'first' })
      .thenRefused('violations.second_person')
    open
      .when({ type: 'DismissViolation', ...one, reason: 'mistake' }, { by: 'second' })
      .then([{ type: 'ViolationDismissed', data: { ...subject, dismissedBy: 'second', reason: 'mistake' } }])
  })

  it('counts the confirmed ones of its kind in the window before it', () => {
    const old = (violationId: string, to: string): ViolationEvent[] => [
      detected(to, { violationId }),
      { type: 'ViolationConfirmed', data: { ...confirmed.data, violationId } },
    ]
    const history = [
      ...old('v-a', '2025-09-01T00:00:00.000Z[UTC]'),
      ...old('v-b', '2025-12-01T00:00:00.000Z[UTC]'),
      ...old('v-c', '2026-01-01T00:00:00.000Z[UTC]'),
      detected('2025-12-24T00:00:00.000Z[UTC]', { violationId: 'v-d' }),
    ]
    given(violationsAggregate, [...history, detected(), notified, explained])
      .when(confirm, { by: 'second', given: rules })
      .then([{ ...confirmed, data: { ...confirmed.data, repeats: 2 } }])
  })

  it('that derives from a resale price counts nowhere, unless the company has said that it may', () => {
    const history = [detected(shown, { derivesFromResale: true }), notified, explained]
    for (const resaleCounts of [false, true])
      given(violationsAggregate, history)
        .when(confirm, { by: 'second', given: { resaleCounts } })
        .then([
          {
            ...confirmed,
            data: { ...confirmed.data, derivesFromResale: true, counts: resaleCounts } as typeof confirmed.data,
          },
        ])
  })

  it('is remedied after it was confirmed, and closed after that', () => {
    const remedy = { type: 'RemedyViolation', ...one, remedy: 'taken-down' } as const
    given(violationsAggregate, [detected(), notified]).when(remedy).thenRefused('violations.not_open')
    given(violationsAggregate, [detected(), notified, confirmed])
      .when(remedy)
      .then([{ type: 'ViolationRemedied', data: { ...subject, remedy: 'taken-down' } }])
    const close = { type: 'CloseViolation', ...one } as const
    given(violationsAggregate, [detected(), notified, confirmed]).when(close).thenRefused('violations.not_open')
    given(violationsAggregate, [
      detected(),
      notified,
      confirmed,
      { type: 'ViolationRemedied', data: { ...subject, remedy: 'taken-down' } },
    ])
      .when(close)
      .then([{ type: 'ViolationClosed', data: subject }])
  })
})
