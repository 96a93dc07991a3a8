import { calendarAggregate } from '../../../domain/calendars/decide.ts'
import { periodById } from '../../../domain/calendars/periodOf.ts'
import type { Period } from '../../../domain/calendars/state.ts'
import { businessTime, type Instant } from '../../../domain/kernel/businessTime.ts'
import type { Load } from '../../../domain/kernel/decider.ts'
import { mapAtOnce } from '../../../domain/kernel/mapAtOnce.ts'
import { sameData } from '../../../domain/kernel/sameData.ts'
import type { BasisFact } from '../../../domain/rebates/basisFact.ts'
import { settlementId } from '../../../domain/rebates/commands.ts'
import type { ExplanationNode } from '../../../domain/rebates/explanation.ts'
import { dealerKey, factsByDealer } from '../../../domain/rebates/factsByDealer.ts'
import { factsQuery, type FactsQuery } from '../../../domain/rebates/factsQuery.ts'
import { mayTakePart } from '../../../domain/rebates/mayTakePart.ts'
import { programmeAggregate, termsFor, type ProgrammeState } from '../../../domain/rebates/programme.ts'
import { settle } from '../../../domain/rebates/settle.ts'
import { settlementAggregate } from '../../../domain/rebates/settlement.ts'
import { ownFigures, type SettlementState } from '../../../domain/rebates/settlementState.ts'
import { stackedFacts } from '../../../domain/rebates/stackedFacts.ts'
import { standingByDealer, standingOf, standingQuery } from '../../../domain/rebates/standing.ts'
import type { StandingQuery } from '../../../domain/rebates/standingFacts.ts'
import { stackingAggregate } from '../../../domain/rebates/stacking.ts'
import type { StackingClass, Terms } from '../../../domain/rebates/terms.ts'
import type { openRebateFacts } from './rebateFacts.ts'

/** What would be different. Nothing of it is written anywhere. */
export interface Draft {
  /** of a programme that is there, or of a new one: these terms from their `effectiveFrom` on; without terms: as if it had never been */
  readonly programmes: readonly { readonly programmeId: string; readonly terms?: Terms | undefined }[]
  /** of a group: this order, at any time */
  readonly stacking: readonly {
    readonly groupId: string
    readonly programmes: readonly { readonly programmeId: string; readonly class: StackingClass }[]
  }[]
  /** dealers that were members all the time, or never */
  readonly members: readonly { readonly programmeId: string; readonly dealerId: string; readonly isMember: boolean }[]
}

export interface WhatIfRequest {
  readonly draft: Draft
  readonly companyId: string
  readonly periodIds: readonly string[]
  /** facts up to here count, in the order of the log and of time */
  readonly watermark: bigint
  readonly now: Instant
  readonly signal?: AbortSignal
  /** of the periods of each programme that the draft touches */
  readonly onProgress?: (done: number, of: number) => void
}

/** Minor units of the currency, as it is and as it would be. */
interface Compared {
  readonly currency: string
  readonly now: string
  readonly then: string
  readonly difference: string
}

export interface WhatIfAnswer {
  readonly totals: readonly Compared[]
  readonly programmes: readonly (Compared & { readonly programmeId: string })[]
  /** those with a difference, the largest first */
  readonly dealers: readonly (Compared & { readonly dealerId: string })[]
  /** the largest differences, each with what it was made of before and after, down to the tiers */
  readonly changes: readonly (Compared & {
    readonly programmeId: string
    readonly dealerId: string
    readonly periodId: string
    readonly before: ExplanationNode | null
    readonly after: ExplanationNode | null
  })[]
}

interface Ports {
  readonly load: Load
  readonly facts: ReturnType<typeof openRebateFacts>
}

interface Outcome {
  readonly programmeId: string
  readonly dealerId: string
  readonly currency: string
  readonly periodId: string
  readonly earned: bigint
  readonly tree: ExplanationNode
}

/** A programme in a period, on the ledger as it is or as it would be. */
interface Side {
  readonly load: Load
  readonly programmeId: string
  readonly programme: ProgrammeState
  readonly terms: Terms
  readonly period: Period
  readonly zone: string
  readonly query: FactsQuery
  /** what gates look at beside the volume, where they do */
  readonly asked: StandingQuery | undefined
  readonly cutOff: string
}

type DealerCurrency = Pick<BasisFact, 'dealerId' | 'currency'>
type StandingByDealer = ReturnType<typeof standingByDealer>

/** dealer-periods whose facts and states are read together */
const atOnce = 200
const shownDealers = 1_000
const shownChanges = 10

/**
 * The same calculation twice, on the ledger as it is and as it would be with the draft, over real history: what each dealer would have
 * earned, without what was paid. Throws a RangeError for a period that the calendar does not have.
 */
