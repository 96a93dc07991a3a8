import { parse, positive, sum, type Id, type Line, type Stock, type World } from './world.ts'

// ---- stock: the latest assertion plus the movements after it (§2.5) ----

export function onHand({ facts }: Stock): bigint {
  const inOrder = facts.toSorted((a, b) => a.at - b.at || a.seq - b.seq)
  return inOrder.reduce((level, fact) => (fact.kind === 'count' ? fact.quantity : level + fact.quantity), 0n)
}

export const main = (sku: string): string => `MAIN/${sku}`
export function stockOf(world: World, key: string): Stock {
  const stock = world.stock.get(key) ?? { facts: [], inTransit: 0n, waiting: new Map() }
  world.stock.set(key, stock)
  return stock
}
const linesOfSku = (world: World, key: string): Line[] =>
  key.startsWith('MAIN/')
    ? [...world.orders.values()].flatMap((order) => order.lines.filter((line) => main(line.sku) === key))
    : []
export const allocatedAt = (world: World, key: string): bigint =>
  sum(linesOfSku(world, key), (line) => line.allocated - line.shipped)
export const backorderedAt = (world: World, key: string): bigint =>
  sum(linesOfSku(world, key), (line) => line.backordered)
export const freeAt = (world: World, key: string): bigint =>
  positive(onHand(stockOf(world, key)) - allocatedAt(world, key))

/** A receipt, a count, goods out or in: at its own business time, however late it is told. */
export function tellStock(
  world: World,
  key: string,
  kind: 'move' | 'count',
  quantity: bigint,
  at: number,
  id: Id,
): void {
  stockOf(world, key).facts.push({ at, seq: (world.seq += 1), kind, quantity, id })
}

/** An error declaration: from now on as if the fact or price had never been (§2.0). */
export function declareError(world: World, id: Id): string {
  for (const stock of world.stock.values()) {
    const index = stock.facts.findIndex((fact) => fact.id === id)
    if (index >= 0) return (stock.facts.splice(index, 1), 'ok')
  }
  for (const prices of world.prices.values()) {
    const index = prices.findIndex((price) => price.id === id)
    if (index >= 0) return (prices.splice(index, 1), 'ok')
  }
  return 'correction.already_declared'
}

export function requestTransfer(world: World, c: { id: Id; sku: string; quantity: string }): string {
  world.transfers.set(c.id, { sku: c.sku, quantity: parse(c.quantity), sent: false, over: false })
  return 'ok'
}

export function dispatchTransfer(world: World, id: Id, at: number): string {
  const transfer = world.transfers.get(id)
  if (!transfer) return 'transfers.unknown'
  if (transfer.sent) return 'ok'
  const { sku, quantity } = transfer
  if (quantity > freeAt(world, main(sku))) return 'stock.insufficient'
  transfer.sent = true
  tellStock(world, main(sku), 'move', -quantity, at, `${id}/out`)
  stockOf(world, `EAST/${sku}`).inTransit += quantity
  return 'ok'
}

export function endTransfer(world: World, id: Id, how: 'received' | 'lost', at: number): string {
  const transfer = world.transfers.get(id)
  if (!transfer) return 'transfers.unknown'
  if (!transfer.sent || transfer.over) return 'transfers.wrong_state'
  transfer.over = true
  const east = stockOf(world, `EAST/${transfer.sku}`)
  east.inTransit -= transfer.quantity
  if (how === 'received') tellStock(world, `EAST/${transfer.sku}`, 'move', transfer.quantity, at, `${id}/in`)
  return 'ok'
}

// ---- prices: the last one started is in force (§2.2) ----

export function priceAt(world: World, sku: string, at: number): bigint | undefined {
  const started = (world.prices.get(sku) ?? []).filter((price) => price.at <= at)
  return started.toSorted((a, b) => a.at - b.at).at(-1)?.price
}

export function changePrice(
  world: World,
  c: { sku: string; price: string; at: number; id: Id; retroactive: boolean },
  now: number,
): string {
  const prices = world.prices.get(c.sku)
  if (!prices) return 'catalogue.unknown_sku'
  const same = prices.find((price) => price.at === c.at)
  if (same?.price === parse(c.price)) return 'ok'
  if (c.at < now && !c.retroactive) return 'pricing.retroactive'
  if ((c.price.split('.')[1] ?? '').length > 4) return 'pricing.over_precise'
  if (same) return 'pricing.overlap'
  prices.push({ at: c.at, price: parse(c.price), id: c.id })
  return 'ok'
}
