import { forecastPolicyAggregate } from '../../domain/forecasting/policy.ts'
import { stockPlanPolicyAggregate } from '../../domain/replenishment/policy.ts'
import { demoDealers } from './dealers.ts'
import { sales } from './names.ts'
import { company, type World } from './world.ts'

/** The demand of the first dealers is forecast from the second month on, and stock planned by it; more dealers are only more of the same. */
const forecastDealers = 4

export async function forecastDemand(world: World): Promise<void> {
  const dealers = demoDealers.slice(0, forecastDealers).map(({ dealerId }) => dealerId)
  const policy = { companyId: company, dealers, horizon: 3, leastMonths: 1 }
  await world.run(forecastPolicyAggregate, { type: 'SetForecastPolicy', ...policy }, sales)
  const planned = {
    companyId: company,
    dealers: { leadMonths: 1, serviceLevel: '0.9' },
    own: { leadMonths: 2, serviceLevel: '0.95' },
    reviewDays: 30,
    excessDays: 365,
    deadDays: 90,
  } as const
  await world.run(stockPlanPolicyAggregate, { type: 'SetStockPlanPolicy', ...planned }, sales)
}
