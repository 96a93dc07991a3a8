import { describe, expect, it } from 'vitest'
import type { CalendarState } from '../../../src/domain/calendars/state.ts'
import { nextStatement, reconciliationAggregate } from '../../../src/domain/reconciliation/chain.ts'
import type { ReconciliationCommand } from '../../../src/domain/reconciliation/commands.ts'
import type { ReconciliationEvent } from '../../../src/domain/reconciliation/events.ts'
import { given } from '../../support/decider.ts'

type Command<Name extends ReconciliationCommand['type']> = Extract<ReconciliationCommand, { type: Name }>

const of = { companyId: 'maker', dealerId: 'dealer', currency: 'USD' }
const at = '2026-04-10T00:00:00.000Z[UTC]'
const [january, february, march] = ['2026-02-01', '2026-03-01', '2026-04-01'].map(
  (day) => `${day}T00:00:00.000Z[UTC]`,
) as [string, string, string]
const period = (periodId: string, start: string, end: string, closedBy: string | null) => ({
  periodId,
  grain: 'month' as const,
  start,
  end,
  startInstant: Date.parse(start.slice(0, 24)),
  endInstant: Date.parse(end.slice(0, 24)),
  graceDays: 5,
  closedBy,
})
const calendar: CalendarState = {
  known: true,
  calendarId: 'FISCAL',
  kind: 'gregorian',
  zone: 'UTC',
  name: { en: 'Fiscal' },
  periods: [
    period('2026-01', '2026-01-01T00:00:00.000Z[UTC]', january, 'closed'),
    period('2026-02', january, february, 'closed'),
    period('2026-03', february, march, null),
  ],
}
const hash = (digit: string): string => digit.repeat(64)

type Figures = NonNullable<Command<'PublishStatement'>['figures']>
const first: Figures = {
  statementNo: 1,
  version: 1,
  from: '2026-01-01T00:00:00.000Z[UTC]',
  until: january,
  prior: '100',
  watermark: '100',
  opening: '500',
  closing: '700',
  lineCount: 1,
  totals: [{ kind: 'invoice', count: 1, effect: '200' }],
  fingerprint: hash('1'),
}
const second: Figures = {
  ...first,
  statementNo: 2,
  from: january,
  until: february,
  watermark: '200',
  opening: '700',
  closing: '700',
  lineCount: 0,
  totals: [],
  fingerprint: hash('2'),
}
const inPeriod = { calendarId: 'FISCAL', periodId: '2026-01' }
const published = (figures: Figures, periodId = '2026-01'): ReconciliationEvent => ({
  type: 'StatementPublished',
  data: { ...of, calendarId: 'FISCAL', periodId, ...figures },
})
const publish = (figures: Figures | null, more: Partial<Command<'PublishStatement'>> = {}) =>
  ({ type: 'PublishStatement', ...of, ...inPeriod, restate: false, figures, ...more }) as Command<'PublishStatement'>
const now = { at, given: calendar }

const [lineA, lineB] = ['00000000-0000-7000-8000-00000000000a', '00000000-0000-7000-8000-00000000000b']
const byDealer = { ...of, statementNo: 1, side: 'dealer' } as const
const byMaker = { ...of, statementNo: 1, side: 'manufacturer' } as const
const said = {
  ...byDealer,
  disputeId: 'd-1',
  lineId: lineA,
  effect: '200',
  claimed: '150',
  reason: 'amount',
} as const
const disputed: ReconciliationEvent = { type: 'StatementLineDisputed', data: { ...said, version: 1 } }

describe('a chain of statements', () => {
  it('begins with a closed period, or a cut-off that is past', () => {
    given(reconciliationAggregate)
      .when(publish(first), now)
      .then([published(first)])
    given(reconciliationAggregate)
      .when(publish(first, { periodId: '2026-03' }), now)
      .thenRefused('reconciliation.period_open')
    const later = { calendarId: undefined, periodId: undefined, until: '2026-05-01T00:00:00.000Z[UTC]' }
    given(reconciliationAggregate).when(publish(null, later), now).thenRefused('reconciliation.not_over')
  })

  it('goes on where it closed: the next statement opens there and knows what the last one knew', () => {
    const { state } = given(reconciliationAggregate, [published(first)])
    expect(nextStatement(state(), { periodId: '2026-02', restate: false }, calendar, at)).toEqual({
      statementNo: 2,
      version: 1,
      from: january,
      until: february,
      prior: '100',
      opening: '700',
    })
    const chain = given(reconciliationAggregate, [published(first)])
    const next = { periodId: '2026-02' }
    chain.when(publish(second, next), now).then([published(second, '2026-02')])
    const otherOpening = { ...second, opening: '0', closing: '0' }
    chain.when(publish(otherOpening, next), now).thenRefused('reconciliation.outdated')
    chain.when(publish({ ...second, from: first.from }, next), now).thenRefused('reconciliation.outdated')
    chain.when(publish({ ...second, closing: '701' }, next), now).thenRefused('reconciliation.figures_invalid')
    chain.when(publish({ ...second, watermark: '99' }, next), now).thenRefused('reconciliation.figures_invalid')
  })

  it('has one statement of a period; only a restatement makes another version, with the same opening', () => {
    const chain = given(reconciliationAggregate, [published(first)])
    chain.when(publish({ ...first, watermark: '300', fingerprint: hash('9') }), now).thenNothing()
    const again: Figures = { ...first, version: 2, watermark: '300', fingerprint: hash('9') }
    chain.when(publish(again, { restate: true }), now).then([published(again)])
    chain
      .when(publish({ ...again, opening: '0', closing: '200' }, { restate: true }), now)
      .thenRefused('reconciliation.outdated')
  })

  it('is not restated once a later one is published or both sides have confirmed it', () => {
    given(reconciliationAggregate, [published(first), published(second, '2026-02')])
      .when(publish(null, { restate: true }), now)
      .thenRefused('reconciliation.later_published')
    const confirmed = (side: 'dealer' | 'manufacturer'): ReconciliationEvent => ({
      type: 'StatementConfirmed',
      data: { ...of, statementNo: 1, version: 1, side, fingerprint: first.fingerprint },
    })
    given(reconciliationAggregate, [published(first), confirmed('dealer'), confirmed('manufacturer')])
      .when(publish(null, { restate: true }), now)
      .thenRefused('reconciliation.confirmed')
  })
})

