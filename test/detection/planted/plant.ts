import { cents, type Channel, growChannel, type Line, type Product, weeks } from './channel.ts'

/** What was planted, and how strongly: 0 can hardly be told from what is normal, 1 leaps to the eye. Detection never reads it. */
export interface Answer {
  readonly kind: string
  readonly dealer: string
  /** empty where it is about all products */
  readonly sku: string
  /** days */
  readonly from: number
  readonly until: number
  readonly strength: number
  /** kinds that the same deed is too, by the terms of the channel, or brings about within twenty weeks */
  readonly also: readonly string[]
}

export interface Planted {
  readonly channel: Channel
  readonly answers: readonly Answer[]
  /** steps of the rebate ladder, in money per quarter */
  readonly ladder: readonly number[]
}

export const strengths = [0.1, 0.3, 0.5, 0.75, 1]
const day0 = Date.UTC(2023, 0, 2)
const dayMs = 86_400_000

type Spot = { readonly dealer: string; readonly product: Product; readonly week: number }
type Plant = (channel: Channel, spot: Spot, strength: number) => Omit<Answer, 'kind' | 'strength' | 'also'> | undefined

const wholeDealer = ['TIER_CHASE', 'CREDIT_STRETCH']

const alsoOf: Readonly<Record<string, readonly string[]>> = {
  SELLIN_BELOW_FLOOR: ['UNAPPROVED_DISCOUNT', 'PRICE_SPREAD'],
  UNAPPROVED_DISCOUNT: ['PRICE_SPREAD'],
  // what was bought too dear is sold below its cost
  ABOVE_CEILING: ['PRICE_SPREAD', 'DUMPING_LOW_PRICE'],
  PRICE_SPREAD: ['DUMPING_LOW_PRICE'],
  // so much at once
  TIER_CHASE: ['ORDER_SPIKE'],
  CREDIT_STRETCH: ['ORDER_SPIKE', 'TIER_CHASE'],
}

/** A channel with one case of each kind and strength, and benign look-alikes of every kind; without cases when it is to be clean. */
export function plantedChannel(seed: number, { clean = false } = {}): Planted {
  const channel = growChannel(seed)
  const { chance, dealers, products } = channel
  const ladder = [ladderStep(channel)]
  const answers: Answer[] = []
  let turn = 0
  /** every case at a dealer and product of its own, in the second year */
  const spot = (): Spot => {
    const at = turn
    turn += 1
    return {
      dealer: dealers[at % dealers.length] ?? '',
      product: products[Math.floor(at / dealers.length + at) % products.length] ?? (products[0] as Product),
      week: chance.whole(56, weeks - 14),
    }
  }
  for (const plant of benign(ladder)) for (let n = 0; n < 3; n += 1) plant(channel, spot(), n / 2)
  if (clean) return { channel, answers, ladder }
  for (const [kind, plant] of Object.entries(cases(ladder)))
    for (const [n, strength] of strengths.entries()) {
      const at = spot()
      // what changes all that a dealer orders in a quarter is planted once at a dealer
      const first = wholeDealer.indexOf(kind) * strengths.length
      const dealer = first < 0 ? at.dealer : (dealers[first + n] ?? at.dealer)
      const planted = plant(channel, { ...at, dealer }, strength)
      if (planted) answers.push({ kind, strength, also: alsoOf[kind] ?? [], ...planted })
    }
  return { channel, answers, ladder }
}

/** Somewhat above what a dealer in the middle orders in a quarter. */
function ladderStep({ orders }: Channel): number {
  const all = orders.flatMap(({ lines }) => lines).reduce((sum, { quantity, price }) => sum + quantity * price, 0)
  return Math.round(((all / 12) * 13) / weeks)
}

