import { z } from 'zod'
import { breaches as breachList } from '../../../domain/kernel/breach.ts'
import { localLabel, sealedText } from '../../../domain/kernel/fields.ts'
import { calculation } from '../../../domain/rebates/calculation.ts'
import { disputeSide, settlementEvents, settlementKind } from '../../../domain/rebates/events.ts'
import { basis, measure, stackingClass, terms } from '../../../domain/rebates/terms.ts'
import type { Source } from '../../engine/ask.ts'
import type { Bind } from '../../engine/foldQuery.ts'
import { defineQuery } from '../../engine/query.ts'
import { isoTime, plainDecimal, where, wholeNumber } from '../sqlText.ts'
import { rebatesModel } from './model.ts'
import { productSql, volumeSql } from './volumeSql.ts'

const id = z.string().min(1).max(64)
const base = { model: rebatesModel, owner: 'dealerId', audience: 'everyone' } as const

const is = (column: string, value: string | undefined, bind: Bind): string | false =>
  value !== undefined && `${column} = ${bind(value)}`

/** May the dealer `d` take part (`isEligible`)? Of members only those that ever were. */
const eligible = (from: Source, terms: string, programme: string, dealer: string, d: string): string =>
  `case ${terms}->'eligibility'->>'kind' when 'all' then true
    when 'tiers' then coalesce(${terms}->'eligibility'->'tiers' ? ${d}.tier, false)
    when 'territories' then coalesce(${terms}->'eligibility'->'territories' ? ${d}.territory_id, false)
    else exists (select from ${from.facts('members')} m where m.programme_id = ${programme} and m.dealer_id = ${dealer} and m.is_member) end`

const programme = {
  programmeId: z.string(),
  companyId: z.string(),
  status: z.enum(['draft', 'active', 'ended']),
  endsAt: z.string().nullable(),
  /** the newest in force at the asked instant; of a programme yet to come its first */
  version: z.int(),
  terms,
  /** versions there are, those to come included */
  versions: z.int(),
}
const statusOf = (from: Source): string =>
  `case when not p.is_active then 'draft' when p.ends_at <= ${from.at()} then 'ended' else 'active' end`
const programmesSql = (
  params: { dealerId?: string | undefined; programmeId?: string | undefined },
  from: Source,
  bind: Bind,
): string => {
  const dealer = params.dealerId === undefined ? undefined : bind(params.dealerId)
  return `select p.programme_id as "programmeId", p.company_id as "companyId", ${statusOf(from)} as status, ${isoTime('p.ends_at')} as "endsAt",
      ${wholeNumber('v.version')} as version, v.terms, (select count(*)::integer from ${from('versions')} n where n.programme_id = p.programme_id) as versions, v.terms->'name' as name
    from ${from('programmes', { programme_id: params.programmeId })} p
    join lateral (select v.version, v.terms from ${from('versions')} v where v.programme_id = p.programme_id
      order by v.effective_from <= ${from.at()} desc, case when v.effective_from <= ${from.at()} then -v.version else v.version end limit 1) v on true
    ${
      dealer === undefined
        ? ''
        : `left join ${from('dealers')} d on d.dealer_id = ${dealer}
    where p.is_active and ${eligible(from, 'v.terms', 'p.programme_id', dealer, 'd')}`
    }`
}

const programmes = defineQuery({
  ...base,
  name: 'programmes.list',
  summary: 'Rebate programmes with the terms in force; for a dealer those it may take part in',
  path: '/v1/programmes',
  kind: 'list',
  params: z.object({ dealerId: id.optional(), status: programme.status.optional(), basis: basis.optional() }),
  row: z.object({ ...programme, name: localLabel }),
  order: [['programmeId', 'asc']],
  sql: (params, from, bind) =>
    `select * from (${programmesSql(params, from, bind)}) p ${where(is('p.status', params.status, bind), is(`p.terms->>'basis'`, params.basis, bind))}`,
})

const oneProgramme = defineQuery({
  ...base,
  name: 'programmes.one',
  summary: 'One rebate programme',
  path: '/v1/programmes/:programmeId',
  kind: 'one',
  params: z.object({ dealerId: id.optional(), programmeId: id }),
  row: z.object({ ...programme, name: localLabel }),
  sql: programmesSql,
})

