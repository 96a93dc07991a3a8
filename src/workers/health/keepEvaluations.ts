import { calendarAggregate, graceEnd } from '../../domain/calendars/decide.ts'
import { daysOf, periodById } from '../../domain/calendars/periodOf.ts'
import { healthModelAggregate, healthTermsOf, type HealthModelState } from '../../domain/health/healthModel.ts'
import { instantOf } from '../../domain/kernel/businessTime.ts'
import type { Aggregate } from '../../domain/kernel/decider.ts'
import type { ErrorCode } from '../../domain/kernel/errors.ts'
import type { Outcome } from '../../ledger/commands.ts'
import { scheduleMeta, type WorkContext } from '../context.ts'
import { processCommand, StepRefused } from '../processCommand.ts'
import { evaluateDealers, type EvaluationRun } from './evaluateDealers.ts'

const atOnce = 1_000
const dealersAtOnce = 100

/** How far the evaluation of a period has come: what it rests on stays the same from its first page to its last. */
interface Begun extends Pick<EvaluationRun, 'calendarId' | 'periodId' | 'watermark'> {
  readonly version: number
  /** the last dealer that had its turn; empty before the first */
  readonly after: string
}

interface Work {
  readonly companyId: string
  readonly models: HealthModelState
  readonly at: string
  readonly signal: AbortSignal | undefined
}

/** a person was first, or the company keeps no such score */
const expected: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'health.final',
  'conduct.unknown_evaluation',
  'conduct.resale_price',
])

/**
 * Evaluates all dealers of each company finally, once, when a period of its schedule and the days of grace are over. Where a run
 * stopped, whatever stopped it, it goes on by the position of the ledger and the version of the model that it began with.
 */
export async function keepEvaluations(context: WorkContext, at: string, signal?: AbortSignal): Promise<void> {
  const { handler, progress, store } = context
  for (const { subject: companyId } of await progress.due('health-model', Number.MAX_SAFE_INTEGER, atOnce)) {
    const models = await handler.load(healthModelAggregate, companyId)
    const work: Work = { companyId, models, at, signal }
    const done = new Set(
      (await progress.inGroup('evaluated', companyId, Number.MAX_SAFE_INTEGER)).map(({ subject }) => subject),
    )
    const [begun] = (await progress.inGroup('evaluating', companyId, 1)).map(({ subject }) => begunOf(subject))
    if (begun && !done.has(nameOf(begun)) && !(await evaluate(context, work, begun))) continue
    if (begun) done.add(nameOf(begun))
    for (const due of await duePeriods(context, work)) {
      if (signal?.aborted) return
      if (done.has(nameOf(due))) continue
      const first = { ...due, watermark: await store.head(), after: '' }
      if (!(await evaluate(context, work, first))) break
    }
  }
}

/** The periods whose turn has come by the newest version, the earliest first. */
async function duePeriods(
  { handler }: WorkContext,
  { models, at }: Work,
): Promise<readonly Pick<Begun, 'version' | 'calendarId' | 'periodId'>[]> {
  const newest = healthTermsOf(models)
  const schedule = newest?.terms.schedule
  if (!newest || !schedule) return []
  const { calendarId, grain, graceDays, from } = schedule
  const calendar = await handler.load(calendarAggregate, calendarId)
  if (!calendar.known) return []
  return calendar.periods
    .filter(
      ({ grain: own, start, endInstant }) =>
        own === grain &&
        start.slice(0, 10) >= from &&
        graceEnd({ endInstant, graceDays }, calendar.zone) <= instantOf(at),
    )
    .toSorted((a, b) => a.endInstant - b.endInstant)
    .map(({ periodId }) => ({ version: newest.version, calendarId, periodId }))
}

/** Page after page to the end. False when it was stopped, or the figures are not to be had yet: it goes on from there another time. */
async function evaluate(context: WorkContext, work: Work, begun: Begun): Promise<boolean> {
  const { handler, progress, health } = context
  const { companyId, models, at, signal } = work
  const { version, calendarId, periodId, watermark } = begun
  const model = healthTermsOf(models, version)
  const period = periodById(await handler.load(calendarAggregate, calendarId), periodId)
  if (!model || !period) throw new Error(`${companyId} was to be evaluated for ${nameOf(begun)}, which is not there`)
  const run: EvaluationRun = {
    companyId,
    calendarId,
    periodId,
    ...daysOf(period),
    model,
    isFinal: true,
    watermark,
    asOf: at,
  }
  const { from, until } = run
  await note(begun)
  for (let { after } = begun; ;) {
    if (signal?.aborted) return false
    const page = { limit: dealersAtOnce, ...(after !== '' && { after }) }
    const found = await health.figures({ terms: model.terms, from, until }, watermark, page)
    if (!found) return false
    const { refused } = await evaluateDealers(handler, run, found.dealers, give, signal)
    const wrong = refused.find(({ refusal }) => !expected.has(refusal.refused))
    if (wrong) throw new StepRefused(keyOf(wrong.dealerId), wrong.refusal)
    if (signal?.aborted) return false
    if (found.next === undefined) break
    after = found.next
    await note({ ...begun, after })
  }
  await progress.put({ kind: 'evaluated', group: companyId, subject: nameOf(begun), at: instantOf(at) })
  await forget()
  return true

  function give<C extends { type: string }, E extends { type: string; data: unknown }, S, G>(
    aggregate: Aggregate<C, E, S, G>,
    command: C,
    dealerId: string,
  ): Promise<Outcome> {
    const meta = scheduleMeta('health', at, `${companyId}/${periodId}`)
    return processCommand(handler, aggregate, command, keyOf(dealerId), meta)
  }

  function keyOf(dealerId: string): string {
    return `${companyId}/${calendarId}/${periodId}/${dealerId}`
  }

  /** The newer before the older goes: stopped in between, a page is done again and finds its events. */
  async function note(to: Begun): Promise<void> {
    const subject = subjectOf(to)
    await progress.put({ kind: 'evaluating', group: companyId, subject, at: instantOf(at) })
    await forget(subject)
  }

  async function forget(but?: string): Promise<void> {
    for (const { subject } of await progress.inGroup('evaluating', companyId, atOnce))
      if (subject !== but) await progress.forget('evaluating', companyId, subject)
  }
}

function nameOf({ calendarId, periodId }: Pick<Begun, 'calendarId' | 'periodId'>): string {
  return `${calendarId} ${periodId}`
}

// identifiers hold no blanks
function subjectOf({ version, calendarId, periodId, watermark, after }: Begun): string {
  return [version, calendarId, periodId, watermark, after].join(' ')
}

function begunOf(subject: string): Begun {
  const [version, calendarId = '', periodId = '', watermark = '0', after = ''] = subject.split(' ')
  return { version: Number(version), calendarId, periodId, watermark: BigInt(watermark), after }
}
