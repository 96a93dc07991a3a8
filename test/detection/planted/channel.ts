import { chanceOf, type Chance } from './chance.ts'

/** A channel as files of the neutral format: what trades in it, week by week, before anything is planted. */
export interface Channel {
  readonly chance: Chance
  readonly dealers: readonly string[]
  readonly products: readonly Product[]
  readonly orders: Order[]
  readonly sales: Sale[]
  readonly seen: Seen[]
  readonly promotions: Promotion[]
  /** days that a dealer pays after the due date, from a week on */
  readonly payers: Map<string, { readonly usual: number; lateFrom?: number; lateUntil?: number; late?: number }>
  /** units of a product that a dealer sells in a week */
  readonly demand: (dealer: string, product: Product, week: number) => number
}
export interface Product {
  readonly sku: string
  readonly list: number
  readonly floor: number
  readonly ceiling: number
  readonly advertised: number
  /** how much more is sold at the height of summer */
  readonly season: number
}
export interface Order {
  readonly id: string
  readonly dealer: string
  readonly day: number
  readonly lines: Line[]
}
export interface Line {
  readonly sku: string
  quantity: number
  price: number
  promotion?: string
}
export interface Sale {
  readonly dealer: string
  readonly sku: string
  readonly day: number
  quantity: number
  price: number
  readonly customer?: string
}
export interface Seen {
  readonly dealer: string
  readonly sku: string
  readonly day: number
  readonly price: number
  readonly confidence: number
  readonly offer: 'advertised' | 'sold'
}
export interface Promotion {
  readonly id: string
  readonly sku: string
  readonly discount: number
  readonly from: number
  readonly until: number
}

export const weeks = 104
export const dealerCount = 12
const productCount = 6

/** Parameters are drawn from the ranges that docs/detection.md publishes. */
export function growChannel(seed: number): Channel {
  const chance = chanceOf(seed)
  const dealers = Array.from({ length: dealerCount }, (_, n) => `D${n + 1}`)
  const products = Array.from({ length: productCount }, (_, n): Product => {
    const list = Math.round(chance.between(40, 200))
    return {
      sku: `P${n + 1}`,
      list,
      floor: cents(list * chance.between(0.75, 0.85)),
      ceiling: cents(list * chance.between(1.5, 1.8)),
      advertised: cents(list * chance.between(1.05, 1.15)),
      season: chance.between(0, 1.2),
    }
  })
  const sizes = new Map(dealers.map((dealer) => [dealer, chance.between(6, 20)]))
  const trends = new Map(dealers.map((dealer) => [dealer, chance.between(-0.1, 0.25)]))
  const demand: Channel['demand'] = (dealer, product, week) => {
    const summer = Math.max(0, Math.cos(((week - 26) / 52) * 2 * Math.PI))
    const trend = 1 + ((trends.get(dealer) ?? 0) * week) / weeks
    return (sizes.get(dealer) ?? 10) * trend * (1 + product.season * summer)
  }
  const channel: Channel = {
    chance,
    dealers,
    products,
    orders: [],
    sales: [],
    seen: [],
    promotions: [],
    payers: new Map(dealers.map((dealer) => [dealer, { usual: Math.round(chance.between(-6, 4)) }])),
    demand,
  }
  for (const dealer of dealers) trade(channel, dealer)
  return channel
}

/** A dealer sells every week and orders what it sold every two. */
function trade({ chance, products, orders, sales, seen, demand }: Channel, dealer: string): void {
  const rhythm = chance.whole(0, 1)
  for (let week = 0; week < weeks; week += 1) {
    for (const product of products) {
      const sold = Math.max(0, Math.round(demand(dealer, product, week) * chance.between(0.7, 1.3)))
      const price = cents(product.list * chance.between(1.1, 1.3))
      if (sold > 0) sales.push({ dealer, sku: product.sku, day: week * 7 + 4, quantity: sold, price })
      if (chance.is(0.05)) {
        const asked = cents(product.advertised * chance.between(1.01, 1.2))
        seen.push({ dealer, sku: product.sku, day: week * 7 + 2, price: asked, confidence: 0.95, offer: 'advertised' })
      }
    }
    if (week % 2 !== rhythm) continue
    const lines = products.map((product): Line => {
      const ahead = demand(dealer, product, week) + demand(dealer, product, week + 1)
      const quantity = Math.max(1, Math.round(ahead * chance.between(0.8, 1.2)))
      return { sku: product.sku, quantity, price: cents(product.list * (1 - chance.between(0, 0.02))) }
    })
    orders.push({ id: `${dealer}-${week}`, dealer, day: week * 7 + 1, lines })
  }
}

export function cents(amount: number): number {
  return Math.round(amount * 100) / 100
}