export const programmeVersions = defineQuery({
  ...base,
  name: 'programmes.versions',
  summary: 'Every version of a rebate programme, those to come included',
  path: '/v1/programmes/:programmeId/versions',
  kind: 'list',
  params: z.object({ dealerId: id.optional(), programmeId: id }),
  row: z.object({
    version: z.int(),
    terms,
    effectiveFrom: z.string(),
    active: z.boolean(),
    retroactive: z.boolean(),
    setAt: z.string(),
    endReason: sealedText.nullable(),
  }),
  order: [['version', 'asc']],
  sql: ({ dealerId, programmeId }, from, bind) => {
    const dealer = dealerId === undefined ? undefined : bind(dealerId)
    return `select ${wholeNumber('v.version')} as version, v.terms, ${isoTime('v.effective_from')} as "effectiveFrom", v.is_active as active, v.retroactive, ${isoTime('v.set_at')} as "setAt",
        ${dealer === undefined ? 'p.end_reason' : 'null::jsonb'} as "endReason"
      from ${from('versions', { programme_id: programmeId })} v left join ${from('programmes', { programme_id: programmeId })} p using (programme_id)
      ${dealer === undefined ? '' : `left join ${from('dealers')} d on d.dealer_id = ${dealer} where v.is_active and ${eligible(from, 'v.terms', 'v.programme_id', dealer, 'd')}`}`
  },
})

const stackingsSql = ({ groupId }: { groupId?: string | undefined }, from: Source): string =>
  `select distinct on (group_id) group_id as "groupId", company_id as "companyId", ${wholeNumber('version')} as version, ${isoTime('effective_from')} as "effectiveFrom", programmes
   from ${from('stackings', { group_id: groupId })} s order by group_id, effective_from <= ${from.at()} desc, case when effective_from <= ${from.at()} then -version else version end`
const stacking = {
  ...base,
  owner: 'shared',
  audience: 'staff',
  row: z.object({
    groupId: z.string(),
    companyId: z.string(),
    version: z.int(),
    effectiveFrom: z.string(),
    programmes: z.array(z.object({ programmeId: z.string(), class: stackingClass })),
  }),
} as const
const stackings = defineQuery({
  ...stacking,
  name: 'stacking.list',
  summary: 'Groups of programmes that may count the same sale, in the order in which they count',
  path: '/v1/stacking-groups',
  kind: 'list',
  params: z.object({}),
  order: [['groupId', 'asc']],
  sql: stackingsSql,
})
const oneStacking = defineQuery({
  ...stacking,
  name: 'stacking.one',
  summary: 'One group of programmes that may count the same sale',
  path: '/v1/stacking-groups/:groupId',
  kind: 'one',
  params: z.object({ groupId: id }),
  sql: stackingsSql,
})

const members = defineQuery({
  ...base,
  name: 'programmes.members',
  summary: 'Members of programmes at the asked instant',
  path: '/v1/programme-members',
  kind: 'list',
  params: z.object({ dealerId: id.optional(), programmeId: id.optional() }),
  row: z.object({ programmeId: z.string(), dealerId: z.string(), since: z.string() }),
  order: [
    ['programmeId', 'asc'],
    ['dealerId', 'asc'],
  ],
  sql: (params, from) =>
    `select programme_id as "programmeId", dealer_id as "dealerId", ${isoTime('since')} as since
     from ${from('members', { programme_id: params.programmeId, dealer_id: params.dealerId })} m where is_member and since is not null`,
})

const dealerPeriod = {
  dealerId: id.optional(),
  programmeId: id.optional(),
  currency: id.optional(),
  periodId: id.optional(),
}
type DealerPeriod = z.infer<z.ZodObject<typeof dealerPeriod>>

const volumeColumns = [
  'at',
  'position',
  'line_no',
  'event_id',
  'dealer_id',
  'order_id',
  'sku',
  'unit',
  'kind',
  'sale_at',
  'quantity',
  'net',
  'gross',
]
  .map((column) => `v.${column}`)
  .join(', ')

/**
 * `counted`: the lines of volume that count into a programme's period (`factsOf`), with the amount in its measure;
 * `chosen`: the periods asked about, running at the asked instant when none is named, each with the version it settles by.
 */
