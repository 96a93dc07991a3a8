import { z } from 'zod'
import { localLabel } from '../../../domain/kernel/fields.ts'
import { listLevel, priceList } from '../../../domain/pricing/priceList.ts'
import { pricing } from '../../../domain/pricing/price.ts'
import { promotion } from '../../../domain/pricing/promotion.ts'
import type { Source } from '../../engine/ask.ts'
import { defineQuery } from '../../engine/query.ts'
import { isoTime, where } from '../sqlText.ts'
import { inRegion, listFits, listInForce } from './listScope.ts'
import { priceBookModel } from './model.ts'

const id = z.string().min(1).max(64)
const base = { model: priceBookModel, owner: 'dealerId', audience: 'everyone' } as const

/** A dealer knows of the lists that are for it, and of no other dealer's. */
const known = (list: string, dealerId: string | undefined, from: Source): string | false =>
  dealerId !== undefined &&
  `exists (select from ${from('dealers', { dealer_id: dealerId })} d where ${listFits(list, 'd')})`

const lists = defineQuery({
  ...base,
  name: 'priceLists.list',
  summary: 'Price lists with their level, scope and standing; for a dealer those that are for it',
  path: '/v1/price-lists',
  kind: 'list',
  params: z.object({
    dealerId: id.optional(),
    companyId: id.optional(),
    currency: id.optional(),
    level: listLevel.optional(),
  }),
  row: z.object({
    companyId: z.string(),
    listId: z.string(),
    name: localLabel,
    level: listLevel,
    scope: priceList.shape.scope,
    currency: z.string(),
    priority: z.int(),
    merge: z.boolean(),
    scale: z.int(),
    rounding: z.string(),
    effectiveFrom: z.string(),
    effectiveUntil: z.string().nullable(),
    withdrawn: z.boolean(),
    inForce: z.boolean(),
  }),
  order: [
    ['companyId', 'asc'],
    ['listId', 'asc'],
  ],
  sql: ({ dealerId, companyId, currency, level }, from, bind) =>
    `select l.company_id as "companyId", l.list_id as "listId", l.name as "name", l.level as "level", l.scope as "scope", l.currency as "currency",
       l.priority as "priority", l.merge as "merge", l.scale as "scale", l.rounding as "rounding", ${isoTime('l.effective_from')} as "effectiveFrom",
       ${isoTime('l.effective_until')} as "effectiveUntil", coalesce(l.withdrawn, false) as "withdrawn", ${listInForce('l')} as "inForce"
     from ${from('lists')} l ${where(
       'l.level is not null',
       known('l', dealerId, from),
       companyId !== undefined && `l.company_id = ${bind(companyId)}`,
       currency !== undefined && `l.currency = ${bind(currency)}`,
       level !== undefined && `l.level = ${bind(level)}`,
     )}`,
})

const price = {
  companyId: z.string(),
  listId: z.string(),
  listLevel,
  sku: z.string(),
  name: localLabel.nullable(),
  category: z.string().nullable(),
  unit: z.string(),
  currency: z.string(),
  price: pricing.shape.newPrice,
  breaks: pricing.shape.breaks,
  floor: z.string().nullable(),
  ceiling: z.string().nullable(),
  recommendedRetail: z.string().nullable(),
  lowestAdvertised: z.string().nullable(),
  effectiveAt: z.string(),
  effectiveUntil: z.string().nullable(),
  priceEventId: z.string(),
}
const priceColumns = `
  p.company_id as "companyId", p.list_id as "listId", l.level as "listLevel", p.sku as "sku", i.name as "name", i.category as "category", p.unit as "unit",
  p.currency as "currency", p.terms->>'newPrice' as "price", p.terms->'breaks' as "breaks", p.terms->>'floor' as "floor",
  p.terms->>'ceiling' as "ceiling", p.terms->>'recommendedRetail' as "recommendedRetail", p.terms->>'lowestAdvertised' as "lowestAdvertised",
  p.terms->>'effectiveAt' as "effectiveAt", p.terms->>'effectiveUntil' as "effectiveUntil", p.price_event as "priceEventId"`

/** Prices in force on lists in force: the last one started, unless it has reached its end (`priceAt` of the domain). */
const pricesInForce = (from: Source, listId?: string, sku?: string): string =>
  `${from('prices', { list_id: listId, sku })} p
   join ${from('lists', { list_id: listId })} l on l.company_id = p.company_id and l.list_id = p.list_id and ${listInForce('l')}
   left join ${from('products', { sku })} i on i.sku = p.sku`
