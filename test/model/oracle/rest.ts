import { relieved } from './credit.ts'
import { fulfil } from './orders.ts'
import { keepRebates } from './rebates.ts'
import { freeAt, main } from './stock.ts'
import type { Order, World } from './world.ts'

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

/** Of what is free here: who waits for goods elsewhere too is looked at when those come. Split lines get all or nothing. */
function couldGet({ lines, policy }: Order, key: string, free: bigint): boolean {
  const wanted = lines
    .filter(({ sku }) => main(sku) === key)
    .map((line) => line.backordered + line.confirmed - line.allocated)
  return (
    policy !== 'split' || wanted.every((quantity) => quantity === 0n) || wanted.some((one) => one > 0n && one <= free)
  )
}

/** Says whether anybody got anything. */
function giveToWaiting(world: World, at: number): boolean {
  let isMoving = false
  for (const [key, stock] of [...world.stock].toSorted(([a], [b]) => (a < b ? -1 : 1)))
    for (const [id] of [...stock.waiting].toSorted(([a, x], [b, y]) => x - y || (a < b ? -1 : 1))) {
      if (freeAt(world, key) === 0n) break
      const order = world.orders.get(id)
      if (!order || !couldGet(order, key, freeAt(world, key))) continue
      if (fulfil(world, order, at)) isMoving = true
      const isWaiting = order.lines.some(
        (line) => main(line.sku) === key && (line.backordered > 0n || line.confirmed > line.allocated),
      )
      if (order.cancelled || order.closed || !isWaiting) stock.waiting.delete(id)
    }
  return isMoving
}
