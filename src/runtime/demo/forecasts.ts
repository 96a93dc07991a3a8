import { forecastPolicyAggregate } from '../../domain/forecasting/policy.ts'
import { stockPlanPolicyAggregate } from '../../domain/replenishment/policy.ts'
import { businessTime, instantOf } from '../../domain/kernel/businessTime.ts'
import { stockAggregate } from '../../domain/stock/decide.ts'
import { demoProducts } from './catalogue.ts'
import { demoDealers } from './dealers.ts'
import { warehouses } from './demand.ts'
import { sales, warehouse } from './names.ts'
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
    deadDays: 365,
  } as const
  // models that the last warehouse sold before, and that nobody there asks for any more
  const [place] = warehouses.slice(-1)
  for (const { sku } of demoProducts.slice(-3)) {
    if (!place) break
    const { party, location, zone } = place
    const left = { party, location, sku, lot: '-', unit: 'EA', quantity: '12' }
    const at = businessTime(instantOf('2023-10-16T09:00:00.000Z[UTC]'), zone)
    await world.run(stockAggregate, { type: 'OpenStock', ...left }, { ...warehouse, zone }, { at })
  }
  await world.run(stockPlanPolicyAggregate, { type: 'SetStockPlanPolicy', ...planned }, sales)
}
