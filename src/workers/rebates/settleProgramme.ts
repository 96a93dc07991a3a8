import { createHash } from 'node:crypto'
import { calendarAggregate } from '../../domain/calendars/decide.ts'
import { nextOpenPeriod, periodById } from '../../domain/calendars/periodOf.ts'
import type { CalendarState, Period } from '../../domain/calendars/state.ts'
import { mapAtOnce } from '../../domain/kernel/mapAtOnce.ts'
import type { BasisFact } from '../../domain/rebates/basisFact.ts'
import { settlementId } from '../../domain/rebates/commands.ts'
import { explanationText } from '../../domain/rebates/explanation.ts'
import { dealerKey, factsByDealer } from '../../domain/rebates/factsByDealer.ts'
import { factsOf } from '../../domain/rebates/factsOf.ts'
import { factsQuery, type FactsQuery } from '../../domain/rebates/factsQuery.ts'
import { mayTakePart } from '../../domain/rebates/mayTakePart.ts'
import { programmeAggregate, termsFor, type ProgrammeState } from '../../domain/rebates/programme.ts'
import { isInScope } from '../../domain/rebates/productSet.ts'
import { settle } from '../../domain/rebates/settle.ts'
import { stackedFacts } from '../../domain/rebates/stackedFacts.ts'
import { standingByDealer, standingOf, standingQuery } from '../../domain/rebates/standing.ts'
import type { StandingFact } from '../../domain/rebates/standingFacts.ts'
import { needsTwo } from '../../domain/rebates/payable.ts'
import { settlementAggregate } from '../../domain/rebates/settlement.ts'
import { hasFinal, ownFigures, type SettlementState } from '../../domain/rebates/settlementState.ts'
import type { Terms } from '../../domain/rebates/terms.ts'
import { scheduleMeta } from '../context.ts'
import { policyOf, type WorkerPorts } from '../ports.ts'
import type { Outcome } from '../../ledger/commands.ts'
import { commandIdOf, processCommand } from '../processCommand.ts'
import type { DealerCurrency } from './rebateFacts.ts'

/** `accrual` estimates; the others settle. `final` needs the closed period, `adjustment` a final settlement before it. */
export type SettlementRunKind = 'accrual' | 'interim' | 'final' | 'adjustment'

export interface SettleProgramme {
  readonly programmeId: string
  readonly periodId: string
  readonly kind: SettlementRunKind
  /** business time of the run; facts of this instant or later are not in yet */
  readonly at: string
  /** position of the log up to which facts count; its head when absent */
  readonly watermark?: bigint
  /** only these; everybody with facts or accruals in the period when absent */
  readonly dealers?: readonly DealerCurrency[]
  readonly signal?: AbortSignal | undefined
  readonly onProgress?: (done: number, of: number) => void
}

export interface SettledProgramme {
  /** dealer-periods looked at, and those of them that wrote something */
  readonly dealerPeriods: number
  readonly changed: number
  /** Σ due of the calculations written, by currency, minor units; of accruals what was posted */
  readonly due: Readonly<Record<string, string>>
  /** dealer-periods that a rule refused */
  readonly refused: readonly (DealerCurrency & { readonly code: string })[]
  readonly watermark: bigint
}

/**
 * Dealer-periods whose facts are read together, and the most of one job. They go through all steps side by side, so that the reads
 * and appends of each step come to the store in a few round trips.
 */
export const dealerPeriodsAtOnce = 200
/** how often a dealer-period is worked out anew because somebody else wrote to it meanwhile */
const conflictLimit = 5

type Ports = Pick<WorkerPorts, 'store' | 'handler' | 'facts' | 'progress' | 'policy'>

/**
 * Estimates or settles what the dealers of one programme have earned in one period: for the schedule and the command line
 * alike. Every dealer-period is decided on its own stream under a key of (programme, dealer, currency, period, kind,
 * cut-off) and on the revision its figures rest on, so a run may be stopped, repeated and shared. Undefined when the
 * programme has no terms for the period. Throws `StoreUnavailable` and `NotNow`, and a RangeError for an unknown period.
 */
