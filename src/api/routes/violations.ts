import * as commands from '../../domain/violations/commands.ts'
import { marketPriceAggregate, observeMarketPrice } from '../../domain/violations/marketPrice.ts'
import { endPricePolicy, pricePolicyAggregate, setPricePolicy } from '../../domain/violations/pricePolicy.ts'
import { violationsAggregate } from '../../domain/violations/violations.ts'
import type { CommandRoute } from '../commandRoute.ts'
import { manufacturer, sales } from '../roles.ts'

const policy = { aggregate: pricePolicyAggregate, kind: 'change', roles: sales } as const
const one = '/v1/violations/:dealerId/:violationId'
const decision = { aggregate: violationsAggregate, kind: 'change', method: 'POST', roles: manufacturer } as const

export const violationRoutes: readonly CommandRoute[] = [
  {
    ...policy,
    method: 'PUT',
    path: '/v1/price-policies/:companyId',
    command: setPricePolicy,
    summary: 'Set the next version of the price policy: what is watched, from when until when',
  },
  {
    ...policy,
    method: 'POST',
    path: '/v1/price-policies/:companyId/versions/:version/end',
    command: endPricePolicy,
    summary: 'End a version of the price policy',
  },
  {
    aggregate: marketPriceAggregate,
    kind: 'record',
    method: 'POST',
    path: '/v1/market-prices',
    command: observeMarketPrice,
    summary: 'Record a price as it was seen in the market, after coupons; its currency must be said',
    roles: manufacturer,
    idField: 'observationId',
  },
  {
    ...decision,
    path: `${one}/notification`,
    command: commands.notifyViolation,
    summary: 'Put a case to the dealer, who then has time to explain',
  },
  {
    ...decision,
    path: `${one}/explanations`,
    command: commands.explainViolation,
    summary: 'Explain a case',
    roles: ['admin', 'sales', 'dealer'],
    ownDealerFields: ['dealerId'],
  },
  {
    ...decision,
    path: `${one}/confirmation`,
    command: commands.confirmViolation,
    summary: 'Confirm a violation, as another person than who put it to the dealer',
  },
  {
    ...decision,
    path: `${one}/dismissal`,
    command: commands.dismissViolation,
    summary: 'Dismiss a case, and say why',
  },
  {
    ...decision,
    path: `${one}/remedy`,
    command: commands.remedyViolation,
    summary: 'Record that a confirmed violation was remedied',
  },
  { ...decision, path: `${one}/close`, command: commands.closeViolation, summary: 'Close a case' },
]
