import { productAggregate } from '../catalogue/decide.ts'
import { instantOf } from '../kernel/businessTime.ts'
import {
  isRefusal,
  refuse,
  type Aggregate,
  type Circumstances,
  type Decision,
  type Load,
  type Refusal,
} from '../kernel/decider.ts'
import { parseDecimal } from '../kernel/decimal.ts'
import { inForce, withEffective, type Effective } from '../kernel/effective.ts'
import { enforce } from '../kernel/enforce.ts'
import type { Happened } from '../kernel/event.ts'
import { sameData } from '../kernel/sameData.ts'
import { priceCommands, type PriceCommand } from './commands.ts'
import { priceEvents, type PriceEvent } from './events.ts'
import { listInForce, priceListsAggregate, type PublishedList } from './priceLists.ts'

type PriceChange = Extract<PriceEvent, { type: 'PriceChanged' }>['data']
export type PriceTerms = Pick<
  PriceChange,
  'newPrice' | 'breaks' | 'floor' | 'ceiling' | 'recommendedRetail' | 'lowestAdvertised' | 'effectiveUntil'
>

/** The prices of one unit, in order of their start; null where a price was ended. The last one started decides. */
export interface PriceRow {
  readonly unit: string
  readonly currency: string
  readonly facts: readonly Effective<PriceTerms | null>[]
}
export type PriceState =
  | { readonly known: false }
  | {
      readonly known: true
      readonly companyId: string
      readonly listId: string
      readonly sku: string
      readonly rows: readonly PriceRow[]
    }

/** Of other streams: the list, and whether the company has such a product. */
export interface PriceGiven {
  readonly list: PublishedList | undefined
  readonly productKnown: boolean
}

/** The prices of one sku on one list, effective-dated. */
export const priceAggregate: Aggregate<PriceCommand, PriceEvent, PriceState, PriceGiven> = {
  category: 'price',
  stateVersion: 1,
  initialState: { known: false },
  evolve,
  decide,
  gather,
  events: priceEvents,
  commands: priceCommands,
}

/** All that was said of one unit in one currency, in order of effect. */
export function priceFacts(state: PriceState, unit: string, currency: string): readonly Effective<PriceTerms | null>[] {
  if (!state.known) return []
  return state.rows.find((row) => row.unit === unit && row.currency === currency)?.facts ?? []
}

/** The price in force at a business time: the last one started, unless it has reached its end. */
export function priceAt(facts: readonly Effective<PriceTerms | null>[], at: string): Effective<PriceTerms> | undefined {
  const last = inForce(facts, instantOf(at))
  if (!last?.value) return undefined
  const { effectiveUntil } = last.value
  return effectiveUntil !== undefined && instantOf(effectiveUntil) <= instantOf(at)
    ? undefined
    : { ...last, value: last.value }
}

function evolve(state: PriceState, event: Happened<PriceEvent>): PriceState {
  const { companyId, listId, sku, unit, currency, effectiveAt } = event.data
  const rows = state.known ? state.rows : []
  const row = rows.find((one) => one.unit === unit && one.currency === currency) ?? { unit, currency, facts: [] }
  const value = event.type === 'PriceChanged' ? termsOf(event.data) : null
  const facts = withEffective(row.facts, { effectiveAt, eventId: event.id, value })
  return { known: true, companyId, listId, sku, rows: [...rows.filter((one) => one !== row), { ...row, facts }] }
}

async function gather({ companyId, listId, sku }: PriceCommand, load: Load): Promise<PriceGiven> {
  const [{ lists }, product] = await Promise.all([load(priceListsAggregate, companyId), load(productAggregate, sku)])
  return {
    list: lists.find((list) => list.listId === listId),
    productKnown: product.known && product.companyId === companyId,
  }
}