export async function settleProgramme(ports: Ports, run: SettleProgramme): Promise<SettledProgramme | undefined> {
  const { handler, facts, store } = ports
  const { programmeId, periodId, signal, onProgress } = run
  const scope = await scopeOf(handler, programmeId, periodId)
  if (scope === undefined) return undefined
  const watermark = run.watermark ?? (await store.head())
  const query = factsQuery(scope.programme, scope.terms, scope.period, watermark)
  const asked = standingQuery(query.companyId, scopeAt(scope, run.at, watermark))
  const dealers = run.dealers ?? (await dealersOf(ports, scope, query))
  const due: Record<string, bigint> = {}
  const refused: (DealerCurrency & { code: string })[] = []
  let done = 0
  let changed = 0
  for (let start = 0; start < dealers.length; start += dealerPeriodsAtOnce) {
    if (signal?.aborted) break
    const part = dealers.slice(start, start + dealerPeriodsAtOnce)
    const byDealer = factsByDealer(await facts.facts(query, part))
    const dealerIds = part.map(({ dealerId }) => dealerId)
    const standing = standingByDealer(asked ? await facts.standing(asked, dealerIds) : [])
    const outcomes = await mapAtOnce(part, dealerPeriodsAtOnce, async (one) => {
      if (signal?.aborted) return undefined
      const known = { facts: byDealer.get(dealerKey(one)) ?? [], standing: standing.get(one.dealerId) ?? [] }
      const outcome = await settleDealer(ports, run, scope, one, known, watermark)
      done += 1
      onProgress?.(done, dealers.length)
      return { ...one, outcome }
    })
    for (const { outcome, ...one } of outcomes.filter((settled) => settled !== undefined)) {
      if (outcome.kind === 'refused') refused.push({ ...one, code: outcome.code })
      if (outcome.kind !== 'changed') continue
      changed += 1
      due[one.currency] = (due[one.currency] ?? 0n) + outcome.due
    }
  }
  const sums = Object.fromEntries(Object.entries(due).map(([currency, sum]) => [currency, sum.toString()]))
  return { dealerPeriods: done, changed, due: sums, refused, watermark }
}

/**
 * Who has to be looked at, for a run that is cut into jobs; of a final run those that are not settled. Undefined as for
 * `settleProgramme`.
 */
export async function dealerPeriodsOf(
  ports: Ports,
  run: Pick<SettleProgramme, 'programmeId' | 'periodId' | 'kind' | 'at'> & { readonly watermark: bigint },
): Promise<readonly DealerCurrency[] | undefined> {
  const { programmeId, periodId, kind, at, watermark } = run
  const scope = await scopeOf(ports.handler, programmeId, periodId)
  if (scope === undefined) return undefined
  const query = factsQuery(scope.programme, scope.terms, scope.period, watermark)
  const dealers = await dealersOf(ports, scope, query)
  if (kind !== 'final') return dealers
  const open: DealerCurrency[] = []
  for (let start = 0; start < dealers.length; start += dealerPeriodsAtOnce) {
    const part = dealers.slice(start, start + dealerPeriodsAtOnce)
    const byDealer = factsByDealer(await ports.facts.facts(query, part))
    const isOpen = await mapAtOnce(part, dealerPeriodsAtOnce, async (one) => {
      const state = await ports.handler.load(settlementAggregate, settlementId({ programmeId, periodId, ...one }))
      if (hasFinal(state)) return false
      const counted = factsOf({ ...scope, cutOff: at, watermark }, byDealer.get(dealerKey(one)) ?? [])
      return !isBlank(state) || counted.some((fact) => isInScope(scope.terms, fact))
    })
    open.push(...part.filter((_, n) => isOpen[n]))
  }
  return open
}

interface Scope {
  readonly programmeId: string
  readonly programme: ProgrammeState
  readonly terms: Terms
  readonly calendar: Extract<CalendarState, { known: true }>
  readonly period: Period
}

async function scopeOf(handler: Ports['handler'], programmeId: string, periodId: string): Promise<Scope | undefined> {
  const programme = await handler.load(programmeAggregate, programmeId)
  const calendarId = programme.versions[0]?.calendarId
  if (calendarId === undefined) return undefined
  const calendar = await handler.load(calendarAggregate, calendarId)
  const period = periodById(calendar, periodId)
  if (!calendar.known || period === undefined) throw new RangeError(`no period ${periodId} in ${calendarId}`)
  const terms = termsFor(programme, period.startInstant)
  return terms && terms.grain === period.grain ? { programmeId, programme, terms, calendar, period } : undefined
}

/** With what a calculation is as of. */
function scopeAt(
  scope: Scope,
  cutOff: string,
  watermark: bigint,
): Scope & { readonly zone: string; readonly cutOff: string; readonly watermark: bigint } {
  return { ...scope, zone: scope.calendar.zone, cutOff, watermark }
}

/** Those with facts, and those with accruals or settlements, whose facts may be gone; as far as they may take part. */
async function dealersOf(
  { handler, facts, progress }: Ports,
  { programmeId, programme, terms, period, calendar }: Scope,
  query: FactsQuery,
): Promise<readonly DealerCurrency[]> {
  const seen = await progress.inGroup('dealer-period', `${programmeId} ${period.periodId}`, Number.MAX_SAFE_INTEGER)
  const before = seen.map(({ subject }) => {
    const [dealerId = '', currency = ''] = subject.split(' ')
    return { dealerId, currency }
  })
  const known = new Set(before.map(dealerKey))
  const found = (await facts.dealers(query)).filter((one) => !known.has(dealerKey(one)))
  const ids = [...new Set(found.map(({ dealerId }) => dealerId))]
  const may = await mapAtOnce(ids, dealerPeriodsAtOnce, async (dealerId) =>
    mayTakePart(handler.load, programme, terms, dealerId, period.endInstant, calendar.zone),
  )
  const eligible = new Set(ids.filter((_, n) => may[n]))
  return [...before, ...found.filter(({ dealerId }) => eligible.has(dealerId))]
    .filter(({ currency }) => terms.currencies?.includes(currency) ?? true)
    .sort((a, b) => (dealerKey(a) < dealerKey(b) ? -1 : 1))
}