function countedSql(params: DealerPeriod, from: Source, bind: Bind): string {
  const named = (set: string): string =>
    `(coalesce(${set}->'skus' ? v.sku, false) or exists (select from jsonb_array_elements_text(v.categories) category where ${set}->'categories' ? category))`
  return `chosen as (
      select distinct on (p.programme_id, q.period_id) p.programme_id, p.company_id, p.ends_at as programme_end, q.period_id, q.starts_at, q.ends_at, w.version, w.terms
      from ${from('programmes', { programme_id: params.programmeId })} p
      join ${from('versions', { programme_id: params.programmeId })} w on w.programme_id = p.programme_id and w.is_active
      join ${from('periods')} q on q.calendar_id = w.calendar_id and q.grain = w.grain and w.effective_from <= q.starts_at
      ${where(
        'p.is_active',
        params.periodId === undefined
          ? `q.starts_at <= ${from.at()} and ${from.at()} < q.ends_at`
          : is('q.period_id', params.periodId, bind),
      )}
      order by p.programme_id, q.period_id, w.version desc),
    counted as (
      select c.programme_id, c.period_id, ${volumeColumns}, coalesce(v.currency, c.terms->'currencies'->>0) as currency, case c.terms->>'measure' when 'units' then v.quantity when 'gross' then v.gross else v.net end as amount
      from chosen c join (select v.*, p.categories, p.launched_on from ${volumeSql(
        from,
        "v.basis in (select terms->>'basis' from chosen)",
        is('coalesce(v.dealer_id, o.dealer_id)', params.dealerId, bind),
        params.currency !== undefined &&
          `(v.basis in ('sold-out', 'evidence') or ${is('coalesce(v.currency, o.currency)', params.currency, bind)})`,
      )} v left join ${productSql(from, 'v')} p on true) v
        on v.basis = c.terms->>'basis' and v.company_id = c.company_id and v.sale_instant >= c.starts_at and v.sale_instant < c.ends_at
      left join ${from('dealers')} d on d.dealer_id = v.dealer_id
      where (c.programme_end is null or v.sale_instant < c.programme_end)
        and (v.currency is null or c.terms->'currencies' is null or c.terms->'currencies' ? v.currency)
        ${params.currency === undefined ? '' : `and coalesce(v.currency, c.terms->'currencies'->>0) = ${bind(params.currency)}`}
        and (c.terms->'launchedWithinDays' is null or left(v.sale_at, 10)::date - v.launched_on::date <= (c.terms->>'launchedWithinDays')::integer)
        and (c.terms->'products'->'include' is null or ${named(`c.terms->'products'->'include'`)})
        and not (c.terms->'products'->'exclude' is not null and ${named(`c.terms->'products'->'exclude'`)})
        and (v.kind <> 'return' or c.terms->>'returns' = 'deduct' and v.at - v.sale_instant <= make_interval(days => (c.terms->>'clawbackDays')::integer))
        and (c.terms->>'measure' <> 'units' or v.unit = c.terms->>'unit')
        and ${eligible(from, 'c.terms', 'c.programme_id', 'v.dealer_id', 'd')}
        and (c.terms->'eligibility'->>'kind' <> 'members' or coalesce((select m.is_member from ${from.facts('members')} m
          where m.programme_id = c.programme_id and m.dealer_id = v.dealer_id and m.at <= v.sale_instant order by m.at desc, m.position desc limit 1), false)))`
}

/** From which volume each tier of a shape begins (docs/settlement-rules.md §4), in order; none where tiers are not of the volume. */
function stepsSql(method: string, reached: string): string {
  const own = (figure: string): string => `(${method}->>'${figure}')::numeric`
  const target = `case ${method}->>'target' when 'own' then ${reached}.target else ${own('target')} end`
  const tiers = (step: string): string =>
    `(select array_agg(${step} order by n) from jsonb_array_elements(${method}->'tiers') with ordinality as x(t, n))`
  const from = "(t->>'from')::numeric"
  return `(select case ${method}->>'kind'
      when 'attainment' then ${tiers(`${from} * ${reached}.target`)}
      when 'growth' then ${tiers(`coalesce(${reached}.baseline, 0) + ${from} * case ${method}->>'on' when 'volume' then ${reached}.baseline else 1 end`)}
      when 'fixed-sum' then array[${target}]
      when 'linear' then array[(${method}->'from'->>'volume')::numeric, (${method}->'to'->>'volume')::numeric]
      when 'increment' then (select array_agg(${target} + ${own('step')} * step order by step)
        from generate_series(1, greatest(0, least(1000, floor((${reached}.volume - ${target}) / ${own('step')}))) + 1) step)
      when 'mix' then null when 'early-payment' then null
      else ${tiers(from)} end as steps)`
}

