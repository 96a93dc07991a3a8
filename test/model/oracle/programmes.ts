import type { BesideFact } from './beside.ts'
import { settleShape, type ShapeFact, type ShapeInput, type ShapeResult } from './shapes.ts'

// A programme over its months, as docs/settlement-rules.md says it (§1, §2, §10, §11): which terms, which facts, what is due and what
// was settled; what a month earns is `settleShape`.

export type Kind = 'accrual' | 'interim' | 'final' | 'adjustment'
export interface ProgrammeTerms {
  effectiveFrom: string
  returns: 'deduct' | 'ignore'
  targetAt?: 'period-start' | 'period-end' | undefined
  graceDays: number
  clawbackDays: number
  negativeInterim: 'carry' | 'clawback'
  calendarId: string
}
export interface SaleFact extends ShapeFact {
  dealer: string
  basis: string
  kind: 'sale' | 'return'
}
interface Account {
  settled: bigint
  clawedBack: bigint
  accrued: bigint
  isFinal: boolean
  count: number
  last?: { volume: string; earned: string; due: string; gates: ShapeResult['gates'] }
}
export interface ProgrammeWorld {
  /** version n at index n − 1 */
  versions: (ProgrammeTerms & ShapeInput['terms'])[]
  endsAt?: number
  facts: SaleFact[]
  beside: Map<string, BesideFact[]>
  /** by dealer and month */
  targets: Map<string, { at: number; amount: string }[]>
  baselines: Map<string, string>
  months: { id: string; starts: number; ends: number; isClosed: boolean }[]
  accounts: Map<string, Account>
}

const day = 86_400_000
const instant = (time: string): number => Date.parse(time.split('[')[0]!)

export function accountIn(world: ProgrammeWorld, dealer: string, month: string): Account {
  const key = `${dealer} ${month}`
  const account = world.accounts.get(key) ?? { settled: 0n, clawedBack: 0n, accrued: 0n, isFinal: false, count: 0 }
  world.accounts.set(key, account)
  return account
}

/** §1.1 */
export function termsOf(world: ProgrammeWorld, starts: number): ProgrammeWorld['versions'][number] | undefined {
  return world.versions.findLast(({ effectiveFrom }) => instant(effectiveFrom) <= starts)
}

/** What becomes of a dealer's month; the code it is refused with, or `ok`. */
export function settleMonth(world: ProgrammeWorld, kind: Kind, dealer: string, month: string, cutOff: string): string {
  const { starts, ends, isClosed } = world.months.find(({ id }) => id === month)!
  const terms = termsOf(world, starts)
  const account = accountIn(world, dealer, month)
  if (!terms || account.isFinal !== (kind === 'adjustment')) return 'ok'
  const at = instant(cutOff)
  const facts = world.facts.filter((fact) => {
    const [sale, known] = [instant(fact.saleAt), instant(fact.occurredAt)]
    const isLost = terms.returns === 'ignore' || known - sale > terms.clawbackDays * day
    return (
      fact.dealer === dealer &&
      fact.basis === terms.basis &&
      sale >= starts &&
      sale < ends &&
      sale < (world.endsAt ?? Infinity) &&
      known < at &&
      !(fact.kind === 'return' && isLost)
    )
  })
  const isTouched = account.count > 0 || account.accrued > 0n
  if (!isTouched && !facts.some((fact) => isInScope(terms, fact))) return 'ok'
  const key = `${dealer} ${month}`
  const until = Math.min(at, terms.targetAt === 'period-start' ? starts + 1 : ends)
  const target = (world.targets.get(key) ?? []).findLast((one) => one.at < until)?.amount
  const baseline = world.baselines.get(key)
  const result = settleShape({
    terms,
    digits: 2,
    facts,
    ...(target !== undefined && { target }),
    ...(baseline !== undefined && { baseline }),
    beside: {
      facts: world.beside.get(dealer) ?? [],
      starts,
      ends,
      calendarId: terms.calendarId,
      periodId: month,
      zone: 'UTC',
      graceDays: terms.graceDays,
      cutOff,
      watermark: '999999999',
    },
    prior: [
      { kind: 'settled', amount: account.settled.toString() },
      { kind: 'clawed_back', amount: account.clawedBack.toString() },
    ],
  })
  const [earned, due] = [BigInt(result.earned), BigInt(result.due)]
  const before = account.settled - account.clawedBack
  if (kind === 'accrual') {
    const estimate = (earned > 0n ? earned : 0n) - before
    account.accrued = estimate > 0n ? estimate : 0n
    return 'ok'
  }
  if (kind === 'final' && (!isClosed || at < ends + terms.graceDays * day)) return 'rebates.period_open'
  if (kind === 'adjustment' && due === 0n) return 'ok'
  account.count += 1
  account.accrued = 0n
  if (kind === 'final') account.isFinal = true
  if (due > 0n) account.settled += due
  if (due < 0n && !(kind === 'interim' && terms.negativeInterim === 'carry')) account.clawedBack -= due
  const { volume, gates } = result
  account.last = { volume, earned: result.earned, due: result.due, gates }
  return 'ok'
}

function isInScope({ products, launchedWithinDays }: ShapeInput['terms'], fact: SaleFact): boolean {
  const { include, exclude } = products
  const names = (set: { skus?: readonly string[] | undefined; categories?: readonly string[] | undefined }): boolean =>
    (set.skus ?? []).includes(fact.sku) || (fact.categories ?? []).some((one) => (set.categories ?? []).includes(one))
  const isNew =
    launchedWithinDays === undefined ||
    (fact.launchedOn !== undefined &&
      Date.parse(fact.saleAt.slice(0, 10)) - Date.parse(fact.launchedOn) <= launchedWithinDays * day)
  return (!include || names(include)) && !(exclude && names(exclude)) && isNew
}
