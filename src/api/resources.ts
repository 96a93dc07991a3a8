import { z } from 'zod'
import { principalAggregate } from '../domain/access/decide.ts'
import { calendarAggregate } from '../domain/calendars/decide.ts'
import { productAggregate } from '../domain/catalogue/decide.ts'
import { accountAggregate } from '../domain/credit/account.ts'
import { dealerAggregate } from '../domain/dealers/decide.ts'
import { territoryAggregate } from '../domain/dealers/territory.ts'
import { differencesId } from '../domain/claims/commands.ts'
import { differencesAggregate } from '../domain/claims/differences.ts'
import { claimsPolicyAggregate } from '../domain/claims/policy.ts'
import { fundAggregate } from '../domain/funds/fund.ts'
import type { AnyAggregate } from '../domain/kernel/decider.ts'
import { currency, identifier } from '../domain/kernel/fields.ts'
import { orderAggregate } from '../domain/orders/decide.ts'
import { outletAggregate } from '../domain/outlets/outlet.ts'
import { postingsAggregate } from '../domain/postings/postings.ts'
import { priceAggregate } from '../domain/pricing/prices.ts'
import { programmeAggregate } from '../domain/rebates/programme.ts'
import { settlementAggregate } from '../domain/rebates/settlement.ts'
import { stackingAggregate } from '../domain/rebates/stacking.ts'
import { stockAggregate } from '../domain/stock/decide.ts'
import { stockId } from '../domain/stock/stockKey.ts'
import { transferAggregate } from '../domain/stock/transfer.ts'
import { pricePolicyAggregate } from '../domain/violations/pricePolicy.ts'
import { violationsAggregate } from '../domain/violations/violations.ts'
import { webhookAggregate } from '../domain/webhooks/webhook.ts'

/** The address of one object and the stream that decides on it. */
export interface Resource {
  readonly path: string
  readonly aggregate: AnyAggregate
  readonly params: z.ZodObject
  /** id inside the aggregate's category */
  id(params: Readonly<Record<string, string>>): string
}

const named = (path: string, aggregate: AnyAggregate, name: string): Resource => ({
  path: `${path}/:${name}`,
  aggregate,
  params: z.strictObject({ [name]: identifier }),
  id: (params) => params[name] ?? '',
})
const joined = (path: string, aggregate: AnyAggregate, params: z.ZodObject): Resource => ({
  path,
  aggregate,
  params,
  id: (given) =>
    Object.keys(params.shape)
      .map((name) => given[name])
      .join('/'),
})

/** Every object whose revision a change must name. */
export const resources: readonly Resource[] = [
  named('/v1/products', productAggregate, 'sku'),
  named('/v1/dealers', dealerAggregate, 'dealerId'),
  named('/v1/territories', territoryAggregate, 'territoryId'),
  named('/v1/outlets', outletAggregate, 'outletId'),
  joined(
    '/v1/price-lists/:listId/prices/:sku',
    priceAggregate,
    z.strictObject({ listId: identifier, sku: identifier }),
  ),
  named('/v1/orders', orderAggregate, 'orderId'),
  {
    path: '/v1/stock/:party/:location/:sku',
    aggregate: stockAggregate,
    params: z.strictObject({ party: identifier, location: identifier, sku: identifier }),
    id: ({ party = '', location = '', sku = '' }) => stockId({ party, location, sku }),
  },
  named('/v1/transfers', transferAggregate, 'transferId'),
  named('/v1/accounts', accountAggregate, 'accountId'),
  named('/v1/calendars', calendarAggregate, 'calendarId'),
  named('/v1/programmes', programmeAggregate, 'programmeId'),
  named('/v1/stacking-groups', stackingAggregate, 'groupId'),
  joined(
    '/v1/settlements/:programmeId/:dealerId/:currency/:periodId',
    settlementAggregate,
    z.strictObject({ programmeId: identifier, dealerId: identifier, currency, periodId: identifier }),
  ),
  named('/v1/charts-of-accounts', postingsAggregate, 'companyId'),
  named('/v1/claims-policies', claimsPolicyAggregate, 'companyId'),
  {
    path: '/v1/price-differences/:dealerId/:sku',
    aggregate: differencesAggregate,
    params: z.strictObject({ dealerId: identifier, sku: identifier }),
    id: ({ dealerId = '', sku = '' }) => differencesId({ dealerId, sku }),
  },
  named('/v1/funds', fundAggregate, 'fundId'),
  named('/v1/price-policies', pricePolicyAggregate, 'companyId'),
  {
    path: '/v1/violations/:dealerId',
    aggregate: violationsAggregate,
    params: z.strictObject({ dealerId: identifier }),
    id: ({ dealerId = '' }) => dealerId,
  },
  named('/v1/principals', principalAggregate, 'principalId'),
  named('/v1/webhooks', webhookAggregate, 'webhookId'),
]
