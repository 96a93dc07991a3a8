import type { CommandRoute } from '../commandRoute.ts'
import { accountRoutes } from './accounts.ts'
import { alertRoutes } from './alerts.ts'
import { calendarRoutes } from './calendars.ts'
import { catalogueRoutes } from './catalogue.ts'
import { claimRoutes } from './claims.ts'
import { conductRoutes } from './conduct.ts'
import { dealerRoutes } from './dealers.ts'
import { forecastRoutes } from './forecasts.ts'
import { replenishmentRoutes } from './replenishment.ts'
import { fundRoutes } from './funds.ts'
import { healthModelRoutes } from './healthModels.ts'
import { orderRoutes } from './orders.ts'
import { outletRoutes } from './outlets.ts'
import { postingRoutes } from './postings.ts'
import { pricingRoutes } from './pricing.ts'
import { principalRoutes } from './principals.ts'
import { rebateRoutes } from './rebates.ts'
import { reconciliationRoutes } from './reconciliation.ts'
import { serialRoutes } from './serials.ts'
import { stockRoutes } from './stock.ts'
import { violationRoutes } from './violations.ts'
import { webhookRoutes } from './webhooks.ts'

/** The route table: every command that people and machines may give. */
export const commandRoutes: readonly CommandRoute[] = [
  ...catalogueRoutes,
  ...dealerRoutes,
  ...pricingRoutes,
  ...orderRoutes,
  ...stockRoutes,
  ...outletRoutes,
  ...serialRoutes,
  ...accountRoutes,
  ...conductRoutes,
  ...rebateRoutes,
  ...reconciliationRoutes,
  ...postingRoutes,
  ...claimRoutes,
  ...fundRoutes,
  ...forecastRoutes,
  ...replenishmentRoutes,
  ...healthModelRoutes,
  ...violationRoutes,
  ...calendarRoutes,
  ...alertRoutes,
  ...principalRoutes,
  ...webhookRoutes,
]

/** Commands without a route, and why. A test holds this list and the route table against the registry of the domain. */
export const commandsOfProcesses: Readonly<Record<string, string>> = {
  RecordOrder: 'imports only',
  EvaluateDealer: 'with the figures that the program finds',
  ReserveCredit: 'order fulfilment',
  ClearCredit: 'order fulfilment',
  AdjustCreditReservation: 'order fulfilment',
  ReleaseCredit: 'order fulfilment',
  RecordDelivery: 'follows a delivery',
  RecordReturn: 'follows returned goods',
  StartFulfilment: 'order fulfilment',
  RetryFulfilment: 'order fulfilment',
  RecordStep: 'order fulfilment',
  PassDeadline: 'order fulfilment',
  TransferOutStock: 'follows a dispatched transfer',
  TransferInStock: 'follows a received transfer',
  ExpireReservation: 'a schedule',
  SetBackorder: 'order fulfilment',
  CheckStockLevel: 'follows a movement of stock',
  PostAccrual: 'settlement runs',
  CalculateSettlement: 'settlement runs',
  ExpireCreditNote: 'follows the time of a credit for invoices to come',
  RecordSettlementCredit: 'follows the credit note of a settlement',
  PlaceGrantedOrder: 'follows goods granted for a settlement',
  FollowGrantedGoods: 'follows an order of granted goods',
  ProposeProtection: 'follows a change of a list price',
  TakeProof: 'follows a submitted claim',
  ReleaseProof: 'follows a claim that was turned down',
  ValidateClaim: 'follows the proofs of a claim',
  RecordClaimPayment: 'follows the credit note of a claim',
  AccrueFund: 'a schedule, when a period is closed',
  SweepFund: 'a schedule',
  ValidateFundClaim: 'follows the proofs of a claim',
  RecordFundPayment: 'follows the credit note of a claim',
  PublishForecast: 'a schedule, when a month is over',
  JudgeDemand: 'a schedule, when the forecasts of a month are published',
  PublishStockPlan: 'a schedule, when the forecasts of a month are published',
  AdviseOnStock: 'a schedule, every day',
  DetectViolation: 'follows what is traded and seen',
}
