import { codedFrom, growGoods, itemsInBox, price, regionCount, seen, takeBox, weeks } from './goods.ts'
import type { Dealer, GoodsChannel } from './goods.ts'

/** What was planted, and how strongly. Detection never reads it. */
export interface Diverted {
  readonly kind: 'DIVERSION' | 'DIVERSION_LEAD'
  readonly way: string
  readonly dealer: string
  readonly region: string
  /** days */
  readonly from: number
  readonly until: number
  readonly strength: number
  readonly hasLowPrices: boolean
}
export interface PlantedGoods {
  readonly channel: GoodsChannel
  readonly answers: readonly Diverted[]
  readonly lookAlikes: number
  /** the step of the rebate, in money a quarter */
  readonly step: number
}

export const diversionStrengths = [0.1, 0.3, 0.5, 0.75, 1]
export const regionName = (region: number): string => `CN/R${String(region + 1).padStart(2, '0')}`
/** goods are seen over so many weeks */
const stretch = 8
/** the last week that ends before the first of July of the channel's year, and that of October */
const quarterEnds = [25, 38]

type Spot = { readonly dealer: Dealer; readonly region: number; readonly week: number }
type Plant = (channel: GoodsChannel, spot: Spot, strength: number, step: number) => void

/** A channel with diversion in five ways at five strengths, among look-alikes; without diversion when it is to be clean. */
export function plantedGoods(seed: number, { clean = false } = {}): PlantedGoods {
  const channel = growGoods(seed)
  const { chance, dealers } = channel
  const worth = channel.orders.flatMap(({ lines }) => lines).reduce((sum, { quantity }) => sum + quantity * price, 0)
  const step = Math.round(((worth / dealers.length) * 13) / weeks)
  const answers: Diverted[] = []
  let turn = 0
  const spot = (away: number): Spot => {
    const dealer = dealers[turn % dealers.length]
    if (!dealer) throw new Error('a channel without dealers')
    turn += 1
    return {
      dealer,
      region: (dealer.home + away) % regionCount,
      week: chance.whole(codedFrom + 8, weeks - stretch - 3),
    }
  }
  let lookAlikes = 0
  for (const plant of benign)
    for (let n = 0; n < 7; n += 1) {
      plant(channel, spot(n % 2 === 0 ? 5 : 7), n / 6, step)
      lookAlikes += 1
    }
  if (clean) return { channel, answers, lookAlikes, step }
  turn = 0
  for (const [way, plant] of Object.entries(ways))
    for (const strength of diversionStrengths) {
      const at = spot(3)
      const week = way === 'ordered' ? (quarterEnds[0] ?? 0) + 1 : at.week
      plant(channel, { ...at, week }, strength, step)
      const hasLowPrices = strength >= 0.5
      if (hasLowPrices)
        for (let n = 0; n < 3; n += 1)
          channel.prices.push({ region: at.region, day: week * 7 - 3 + n, share: 1 - chance.between(0.05, 0.25) })
      answers.push({
        kind: way === 'consumers' ? 'DIVERSION_LEAD' : 'DIVERSION',
        way,
        dealer: at.dealer.id,
        region: regionName(at.region),
        from: week * 7,
        until: (week + stretch) * 7,
        strength,
        hasLowPrices,
      })
    }
  return { channel, answers, lookAlikes, step }
}

function spread(channel: GoodsChannel, { dealer, region, week }: Spot, count: number, more = {}, role?: 'consumer') {
  return Array.from({ length: Math.round(count) }, () => {
    const when = week + channel.chance.whole(0, stretch - 1)
    return seen(channel, dealer.id, when, region, role, more, takeBox(channel, dealer.id, when))
  })
}

const ways: Readonly<Record<string, Plant>> = {
  /** goods turn up elsewhere, again and again */
  plain: (channel, spot, strength) => void spread(channel, spot, 1 + 10 * strength),
  /** a few boxes, whose codes were cut out */
  scratched: (channel, spot, strength) => {
    const unreadable = Math.max(1, Math.round(itemsInBox * (0.15 + 0.8 * strength)))
    spread(channel, spot, 1 + 4 * strength, { unreadable, role: 'inspector' })
  },
  /** ordered up to the step of the rebate at the end of a quarter, and little of it is seen elsewhere */
  ordered: (channel, spot, strength, step) => {
    chase(channel, spot, strength, step)
    spread(channel, spot, 1 + 3 * strength)
  },
  /** the code is read at home some hours before or after it is read elsewhere */
  copied: (channel, spot, strength) => {
    for (const { serial, hour } of spread(channel, spot, 1 + 3 * strength))
      channel.scans.push({
        serial,
        role: 'dealer',
        hour: hour + Math.max(0.5, 10 - 10 * strength),
        region: spot.dealer.home,
      })
  },
  /** consumers alone come upon it */
  consumers: (channel, spot, strength) => void spread(channel, spot, 2 + 12 * strength, {}, 'consumer'),
}

