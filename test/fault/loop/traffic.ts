/** A command over HTTP; its key names the things it makes, so that a second effect would show. */
export interface TrafficCommand {
  readonly key: string
  readonly as: Writer
  readonly method: 'POST' | 'PUT'
  /** the route's pattern: with method, principal and key it gives the ids of the events */
  readonly pattern: string
  readonly path: string
  readonly body: Readonly<Record<string, unknown>>
  /** address of the object it is decided on */
  readonly object: string
  /** it changes what somebody has seen: the object's revision is asked for first */
  readonly isChange: boolean
}

export type Writer = 'sales' | 'finance'
export const writers: readonly Writer[] = ['sales', 'finance']

/** Few of each, so that commands meet on streams, on stock and on credit. */
export const channel = {
  company: 'ACME',
  dealers: Array.from({ length: 12 }, (_, n) => `D${n + 1}`),
  skus: Array.from({ length: 10 }, (_, n) => `SKU${n + 1}`),
  /** minor units; about five orders */
  creditLimit: '60000',
  opening: '200',
} as const

const openOrders = 60

export interface Traffic {
  next(): TrafficCommand
  /** what was acknowledged leads to what comes later: an order is shipped, a shipment delivered */
  acknowledged(command: TrafficCommand): void
}

interface Known {
  readonly id: string
  readonly order: string
}

