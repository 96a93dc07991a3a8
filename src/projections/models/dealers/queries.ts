import { z } from 'zod'
import { country, localLabel, sealedText } from '../../../domain/kernel/fields.ts'
import { breaches } from '../../../domain/kernel/breach.ts'
import { dealerProfile } from '../../../domain/dealers/profile.ts'
import { dealerTerms, standardTerms } from '../../../domain/dealers/terms.ts'
import type { Bind } from '../../engine/foldQuery.ts'
import { defineQuery } from '../../engine/query.ts'
import { isoTime, where } from '../sqlText.ts'
import { dealersModel } from './model.ts'

const id = z.string().min(1).max(64)
const base = { model: dealersModel, owner: 'dealerId', audience: 'everyone' } as const
const status = z.enum(['active', 'suspended', 'exited'])

const dealer = z.object({
  dealerId: z.string(),
  companyId: z.string(),
  ...dealerProfile.shape,
  legalId: z.string().nullable(),
  city: z.string().nullable(),
  tierLevel: z.int(),
  parentDealerId: z.string().nullable(),
  groupId: z.string().nullable(),
  tier: z.string().nullable(),
  territoryId: z.string().nullable(),
  territoryVersion: z.int().nullable(),
  territoryName: localLabel.nullable(),
  status,
  statusReason: z.string().nullable(),
  /** version 0 stands for the standard terms */
  terms: dealerTerms.extend({ version: z.int() }),
  contact: z
    .object({
      personId: z.string(),
      name: sealedText,
      phone: sealedText.optional(),
      email: sealedText.optional(),
    })
    .nullable(),
})
const statusIs = `case when d.exited then 'exited' else d.status end`
const columns = (bind: Bind): string => `
  d.dealer_id as "dealerId", d.company_id as "companyId", d.profile->'legalName' as "legalName", d.profile->>'legalId' as "legalId", d.profile->>'kind' as "kind",
  d.profile->>'country' as "country", d.profile->>'region' as "region", d.profile->>'city' as "city", d.profile->>'zone' as "zone",
  d.profile->'currencies' as "currencies", (d.place->>'tierLevel')::integer as "tierLevel", d.place->>'parentDealerId' as "parentDealerId",
  d.place->>'groupId' as "groupId", d.tier as "tier", d.territory->>'territoryId' as "territoryId",
  d.territory->'territoryVersion' as "territoryVersion", t.territory->'name' as "territoryName", ${statusIs} as "status", d.status_reason as "statusReason",
  coalesce(d.terms, ${bind(JSON.stringify({ ...standardTerms, version: 0 }))}::jsonb) as "terms", d.contact as "contact"`
const registered = 'd.company_id is not null and d.profile is not null and d.place is not null'

const list = defineQuery({
  ...base,
  name: 'dealers.list',
  summary: 'Dealers with profile, place, tier, territory, terms and status',
  path: '/v1/dealers',
  kind: 'list',
  params: z.object({
    dealerId: id.optional(),
    search: z.string().min(1).max(200).optional(),
    status: status.optional(),
    tier: id.optional(),
    country: country.optional(),
    territoryId: id.optional(),
    parentDealerId: id.optional(),
    companyId: id.optional(),
  }),
  row: dealer,
  order: [['dealerId', 'asc']],
  sql: (params, from, bind) =>
    `select ${columns(bind)} from ${from('dealers', { dealer_id: params.dealerId })} d
       left join ${from('territories')} t on t.territory_id = d.territory->>'territoryId' ${where(
         registered,
         params.search !== undefined && `strpos(d.search, lower(${bind(params.search)}::text)) > 0`,
         params.status !== undefined && `${statusIs} = ${bind(params.status)}`,
         params.tier !== undefined && `d.tier = ${bind(params.tier)}`,
         params.country !== undefined && `d.profile->>'country' = ${bind(params.country)}`,
         params.territoryId !== undefined && `d.territory->>'territoryId' = ${bind(params.territoryId)}`,
         params.parentDealerId !== undefined && `d.parent_id = ${bind(params.parentDealerId)}`,
         params.companyId !== undefined && `d.company_id = ${bind(params.companyId)}`,
       )}`,
})

const one = defineQuery({
  ...base,
  name: 'dealers.one',
  summary: 'One dealer',
  path: '/v1/dealers/:dealerId',
  kind: 'one',
  params: z.object({ dealerId: id }),
  row: dealer,
  sql: ({ dealerId }, from, bind) =>
    `select ${columns(bind)} from ${from('dealers', { dealer_id: dealerId })} d
       left join ${from('territories')} t on t.territory_id = d.territory->>'territoryId' ${where(registered)}`,
})

