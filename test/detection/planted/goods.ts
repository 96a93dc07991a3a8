import { chanceOf, type Chance } from './chance.ts'

/** Goods with codes on their way through a channel of regions, and where they were seen, before anything is planted. */
export interface GoodsChannel {
  readonly chance: Chance
  readonly dealers: readonly Dealer[]
  readonly boxes: Box[]
  readonly scans: Scan[]
  readonly orders: Order[]
  readonly sales: { readonly dealer: string; readonly sku: string; readonly day: number; quantity: number }[]
  readonly outlets: Outlet[]
  readonly transfers: { readonly id: string; readonly from: string; readonly to: string; readonly day: number }[]
  /** moves beside that of every box to its dealer */
  readonly moves: Move[]
  /** a territory is another region wide until a day */
  readonly wider: Map<string, { readonly region: number; readonly until: number }>
  readonly prices: { readonly region: number; readonly day: number; readonly share: number }[]
}
export interface Dealer {
  readonly id: string
  readonly home: number
  readonly size: number
}
/** A case with six items in it. */
export interface Box {
  readonly serial: string
  readonly dealer: string
  readonly day: number
  /** what is planted has boxes of its own */
  readonly isSpare: boolean
  taken: boolean
}
export interface Scan {
  readonly serial: string
  readonly role: 'dealer' | 'inspector' | 'outlet' | 'consumer'
  /** hours since the beginning */
  readonly hour: number
  readonly region: number
  readonly accuracy?: number
  readonly outlet?: string
  readonly unreadable?: number
}
export interface Order {
  readonly id: string
  readonly dealer: string
  readonly day: number
  readonly lines: { readonly sku: string; quantity: number }[]
}
export interface Outlet {
  readonly id: string
  readonly dealer: string
  readonly region: number
  readonly day: number
}
export interface Move {
  readonly kind: 'transfer' | 'return' | 'ship'
  readonly serial: string
  readonly dealer: string
  readonly transfer?: string
  readonly day: number
}

export const weeks = 52
export const dealerCount = 28
export const regionCount = 12
/** from here on goods bear codes */
export const codedFrom = 14
export const itemsInBox = 6
export const goods = ['P1', 'P2'] as const
export const price = 100

/** Parameters are drawn from the ranges that docs/detection.md publishes. */
export function growGoods(seed: number): GoodsChannel {
  const chance = chanceOf(seed + 7_000)
  const dealers = Array.from({ length: dealerCount }, (_, n): Dealer => {
    return { id: `D${n + 1}`, home: n % regionCount, size: chance.between(12, 20) }
  })
  const channel: GoodsChannel = {
    chance,
    dealers,
    boxes: [],
    scans: [],
    orders: [],
    sales: [],
    outlets: dealers.map(({ id, home }) => ({ id: `O-${id}`, dealer: id, region: home, day: -20 })),
    transfers: [],
    moves: [],
    wider: new Map(),
    prices: [],
  }
  for (const dealer of dealers) trade(channel, dealer)
  return channel
}

/** A dealer sells every week, orders every two, and gets boxes every week, some of which are seen. */
function trade(channel: GoodsChannel, { id, home, size }: Dealer): void {
  const { chance, boxes, orders, sales } = channel
  for (let week = 0; week < weeks; week += 1) {
    for (const sku of goods)
      sales.push({ dealer: id, sku, day: week * 7 + 4, quantity: Math.round(size * chance.between(0.7, 1.3)) })
    if (week % 2 === 0)
      orders.push({
        id: `${id}-${week}`,
        dealer: id,
        day: week * 7 + 1,
        lines: goods.map((sku) => ({ sku, quantity: Math.round(2 * size * chance.between(0.8, 1.2)) })),
      })
    if (week < codedFrom) continue
    for (let n = 0; n < 6; n += 1)
      boxes.push({ serial: `${id}-B${week}-${n}`, dealer: id, day: week * 7, isSpare: n > 2, taken: false })
    if (week < codedFrom + 3) continue
    for (let n = chance.whole(3, 5); n > 0; n -= 1) {
      if (chance.is(0.01)) astray(channel, id, week)
      else seen(channel, id, week, home)
    }
    for (let n = chance.whole(2, 4); n > 0; n -= 1) {
      if (chance.is(0.04)) astray(channel, id, week, 'consumer')
      else seen(channel, id, week, home, 'consumer')
    }
    if (chance.is(0.5)) seen(channel, id, week, home, 'dealer')
  }
}

/** A box turns up anywhere; it is nowhere else. */
function astray(channel: GoodsChannel, dealer: string, week: number, role?: 'consumer'): void {
  const region = channel.chance.whole(0, regionCount - 1)
  seen(channel, dealer, week, region, role, {}, takeBox(channel, dealer, week))
}

/** One of the dealer's boxes of the last weeks, or an item of it, is seen somewhere. */
export function seen(
  channel: GoodsChannel,
  dealer: string,
  week: number,
  region: number,
  role?: Scan['role'],
  more: Partial<Scan> = {},
  box: Box = anyBox(channel, dealer, week),
): Scan {
  const { chance, scans } = channel
  const byOutlet = chance.is(0.4)
  const item = `${box.serial}-${chance.whole(1, itemsInBox)}`
  const scan: Scan = {
    serial: role === 'consumer' || (byOutlet && more.unreadable === undefined) ? item : box.serial,
    role: role ?? (byOutlet ? 'outlet' : 'inspector'),
    hour: (week * 7 + chance.whole(0, 6)) * 24 + chance.whole(8, 18),
    region,
    ...(more.unreadable === undefined && role === undefined && !byOutlet && chance.is(0.05) && { unreadable: 1 }),
    ...more,
  }
  scans.push(scan)
  return scan
}

function anyBox(channel: GoodsChannel, dealer: string, week: number): Box {
  return pick(channel, dealer, week, ({ isSpare }) => !isSpare)
}

/** Of the last weeks, one that nobody sees by chance. */
export function takeBox(channel: GoodsChannel, dealer: string, week: number): Box {
  const box = pick(channel, dealer, week, ({ isSpare, taken }) => isSpare && !taken)
  box.taken = true
  return box
}

function pick({ boxes, chance }: GoodsChannel, dealer: string, week: number, isOne: (box: Box) => boolean): Box {
  const fit = boxes.filter(
    (one) => one.dealer === dealer && one.day <= week * 7 - 7 && one.day > week * 7 - 100 && isOne(one),
  )
  const box = fit[chance.whole(0, fit.length - 1)]
  if (!box) throw new Error(`${dealer} has no box left in week ${week}`)
  return box
}
