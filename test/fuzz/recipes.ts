import type { RecordedEvent } from '../../src/ledger/envelope.ts'
import type { Draft } from './arbitraries.ts'

type Data = Readonly<Record<string, unknown>>
export type Recipe = Partial<Draft>

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
  const prices = of('PriceChanged')
  const placed = of('OrderPlaced').slice(-most)
  const ofOrder = (body: object): Recipe[] =>
    placed.map(({ orderId }) => ({ path: { orderId: String(orderId) }, body }))
  const part = [{ lineNo: 1, quantity: '1' }]
  return {
    PlaceOrder: prices
      .filter(({ listId }) => listId === 'BASE-CNY')
      .slice(0, most)
      .map(({ companyId, sku, unit }, index) => ({
        body: {
          companyId,
          dealerId: dealers[index % dealers.length]?.['dealerId'],
          currency: 'CNY',
          shipFrom: { party: companyId, location: 'SHANGHAI' },
          lines: [{ lineNo: 1, sku, unit, quantity: '3' }],
        },
      })),
    ConfirmOrder: ofOrder({ lines: [{ lineNo: 1, confirmed: '2', backordered: '1' }] }),
    FillBackorder: ofOrder({ lines: part }),
    AllocateLines: ofOrder({ lines: part }),
    DispatchShipment: ofOrder({ lines: part }),
    AmendOrder: ofOrder({ reason: 'wish', lines: [{ lineNo: 1, quantity: '4' }] }),
    CancelLines: ofOrder({ reason: 'wish', lines: part }),
    HoldOrder: ofOrder({ kind: 'manual', reason: 'doubt' }),
    ApprovePriceOverride: ofOrder({ lineNo: 1, unitPrice: '9', reason: 'goodwill' }),
    ApplyReprice: ofOrder({ reason: 'campaign' }),
    ChangePrice: prices.slice(-most).map(({ listId, sku, companyId, unit, currency }, index) => ({
      path: { listId: String(listId), sku: String(sku) },
      body: {
        companyId,
        unit,
        currency,
        newPrice: `${index + 1}`,
        effectiveAt: later,
        reason: 'campaign',
        override: true,
      },
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
