import { calendarAggregate } from '../calendars/decide.ts'
import { periodById } from '../calendars/periodOf.ts'
import { productAggregate } from '../catalogue/decide.ts'
import { productAt } from '../catalogue/state.ts'
import { layersAt, type Moved } from '../claims/layersAt.ts'
import { dealerAggregate } from '../dealers/decide.ts'
import { dealerAt, type DealerAt } from '../dealers/state.ts'
import { instantOf, type Instant } from '../kernel/businessTime.ts'
import { minorToMicros } from '../kernel/currency.ts'
import type { Load } from '../kernel/decider.ts'
import { divide, formatDecimal, parseDecimal } from '../kernel/decimal.ts'
import { compare } from '../kernel/decimalText.ts'
import { priceAt, priceAggregate, priceFacts } from '../pricing/prices.ts'
import { promotionsAggregate } from '../pricing/promotions.ts'
import { categoryCode } from '../rebates/categoryCode.ts'
import { isInScope } from '../rebates/productSet.ts'
import { programmeAggregate } from '../rebates/programme.ts'
import type { PriceRules } from '../violations/pricePolicy.ts'
import type { Around, Detector, Found, GivenBack, Limits, SoldBelow } from './detector.ts'
import { detectors } from './detectors.ts'
import type { ViolationKind } from './rules.ts'
import type { Resale, SellIn, Settled, Standing } from './tradeFact.ts'

const day = 86_400_000

/** What the log says of trade. Facts come in order, none later than `upTo`, in the window [from, until). */
export interface Trade {
  /** who has any fact, in order of their ids */
  dealers(upTo: bigint): Promise<readonly string[]>
  of(dealerId: string, window: TradeWindow): Promise<readonly Standing[]>
  /** what was sold of a product, to anybody */
  ofSku(sku: string, window: TradeWindow): Promise<readonly Standing<SellIn>[]>
  /** what a unit of a resale was sold for: it stands in the log alone */
  priceOf(resale: Standing<Resale>): Promise<{ readonly unitPrice: string; readonly currency: string } | undefined>
}
export interface TradeWindow {
  readonly from: Instant
  readonly until: Instant
  readonly upTo: bigint
}

export interface Sources {
  readonly load: Load
  readonly trade: Trade
  /** the goods of a dealer, which say what a unit had cost */
  movements(dealerId: string, sku: string, upTo: bigint): Promise<readonly Moved[]>
  /** of resales that were looked at before, by event: for many facts judged on one state of the log */
  readonly known?: Map<string, SoldBelow | undefined>
}

/** What was found, and whose it is. */
export interface Finding extends Found {
  readonly kind: ViolationKind
  readonly companyId: string
  /** whose conduct it is: a dealer's, or the company's own, named by its id */
  readonly dealerId: string
  readonly sku: string
  /** of goods that were found in a foreign one */
  readonly region?: string
  readonly policyVersion: number
  /** a dealer's resale price stands behind it: it counts in nothing that pays, gates, rates or allocates, unless the company's rules say so */
  readonly derivesFromResale: boolean
}

/**
 * What a fact is found to be, by the policy in force at its instant and by what had happened before it, as far as the log
 * knows of it up to a position: that of the fact itself where it is judged as it comes.
 */
export async function judge(
  sources: Sources,
  fact: Standing,
  terms: PriceRules,
  upTo: bigint,
): Promise<readonly Finding[]> {
  const mine = detectors.filter(({ kind, judges }) => terms.rules[kind] && judges.includes(fact.kind))
  if (mine.length === 0) return []
  const dealer = dealerAt(await sources.load(dealerAggregate, fact.dealerId), fact.at)
  const companyId = dealer?.companyId ?? (fact.kind === 'observed' ? fact.companyId : undefined)
  // what the company does with its own stock is no dealer's trade
  if (companyId === undefined) return []
  const isAllowed = dealer !== undefined && (terms.resalePrices?.countries.includes(dealer.country) ?? false)
  const allowed = mine.filter((one) => isAllowed || !derivesFromResale(one, fact))
  if (allowed.length === 0) return []
  const around = await lookAround(sources, fact, terms, dealer, allowed, upTo)
  return allowed.flatMap((detector) =>
    detector.find(fact, around).map((found) => ({
      ...found,
      kind: detector.kind,
      companyId,
      dealerId: detector.kind === 'PRICE_SPREAD' ? companyId : (dealer?.dealerId ?? companyId),
      sku: fact.kind === 'settled' ? (around.own.find(isAbout(found))?.sku ?? '') : fact.sku,
      policyVersion: terms.version,
      derivesFromResale: derivesFromResale(detector, fact),
    })),
  )
}

/** The company that a fact is judged by the policy of. */
export async function companyOf(load: Load, fact: Standing): Promise<string | undefined> {
  if (fact.kind === 'observed') return fact.companyId
  const dealer = await load(dealerAggregate, fact.dealerId)
  return dealer.known ? dealer.companyId : undefined
}

/** Does a dealer's resale price stand behind what this detector says of the fact (domain.md §2.7)? */
function derivesFromResale({ kind }: Detector, fact: Standing): boolean {
  return kind === 'DUMPING_LOW_PRICE' || (fact.kind === 'observed' && fact.offer === 'sold')
}

function isAbout({ about }: Found): (one: Standing) => boolean {
  return (one) => one.kind === 'sell-in' && one.eventId === about.eventId && one.lineNo === about.lineNo
}