function cases(ladder: readonly number[]): Readonly<Record<string, Plant>> {
  return {
    SELLIN_BELOW_FLOOR: (channel, { dealer, product, week }, strength) =>
      priced(channel, dealer, product, week, product.floor * (1 - 0.005 - 0.1 * strength)),
    ABOVE_CEILING: (channel, { dealer, product, week }, strength) =>
      priced(channel, dealer, product, week, product.ceiling * (1.005 + 0.15 * strength)),
    UNAPPROVED_DISCOUNT: (channel, { dealer, product, week }, strength) => {
      const least = product.floor / product.list
      return priced(channel, dealer, product, week, product.list * (0.965 - (0.965 - least) * 0.9 * strength))
    },
    PRICE_SPREAD: (channel, { dealer, product, week }, strength) =>
      priced(channel, dealer, product, week, product.list * (1.04 + 0.3 * strength)),
    HIDDEN_REBATE: (channel, { dealer, product, week }, strength) => {
      const line = lineOf(channel, dealer, product, week)
      if (!line) return undefined
      line.order.lines.push({ sku: product.sku, quantity: Math.max(1, Math.round(1 + 20 * strength)), price: 0 })
      return { dealer, sku: product.sku, from: line.order.day, until: line.order.day }
    },
    ADVERTISED_BELOW_MAP: (channel, { dealer, product, week }, strength) => {
      const day = week * 7 + 3
      const price = cents(product.advertised * (0.985 - 0.2 * strength))
      channel.seen.push({ dealer, sku: product.sku, day, price, confidence: 0.9, offer: 'advertised' })
      return { dealer, sku: product.sku, from: day, until: day }
    },
    PROMO_OUT_OF_WINDOW: (channel, { dealer, product, week }, strength) => {
      const line = lineOf(channel, dealer, product, week)
      if (!line) return undefined
      const { order } = line
      const id = `PROMO-${order.id}-${product.sku}`
      // it had ended so many days before
      const ended = order.day - Math.max(1, Math.round(30 * strength))
      channel.promotions.push({ id, sku: product.sku, discount: 0.1, from: ended - 30, until: ended })
      Object.assign(line.line, { promotion: id, price: cents(product.list * 0.9) })
      return { dealer, sku: product.sku, from: order.day, until: order.day }
    },
    DUMPING_LOW_PRICE: (channel, { dealer, product, week }, strength) => {
      const sales = channel.sales.filter(
        (sale) =>
          sale.dealer === dealer && sale.sku === product.sku && sale.day >= week * 7 && sale.day < week * 7 + 42,
      )
      for (const sale of sales) sale.price = cents(product.list * (0.965 - 0.3 * strength))
      return { dealer, sku: product.sku, from: week * 7, until: week * 7 + 42 }
    },
    ORDER_SPIKE: (channel, { dealer, product, week }, strength) => {
      const line = lineOf(channel, dealer, product, week)
      if (!line) return undefined
      line.line.quantity = Math.round(line.line.quantity * (1.4 + 4 * strength))
      return { dealer, sku: product.sku, from: line.order.day, until: line.order.day }
    },
    TIER_CHASE: (channel, { dealer, product, week }, strength) =>
      pushedUp(channel, dealer, product, week, ladder, strength),
    ROUND_TRIP: (channel, { dealer, product, week }, strength) => {
      const other = channel.dealers[(channel.dealers.indexOf(dealer) + 5) % channel.dealers.length] ?? ''
      const quantity = Math.round(25 + 60 * strength)
      const back = Math.round(quantity * (0.35 + 0.6 * strength))
      const day = week * 7 + 3
      const resale = { sku: product.sku, price: product.list }
      channel.sales.push({ ...resale, dealer: other, day, quantity, customer: dealer })
      channel.sales.push({ ...resale, dealer, day: day + 21, quantity: back, customer: other })
      return { dealer, sku: product.sku, from: day, until: day + 21 }
    },
    CREDIT_STRETCH: (channel, { dealer, week }, strength) => {
      const payer = channel.payers.get(dealer)
      if (!payer || payer.late !== undefined) return undefined
      const from = Math.min(week, weeks - 30)
      Object.assign(payer, { lateFrom: from * 7, lateUntil: (from + 26) * 7, late: Math.round(6 + 40 * strength) })
      for (const order of channel.orders)
        if (order.dealer === dealer && order.day >= from * 7 && order.day < (from + 26) * 7)
          for (const line of order.lines) line.quantity = Math.round(line.quantity * (1.1 + 0.5 * strength))
      return { dealer, sku: '', from: from * 7, until: (from + 40) * 7 }
    },
  }
}

/** What looks like a case and is none. */
function benign(ladder: readonly number[]): readonly Plant[] {
  return [
    // a clearance, within its window and above the floor
    (channel, { dealer, product, week }) => {
      const line = lineOf(channel, dealer, product, week)
      if (!line) return undefined
      const id = `CLEAR-${line.order.id}-${product.sku}`
      const discount = Math.min(0.15, 1 - product.floor / product.list)
      channel.promotions.push({ id, sku: product.sku, discount, from: line.order.day - 10, until: line.order.day + 4 })
      Object.assign(line.line, {
        promotion: id,
        price: cents(product.list * (1 - discount) + 0.01),
        quantity: line.line.quantity * 4,
      })
      return undefined
    },
    // old stock goes at a loss: once, a little of it
    (channel, { dealer, product, week }) => {
      const sale = channel.sales.find((one) => one.dealer === dealer && one.sku === product.sku && one.day >= week * 7)
      if (sale) Object.assign(sale, { price: cents(product.list * 0.8), quantity: Math.min(sale.quantity, 4) })
      return undefined
    },
    // a new outlet: more is ordered, and sold
    (channel, { dealer, product, week }) => {
      const grows = (day: number): boolean => day >= week * 7
      for (const sale of channel.sales)
        if (sale.dealer === dealer && sale.sku === product.sku && grows(sale.day))
          sale.quantity = Math.round(sale.quantity * 2.2)
      for (const order of channel.orders)
        for (const line of order.lines)
          if (order.dealer === dealer && line.sku === product.sku && grows(order.day - 14))
            line.quantity = Math.round(line.quantity * 2.2)
      return undefined
    },
    // the same fair every year
    (channel, { dealer, product, week }) => {
      for (const at of [week - 52, week]) {
        const line = lineOf(channel, dealer, product, at)
        if (line) line.line.quantity *= 4
      }
      return undefined
    },
    // another product is offered at this price
    (channel, { dealer, product, week }, n) => {
      const price = cents(product.advertised * 0.6)
      channel.seen.push({
        dealer,
        sku: product.sku,
        day: week * 7,
        price,
        confidence: 0.3 + 0.4 * n,
        offer: 'advertised',
      })
      return undefined
    },
    // goods come back: a little of what was resold
    (channel, { dealer, product, week }) => {
      const other = channel.dealers[(channel.dealers.indexOf(dealer) + 4) % channel.dealers.length] ?? ''
      const resale = { sku: product.sku, price: product.list }
      channel.sales.push({ ...resale, dealer: other, day: week * 7, quantity: 60, customer: dealer })
      channel.sales.push({ ...resale, dealer, day: week * 7 + 10, quantity: 6, customer: other })
      return undefined
    },
    // a large order at the end of a quarter that reaches no step
    (channel, { dealer, product, week }, n) => {
      const end = quarterEnd(week)
      const line = lineOf(channel, dealer, product, end)
      const worth = worthInQuarter(channel, dealer, end)
      const more = Math.round((0.1 + 0.1 * n) * (worth / 6 / product.list))
      if (line && ladder.every((step) => worth + more * product.list < step || worth > step)) line.line.quantity += more
      return undefined
    },
    // one invoice is paid very late
    (channel, { dealer, week }) => {
      const order = channel.orders.find((one) => one.dealer === dealer && one.day >= week * 7)
      if (order) Object.assign(order, { paidLate: 30 })
      return undefined
    },
  ]
}

