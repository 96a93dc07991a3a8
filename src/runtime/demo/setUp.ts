import { principalAggregate } from '../../domain/access/decide.ts'
import { calendarAggregate } from '../../domain/calendars/decide.ts'
import { productAggregate } from '../../domain/catalogue/decide.ts'
import { accountAggregate } from '../../domain/credit/account.ts'
import { dealerAggregate } from '../../domain/dealers/decide.ts'
import type { DealerTerms } from '../../domain/dealers/terms.ts'
import { territoryAggregate } from '../../domain/dealers/territory.ts'
import { addDays } from '../../domain/kernel/businessTime.ts'
import { priceListsAggregate } from '../../domain/pricing/priceLists.ts'
import { priceAggregate } from '../../domain/pricing/prices.ts'
import type { PriceList } from '../../domain/pricing/priceList.ts'
import { stockAggregate } from '../../domain/stock/decide.ts'
import { demoProducts, listPrice, type DemoProduct } from './catalogue.ts'
import { demoDealers, type DemoDealer } from './dealers.ts'
import { largestLine, unitsPerMonth, warehouses } from './demand.ts'
import { admin, demoPrincipals, finance, sales, warehouse } from './names.ts'
import { company, companyZone, type World } from './world.ts'

export const calendarId = 'FISCAL'

/** The channel before its first order: people, products, territories, dealers, prices, limits and the goods in the warehouses. */
export async function setUp(world: World): Promise<void> {
  for (const { zone: _zone, ...principal } of demoPrincipals.filter(({ dealerId }) => dealerId === undefined))
    await world.run(principalAggregate, { type: 'RegisterPrincipal', ...principal, rights: [] }, admin)
  await openCalendar(world)
  for (const product of demoProducts) await publish(world, product)
  await defineTerritories(world)
  for (const dealer of demoDealers) await register(world, dealer)
  for (const { zone: _zone, rights = [], ...principal } of demoPrincipals.filter((one) => one.dealerId !== undefined))
    await world.run(principalAggregate, { type: 'RegisterPrincipal', ...principal, rights: [...rights] }, admin)
  await publishPrices(world)
  await setLimits(world)
  for (const place of warehouses) {
    for (const product of place.products) {
      const { party, location } = place
      const units = Math.ceil(unitsPerMonth(place, product) * world.scale)
      const key = { party, location, sku: product.sku }
      const lot = product.lotTracked
        ? { lot: `L${world.today().replaceAll('-', '')}`, expiresOn: addDays(world.today(), 720) }
        : { lot: '-' }
      const opened = {
        ...lot,
        unit: 'EA',
        receivedOn: world.today(),
        quantity: String(units * 4 + 3 * largestLine(product)),
      }
      await world.run(stockAggregate, { type: 'OpenStock', ...key, ...opened }, warehouse)
      const reorderPoint = String(units + Math.ceil(1.3 * largestLine(product)))
      const levels = { safetyStock: String(Math.ceil(units / 2)), reorderPoint }
      await world.run(stockAggregate, { type: 'SetReplenishmentPolicy', ...key, levels }, warehouse)
    }
  }
  await world.work()
}

async function openCalendar(world: World): Promise<void> {
  const name = { en: 'Fiscal calendar', 'zh-CN': '财务日历' }
  const calendar = { type: 'DefineCalendar', calendarId, name, kind: 'gregorian', zone: companyZone } as const
  await world.run(calendarAggregate, calendar, finance)
  for (const year of [2024, 2025])
    await world.run(calendarAggregate, { type: 'OpenYear', calendarId, year, graceDays: 5 }, finance)
}

async function publish(world: World, { sku, en, zh, category, subcategory, lotTracked }: DemoProduct): Promise<void> {
  const picture = { name: { en, 'zh-CN': zh }, category, subcategory, unit: 'EA', lotTracked }
  const command = { type: 'PublishProduct', sku, companyId: company, ...picture, effectiveAt: world.at() } as const
  await world.run(productAggregate, command, sales)
}

/** Exclusive ones are granted to their first first-tier dealer, the others are shared. */
async function defineTerritories(world: World): Promise<void> {
  const ids = [...new Set(demoDealers.map(({ territoryId }) => territoryId))]
  for (const territoryId of ids) {
    const dealers = demoDealers.filter((dealer) => dealer.territoryId === territoryId)
    const regions = [...new Set(dealers.map(({ country, region }) => (country === 'CN' ? region : `${country}/*`)))]
    const cities = [...new Set(dealers.map(({ city }) => city))]
    await world.run(
      territoryAggregate,
      {
        type: 'DefineTerritory',
        companyId: company,
        territoryId,
        regions,
        name: { en: cities.length > 3 ? territoryId : `${cities.join(', ')} and surroundings` },
        exclusive: false,
        effectiveAt: world.at(),
      },
      sales,
    )
  }
}

/** The terms that a dealer trades on. */
export function termsOf({ currency, tier, dealerId }: DemoDealer): DealerTerms {
  return {
    paymentTermDays: tier === 'gold' ? 60 : currency === 'USD' ? 45 : 30,
    creditCheckPoints: ['place', 'confirm'],
    backorderPolicy: dealerId.endsWith('7') ? 'split' : dealerId.endsWith('9') ? 'cancel' : 'backorder',
    invoiceOn: currency === 'EUR' ? 'delivery' : 'shipment',
  }
}

