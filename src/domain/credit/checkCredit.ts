import { instantOf } from '../kernel/businessTime.ts'
import { isRefusal, refuse, type Refusal } from '../kernel/decider.ts'
import { own, row, rows } from '../kernel/table.ts'
import { convert } from '../rates/convert.ts'
import type { RatesState } from '../rates/rates.ts'
import type { CheckPoint, ExposureSnapshot, HoldKind } from './events.ts'
import { addBuckets, emptyBuckets, exposureOf, openValue, type Buckets } from './exposure.ts'
import { bucketsOf, type AccountState, type Limit, type Override } from './state.ts'

/** Published rates by pair, `USD/CNY`, as `gather` found them. */
export type Rates = Readonly<Record<string, RatesState>>
const day = 86_400_000

/** The limits that hold for a dealer, its own first. */
export function limitsAbove(
  state: AccountState,
  dealerId: string,
): readonly (readonly [party: string, limit: Limit])[] {
  return (own(state.members, dealerId) ?? [dealerId]).flatMap((party) => {
    const limit = own(state.limits, party)
    return limit ? [[party, limit] as const] : []
  })
}

/** The exposure of a limited party with its parts, in the limit's currency; refuses with `currency.rate_missing`. */
export function snapshotOf(
  state: AccountState,
  party: string,
  limit: Limit,
  at: string,
  rates: Rates,
): ExposureSnapshot | Refusal {
  const perCurrency = new Map<string, Buckets>()
  for (const [dealerId, balances] of Object.entries(state.balances)) {
    if (!isBelow(state, dealerId, party)) continue
    for (const [currency, stored] of Object.entries(balances)) {
      perCurrency.set(currency, addBuckets(perCurrency.get(currency) ?? emptyBuckets, bucketsOf(stored)))
    }
  }
  let exposure = 0n
  const parts: ExposureSnapshot['parts'] = []
  for (const [currency, of] of perCurrency) {
    const own = exposureOf(of, limit.countFrom)
    const open = openValue(of, limit.countFrom)
    if (![open, of.delivered, of.receivable, of.unapplied, of.credits].some((amount) => amount !== 0n)) continue
    const request = { minor: own, from: currency, to: limit.currency, kind: limit.rateKind, at }
    const converted = convert(request, (base, quote) => rates[`${base}/${quote}`])
    if (isRefusal(converted)) return converted
    exposure += converted.minor
    const { used } = converted
    parts.push({
      currency,
      open: open.toString(),
      delivered: of.delivered.toString(),
      receivable: of.receivable.toString(),
      unapplied: of.unapplied.toString(),
      credits: of.credits.toString(),
      exposure: own.toString(),
      ...(used && { rate: { base: used.base, quote: used.quote, rate: used.rate, effectiveAt: used.effectiveAt } }),
    })
  }
  const { amount, currency, version } = limit
  return { party, limit: amount, currency, limitVersion: version, exposure: exposure.toString(), parts }
}

export function isOver({ exposure, limit }: ExposureSnapshot): boolean {
  return BigInt(exposure) > BigInt(limit)
}

export interface Verdict {
  readonly exposures: readonly ExposureSnapshot[]
  /** the first rule that does not hold */
  readonly failure?: {
    readonly kind: HoldKind
    readonly party: string
    readonly refusal: Refusal
    readonly overdueInvoices?: readonly string[]
  }
  /** the approval that lets the order pass all the same */
  readonly override?: Override
}

/** May the order, whose value is in the state already, pass this point? Limits, overdue invoices and holds of every party above its dealer. */
export function checkCredit(
  state: AccountState,
  order: { readonly orderId: string; readonly dealerId: string },
  points: readonly CheckPoint[],
  at: string,
  rates: Rates,
): Verdict | Refusal {
  const exposures: ExposureSnapshot[] = []
  const failures: Verdict['failure'][] = []
  for (const [party, limit] of limitsAbove(state, order.dealerId)) {
    if (!limit.checkPoints.some((point) => points.includes(point))) continue
    const snapshot = snapshotOf(state, party, limit, at, rates)
    if (isRefusal(snapshot)) return snapshot
    exposures.push(snapshot)
    if (isOver(snapshot)) {
      const { exposure, currency } = snapshot
      const refusal = refuse('credit.limit_exceeded', { party, limit: limit.amount, exposure, currency })
      failures.push({ kind: 'over_limit', party, refusal })
    }
    const overdueInvoices = overdueAt(state, party, limit, at)
    if (overdueInvoices.length > 0) {
      const refusal = refuse('credit.overdue', { party, invoices: overdueInvoices, days: limit.overdueDaysHold })
      failures.push({ kind: 'overdue', party, refusal, overdueInvoices })
    }
  }
  const risk = riskAbove(state, order)
  if (risk !== undefined)
    failures.push({ kind: 'risk', party: risk, refusal: refuse('credit.on_hold', { party: risk }) })
  const [failure] = failures
  if (!failure) return { exposures }
  const override = overrideOf(state, order.orderId, at)
  return override ? { exposures, failure, override } : { exposures, failure }
}

function isBelow(state: AccountState, dealerId: string, party: string): boolean {
  return dealerId === party || (own(state.members, dealerId)?.includes(party) ?? false)
}

/** Open invoices of the party and all below it that are further overdue than its limit allows, the oldest first. */
function overdueAt(state: AccountState, party: string, limit: Limit, at: string): string[] {
  if (limit.overdueDaysHold === undefined) return []
  const latest = instantOf(at) - limit.overdueDaysHold * day
  const overdue: (readonly [due: number, id: string])[] = []
  for (const [id, invoice] of rows(state.invoices)) {
    if (invoice.closedAt !== undefined || !isBelow(state, invoice.dealerId, party)) continue
    const due = instantOf(invoice.dueAt)
    if (due <= latest) overdue.push([due, id])
  }
  return overdue
    .sort(([a, x], [b, y]) => a - b || (x < y ? -1 : 1))
    .slice(0, 10)
    .map(([, id]) => id)
}

/** The party for whose risk hold, or the order's own, nothing passes. */
function riskAbove(state: AccountState, order: { orderId: string; dealerId: string }): string | undefined {
  const above = own(state.members, order.dealerId) ?? [order.dealerId]
  return Object.values(state.holds).find(
    ({ kind, party, orderId }) =>
      kind === 'risk' && (orderId === undefined ? above.includes(party) : orderId === order.orderId),
  )?.party
}

function overrideOf(state: AccountState, orderId: string, at: string): Override | undefined {
  const override = own(state.overrides, orderId)
  const order = row(state.orders, orderId)
  if (!override || !order || order.currency !== override.currency) return undefined
  if (override.until !== undefined && instantOf(override.until) <= instantOf(at)) return undefined
  return BigInt(order.open) + BigInt(order.delivered) <= BigInt(override.upTo) ? override : undefined
}
