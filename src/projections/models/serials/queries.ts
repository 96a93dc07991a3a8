import { z } from 'zod'
import { breaches } from '../../../domain/kernel/breach.ts'
import { calendarDate } from '../../../domain/kernel/fields.ts'
import { scanRole, serialKind } from '../../../domain/serials/events.ts'
import type { Source } from '../../engine/ask.ts'
import { defineQuery } from '../../engine/query.ts'
import { below } from '../below.ts'
import { isoTime, plainDecimal, where } from '../sqlText.ts'
import { serialsModel } from './model.ts'

const id = z.string().min(1).max(64)
const base = { model: serialsModel, owner: 'dealerId', audience: 'everyone' } as const
const place = z.enum(['maker', 'underway', 'dealer'])
const territory = { territoryId: z.string().nullable(), territoryVersion: z.int().nullable() }
const territoryColumns = (alias: string): string =>
  `${alias}.territory->>'id' as "territoryId", ${alias}.territory->'version' as "territoryVersion"`

/**
 * Where a code was at an instant, from its steps up to then: `up` the container that it was in and `top` the outermost one, `stood` the
 * place of that, `sent` the last time that it went to a dealer, with the territory frozen then.
 */
const whereabouts = (serial: string, at: string, from: Source): string => {
  const last = (of: string, says: string): string =>
    `(select m.parent, m.place, m.dealer_id, m.territory, m.at from ${from.facts('moves')} m
       where m.serial = ${of} and m.at <= ${at} and m.${says} is not null order by m.at desc, m.position desc, m.seq desc limit 1)`
  return `left join lateral ${last(serial, 'parent')} up on true
    left join lateral ${last('up.parent', 'parent')} upper on up.parent <> ''
    cross join lateral (select coalesce(nullif(upper.parent, ''), nullif(up.parent, ''), ${serial}) as serial) top
    left join lateral ${last('top.serial', 'place')} stood on true
    left join lateral ${last('top.serial', 'territory')} sent on true`
}

const code = {
  serial: z.string(),
  kind: serialKind.nullable(),
  sku: z.string().nullable(),
  lot: z.string().nullable(),
  children: z.int().nullable(),
  unpacked: z.boolean(),
  container: z.string().nullable(),
  place,
  /** in whose hands, or on its way to whom */
  dealerId: z.string().nullable(),
}
const codeColumns = (
  container: string,
  stood: string,
  dealer: string,
): string => `s.serial as "serial", s.kind as "kind", s.sku as "sku", s.lot as "lot",
  s.child_count as "children", coalesce(s.unpacked, false) as "unpacked", nullif(${container}, '') as "container", coalesce(${stood}, 'maker') as "place", nullif(${dealer}, '') as "dealerId"`

const list = defineQuery({
  ...base,
  name: 'serials.list',
  summary:
    'Codes in the hands of dealers or on their way to them, outermost ones; `within` a container those that it holds',
  path: '/v1/serials',
  kind: 'list',
  params: z.object({ dealerId: id.optional(), sku: id.optional(), kind: serialKind.optional(), within: id.optional() }),
  row: z.object({ ...code, breaches }),
  order: [['serial', 'asc']],
  sql: (params, from, bind) => {
    const { within } = params
    // what is in a container is where the container is, or where that one's container is
    const of = (column: string): string =>
      within === undefined ? `s.${column}` : `case when u.serial is not null then u.${column} else c.${column} end`
    const containers =
      within === undefined
        ? ''
        : `left join ${from('serials')} c on c.serial = s.parent left join ${from('serials')} u on u.serial = nullif(c.parent, '')`
    return `select ${codeColumns('s.parent', of('place'), of('dealer_id'))}, s.breaches as "breaches" from ${from('serials')} s ${containers} ${where(
      's.kind is not null',
      within === undefined ? `coalesce(s.parent, '') = ''` : `s.parent = ${bind(within)}`,
      below(of('dealer_id'), params.dealerId, from, bind),
      params.sku !== undefined && `s.sku = ${bind(params.sku)}`,
      params.kind !== undefined && `s.kind = ${bind(params.kind)}`,
    )}`
  },
})

