import { completed } from '../../../domain/detection/completed.ts'
import type { Trade, TradeWindow } from '../../../domain/detection/judge.ts'
import { inOrderOfTrade, type SellIn, type Standing, type TradeFact } from '../../../domain/detection/tradeFact.ts'
import type { EventRegistry } from '../../../ledger/eventRegistry.ts'
import type { EventStore } from '../../../ledger/eventStore.ts'
import type { Reader, Source } from '../../engine/ask.ts'
import type { Bind } from '../../engine/foldQuery.ts'
import { waitForPosition } from '../../engine/waitForPosition.ts'
import { violationsModel } from './model.ts'
import { resalePriceOf } from './resalePriceOf.ts'

/** The whole log's business time: which facts count is said by the window. */
const endOfTime = Date.UTC(9999, 11, 31)

/** Trade from the read model. Answers rest on everything up to `upTo`; throws `ModelBehind` when it does not get there in time. */
export function openTrade(
  reader: Reader,
  log: { readonly store: EventStore; readonly registry: EventRegistry },
  waitMs: number,
): Trade {
  async function ask(
    { from: start, until, upTo }: TradeWindow,
    condition: (from: Source, bind: Bind) => string,
  ): Promise<readonly Standing[]> {
    await waitForPosition(reader, violationsModel.name, upTo, waitMs)
    const { rows } = await reader.ask<FactRow>({ asOf: endOfTime, knownAt: upTo }, (from, bind) => {
      const [first, end] = [start, until].map(
        (instant) => `${bind(new Date(Math.max(instant, 0)).toISOString())}::timestamptz`,
      )
      return `select t.fact, t.happened_at as at, t.stream, t.revision::integer as revision, t.event_id as "eventId", t.position::text as position, t.seq
        from ${from.facts('trade')} t where t.at >= ${first} and t.at < ${end} and ${condition(from, bind)} order by t.position, t.seq`
    })
    return rows.map(({ fact, position, seq: _seq, ...place }) => ({ ...fact, ...place, position: BigInt(position) }))
  }

  return {
    async dealers(upTo) {
      await waitForPosition(reader, violationsModel.name, upTo, waitMs)
      const { rows } = await reader.ask<{ dealerId: string }>(
        { asOf: endOfTime, knownAt: upTo },
        (from) => `select distinct t.dealer_id as "dealerId" from ${from.facts('trade')} t`,
      )
      return rows.map(({ dealerId }) => dealerId).toSorted()
    },
    async of(dealerId, window) {
      const [own, changed] = await Promise.all([
        ask(window, (_from, bind) => `t.dealer_id = ${bind(dealerId)} and t.fact->>'kind' <> 'repriced'`),
        // a change of an order says nothing but the order
        dealerId === ''
          ? []
          : ask(
              window,
              (from) =>
                `t.dealer_id = '' and t.order_id <> '' and t.order_id in (select o.order_id from ${from.facts('trade', { dealer_id: dealerId })} o)`,
            ),
      ])
      const orders = new Map(await ordersOf(dealerId, changed, window))
      const whole = changed.flatMap((one) => {
        const found = one.kind === 'repriced' ? completed(one, orders.get(one.orderId)) : undefined
        return found ? [found] : []
      })
      return inOrderOfTrade([...own, ...whole])
    },
    async ofSku(sku, window) {
      const facts = await ask(window, (_from, bind) => `t.sku = ${bind(sku)} and t.fact->>'kind' = 'sell-in'`)
      return inOrderOfTrade(facts.filter((one): one is Standing<SellIn> => one.kind === 'sell-in'))
    },
    priceOf: (resale) => resalePriceOf(log, resale),
  }

  /** The orders whose lines changed may lie before the window. */
  async function ordersOf(
    dealerId: string,
    changed: readonly Standing[],
    { upTo }: TradeWindow,
  ): Promise<readonly (readonly [string, SellIn])[]> {
    const ids = [...new Set(changed.flatMap((one) => (one.kind === 'repriced' ? [one.orderId] : [])))]
    if (ids.length === 0) return []
    const { rows } = await reader.ask<{ fact: TradeFact }>(
      { asOf: endOfTime, knownAt: upTo },
      (from, bind) =>
        `select t.fact from ${from.facts('trade', { dealer_id: dealerId })} t where t.order_id = any(${bind(ids)}::text[]) and t.fact->>'kind' = 'sell-in'`,
    )
    return rows.flatMap(({ fact }) => (fact.kind === 'sell-in' ? [[fact.orderId, fact] as const] : []))
  }
}

interface FactRow {
  readonly fact: TradeFact
  readonly at: string
  readonly stream: string
  readonly revision: number
  readonly eventId: string
  readonly position: string
  readonly seq: number
}