/** The order of a dealer about then, with its line of the product. */
function lineOf({ orders }: Channel, dealer: string, { sku }: Product, week: number) {
  const order = orders.find((one) => one.dealer === dealer && one.day >= week * 7)
  const line = order?.lines.find((one): one is Line => one.sku === sku && one.price > 0)
  return order && line ? { order, line } : undefined
}

function priced(channel: Channel, dealer: string, product: Product, week: number, price: number) {
  const line = lineOf(channel, dealer, product, week)
  if (!line) return undefined
  line.line.price = cents(price)
  return { dealer, sku: product.sku, from: line.order.day, until: line.order.day }
}

/** At the end of a quarter so much more is ordered that the step is just reached. */
function pushedUp(
  channel: Channel,
  dealer: string,
  product: Product,
  week: number,
  ladder: readonly number[],
  strength: number,
) {
  const [step] = ladder
  const [, end] = quarterOf(week * 7)
  const order = channel.orders.findLast((one) => one.dealer === dealer && one.day >= end - 14 && one.day < end)
  const line = order && lineOf(channel, dealer, product, Math.floor(order.day / 7))
  if (!line || step === undefined) return undefined
  // strong: most of the volume of the quarter comes at its end; what came before is cut down for that
  const [from, until] = quarterOf(line.order.day)
  const before = channel.orders.filter((one) => one.dealer === dealer && one.day >= from && one.day < line.order.day)
  const worth = before.flatMap(({ lines }) => lines).reduce((sum, { quantity, price }) => sum + quantity * price, 0)
  const left = step * (0.93 - 0.35 * strength)
  for (const one of before.flatMap(({ lines }) => lines))
    one.quantity = Math.max(1, Math.round((one.quantity * left) / Math.max(1, worth)))
  const now = before.flatMap(({ lines }) => lines).reduce((sum, { quantity, price }) => sum + quantity * price, 0)
  const rest = line.order.lines
    .filter((one) => one !== line.line)
    .reduce((sum, { quantity, price }) => sum + quantity * price, 0)
  line.line.quantity = Math.max(1, Math.ceil((step * 1.02 - now - rest) / line.line.price))
  // nothing more comes in the quarter
  for (const other of channel.orders)
    if (other.dealer === dealer && other.day > line.order.day && other.day < until)
      for (const one of other.lines) one.quantity = 1
  return { dealer, sku: '', from: line.order.day - 14, until: line.order.day }
}

/** The week in which the last two of a quarter begin. */
function quarterEnd(week: number): number {
  const [, until] = quarterOf(week * 7)
  return Math.floor(until / 7) - 1
}

function quarterOf(day: number): readonly [number, number] {
  const date = new Date(day0 + day * dayMs)
  const first = Math.floor(date.getUTCMonth() / 3) * 3
  const dayOf = (month: number): number => (Date.UTC(date.getUTCFullYear(), month, 1) - day0) / dayMs
  return [dayOf(first), dayOf(first + 3)]
}

function worthInQuarter({ orders }: Channel, dealer: string, week: number): number {
  const [from, until] = quarterOf(week * 7)
  return orders
    .filter((one) => one.dealer === dealer && one.day >= from && one.day < until)
    .flatMap(({ lines }) => lines)
    .reduce((sum, { quantity, price }) => sum + quantity * price, 0)
}
