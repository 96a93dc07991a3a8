import { addDays } from '../../src/domain/kernel/businessTime.ts'
import { seededRandom } from './seededRandom.ts'
import type { Files } from './smallImport.ts'

export interface SampleSize {
  readonly dealers: number
  readonly skus: number
  readonly orders: number
  readonly movements: number
}

/** A channel in the neutral format, every kind of file in it, the same for the same seed: for runs that want many rows. */
export function sampleImport(size: SampleSize, seed: number): Files {
  const random = seededRandom(seed)
  const whole = (below: number): number => Math.floor(random() * below)
  const count = <T>(n: number, row: (index: number) => T): T[] => Array.from({ length: n }, (_, index) => row(index))
  const dayOf = (index: number, of: number): string => addDays('2024-01-01', Math.floor((index * 700) / of))
  const dealer = (n: number): string => `D${n}`
  const sku = (n: number): string => `SKU-${n}`
  const price = (n: number): number => 10 + ((n * 37) % 90)

  const orders = count(size.orders, (index) => {
    const lines = count(1 + whole(12), (line) => {
      const product = (index * 7 + line) % size.skus
      return { number: line + 1, product, quantity: 1 + whole(9) }
    })
    return { id: `O${index}`, dealer: dealer(whole(size.dealers)), on: dayOf(index, size.orders), lines }
  })
  const billed = orders.filter((_, index) => index % 4 === 0)
  const worth = ({ lines }: (typeof orders)[number]): number =>
    lines.reduce((sum, { product, quantity }) => sum + price(product) * quantity, 0)

  return {
    territories: ['territory_id,name,regions,effective_from', 'east,East,CN/ZJ|CN/JS,2024-01-01'],
    dealers: [
      'dealer_id,name,kind,country,region,zone,currencies,tier_level,parent_dealer_id,tier,territory_id,effective_from',
      ...count(size.dealers, (n) => {
        // every tenth is of the first tier, and the parent of those after it
        const [level, parent] = n % 10 === 0 ? [1, ''] : [2, dealer(n - (n % 10))]
        return `${dealer(n)},Dealer ${n},distributor,CN,CN/ZJ,Asia/Shanghai,CNY,${level},${parent},gold,east,2024-01-01`
      }),
      ...count(Math.floor(size.dealers / 20), (n) => {
        const id = n * 10
        return `${dealer(id)},Dealer ${id} Ltd,distributor,CN,CN/JS,Asia/Shanghai,CNY,1,,gold,east,2024-09-01`
      }),
    ],
    products: [
      'sku,name,category,unit,effective_from',
      ...count(size.skus, (n) => `${sku(n)},Product ${n},Tools,EA,2024-01-01`),
      ...count(Math.floor(size.skus / 3), (n) => `${sku(n)},Product ${n} new,Tools,EA,2024-07-01`),
    ],
    'price-lists': ['list_id,name,currency,effective_from', 'base-cny,Base,CNY,2024-01-01'],
    prices: [
      'list_id,sku,unit,currency,price,effective_from',
      ...count(size.skus, (n) => `base-cny,${sku(n)},EA,CNY,${price(n)},2024-01-01`),
    ],
    promotions: ['promotion_id,name,discount,starts_at,ends_at,skus', `P1,Summer,0.05,2024-06-01,2024-09-01,${sku(1)}`],
    'stock-openings': ['sku,lot,on,quantity,unit', ...count(size.skus, (n) => `${sku(n)},A,2024-01-01,500,EA`)],
    orders: [
      'order_id,dealer_id,currency,ordered_on,affects_stock',
      ...orders.map((order) => `${order.id},${order.dealer},CNY,${order.on},false`),
    ],
    'order-lines': [
      'order_id,line_number,sku,unit,quantity,unit_price,line_value',
      ...orders.flatMap(({ id, lines }) =>
        lines.map(({ number, product, quantity }) =>
          [id, number, sku(product), 'EA', quantity, price(product), price(product) * quantity].join(','),
        ),
      ),
    ],
    shipments: [
      'order_id,shipment_id,shipped_on,line_number,quantity,delivered_on',
      ...orders.flatMap(({ id, on, lines }) =>
        lines.map(({ number, quantity }) =>
          [id, `${id}-1`, addDays(on, 2), number, quantity, addDays(on, 5)].join(','),
        ),
      ),
    ],
    'stock-movements': [
      'movement_id,kind,sku,lot,on,quantity',
      ...count(size.movements, (n) => {
        const kind = n % 3 === 0 ? 'receipt' : 'issue'
        return [`M${n}`, kind, sku(whole(size.skus)), 'A', dayOf(n, size.movements), 1 + whole(5)].join(',')
      }),
    ],
    'stock-counts': [
      'count_id,sku,lot,on,counted',
      ...count(size.skus, (n) => `C1,${sku(n)},A,2025-12-20,${whole(90)}`),
    ],
    invoices: [
      'invoice_id,dealer_id,currency,issued_on,due_on,order_id,shipment_id',
      ...billed.map(({ id, dealer: of, on }) => `I-${id},${of},CNY,${addDays(on, 2)},${addDays(on, 32)},${id},${id}-1`),
    ],
    'invoice-lines': [
      'invoice_id,line_number,order_line_number,sku,quantity,unit,unit_price,line_value',
      ...billed.flatMap(({ id, lines }) =>
        lines.map(({ number, product, quantity }) =>
          [`I-${id}`, number, number, sku(product), quantity, 'EA', price(product), price(product) * quantity].join(
            ',',
          ),
        ),
      ),
    ],
    payments: [
      'payment_id,dealer_id,currency,amount,received_on,invoice_id',
      ...billed.map(
        (order) => `PAY-${order.id},${order.dealer},CNY,${worth(order)},${addDays(order.on, 30)},I-${order.id}`,
      ),
    ],
  }
}
