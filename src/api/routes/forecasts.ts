import { setForecastPolicy } from '../../domain/forecasting/commands.ts'
import { forecastPolicyAggregate } from '../../domain/forecasting/policy.ts'
import type { CommandRoute } from '../commandRoute.ts'
import { sales } from '../roles.ts'

export const forecastRoutes: readonly CommandRoute[] = [
  {
    aggregate: forecastPolicyAggregate,
    kind: 'record',
    method: 'PUT',
    roles: sales,
    path: '/v1/forecast-policies/:companyId',
    command: setForecastPolicy,
    summary: 'Say whose demand is forecast every month, and how far ahead; nobody’s until this is said',
  },
]
