import type { RecordedEvent } from '../../src/ledger/envelope.ts'
import type { Draft } from './arbitraries.ts'

type Data = Readonly<Record<string, unknown>>
export type Recipe = Partial<Draft>

const companyId = 'KESTREL'
const begun = '2025-02-01T00:00:00.000Z[UTC]'
const keptProduct = {
  sku: 'KEPT-P',
  companyId,
  name: { en: 'Kept' },
  category: 'tools',
  unit: 'EA',
  attributes: {},
  pictures: [],
  lotTracked: false,
  effectiveAt: begun,
}
const keptDealer = {
  dealerId: 'KEPT-D',
  companyId,
  legalName: { en: 'Kept' },
  kind: 'distributor',
  country: 'CN',
  region: 'CN/SH',
  zone: 'Asia/Shanghai',
  currencies: ['CNY'],
  tierLevel: 1,
  effectiveAt: begun,
}
const keptList = {
  companyId,
  listId: 'KEPT-L',
  name: { en: 'Kept' },
  level: 'dealer',
  scope: { dealerId: keptDealer.dealerId },
  currency: 'CNY',
  priority: 1,
  effectiveFrom: begun,
}
const keptPrice = {
  companyId,
  unit: 'EA',
  currency: 'CNY',
  newPrice: '10',
  effectiveAt: begun,
  reason: 'launch',
  retroactive: true,
}

/** What orders need and no other request may end: requests that recipes rest on, to be sent first. */
export const kept: readonly (readonly [method: string, url: string, body: object])[] = [
  ['POST', '/v1/products', keptProduct],
  ['POST', '/v1/dealers', keptDealer],
  ['POST', '/v1/price-lists', keptList],
  ['PUT', `/v1/price-lists/${keptList.listId}/prices/${keptProduct.sku}`, keptPrice],
]

/** Events about them stay out of the pool, so that nothing else is done to them. */
export function isKept({ data }: RecordedEvent): boolean {
  return JSON.stringify(data).includes('"KEPT-')
}

const later = '2025-06-01T00:00:00.000Z[UTC]'
const most = 80

/**
 * Parts of requests that chance seldom puts together, from what the log holds: by operation, so that each of them is gone
 * through to its end too. The rest of such a request is drawn like any other.
 */
export function recipesFrom(log: readonly RecordedEvent[]): Readonly<Record<string, readonly Recipe[]>> {
  const of = (type: string): readonly Data[] =>
    log.flatMap((event) => (event.type === type ? [event.data as Data] : [])).slice(-most * 10)
  const dealers = of('DealerRegistered').filter(({ currencies }) => (currencies as string[]).includes('CNY'))
  const placed = of('OrderPlaced').slice(-most)
  const ofOrder = (body: object): Recipe[] =>
    placed.map(({ orderId }) => ({ path: { orderId: String(orderId) }, body }))
  const part = [{ lineNo: 1, quantity: '1' }]
  return {
    RegisterDealer: [{ body: { ...keptDealer, dealerId: `DEALER-${log.length}` } }],
    PlaceOrder: [
      {
        body: {
          companyId,
          dealerId: keptDealer.dealerId,
          currency: 'CNY',
          shipFrom: { party: companyId, location: 'SHANGHAI' },
          lines: [{ lineNo: 1, sku: keptProduct.sku, unit: 'EA', quantity: '3' }],
        },
      },
    ],
    ConfirmOrder: ofOrder({ lines: [{ lineNo: 1, confirmed: '2', backordered: '1' }] }),
    FillBackorder: ofOrder({ lines: part }),
    AllocateLines: ofOrder({ lines: part }),
    DispatchShipment: ofOrder({ lines: part }),
    AmendOrder: ofOrder({ reason: 'wish', lines: [{ lineNo: 1, quantity: '4' }] }),
    CancelLines: ofOrder({ reason: 'wish', lines: part }),
    HoldOrder: ofOrder({ kind: 'manual', reason: 'doubt' }),
    ApprovePriceOverride: ofOrder({ lineNo: 1, unitPrice: '9', reason: 'goodwill' }),
    ApplyReprice: ofOrder({ reason: 'campaign' }),
    ChangePrice: Array.from({ length: most }, (_, index) => ({
      path: { listId: keptList.listId, sku: keptProduct.sku },
      body: { ...keptPrice, newPrice: `${index + 1}`, effectiveAt: later },
    })),
    AmendProgramme: [...of('RebateProgrammeActivated'), ...of('RebateProgrammeAmended')].map(
      ({ programmeId, terms }) => {
        const { version } = terms as { version: number }
        const next = {
          ...(terms as object),
          version: version + 1,
          effectiveFrom: '2026-01-01T00:00:00.000+08:00[Asia/Shanghai]',
        }
        return { path: { programmeId: String(programmeId) }, body: { terms: next } }
      },
    ),
    'receivables.statement': dealers.slice(0, most).map(({ dealerId }) => ({
      path: { dealerId: String(dealerId) },
      query: { from: '2024-11-01', to: '2025-01-31' },
    })),
    'inventory.days': [{ query: { from: '2025-01-01', to: '2025-01-20', location: 'SHANGHAI' } }],
    'projections.skip': Array.from({ length: most }, (_, n) => ({
      path: { model: 'orders', position: `${n * 20 + 1}` },
    })),
    'demo.signIn': [{ body: { principal: 'dealer-wang' } }],
  }
}
