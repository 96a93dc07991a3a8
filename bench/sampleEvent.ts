import { randomUUID } from 'node:crypto'
import type { NewEvent } from '../src/ledger/envelope.ts'

/** An order of two lines: about 700 bytes with its envelope. */
export function orderEvent(): NewEvent {
  const id = randomUUID()
  return {
    id,
    type: 'OrderPlaced',
    schemaVersion: 1,
    occurredAt: '2026-01-15T08:30:00.000+08:00[Asia/Shanghai]',
    actor: 'principal-0f1c2d3e',
    source: {
      kind: 'command',
      commandId: id,
      requestHash: '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
    },
    correlationId: id,
    data: {
      dealer: 'D-1047',
      currency: 'CNY',
      lines: [
        { line: 1, sku: 'BK-M68B-42', quantity: '12', unit: 'EA', price: '1049.50', value: '12594.00' },
        { line: 2, sku: 'HL-U509-R', quantity: '40', unit: 'EA', price: '20.994', value: '839.76' },
      ],
    },
  }
}