/** The rate of a tier by its number, from 1; null where it has none. */
function rateSql(tier: string): string {
  return `case terms->'method'->>'kind' when 'linear' then terms->'method'->(array['from', 'to'])[${tier}]->>'rate'
    when 'mix' then null when 'early-payment' then null else terms->'method'->'tiers'->(${tier} - 1)->>'rate' end`
}

const minorFigures = ['accrued', 'settled', 'clawed_back', 'awarded', 'credited'] as const

const positions = defineQuery({
  ...base,
  name: 'rebates.positions',
  summary:
    'Where dealers stand in programmes, before stacking: volume so far, tier reached, what is missing to the next, accrued and settled (minor units)',
  path: '/v1/rebates/positions',
  kind: 'list',
  params: z.object(dealerPeriod),
  row: z.object({
    programmeId: z.string(),
    name: localLabel,
    dealerId: z.string(),
    currency: z.string(),
    periodId: z.string(),
    periodEnd: z.string(),
    programmeVersion: z.int(),
    basis,
    measure,
    unit: z.string().nullable(),
    /** in the measure */
    volume: z.string(),
    /** the dealer's own, in the measure */
    target: z.string().nullable(),
    baseline: z.string().nullable(),
    /** from 1; 0 when none is, and for shapes whose tiers are not of the volume */
    tierReached: z.int(),
    rate: z.string(),
    /** in the measure, whatever the tiers are of */
    nextTierFrom: z.string().nullable(),
    nextRate: z.string().nullable(),
    gapToNextTier: z.string().nullable(),
    accrued: z.string(),
    settled: z.string(),
    clawedBack: z.string(),
    awarded: z.string(),
    credited: z.string(),
    final: z.boolean(),
  }),
  order: [
    ['programmeId', 'asc'],
    ['dealerId', 'asc'],
    ['currency', 'asc'],
    ['periodId', 'asc'],
  ],
  sql: (params, from, bind) => `
    with ${countedSql(params, from, bind)},
    volumes as (select programme_id, period_id, dealer_id, currency, sum(amount) as volume from counted group by 1, 2, 3, 4),
    settled as (select s.* from ${from('positions', { programme_id: params.programmeId, dealer_id: params.dealerId, currency: params.currency, period_id: params.periodId })} s),
    reached as (
      select programme_id, period_id, dealer_id, currency, coalesce(v.volume, 0) as volume, ${minorFigures.map((column) => `coalesce(s.${column}, 0) as ${column}`).join(', ')},
        s.target, s.baseline, coalesce(s.is_final, false) as is_final
      from volumes v full join settled s using (programme_id, period_id, dealer_id, currency)),
    tiered as (
      select r.*, c.terms, c.version, c.ends_at, t.steps,
        case when r.volume <= 0 then 0 else (select count(*) from unnest(t.steps) step where step <= r.volume)::integer end as tier
      from reached r join chosen c using (programme_id, period_id), lateral ${stepsSql("c.terms->'method'", 'r')} t)
    select programme_id as "programmeId", terms->'name' as name, dealer_id as "dealerId", currency, period_id as "periodId", ${isoTime('ends_at')} as "periodEnd",
      ${wholeNumber('version')} as "programmeVersion", terms->>'basis' as basis, terms->>'measure' as measure, terms->>'unit' as unit, ${plainDecimal('volume')} as volume,
      tier as "tierReached", ${plainDecimal('target')} as target, ${plainDecimal('baseline')} as baseline, case when tier = 0 then '0' else coalesce(${rateSql('tier')}, '0') end as rate,
      ${plainDecimal('steps[tier + 1]')} as "nextTierFrom", ${rateSql('tier + 1')} as "nextRate", ${plainDecimal('steps[tier + 1] - volume')} as "gapToNextTier",
      ${minorFigures.map((column) => `${plainDecimal(column)} as "${column === 'clawed_back' ? 'clawedBack' : column}"`).join(', ')}, is_final as final
    from tiered`,
})

