import { setStockPlanPolicy } from '../../domain/replenishment/commands.ts'
import { stockPlanPolicyAggregate } from '../../domain/replenishment/policy.ts'
import type { CommandRoute } from '../commandRoute.ts'
import { sales } from '../roles.ts'

export const replenishmentRoutes: readonly CommandRoute[] = [
  {
    aggregate: stockPlanPolicyAggregate,
    kind: 'record',
    method: 'PUT',
    roles: sales,
    path: '/v1/stock-plan-policies/:companyId',
    command: setStockPlanPolicy,
    summary: 'Say how stock is planned from the forecasts of each month; nothing is planned until this is said',
  },
]