const one = defineQuery({
  ...base,
  name: 'serials.one',
  summary: 'Where a code is: its container, in whose hands, and the territory that it was last sent to',
  path: '/v1/serials/:serial',
  kind: 'one',
  params: z.object({ serial: id, dealerId: id.optional() }),
  row: z.object({ ...code, outermost: z.string(), since: z.string().nullable(), ...territory }),
  sql: ({ serial, dealerId }, from, bind) =>
    `select ${codeColumns('up.parent', 'stood.place', 'stood.dealer_id')}, top.serial as "outermost", ${isoTime('stood.at')} as "since", ${territoryColumns('sent')}
     from ${from('serials', { serial })} s ${whereabouts('s.serial', from.at(), from)} ${where(below('stood.dealer_id', dealerId, from, bind))}`,
})

/** Steps of a code between two instants at which it begins and ends to be in a container. */
const stays = (steps: string): string =>
  `(select m.serial, m.parent, m.at as since, lead(m.at) over (partition by m.serial order by m.at, m.position, m.seq) as until from ${steps} m where m.parent is not null)`

const trace = defineQuery({
  ...base,
  name: 'serials.trace',
  summary:
    'The way of a code (流向): its own steps, and those of the containers while it was in them; a dealer sees those that name it',
  path: '/v1/serials/:serial/trace',
  kind: 'list',
  params: z.object({ serial: id, dealerId: id.optional() }),
  row: z.object({
    occurredAt: z.string(),
    position: z.string(),
    eventId: z.string(),
    /** the code that the step was taken with */
    serial: z.string(),
    step: z.enum(['commissioned', 'packed', 'taken-out', 'unpacked', 'shipped', 'received', 'transferred', 'returned']),
    container: z.string().nullable(),
    dealerId: z.string().nullable(),
    fromDealerId: z.string().nullable(),
    ...territory,
    reference: z.string().nullable(),
    reason: z.string().nullable(),
    breaches,
  }),
  order: [
    ['occurredAt', 'asc'],
    ['position', 'asc'],
    ['eventId', 'asc'],
  ],
  sql: ({ serial, dealerId }, from, bind) => {
    const own = from.facts('moves', { serial })
    const all = from.facts('moves')
    const inside = (stay: string): string =>
      `m.serial = ${stay}.parent and m.at >= ${stay}.since and (${stay}.until is null or m.at < ${stay}.until)`
    const dealers = [below('m.dealer_id', dealerId, from, bind), below('m.from_dealer_id', dealerId, from, bind)]
    return `with stay as materialized (select * from ${stays(own)} s where s.parent <> ''),
       upper as materialized (
         select t.parent, greatest(t.since, stay.since) as since, least(t.until, stay.until) as until
         from stay join ${stays(all)} t on t.serial = stay.parent and t.parent <> '' and (t.until is null or t.until > stay.since) and (stay.until is null or t.since < stay.until)),
       steps as (
         select m.* from ${own} m
         union select m.* from stay join ${all} m on ${inside('stay')}
         union select m.* from upper join ${all} m on ${inside('upper')})
     select ${isoTime('m.at')} as "occurredAt", m.position as "position", m.event_id as "eventId", m.serial as "serial", m.kind as "step", nullif(m.parent, '') as "container",
       nullif(m.dealer_id, '') as "dealerId", m.from_dealer_id as "fromDealerId", ${territoryColumns('m')}, m.reference as "reference", m.reason as "reason", m.breaches as "breaches"
     from steps m ${where(dealers.every((one) => one !== false) && `(${dealers.join(' or ')})`)}`
  },
})

