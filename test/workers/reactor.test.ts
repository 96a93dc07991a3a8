import { expect, it } from 'vitest'
import { createReactor } from '../../src/workers/reactor.ts'
import type { ProgressStore } from '../../src/workers/progress/progressStore.ts'
import { openWorkChannel } from '../support/workChannel.ts'

/** The reader of a process whose database can be away. */
async function readers(): Promise<{
  readonly first: ReturnType<typeof createReactor>
  readonly second: ReturnType<typeof createReactor>
  /** the next `release` fails */
  readonly breakOff: () => void
}> {
  const { store, registry, progress } = await openWorkChannel()
  let isAway = false
  const fragile: ProgressStore = {
    ...progress,
    async release(lease) {
      if (isAway) {
        isAway = false
        throw new Error('the database is away')
      }
      await progress.release(lease)
    },
  }
  const options = {
    name: 'test',
    store,
    registry,
    // a clock that stands still: no lease runs out
    clock: () => 0,
    reactions: [],
    agenda: { types: [], notesOf: () => [] },
    sleep: async () => undefined,
  }
  return {
    first: createReactor({ ...options, progress: fragile }),
    second: createReactor({ ...options, progress }),
    breakOff: () => void (isAway = true),
  }
}

it('goes on at once with a lease that it could not give back', async () => {
  const { first, second, breakOff } = await readers()
  breakOff()
  await expect(first.drain()).rejects.toThrow('away')
  expect(await second.drain(), 'another process waits until the lease has run out').toBe('standby')
  expect(await first.drain()).toBe('at head')
  expect(await second.drain(), 'it was given back').toBe('at head')
})
