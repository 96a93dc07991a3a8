import { principalAggregate } from './access/decide.ts'
import { alertAggregate } from './alerts/alert.ts'
import { alertRulesAggregate } from './alerts/alertRules.ts'
import { calendarAggregate } from './calendars/decide.ts'
import { productAggregate } from './catalogue/decide.ts'
import { differencesAggregate } from './claims/differences.ts'
import { claimsPolicyAggregate } from './claims/policy.ts'
import { proofAggregate } from './claims/proof.ts'
import { conductAggregate } from './conduct/conduct.ts'
import { conductRulesAggregate } from './conduct/conductRules.ts'
import { accountAggregate } from './credit/account.ts'
import { dealerAggregate } from './dealers/decide.ts'
import { territoryAggregate } from './dealers/territory.ts'
import { forecastPolicyAggregate } from './forecasting/policy.ts'
import { demandAggregate } from './forecasting/judgement.ts'
import { forecastAggregate } from './forecasting/publication.ts'
import { fulfilmentAggregate } from './fulfilment/decide.ts'
import { fundAggregate } from './funds/fund.ts'
import type { AnyAggregate } from './kernel/decider.ts'
import { orderAggregate } from './orders/decide.ts'
import { outletAggregate } from './outlets/outlet.ts'
import { postingsAggregate } from './postings/postings.ts'
import { priceListsAggregate } from './pricing/priceLists.ts'
import { priceAggregate } from './pricing/prices.ts'
import { promotionsAggregate } from './pricing/promotions.ts'
import { ratesAggregate } from './rates/rates.ts'
import { stockAdviceAggregate } from './replenishment/advice.ts'
import { stockPlanAggregate } from './replenishment/plan.ts'
import { stockPlanPolicyAggregate } from './replenishment/policy.ts'
import { programmeAggregate } from './rebates/programme.ts'
import { settlementAggregate } from './rebates/settlement.ts'
import { stackingAggregate } from './rebates/stacking.ts'
import { reconciliationAggregate } from './reconciliation/chain.ts'
import { sellOutAggregate } from './sellout/report.ts'
import { serialAggregate } from './serials/serial.ts'
import { stockAggregate } from './stock/decide.ts'
import { transferAggregate } from './stock/transfer.ts'
import { healthAggregate } from './health/health.ts'
import { healthModelAggregate } from './health/healthModel.ts'
import { marketPriceAggregate } from './violations/marketPrice.ts'
import { pricePolicyAggregate } from './violations/pricePolicy.ts'
import { violationsAggregate } from './violations/violations.ts'
import { webhookAggregate } from './webhooks/webhook.ts'

/** Every aggregate once, in the order of docs/architecture.md: event schemas, routes and the schema lock come from here. */
export const aggregates: readonly AnyAggregate[] = [
  productAggregate,
  territoryAggregate,
  dealerAggregate,
  priceListsAggregate,
  priceAggregate,
  promotionsAggregate,
  orderAggregate,
  fulfilmentAggregate,
  stockAggregate,
  transferAggregate,
  outletAggregate,
  sellOutAggregate,
  serialAggregate,
  accountAggregate,
  calendarAggregate,
  ratesAggregate,
  conductAggregate,
  conductRulesAggregate,
  programmeAggregate,
  stackingAggregate,
  settlementAggregate,
  reconciliationAggregate,
  postingsAggregate,
  claimsPolicyAggregate,
  differencesAggregate,
  fundAggregate,
  proofAggregate,
  forecastPolicyAggregate,
  forecastAggregate,
  demandAggregate,
  stockPlanPolicyAggregate,
  stockPlanAggregate,
  stockAdviceAggregate,
  healthModelAggregate,
  healthAggregate,
  pricePolicyAggregate,
  marketPriceAggregate,
  violationsAggregate,
  alertAggregate,
  alertRulesAggregate,
  principalAggregate,
  webhookAggregate,
]
