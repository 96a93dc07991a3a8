import { addDays } from '../../domain/kernel/businessTime.ts'
import { compare, minus, plus } from '../../domain/kernel/decimalText.ts'
import { stockAggregate } from '../../domain/stock/decide.ts'
import { freeOf } from '../../domain/stock/freeLots.ts'
import { available } from '../../domain/stock/levels.ts'
import { stockId, type StockKey } from '../../domain/stock/stockKey.ts'
import { transferAggregate } from '../../domain/stock/transfer.ts'
import { demoProducts, type DemoProduct } from './catalogue.ts'
import { warehouses, type Warehouse } from './demand.ts'
import { warehouse } from './names.ts'
import { company, type Actor, type World } from './world.ts'

/** What warehouses do every month beside orders: counts, damaged goods, and goods sent from one to another. */
export async function warehouseRoutine(world: World): Promise<void> {
  const { chance } = world
  const month = world.today().slice(0, 7)
  for (const place of warehouses) {
    const by = { ...warehouse, zone: place.zone }
    for (let count = 0; count < 4; count += 1) await recount(world, place, chance.pick(place.products), month, by)
    if (chance.is(0.5)) await findDamage(world, place, chance.pick(place.products), month, by)
  }
  const [from, ...others] = warehouses
  await send(world, from, chance.pick(others), month)
}

function keyIn({ party, location }: Warehouse, { sku }: DemoProduct): StockKey {
  return { party, location, sku }
}

/** Once in four the shelf holds a unit more or less than the books; every lot is counted. */
async function recount(world: World, place: Warehouse, product: DemoProduct, month: string, by: Actor): Promise<void> {
  const key = keyIn(place, product)
  const { lots } = await world.handler.load(stockAggregate, stockId(key))
  const lines = Object.entries(lots).map(([lot, { level }], index) => {
    const off = index === 0 && world.chance.is(0.25) ? (world.chance.is(0.7) ? '-1' : '1') : '0'
    const counted = plus(level.onHand, off)
    return { lot, counted: compare(counted, '0') < 0 ? '0' : counted }
  })
  if (lines.length === 0) return
  const command = { type: 'CountStock' as const, ...key, countId: `${month}-count`, lines, complete: true }
  await world.run(stockAggregate, command, by)
}

/** Goods are set aside for inspection; some are scrapped, the others come free again. */
async function findDamage(
  world: World,
  place: Warehouse,
  product: DemoProduct,
  month: string,
  by: Actor,
): Promise<void> {
  const key = keyIn(place, product)
  const state = await world.handler.load(stockAggregate, stockId(key))
  const lot = Object.keys(state.lots).find((name) => compare(freeOf(state, name), '3') > 0)
  if (lot === undefined || compare(available(state.levels), '3') <= 0) return
  const blockId = `${month}-inspection`
  const blocked = { type: 'BlockStock' as const, ...key, blockId, lot, quantity: '3', reason: 'inspection' }
  await world.run(stockAggregate, blocked, by)
  world.planIn(3, 10, place.zone, async () => {
    const lines = [{ lot, quantity: '2', blocked: '2' }]
    const scrapped = { type: 'ScrapStock' as const, ...key, scrapId: `${month}-damaged`, reason: 'damaged', lines }
    await world.run(stockAggregate, scrapped, by)
    await world.run(stockAggregate, { type: 'UnblockStock', ...key, blockId, reason: 'inspected' }, by)
  })
}

/** Three products by sea: every sixth month a crate is lost, and in February, when the ports are closed, it is called off. */
async function send(world: World, from: Warehouse, to: Warehouse, month: string): Promise<void> {
  const { chance } = world
  const transferId = `TR-${month}`
  const by = { ...warehouse, zone: from.zone }
  const skus = new Set([chance.pick(to.products), chance.pick(to.products), chance.pick(to.products)])
  const wanted: { lineNo: number; sku: string; quantity: string }[] = []
  for (const { sku } of demoProducts.filter((product) => skus.has(product))) {
    const { levels } = await world.handler.load(
      stockAggregate,
      stockId({ party: company, location: from.location, sku }),
    )
    if (compare(available(levels), '30') > 0) wanted.push({ lineNo: wanted.length + 1, sku, quantity: '6' })
  }
  if (wanted.length === 0) return
  const ends = { from: { party: from.party, location: from.location }, to: { party: to.party, location: to.location } }
  const asked = { type: 'RequestTransfer' as const, transferId, companyId: company, ...ends, lines: wanted }
  const note = chance.is(0.3) ? 'For the spring season' : undefined
  await world.run(transferAggregate, { ...asked, reason: 'rebalancing', ...(note !== undefined && { note }) }, by)
  if (month.endsWith('-02')) {
    world.planIn(2, 9, from.zone, async () => {
      await world.run(transferAggregate, { type: 'CancelTransfer', transferId, reason: 'port-closed' }, by)
    })
    return
  }
  world.planIn(3, 9, from.zone, async () => {
    const expectedOn = addDays(world.today(from.zone), 30)
    const left = await world.attempt(transferAggregate, { type: 'DispatchTransfer', transferId, expectedOn }, by)
    if (left.ok) world.planIn(chance.between(26, 36), 9, to.zone, () => arrive(world, transferId, to))
  })
}

async function arrive(world: World, transferId: string, to: Warehouse): Promise<void> {
  const by = { ...warehouse, zone: to.zone }
  const transfer = await world.handler.load(transferAggregate, transferId)
  if (transfer.status !== 'in-transit') return
  const [first] = transfer.onTheWay
  const [lot] = first?.lots ?? []
  if (first && lot && compare(lot.quantity, '1') > 0 && /-(06|12)$/.test(transferId)) {
    const lines = [{ lineNo: first.lineNo, lots: [{ lot: lot.lot, quantity: minus(lot.quantity, '5') }] }]
    const loss = { type: 'ReportTransferLost' as const, transferId, lossId: `${transferId}-lost`, lines }
    await world.run(transferAggregate, { ...loss, reason: 'water-damage' }, by)
  }
  const received = { type: 'ReceiveTransfer' as const, transferId, receiptId: `${transferId}-in` }
  await world.run(transferAggregate, received, by)
}