/** Orders, goods out and in, payments, limits and transfers, mostly cheap ones: what workers make of an order is ten times its work. */
export function createTraffic(random: () => number, prefix: string): Traffic {
  const { company, dealers, skus } = channel
  const below = (n: number): number => Math.floor(random() * n)
  const one = <T>(items: readonly T[]): T => items[below(items.length)] as T // never empty
  const orders: Known[] = []
  const shipments: Known[] = []
  const transfers: { readonly id: string; readonly step: 'dispatch' | 'receipts' }[] = []
  let made = 0

  const post = (
    key: string,
    as: Writer,
    object: string,
    pattern: string,
    path: string,
    body: object,
  ): TrafficCommand => {
    const isChange = pattern.endsWith('/cancellation')
    return { key, as, method: 'POST', pattern, path, body: { ...body }, object, isChange }
  }
  /** the manufacturer's warehouse, which orders take from, or a dealer's shop, which nobody else touches */
  const onStock = (key: string, what: string, body: object): TrafficCommand => {
    const [party, location] = random() < 0.6 ? [company, 'MAIN'] : [one(dealers), 'SHOP']
    const object = `/v1/stock/${party}/${location}/${one(skus)}`
    return post(key, 'sales', object, `/v1/stock/:party/:location/:sku/${what}`, `${object}/${what}`, body)
  }
  const onAccount = (key: string, what: string, body: (dealerId: string) => object): TrafficCommand => {
    const dealerId = one(dealers)
    const object = `/v1/accounts/${dealerId}`
    return post(key, 'finance', object, `/v1/accounts/:accountId/${what}`, `${object}/${what}`, body(dealerId))
  }
  const onOrder = (key: string, { order }: Known, what: string, pattern: string, body: object): TrafficCommand =>
    post(key, 'sales', `/v1/orders/${order}`, `/v1/orders/:orderId/${pattern}`, `/v1/orders/${order}/${what}`, body)

  const receive = (key: string): TrafficCommand =>
    onStock(key, 'receipts', { receiptId: key, lines: [{ quantity: `${1 + below(20)}` }] })
  const issue = (key: string): TrafficCommand =>
    onStock(key, 'issues', { issueId: key, lines: [{ quantity: `${1 + below(8)}` }] })
  const block = (key: string): TrafficCommand =>
    onStock(key, 'blocks', { blockId: key, quantity: '1', reason: 'inspection' })
  const pay = (key: string): TrafficCommand =>
    onAccount(key, 'payments', (dealerId) => ({
      companyId: company,
      dealerId,
      currency: 'USD',
      paymentId: key,
      amount: `${1_000 + below(20_000)}`,
      allocate: 'oldest_first',
    }))
  const limit = (key: string): TrafficCommand => {
    const dealerId = one(dealers)
    const object = `/v1/accounts/${dealerId}`
    const body = { amount: `${40_000 + below(60_000)}`, currency: 'USD' }
    const [pattern, path] = ['/v1/accounts/:accountId/limits/:party', `${object}/limits/${dealerId}`]
    return { key, as: 'finance', method: 'PUT', pattern, path, body, object, isChange: false }
  }
  const place = (key: string): TrafficCommand => {
    // what waits for credit is asked again at every payment: a run of any length has about as many open orders
    if (orders.length >= openOrders) return cancel(key)
    const lines = Array.from({ length: 1 + below(2) }, (_, n) => ({
      lineNo: n + 1,
      sku: one(skus),
      unit: 'EA',
      quantity: `${1 + below(9)}`,
    }))
    const shipFrom = { party: company, location: 'MAIN' }
    const body = { orderId: key, companyId: company, dealerId: one(dealers), currency: 'USD', shipFrom, lines }
    return post(key, 'sales', `/v1/orders/${key}`, '/v1/orders', '/v1/orders', body)
  }
  const ship = (key: string): TrafficCommand => {
    const line = { lineNo: 1, quantity: '1' }
    const order = orders.length > 0 ? one(orders) : undefined
    return order ? onOrder(key, order, 'shipments', 'shipments', { shipmentId: key, lines: [line] }) : place(key)
  }
  const deliver = (key: string): TrafficCommand => {
    const shipment = shipments.shift()
    if (!shipment) return ship(key)
    const pattern = 'shipments/:shipmentId/deliveries'
    return onOrder(key, shipment, `shipments/${shipment.id}/deliveries`, pattern, {})
  }
  const cancel = (key: string): TrafficCommand => {
    const order = orders.shift()
    return order ? onOrder(key, order, 'cancellation', 'cancellation', { reason: 'random' }) : place(key)
  }
  const move = (key: string): TrafficCommand => {
    const begun = transfers.shift()
    if (begun) {
      const object = `/v1/transfers/${begun.id}`
      const body = begun.step === 'receipts' ? { receiptId: key } : {}
      return post(key, 'sales', object, `/v1/transfers/:transferId/${begun.step}`, `${object}/${begun.step}`, body)
    }
    const [from, to] = [
      { party: company, location: 'MAIN' },
      { party: company, location: 'EAST' },
    ]
    const lines = [{ lineNo: 1, sku: one(skus), quantity: '1' }]
    const body = { transferId: key, companyId: company, from, to, lines, reason: 'random' }
    return post(key, 'sales', `/v1/transfers/${key}`, '/v1/transfers', '/v1/transfers', body)
  }

  const mix: readonly (readonly [weight: number, make: (key: string) => TrafficCommand])[] = [
    [40, receive],
    [22, issue],
    [3, block],
    [18, pay],
    [3, limit],
    [3, place],
    [3, ship],
    [3, deliver],
    [1, cancel],
    [4, move],
  ]
  const weights = mix.reduce((sum, [weight]) => sum + weight, 0)

  return {
    next() {
      made += 1
      const key = `${prefix}-${made}`
      let at = random() * weights
      const [, make = receive] = mix.find(([weight]) => (at -= weight) < 0) ?? []
      return make(key)
    },
    acknowledged({ key, pattern, path }) {
      const [, order = ''] = /^\/v1\/orders\/([^/]+)\//.exec(path) ?? []
      if (pattern === '/v1/orders') orders.push({ id: key, order: key })
      if (pattern === '/v1/orders/:orderId/shipments') shipments.push({ id: key, order })
      if (pattern === '/v1/transfers') transfers.push({ id: key, step: 'dispatch' })
      if (pattern.endsWith('/dispatch')) transfers.push({ id: path.split('/')[3] ?? '', step: 'receipts' })
    },
  }
}
