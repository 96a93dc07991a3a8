import { productAggregate } from '../catalogue/decide.ts'
import { productAt } from '../catalogue/state.ts'
import { dealerAggregate } from '../dealers/decide.ts'
import { dealerAt, type DealerAt } from '../dealers/state.ts'
import { businessTime, calendarDate, instantOf, startOfDay, zoneOf } from '../kernel/businessTime.ts'
import {
  isRefusal,
  refuse,
  type Aggregate,
  type Circumstances,
  type Decision,
  type Load,
  type Refusal,
} from '../kernel/decider.ts'
import { enforce } from '../kernel/enforce.ts'
import type { Happened } from '../kernel/event.ts'
import { mapAtOnce } from '../kernel/mapAtOnce.ts'
import { own } from '../kernel/table.ts'
import { sameData } from '../kernel/sameData.ts'
import { outletAggregate } from '../outlets/outlet.ts'
import { outletAt } from '../outlets/state.ts'
import { sellOutCommands, type SellOutCommand } from './commands.ts'
import { sellOutEvents, type SellOutEvent } from './events.ts'

type Reported = Extract<SellOutEvent, { type: 'SellOutReported' }>['data']
type Report = Extract<SellOutCommand, { type: 'ReportSellOut' }>
type Withdrawn = Extract<SellOutEvent, { type: 'SellOutWithdrawn' }>['data']

export interface SellOutState {
  /** given so far, the newest last by number */
  readonly revisions: readonly number[]
  /** what counts */
  readonly current?: Reported | undefined
}

interface SellOutGiven {
  readonly dealer?: DealerAt | undefined
  /** of the products that are known */
  readonly units: Readonly<Record<string, string>>
  /** `outlet day` that the dealer did not have */
  readonly strange: readonly string[]
}

/** One report of what was sold to consumers, and its revisions. */
export const sellOutAggregate: Aggregate<SellOutCommand, SellOutEvent, SellOutState, SellOutGiven> = {
  category: 'sellout',
  stateVersion: 1,
  initialState: { revisions: [] },
  evolve,
  decide,
  gather,
  owner: (_state, { dealerId }) => dealerId,
  events: sellOutEvents,
  commands: sellOutCommands,
}

function evolve(state: SellOutState, { type, data }: Happened<SellOutEvent>): SellOutState {
  if (type === 'SellOutReported') {
    const { revisions, current } = state
    const isLate = data.revision < (revisions.at(-1) ?? -1)
    return {
      revisions: [...revisions, data.revision].toSorted((a, b) => a - b),
      current: isLate ? current : data,
    }
  }
  return state.current?.revision === data.revision ? { revisions: state.revisions } : state
}

/** At once, of a report with many products. */
const lookUps = 50

async function gather(command: SellOutCommand, load: Load, at: string): Promise<SellOutGiven> {
  if (command.type !== 'ReportSellOut') return { units: {}, strange: [] }
  const { dealerId } = command
  const dealer = dealerAt(await load(dealerAggregate, dealerId), at)
  const zone = dealer?.zone ?? zoneOf(at)
  const skus = new Set([...command.lines, ...command.shelf].map(({ sku }) => sku))
  const units = await mapAtOnce([...skus], lookUps, async (sku) => {
    const product = productAt(await load(productAggregate, sku), at)
    return product === undefined ? [] : [[sku, product.unit] as const]
  })
  const places = [...command.lines, ...command.shelf].flatMap(({ outletId, day }) =>
    outletId === undefined ? [] : [[`${outletId} ${day}`, { outletId, day }] as const],
  )
  const strange = await mapAtOnce([...new Map(places)], lookUps, async ([name, { outletId, day }]) => {
    // at the end of the day: an outlet that opened or changed hands on it counts for its new dealer
    const end = businessTime(startOfDay(day, zone) + 86_399_000, zone)
    const outlet = outletAt(await load(outletAggregate, outletId), end)
    return outlet?.dealerId === dealerId ? [] : [name]
  })
  return { dealer, units: Object.fromEntries(units.flat()), strange: strange.flat() }
}

function decide(
  command: SellOutCommand,
  state: SellOutState,
  { at, recorded, given }: Circumstances<SellOutGiven>,
): Decision<SellOutEvent> {
  const { current, revisions } = state
  const newest = revisions.at(-1)
  if (command.type === 'WithdrawSellOut') {
    const { dealerId, number, reason } = command
    if (current) return [{ type: 'SellOutWithdrawn', data: withdrawn(current, reason) }]
    return newest === undefined ? refuse('sellout.unknown', { dealerId, number }) : []
  }
  const { type: _type, ...said } = command
  const { revision, dealerId, number } = said
  if (current?.revision === revision) {
    const { breaches: _breaches, ...before } = current
    return sameData(before, said) ? [] : refuse('sellout.revision_reused', { dealerId, number, revision })
  }
  const isLate = newest !== undefined && revision <= newest
  if (isLate && (!recorded || revisions.includes(revision)))
    return recorded ? [] : refuse('sellout.superseded', { dealerId, number, revision, newest })
  const breaches = enforce(rulesOf(command, given, at), recorded)
  if (isRefusal(breaches)) return breaches
  const reported: Reported = { ...said, breaches }
  const event = { type: 'SellOutReported', data: reported } as const
  // an import may bring an older revision after a newer one: it is kept, and counts for nothing
  if (isLate)
    return [event, { type: 'SellOutWithdrawn', data: { ...withdrawn(reported, 'superseded'), replacedBy: newest } }]
  return current
    ? [{ type: 'SellOutWithdrawn', data: { ...withdrawn(current, 'revised'), replacedBy: revision } }, event]
    : [event]
}

/** What is unknown is named so often at most: a list of breaches has its limit. */
const namedAtMost = 500

/** Each rule once for all lines that break it alike, named by the first of them. */
function rulesOf(
  { companyId, dealerId, from, to, lines, shelf }: Report,
  { dealer, units, strange }: SellOutGiven,
  at: string,
): (Refusal | false)[] {
  const today = calendarDate(instantOf(at), dealer?.zone ?? zoneOf(at))
  const all = [...lines, ...shelf]
  const outside = all.find(({ day }) => day < from || day > to)
  const unknown = new Set(all.flatMap(({ sku }) => (own(units, sku) === undefined ? [sku] : [])))
  const mismatched = all.find(({ sku, unit }) => unit !== (own(units, sku) ?? unit))
  return [
    dealer?.companyId !== companyId && refuse('dealers.unknown', { dealerId }),
    ...strange.slice(0, namedAtMost).map((name) => {
      const [outletId, day] = name.split(' ')
      return refuse('outlets.unknown', { dealerId, outletId, day })
    }),
    ...[...unknown].slice(0, namedAtMost).map((sku) => refuse('catalogue.unknown_sku', { sku })),
    mismatched !== undefined &&
      refuse('sellout.unit_mismatch', { sku: mismatched.sku, unit: mismatched.unit, counted: units[mismatched.sku] }),
    (from > to || outside !== undefined) && refuse('sellout.day_outside', { from, to, day: outside?.day ?? from }),
    to > today && refuse('sellout.day_ahead', { to, today }),
  ]
}

function withdrawn(
  { breaches: _breaches, from: _from, to: _to, lines, ...report }: Reported,
  reason: string,
): Withdrawn {
  return { ...report, reason, lines: lines.map(({ price: _price, ...line }) => line) }
}