const history = defineQuery({
  ...base,
  name: 'dealers.history',
  summary:
    'What was said of a dealer up to the asked instant, each with its event: tier, territory, status, place, terms',
  path: '/v1/dealers/:dealerId/history',
  kind: 'list',
  params: z.object({ dealerId: id }),
  row: z.object({
    effectiveAt: z.string(),
    position: z.string(),
    eventId: z.string(),
    tier: z.string().nullable(),
    status: status.nullable(),
    statusReason: z.string().nullable(),
    territoryId: z.string().nullable(),
    parentDealerId: z.string().nullable(),
    profileChanged: z.boolean(),
    contactChanged: z.boolean(),
    terms: dealerTerms.extend({ version: z.int() }).nullable(),
    breaches,
  }),
  order: [
    ['effectiveAt', 'asc'],
    ['position', 'asc'],
  ],
  sql: ({ dealerId }, from) =>
    `select ${isoTime('f.at')} as "effectiveAt", f.position as "position", f.event_id as "eventId", f.tier as "tier", f.status as "status",
       f.status_reason as "statusReason", f.territory->>'territoryId' as "territoryId", f.place->>'parentDealerId' as "parentDealerId",
       f.profile is not null as "profileChanged", f.contact is not null as "contactChanged", f.terms as "terms", f.breaches as "breaches"
     from ${from.facts('dealers', { dealer_id: dealerId })} f`,
})

const tiers = defineQuery({
  ...base,
  name: 'dealers.tiers',
  summary: 'The tiers of a dealer up to the asked instant, with what caused each',
  path: '/v1/dealers/:dealerId/tiers',
  kind: 'list',
  params: z.object({ dealerId: id }),
  row: z.object({
    effectiveAt: z.string(),
    position: z.string(),
    eventId: z.string(),
    tier: z.string(),
    previousTier: z.string().nullable(),
    reason: z.string(),
    causes: z.array(z.string()),
  }),
  order: [
    ['effectiveAt', 'asc'],
    ['position', 'asc'],
  ],
  sql: ({ dealerId }, from) =>
    `select ${isoTime('f.at')} as "effectiveAt", f.position as "position", f.event_id as "eventId", f.tier as "tier", f.tier_cause->>'previousTier' as "previousTier",
       f.tier_cause->>'reason' as "reason", f.tier_cause->'causes' as "causes" from ${from.facts('dealers', { dealer_id: dealerId })} f where f.tier is not null`,
})

const counts = defineQuery({
  ...base,
  audience: 'staff',
  name: 'dealers.counts',
  summary: 'How many dealers there are per country, tier level, tier and status (tier is empty where none is assigned)',
  path: '/v1/dealer-counts',
  kind: 'list',
  params: z.object({ dealerId: id.optional(), companyId: id.optional() }),
  row: z.object({
    country: z.string(),
    tierLevel: z.int(),
    tier: z.string(),
    status,
    dealers: z.string(),
  }),
  order: [
    ['country', 'asc'],
    ['tierLevel', 'asc'],
    ['tier', 'asc'],
    ['status', 'asc'],
  ],
  sql: ({ dealerId, companyId }, from, bind) =>
    `select d.profile->>'country' as "country", (d.place->>'tierLevel')::integer as "tierLevel", coalesce(d.tier, '') as "tier", ${statusIs} as "status", count(*) as "dealers"
     from ${from('dealers', { dealer_id: dealerId })} d ${where(registered, companyId !== undefined && `d.company_id = ${bind(companyId)}`)} group by 1, 2, 3, 4`,
})

const territories = defineQuery({
  ...base,
  name: 'territories.list',
  summary: 'Territories with their version, regions and holder; for a dealer the ones it holds or is assigned to',
  path: '/v1/territories',
  kind: 'list',
  params: z.object({
    dealerId: id.optional(),
    territoryId: id.optional(),
    companyId: id.optional(),
  }),
  row: z.object({
    territoryId: z.string(),
    companyId: z.string(),
    name: localLabel,
    regions: z.array(z.string()),
    exclusive: z.boolean(),
    version: z.int(),
    holder: z.string().nullable(),
  }),
  order: [['territoryId', 'asc']],
  sql: ({ dealerId, territoryId, companyId }, from, bind) => {
    const own = dealerId === undefined ? undefined : bind(dealerId)
    const held = own && `t.holder->>'dealerId' = ${own}`
    const assigned =
      dealerId !== undefined &&
      `exists (select from ${from('dealers', { dealer_id: dealerId })} d where d.territory->>'territoryId' = t.territory_id)`
    return `select t.territory_id as "territoryId", t.company_id as "companyId", t.territory->'name' as "name", t.territory->'regions' as "regions",
         (t.territory->>'exclusive')::boolean as "exclusive", t.territory->'version' as "version",
         ${held ? `case when ${held} then t.holder->>'dealerId' end` : `t.holder->>'dealerId'`} as "holder"
       from ${from('territories', { territory_id: territoryId })} t ${where(
         't.territory is not null and t.company_id is not null',
         held && assigned && `(${held} or ${assigned})`,
         companyId !== undefined && `t.company_id = ${bind(companyId)}`,
       )}`
  },
})

export const dealersQueries = [list, one, history, tiers, counts, territories] as const