type DealerOutcome =
  | { readonly kind: 'unchanged' }
  | { readonly kind: 'changed'; readonly due: bigint }
  | { readonly kind: 'refused'; readonly code: string }

async function settleDealer(
  { handler, policy }: Ports,
  { kind, at }: SettleProgramme,
  scope: Scope,
  { dealerId, currency }: DealerCurrency,
  known: { readonly facts: readonly BasisFact[]; readonly standing: readonly StandingFact[] },
  watermark: bigint,
): Promise<DealerOutcome> {
  const { programmeId, terms, period, calendar } = scope
  const identity = { programmeId, dealerId, currency, periodId: period.periodId }
  const request = { ...identity, ...scopeAt(scope, at, watermark) }
  const counted = await stackedFacts(handler.load, request, known.facts)
  const standing = standingOf(request, known.standing)
  const id = settlementId(identity)
  const key = `${id}/${kind}/${at}`
  const cut = { cutOff: at, watermark: watermark.toString() }
  for (let tries = 1; ; tries += 1) {
    const { state, revision } = await handler.loadWithRevision(settlementAggregate, id)
    if (hasFinal(state) !== (kind === 'adjustment')) return { kind: 'unchanged' }
    if (isBlank(state) && !counted.some((fact) => isInScope(terms, fact))) return { kind: 'unchanged' }
    const { calculation, due, explanation } = settle({
      programmeId,
      terms,
      currency,
      facts: counted,
      standing,
      ...ownFigures(state, terms, period, at),
      prior: state.prior,
    })
    const meta = { ...scheduleMeta('rebates', at, key), expectedRevision: revision }
    if (kind === 'accrual') {
      const estimate = calculation.earned.startsWith('-') ? '0' : calculation.earned
      const command = { type: 'PostAccrual', ...identity, ...cut, volume: calculation.volume, estimate } as const
      const outcome = await processCommand(handler, settlementAggregate, command, key, meta)
      if (!outcome.ok && outcome.refusal.refused === 'revision.conflict' && tries < conflictLimit) continue
      if (!outcome.ok) return { kind: 'refused', code: outcome.refusal.refused }
      return outcome.events.length === 0 ? { kind: 'unchanged' } : { kind: 'changed', due }
    }
    const postedIn = kind === 'adjustment' ? nextOpenPeriod(calendar, period)?.periodId : undefined
    const command = {
      type: 'CalculateSettlement' as const,
      ...identity,
      ...cut,
      kind,
      calculation,
      due: due.toString(),
      explanationHash: createHash('sha256').update(explanationText(explanation)).digest('hex'),
      ...(postedIn !== undefined && { postedIn }),
    }
    const calculating = processCommand(handler, settlementAggregate, command, key, meta)
    const approve = async (settlementNo: number, after?: string): Promise<Outcome> => {
      const approval = { type: 'ApproveSettlement', ...identity, settlementNo } as const
      const how = { ...scheduleMeta('rebates', at, key), ...(after !== undefined && { after }) }
      return processCommand(handler, settlementAggregate, approval, `${key}/approve`, how)
    }
    const isApproved = policyOf({ ...(policy && { policy }) }).approveSettlements && !needsTwo(terms, currency, due)
    // in the same breath, so that both are one append: it counts only right behind this very calculation
    const approving = isApproved
      ? approve(state.settlements.length + 1, commandIdOf('rebates', command.type, key))
      : undefined
    const [calculated, approvedWith] = await Promise.all([calculating, approving])
    if (!calculated.ok && calculated.refusal.refused === 'revision.conflict' && tries < conflictLimit) continue
    if (!calculated.ok) return { kind: 'refused', code: calculated.refusal.refused }
    const [event] = calculated.events
    if (event === undefined) return { kind: 'unchanged' }
    if (approvedWith?.ok === false) {
      const { settlementNo } = event.data as { settlementNo: number } // a SettlementCalculated
      const approved = await approve(settlementNo)
      // what a dealer that has exited is owed is for people to decide
      if (!approved.ok && approved.refusal.refused !== 'rebates.dealer_exited')
        return { kind: 'refused', code: approved.refusal.refused }
    }
    return calculated.replayed ? { kind: 'unchanged' } : { kind: 'changed', due }
  }
}

/** Nothing was ever estimated or settled. */
function isBlank({ settlements, accrued }: SettlementState): boolean {
  return settlements.length === 0 && accrued === '0'
}
