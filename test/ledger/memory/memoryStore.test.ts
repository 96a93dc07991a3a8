import { expect, test } from 'vitest'
import { noStream } from '../../../src/ledger/eventStore.ts'
import { createMemoryLog, openMemoryStore } from '../../../src/ledger/memory/memoryStore.ts'
import { eventStoreContract } from '../../contract/eventStoreContract.ts'
import { newEvents } from '../../support/newEvent.ts'

eventStoreContract('memory', async () => {
  const log = createMemoryLog()
  let now = Date.parse('2026-01-15T00:00:00.000Z')
  return {
    openStore: async () => openMemoryStore({ log, clock: () => (now += 1) }),
    drop: async () => undefined,
  }
})

test('recordedAt comes from the clock and never goes back', async () => {
  const times = [1_000, 3_000, 2_000, 4_000]
  const store = openMemoryStore({ clock: () => times.shift() ?? 0 })
  for (let revision = noStream; revision < 3; revision += 1)
    await store.append('a', newEvents(1), { expectedRevision: revision })
  const recorded = (await store.readStream('a')).map(({ recordedAt }) => Date.parse(recordedAt))
  expect(recorded).toEqual([1_000, 3_000, 3_000, 4_000])
  expect(await Promise.all([999, 1_000, 2_999, 3_000, 5_000].map((instant) => store.positionAt(instant)))).toEqual([
    0n,
    1n,
    1n,
    3n,
    4n,
  ])
})

test('positions are dense', async () => {
  const store = openMemoryStore({ clock: () => 0 })
  await store.append('a', newEvents(2), { expectedRevision: noStream })
  await store.append('b', newEvents(3), { expectedRevision: noStream })
  const { events, position } = await store.readAll({ after: 0n, limit: 10 })
  expect(events.map((event) => event.position)).toEqual([1n, 2n, 3n, 4n, 5n])
  expect(position).toBe(5n)
})
