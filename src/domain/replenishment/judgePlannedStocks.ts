import { plus } from '../kernel/decimalText.ts'
import { available, noLevels, position, type Levels } from '../stock/levels.ts'
import { adviceId, type PlannedStock } from './adviceId.ts'
import type { Advice } from './events.ts'
import { judgeStock, type StockFound } from './judgeStock.ts'
import type { StockPlanState } from './plan.ts'

interface OneStock {
  readonly party: string
  readonly location: string
  readonly sku: string
  readonly levels: Levels
  readonly unit?: string | undefined
  readonly reorderPoint?: string | undefined
  readonly goodsAt?: number | undefined
  readonly leftAt?: number | undefined
}

export interface JudgedStock extends PlannedStock, Omit<StockFound, 'partyLeftAt'> {
  readonly advice: Advice | 'none'
}

/**
 * What is to be said of each stock of one party by its plan. Low stock is said here only where the stock has no policy of its own: by
 * that one it is said at once, when the stock moves.
 */
export function judgePlannedStocks(
  { plan, lines }: Pick<StockPlanState, 'plan' | 'lines'>,
  stocks: readonly OneStock[],
  at: number,
): readonly JudgedStock[] {
  if (!plan) return []
  const byLocation = plan.basis === 'shipped'
  const lefts = stocks.flatMap(({ leftAt }) => leftAt ?? [])
  const partyLeftAt = lefts.length > 0 ? lefts.reduce((a, b) => Math.max(a, b)) : undefined
  const planned = new Map(lines.map((line) => [JSON.stringify([line.sku, line.location]), line]))
  const groups = new Map<string, [OneStock, ...OneStock[]]>()
  for (const stock of stocks) {
    const id = adviceId({ party: stock.party, sku: stock.sku, ...(byLocation && { location: stock.location }) })
    const group = groups.get(id)
    if (group) group.push(stock)
    else groups.set(id, [stock])
  }
  return [...groups.values()].map((group) => {
    const [{ party, location, sku, unit, reorderPoint: ofStock }] = group
    const levels = group.reduce((sum, stock) => added(sum, stock.levels), noLevels)
    const known = planned.get(JSON.stringify([sku, byLocation ? location : undefined]))
    const line = known !== undefined && (unit ?? known.unit) === known.unit ? known : undefined
    const own = group.length === 1 ? ofStock : undefined
    const moved = group.flatMap(({ goodsAt }) => goodsAt ?? [])
    const reorderPoint = own ?? line?.levels?.reorderPoint
    const found = {
      onHand: levels.onHand,
      available: available(levels),
      position: position(levels),
      ...(reorderPoint !== undefined && { reorderPoint }),
      ...(line && { excessFrom: line.excessFrom }),
      ...(moved.length > 0 && { goodsAt: Math.max(...moved) }),
    }
    const word = judgeStock({ ...found, partyLeftAt }, plan.deadDays, at)
    const isOwn = own !== undefined && (word === 'out' || word === 'low')
    const advice = isOwn || word === 'sufficient' || word === 'unknown' ? 'none' : word
    return { party, sku, ...(byLocation && { location }), advice, ...found }
  })
}

function added(a: Levels, b: Levels): Levels {
  return {
    onHand: plus(a.onHand, b.onHand),
    reserved: plus(a.reserved, b.reserved),
    allocated: plus(a.allocated, b.allocated),
    blocked: plus(a.blocked, b.blocked),
    inTransit: plus(a.inTransit, b.inTransit),
    onOrder: plus(a.onOrder, b.onOrder),
    backordered: plus(a.backordered, b.backordered),
  }
}