/** At the end of the quarter before, so much more is ordered that the step is just reached. */
function chase(channel: GoodsChannel, { dealer, week }: Spot, strength: number, step: number): void {
  const first = week - 12
  const own = channel.orders.filter(
    (one) => one.dealer === dealer.id && one.day >= (first - 1) * 7 && one.day < week * 7 - 6,
  )
  const last = own.at(-1)
  const line = last?.lines[0]
  if (!last || !line) return
  const before = own.slice(0, -1).flatMap(({ lines }) => lines)
  const worth = (lines: readonly { readonly quantity: number }[]): number =>
    lines.reduce((sum, { quantity }) => sum + quantity * price, 0)
  const scale = (step * (0.9 - 0.45 * strength)) / worth(before)
  for (const one of before) one.quantity = Math.max(1, Math.round(one.quantity * scale))
  line.quantity = Math.max(1, Math.ceil((step * 1.02 - worth(before) - worth(last.lines.slice(1))) / price))
}

/** What looks like diversion and is none. */
const benign: readonly Plant[] = [
  // an authorised transfer to a dealer there
  (channel, spot) => {
    const id = `TR-${channel.transfers.length}`
    const to = dealerIn(channel, spot.region)
    channel.transfers.push({ id, from: spot.dealer.id, to, day: spot.week * 7 })
    for (let n = 0; n < 5; n += 1) {
      const box = takeBox(channel, spot.dealer.id, spot.week)
      channel.moves.push({ kind: 'transfer', serial: box.serial, dealer: to, transfer: id, day: spot.week * 7 + 1 })
      channel.scans.push({
        serial: box.serial,
        role: 'inspector',
        hour: (spot.week * 7 + 4 + n) * 24 + 10,
        region: spot.region,
      })
    }
  },
  // goods that came back are sold to a dealer there
  (channel, spot) => {
    const to = dealerIn(channel, spot.region)
    for (let n = 0; n < 5; n += 1) {
      const { serial } = takeBox(channel, spot.dealer.id, spot.week)
      channel.moves.push({ kind: 'return', serial, dealer: spot.dealer.id, day: spot.week * 7 })
      channel.moves.push({ kind: 'ship', serial, dealer: to, day: spot.week * 7 + 2 })
      channel.scans.push({ serial, role: 'outlet', hour: (spot.week * 7 + 4 + n) * 24 + 11, region: spot.region })
    }
  },
  // one box went astray, and all of it is read
  (channel, { dealer, region, week }) => {
    const { serial } = takeBox(channel, dealer.id, week)
    for (let n = 1; n <= itemsInBox; n += 1)
      channel.scans.push({ serial: `${serial}-${n}`, role: 'outlet', hour: week * 168 + 10 + n / 10, region })
  },
  // more is sold for a season, and ordered for it; one box goes astray
  (channel, spot) => {
    const { dealer, week } = spot
    for (const sale of channel.sales)
      if (sale.dealer === dealer.id && sale.day >= (week - 4) * 7 && sale.day < (week + 6) * 7)
        sale.quantity = Math.round(sale.quantity * 2.4)
    for (const order of channel.orders)
      if (order.dealer === dealer.id && order.day >= (week - 1) * 7 && order.day < (week + 4) * 7)
        for (const line of order.lines) line.quantity = Math.round(line.quantity * 2.2)
    spread(channel, spot, 1)
  },
  // the dealer's new outlet across the border
  (channel, { dealer, region, week }) => {
    const outlet = `O-${dealer.id}-N${channel.outlets.length}`
    channel.outlets.push({ id: outlet, dealer: dealer.id, region, day: (week - 2) * 7 })
    for (let n = 0; n < 6; n += 1)
      seen(channel, dealer.id, week + n, region, 'outlet', { outlet }, takeBox(channel, dealer.id, week + n))
  },
  // the territory was wider when the goods were sent
  (channel, { dealer, region, week }) => {
    const known = channel.wider.get(`T${dealer.home}`)
    if (known) return
    channel.wider.set(`T${dealer.home}`, { region, until: (week - 1) * 7 })
    for (let n = 0; n < 6; n += 1) {
      const box = takeBox(channel, dealer.id, week - 1)
      channel.scans.push({ serial: box.serial, role: 'inspector', hour: (week * 7 + 5 * n) * 24 + 9, region })
    }
  },
  // near the border a telephone does not know on which side it is
  (channel, spot) => void spread(channel, spot, 5, { accuracy: 20_000 }),
  // badly printed codes, at home; and one box elsewhere
  (channel, spot) => {
    spread(channel, { ...spot, region: spot.dealer.home }, 5, { unreadable: 4, role: 'inspector' })
    spread(channel, spot, 1, { unreadable: 4, role: 'inspector' })
  },
  // consumers on their travels
  (channel, spot) => void spread(channel, spot, 4, {}, 'consumer'),
  // the dealer's staff show goods at a fair
  (channel, spot) => void spread(channel, spot, 5, { role: 'dealer' }),
  // read twice at home in a day; once by a traveller far away
  (channel, { dealer, region, week }) => {
    const { serial } = takeBox(channel, dealer.id, week)
    for (const hour of [9, 12])
      channel.scans.push({ serial, role: 'inspector', hour: week * 168 + hour, region: dealer.home })
    channel.scans.push({ serial: `${serial}-1`, role: 'consumer', hour: week * 168 + 15, region })
  },
]

function dealerIn({ dealers }: GoodsChannel, region: number): string {
  return dealers.find(({ home }) => home === region)?.id ?? ''
}
