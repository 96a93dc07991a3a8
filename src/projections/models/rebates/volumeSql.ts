import type { Source } from '../../engine/ask.ts'
import { where } from '../sqlText.ts'

/**
 * The volume line by line, with what its events left unsaid: the owner and the day of the order, the sku of a cancelled
 * line, the first delivery that a return belongs to. What an event says of its order counts only for the order as it
 * was known before. A resale counts for the company of its product and in its unit, unless that company reports it itself; what has no
 * value has no currency here. Where nothing is unsaid nothing is looked up: the condition stands inside the look-up. Conditions may use `v`, the facts as recorded; a derived table to be given a name.
 */
export function volumeSql(from: Source, ...conditions: readonly (string | false | undefined)[]): string {
  const earlier = (alias: string): string =>
    `${alias}.order_id = v.order_id and ${alias}.line_no = v.line_no and ${alias}.position < v.position`
  return `(
    select v.basis, v.event_id, v.position, v.at, v.happened_at, v.line_no, v.order_id, v.kind, v.quantity, v.net, v.gross, v.invoiced_at, v.due_at,
      coalesce(v.company_id, o.company_id, p.company_id) as company_id, coalesce(v.dealer_id, o.dealer_id) as dealer_id, coalesce(v.currency, o.currency) as currency,
      coalesce(v.sku, l.sku) as sku, coalesce(v.unit, l.unit, p.unit) as unit,
      case v.sale_from when 'placed' then coalesce(o.at, v.at) when 'delivered' then coalesce(d.at, v.at) else v.sale_instant end as sale_instant,
      case v.sale_from when 'placed' then coalesce(o.placed_at, v.happened_at) when 'delivered' then coalesce(d.happened_at, v.happened_at) else v.sale_at end as sale_at
    from ${from.facts('volume')} v
    left join lateral (select at, company_id, dealer_id, currency, placed_at from ${from.facts('orders')} o
      where (v.dealer_id is null or v.sale_from = 'placed') and o.order_id = v.order_id and o.position < v.position order by o.position desc limit 1) o on true
    left join lateral (select sku, unit from ${from.facts('volume')} l
      where v.sku is null and l.basis = 'ordered' and ${earlier('l')} and l.sku is not null order by l.position desc limit 1) l on true
    left join lateral (select at, happened_at from ${from.facts('volume')} d
      where v.sale_from = 'delivered' and d.basis = 'delivered' and d.kind = 'sale' and ${earlier('d')} order by d.position limit 1) d on true
    left join lateral (select company_id, unit from ${from.facts('products')} p
      where v.basis = 'sold-out' and p.sku = v.sku and p.company_id is not null order by p.position limit 1) p on true
    ${where("(v.basis <> 'sold-out' or p.company_id <> v.dealer_id)", 'coalesce(v.dealer_id, o.dealer_id) is not null', 'coalesce(v.sku, l.sku) is not null', ...conditions)})`
}

/** Categories, a jsonb array, and launch date of the sku of a line `v` in force at its sale; both null for a product that was not there yet, and for evidence. */
export function productSql(from: Source, v: string): string {
  return `lateral (select p.categories, p.launched_on from ${from.facts('products')} p
    where ${v}.basis <> 'evidence' and p.sku = ${v}.sku and p.at <= ${v}.sale_instant order by p.at desc, p.position desc, p.seq desc limit 1)`
}
