import type { TransferEvent } from '../stock/transferEvents.ts'
import { sumOf } from '../kernel/decimalText.ts'
import type { Step } from './step.ts'

/** What a transfer's event asks of the stock at its two ends. Every step may be repeated. */
export function stepsAfterTransfer(event: TransferEvent & { readonly id: string }): readonly Step[] {
  if (event.type !== 'TransferDispatched' && event.type !== 'TransferReceived' && event.type !== 'TransferLost')
    return []
  const { transferId, from, to } = event.data
  return [...new Set(event.data.lines.map((line) => line.sku))].toSorted().flatMap((sku): Step[] => {
    const lots = event.data.lines.filter((line) => line.sku === sku).flatMap((line) => line.lots)
    const quantity = sumOf(lots.map((lot) => lot.quantity))
    const step = (name: string) => ({
      key: `${event.id}/${name}:${sku}`,
      step: `${name}:${sku}`,
      target: 'stock' as const,
    })
    switch (event.type) {
      case 'TransferDispatched': {
        const lines = lots.map((lot) => ({ lot: lot.lot, quantity: lot.quantity }))
        return [
          { ...step('transfer-out'), command: { type: 'TransferOutStock', ...from, sku, transferId, lines } },
          {
            ...step('in-transit'),
            command: { type: 'ShipSupply', ...to, sku, supplyId: transferId, shipmentId: transferId, quantity },
          },
        ]
      }
      case 'TransferReceived':
        return [
          {
            ...step('transfer-in'),
            command: {
              type: 'TransferInStock',
              ...to,
              sku,
              transferId,
              receiptId: `${transferId}/${event.data.receiptId}`,
              lines: lots,
            },
          },
        ]
      case 'TransferLost':
        return [
          {
            ...step('transfer-lost'),
            command: {
              type: 'ReduceSupply',
              ...to,
              sku,
              supplyId: transferId,
              changeId: `${transferId}/${event.data.lossId}`,
              quantity,
              reason: 'lost',
            },
          },
        ]
    }
  })
}