export async function whatIf({ load, facts }: Ports, request: WhatIfRequest): Promise<WhatIfAnswer> {
  const { watermark, signal, onProgress } = request
  const periodIds = [...new Set(request.periodIds)].toSorted()
  const drafted = withDraft(load, request)
  const ids = await affected(load, request.draft)
  const pairs: Pair[] = []
  for (const [n, programmeId] of ids.entries())
    for (const [m, periodId] of periodIds.entries()) {
      pairs.push(...(await pairsOf(programmeId, periodId)))
      onProgress?.(n * periodIds.length + m + 1, ids.length * periodIds.length)
    }
  return {
    totals: compared(pairs, () => '').map(({ of: _all, ...one }) => one),
    programmes: compared(pairs, ({ programmeId }) => programmeId).map(({ of, ...one }) => ({
      programmeId: of,
      ...one,
    })),
    dealers: byDifference(compared(pairs, ({ dealerId }) => dealerId).filter(({ difference }) => difference !== '0'))
      .slice(0, shownDealers)
      .map(({ of, ...one }) => ({ dealerId: of, ...one })),
    changes: byDifference(pairs.map(changeOf).filter(({ difference }) => difference !== '0')).slice(0, shownChanges),
  }

  /** Every dealer of a programme and period, in order; who earns neither now nor then is left out. */
  async function pairsOf(programmeId: string, periodId: string): Promise<readonly Pair[]> {
    const now = await sideOf(load, programmeId, periodId)
    const then = await sideOf(drafted, programmeId, periodId)
    const dealers = new Map<string, DealerCurrency>()
    for (const side of [now, then])
      for (const one of side ? await facts.dealers(side.query) : []) dealers.set(dealerKey(one), one)
    const all = [...dealers.values()].toSorted((a, b) => (dealerKey(a) < dealerKey(b) ? -1 : 1))
    const found: Pair[] = []
    for (let start = 0; start < all.length; start += atOnce) {
      const part = all.slice(start, start + atOnce)
      const ofNow = now && factsByDealer(await facts.facts(now.query, part))
      // mostly the same question
      const same = now && then && sameData(now.query, then.query)
      const ofThen = then && (same ? ofNow : factsByDealer(await facts.facts(then.query, part)))
      const standingNow = await standingFor(now, part)
      const standingThen = await standingFor(then, part)
      const compared = await mapAtOnce(part, atOnce, async (one) => {
        signal?.throwIfAborted()
        const settlement = await load(settlementAggregate, settlementId({ programmeId, periodId, ...one }))
        const before = now && (await outcomeOf(now, one, settlement, ofNow?.get(dealerKey(one)), standingNow))
        const after = then && (await outcomeOf(then, one, settlement, ofThen?.get(dealerKey(one)), standingThen))
        return { before, after }
      })
      found.push(...compared.filter(({ before, after }) => before ?? after))
    }
    return found
  }

  async function standingFor(side: Side | undefined, part: readonly DealerCurrency[]): Promise<StandingByDealer> {
    const dealerIds = part.map(({ dealerId }) => dealerId)
    return standingByDealer(side?.asked ? await facts.standing(side.asked, dealerIds) : [])
  }

  async function sideOf(from: Load, programmeId: string, periodId: string): Promise<Side | undefined> {
    const programme = await from(programmeAggregate, programmeId)
    const calendarId = programme.versions[0]?.calendarId
    if (calendarId === undefined) return undefined
    const calendar = await from(calendarAggregate, calendarId)
    const period = periodById(calendar, periodId)
    if (!calendar.known || !period) throw new RangeError(`no period ${periodId} in ${calendarId}`)
    const terms = termsFor(programme, period.startInstant)
    if (terms?.grain !== period.grain) return undefined
    const query = factsQuery(programme, terms, period, watermark)
    const { zone } = calendar
    const cutOff = businessTime(request.now, zone)
    const asked = standingQuery(programme.companyId, { terms, period, zone, cutOff, watermark })
    return { load: from, programmeId, programme, terms, period, zone, query, asked, cutOff }
  }

  /** Undefined for a dealer without facts there, or that may not take part. */
  async function outcomeOf(
    { query: _query, asked: _asked, load: from, ...side }: Side,
    { dealerId, currency }: DealerCurrency,
    settlement: SettlementState,
    known: readonly BasisFact[] = [],
    standings: StandingByDealer = new Map(),
  ): Promise<Outcome | undefined> {
    const { programmeId, programme, terms, period, zone, cutOff } = side
    if (known.length === 0 || !(terms.currencies?.includes(currency) ?? true)) return undefined
    if (!(await mayTakePart(from, programme, terms, dealerId, period.endInstant, zone))) return undefined
    const identity = { programmeId, dealerId, currency, periodId: period.periodId }
    const seen = await stackedFacts(from, { ...side, ...identity, watermark }, known)
    const figures = ownFigures(settlement, terms, period, cutOff)
    const standing = standingOf({ ...side, watermark }, standings.get(dealerId) ?? [])
    const request = { programmeId, terms, currency, facts: seen, standing, ...figures, prior: [] }
    const { calculation, explanation } = settle(request)
    return { ...identity, earned: BigInt(calculation.earned), tree: withoutLines(explanation) }
  }
}