function decide(
  command: PriceCommand,
  state: PriceState,
  { at, recorded, given }: Circumstances<PriceGiven>,
): Decision<PriceEvent> {
  const { companyId, listId, sku, unit, currency, reason, effectiveAt } = command
  const key = { companyId, listId, sku, unit, currency }
  if (!given.list || (state.known && state.companyId !== companyId)) return refuse('pricing.list_unknown', { listId })
  if (!given.productKnown) return refuse('catalogue.unknown_sku', { sku })
  const facts = priceFacts(state, unit, currency)
  const current = priceAt(facts, effectiveAt)

  if (command.type === 'EndPrice') {
    if (!facts.length) return refuse('object.not_found', { listId, sku, unit })
    return current ? [{ type: 'PriceEnded', data: { ...key, reason, effectiveAt } }] : []
  }

  const terms = termsOf({ ...command, breaks: command.breaks ?? [] })
  if (facts.some((fact) => instantOf(fact.effectiveAt) === instantOf(effectiveAt) && sameData(fact.value, terms)))
    return []
  const retroactive = instantOf(effectiveAt) < instantOf(at)
  const overridden = command.override ?? false
  const breaches = enforce(
    [
      !listInForce(given.list, effectiveAt) && refuse('pricing.list_not_effective', { listId, effectiveAt }),
      given.list.currency !== currency && refuse('pricing.currency_mismatch', { listId, currency }),
      retroactive && !command.retroactive && refuse('pricing.retroactive', { sku, effectiveAt }),
      ...termsRules(sku, terms, effectiveAt, given.list.scale),
      ...(overridden ? [] : limitRules(sku, terms)),
      overlaps(facts, terms, effectiveAt) && refuse('pricing.overlap', { listId, sku, unit, effectiveAt }),
    ],
    recorded,
  )
  if (isRefusal(breaches)) return breaches
  const oldPrice = current && { oldPrice: current.value.newPrice }
  return [
    {
      type: 'PriceChanged',
      data: { ...key, ...oldPrice, ...terms, effectiveAt, reason, retroactive, overridden, breaches },
    },
  ]
}

/**
 * No two ranges of one list, sku and unit overlap. A price without an end gives way to the next one, so only bounded
 * ranges and equal starts can: nothing starts inside a bounded range, and a price is replaced at its very start by an
 * error declaration, not by a second price.
 */
function overlaps(facts: readonly Effective<PriceTerms | null>[], terms: PriceTerms, effectiveAt: string): boolean {
  const start = instantOf(effectiveAt)
  const standing = priceAt(facts, effectiveAt)
  if (standing && (instantOf(standing.effectiveAt) === start || standing.value.effectiveUntil !== undefined))
    return true
  if (terms.effectiveUntil === undefined) return false
  const end = instantOf(terms.effectiveUntil)
  return facts.some((fact) => instantOf(fact.effectiveAt) > start && instantOf(fact.effectiveAt) < end)
}

function termsRules(sku: string, terms: PriceTerms, effectiveAt: string, scale: number): (Refusal | false)[] {
  const { newPrice, breaks, effectiveUntil } = terms
  const ascending = breaks.every(({ fromQuantity }, index) => {
    const before = breaks[index - 1]
    return !before || parseDecimal(before.fromQuantity) < parseDecimal(fromQuantity)
  })
  const digits = Math.max(
    ...[newPrice, ...breaks.map(({ price }) => price)].map((text) => text.split('.')[1]?.length ?? 0),
  )
  return [
    effectiveUntil !== undefined &&
      instantOf(effectiveUntil) <= instantOf(effectiveAt) &&
      refuse('pricing.window_empty', { sku }),
    !ascending && refuse('pricing.breaks_unordered', { sku }),
    digits > scale && refuse('pricing.over_precise', { sku, digits, scale }),
  ]
}

/** floor ≤ price ≤ ceiling, for the price and each of its quantity breaks (domain.md §2.2). */
function limitRules(sku: string, { newPrice, breaks, floor, ceiling }: PriceTerms): (Refusal | false)[] {
  const prices = [newPrice, ...breaks.map(({ price }) => price)]
  const below = floor !== undefined && prices.find((price) => parseDecimal(price) < parseDecimal(floor))
  const above = ceiling !== undefined && prices.find((price) => parseDecimal(price) > parseDecimal(ceiling))
  return [
    typeof below === 'string' && refuse('pricing.below_floor', { sku, price: below, floor }),
    typeof above === 'string' && refuse('pricing.above_ceiling', { sku, price: above, ceiling }),
  ]
}

function termsOf(from: PriceTerms): PriceTerms {
  const { newPrice, breaks, floor, ceiling, recommendedRetail, lowestAdvertised, effectiveUntil } = from
  return {
    newPrice,
    breaks,
    ...(floor !== undefined && { floor }),
    ...(ceiling !== undefined && { ceiling }),
    ...(recommendedRetail !== undefined && { recommendedRetail }),
    ...(lowestAdvertised !== undefined && { lowestAdvertised }),
    ...(effectiveUntil !== undefined && { effectiveUntil }),
  }
}
