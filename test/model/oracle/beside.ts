import { ratio, read, type Ratio, zero } from './fraction.ts'

// What gates find beside the volume, as §6 of docs/settlement-rules.md says it: folds over the events of one dealer.

export type BesideFact = { occurredAt: string; position: string } & (
  | { about: 'evidence'; evidenceId: string; kind: string; counts: 1 | -1; at: string }
  | {
      about: 'receivable'
      invoiceId: string
      amount: string
      issuedAt?: string | undefined
      dueAt?: string | undefined
      moneyAt?: string | undefined
      isCancelled?: true | undefined
    }
  | { about: 'evaluation'; evaluation: string; version: number; calendarId: string; periodId: string; score: string }
)
export interface Beside {
  facts: readonly BesideFact[]
  /** of the period, milliseconds */
  starts: number
  ends: number
  calendarId: string
  periodId: string
  zone: string
  graceDays: number
  cutOff: string
  watermark: string
}
type DayBand = { from?: string | undefined; to?: string | undefined; rate: string }
export type BesideGate =
  | { kind: 'process'; evidence: string; count: number; whenClosed?: string | undefined }
  | { kind: 'payment'; overdueDays: number; whenClosed?: string | undefined }
  | { kind: 'collection'; since: 'invoice' | 'due'; bands: readonly DayBand[] }
  | { kind: 'score'; evaluation: string; version: number; score: string; whenClosed?: string | undefined }
/** Without `found` there was nothing to look at. */
export interface Found {
  found?: string
  open: boolean
  factor: Ratio
}

const day = 86_400_000
const instant = (time: string): number => Date.parse(time.split('[')[0]!)
const dateIn = (zone: string, at: number): string => new Intl.DateTimeFormat('en-CA', { timeZone: zone }).format(at)
export const between = (from: string, to: string): number => (Date.parse(to) - Date.parse(from)) / day
export const written = (time: string): string => time.slice(0, 10)
/** Of the millisecond before it: midnight belongs to the day that it ends. */
export const before = (time: string): string =>
  time.slice(11, 23) === '00:00:00.000'
    ? new Date(Date.parse(written(time)) - day).toISOString().slice(0, 10)
    : written(time)
const largest = (numbers: number[]): number | undefined => numbers.toSorted((a, b) => b - a)[0]

interface Document {
  issuedAt: string
  dueAt: string
  open: bigint
  closedBy?: string | undefined
}

function documentsAt(moment: number, facts: readonly BesideFact[]): Document[] {
  const documents = new Map<string, Partial<Document> & { open: bigint; gone?: boolean }>()
  for (const fact of facts) {
    if (fact.about !== 'receivable' || instant(fact.occurredAt) >= moment) continue
    const one = documents.get(fact.invoiceId) ?? { open: 0n }
    documents.set(fact.invoiceId, one)
    one.open += BigInt(fact.amount)
    if (fact.issuedAt !== undefined) one.issuedAt = fact.issuedAt
    if (fact.dueAt !== undefined) one.dueAt = fact.dueAt
    if (fact.isCancelled) one.gone = true
    if (one.open > 0n) delete one.closedBy
    else if (fact.moneyAt !== undefined) one.closedBy = fact.moneyAt
  }
  return [...documents.values()].flatMap((one) => {
    const { issuedAt, dueAt, open, closedBy, gone } = one
    if (gone || issuedAt === undefined || dueAt === undefined) return []
    return open > 0n || closedBy !== undefined ? [{ issuedAt, dueAt, open, closedBy }] : []
  })
}

export function findBeside(gate: BesideGate, beside: Beside): Found {
  const known = beside.facts
    .filter(
      (fact) => instant(fact.occurredAt) < instant(beside.cutOff) && Number(fact.position) <= Number(beside.watermark),
    )
    .toSorted((a, b) => instant(a.occurredAt) - instant(b.occurredAt) || Number(a.position) - Number(b.position))
  const isIn = (time: string): boolean => beside.starts <= instant(time) && instant(time) < beside.ends
  const moment = Math.min(instant(beside.cutOff), beside.ends + beside.graceDays * day)
  const today = dateIn(beside.zone, moment - 1)
  const closed = 'whenClosed' in gate && gate.whenClosed !== undefined ? read(gate.whenClosed) : zero
  const answer = (found: string | undefined, open: boolean, factor = open ? ratio(1n) : closed): Found => ({
    ...(found !== undefined && { found }),
    open,
    factor,
  })
  switch (gate.kind) {
    case 'process': {
      const counted = known.filter((fact) => fact.about === 'evidence' && fact.kind === gate.evidence && isIn(fact.at))
      const count = counted.reduce((sum, fact) => sum + (fact.about === 'evidence' ? fact.counts : 0), 0)
      return answer(String(count), count >= gate.count)
    }
    case 'payment': {
      const open = documentsAt(moment, known).filter((document) => document.open > 0n)
      const late = largest(open.map(({ dueAt }) => between(before(dueAt), today)))
      return answer(late?.toString(), late === undefined || late <= gate.overdueDays)
    }
    case 'collection': {
      const days = largest(
        documentsAt(moment, known)
          .filter(({ issuedAt }) => isIn(issuedAt))
          .map(({ issuedAt, dueAt, closedBy }) =>
            between(gate.since === 'due' ? before(dueAt) : written(issuedAt), closedBy ? written(closedBy) : today),
          ),
      )
      if (days === undefined) return answer(undefined, true)
      const band = gate.bands.find(
        ({ from, to }) => (from === undefined || Number(from) <= days) && (to === undefined || days < Number(to)),
      )
      const factor = read(band?.rate ?? '0')
      return answer(String(days), factor.n === factor.d, factor)
    }
    case 'score': {
      const score = known.findLast(
        (fact) =>
          fact.about === 'evaluation' &&
          fact.evaluation === gate.evaluation &&
          fact.version === gate.version &&
          fact.calendarId === beside.calendarId &&
          fact.periodId === beside.periodId,
      )
      if (score?.about !== 'evaluation') return answer(undefined, false)
      return answer(score.score, Number(score.score) >= Number(gate.score))
    }
  }
}
