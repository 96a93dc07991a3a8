import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openTestApi, type StaffName, type TestApi } from '../../support/api.ts'
import { bike, fillChannel } from '../../support/channelByApi.ts'

// One flow per capability over HTTP: that the path, the body and the answer fit the command. The rules have their own tests.

const at = '2026-01-01T00:00:00.000Z[UTC]'
let api: TestApi
beforeAll(async () => {
  api = await openTestApi()
  await fillChannel(api)
})
afterAll(() => api.close())

/** Gives a command; a change names the revision that the ledger gives for its object. Answers the types of what was written. */
async function give(as: StaffName, method: string, url: string, body: object = {}, object?: string): Promise<string[]> {
  const etag = object === undefined ? undefined : (await api.send(as, 'GET', `${object}/revision`)).headers['etag']
  const headers = etag === undefined ? {} : { 'if-match': etag }
  const answer = await api.send(as, method, url, { body, headers })
  expect(answer.statusCode, `${method} ${url} ${answer.body}`).toBeLessThan(300)
  return answer.json<{ events: { type: string }[] }>().events.map(({ type }) => type)
}

describe('over HTTP', () => {
  test('a product is withdrawn and taken back', async () => {
    await give('sales', 'POST', '/v1/products', { ...bike, sku: 'OLD' })
    expect(
      await give(
        'sales',
        'POST',
        '/v1/products/OLD/withdrawal',
        { reason: 'replaced', effectiveAt: at },
        '/v1/products/OLD',
      ),
    ).toEqual(['ProductWithdrawn'])
    expect(
      await give(
        'sales',
        'POST',
        '/v1/products/OLD/reinstatement',
        { effectiveAt: '2026-02-01T00:00:00.000Z[UTC]' },
        '/v1/products/OLD',
      ),
    ).toEqual(['ProductReinstated'])
  })

  test('a dealer gets a territory, a tier and terms, and changes its own contact', async () => {
    const one = '/v1/dealers/D1'
    const place = {
      territoryId: 'NW',
      name: { en: 'Northwest' },
      regions: ['US/Washington'],
      exclusive: true,
      effectiveAt: at,
    }
    expect(await give('sales', 'POST', '/v1/territories', { ...place, companyId: 'ACME' })).toEqual([
      'TerritoryDefined',
    ])
    expect(
      await give(
        'sales',
        'POST',
        '/v1/territories/NW/grants',
        { dealerId: 'D1', effectiveAt: at },
        '/v1/territories/NW',
      ),
    ).toEqual(['TerritoryGranted'])
    expect(await give('sales', 'PUT', `${one}/territory`, { territoryId: 'NW', effectiveAt: at }, one)).toEqual([
      'TerritoryAssigned',
    ])
    expect(
      await give(
        'sales',
        'PUT',
        `${one}/tier`,
        { tier: 'gold', reason: 'review', causes: ['R1'], effectiveAt: at },
        one,
      ),
    ).toEqual(['TierAssigned'])
    const contact = { contact: { personId: 'p-9', name: 'Wang Fang' }, effectiveAt: at }
    expect(await give('d1', 'PUT', `${one}/contact`, contact, one)).toEqual(['DealerContactChanged'])
    const [changed] = (await api.store.readStream('dealer-D1')).slice(-1)
    expect(changed?.raw.data, 'sealed in the log').not.toContain('Wang Fang')
    expect(await give('sales', 'POST', `${one}/suspension`, { reason: 'audit', effectiveAt: at }, one)).toEqual([
      'DealerSuspended',
    ])
    expect(
      await give(
        'sales',
        'POST',
        `${one}/reinstatement`,
        { reason: 'cleared', effectiveAt: '2026-01-02T00:00:00.000Z[UTC]' },
        one,
      ),
    ).toEqual(['DealerReinstated'])
  })

  test('a price ends, a promotion is scheduled and called off', async () => {
    const price = {
      companyId: 'ACME',
      unit: 'EA',
      currency: 'USD',
      reason: 'sold-out',
      effectiveAt: '2026-12-01T00:00:00.000Z[UTC]',
    }
    const row = '/v1/price-lists/BASE/prices/BIKE'
    expect(await give('sales', 'POST', `${row}/end`, price, row)).toEqual(['PriceEnded'])
    const promotion = {
      companyId: 'ACME',
      promotionId: 'P1',
      name: { en: 'Summer' },
      discount: '0.1',
      startsAt: '2026-06-01T00:00:00.000Z[UTC]',
      endsAt: '2026-07-01T00:00:00.000Z[UTC]',
      scope: {},
      stackingClass: 'best',
      priority: 1,
    }
    expect(await give('sales', 'POST', '/v1/promotions', promotion)).toEqual(['PromotionScheduled'])
    const cancelled = { companyId: 'ACME', reason: 'budget', effectiveAt: '2026-05-01T00:00:00.000Z[UTC]' }
    expect(await give('sales', 'POST', '/v1/promotions/P1/cancellation', cancelled)).toEqual(['PromotionCancelled'])
  })

  test('an order is confirmed, allocated, shipped, received by its dealer, and partly returned', async () => {
    const one = '/v1/orders/O1'
    const lines = [{ lineNo: 1, quantity: '2' }]
    expect(
      await give(
        'sales',
        'POST',
        `${one}/confirmations`,
        { lines: [{ lineNo: 1, confirmed: '2', backordered: '0' }] },
        one,
      ),
    ).toEqual(['OrderConfirmed'])
    expect(await give('sales', 'POST', '/v1/stock/ACME/MAIN/BIKE/allocations', { orderId: 'O1', lines })).toContain(
      'StockAllocated',
    )
    expect(await give('sales', 'POST', `${one}/allocations`, { lines }, one)).toEqual(['LinesAllocated'])
    expect(await give('sales', 'POST', `${one}/shipments`, { shipmentId: 'S1', lines })).toEqual(['ShipmentDispatched'])
    expect(await give('d1', 'POST', `${one}/shipments/S1/deliveries`, { receivedBy: 'Li Na' })).toContain(
      'ShipmentDelivered',
    )
    expect(
      await give(
        'sales',
        'POST',
        `${one}/returns`,
        { returnId: 'R1', lines: [{ lineNo: 1, quantity: '1' }], reason: 'damaged' },
        one,
      ),
    ).toEqual(['ReturnAuthorised'])
    const back = { lines: [{ lineNo: 1, quantity: '1', condition: 'scrap' }] }
    expect(await give('sales', 'POST', `${one}/returns/R1/receipts`, back)).toEqual(['GoodsReturned'])
    expect(await give('sales', 'POST', `${one}/close`, {}, one)).toEqual(['OrderClosed'])
  })

  test('a dealer amends, holds up and cancels what is its own', async () => {
    const one = '/v1/orders/O2'
    expect(
      await give('d2', 'POST', `${one}/amendments`, { lines: [{ lineNo: 1, quantity: '3' }], reason: 'wish' }, one),
    ).toEqual(['OrderAmended'])
    expect(await give('finance', 'POST', `${one}/holds`, { kind: 'manual', reason: 'check' }, one)).toEqual([
      'OrderHeld',
    ])
    expect(await give('finance', 'POST', `${one}/hold-releases`, { kind: 'manual', reason: 'checked' }, one)).toEqual([
      'OrderHoldReleased',
    ])
    expect(await give('d2', 'POST', `${one}/cancellation`, { reason: 'wish' }, one)).toContain('OrderCancelled')
  })

  test('a dealer reports, receives and counts its own stock, and not a rival’s', async () => {
    const stock = '/v1/stock/D1/SHOP/BIKE'
    expect(await give('d1', 'POST', `${stock}/openings`, { quantity: '4' })).toEqual(['StockOpened'])
    expect(await give('d1', 'POST', `${stock}/receipts`, { lines: [{ quantity: '2' }] })).toContain('StockReceived')
    expect(await give('d1', 'POST', `${stock}/counts`, { lines: [{ counted: '5' }] })).toContain('StockCounted')
    const rival = await api.send('d2', 'POST', `${stock}/counts`, { body: { lines: [{ counted: '0' }] } })
    expect(rival.statusCode).toBe(404)
    expect(
      await give('supplier', 'POST', '/v1/stock/ACME/MAIN/BIKE/supplies', { kind: 'purchase', quantity: '5' }),
    ).not.toEqual([])
  })

  test('goods are transferred', async () => {
    const transfer = {
      transferId: 'T1',
      companyId: 'ACME',
      from: { party: 'ACME', location: 'MAIN' },
      to: { party: 'ACME', location: 'WEST' },
      lines: [{ lineNo: 1, sku: 'BIKE', quantity: '1' }],
      reason: 'balance',
    }
    expect(await give('sales', 'POST', '/v1/transfers', transfer)).toEqual(['TransferRequested'])
    expect(await give('sales', 'POST', '/v1/transfers/T1/cancellation', { reason: 'wrong' })).toEqual([
      'TransferCancelled',
    ])
  })

  test('an account gets a limit, an invoice and a payment that is allocated', async () => {
    const one = '/v1/accounts/D1'
    const document = { companyId: 'ACME', dealerId: 'D1', currency: 'USD' }
    expect(await give('finance', 'PUT', `${one}/limits/D1`, { amount: '1000000', currency: 'USD' })).toContain(
      'CreditLimitSet',
    )
    const invoice = {
      ...document,
      invoiceId: 'I1',
      kind: 'debit_note',
      lines: [],
      stated: { gross: '5000' },
      dueOn: '2026-05-01',
      zone: 'Asia/Shanghai',
    }
    expect(await give('finance', 'POST', `${one}/invoices`, invoice)).toContain('InvoiceIssued')
    expect(
      await give('finance', 'POST', `${one}/payments`, { ...document, paymentId: 'P1', amount: '5000' }),
    ).toContain('PaymentReceived')
    expect(
      await give('finance', 'POST', `${one}/payments/P1/allocations`, { to: [{ invoiceId: 'I1', amount: '5000' }] }),
    ).toContain('PaymentAllocated')
    expect(await give('finance', 'POST', `${one}/payments/P1/reversal`, { reason: 'bounced' })).toContain(
      'PaymentReversed',
    )
  })

  test('a calendar opens a year, a rate is published', async () => {
    const calendar = { calendarId: 'CAL', name: { en: 'Calendar' }, kind: 'gregorian', zone: 'Asia/Shanghai' }
    expect(await give('finance', 'POST', '/v1/calendars', calendar)).toEqual(['CalendarDefined'])
    const opened = await give('finance', 'POST', '/v1/calendars/CAL/years', { year: 2026, graceDays: 5 })
    expect([opened.length, opened[0]]).toEqual([17, 'PeriodOpened'])
    const rate = { base: 'USD', quote: 'CNY', rate: '7.1', kind: 'mid', effectiveAt: at, source: 'bank' }
    expect(await give('finance', 'POST', '/v1/exchange-rates', rate)).toEqual(['ExchangeRatePublished'])
    const unknown = await api.send('finance', 'POST', '/v1/accounts/D1/invoices/NONE/cancellation', {
      body: { reason: 'x' },
    })
    expect(unknown.statusCode).toBe(404)
  })
})