describe('what both sides say of a statement', () => {
  const chain = given(reconciliationAggregate, [published(first)])
  const lines = [
    { lineId: lineA, effect: '200' },
    { lineId: lineB, effect: '0' },
  ]

  it('is nothing where there is no statement', () => {
    given(reconciliationAggregate)
      .when({ type: 'ConfirmStatement', ...byDealer, fingerprint: hash('1') }, now)
      .thenRefused('object.not_found')
  })

  it('confirms lines, each once by each side', () => {
    const event = (side: 'dealer' | 'manufacturer', of: typeof lines): ReconciliationEvent => ({
      type: 'StatementLinesConfirmed',
      data: { ...byDealer, side, version: 1, lines: of },
    })
    chain.when({ type: 'ConfirmStatementLines', ...byDealer, lines }, now).then([event('dealer', lines)])
    const after = given(reconciliationAggregate, [published(first), event('dealer', lines.slice(0, 1))])
    after.when({ type: 'ConfirmStatementLines', ...byDealer, lines }, now).then([event('dealer', lines.slice(1))])
    after.when({ type: 'ConfirmStatementLines', ...byMaker, lines }, now).then([event('manufacturer', lines)])
  })

  it('disputes a line, or that something is missing; a disputed line is not confirmed, nor the whole', () => {
    chain.when({ type: 'DisputeStatementLine', ...said }, now).then([disputed])
    const missing = { disputeId: 'd-2', claimed: '-900', reason: 'missing', reference: 'BANK-77' } as const
    chain
      .when({ type: 'DisputeStatementLine', ...byDealer, ...missing }, now)
      .then([{ type: 'StatementLineDisputed', data: { ...byDealer, version: 1, ...missing } }])
    const after = given(reconciliationAggregate, [published(first), disputed])
    after.when({ type: 'ConfirmStatementLines', ...byDealer, lines }, now).thenRefused('reconciliation.disputed')
    after
      .when({ type: 'ConfirmStatement', ...byMaker, fingerprint: hash('1') }, now)
      .thenRefused('reconciliation.disputes_open', { disputes: 1 })
    after
      .when({ type: 'DisputeStatementLine', ...said, disputeId: 'd-3' }, now)
      .thenRefused('reconciliation.disputed', { disputeId: 'd-1' })
  })

  it('settles a dispute: the manufacturer answers, who raised it withdraws', () => {
    const after = given(reconciliationAggregate, [published(first), disputed])
    const settle = (side: 'dealer' | 'manufacturer', outcome: 'accepted' | 'rejected' | 'withdrawn') =>
      ({
        type: 'SettleStatementDispute',
        ...of,
        statementNo: 1,
        side,
        disputeId: 'd-1',
        outcome,
        ...(outcome === 'accepted' && { document: 'CN-7' }),
      }) as const
    after.when(settle('dealer', 'rejected'), now).thenRefused('reconciliation.other_side')
    after.when(settle('manufacturer', 'withdrawn'), now).thenRefused('reconciliation.other_side')
    const answered: ReconciliationEvent = {
      type: 'StatementDisputeSettled',
      data: { ...of, statementNo: 1, disputeId: 'd-1', outcome: 'accepted', document: 'CN-7' },
    }
    after.when(settle('manufacturer', 'accepted'), now).then([answered])
    const later = given(reconciliationAggregate, [published(first), disputed, answered])
    later.when(settle('dealer', 'withdrawn'), now).thenRefused('reconciliation.settled')
    later.when({ type: 'ConfirmStatement', ...byDealer, fingerprint: hash('1') }, now).then([
      {
        type: 'StatementConfirmed',
        data: { ...of, statementNo: 1, version: 1, side: 'dealer', fingerprint: hash('1') },
      },
    ])
  })

  it('confirms the whole by the fingerprint of its newest version only', () => {
    const again: Figures = { ...first, version: 2, fingerprint: hash('9') }
    given(reconciliationAggregate, [published(first), published(again)])
      .when({ type: 'ConfirmStatement', ...byDealer, fingerprint: hash('1') }, now)
      .thenRefused('reconciliation.other_fingerprint', { version: 2 })
  })
})
