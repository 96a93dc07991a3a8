import { instantOf } from '../../../domain/kernel/businessTime.ts'
import type { DealerEvent } from '../../../domain/dealers/events.ts'
import type { PriceListsEvent } from '../../../domain/pricing/events.ts'
import { type Fact, factTable } from '../../engine/factTable.ts'

/** Which price lists there are and whom they are for: tables for every model whose rows belong to a list. */
export const listScopeTables = [
  factTable(
    'lists',
    { company_id: 'text', list_id: 'text' },
    {
      lasts: {
        name: 'jsonb',
        level: 'text',
        scope: 'jsonb',
        currency: 'text',
        priority: 'integer',
        merge: 'boolean',
        scale: 'integer',
        rounding: 'text',
        effective_from: 'timestamptz',
        effective_until: 'timestamptz',
        /** its effective range is over */
        ended: 'boolean',
        withdrawn: 'boolean',
      },
      time: 'versioned',
    },
  ),
  factTable('strategies', { company_id: 'text' }, { lasts: { strategy: 'text' }, time: 'versioned' }),
  factTable(
    'dealers',
    { dealer_id: 'text' },
    { lasts: { company_id: 'text', tier: 'text', region: 'text' }, time: 'versioned' },
  ),
] as const

export const listScopeEvents = [
  'PriceListPublished',
  'PriceListWithdrawn',
  'PricingStrategyChosen',
  'DealerRegistered',
  'DealerProfileRevised',
  'TierAssigned',
] as const

export type ListScopeEvent =
  PriceListsEvent | Extract<DealerEvent, { type: 'DealerRegistered' | 'DealerProfileRevised' | 'TierAssigned' }>

export function listScopeFacts(event: ListScopeEvent): readonly Fact[] {
  switch (event.type) {
    case 'PriceListPublished': {
      const { companyId, listId, name, level, scope, currency, priority, merge, scale, rounding } = event.data
      const { effectiveFrom, effectiveUntil } = event.data
      const key = { company_id: companyId, list_id: listId }
      const lasts = { name, level, scope, currency, priority, merge, scale, rounding, ended: false }
      const from = instantOf(effectiveFrom)
      const until = effectiveUntil === undefined ? undefined : instantOf(effectiveUntil)
      const range = {
        effective_from: new Date(from).toISOString(),
        effective_until: until === undefined ? undefined : new Date(until).toISOString(),
      }
      return [
        { table: 'lists', key, at: from, lasts: { ...lasts, ...range } },
        ...(until === undefined ? [] : [{ table: 'lists', key, at: until, lasts: { ended: true } }]),
      ]
    }
    case 'PriceListWithdrawn': {
      const { companyId, listId, effectiveAt } = event.data
      const key = { company_id: companyId, list_id: listId }
      return [{ table: 'lists', key, at: instantOf(effectiveAt), lasts: { withdrawn: true } }]
    }
    case 'PricingStrategyChosen': {
      const { companyId, strategy, effectiveAt } = event.data
      return [{ table: 'strategies', key: { company_id: companyId }, at: instantOf(effectiveAt), lasts: { strategy } }]
    }
    case 'DealerRegistered':
      return [dealerFact(event.data, { company_id: event.data.companyId, region: event.data.region })]
    case 'DealerProfileRevised':
      return [dealerFact(event.data, { region: event.data.region })]
    case 'TierAssigned':
      return [dealerFact(event.data, { tier: event.data.tier })]
    default:
      return event satisfies never
  }
}

function dealerFact(data: { dealerId: string; effectiveAt: string }, lasts: NonNullable<Fact['lasts']>): Fact {
  return { table: 'dealers', key: { dealer_id: data.dealerId }, at: instantOf(data.effectiveAt), lasts }
}

/** In force at the asked instant: begun, neither ended nor withdrawn (`listInForce` of the domain). */
export function listInForce(list: string): string {
  return `(${list}.level is not null and not coalesce(${list}.ended, false) and not coalesce(${list}.withdrawn, false))`
}

/** The list is for this dealer (`listFits` of the domain): what a dealer may know of. Both are aliases of rows of the tables above. */
export function listFits(list: string, dealer: string): string {
  return `(${list}.company_id = ${dealer}.company_id and case ${list}.level
    when 'base' then true
    when 'region' then ${inRegion(`${dealer}.region`, `${list}.scope->>'region'`)}
    when 'tier' then ${list}.scope->>'tier' = ${dealer}.tier
    else ${list}.scope->>'dealerId' = ${dealer}.dealer_id end)`
}

/** `inRegion` of the domain. */
export function inRegion(region: string, scope: string): string {
  return `(${scope} = ${region} or (right(${scope}, 2) = '/*' and starts_with(${region}, left(${scope}, -1))))`
}
