import { z } from 'zod'
import { businessTime } from '../domain/kernel/businessTime.ts'
import { currency, identifier } from '../domain/kernel/fields.ts'
import { keepCalendars } from './calendars/keepCalendars.ts'
import { keepClaims } from './claims/keepClaims.ts'
import { keepFunds } from './claims/keepFunds.ts'
import { createProcesses } from './createProcesses.ts'
import { keepForecasts } from './forecasting/keepForecasts.ts'
import { keepEvaluations } from './health/keepEvaluations.ts'
import { keepStockPlans } from './replenishment/keepStockPlans.ts'
import { sweepFulfilments } from './fulfilment/sweepFulfilments.ts'
import type { Jobs } from './jobs/jobs.ts'
import type { WorkerPorts } from './ports.ts'
import type { Reactor, ReactorLimits, ReactorOptions, Trouble } from './reactor.ts'
import { planRebates, type DueRun } from './rebates/keepRebates.ts'
import { dealerPeriodsAtOnce, dealerPeriodsOf, settleProgramme } from './rebates/settleProgramme.ts'
import { sweepCredits } from './receivables/sweepCredits.ts'
import { sweepStock } from './stock/sweepStock.ts'
import type { WebhookDelivery } from './webhooks/deliver.ts'

/** What a worker process needs beside the ledger. */
export interface WorkerProcessPorts extends WorkerPorts {
  readonly jobs: Jobs
  readonly webhooks: WebhookDelivery
  readonly sleep: ReactorOptions['sleep']
  /** jobs at work at the same time */
  readonly concurrency: number
  readonly onTrouble?: (trouble: Trouble) => void
  readonly limits?: Partial<ReactorLimits>
}

export interface Workers {
  /** for its dead letters: `revive` */
  readonly reactor: Reactor
  /** resolves when everything has stopped, after the signal aborted */
  readonly stopped: Promise<void>
}

const minutes = 60_000

/**
 * One worker process: the reactions to the log, the schedules and the webhooks, until the signal aborts. Any number of
 * processes may run it: one reads the log, the jobs are shared. Nothing depends on a job: what one finds to do it finds in
 * the ledger, so a flushed queue costs the time to the next slot.
 */
export async function startWorkers(ports: WorkerProcessPorts, signal: AbortSignal): Promise<Workers> {
  const { jobs, webhooks, sleep, concurrency, onTrouble, limits } = ports
  const { reactor, context } = createProcesses(ports, {
    sleep,
    ...(onTrouble && { onTrouble }),
    ...(limits && { limits }),
  })
  const now = (): string => businessTime(ports.clock(), ports.zone)
  const nothing = z.strictObject({})

  jobs.define('sweep-fulfilments', nothing, (job) => sweepFulfilments(context, now(), job.signal))
  jobs.define('sweep-stock', nothing, (job) => sweepStock(context, now(), job.signal))
  jobs.define('sweep-credits', nothing, (job) => sweepCredits(context, now(), job.signal))
  jobs.define('keep-calendars', nothing, (job) => keepCalendars(context, now(), job.signal))
  jobs.define('keep-claims', nothing, (job) => keepClaims(context, now(), job.signal))
  jobs.define('keep-funds', nothing, (job) => keepFunds(context, now(), job.signal))
  jobs.define('keep-forecasts', nothing, (job) => keepForecasts(context, now(), job.signal))
  jobs.define('keep-stock-plans', nothing, (job) => keepStockPlans(context, now(), job.signal))
  jobs.define('keep-evaluations', nothing, (job) => keepEvaluations(context, now(), job.signal))
  const settleDealers = jobs.define('settle-dealers', settleJob, async ({ data, signal: stop, progress }) => {
    const reports: Promise<void>[] = []
    const onProgress = (done: number, of: number): void => void reports.push(progress({ done, of }))
    const run = { ...data, watermark: BigInt(data.watermark), signal: stop, onProgress }
    const settled = await settleProgramme(context, run)
    await Promise.all(reports)
    const [first] = settled?.refused ?? []
    if (first)
      throw new Error(`${settled?.refused.length} dealer-periods refused, first ${first.dealerId}: ${first.code}`)
  })
  jobs.define('keep-rebates', nothing, async ({ signal: stop }) => {
    const at = now()
    // one for all, so that the read model is waited for once
    const watermark = await ports.store.head()
    await planRebates(context, at, (run) => shareOut(run, at, watermark, stop))
  })

  /** Cuts a run into jobs of up to 200 dealer-periods. A final run is done when a later look finds nobody left to settle. */
  async function shareOut(run: DueRun, at: string, watermark: bigint, stop: AbortSignal): Promise<boolean> {
    const { programmeId, periodId, kind } = run
    const open = (await dealerPeriodsOf(context, { ...run, at, watermark })) ?? []
    for (let start = 0; start < open.length && !stop.aborted; start += dealerPeriodsAtOnce) {
      const dealers = open.slice(start, start + dealerPeriodsAtOnce)
      const key = `${kind}/${programmeId}/${periodId}/${watermark}/${start}`
      await settleDealers({ programmeId, periodId, kind, at, watermark: watermark.toString(), dealers }, { key })
    }
    return !stop.aborted && (kind !== 'final' || open.length === 0)
  }

  await jobs.schedule('sweep-fulfilments', { everyMs: minutes }, {}, 'sweep')
  await jobs.schedule('sweep-stock', { everyMs: 5 * minutes }, {}, 'sweep')
  await jobs.schedule('sweep-credits', { everyMs: 60 * minutes }, {}, 'sweep')
  await jobs.schedule('keep-calendars', { everyMs: 60 * minutes }, {}, 'keep')
  await jobs.schedule('keep-rebates', { everyMs: 60 * minutes }, {}, 'keep')
  await jobs.schedule('keep-claims', { everyMs: 5 * minutes }, {}, 'keep')
  await jobs.schedule('keep-funds', { everyMs: 60 * minutes }, {}, 'keep')
  await jobs.schedule('keep-forecasts', { everyMs: 60 * minutes }, {}, 'keep')
  await jobs.schedule('keep-stock-plans', { everyMs: 60 * minutes }, {}, 'keep')
  await jobs.schedule('keep-evaluations', { everyMs: 60 * minutes }, {}, 'keep')

  const running = [reactor.run(signal), jobs.run({ concurrency, signal }), webhooks.run(signal)]
  return { reactor, stopped: Promise.all(running).then(() => undefined) }
}

const settleJob = z.strictObject({
  programmeId: identifier,
  periodId: identifier,
  kind: z.enum(['accrual', 'interim', 'final', 'adjustment']),
  at: z.string(),
  watermark: z.string().regex(/^\d{1,20}$/),
  dealers: z.array(z.strictObject({ dealerId: identifier, currency })).max(dealerPeriodsAtOnce),
})
