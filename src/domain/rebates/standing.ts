import type { Period } from '../calendars/state.ts'
import { calendarDate, instantOf, zoneOf, type Instant } from '../kernel/businessTime.ts'
import type { StandingFact, StandingQuery } from './standingFacts.ts'
import type { Gate, Terms } from './terms.ts'

/** What gates look at beside the volume: the dealer's standing as it was at the cut-off, by what stands up to the watermark. */
export interface Standing {
  /** of the period, not withdrawn, by kind */
  readonly evidence: ReadonlyMap<string, number>
  /** the most days by which what is open is past its due date; below zero before it */
  readonly overdueDays?: number | undefined
  /** the most days from the issue of a receivable of the period, and from its due date, to its money */
  readonly collectionDays: { readonly invoice?: number | undefined; readonly due?: number | undefined }
  /** by `scoreName` */
  readonly scores: ReadonlyMap<string, string>
}

/** Of a dealer of whom nothing is known but what it bought. */
export const noStanding: Standing = { evidence: new Map(), collectionDays: {}, scores: new Map() }

interface StandingRequest {
  readonly terms: Pick<Terms, 'gates' | 'graceDays' | 'calendarId'>
  readonly period: Pick<Period, 'periodId' | 'startInstant' | 'endInstant'>
  /** of the calendar */
  readonly zone: string
  /** business time, exclusive */
  readonly cutOff: string
  readonly watermark: bigint
}

const day = 86_400_000
const about = {
  process: 'evidence',
  payment: 'receivable',
  collection: 'receivable',
  score: 'evaluation',
} as const satisfies Partial<Record<Gate['kind'], StandingFact['about']>>

/** Which facts the gates of the terms need; undefined when they look at volume alone. */
export function standingQuery(companyId: string, request: StandingRequest): StandingQuery | undefined {
  const { terms, period, cutOff, watermark } = request
  const kinds = new Set(
    (terms.gates ?? []).flatMap(({ kind }) => (kind in about ? [about[kind as keyof typeof about]] : [])),
  ) // just asked
  if (kinds.size === 0) return undefined
  const { calendarId } = terms
  const { periodId, startInstant: from, endInstant: until } = period
  const [before, moment] = [instantOf(cutOff), momentOf(request)]
  return { companyId, about: kinds, before, moment, upTo: watermark, from, until, calendarId, periodId }
}

/** When receivables are looked at: an adjustment looks at the same moment as the final settlement. */
function momentOf({ terms, period, cutOff }: StandingRequest): Instant {
  return Math.min(instantOf(cutOff), period.endInstant + terms.graceDays * day)
}

export function standingByDealer(facts: readonly StandingFact[]): ReadonlyMap<string, readonly StandingFact[]> {
  const groups = new Map<string, StandingFact[]>()
  for (const fact of facts) {
    const group = groups.get(fact.dealerId) ?? []
    group.push(fact)
    groups.set(fact.dealerId, group)
  }
  return groups
}

/** The standing of one dealer (docs/settlement-rules.md §6), whatever else the facts hold. */
export function standingOf(request: StandingRequest, facts: readonly StandingFact[]): Standing {
  const { terms, period, zone, cutOff, watermark } = request
  const until = instantOf(cutOff)
  const known = facts
    .filter(({ occurredAt, position }) => instantOf(occurredAt) < until && BigInt(position) <= watermark)
    .toSorted(
      (a, b) => instantOf(a.occurredAt) - instantOf(b.occurredAt) || Number(BigInt(a.position) - BigInt(b.position)),
    )
  const evidence = new Map<string, number>()
  const scores = new Map<string, string>()
  for (const fact of known) {
    if (fact.about === 'evidence' && isIn(period, instantOf(fact.at)))
      evidence.set(fact.kind, (evidence.get(fact.kind) ?? 0) + fact.counts)
    if (fact.about === 'evaluation' && fact.calendarId === terms.calendarId && fact.periodId === period.periodId)
      scores.set(scoreName(fact), fact.score)
  }
  const moment = momentOf(request)
  const today = calendarDate(moment - 1, zone)
  const receivables = receivablesAt(moment, known)
  const ofPeriod = receivables.filter(({ issuedAt }) => isIn(period, instantOf(issuedAt)))
  const paidOn = ({ settledAt }: Settling): string => (settledAt === undefined ? today : dateOf(settledAt))
  return {
    evidence,
    scores,
    overdueDays: most(receivables.flatMap((one) => (one.isOpen ? [days(dueDateOf(one), today)] : []))),
    collectionDays: {
      invoice: most(ofPeriod.map((one) => days(dateOf(one.issuedAt), paidOn(one)))),
      due: most(ofPeriod.map((one) => days(dueDateOf(one), paidOn(one)))),
    },
  }
}

/** One name for a kind of evaluation and its version. */
export function scoreName({ evaluation, version }: { readonly evaluation: string; readonly version: number }): string {
  return `${evaluation} ${version}`
}

interface Settling {
  readonly issuedAt: string
  readonly dueAt: string
  readonly isOpen: boolean
  /** when the money came that closed it */
  readonly settledAt?: string
}

/** Open or paid; what was cancelled, or never amounted to anything, is none. */
function receivablesAt(moment: Instant, facts: readonly StandingFact[]): Settling[] {
  const byInvoice = new Map<string, { amount: bigint; issuedAt?: string; dueAt?: string; settledAt?: string }>()
  const cancelled = new Set<string>()
  for (const fact of facts) {
    if (fact.about !== 'receivable' || instantOf(fact.occurredAt) >= moment) continue
    const { invoiceId, issuedAt, dueAt, moneyAt } = fact
    if (fact.isCancelled) cancelled.add(invoiceId)
    const before = byInvoice.get(invoiceId) ?? { amount: 0n }
    const amount = before.amount + BigInt(fact.amount)
    const { settledAt: _opened, ...left } = before
    byInvoice.set(invoiceId, {
      ...(amount > 0n ? left : before),
      amount,
      ...(issuedAt !== undefined && { issuedAt }),
      ...(dueAt !== undefined && { dueAt }),
      ...(amount <= 0n && moneyAt !== undefined && { settledAt: moneyAt }),
    })
  }
  return [...byInvoice].flatMap(([invoiceId, { amount, issuedAt, dueAt, settledAt }]): Settling[] => {
    const isOpen = amount > 0n
    if (cancelled.has(invoiceId)) return []
    if (issuedAt === undefined || dueAt === undefined || (!isOpen && settledAt === undefined)) return []
    return [{ issuedAt, dueAt, isOpen, ...(settledAt !== undefined && { settledAt }) }]
  })
}

function isIn({ startInstant, endInstant }: StandingRequest['period'], at: Instant): boolean {
  return startInstant <= at && at < endInstant
}

/** As it is written. */
function dateOf(time: string): string {
  return calendarDate(instantOf(time), zoneOf(time))
}

/** `dueAt` is the first instant that is late. */
function dueDateOf({ dueAt }: Pick<Settling, 'dueAt'>): string {
  return calendarDate(instantOf(dueAt) - 1, zoneOf(dueAt))
}

function days(from: string, to: string): number {
  return (Date.parse(to) - Date.parse(from)) / day
}

function most(numbers: readonly number[]): number | undefined {
  return numbers.length === 0 ? undefined : numbers.reduce((a, b) => Math.max(a, b))
}
