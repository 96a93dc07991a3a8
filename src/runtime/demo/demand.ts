import { demoProducts, type DemoProduct } from './catalogue.ts'
import { demoDealers, type DemoDealer } from './dealers.ts'
import type { Chance } from './random.ts'
import { company } from './world.ts'

/** A warehouse of the maker; each serves the dealers of one currency. */
export interface Warehouse {
  readonly party: string
  readonly location: string
  readonly currency: DemoDealer['currency']
  readonly zone: string
  readonly products: readonly DemoProduct[]
}

/** the first so many models of each family */
const range = (models: number): readonly DemoProduct[] =>
  demoProducts.filter(({ sku }) => Number(sku.slice(sku.indexOf('-') + 1)) < 100 + models * 10)

export const warehouses: readonly [Warehouse, ...Warehouse[]] = [
  { party: company, location: 'SHANGHAI', currency: 'CNY', zone: 'Asia/Shanghai', products: demoProducts },
  { party: company, location: 'ROTTERDAM', currency: 'EUR', zone: 'Europe/Berlin', products: range(14) },
  { party: company, location: 'CHICAGO', currency: 'USD', zone: 'America/New_York', products: range(9) },
]

export function warehouseOf({ currency }: DemoDealer): Warehouse {
  return warehouses.find((one) => one.currency === currency) ?? warehouses[0]
}

/** orders of the whole channel in an average month of the first year */
const ordersPerMonth = 41
const linesPerOrder = 2
/** the Chinese new year in January or February, spring and the autumn fairs */
const months = [0.75, 0.6, 1.15, 1.2, 1.2, 1.1, 0.95, 0.9, 1.1, 1.1, 1.15, 0.8]
const sizes = demoDealers.reduce((sum, { size }) => sum + size, 0)

/** Orders that a dealer places on a working day, on average. `years` since the channel began: it grows by a fifth a year. */
export function ordersPerDay({ size }: DemoDealer, month: number, years: number): number {
  return ((ordersPerMonth * size) / sizes / 21.7) * (months[month - 1] ?? 1) * 1.2 ** years
}

/** Relative demand of a product in a month, 1 to 12: garden tools sell in summer. */
export function weightOf({ demand, season }: DemoProduct, month: number): number {
  return demand * (1 + season * Math.cos(((month - 6) / 6) * Math.PI) * 0.9)
}

const dozens = (demand: number): number => Math.max(4, Math.round(demand / 3))

export interface Wanted {
  readonly product: DemoProduct
  readonly quantity: number
}

/** What a dealer orders: one to three products, more of what sells more. */
export function orderedProducts(chance: Chance, dealer: DemoDealer, month: number): readonly Wanted[] {
  const { products } = warehouseOf(dealer)
  const wanted = new Map<string, Wanted>()
  const lines = chance.between(1, 2 * linesPerOrder - 1)
  const total = products.reduce((sum, product) => sum + weightOf(product, month), 0)
  for (let line = 0; line < lines; line += 1) {
    let drawn = chance.next() * total
    const product = products.find((one) => (drawn -= weightOf(one, month)) < 0) ?? products[0]
    if (product === undefined) continue
    const most = dozens(product.demand) * (dealer.tierLevel === 1 ? 2 : 1)
    wanted.set(product.sku, { product, quantity: chance.between(Math.ceil(most / 3), most) })
  }
  return [...wanted.values()]
}

/** The most that one line asks of a product. */
export function largestLine({ demand }: DemoProduct): number {
  return 2 * dozens(demand)
}

/** Units of a product that a warehouse sells in an average month. */
export function unitsPerMonth({ products, currency }: Warehouse, product: DemoProduct): number {
  const dealers = demoDealers.filter((dealer) => dealer.currency === currency)
  const share = dealers.reduce((sum, { size }) => sum + size, 0) / sizes
  const total = products.reduce((sum, one) => sum + one.demand, 0)
  return (ordersPerMonth * share * linesPerOrder * product.demand * dozens(product.demand) * 1.2) / total
}
