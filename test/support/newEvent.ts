import { randomUUID } from 'node:crypto'
import type { NewEvent } from '../../src/ledger/envelope.ts'

/** A valid event with an id of its own; what a test does not name is the same every time. */
export function newEvent(overrides: Partial<NewEvent> = {}): NewEvent {
  return {
    id: randomUUID(),
    type: 'Tested',
    schemaVersion: 1,
    occurredAt: '2026-01-15T08:30:00.000+08:00[Asia/Shanghai]',
    actor: 'principal-1',
    source: { kind: 'command' },
    correlationId: 'correlation-1',
    data: {},
    ...overrides,
  }
}

export function newEvents(count: number, overrides: Partial<NewEvent> = {}): NewEvent[] {
  return Array.from({ length: count }, (_, n) => newEvent({ data: { n }, ...overrides }))
}
