import { calendarAggregate } from '../../domain/calendars/decide.ts'
import { instantOf } from '../../domain/kernel/businessTime.ts'
import { programmeAggregate, termsFor } from '../../domain/rebates/programme.ts'
import type { WorkContext } from '../context.ts'
import { policyOf } from '../ports.ts'
import { settleProgramme, type SettlementRunKind } from './settleProgramme.ts'

const atOnce = 1_000
const day = 86_400_000

/** One run that is due. */
export interface DueRun {
  readonly programmeId: string
  readonly periodId: string
  readonly kind: SettlementRunKind
}

/** Runs what is due of every programme, one after another. */
export async function keepRebates(context: WorkContext, at: string, signal?: AbortSignal): Promise<void> {
  await planRebates(context, at, async (run) => {
    const settled = await settleProgramme(context, { ...run, at, signal })
    return !signal?.aborted && (settled?.refused.length ?? 0) === 0
  })
}

/**
 * What is due of each programme whose turn has come: final settlements of periods that are closed and past their grace,
 * then adjustments of those settled before, for late facts and returns (domain.md §2.0); accruals of the periods that are
 * not settled finally. `execute` says whether a run was done, or is sure to be; only then a period counts as settled.
 */
export async function planRebates(
  context: Pick<WorkContext, 'handler' | 'progress' | 'policy'>,
  at: string,
  execute: (run: DueRun) => Promise<boolean>,
): Promise<void> {
  const { handler, progress } = context
  const now = instantOf(at)
  const { accrueEvery } = policyOf(context)
  for (const entry of await progress.due('programme', now, atOnce)) {
    const programmeId = entry.subject
    const programme = await handler.load(programmeAggregate, programmeId)
    const calendarId = programme.versions[0]?.calendarId
    if (programme.status !== 'active' || calendarId === undefined) continue
    const calendar = await handler.load(calendarAggregate, calendarId)
    if (!calendar.known) continue
    const marks = await progress.inGroup('settled', programmeId, Number.MAX_SAFE_INTEGER)
    const settled = new Set(marks.map(({ subject }) => subject))
    const open = calendar.periods.flatMap((period) => {
      const terms = termsFor(programme, period.startInstant)
      return terms?.grain === period.grain && period.startInstant <= now ? [{ period, terms }] : []
    })
    let isDone = true
    let isFinal = false
    const finished: string[] = []
    for (const { period, terms } of open) {
      const { periodId } = period
      if (settled.has(periodId)) continue
      const isDue = period.closedBy !== null && now >= period.endInstant + terms.graceDays * day
      const kind = isDue ? 'final' : 'accrual'
      const done = await execute({ programmeId, periodId, kind })
      isDone &&= done
      isFinal ||= isDue
      if (isDue && done) finished.push(periodId)
    }
    // once per period is enough: late facts are posted in a period, not on a day
    for (const { period, terms } of isFinal ? open : []) {
      const isWithin = now <= period.endInstant + (terms.graceDays + terms.clawbackDays + longestPeriodDays) * day
      if (!settled.has(period.periodId) || !isWithin) continue
      // whose first fact of the period came late has no final settlement to adjust
      for (const kind of ['final', 'adjustment'] as const)
        isDone = (await execute({ programmeId, periodId: period.periodId, kind })) && isDone
    }
    // only now: whoever is stopped before it finds the finals still due, and the adjustments with them
    for (const subject of finished) await progress.put({ kind: 'settled', group: programmeId, subject, at: now })
    if (isDone) await progress.put({ ...entry, at: nextSlot(now, accrueEvery) })
  }
}

/** a year of 53 weeks */
const longestPeriodDays = 371

function nextSlot(now: number, every: number): number {
  return (Math.floor(now / every) + 1) * every
}