/** With asOf and knownAt of a settlement's cut-off and watermark these are the lines behind its calculation. */
const lines = defineQuery({
  ...base,
  name: 'rebates.lines',
  summary:
    'The lines of volume that count into a programme’s period, before stacking, each with its event; their amounts add up to the volume',
  path: '/v1/rebates/lines',
  kind: 'list',
  params: z.object({ ...dealerPeriod, programmeId: id }),
  row: z.object({
    occurredAt: z.string(),
    position: z.string(),
    lineNo: z.int(),
    eventId: z.string(),
    dealerId: z.string(),
    currency: z.string(),
    periodId: z.string(),
    orderId: z.string(),
    sku: z.string(),
    unit: z.string(),
    kind: z.enum(['sale', 'return']),
    /** business time of the sale it belongs to */
    saleAt: z.string(),
    quantity: z.string(),
    net: z.string(),
    gross: z.string(),
    /** in the measure of the programme */
    amount: z.string(),
  }),
  order: [
    ['periodId', 'asc'],
    ['occurredAt', 'asc'],
    ['position', 'asc'],
    ['lineNo', 'asc'],
  ],
  sql: (params, from, bind) => `with ${countedSql(params, from, bind)}
    select ${isoTime('at')} as "occurredAt", position, line_no as "lineNo", event_id as "eventId", dealer_id as "dealerId", currency, period_id as "periodId",
      order_id as "orderId", sku, unit, kind, sale_at as "saleAt", ${['quantity', 'net', 'gross', 'amount'].map((column) => `${plainDecimal(column)} as ${column}`).join(', ')}
    from counted`,
})

const settlement = z.object({
  programmeId: z.string(),
  dealerId: z.string(),
  currency: z.string(),
  periodId: z.string(),
  settlementNo: z.int(),
  kind: settlementKind,
  status: z.enum(['calculated', 'superseded', 'approved']),
  postedIn: z.string(),
  programmeVersion: z.int(),
  basis,
  measure,
  calculation,
  /** minor units: settled and taken back before it, and what is due after the delta rule */
  settledBefore: z.string(),
  clawedBackBefore: z.string(),
  awardedBefore: z.string(),
  due: z.string(),
  paid: z.string(),
  clawedBack: z.string(),
  /** at its approval: what disputes held back */
  held: z.string().nullable(),
  creditNoteId: z.string().nullable(),
  paymentReference: z.string().nullable(),
  /** of a payout in goods: granted and not taken back, arrived of it, credited instead */
  granted: z.string(),
  arrived: z.string(),
  released: z.string(),
  cutOff: z.string(),
  watermark: z.string(),
  explanationHash: z.string(),
  calculatedAt: z.string(),
  approvedAt: z.string().nullable(),
  breaches: breachList,
})
const settlementsSql = (params: DealerPeriod, from: Source): string =>
  `select programme_id as "programmeId", dealer_id as "dealerId", currency, period_id as "periodId", ${wholeNumber('settlement_no')} as "settlementNo", status,
     ${['kind', 'postedIn', 'basis', 'measure', 'due', 'cutOff', 'watermark', 'explanationHash'].map((name) => `content->>'${name}' as "${name}"`).join(', ')},
     content->'programmeVersion' as "programmeVersion", content->'calculation' as calculation, content->>'settled' as "settledBefore",
     content->>'clawedBack' as "clawedBackBefore", ${plainDecimal('paid')} as paid, ${plainDecimal('clawed_back')} as "clawedBack", credit_note_id as "creditNoteId",
     coalesce(content->>'awarded', '0') as "awardedBefore", ${plainDecimal('held')} as held, payment_reference as "paymentReference",
     ${['granted', 'arrived', 'released'].map((column) => `${plainDecimal(column)} as ${column}`).join(', ')},
     ${isoTime('calculated_at')} as "calculatedAt", ${isoTime('approved_at')} as "approvedAt", content->'breaches' as breaches
   from ${from('settlements', { programme_id: params.programmeId, dealer_id: params.dealerId, currency: params.currency, period_id: params.periodId })} s`
const calculated = 'content is not null'