const scanned = {
  scannedAt: z.string(),
  serial: z.string(),
  scanId: z.string(),
  eventId: z.string(),
  role: scanRole,
  region: z.string().nullable(),
  latitude: z.string().nullable(),
  longitude: z.string().nullable(),
  accuracyMetres: z.int().nullable(),
  device: z.string().nullable(),
  outletId: z.string().nullable(),
  /** the code was known when it was scanned */
  known: z.boolean(),
  /** codes under this one that could not be read */
  unreadable: z.int().nullable(),
}
const scanColumns = `${isoTime('c.scanned_at')} as "scannedAt", c.serial as "serial", c.scan_id as "scanId", c.seen_by as "eventId", c.role as "role", c.region as "region",
  ${plainDecimal('c.latitude')} as "latitude", ${plainDecimal('c.longitude')} as "longitude", c.accuracy_metres as "accuracyMetres", c.device as "device",
  c.outlet_id as "outletId", c.known as "known", c.unreadable as "unreadable"`
const scanOrder = [
  ['scannedAt', 'asc'],
  ['serial', 'asc'],
  ['scanId', 'asc'],
] as const
const scanFilters = {
  serial: id.optional(),
  role: scanRole.optional(),
  region: z.string().max(70).optional(),
  known: z.enum(['true', 'false']).optional(),
  /** days in UTC, both inclusive */
  from: calendarDate.optional(),
  to: calendarDate.optional(),
}
const scanConditions = (
  params: z.infer<z.ZodObject<typeof scanFilters>>,
  bind: (value: unknown) => string,
): readonly (string | false)[] => [
  'c.role is not null',
  params.role !== undefined && `c.role = ${bind(params.role)}`,
  params.region !== undefined && `c.region = ${bind(params.region)}`,
  params.known !== undefined && `c.known = ${bind(params.known === 'true')}`,
  params.from !== undefined && `c.scanned_at >= ${bind(params.from)}::date::timestamp at time zone 'UTC'`,
  params.to !== undefined && `c.scanned_at < (${bind(params.to)}::date + 1)::timestamp at time zone 'UTC'`,
]

const scans = defineQuery({
  ...base,
  name: 'scans.list',
  summary:
    'Codes that were seen, where and by whom; a dealer sees the scans of its own staff and outlets, and those below it',
  path: '/v1/scans',
  kind: 'list',
  params: z.object({ dealerId: id.optional(), ...scanFilters }),
  row: z.object({ ...scanned, dealerId: z.string().nullable(), breaches }),
  order: scanOrder,
  sql: (params, from, bind) =>
    `select ${scanColumns}, c.dealer_id as "dealerId", c.breaches as "breaches" from ${from('scans', { serial: params.serial })} c
     ${where(...scanConditions(params, bind), below('c.dealer_id', params.dealerId, from, bind))}`,
})

const ofGoods = defineQuery({
  ...base,
  audience: 'staff',
  name: 'scans.ofGoods',
  summary:
    'Scans with whom the goods had been sent to when they were seen, and the territory frozen then; by `dealerId` the goods of one dealer',
  path: '/v1/scans/of-goods',
  kind: 'list',
  params: z.object({ dealerId: id.optional(), ...scanFilters }),
  row: z.object({
    ...scanned,
    scannedBy: z.string().nullable(),
    sku: z.string().nullable(),
    place,
    dealerId: z.string().nullable(),
    ...territory,
    sentAt: z.string().nullable(),
  }),
  order: scanOrder,
  sql: (params, from, bind) =>
    `select ${scanColumns}, c.dealer_id as "scannedBy", s.sku as "sku", coalesce(stood.place, 'maker') as "place", nullif(stood.dealer_id, '') as "dealerId",
       ${territoryColumns('sent')}, ${isoTime('sent.at')} as "sentAt"
     from ${from('scans', { serial: params.serial })} c left join ${from('serials', { serial: params.serial })} s on s.serial = c.serial
     ${whereabouts('c.serial', 'c.scanned_at', from)}
     ${where(...scanConditions(params, bind), params.dealerId !== undefined && `stood.dealer_id = ${bind(params.dealerId)}`)}`,
})

export const serialsQueries = [list, one, trace, scans, ofGoods] as const