const priceStands = (from: Source): string =>
  `p.terms is not null and not p.ended and coalesce((p.terms->>'effectiveUntil')::timestamptz > ${from.at()}, true)`

/** Promotions running at the asked instant. */
const runs = 'r.promotion is not null and not coalesce(r.ended, false) and not coalesce(r.cancelled, false)'
const allows = (key: string, value: string): string =>
  `(r.promotion->'scope'->'${key}' is null or r.promotion->'scope'->'${key}' ? ${value})`
/** The promotion is for this dealer: an absent scope is for all. */
const forDealer = (dealer: string): string =>
  `${allows('dealers', `${dealer}.dealer_id`)} and ${allows('tiers', `coalesce(${dealer}.tier, '')`)} and (r.promotion->'scope'->'regions' is null
   or exists (select from jsonb_array_elements_text(r.promotion->'scope'->'regions') as s(scope) where ${inRegion(`${dealer}.region`, 's.scope')}))`

const applied = z.array(
  z.object({
    promotionId: z.string(),
    discount: z.string(),
    stackingClass: promotion.shape.stackingClass,
    minQuantity: z.string().nullable(),
    maxQuantity: z.string().nullable(),
  }),
)
/** What may take effect on a price, before its quantity is known; without a dealer, promotions that name dealers stay out. */
const promotionsOf = (from: Source, dealer: string | undefined): string =>
  `coalesce((select jsonb_agg(jsonb_build_object('promotionId', r.promotion_id, 'discount', r.promotion->'discount', 'stackingClass', r.promotion->'stackingClass',
       'minQuantity', r.promotion->'minQuantity', 'maxQuantity', r.promotion->'maxQuantity') order by (r.promotion->>'priority')::integer, r.promotion_id collate "C")
     from ${from('promotions')} r where r.company_id = p.company_id and ${runs} and ${allows('skus', 'p.sku')} and ${allows('categories', `coalesce(i.category, '')`)}
       and ${dealer === undefined ? `r.promotion->'scope'->'dealers' is null` : forDealer(dealer)}), '[]')`

const ofList = defineQuery({
  ...base,
  name: 'prices.ofList',
  summary:
    'A price list resolved: the price in force of every sku with breaks and limits, and the promotions that may apply',
  path: '/v1/price-lists/:listId/prices',
  kind: 'list',
  params: z.object({
    listId: id,
    dealerId: id.optional(),
    sku: id.optional(),
    category: z.string().max(200).optional(),
  }),
  row: z.object({ ...price, promotions: applied }),
  order: [
    ['companyId', 'asc'],
    ['sku', 'asc'],
    ['unit', 'asc'],
    ['currency', 'asc'],
  ],
  sql: ({ listId, dealerId, sku, category }, from, bind) => {
    const dealer =
      dealerId === undefined ? '' : `join ${from('dealers', { dealer_id: dealerId })} d on ${listFits('l', 'd')}`
    return `select ${priceColumns}, ${promotionsOf(from, dealerId === undefined ? undefined : 'd')} as "promotions"
      from ${pricesInForce(from, listId, sku)} ${dealer} ${where(
        priceStands(from),
        category !== undefined && `i.category = ${bind(category)}`,
      )}`
  },
})

/** contract, dealer, tier, region, base; a region before its country, then priority, then list id (`moreSpecialFirst` of the domain). */
const moreSpecialFirst = `array_position(array['contract', 'dealer', 'tier', 'region', 'base'], l.level),
  case when right(l.scope->>'region', 2) = '/*' then 1 else 0 end, l.priority, l.list_id collate "C"`

const ofDealer = defineQuery({
  ...base,
  name: 'prices.ofDealer',
  summary:
    'The list price that decides for a dealer, per sku, unit and currency, before quantity breaks and promotions, and what may apply on top',
  path: '/v1/dealers/:dealerId/prices',
  kind: 'list',
  params: z.object({
    dealerId: id,
    sku: id.optional(),
    currency: id.optional(),
    category: z.string().max(200).optional(),
  }),
  row: z.object({ ...price, strategy: z.string(), promotions: applied }),
  order: [
    ['sku', 'asc'],
    ['unit', 'asc'],
    ['currency', 'asc'],
  ],
  sql: ({ dealerId, sku, currency, category }, from, bind) =>
    `select distinct on (p.sku, p.unit, p.currency) ${priceColumns}, coalesce(s.strategy, 'priority') as "strategy", ${promotionsOf(from, 'd')} as "promotions"
     from ${pricesInForce(from, undefined, sku)} join ${from('dealers', { dealer_id: dealerId })} d on ${listFits('l', 'd')}
       left join ${from('strategies')} s on s.company_id = l.company_id
     ${where(
       priceStands(from),
       currency !== undefined && `p.currency = ${bind(currency)}`,
       category !== undefined && `i.category = ${bind(category)}`,
     )}
     order by p.sku, p.unit, p.currency, case when s.strategy = 'minimal' then (p.terms->>'newPrice')::numeric end, ${moreSpecialFirst}`,
})

