import { accountOf } from './credit.ts'
import { issueInvoice } from './documents.ts'
import { day, halfUp, least, one, positive, sum, type Id, type Settlement, type World } from './world.ts'

// One programme, marginal tiers on what is invoiced net of returns, per dealer and month (§2.1): what is due is R(V) less
// what was settled before. Late data is in until the grace is over; what comes later is an adjustment (§2.0).

export type Kind = 'accrual' | 'interim' | 'final' | 'adjustment'
type Period = World['periods'][number]
const calendarGrace = 2 * day
const programmeGrace = 3 * day
const clawback = 90 * day

/** R = Σ rate · max(0, min(V, to) − from), rounded once to the cent. */
function earned(world: World, volume: bigint): bigint {
  const exact = sum(
    world.rules.tiers,
    ({ from, to, rate }) => rate * positive((to === undefined ? volume : least(volume, to)) - from),
  )
  return halfUp(exact, one * 10_000n)
}

export const isClosed = ({ end }: Period, at: number): boolean => at >= end + calendarGrace

export function settlementOf(world: World, dealer: Id, period: Id): Settlement {
  const key = `${dealer}/${period}`
  const blank = { settled: 0n, clawedBack: 0n, accrued: 0n, isFinal: false, count: 0 }
  const settlement = world.settlements.get(key) ?? blank
  world.settlements.set(key, settlement)
  return settlement
}

export function settle(world: World, kind: Kind, periodId: Id, at: number): string {
  const period = world.periods.find(({ id }) => id === periodId)!
  let answer = 'ok'
  for (const dealer of world.rules.invoiceOn.keys()) {
    const one = settlementOf(world, dealer, periodId)
    const counted = world.volume.filter(
      (fact) =>
        fact.dealer === dealer &&
        fact.saleAt >= period.start &&
        fact.saleAt < period.end &&
        fact.at < at &&
        !(fact.isReturn && fact.at - fact.saleAt > clawback),
    )
    if (one.isFinal !== (kind === 'adjustment') || (counted.length === 0 && one.count === 0 && one.accrued === 0n))
      continue
    const due = earned(world, positive(sum(counted, ({ net }) => net))) - (one.settled - one.clawedBack)
    if (kind === 'accrual') one.accrued = positive(due)
    else if (kind === 'final' && (!isClosed(period, at) || at < period.end + programmeGrace))
      answer = 'rebates.period_open'
    else if (kind !== 'adjustment' || due !== 0n) payOut(world, one, kind, dealer, periodId, due, at)
  }
  return answer
}

/** A credit note for what is due; a debit note for what is taken back, which an interim leaves to the next one. */
function payOut(world: World, one: Settlement, kind: Kind, dealer: Id, period: Id, due: bigint, at: number): void {
  const account = accountOf(world, dealer)
  one.count += 1
  one.accrued = 0n
  if (kind === 'final') one.isFinal = true
  one.settled += positive(due)
  account.notes += positive(due)
  if (due >= 0n || kind === 'interim') return
  one.clawedBack -= due
  issueInvoice(
    world,
    account,
    dealer,
    `DN/GROWTH/${dealer}/USD/${period}/${one.count}`,
    { gross: -due, net: 0n, lines: [] },
    at,
  )
}

/** Once a day: final settlements of periods that are past their grace, then adjustments of earlier ones; accruals of the others. */
export function keepRebates(world: World, at: number): boolean {
  if (at < world.rebatesAt) return false
  world.rebatesAt = (Math.floor(at / day) + 1) * day
  const settled = world.periods.filter((period) => period.isSettled)
  let isFinal = false
  for (const period of world.periods.filter(({ start, isSettled }) => start <= at && !isSettled)) {
    const isDue = isClosed(period, at) && at >= period.end + programmeGrace
    settle(world, isDue ? 'final' : 'accrual', period.id, at)
    period.isSettled = isDue
    isFinal ||= isDue
  }
  for (const { id } of isFinal ? settled : []) {
    // whose first sale of the period came late has no final settlement yet
    settle(world, 'final', id, at)
    settle(world, 'adjustment', id, at)
  }
  return true
}
