import { addDays } from '../../domain/kernel/businessTime.ts'
import { compare } from '../../domain/kernel/decimalText.ts'
import type { StockCommand } from '../../domain/stock/commands.ts'
import { stockAggregate } from '../../domain/stock/decide.ts'
import { position } from '../../domain/stock/levels.ts'
import { stockId, type StockKey } from '../../domain/stock/stockKey.ts'
import { demoProducts, listPrice } from './catalogue.ts'
import { demoDealers, type DemoDealer } from './dealers.ts'
import { largestLine, unitsPerMonth, warehouses } from './demand.ts'
import { supplier, warehouse } from './names.ts'
import type { Actor, World } from './world.ts'

/** Goods into the warehouses, and what becomes of them at dealers that report their stock. */
export interface Supply {
  /** something happened to this stock: looked at in the next review */
  touch(key: StockKey): void
  /** goods reached a dealer */
  delivered(
    dealer: DemoDealer,
    shipmentId: string,
    lines: readonly { readonly sku: string; readonly quantity: string }[],
  ): Promise<void>
  /** weekly: orders what runs low */
  review(): Promise<void>
  /** monthly: reporting dealers say what they have and what they sold */
  report(): Promise<void>
}

/** the dealers whose systems report their stock and their sales */
const reporting: ReadonlySet<string> = new Set(
  demoDealers.filter(({ tierLevel }, index) => tierLevel === 1 && index % 2 === 0).map(({ dealerId }) => dealerId),
)
/** products that a reporting dealer is followed on */
const followed = 6

export function createSupply(world: World): Supply {
  const { chance } = world
  const touched = new Map<string, StockKey>()
  const atDealers = new Map<string, Set<string>>()
  let supplies = 0

  async function replenish(key: StockKey): Promise<void> {
    const place = warehouses.find(({ location }) => location === key.location)
    const product = demoProducts.find(({ sku }) => sku === key.sku)
    const state = await world.handler.load(stockAggregate, stockId(key))
    if (place === undefined || product === undefined || state.policy === undefined) return
    if (compare(position(state.levels), state.policy.reorderPoint) > 0) return
    const by = { ...supplier, zone: place.zone }
    supplies += 1
    const supplyId = `PO-${world.today().slice(2, 4)}-${String(supplies).padStart(4, '0')}`
    const quantity = String(Math.ceil(unitsPerMonth(place, product) * world.scale * 4) + 3 * largestLine(product))
    const days = chance.between(18, 32)
    const expectedOn = addDays(world.today(place.zone), days)
    const expected: StockCommand = { type: 'ExpectSupply', ...key, supplyId, kind: 'purchase', quantity, expectedOn }
    await world.run(stockAggregate, expected, { ...warehouse, zone: place.zone })
    world.planIn(chance.between(4, 9), 14, place.zone, async () => {
      const shipped: StockCommand = {
        type: 'ShipSupply',
        ...key,
        supplyId,
        shipmentId: `${supplyId}-S`,
        quantity,
        expectedOn,
      }
      await world.run(stockAggregate, shipped, by)
    })
    world.planIn(days + chance.between(-2, 5), 9, place.zone, async () => {
      const receivedOn = world.today(place.zone)
      const lot = product.lotTracked
        ? { lot: `L${receivedOn.replaceAll('-', '')}`, expiresOn: addDays(receivedOn, 720) }
        : { lot: '-' }
      const lines = [{ ...lot, quantity, receivedOn }]
      const received: StockCommand = { type: 'ReceiveStock', ...key, receiptId: `${supplyId}-R`, supplyId, lines }
      await world.run(stockAggregate, received, { ...warehouse, zone: place.zone })
    })
  }

  return {
    touch(key) {
      touched.set(stockId(key), key)
    },
    async delivered({ dealerId, zone }, shipmentId, lines) {
      if (!reporting.has(dealerId)) return
      const known = atDealers.get(dealerId) ?? new Set()
      atDealers.set(dealerId, known)
      for (const { sku, quantity } of lines) {
        const key = { party: dealerId, location: 'STORE', sku }
        const by: Actor = { id: `buyer-${dealerId}`, zone }
        if (!known.has(sku)) {
          if (known.size >= followed) continue
          known.add(sku)
          const rules = { unit: 'EA', allowNegative: true, minimumRemainingLifeDays: 0 }
          await world.run(stockAggregate, { type: 'SetStockRules', ...key, ...rules }, by)
        }
        const receipt: StockCommand = {
          type: 'ReceiveStock',
          ...key,
          receiptId: shipmentId,
          lines: [{ lot: '-', quantity }],
        }
        await world.run(stockAggregate, receipt, by)
      }
    },
    async review() {
      const keys = [...touched.values()]
      touched.clear()
      for (const key of keys) await replenish(key)
    },
    async report() {
      for (const [dealerId, skus] of atDealers) {
        const dealer = demoDealers.find((one) => one.dealerId === dealerId)
        if (dealer === undefined) continue
        const by: Actor = { id: `buyer-${dealerId}`, zone: dealer.zone }
        const month = world.today(dealer.zone).slice(0, 7)
        for (const sku of skus) {
          const key = { party: dealerId, location: 'STORE', sku }
          const { levels } = await world.handler.load(stockAggregate, stockId(key))
          const [whole = '0'] = levels.onHand.split('.')
          const there = Math.max(0, Number.parseInt(whole, 10))
          // a dealer that buys elsewhere too sells more than it is known to have
          const elsewhere = chance.is(0.02) ? there + chance.between(0, 2) : 0
          const sold = Math.round(there * (0.25 + chance.next() * 0.5)) + elsewhere
          if (sold > 0) {
            const lines = [{ quantity: String(sold) }]
            const product = demoProducts.find((one) => one.sku === sku)
            // what it was sold for is said by some dealers, and looked at nowhere
            const unitPrice = product && listPrice(product, dealer.currency, 115 + (sold % 9))
            const resale: StockCommand = {
              type: 'ReportResale',
              ...key,
              reportId: `${month}-sales`,
              source: 'dealer-erp',
              lines,
              ...(unitPrice !== undefined && { resalePrice: { unitPrice, currency: dealer.currency } }),
            }
            await world.run(stockAggregate, resale, by)
          }
          // every third month the whole stock is reported, and it is never quite what it should be
          if (!/-(03|06|09|12)$/.test(month)) continue
          const quantity = String(Math.max(0, there - sold + (chance.is(0.3) ? chance.between(-1, 1) : 0)))
          const asOf = world.at(dealer.zone)
          const stated = { asOf, basis: 'on-hand' as const, lines: [{ lot: '-', quantity }] }
          const report: StockCommand = {
            type: 'ReportStock',
            ...key,
            reportId: `${month}-stock`,
            source: 'dealer-erp',
            ...stated,
          }
          await world.run(stockAggregate, report, by)
        }
      }
    },
  }
}
