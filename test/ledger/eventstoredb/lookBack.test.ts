import type { ResolvedEvent } from '@eventstore/db-client'
import { expect, test } from 'vitest'
import { createLookBack } from '../../../src/ledger/eventstoredb/lookBack.ts'
import { createTimeline } from '../../../src/ledger/eventstoredb/timeline.ts'

/** A log as $all gives it, an event every 10 ms. Counts what is read. */
function logOf(length: number) {
  const log = Array.from({ length }, (_, n) => eventAt(BigInt(100 + n * 7), 1_000 + n * 10))
  let read = 0
  const lookBack = createLookBack({
    readFirst: async () => log[0],
    readBackwards: async (before, count) => {
      const end = before === 'end' ? log.length : log.findIndex((event) => event.commitPosition === before)
      const page = log.slice(Math.max(0, end - count), end).toReversed()
      read += page.length
      return page
    },
  })
  const counted = async <T>(ask: () => Promise<T>): Promise<[T, number]> => {
    read = 0
    const answer = await ask()
    return [answer, read]
  }
  return { log, lookBack, counted }
}

function eventAt(position: bigint, created: number): ResolvedEvent {
  // of a record only what looking back needs
  return { commitPosition: position, event: { created: new Date(created) } } as ResolvedEvent
}

test('an instant has the position of the last event until then, wherever it lies', async () => {
  const { log, lookBack } = logOf(3_000)
  for (const instant of [1_000, 1_005, 1_010, 15_999, 16_000, 30_990, 30_999, 1_000_000, 999, -1]) {
    const expected = log.findLast((event) => (event.event?.created.getTime() ?? 0) <= instant)
    expect(await lookBack.positionAt(instant)).toBe(expected?.commitPosition ?? 0n)
  }
})

test('several events of one millisecond: the last of them', async () => {
  const { log, lookBack } = logOf(10)
  log.push(eventAt(1_001n, 5_000), eventAt(1_002n, 5_000), eventAt(1_003n, 5_000), eventAt(1_004n, 5_001))
  expect(await lookBack.positionAt(5_000)).toBe(1_003n)
  expect(await lookBack.positionAt(5_000)).toBe(1_003n)
})

test('the walk for an old instant is long once and short afterwards', async () => {
  const { lookBack, counted } = logOf(10_000)
  const [, long] = await counted(() => lookBack.positionAt(50_000))
  const [, short] = await counted(() => lookBack.positionAt(50_005))
  const [, near] = await counted(() => lookBack.positionAt(60_000))
  expect(long).toBeGreaterThan(4_000)
  expect([short, near].every((read) => read < 100)).toBe(true)
})

test('a reader that passed by makes the walk short', async () => {
  const { log, lookBack, counted } = logOf(10_000)
  for (let n = 99; n < log.length; n += 100) lookBack.note(log[n] ?? eventAt(0n, 0))
  const [position, read] = await counted(() => lookBack.positionAt(6_000))
  expect([position, read < 200]).toEqual([log[500]?.commitPosition, true])
})

test('before the first event there is no walk', async () => {
  const { lookBack, counted } = logOf(1_000)
  expect(await counted(() => lookBack.positionAt(999))).toEqual([0n, 0])
})

test('a timeline keeps a bounded number of marks, in order, and leaves out one that contradicts them', () => {
  const timeline = createTimeline()
  for (let n = 20_000; n > 0; n -= 1) timeline.note({ position: BigInt(n * 10), at: n })
  timeline.note({ position: 100_005n, at: 3 })
  const { before, after } = timeline.around(10_000)
  expect(before && before.at <= 10_000 && before.at > 9_900).toBe(true)
  expect(after && after.at > 10_000 && after.at < 10_100).toBe(true)
  expect(timeline.around(3).before?.position).not.toBe(100_005n)
})
