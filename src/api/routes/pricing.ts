import * as commands from '../../domain/pricing/commands.ts'
import { priceListsAggregate } from '../../domain/pricing/priceLists.ts'
import { priceAggregate } from '../../domain/pricing/prices.ts'
import { promotionsAggregate } from '../../domain/pricing/promotions.ts'
import type { CommandRoute } from '../commandRoute.ts'
import { sales } from '../roles.ts'

const lists = { aggregate: priceListsAggregate, roles: sales, kind: 'record' } as const
const prices = { aggregate: priceAggregate, roles: sales, kind: 'record' } as const
const promotions = { aggregate: promotionsAggregate, roles: sales, kind: 'record' } as const

export const pricingRoutes: readonly CommandRoute[] = [
  {
    ...lists,
    kind: 'create',
    method: 'POST',
    path: '/v1/price-lists',
    command: commands.publishPriceList,
    summary: 'Publish a price list',
    idField: 'listId',
  },
  {
    ...lists,
    method: 'POST',
    path: '/v1/price-lists/:listId/withdrawal',
    command: commands.withdrawPriceList,
    summary: 'Withdraw a price list',
  },
  {
    ...lists,
    method: 'PUT',
    path: '/v1/pricing-strategies/:companyId',
    command: commands.choosePricingStrategy,
    summary: 'Choose how prices are resolved',
  },
  {
    ...prices,
    kind: 'change',
    method: 'PUT',
    path: '/v1/price-lists/:listId/prices/:sku',
    command: commands.changePrice,
    summary: 'Change the price of a product on a list',
  },
  {
    ...prices,
    kind: 'change',
    method: 'POST',
    path: '/v1/price-lists/:listId/prices/:sku/end',
    command: commands.endPrice,
    summary: 'End the price of a product on a list',
  },
  {
    ...promotions,
    kind: 'create',
    method: 'POST',
    path: '/v1/promotions',
    command: commands.schedulePromotion,
    summary: 'Schedule a promotion',
    idField: 'promotionId',
  },
  {
    ...promotions,
    method: 'POST',
    path: '/v1/promotions/:promotionId/cancellation',
    command: commands.cancelPromotion,
    summary: 'Cancel a promotion for new orders',
  },
]