async function register(world: World, dealer: DemoDealer): Promise<void> {
  const { dealerId, name, country, region, city, zone, currency, tierLevel, parentDealerId, tier, territoryId } = dealer
  const effectiveAt = world.at()
  await world.run(
    dealerAggregate,
    {
      type: 'RegisterDealer',
      dealerId,
      companyId: company,
      legalName: name,
      country,
      region,
      city,
      zone,
      kind: tierLevel === 1 ? 'distributor' : 'specialist-dealer',
      currencies: [currency],
      tierLevel,
      ...(parentDealerId !== undefined && { parentDealerId }),
      contact: {
        personId: `contact-${dealerId}`,
        ...dealer.contact,
      },
      effectiveAt,
    },
    sales,
  )
  await world.run(dealerAggregate, { type: 'AssignTier', dealerId, tier, reason: 'admission', effectiveAt }, sales)
  await world.run(dealerAggregate, { type: 'AssignTerritory', dealerId, territoryId, effectiveAt }, sales)
  await world.run(dealerAggregate, { type: 'SetDealerTerms', dealerId, ...termsOf(dealer), effectiveAt }, sales)
}

async function publishPrices(world: World): Promise<void> {
  const list = async (listId: string, en: string, zh: string, more: Pick<PriceList, 'level' | 'scope' | 'currency'>) =>
    world.run(
      priceListsAggregate,
      {
        type: 'PublishPriceList',
        companyId: company,
        listId,
        name: {
          en,
          'zh-CN': zh,
        },
        ...more,
        priority: 1,
        scale: 2,
        effectiveFrom: world.at(),
      },
      sales,
    )
  const price = (listId: string, product: DemoProduct, currency: DemoDealer['currency'], percent: number) =>
    changePrice(world, listId, product, currency, percent, 'launch')

  for (const { currency, products } of warehouses) {
    await list(`BASE-${currency}`, `Base ${currency}`, `基础价 ${currency}`, { level: 'base', scope: {}, currency })
    for (const product of products) await price(`BASE-${currency}`, product, currency, 100)
  }
  const cny = { currency: 'CNY' } as const
  await list('GOLD-CNY', 'Gold dealers', '金牌经销商', { level: 'tier', scope: { tier: 'gold' }, ...cny })
  for (const product of demoProducts.filter(({ category }) => category === 'power-tools'))
    await price('GOLD-CNY', product, 'CNY', 95)
  await list('SOUTH-CNY', 'Guangdong', '广东', { level: 'region', scope: { region: 'CN/GD' }, ...cny })
  for (const product of demoProducts.filter(({ subcategory }) => subcategory === 'mowers'))
    await price('SOUTH-CNY', product, 'CNY', 97)
  await list('CN005-CNY', 'Hangzhou', '杭州专价', { level: 'dealer', scope: { dealerId: 'CN005' }, ...cny })
  for (const product of demoProducts.filter(({ subcategory }) => subcategory === 'batteries').slice(0, 8))
    await price('CN005-CNY', product, 'CNY', 93)
  await list('EU001-2025', 'Framework contract Berlin', '柏林框架合同', {
    level: 'contract',
    scope: { dealerId: 'EU001', contractId: 'FC-2025-01' },
    currency: 'EUR',
  })
  for (const product of demoProducts.filter(({ subcategory }) => subcategory === 'drills').slice(0, 10))
    await price('EU001-2025', product, 'EUR', 90)
}

/** A price of a list as a share of the catalogue's price, with its limits around it. */
export async function changePrice(
  world: World,
  listId: string,
  product: DemoProduct,
  currency: DemoDealer['currency'],
  percent: number,
  reason: string,
): Promise<void> {
  const of = (share: number): string => listPrice(product, currency, share)
  await world.run(
    priceAggregate,
    {
      type: 'ChangePrice',
      companyId: company,
      listId,
      sku: product.sku,
      unit: 'EA',
      currency,
      newPrice: of(percent),
      floor: of(70),
      ceiling: of(160),
      recommendedRetail: of(150),
      breaks: [
        {
          fromQuantity: '50',
          price: of(percent - 4),
        },
      ],
      effectiveAt: world.at(),
      reason,
    },
    sales,
  )
}

/** One limit for each first-tier dealer, which holds for those below it too. */
async function setLimits(world: World): Promise<void> {
  for (const dealer of demoDealers.filter(({ tierLevel }) => tierLevel === 1)) await setLimit(world, dealer, 100)
}

/** In minor units of the dealer's currency. A few dealers are held shorter than they like. */
export async function setLimit(world: World, dealer: DemoDealer, percent: number): Promise<void> {
  const { dealerId, currency, size, paysLate } = dealer
  const unit = currency === 'CNY' ? 9_000_000 : 1_600_000
  const amount = String(Math.round((unit * size * percent * (paysLate > 10 ? 0.6 : 1) * world.scale) / 100))
  await world.run(
    accountAggregate,
    {
      type: 'SetCreditLimit',
      accountId: dealerId,
      party: dealerId,
      amount,
      currency,
      checkPoints: ['place', 'confirm'],
      countFrom: 'placed',
      rateKind: 'mid',
      ...(paysLate > 5 && { overdueDaysHold: 20 }),
    },
    finance,
  )
}
