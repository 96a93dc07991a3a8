import { codedFrom, dealerCount, goods, itemsInBox, price, regionCount, weeks, type GoodsChannel } from './goods.ts'
import { regionName } from './divert.ts'

const day0 = Date.UTC(2023, 0, 2)
const dayMs = 86_400_000
export const goodsDate = (day: number): string => new Date(day0 + day * dayMs).toISOString().slice(0, 10)
const timeOf = (hour: number): string => `${new Date(day0 + hour * 3_600_000).toISOString()}[UTC]`
/** the lowest price that may be advertised */
const advertised = 110
/** a grid, two neighbours of it more than 250 km apart */
const placeOf = (region: number): readonly [latitude: number, longitude: number] => [
  22 + 3 * Math.floor(region / 4),
  100 + 4 * (region % 4),
]

/** Dealers times the months in which goods bear codes. */
export const goodsDealerMonths = (dealerCount * (weeks - codedFrom) * 7 * 12) / 365

/** The channel in the neutral format (docs/import.md), by name of file. */
export function goodsFiles(channel: GoodsChannel): Readonly<Record<string, readonly string[]>> {
  const { dealers, boxes, scans, orders, sales, outlets, transfers, moves, wider, prices, chance } = channel
  const before = '2022-12-01'
  const sorted = orders.toSorted((a, b) => a.day - b.day || (a.id < b.id ? -1 : 1))
  const items = new Set(
    scans.map(({ serial }) => serial).filter((serial) => !boxes.some((box) => box.serial === serial)),
  )
  const boxOf = (item: string): string => item.slice(0, item.lastIndexOf('-'))
  const names = (serial: string): string => Array.from({ length: itemsInBox }, (_, n) => `${serial}-${n + 1}`).join('|')
  const skuOf = (serial: string): string => goods[(serial.codePointAt(serial.length - 1) ?? 0) % 2] ?? 'P1'
  const territories = Array.from({ length: regionCount }, (_, n) => n)
  const shipped = boxes.map(({ serial, dealer, day }) => ({ kind: 'ship', serial, dealer, day, transfer: undefined }))
  return {
    territories: [
      'territory_id,name,regions,effective_from',
      ...territories.flatMap((n) => {
        const wide = wider.get(`T${n}`)
        const regions = [regionName(n), ...(wide ? [regionName(wide.region)] : [])].join('|')
        return [
          `T${n},Territory ${n},${regions},${before}`,
          ...(wide ? [`T${n},Territory ${n},${regionName(n)},${goodsDate(wide.until)}`] : []),
        ]
      }),
    ],
    dealers: [
      'dealer_id,name,kind,country,region,zone,currencies,territory_id,effective_from',
      ...dealers.flatMap(({ id, home }) => {
        const row = (from: string): string =>
          `${id},Dealer ${id},distributor,CN,${regionName(home)},UTC,CNY,T${home},${from}`
        const wide = wider.get(`T${home}`)
        return [row(before), ...(wide ? [row(goodsDate(wide.until))] : [])]
      }),
    ],
    outlets: [
      'outlet_id,dealer_id,name,kind,region,territory_id,zone,effective_from',
      ...outlets.map(({ id, dealer, region, day }) =>
        [id, dealer, `Shop ${id}`, 'store', regionName(region), `T${region}`, 'UTC', goodsDate(day)].join(','),
      ),
    ],
    products: [
      'sku,name,category,unit,effective_from',
      ...goods.map((sku) => `${sku},Product ${sku},Tools,EA,${before}`),
    ],
    'price-lists': ['list_id,name,currency,effective_from', `base,Base,CNY,${before}`],
    prices: [
      'list_id,sku,unit,currency,price,lowest_advertised,effective_from',
      ...goods.map((sku) => ['base', sku, 'EA', 'CNY', price, advertised, before].join(',')),
    ],
    orders: [
      'order_id,dealer_id,currency,ordered_on,affects_stock',
      ...sorted.map(({ id, dealer, day }) => `${id},${dealer},CNY,${goodsDate(day)},false`),
    ],
    'order-lines': [
      'order_id,line_number,sku,unit,quantity,unit_price,line_value',
      ...sorted.flatMap(({ id, lines }) =>
        lines.map(({ sku, quantity }, n) => [id, n + 1, sku, 'EA', quantity, price, price * quantity].join(',')),
      ),
    ],
    'stock-movements': [
      'movement_id,kind,party,sku,on,quantity',
      ...sales
        .toSorted((a, b) => a.day - b.day)
        .map(({ dealer, sku, day, quantity }, n) =>
          [`M${n}`, 'resale', dealer, sku, goodsDate(day), quantity].join(','),
        ),
    ],
    transfers: [
      'transfer_id,from_party,to_party,sku,quantity,on',
      ...transfers.flatMap(({ id, from, to, day }) => `${id},${from},${to},P1,30,${goodsDate(day)}`),
    ],
    serials: [
      'serial,kind,sku,children,packed_into,on',
      ...boxes.map(({ serial, day }) => [serial, 'case', '', names(serial), '', goodsDate(day - 1)].join(',')),
      ...[...items].map((item) => [item, 'item', skuOf(boxOf(item)), '', boxOf(item), goodsDate(0)].join(',')),
    ],
    'serial-moves': [
      'move_id,kind,serial,dealer_id,transfer_id,on',
      ...[...shipped, ...moves]
        .toSorted((a, b) => a.day - b.day)
        .map(({ kind, serial, dealer, transfer = '', day }, n) =>
          [`V${n}`, kind, serial, dealer, transfer, goodsDate(day)].join(','),
        ),
    ],
    scans: [
      'scan_id,serial,role,on,region,latitude,longitude,accuracy_metres,outlet_id,unreadable',
      ...scans
        .toSorted((a, b) => a.hour - b.hour)
        .map(({ serial, role, hour, region, accuracy, outlet = '', unreadable = '' }, n) => {
          const place = placeOf(region).map((at) => (at + chance.between(0, 0.3)).toFixed(2))
          const metres = accuracy ?? (role === 'consumer' ? 1500 : 20)
          return [`S${n}`, serial, role, timeOf(hour), regionName(region), ...place, metres, outlet, unreadable].join(
            ',',
          )
        }),
    ],
    'market-prices': [
      'observation_id,sku,unit,offer,price,currency,on,outlet_id,confidence',
      ...prices
        .toSorted((a, b) => a.day - b.day)
        .flatMap(({ region, day, share }, n) =>
          goods.map((sku) => {
            const outlet = outlets.find((one) => one.region === region && one.day < 0)?.id ?? ''
            return [
              `MP${n}-${sku}`,
              sku,
              'EA',
              'advertised',
              (advertised * share).toFixed(2),
              'CNY',
              goodsDate(day),
              outlet,
              1,
            ].join(',')
          }),
        ),
    ],
  }
}
