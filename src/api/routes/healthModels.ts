import { defineHealthModel } from '../../domain/health/commands.ts'
import { healthModelAggregate } from '../../domain/health/healthModel.ts'
import type { CommandRoute } from '../commandRoute.ts'
import { sales } from '../roles.ts'

export const healthModelRoutes: readonly CommandRoute[] = [
  {
    aggregate: healthModelAggregate,
    kind: 'record',
    method: 'PUT',
    roles: sales,
    path: '/v1/health-models/:companyId',
    command: defineHealthModel,
    summary: 'Define the next version of how the health of dealers is told: weights and scaling functions',
  },
]