export const settlements = defineQuery({
  ...base,
  name: 'settlements.list',
  summary: 'Settlements of programmes with their calculation',
  path: '/v1/settlements',
  kind: 'list',
  params: z.object({ ...dealerPeriod, status: settlement.shape.status.optional(), kind: settlementKind.optional() }),
  row: settlement,
  order: [
    ['programmeId', 'asc'],
    ['periodId', 'asc'],
    ['dealerId', 'asc'],
    ['currency', 'asc'],
    ['settlementNo', 'asc'],
  ],
  sql: (params, from, bind) =>
    `${settlementsSql(params, from)} ${where(calculated, is('status', params.status, bind), is(`content->>'kind'`, params.kind, bind))}`,
})

const oneSettlement = defineQuery({
  ...base,
  name: 'settlements.one',
  summary: 'One settlement',
  path: '/v1/settlements/:programmeId/:dealerId/:currency/:periodId/:settlementNo',
  kind: 'one',
  params: z.object({
    programmeId: id,
    dealerId: id,
    currency: id,
    periodId: id,
    settlementNo: z.string().regex(/^[1-9]\d{0,8}$/),
  }),
  row: settlement,
  sql: (params, from, bind) =>
    `${settlementsSql(params, from)} ${where(calculated, `settlement_no = ${bind(params.settlementNo)}::bigint`)}`,
})

const disputeStatus = z.enum(['open', 'upheld', 'rejected', 'withdrawn'])
const disputes = defineQuery({
  ...base,
  name: 'disputes.list',
  summary: 'Disputes about settlements, with what each awarded, set free or took back; minor units',
  path: '/v1/disputes',
  kind: 'list',
  params: z.object({ ...dealerPeriod, status: disputeStatus.optional() }),
  row: z.object({
    programmeId: z.string(),
    dealerId: z.string(),
    currency: z.string(),
    periodId: z.string(),
    disputeId: z.string(),
    settlementNo: z.int(),
    side: disputeSide,
    /** of the explanation */
    node: z.string(),
    /** what it should pay more, or less */
    difference: z.string(),
    reason: sealedText,
    /** SHA-256 of documents */
    evidence: z.array(z.string()),
    status: disputeStatus,
    answeredBy: z.string().nullable(),
    answer: sealedText.nullable(),
    awarded: z.string().nullable(),
    endReason: sealedText.nullable(),
    paid: z.string(),
    clawedBack: z.string(),
    openedAt: z.string(),
    endedAt: z.string().nullable(),
  }),
  order: [
    ['openedAt', 'asc'],
    ['programmeId', 'asc'],
    ['periodId', 'asc'],
    ['dealerId', 'asc'],
    ['currency', 'asc'],
    ['disputeId', 'asc'],
  ],
  sql: (params, from, bind) =>
    `select programme_id as "programmeId", dealer_id as "dealerId", currency, period_id as "periodId", dispute_id as "disputeId",
       ${wholeNumber('settlement_no')} as "settlementNo", side, node, ${plainDecimal('difference')} as difference, reason, evidence, status, answered_by as "answeredBy", answer,
       ${plainDecimal('awarded')} as awarded, end_reason as "endReason", ${plainDecimal('paid')} as paid, ${plainDecimal('clawed_back')} as "clawedBack",
       ${isoTime('opened_at')} as "openedAt", ${isoTime('ended_at')} as "endedAt"
     from ${from('disputes', { programme_id: params.programmeId, dealer_id: params.dealerId, currency: params.currency, period_id: params.periodId })} d
     ${where('opened_at is not null', is('status', params.status, bind))}`,
})

