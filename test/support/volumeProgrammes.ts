import { calendarAggregate } from '../../src/domain/calendars/decide.ts'
import { periodById } from '../../src/domain/calendars/periodOf.ts'
import { businessTime } from '../../src/domain/kernel/businessTime.ts'
import type { Aggregate } from '../../src/domain/kernel/decider.ts'
import { programmeAggregate } from '../../src/domain/rebates/programme.ts'
import type { Terms } from '../../src/domain/rebates/terms.ts'
import type { CommandHandler } from '../../src/ledger/commands.ts'

export const tierKinds = ['marginal', 'all-units', 'rolling', 'total'] as const
export type TierKind = (typeof tierKinds)[number]

interface Tier {
  readonly from: string
  readonly to?: string
  readonly rate: string
}

/** 1 % from the first unit of money, 2 % and 3 % from two volumes on. */
export function tiersFrom(second: string, third: string): readonly [Tier, Tier, Tier] {
  return [
    { from: '0', to: second, rate: '0.01' },
    { from: second, to: third, rate: '0.02' },
    { from: third, rate: '0.03' },
  ]
}

export interface DuePeriod {
  readonly programmeId: TierKind
  readonly periodId: string
}

const calendarId = 'QUARTERS'
const begin = '2000-01-01T00:00:00.000Z[UTC]'
const day = 86_400_000

export function termsOf(payer: string, kind: TierKind, tiers: readonly Tier[]): Terms {
  return {
    version: 1,
    name: { en: `Quarterly volume, ${kind}` },
    payer,
    effectiveFrom: begin,
    eligibility: { kind: 'all' },
    products: {},
    basis: 'ordered',
    measure: 'net',
    returns: 'deduct',
    calendarId,
    grain: 'quarter',
    method: { kind, tiers: [...tiers] },
    rounding: { mode: 'half-up', level: 'settlement' },
    accrual: 'expected-value',
    outlet: 'credit_note',
    negativeInterim: 'carry',
    graceDays: 10,
    clawbackDays: 90,
  }
}

/** A programme of each tier shape over what all dealers ordered, and the quarters of the years closed: what there is to settle, and when. */
export async function setUpProgrammes(
  handler: CommandHandler,
  {
    companyId,
    years,
    zone,
    tiers,
  }: {
    readonly companyId: string
    readonly years: readonly number[]
    readonly zone: string
    readonly tiers: readonly Tier[]
  },
): Promise<{ readonly due: readonly DuePeriod[]; readonly at: string }> {
  const name = { en: 'Gregorian' }
  await run(calendarAggregate, { type: 'DefineCalendar', calendarId, name, kind: 'gregorian', zone })
  for (const year of years) await run(calendarAggregate, { type: 'OpenYear', calendarId, year, graceDays: 10 })
  for (const kind of tierKinds) {
    const draft = { programmeId: kind, companyId, terms: termsOf(companyId, kind, tiers) }
    await run(programmeAggregate, { type: 'DraftProgramme', ...draft })
    await run(programmeAggregate, { type: 'ActivateProgramme', programmeId: kind, version: 1 })
  }
  const quarters = years.flatMap((year) => [1, 2, 3, 4].map((quarter) => `${year}-Q${quarter}`))
  let at = begin
  for (const periodId of quarters) {
    const period = periodById(await handler.load(calendarAggregate, calendarId), periodId)
    if (!period) throw new Error(`there is no period ${periodId}`)
    at = businessTime(period.endInstant + 10 * day, zone)
    await run(calendarAggregate, { type: 'ClosePeriod', calendarId, periodId }, at)
  }
  return { due: tierKinds.flatMap((programmeId) => quarters.map((periodId) => ({ programmeId, periodId }))), at }

  async function run<C extends { type: string }, E extends { type: string; data: unknown }, S, G>(
    aggregate: Aggregate<C, E, S, G>,
    command: C,
    when = begin,
  ): Promise<void> {
    const meta = { at: when, actor: 'finance-1', source: { kind: 'command' }, correlationId: 'quarters' } as const
    const outcome = await handler.execute(aggregate, command, meta)
    if (!outcome.ok) throw new Error(`${command.type}: ${JSON.stringify(outcome.refusal)}`)
  }
}
