import type { RecordedEvent } from '../../../../ledger/envelope.ts'
import type { Fact } from '../../../engine/factTable.ts'
import { creditFeed, receivableFeed } from './accountFeed.ts'
import { channelFeed, officeFeed, priceFeed, reconciliationFeed } from './channelFeed.ts'
import { fulfilmentFeed, orderFeed } from './orderFeed.ts'
import { claimFeed, fundFeed, programmeFeed, settlementFeed } from './promiseFeed.ts'
import { stockFeed, transferFeed } from './stockFeed.ts'

/** Event type → what it adds to the measures. Types are taken once over all feeds: each has one place that knows it. */
const feed = new Map(
  [
    orderFeed,
    fulfilmentFeed,
    receivableFeed,
    creditFeed,
    programmeFeed,
    settlementFeed,
    claimFeed,
    fundFeed,
    stockFeed,
    transferFeed,
    channelFeed,
    priceFeed,
    reconciliationFeed,
    officeFeed,
  ].flatMap((one) => Object.entries(one)),
) as ReadonlyMap<string, (event: RecordedEvent) => readonly Fact[]> // each is asked about events of its type only

export const events: readonly string[] = [...feed.keys()]

export function factsOf(event: RecordedEvent): readonly Fact[] {
  return feed.get(event.type)?.(event) ?? []
}
