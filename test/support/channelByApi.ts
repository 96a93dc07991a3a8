import { expect } from 'vitest'
import type { TestApi } from './api.ts'

/** A small channel, made through the API alone: two dealers, a bike with a price, stock, and an order of D1. */
const at = '2026-01-01T00:00:00.000Z[UTC]'
export const bike = {
  sku: 'BIKE',
  companyId: 'ACME',
  name: { en: 'Bike', 'zh-CN': '自行车' },
  category: 'Bikes',
  unit: 'EA',
  attributes: {},
  pictures: [],
  lotTracked: false,
  effectiveAt: at,
}
export const { sku: _sku, companyId: _companyId, ...revisedBike } = { ...bike, category: 'Cycles' }

export const dealer = (dealerId: string, en: string) => ({
  dealerId,
  companyId: 'ACME',
  legalName: { en },
  kind: 'warehouse',
  country: 'US',
  region: 'US/Washington',
  zone: 'America/Los_Angeles',
  currencies: ['USD'],
  tierLevel: 1,
  contact: { personId: `person-${dealerId}`, name: `Contact of ${dealerId}` },
  effectiveAt: at,
})
export const priceList = {
  companyId: 'ACME',
  listId: 'BASE',
  name: { en: 'Base' },
  level: 'base',
  scope: {},
  currency: 'USD',
  priority: 1,
  effectiveFrom: at,
}
export const price = {
  companyId: 'ACME',
  unit: 'EA',
  currency: 'USD',
  newPrice: '100',
  effectiveAt: at,
  retroactive: true,
  reason: 'season',
}
export const order = {
  companyId: 'ACME',
  currency: 'USD',
  shipFrom: { party: 'ACME', location: 'MAIN' },
  lines: [{ lineNo: 1, sku: 'BIKE', unit: 'EA', quantity: '2' }],
}

export async function fillChannel(api: TestApi): Promise<void> {
  const give = async (
    method: string,
    url: string,
    body: object,
    as: 'admin' | 'd1' | 'd2' = 'admin',
    headers = {},
  ): Promise<void> => {
    const answer = await api.send(as, method, url, { body, headers })
    expect(answer.statusCode, `${method} ${url} ${answer.body}`).toBeLessThan(300)
  }
  await give('POST', '/v1/products', bike)
  await give('POST', '/v1/dealers', dealer('D1', 'First Bikes'))
  await give('POST', '/v1/dealers', dealer('D2', 'Second Bikes'))
  await give('POST', '/v1/price-lists', priceList)
  // a stream that does not exist yet has nothing to have seen
  await give('PUT', '/v1/price-lists/BASE/prices/BIKE', price, 'admin', { 'if-none-match': '*' })
  await give('POST', '/v1/stock/ACME/MAIN/BIKE/openings', { quantity: '10' })
  await give('POST', '/v1/orders', { ...order, orderId: 'O1' }, 'd1')
  await give('POST', '/v1/orders', { ...order, orderId: 'O2' }, 'd2')
}
