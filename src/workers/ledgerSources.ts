import type { EventRegistry } from '../ledger/eventRegistry.ts'
import type { EventStore } from '../ledger/eventStore.ts'
import { createLedgerGoods } from './claims/ledgerGoods.ts'
import { createLedgerSightings } from './diversion/ledgerSightings.ts'
import { createLedgerDemand } from './forecasting/ledgerDemand.ts'
import type { WorkerPorts } from './ports.ts'
import { createLedgerFacts } from './rebates/ledgerFacts.ts'
import { createLedgerStocks } from './replenishment/ledgerStocks.ts'
import { createLedgerTrade } from './violations/ledgerTrade.ts'

/** What workers look at, scanned from the log instead of read models: where there are none, as in tests and the demonstration. */
export function ledgerSources(log: {
  readonly store: EventStore
  readonly registry: EventRegistry
}): Pick<WorkerPorts, 'facts' | 'goods' | 'demand' | 'stocks' | 'health' | 'trade' | 'sightings'> {
  return {
    facts: createLedgerFacts(log),
    goods: createLedgerGoods(log),
    demand: createLedgerDemand(log),
    stocks: createLedgerStocks(log),
    // metrics are summed by a database: evaluations wait for a worker that has one
    health: { figures: async () => undefined },
    trade: createLedgerTrade(log),
    sightings: createLedgerSightings(log),
  }
}
