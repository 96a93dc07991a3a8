import { cents, type Channel, dealerCount } from './channel.ts'

const day0 = Date.UTC(2023, 0, 2)
export const dateOf = (day: number): string => new Date(day0 + day * 86_400_000).toISOString().slice(0, 10)

/** The channel in the neutral format (docs/import.md), by name of file. */
export function filesOf(channel: Channel): Readonly<Record<string, readonly string[]>> {
  const { dealers, products, orders, sales, seen, promotions, payers } = channel
  const sorted = orders.toSorted((a, b) => a.day - b.day || (a.id < b.id ? -1 : 1))
  const worth = (order: (typeof orders)[number]): number =>
    cents(order.lines.reduce((sum, { quantity, price }) => sum + cents(quantity * price), 0))
  const invoiced = sorted.filter((order) => worth(order) > 0)
  const lateness = (order: (typeof orders)[number]): number => {
    const { usual = 0, lateFrom = Infinity, lateUntil = 0, late = 0 } = payers.get(order.dealer) ?? {}
    if ('paidLate' in order) return Number(order.paidLate)
    return order.day >= lateFrom && order.day < lateUntil ? late : usual
  }
  return {
    dealers: [
      'dealer_id,name,kind,country,region,zone,currencies,effective_from',
      ...dealers.map((dealer) => `${dealer},Dealer ${dealer},distributor,CN,CN/ZJ,UTC,CNY,2022-12-01`),
    ],
    products: [
      'sku,name,category,unit,effective_from',
      ...products.map(({ sku }) => `${sku},Product ${sku},Tools,EA,2022-12-01`),
    ],
    'price-lists': ['list_id,name,currency,effective_from', 'base,Base,CNY,2022-12-01'],
    prices: [
      'list_id,sku,unit,currency,price,floor,ceiling,lowest_advertised,effective_from',
      ...products.map(({ sku, list, floor, ceiling, advertised }) =>
        ['base', sku, 'EA', 'CNY', list, floor, ceiling, advertised, '2022-12-01'].join(','),
      ),
    ],
    promotions: [
      'promotion_id,name,discount,starts_at,ends_at,skus',
      ...promotions.map(({ id, sku, discount, from, until }) =>
        [id, id, discount.toFixed(4), dateOf(from), dateOf(until), sku].join(','),
      ),
    ],
    orders: [
      'order_id,dealer_id,currency,ordered_on,affects_stock',
      ...sorted.map(({ id, dealer, day }) => `${id},${dealer},CNY,${dateOf(day)},false`),
    ],
    'order-lines': [
      'order_id,line_number,sku,unit,quantity,unit_price,extended,discount,discount_share,promotion_id,line_value',
      ...sorted.flatMap(({ id, lines }) =>
        lines.map(({ sku, quantity, price, promotion = '' }, n) => {
          const list = products.find((one) => one.sku === sku)?.list ?? price
          const isPromoted = promotion !== ''
          const extended = isPromoted ? cents(list * quantity) : ''
          const value = cents(price * quantity)
          const off = isPromoted ? cents(list * quantity - value) : ''
          const share = promotions.find((one) => one.id === promotion)?.discount.toFixed(4) ?? ''
          return [id, n + 1, sku, 'EA', quantity, price, extended, off, share, promotion, value].join(',')
        }),
      ),
    ],
    shipments: [
      'order_id,shipment_id,shipped_on,line_number,quantity,delivered_on',
      ...sorted.flatMap(({ id, day, lines }) =>
        lines.map(({ quantity }, n) => [id, `${id}-S`, dateOf(day + 1), n + 1, quantity, dateOf(day + 2)].join(',')),
      ),
    ],
    'stock-movements': [
      'movement_id,kind,party,sku,on,quantity,end_customer,resale_price,resale_currency',
      ...sales
        .toSorted((a, b) => a.day - b.day)
        .map(({ dealer, sku, day, quantity, price, customer = '' }, n) =>
          [`M${n}`, 'resale', dealer, sku, dateOf(day), quantity, customer, price, 'CNY'].join(','),
        ),
    ],
    invoices: [
      'invoice_id,dealer_id,currency,issued_on,due_on,order_id',
      ...invoiced.map(({ id, dealer, day }) =>
        [`I-${id}`, dealer, 'CNY', dateOf(day + 1), dateOf(day + 31), id].join(','),
      ),
    ],
    'invoice-lines': [
      'invoice_id,line_number,sku,quantity,unit,unit_price,line_value',
      ...invoiced.flatMap(({ id, lines }) =>
        lines.map(({ sku, quantity, price }, n) =>
          [`I-${id}`, n + 1, sku, quantity, 'EA', price, cents(price * quantity)].join(','),
        ),
      ),
    ],
    payments: [
      'payment_id,dealer_id,currency,amount,received_on,invoice_id',
      ...invoiced
        .map((order) => ({ order, day: Math.max(order.day + 2, order.day + 31 + lateness(order)) }))
        .toSorted((a, b) => a.day - b.day)
        .map(({ order, day }) =>
          [`PAY-${order.id}`, order.dealer, 'CNY', worth(order).toFixed(2), dateOf(day), `I-${order.id}`].join(','),
        ),
    ],
    'market-prices': [
      'observation_id,dealer_id,sku,unit,offer,price,currency,on,place,confidence',
      ...seen
        .toSorted((a, b) => a.day - b.day)
        .map(({ dealer, sku, day, price, confidence, offer }, n) =>
          [`S${n}`, dealer, sku, 'EA', offer, price, 'CNY', dateOf(day), 'Street', confidence].join(','),
        ),
    ],
  }
}

/** Dealers times the months of the second year: what false alarms are counted against. */
export const dealerMonths = dealerCount * 12
