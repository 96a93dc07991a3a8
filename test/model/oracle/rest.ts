import { relieved } from './credit.ts'
import { fulfil } from './orders.ts'
import { keepRebates } from './rebates.ts'
import { freeAt, main } from './stock.ts'
import type { World } from './world.ts'

/** What follows by itself: who waits gets goods, the longest waiting first; then who was held for credit and fits now; then rebates. */
export function comeToRest(world: World, at: number): void {
  for (;;) {
    let isMoving = giveToWaiting(world, at)
    for (const order of relieved(world)) {
      fulfil(world, order, at)
      isMoving = true
    }
    if (!isMoving && !keepRebates(world, at)) return
  }
}

/** Says whether anybody got anything. */
function giveToWaiting(world: World, at: number): boolean {
  let isMoving = false
  for (const [key, stock] of [...world.stock].toSorted(([a], [b]) => (a < b ? -1 : 1)))
    for (const [id] of [...stock.waiting].toSorted(([a, x], [b, y]) => x - y || (a < b ? -1 : 1))) {
      if (freeAt(world, key) === 0n) break
      const order = world.orders.get(id)
      if (!order) continue
      if (fulfil(world, order, at)) isMoving = true
      const isWaiting = order.lines.some(
        (line) => main(line.sku) === key && (line.backordered > 0n || line.confirmed > line.allocated),
      )
      if (order.cancelled || order.closed || !isWaiting) stock.waiting.delete(id)
    }
  return isMoving
}
