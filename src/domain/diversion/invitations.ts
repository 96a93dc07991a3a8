import { calendarAggregate } from '../calendars/decide.ts'
import { periodOf } from '../calendars/periodOf.ts'
import { dealerAggregate } from '../dealers/decide.ts'
import { inRegion } from '../dealers/inRegion.ts'
import { dealerAt } from '../dealers/state.ts'
import type { Trade } from '../detection/judge.ts'
import { businessTime, instantOf } from '../kernel/businessTime.ts'
import type { Load } from '../kernel/decider.ts'
import { divide, formatDecimal, parseDecimal } from '../kernel/decimal.ts'
import { compare, minus, sumOf } from '../kernel/decimalText.ts'
import { listInForce, priceListsAggregate } from '../pricing/priceLists.ts'
import { priceAggregate, priceAt } from '../pricing/prices.ts'
import { mayTakePart } from '../rebates/mayTakePart.ts'
import { programmeAggregate, termsFor } from '../rebates/programme.ts'
import type { Method, Terms } from '../rebates/terms.ts'

const day = 86_400_000
/** trade of so many days is weighed */
export const stockDays = 120

/** Goods of a dealer in a foreign region, at an instant. */
export interface Occasion {
  readonly companyId: string
  readonly dealerId: string
  readonly region: string
  readonly skus: readonly string[]
  readonly at: string
  readonly upTo: bigint
  /** that are active */
  readonly programmeIds: readonly string[]
}

/** What in our own terms makes it worth a dealer's while to sell where it should not (domain.md §2.4). */
export interface Invitations {
  /** one more unit earns on all units before it, and the period was about to end */
  readonly programmes: readonly {
    readonly programmeId: string
    readonly version: number
    readonly method: Method['kind']
    readonly periodId: string
    readonly endsAt: string
    /** whole days from the goods to the end; a rebate that is reached is earned however far the goods go */
    readonly daysLeft: number
    /** the same tiers where each part earns its own rate: what `POST /v1/what-if` takes */
    readonly whatIf?: { readonly periodIds: readonly string[]; readonly programmes: readonly Drafted[] }
  }[]
  /** our prices at home are lower than over there */
  readonly priceGaps: readonly {
    readonly sku: string
    readonly unit: string
    readonly currency: string
    readonly home: string
    readonly foreign: string
    /** of the foreign price */
    readonly gap: string
  }[]
  /** more was bought than sold */
  readonly overstock: readonly {
    readonly sku: string
    readonly bought: string
    readonly sold: string
    readonly excess: string
  }[]
}
interface Drafted {
  readonly programmeId: string
  readonly terms: Terms
}

export async function invitations(
  sources: { readonly load: Load; readonly trade: Trade },
  occasion: Occasion,
): Promise<Invitations> {
  return {
    programmes: await programmes(sources.load, occasion),
    priceGaps: await priceGaps(sources.load, occasion),
    overstock: await overstock(sources.trade, occasion),
  }
}

async function programmes(
  load: Load,
  { companyId, dealerId, at, programmeIds }: Occasion,
): Promise<Invitations['programmes']> {
  const found: Invitations['programmes'][number][] = []
  const traded = dealerAt(await load(dealerAggregate, dealerId), at)?.currencies ?? []
  for (const programmeId of programmeIds) {
    const programme = await load(programmeAggregate, programmeId)
    const newest = termsFor(programme, instantOf(at))
    const calendar = newest && (await load(calendarAggregate, newest.calendarId))
    const period = calendar && newest && periodOf(calendar, instantOf(at), newest.grain)
    const terms = period && termsFor(programme, period.startInstant)
    if (!terms || !calendar?.known || programme.companyId !== companyId || !isCliff(terms.method)) continue
    if (!(terms.currencies?.some((one) => traded.includes(one)) ?? true)) continue
    if (!(await mayTakePart(load, programme, terms, dealerId, period.endInstant, calendar.zone))) continue
    const marginal = marginalOf(terms)
    found.push({
      programmeId,
      version: terms.version,
      method: terms.method.kind,
      periodId: period.periodId,
      endsAt: businessTime(period.endInstant, calendar.zone),
      daysLeft: Math.floor((period.endInstant - instantOf(at)) / day),
      ...(marginal && {
        whatIf: { periodIds: [period.periodId], programmes: [{ programmeId, terms: marginal }] },
      }),
    })
  }
  return found
}

/** Reaching a step earns on what was bought before it too, or a sum at once. */
function isCliff({ kind }: Method): boolean {
  return ['all-units', 'rolling', 'total', 'fixed-sum', 'increment', 'attainment'].includes(kind)
}

function marginalOf(terms: Terms): Terms | undefined {
  const { method } = terms
  const isTiered = method.kind === 'all-units' || method.kind === 'rolling' || method.kind === 'total'
  return isTiered ? { ...terms, method: { kind: 'marginal', tiers: method.tiers } } : undefined
}

/** On the list of each region, else on the base one. */
async function priceGaps(
  load: Load,
  { companyId, dealerId, region, skus, at }: Occasion,
): Promise<Invitations['priceGaps']> {
  const home = dealerAt(await load(dealerAggregate, dealerId), at)?.region
  if (home === undefined) return []
  const lists = (await load(priceListsAggregate, companyId)).lists.filter((list) => listInForce(list, at))
  const found: Invitations['priceGaps'][number][] = []
  for (const sku of skus) {
    const [here, there] = [await pricesIn(home), await pricesIn(region)]
    for (const [key, homePrice] of here) {
      const foreign = there.get(key)
      if (foreign === undefined || compare(homePrice, foreign) >= 0) continue
      const [unit = '', currency = ''] = key.split(' ')
      const gap = formatDecimal(divide(parseDecimal(minus(foreign, homePrice)), parseDecimal(foreign), 'half-even'))
      found.push({ sku, unit, currency, home: homePrice, foreign, gap })
    }

    /** by unit and currency; a list of the region goes before a base one, and the first by priority before others */
    async function pricesIn(of: string): Promise<ReadonlyMap<string, string>> {
      const prices = new Map<string, string>()
      const fit = [
        ...lists.filter(({ level, scope }) => level === 'region' && scope.region && inRegion(of, scope.region)),
        ...lists.filter(({ level }) => level === 'base'),
      ]
      for (const { listId } of fit) {
        const state = await load(priceAggregate, `${listId}/${sku}`)
        for (const { unit, currency, facts } of state.known ? state.rows : []) {
          const price = priceAt(facts, at)?.value.newPrice
          if (price !== undefined && !prices.has(`${unit} ${currency}`)) prices.set(`${unit} ${currency}`, price)
        }
      }
      return prices
    }
  }
  return found
}

async function overstock(trade: Trade, { dealerId, skus, at, upTo }: Occasion): Promise<Invitations['overstock']> {
  const until = instantOf(at) + 1
  const facts = await trade.of(dealerId, { from: until - stockDays * day, until, upTo })
  return skus.flatMap((sku) => {
    const of = (kind: 'sell-in' | 'resale'): string =>
      sumOf(facts.flatMap((one) => (one.kind === kind && one.sku === sku ? [one.quantity] : [])))
    const [bought, sold] = [of('sell-in'), of('resale')]
    // a dealer that reports no sales is not said to have sold nothing
    const isKnown = compare(sold, '0') > 0 && compare(bought, sold) > 0
    return isKnown ? [{ sku, bought, sold, excess: minus(bought, sold) }] : []
  })
}
