import type { Trade } from '../domain/detection/judge.ts'
import type { Sightings } from '../domain/diversion/sighting.ts'
import type { CommandHandler } from '../ledger/commands.ts'
import type { EventRegistry } from '../ledger/eventRegistry.ts'
import type { EventStore } from '../ledger/eventStore.ts'
import type { ProgressStore } from './progress/progressStore.ts'
import type { Goods } from '../projections/models/claims/openGoods.ts'
import type { Demand } from '../projections/models/sales/openDemand.ts'
import type { Health } from '../projections/models/measures/openHealth.ts'
import type { Stocks } from '../projections/models/inventory/openStocks.ts'
import type { RebateFacts } from './rebates/rebateFacts.ts'

/**
 * What everything that happens by itself needs. Over memory adapters `runDueWork(ports, at)` does all of it at a business
 * instant; in a worker process `startWorkers` does the same reactions and schedules as time goes on.
 */
export interface WorkerPorts {
  readonly store: EventStore
  readonly registry: EventRegistry
  readonly handler: CommandHandler
  readonly progress: ProgressStore
  readonly facts: RebateFacts
  /** the goods at dealers, which claims rest on */
  readonly goods: Goods
  /** what dealers order, which forecasts rest on */
  readonly demand: Demand
  /** what parties have in stock, which is held against the plan of it */
  readonly stocks: Stocks
  /** what the health of dealers is told from */
  readonly health: Health
  /** what was traded, which detection looks at */
  readonly trade: Trade
  /** goods as they were seen */
  readonly sightings: Sightings
  /** ms since 1970 */
  readonly clock: () => number
  /** of the business times of commands that no event stands behind */
  readonly zone: string
  readonly policy?: Partial<WorkPolicy>
}

/** Times in ms. */
export interface WorkPolicy {
  /** how long an attempt to fulfil an order may take before it is undone */
  readonly attemptFor: number
  /** how long an attempt's stock reservations hold; more than `attemptFor` */
  readonly reservedFor: number
  /** a process without progress for so long is taken up again */
  readonly stalledAfter: number
  /** a year of a calendar is opened when less than this much of opened time lies ahead */
  readonly openAhead: number
  /** at what distance accruals are estimated anew */
  readonly accrueEvery: number
  /** settlements are approved as they are calculated; false: a person approves */
  readonly approveSettlements: boolean
}

const hours = 3_600_000

export const workPolicy: WorkPolicy = {
  attemptFor: hours,
  reservedFor: 4 * hours,
  stalledAfter: 5 * 60_000,
  openAhead: 92 * 24 * hours,
  accrueEvery: 24 * hours,
  approveSettlements: true,
}

export function policyOf({ policy }: Pick<WorkerPorts, 'policy'>): WorkPolicy {
  return { ...workPolicy, ...policy }
}
