/**
 * `orderStatus` of the domain in SQL: `o` is the alias of a row of `orders`, `lines` a derived table of the lines of any
 * orders. A test holds it against the domain's own over random quantities.
 */
export function orderStatusSql(o: string, lines: string): string {
  const live = `(${o}.ordered - ${o}.cancelled)`
  return `case
    when ${o}.is_closed then 'closed'
    when ${o}.phase is distinct from 'placed' then case when ${o}.is_cancelled then 'cancelled' else coalesce(${o}.phase, 'none') end
    when ${live} <= 0 then 'cancelled'
    when ${o}.delivered >= ${live} then 'delivered'
    when ${o}.delivered > 0 then 'partly-delivered'
    when ${o}.shipped >= ${live} then 'shipped'
    when ${o}.shipped > 0 then 'partly-shipped'
    when ${o}.allocated >= ${live} then 'allocated'
    when ${o}.allocated > 0 then 'partly-allocated'
    when exists (select from ${lines} s where s.order_id = ${o}.order_id and s.ordered - s.cancelled - s.confirmed - s.backordered > 0) then 'placed'
    else 'confirmed' end`
}