/** Read off the ledger, not off the queue: it is true however many processes run, and after the queue was lost. */
export const settlementRuns = defineQuery({
  ...base,
  name: 'rebates.runs',
  summary:
    'How far the settlement of programmes has come: dealer-periods with volume, those settled finally, those calculated that wait for approval; of a period, else of those running',
  path: '/v1/rebates/runs',
  kind: 'list',
  params: z.object(dealerPeriod),
  row: z.object({
    programmeId: z.string(),
    name: localLabel,
    periodId: z.string(),
    periodEnd: z.string(),
    dealerPeriods: z.int(),
    settled: z.int(),
    waiting: z.int(),
  }),
  order: [
    ['programmeId', 'asc'],
    ['periodId', 'asc'],
  ],
  sql: (params, from, bind) => {
    const key = { programme_id: params.programmeId, dealer_id: params.dealerId, currency: params.currency }
    const keys = { ...key, period_id: params.periodId }
    return `
    with ${countedSql(params, from, bind)},
    volumes as (select distinct programme_id, period_id, dealer_id, currency, true as has_volume from counted),
    looked_at as (
      select programme_id, period_id, dealer_id, currency, coalesce(s.is_final, false) as is_final
      from volumes v full join ${from('positions', keys)} s using (programme_id, period_id, dealer_id, currency)
      where has_volume or s.settlement_no is not null or s.accrued <> 0),
    waiting as (select distinct programme_id, period_id, dealer_id, currency, true as waits from ${from('settlements', keys)} w where status = 'calculated')
    select programme_id as "programmeId", c.terms->'name' as name, period_id as "periodId", ${isoTime('c.ends_at')} as "periodEnd", count(*)::integer as "dealerPeriods",
      (count(*) filter (where is_final))::integer as settled, (count(*) filter (where waits))::integer as waiting
    from looked_at join chosen c using (programme_id, period_id) left join waiting w using (programme_id, period_id, dealer_id, currency) group by programme_id, period_id, c.terms, c.ends_at`
  },
})

const totals = defineQuery({
  ...base,
  name: 'rebates.totals',
  summary: 'Accrued, settled, taken back and credited per programme, currency and period; minor units',
  path: '/v1/rebates/totals',
  kind: 'list',
  params: z.object(dealerPeriod),
  row: z.object({
    programmeId: z.string(),
    currency: z.string(),
    periodId: z.string(),
    dealers: z.int(),
    accrued: z.string(),
    settled: z.string(),
    clawedBack: z.string(),
    awarded: z.string(),
    credited: z.string(),
  }),
  order: [
    ['programmeId', 'asc'],
    ['periodId', 'asc'],
    ['currency', 'asc'],
  ],
  sql: (params, from) =>
    `select programme_id as "programmeId", currency, period_id as "periodId", count(distinct dealer_id)::integer as dealers,
       ${minorFigures.map((column) => `${plainDecimal(`sum(${column})`)} as "${column === 'clawed_back' ? 'clawedBack' : column}"`).join(', ')}
     from ${from('positions', { programme_id: params.programmeId, dealer_id: params.dealerId, currency: params.currency, period_id: params.periodId })} p
     group by 1, 2, 3`,
})

const history = defineQuery({
  ...base,
  name: 'rebates.history',
  summary:
    'The events of a dealer’s periods in a programme, each with what it accrued, settled or took back; minor units',
  path: '/v1/rebates/history',
  kind: 'list',
  params: z.object({ ...dealerPeriod, dealerId: id, programmeId: id }),
  row: z.object({
    occurredAt: z.string(),
    position: z.string(),
    eventId: z.string(),
    eventType: z.enum(settlementEvents.map(({ type }) => type)),
    currency: z.string(),
    periodId: z.string(),
    settlementNo: z.int().nullable(),
    volume: z.string().nullable(),
    accrued: z.string(),
    settled: z.string(),
    clawedBack: z.string(),
    awarded: z.string(),
    credited: z.string(),
  }),
  order: [
    ['occurredAt', 'asc'],
    ['position', 'asc'],
  ],
  sql: (params, from) =>
    `select ${isoTime('at')} as "occurredAt", position, event_id as "eventId", event_type as "eventType", currency, period_id as "periodId",
       ${wholeNumber('settlement_no')} as "settlementNo", ${plainDecimal('volume')} as volume,
       ${minorFigures.map((column) => `${plainDecimal(`coalesce(${column}, 0)`)} as "${column === 'clawed_back' ? 'clawedBack' : column}"`).join(', ')}
     from ${from.facts('positions', { programme_id: params.programmeId, dealer_id: params.dealerId, currency: params.currency, period_id: params.periodId })} f`,
})

export const rebatesQueries = [
  programmes,
  oneProgramme,
  programmeVersions,
  members,
  positions,
  lines,
  settlements,
  oneSettlement,
  disputes,
  totals,
  history,
  stackings,
  oneStacking,
  settlementRuns,
] as const
