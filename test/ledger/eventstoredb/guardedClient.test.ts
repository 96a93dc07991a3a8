import { jsonEvent } from '@eventstore/db-client'
import { expect, test } from 'vitest'
import { guardedClient } from '../../../src/ledger/eventstoredb/guardedClient.ts'
import { openEventStoreDbServer } from '../../support/eventStoreDbServer/openEventStoreDbServer.ts'

test('closes within its limit although a read was left with events in its buffers', async () => {
  const server = await openEventStoreDbServer()
  const guarded = guardedClient(server.connectionString)
  const events = Array.from({ length: 34 }, (_, n) => jsonEvent({ type: 'Tested', data: { n } }))
  await guarded.client.appendToStream('order-1', events)
  const left = guarded.client.readStream('order-1')
  await expect.poll(() => left.readableLength).toBeGreaterThanOrEqual(16)
  // What a later read on the same connection has brought whole, the first one has brought too.
  await expect.poll(() => server.openReads()).toBe(0)
  for await (const { event } of guarded.client.readStream('order-1')) expect(event).toBeDefined()
  const started = performance.now()
  await guarded.close(300)
  const took = performance.now() - started
  // less would mean that the client closes by itself now, and that the limit is no longer needed
  expect(took).toBeGreaterThan(250)
  expect(took).toBeLessThan(2_000)
  await server.close()
})
