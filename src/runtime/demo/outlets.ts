import { addDays, startOfDay } from '../../domain/kernel/businessTime.ts'
import type { OutletCommand } from '../../domain/outlets/commands.ts'
import { outletAggregate } from '../../domain/outlets/outlet.ts'
import type { SellOutCommand } from '../../domain/sellout/commands.ts'
import { sellOutAggregate } from '../../domain/sellout/report.ts'
import { demoProducts, listPrice } from './catalogue.ts'
import { demoDealers, type DemoDealer } from './dealers.ts'
import { sales } from './names.ts'
import { company, companyZone, hour, type Actor, type World } from './world.ts'

/** Dealers that say what consumers buy: two with a dealer below them, two of those, and one in Germany that has no outlets. */
const withOutlets = ['CN001', 'CN002', 'CN101', 'CN103']
const withoutOutlets = 'EU001'
/** the last month that is reported for */
const lastMonth = '2026-09'
const perDealer = 2
const followed = demoProducts.slice(0, 3)

interface Shop {
  readonly outletId: string
  readonly dealer: DemoDealer
}

const shops: readonly Shop[] = withOutlets.flatMap((dealerId) =>
  demoDealers
    .filter((dealer) => dealer.dealerId === dealerId)
    .flatMap((dealer) =>
      Array.from({ length: perDealer }, (_, n) => ({ outletId: `${dealerId}-S${String(n + 1)}`, dealer })),
    ),
)
/** it goes to the dealer below on the tenth of December 2024, and a shop of that one closes in January */
const [moved, closed] = ['CN001-S2', 'CN101-S2']
const newDealer = 'CN101'

const dealerAt = ({ outletId, dealer }: Shop, day: string): string =>
  outletId === moved && day >= '2024-12-10' ? newDealer : dealer.dealerId
const isOpen = ({ outletId }: Shop, day: string): boolean => outletId !== closed || day < '2025-01-12'

/**
 * Shops, and what they sold, month by month. Nothing here is drawn by chance: what happens elsewhere in the channel does not
 * depend on it.
 */
export async function openOutlets(world: World): Promise<void> {
  for (const [n, shop] of shops.entries()) await world.run(outletAggregate, registration(world, shop, n), sales)
  const on = (date: string, at: number): number => startOfDay(date, companyZone) + at * hour
  const change = (date: string, command: (effectiveAt: string) => OutletCommand): void =>
    world.plan(on(date, 9), async () => void (await world.run(outletAggregate, command(world.at()), sales)))
  change('2024-12-02', (effectiveAt) => {
    const { companyId: _company, dealerId: _dealer, ...profile } = profileOf(shops[0]?.outletId ?? '', 0)
    return { type: 'ReviseOutlet', ...profile, kind: 'flagship-store', effectiveAt }
  })
  change('2024-12-10', (effectiveAt) => {
    return { type: 'MoveOutlet', outletId: moved, dealerId: newDealer, reason: 'closer', effectiveAt }
  })
  change('2025-01-12', (effectiveAt) => ({ type: 'CloseOutlet', outletId: closed, reason: 'lease-ended', effectiveAt }))
  for (let month = '2024-11'; month <= lastMonth; month = addDays(`${month}-28`, 4).slice(0, 7)) {
    const next = addDays(`${month}-28`, 4).slice(0, 7)
    const days = { from: `${month}-01`, to: addDays(`${next}-01`, -1) }
    for (const dealerId of [...withOutlets, withoutOutlets])
      world.plan(on(`${next}-03`, 10), () => report(world, dealerId, days, 0))
    // one of them counts again, and finds more
    world.plan(on(`${next}-06`, 10), () => report(world, 'CN002', days, 1))
  }
  world.plan(on('2025-01-09', 10), async () => {
    const key = { dealerId: 'CN103', source: 'shop-system', documentType: 'report', number: '2024-12' }
    await world.run(sellOutAggregate, { type: 'WithdrawSellOut', ...key, reason: 'test-data' }, buyerOf('CN103'))
  })
}

function profileOf(
  outletId: string,
  n: number,
): Omit<Extract<OutletCommand, { type: 'RegisterOutlet' }>, 'type' | 'effectiveAt'> {
  const dealer = shops.find((shop) => shop.outletId === outletId)?.dealer
  const { dealerId = '', city = '', region = '', zone = companyZone } = dealer ?? {}
  return {
    outletId,
    companyId: company,
    dealerId,
    name: { en: `${city} shop ${outletId}`, 'zh-CN': `${outletId} 门店` },
    kind: n % 2 === 0 ? 'store' : 'workshop',
    region,
    city,
    zone,
    place: { latitude: `31.${String(210 + n * 7)}`, longitude: `121.${String(430 + n * 11)}` },
  }
}

function registration(world: World, { outletId }: Shop, n: number): OutletCommand {
  return { type: 'RegisterOutlet', ...profileOf(outletId, n), effectiveAt: world.at() }
}

async function report(
  world: World,
  dealerId: string,
  days: { readonly from: string; readonly to: string },
  revision: number,
): Promise<void> {
  const day = addDays(days.from, 14)
  const month = Number.parseInt(days.from.slice(5, 7), 10)
  const places =
    dealerId === withoutOutlets
      ? [{}]
      : shops
          .filter((shop) => dealerAt(shop, day) === dealerId && isOpen(shop, day))
          .map(({ outletId }) => ({ outletId }))
  const sold = places.flatMap((place, n) =>
    followed.map((product, p) => {
      const quantity = 3 + ((month * 5 + n * 3 + p * 7) % 9) + revision
      const unitPrice = listPrice(product, dealerId === withoutOutlets ? 'EUR' : 'CNY', 130 + quantity)
      const price = { unitPrice, currency: dealerId === withoutOutlets ? 'EUR' : 'CNY' }
      return { ...place, sku: product.sku, unit: 'EA', quantity: String(quantity), day, price }
    }),
  )
  const shelf = shops
    .filter((shop) => dealerAt(shop, day) === dealerId && isOpen(shop, days.to))
    .flatMap(({ outletId }, n) =>
      followed.slice(0, 2).map(({ sku }, p) => {
        return { outletId, sku, unit: 'EA', onHand: String(4 + ((month + n + p) % 5)), day: days.to }
      }),
    )
  const command: SellOutCommand = {
    type: 'ReportSellOut',
    companyId: company,
    dealerId,
    source: 'shop-system',
    documentType: 'report',
    number: days.from.slice(0, 7),
    revision,
    ...days,
    lines: sold.map((line, index) => ({ lineNo: index + 1, ...line })),
    shelf,
  }
  await world.run(sellOutAggregate, command, buyerOf(dealerId))
}

function buyerOf(dealerId: string): Actor {
  const zone = demoDealers.find((dealer) => dealer.dealerId === dealerId)?.zone ?? companyZone
  return { id: `buyer-${dealerId}`, zone }
}
