/**
 * The health index of every dealer over [$1, $2) by the usual terms, in plain SQL over a table of events and nothing of the program:
 * `e(position, id, stream, type, occurred, recorded, data)` without what was declared in error. Weights and lines are those that
 * docs/health-index.md publishes, written down once more.
 */
export const pointsFunction = `create function points(x numeric, line text) returns numeric language sql as $$
  with p as (select split_part(t, ':', 1)::numeric as a, split_part(t, ':', 2)::numeric as y from unnest(string_to_array(line, ' ')) t),
    low as (select * from p where a <= x order by a desc limit 1), high as (select * from p where a > x order by a limit 1)
  select case when not exists (select from low) then (select y from high) when not exists (select from high) then (select y from low)
    else round((select (low.y * (high.a - x) + high.y * (x - low.a)) / (high.a - low.a) from low, high), 6) end $$`

export const healthSql = `with
window_ as (select $1::date as a, $2::date as z, ($1::date - (extract(year from age($2::date, $1::date)) * 12 + extract(month from age($2::date, $1::date))) * interval '1 month')::date as b),
d as (select e.*, left(occurred, 10)::date as day, data->>'dealerId' as dealer from e),
inv as (
  select d.dealer, d.data->>'currency' as cur, d.day, l->>'sku' as sku, (l->>'lineValue')::numeric as amount, 1 as n from d, jsonb_array_elements(d.data->'lines') l
    where type = 'InvoiceIssued' and data->>'kind' <> 'debit_note'
  union all select d.dealer, d.data->>'currency', d.day, l->>'sku', -(l->>'net')::numeric, -1 from d, jsonb_array_elements(d.data->'lines') l where type = 'InvoiceCancelled'),
cred as (select d.dealer, d.data->>'currency' as cur, d.day, (l->>'net')::numeric as amount from d, jsonb_array_elements(d.data->'lines') l where type = 'CreditNoteIssued'),
sales as (select dealer, cur, sum(amount) filter (where day >= a and day < z) as now, sum(amount) filter (where day >= b and day < a) as before
  from (select dealer, cur, day, amount from inv union all select dealer, cur, day, -amount from cred) x, window_ group by 1, 2),
seen as (select dealer, cur from (select dealer, cur, day from inv union all select dealer, cur, day from cred) x, window_ where day >= a and day < z group by 1, 2),
seen2 as (select dealer, cur from (select dealer, cur, day from inv union all select dealer, cur, day from cred) x, window_ where day >= b and day < z group by 1, 2),
launched as (select distinct on (data->>'sku') data->>'sku' as sku, (data->>'launchedOn')::date as launched from d
  where type in ('ProductPublished', 'ProductRevised') and data->>'launchedOn' is not null
  order by data->>'sku', left(data->>'effectiveAt', 29)::timestamptz desc, position desc),
settled as (select d.dealer, d.data->>'currency' as cur, ((left(data->>'cutOff', 23))::timestamp - interval '1 millisecond')::date as cut,
    (data->'calculation'->>'target')::numeric as target, (data->'calculation'->>'volume')::numeric as volume,
    lag((data->'calculation'->>'target')::numeric, 1, 0) over w as target0, lag((data->'calculation'->>'volume')::numeric, 1, 0) over w as volume0
  from d where type = 'SettlementCalculated' and data->>'measure' <> 'units' and data->'calculation'->>'target' is not null
  window w as (partition by data->>'programmeId', d.dealer, data->>'currency', data->>'periodId' order by left(occurred, 29)::timestamptz, position)),
orders as (select dealer, count(*)::numeric as n, count(*) filter (where data->>'placedVia' in ('portal', 'api', 'edi')) as digital
  from d, window_ where type = 'OrderPlaced' and day >= a and day < z group by 1),
owner as (select data->>'orderId' as id, dealer from d where type = 'OrderPlaced'),
lines as (select dealer, count(*)::numeric as n, sum(bad) as bad from (
  select d.dealer, d.day,
    (case when l->'price'->'breaches' @> '[{"code": "pricing.below_floor"}]' or d.data->'breaches' @> jsonb_build_array(jsonb_build_object('code', 'pricing.below_floor', 'lineNo', l->'lineNo')) then 1 else 0 end
    + case when l->'price'->'breaches' @> '[{"code": "pricing.above_ceiling"}]' or d.data->'breaches' @> jsonb_build_array(jsonb_build_object('code', 'pricing.above_ceiling', 'lineNo', l->'lineNo')) then 1 else 0 end) as bad
    from d, jsonb_array_elements(d.data->'lines') l where type = 'OrderPlaced'
  union all select owner.dealer, d.day, 0 from d join owner on owner.id = d.data->>'orderId', jsonb_array_elements(d.data->'changes') c where type = 'OrderAmended' and c->'before' is null
  ) x, window_ where day >= a and day < z group by 1),
wrong as (select coalesce(owner.dealer, case when stream like 'dealer-%' or stream like 'conduct-%' then substr(stream, strpos(stream, '-') + 1) end) as dealer, count(*) as n
  from d left join owner on stream in ('order-' || owner.id, 'fulfilment-' || owner.id), window_ where type = 'ErrorDeclared' and day >= a and day < z group by 1),
bad as (select dealer, sum((data->>'repeats')::int + 1) as n from d, window_ where type = 'ViolationConfirmed' and (data->>'counts')::boolean and day >= a and day < z group by 1),
shares as (select dealer, round(avg((data->>'score')::numeric), 2) as v from d, window_ where type = 'EvaluationRecorded' and data->>'evaluation' = 'exclusive-share' and day >= a and day < z group by 1),
fresh as (select dealer, cur, sum(amount) as total, coalesce(sum(amount) filter (where launched <= day and day < launched + 180), 0) as new
  from inv left join launched using (sku), window_ where day >= a and day < z group by 1, 2),
recent as (select dealer, (select z from window_) - 1 - max(day) as v from d, window_ where type = 'OrderPlaced' and day < z group by 1),
reported as (select data->>'party' as dealer, round(sum(round(greatest(0, extract(epoch from recorded::timestamptz - left(data->>'asOf', 29)::timestamptz) * 1000)::numeric / 3600000, 6)) / count(*), 2) as v
  from d, window_ where type = 'StockReported' and day >= a and day < z group by 1),
agreed as (select dealer, sum((type = 'StatementConfirmed' and data->>'side' <> 'manufacturer')::int)::numeric as yes, sum((type = 'StatementPublished')::int) as n
  from d, window_ where type in ('StatementPublished', 'StatementConfirmed') and day >= a and day < z group by 1),
foreseen as (select d.dealer, l->>'unit' as unit, sum((m->>'quantity')::numeric) as q, sum((m->>'naive')::numeric) as naive
  from d, window_, jsonb_array_elements(d.data->'lines') l, jsonb_array_elements(l->'ahead') m where type = 'ForecastPublished' and day >= a and day < z group by 1, 2),
shops as (select dealer, coalesce(sum(sign) filter (where day < a), 0) as before, coalesce(sum(sign) filter (where day >= a and day < z), 0) as now from (
  select dealer, left(data->>'effectiveAt', 10)::date as day, case when type in ('OutletRegistered', 'OutletAssigned') then 1.0 else -1 end as sign from d where type like 'Outlet%' and type <> 'OutletRevised') x, window_ group by 1),
range_ as (select dealer, count(*)::numeric as v from (select dealer, sku from inv, window_ where day >= a and day < z group by 1, 2 having sum(n) > 0) x group by 1),
value(dealer, dim, metric, weight, v, line) as (
  select dealer, 1, 'net-sales', 40, coalesce(now, 0), case cur when 'CNY' then '0:0 50000:40 200000:70 1000000:100' else '0:0 7000:40 28000:70 140000:100' end from sales join seen using (dealer, cur)
  union all select dealer, 1, 'growth', 30, round((coalesce(now, 0) - before) / nullif(before, 0), 6), '-0.5:0 0:50 0.3:100' from sales join seen2 using (dealer, cur)
  union all select dealer, 1, 'attainment', 30, round(sum(volume - volume0) / nullif(sum(target - target0), 0), 6), '0.5:0 0.8:50 1:80 1.2:100' from settled, window_ where cut >= a and cut < z group by dealer, cur
  union all select dealer, 2, 'violations', 50, round(coalesce(bad.n, 0) / orders.n, 6), '0:100 0.05:60 0.25:0' from orders left join bad using (dealer)
  union all select dealer, 2, 'price', 30, round(1 - bad / n, 6), '0.8:0 0.95:60 1:100' from lines
  union all select dealer, 2, 'corrections', 20, round(coalesce(wrong.n, 0) / orders.n, 6), '0:100 0.2:0' from orders left join wrong using (dealer)
  union all select dealer, 3, 'exclusive', 40, v, '0:0 50:50 100:100' from shares
  union all select dealer, 3, 'new', 30, round(new / nullif(total, 0), 6), '0:0 0.1:50 0.3:100' from fresh
  union all select dealer, 3, 'recent', 30, v, '7:100 30:60 90:0' from recent
  union all select dealer, 4, 'digital', 35, round(digital / n, 6), '0:0 0.5:50 1:100' from orders
  union all select dealer, 4, 'lag', 35, v, '24:100 72:70 360:0' from reported
  union all select dealer, 4, 'statements', 30, round(yes / nullif(n, 0), 6), '0:0 0.5:50 1:100' from agreed
  union all select dealer, 5, 'forecast', 40, round((q - naive) / nullif(naive, 0), 6), '-0.3:0 0:50 0.3:100' from foreseen
  union all select dealer, 5, 'outlets', 30, round(now / nullif(before, 0), 6), '-0.2:0 0:50 0.2:100' from shops
  union all select dealer, 5, 'range', 30, v, '0:0 5:50 20:100' from range_),
metric as (select dealer, dim, metric, weight, round(avg(points(v, line)), 6) as p from value where v is not null group by 1, 2, 3, 4),
dimension as (select dealer, dim, round(sum(weight * p) / sum(weight), 6) as p, sum(weight)::numeric / 100 as known from metric group by 1, 2),
judged as (select dealer, count(*) as dims, round(sum(w * p) / sum(w), 6) as p, round(sum(w * known) / 100, 6) as confidence, jsonb_object_agg(dim, p) as parts
  from dimension join (values (1, 30), (2, 25), (3, 20), (4, 15), (5, 10)) t(dim, w) using (dim) group by 1)
select dealer, dims::int as dims, case when dims >= 4 then p::float8 end as index, confidence::float8 as confidence, parts from judged
where dealer in (select data->>'dealerId' from e where type = 'DealerRegistered') order by dealer`