const history = defineQuery({
  ...base,
  name: 'prices.history',
  summary: 'Every price of a sku on a list up to the asked instant, with the event that set it',
  path: '/v1/price-lists/:listId/prices/:sku/history',
  kind: 'list',
  params: z.object({ listId: id, sku: id, dealerId: id.optional() }),
  row: z.object({
    companyId: z.string(),
    unit: z.string(),
    currency: z.string(),
    effectiveAt: z.string(),
    effectiveUntil: z.string().nullable(),
    price: z.string().nullable(),
    ended: z.boolean(),
    position: z.string(),
    eventId: z.string(),
  }),
  order: [
    ['unit', 'asc'],
    ['currency', 'asc'],
    ['effectiveAt', 'asc'],
    ['position', 'asc'],
  ],
  sql: ({ listId, sku, dealerId }, from) =>
    `select f.company_id as "companyId", f.unit as "unit", f.currency as "currency", ${isoTime('f.at')} as "effectiveAt", f.terms->>'effectiveUntil' as "effectiveUntil",
       f.terms->>'newPrice' as "price", f.ended as "ended", f.position as "position", f.event_id as "eventId"
     from ${from.facts('prices', { list_id: listId, sku })} f
       join ${from('lists', { list_id: listId })} l on l.company_id = f.company_id ${where(known('l', dealerId, from))}`,
})

const promotionRow = promotion.omit({ startsAt: true, endsAt: true, minQuantity: true, maxQuantity: true }).extend({
  startsAt: z.string(),
  endsAt: z.string(),
  minQuantity: z.string().nullable(),
  maxQuantity: z.string().nullable(),
  running: z.boolean(),
  cancelled: z.boolean(),
})

const promotions = defineQuery({
  ...base,
  name: 'promotions.list',
  summary: 'Promotions that have begun by the asked instant, and whether they run; for a dealer those that are for it',
  path: '/v1/promotions',
  kind: 'list',
  params: z.object({
    dealerId: id.optional(),
    companyId: id.optional(),
    running: z.enum(['true', 'false']).optional(),
    sku: id.optional(),
  }),
  row: promotionRow,
  order: [
    ['companyId', 'asc'],
    ['promotionId', 'asc'],
  ],
  sql: ({ dealerId, companyId, running, sku }, from, bind) =>
    `select r.company_id as "companyId", r.promotion_id as "promotionId", r.promotion->'name' as "name", r.promotion->>'discount' as "discount",
       r.promotion->>'startsAt' as "startsAt", r.promotion->>'endsAt' as "endsAt", ${scopeShown(dealerId)} as "scope",
       r.promotion->>'minQuantity' as "minQuantity", r.promotion->>'maxQuantity' as "maxQuantity", r.promotion->>'stackingClass' as "stackingClass",
       (r.promotion->>'priority')::integer as "priority", ${runs} as "running", coalesce(r.cancelled, false) as "cancelled"
     from ${from('promotions')} r ${where(
       'r.promotion is not null',
       dealerId !== undefined && isFor(dealerId, from),
       companyId !== undefined && `r.company_id = ${bind(companyId)}`,
       running !== undefined && `(${runs}) = ${bind(running)}::boolean`,
       sku !== undefined && allows('skus', `${bind(sku)}::text`),
     )}`,
})

const isFor = (dealerId: string, from: Source): string =>
  `exists (select from ${from('dealers', { dealer_id: dealerId })} d where d.company_id = r.company_id and ${forDealer('d')})`

/** Which other dealers a promotion names is not a dealer's business. */
const scopeShown = (dealerId: string | undefined): string =>
  dealerId === undefined ? `r.promotion->'scope'` : `(r.promotion->'scope') - 'dealers'`

export const priceBookQueries = [lists, ofList, ofDealer, history, promotions] as const