async function lookAround(
  sources: Sources,
  fact: Standing,
  terms: PriceRules,
  dealer: DealerAt | undefined,
  asking: readonly Detector[],
  upTo: bigint,
): Promise<Around> {
  const { load, trade } = sources
  const asks = (kind: ViolationKind): boolean => asking.some((one) => one.kind === kind)
  const until = instantOf(fact.at) + 1
  const back = (detectorsOf: readonly Detector[]): TradeWindow => ({
    from: until - Math.max(0, ...detectorsOf.map(({ lookBackDays }) => lookBackDays(terms.rules))) * day,
    until,
    upTo,
  })
  const looksBack = asking.some(({ lookBackDays }) => lookBackDays(terms.rules) > 0)
  const own = looksBack && fact.dealerId !== '' ? await trade.of(fact.dealerId, back(asking)) : [fact]
  const customer = fact.kind === 'resale' && asks('ROUND_TRIP') ? fact.endCustomer : undefined
  const partner = customer === undefined ? [] : await trade.of(customer, back(asking))
  const product = fact.sku === '' ? undefined : productAt(await load(productAggregate, fact.sku), fact.at)
  return {
    rules: terms.rules,
    dealer,
    own,
    everywhere: asks('PRICE_SPREAD')
      ? await trade.ofSku(fact.sku, back(asking.filter(({ kind }) => kind === 'PRICE_SPREAD')))
      : [],
    back: partner.filter((one): one is Standing<Resale> => one.kind === 'resale'),
    limits: await limitsOf(load, fact, terms),
    promotions:
      asks('PROMO_OUT_OF_WINDOW') && dealer ? (await load(promotionsAggregate, dealer.companyId)).promotions : [],
    category: product?.category,
    soldBelow:
      fact.kind === 'resale' && asks('DUMPING_LOW_PRICE') ? await soldBelow(sources, fact, own, upTo) : new Map(),
    givenBack: fact.kind === 'settled' ? await givenBack(load, own, until) : [],
  }
}

/** On the first list of the policy that has a price of the unit; a lowest advertised price of the policy itself goes before. */
export async function limitsOf(load: Load, fact: Standing, terms: PriceRules): Promise<Limits | undefined> {
  if (fact.kind !== 'sell-in' && fact.kind !== 'repriced' && fact.kind !== 'observed') return undefined
  const { sku, unit, currency, at } = fact
  const own = terms.advertised.find((one) => one.sku === sku && one.currency === currency)
  for (const listId of terms.lists) {
    const found = priceAt(priceFacts(await load(priceAggregate, `${listId}/${sku}`), unit, currency), at)
    if (found) return { ...found.value, eventId: found.eventId, ...(own && { lowestAdvertised: own.price }) }
  }
  return own && { lowestAdvertised: own.price }
}

/** Of the dealer's resales of a product: what a unit was sold for and had cost, where both are known in one currency. */
async function soldBelow(
  { trade, movements, known = new Map() }: Sources,
  { dealerId, sku }: Standing<Resale>,
  own: readonly Standing[],
  upTo: bigint,
): Promise<ReadonlyMap<string, SoldBelow>> {
  const moved = await movements(dealerId, sku, upTo)
  const found = new Map<string, SoldBelow>()
  for (const one of own) {
    if (one.kind !== 'resale' || one.sku !== sku) continue
    if (!known.has(one.eventId)) {
      const sold = await trade.priceOf(one)
      const layer = layersAt(moved, instantOf(one.at)).find(({ left, onHand }) => compare(left, onHand) < 0)
      const isKnown = sold !== undefined && layer?.currency === sold.currency
      known.set(
        one.eventId,
        isKnown ? { price: sold.unitPrice, cost: layer.price, layerEventId: layer.eventId } : undefined,
      )
    }
    const prices = known.get(one.eventId)
    if (prices) found.set(one.eventId, prices)
  }
  return found
}

/** The newest settlement of each programme and period, as a share of the volume that it was earned on. */
async function givenBack(load: Load, own: readonly Standing[], until: Instant): Promise<readonly GivenBack[]> {
  const newest = new Map<string, Standing<Settled>>()
  for (const one of own)
    if (one.kind === 'settled') newest.set(`${one.programmeId} ${one.periodId} ${one.currency}`, one)
  const found: GivenBack[] = []
  for (const { eventId, programmeId, version, periodId, currency, volume, earned } of newest.values()) {
    const terms = (await load(programmeAggregate, programmeId)).versions[version - 1]
    const period = terms && periodById(await load(calendarAggregate, terms.calendarId), periodId)
    const base = parseDecimal(volume)
    if (!terms || !period || base <= 0n || BigInt(earned) <= 0n) continue
    const categories = new Map<string, readonly string[]>()
    for (const { sku, at } of own) {
      if (sku === '' || categories.has(sku)) continue
      const product = productAt(await load(productAggregate, sku), at)
      const named = [product?.category, product?.subcategory].filter((one) => one !== undefined)
      categories.set(sku, named.map(categoryCode))
    }
    found.push({
      eventId,
      share: formatDecimal(divide(minorToMicros(BigInt(earned), currency), base, 'half-even')),
      covers({ sku, at }) {
        const isIn = instantOf(at) >= period.startInstant && instantOf(at) < Math.min(period.endInstant, until)
        return isIn && isInScope(terms, { sku, categories: categories.get(sku) ?? [], saleAt: at })
      },
    })
  }
  return found
}
