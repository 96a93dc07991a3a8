import { z } from 'zod'
import { breaches } from '../../../domain/kernel/breach.ts'
import { coordinates } from '../../../domain/kernel/coordinates.ts'
import { localLabel } from '../../../domain/kernel/fields.ts'
import { defineQuery } from '../../engine/query.ts'
import { isoTime, where } from '../sqlText.ts'
import { below } from '../below.ts'
import { channelModel } from './model.ts'

const id = z.string().min(1).max(64)
const base = { model: channelModel, owner: 'dealerId', audience: 'everyone' } as const
const status = z.enum(['open', 'closed'])

const outlet = z.object({
  outletId: z.string(),
  companyId: z.string(),
  dealerId: z.string(),
  name: localLabel,
  kind: z.string(),
  region: z.string(),
  city: z.string().nullable(),
  place: coordinates.nullable(),
  zone: z.string(),
  /** as it was judged when the outlet came to the dealer */
  territoryId: z.string().nullable(),
  territoryVersion: z.int().nullable(),
  status,
  reason: z.string().nullable(),
})
const statusIs = `case when o.closed then 'closed' else 'open' end`
const columns = `o.outlet_id as "outletId", o.company_id as "companyId", o.dealer_id as "dealerId", o.profile->'name' as "name", o.profile->>'kind' as "kind",
  o.profile->>'region' as "region", o.profile->>'city' as "city", o.profile->'place' as "place", o.profile->>'zone' as "zone",
  o.territory->>'id' as "territoryId", o.territory->'version' as "territoryVersion", ${statusIs} as "status", o.reason as "reason"`
const registered = `o.profile is not null and o.company_id is not null and o.dealer_id <> ''`

const list = defineQuery({
  ...base,
  name: 'outlets.list',
  summary: 'Outlets with place, dealer, territory and status; for a dealer its own and those of the dealers below it',
  path: '/v1/outlets',
  kind: 'list',
  params: z.object({
    dealerId: id.optional(),
    outletId: id.optional(),
    search: z.string().min(1).max(200).optional(),
    territoryId: id.optional(),
    region: z.string().max(70).optional(),
    kind: id.optional(),
    status: status.optional(),
  }),
  row: outlet,
  order: [['outletId', 'asc']],
  sql: (params, from, bind) =>
    `select ${columns} from ${from('outlets', { outlet_id: params.outletId })} o ${where(
      registered,
      below('o.dealer_id', params.dealerId, from, bind),
      params.search !== undefined && `strpos(o.search, lower(${bind(params.search)}::text)) > 0`,
      params.territoryId !== undefined && `o.territory->>'id' = ${bind(params.territoryId)}`,
      params.region !== undefined && `o.profile->>'region' = ${bind(params.region)}`,
      params.kind !== undefined && `o.profile->>'kind' = ${bind(params.kind)}`,
      params.status !== undefined && `${statusIs} = ${bind(params.status)}`,
    )}`,
})

const one = defineQuery({
  ...base,
  name: 'outlets.one',
  summary: 'One outlet',
  path: '/v1/outlets/:outletId',
  kind: 'one',
  params: z.object({ outletId: id, dealerId: id.optional() }),
  row: outlet,
  sql: ({ outletId, dealerId }, from, bind) =>
    `select ${columns} from ${from('outlets', { outlet_id: outletId })} o ${where(
      registered,
      below('o.dealer_id', dealerId, from, bind),
    )}`,
})

const history = defineQuery({
  ...base,
  name: 'outlets.history',
  summary: 'What was said of an outlet up to the asked instant, each with its event; a dealer hears of its own time',
  path: '/v1/outlets/:outletId/history',
  kind: 'list',
  params: z.object({ outletId: id, dealerId: id.optional() }),
  row: z.object({
    effectiveAt: z.string(),
    position: z.string(),
    eventId: z.string(),
    dealerId: z.string(),
    change: z.enum(['registered', 'revised', 'released', 'assigned', 'closed']),
    reason: z.string().nullable(),
    breaches,
  }),
  order: [
    ['effectiveAt', 'asc'],
    ['position', 'asc'],
    ['eventId', 'asc'],
  ],
  sql: ({ outletId, dealerId }, from, bind) =>
    `select ${isoTime('f.at')} as "effectiveAt", f.position as "position", f.event_id as "eventId", f.said_of as "dealerId",
       case when f.closed then 'closed' when f.dealer_id = '' then 'released' when f.dealer_id is null then 'revised'
         when f.reason is null then 'registered' else 'assigned' end as "change", f.reason as "reason", f.breaches as "breaches"
     from ${from.facts('outlets', { outlet_id: outletId })} f ${where(below('f.said_of', dealerId, from, bind))}`,
})

export const outletQueries = [list, one, history] as const
