import { startOfDay } from '../../domain/kernel/businessTime.ts'
import { orderAggregate } from '../../domain/orders/decide.ts'
import { linesOf } from '../../domain/orders/state.ts'
import { programmeAggregate } from '../../domain/rebates/programme.ts'
import { settlementAggregate } from '../../domain/rebates/settlement.ts'
import type { Terms } from '../../domain/rebates/terms.ts'
import type { DemoProduct } from './catalogue.ts'
import { demoDealers, type DemoDealer } from './dealers.ts'
import { warehouseOf } from './demand.ts'
import { settlementFor, type Settling } from './disputes.ts'
import { finance, sales, warehouse } from './names.ts'
import { common } from './programmes.ts'
import { company, companyZone, hour, type World } from './world.ts'

const programmeId = 'GOODS-US'
const american = demoDealers.filter(({ currency }) => currency === 'USD')
/** the quarter, and the day on which its payouts are given in goods */
const quarters = [
  ['2024-Q4', '2025-01-20'],
  ...[2025, 2026].flatMap((year) =>
    [1, 2, 3].map((no) => [`${year}-Q${no}`, `${year}-${String(no * 3 + 1).padStart(2, '0')}-20`] as const),
  ),
] as const

/** 货补 in America: what a dealer earned by the piece it takes in saw blades. */
export async function rebateInGoods(world: World): Promise<void> {
  const blades = american.slice(0, 1).flatMap((dealer) => warehouseOf(dealer).products.filter(isBlade))
  const terms: Terms = {
    ...common,
    version: 1,
    effectiveFrom: '2024-10-01T00:00:00.000+08:00[Asia/Shanghai]',
    currencies: ['USD'],
    basis: 'delivered',
    measure: 'units',
    unit: 'EA',
    name: { en: 'Blades for sales United States', 'zh-CN': '美国货补' },
    eligibility: { kind: 'all' },
    method: { kind: 'per-unit', amount: '0.5' },
    outlet: { kind: 'goods', skus: blades.map(({ sku }) => sku) },
  }
  await world.run(programmeAggregate, { type: 'DraftProgramme', programmeId, companyId: company, terms }, sales)
  await world.run(programmeAggregate, { type: 'ActivateProgramme', programmeId, version: 1 }, finance)
  const [cheapest] = blades.toSorted((a, b) => a.priceCny - b.priceCny)
  if (!cheapest) return
  for (const [periodId, date] of quarters)
    world.plan(startOfDay(date, companyZone) + 10 * hour, async () => {
      let turn = 0
      for (const dealer of american) {
        const key = { programmeId, dealerId: dealer.dealerId, currency: 'USD', periodId }
        if (turn < 3 && (await give(world, dealer, key, cheapest.sku, turn))) turn += 1
      }
    })
}

const isBlade = ({ subcategory }: DemoProduct): boolean => subcategory === 'blades'

/** By turns everything arrives; a part is cancelled; one piece comes back. What is left is credited in the end. */
async function give(world: World, dealer: DemoDealer, key: Settling, sku: string, turn: number): Promise<boolean> {
  const payout = (await settlementFor(world, key)).prior.find(({ kind }) => kind === 'settled')
  if (!payout) return false
  const { settlementNo } = payout
  const { dealerId } = dealer
  const { party, location, zone } = warehouseOf(dealer)
  const orderId = `GR-${key.periodId}-${dealerId}`
  const lines = [{ lineNo: 1, sku, unit: 'EA', quantity: '4' }]
  const granted = await world.attempt(
    settlementAggregate,
    { type: 'GrantGoods', ...key, settlementNo, orderId, shipFrom: { party, location }, lines },
    finance,
  )
  if (!granted.ok) return false
  const buyer = { id: `buyer-${dealerId}`, zone: dealer.zone }
  const shipmentId = `${orderId}-S1`
  const part = [{ lineNo: 1, quantity: '1' }]
  world.planIn(1, 10, companyZone, async () => {
    if (turn !== 1) return
    const cancelled = { orderId, cancellationId: 'one-less', lines: part, reason: 'not-needed' }
    await world.run(orderAggregate, { type: 'CancelLines', ...cancelled }, sales)
  })
  world.planIn(2, 10, zone, async () => {
    const order = await world.handler.load(orderAggregate, orderId)
    if (order.phase !== 'placed') return
    const ready = linesOf(order).map(({ quantities }) => ({ lineNo: 1, quantity: quantities.allocated }))
    if (ready.some(({ quantity }) => quantity === '0')) return
    const shipped = { type: 'DispatchShipment', orderId, shipmentId, lines: ready, carrier: 'UPS Freight' } as const
    await world.run(orderAggregate, shipped, { ...warehouse, zone })
    world.planIn(3, 10, dealer.zone, async () => {
      await world.run(orderAggregate, { type: 'DeliverShipment', orderId, shipmentId }, buyer)
      if (turn !== 2) return
      const back = { orderId, returnId: `${orderId}-R1`, reason: 'damaged' }
      await world.run(orderAggregate, { type: 'AuthoriseReturn', ...back, lines: part }, sales)
      const received = [{ lineNo: 1, quantity: '1', condition: 'scrap' as const }]
      await world.run(orderAggregate, { type: 'ReceiveReturn', ...back, lines: received }, { ...warehouse, zone })
    })
  })
  world.planIn(7, 12, companyZone, async () => {
    await world.run(settlementAggregate, { type: 'ReleaseGoodsRest', ...key, settlementNo }, finance)
  })
  return true
}
