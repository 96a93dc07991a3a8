import { keepCalendars } from './calendars/keepCalendars.ts'
import { keepClaims } from './claims/keepClaims.ts'
import { keepFunds } from './claims/keepFunds.ts'
import type { WorkContext } from './context.ts'
import { keepForecasts } from './forecasting/keepForecasts.ts'
import { keepEvaluations } from './health/keepEvaluations.ts'
import { keepStockPlans } from './replenishment/keepStockPlans.ts'
import { sweepFulfilments } from './fulfilment/sweepFulfilments.ts'
import { keepRebates } from './rebates/keepRebates.ts'
import { sweepCredits } from './receivables/sweepCredits.ts'
import { sweepStock } from './stock/sweepStock.ts'

/** All schedules once, at a business time; each finds what is due from the ledger and does nothing twice. */
export async function runSchedules(context: WorkContext, at: string, signal?: AbortSignal): Promise<void> {
  await sweepFulfilments(context, at, signal)
  await sweepStock(context, at, signal)
  await sweepCredits(context, at, signal)
  await keepCalendars(context, at, signal)
  await keepRebates(context, at, signal)
  await keepClaims(context, at, signal)
  await keepFunds(context, at, signal)
  await keepForecasts(context, at, signal)
  await keepStockPlans(context, at, signal)
  await keepEvaluations(context, at, signal)
}
