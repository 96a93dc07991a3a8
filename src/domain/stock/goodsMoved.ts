import type { StockEvent } from './events.ts'

/** Whether goods came or left by trade; scrap, counts and reports are neither. */
export function goodsMoved(type: StockEvent['type']): 'came' | 'left' | undefined {
  switch (type) {
    case 'StockOpened':
    case 'StockReceived':
    case 'StockTransferredIn':
    case 'GoodsReturnedToStock':
      return 'came'
    case 'StockIssued':
    case 'StockTransferredOut':
    case 'ResaleReported':
      return 'left'
    default:
      return undefined
  }
}