/** The ledger as it would be. */
function withDraft(load: Load, { draft, companyId }: WhatIfRequest): Load {
  const always = '0001-01-01T00:00:00.000Z[UTC]'
  return (async (aggregate: Parameters<Load>[0], id: string) => {
    const state = await load(aggregate, id)
    if (aggregate === programmeAggregate) return programmeWith(state as ProgrammeState, id)
    if (aggregate !== stackingAggregate) return state
    const order = draft.stacking.find(({ groupId }) => groupId === id)
    return order ? { versions: [{ version: 1, effectiveFrom: always, programmes: order.programmes }] } : state
  }) as Load // each aggregate gets a state of its own

  function programmeWith(state: ProgrammeState, id: string): ProgrammeState {
    const drafted = draft.programmes.find(({ programmeId }) => programmeId === id)
    const moved = draft.members.filter(({ programmeId }) => programmeId === id)
    const memberships = moved.map(({ dealerId, isMember }) => [dealerId, isMember ? [{ from: always }] : []] as const)
    const members = { ...state.members, ...Object.fromEntries(memberships) }
    if (!drafted) return { ...state, members }
    if (!drafted.terms) return programmeAggregate.initialState
    const base = state.status === 'active' ? state : { ...state, companyId, versions: [] }
    return { ...base, status: 'active', versions: [...base.versions, drafted.terms], members }
  }
}

/** Those that the draft names, and those of the groups in which these stand. */
async function affected(load: Load, draft: Draft): Promise<readonly string[]> {
  const named = new Set([...draft.programmes, ...draft.members].map(({ programmeId }) => programmeId))
  const groups = new Set(draft.stacking.map(({ groupId }) => groupId))
  for (const id of named) {
    const { versions } = await load(programmeAggregate, id)
    const drafts = draft.programmes.flatMap(({ programmeId, terms }) => (programmeId === id && terms ? [terms] : []))
    for (const { stackingGroup } of [...versions, ...drafts]) if (stackingGroup !== undefined) groups.add(stackingGroup)
  }
  for (const groupId of groups) {
    const { versions } = await load(stackingAggregate, groupId)
    const orders = [...versions, ...draft.stacking.filter((one) => one.groupId === groupId)]
    for (const { programmes } of orders) for (const { programmeId } of programmes) named.add(programmeId)
  }
  return [...named].toSorted()
}

interface Pair {
  readonly before: Outcome | undefined
  readonly after: Outcome | undefined
}

function changeOf({ before, after }: Pair): WhatIfAnswer['changes'][number] {
  const { programmeId, dealerId, currency, periodId } = (before ?? after) as Outcome // one of them is there
  const sums = difference(currency, before?.earned ?? 0n, after?.earned ?? 0n)
  return { programmeId, dealerId, periodId, ...sums, before: before?.tree ?? null, after: after?.tree ?? null }
}

/** Sums by what `of` says and by currency. */
function compared(pairs: readonly Pair[], of: (one: Outcome) => string): (Compared & { readonly of: string })[] {
  const sums = new Map<string, { of: string; currency: string; now: bigint; then: bigint }>()
  for (const { before, after } of pairs) {
    const one = (before ?? after) as Outcome // one of them is there
    const key = `${of(one)} ${one.currency}`
    const sum = sums.get(key) ?? { of: of(one), currency: one.currency, now: 0n, then: 0n }
    sum.now += before?.earned ?? 0n
    sum.then += after?.earned ?? 0n
    sums.set(key, sum)
  }
  return [...sums.values()].map((sum) => ({ of: sum.of, ...difference(sum.currency, sum.now, sum.then) }))
}

function difference(currency: string, now: bigint, then: bigint): Compared {
  return { currency, now: now.toString(), then: then.toString(), difference: (then - now).toString() }
}

/** The largest first, in minor units; currencies are not converted. */
function byDifference<T extends Compared>(all: readonly T[]): T[] {
  const size = ({ difference: text }: Compared): bigint => BigInt(text.replace('-', ''))
  return all.toSorted((a, b) => (size(a) === size(b) ? 0 : size(a) > size(b) ? -1 : 1))
}

function withoutLines({ children, ...node }: ExplanationNode): ExplanationNode {
  const below = (children ?? []).filter(({ code }) => code !== 'line').map(withoutLines)
  return below.length === 0 ? node : { ...node, children: below }
}
