import { expect, test } from 'vitest'
import { StoreUnavailable, type AppendResult } from '../../../src/ledger/eventStore.ts'
import { type Append, createAppendQueue } from '../../../src/ledger/postgres/appendQueue.ts'
import { until } from '../../support/until.ts'

const limits = {
  queuedEvents: 100,
  queuedBytes: 1_000,
  flushEvents: 10,
  flushBytes: 1_000,
  patienceMilliseconds: 60,
}
const append = (stream: string): Append => ({ stream, events: [], expectedRevision: -1, recordedAt: undefined })

test('after an append was given up nothing is settled before a flush has passed', async () => {
  let isAway = true
  const flushed: string[][] = []
  const queue = createAppendQueue(async (appends): Promise<readonly AppendResult[]> => {
    flushed.push(appends.map(({ stream }) => stream))
    if (isAway) throw new Error('no connection')
    return appends.map(() => ({ outcome: 'appended', revision: 0, position: 1n, repeated: false }))
  }, limits)
  await queue.settled()
  await expect(queue.append(append('a'))).rejects.toThrow(StoreUnavailable)

  // whoever would decide on what it reads now waits, and is told when it takes too long
  let isSettled = false
  const waiting = queue.settled().then(() => (isSettled = true))
  await expect(waiting).rejects.toThrow(StoreUnavailable)
  expect(isSettled).toBe(false)

  const later = queue.settled()
  isAway = false
  await later
  expect(flushed.at(-1)).toEqual([])
  await queue.settled()
  expect(await queue.append(append('b'))).toMatchObject({ outcome: 'appended' })
  await queue.close()
})

test('a queue that is closed while the server is away ends, and lets go of whoever waits', async () => {
  let tries = 0
  const queue = createAppendQueue(async () => {
    tries += 1
    throw new Error('no connection')
  }, limits)
  await expect(queue.append(append('a'))).rejects.toThrow(StoreUnavailable)
  const waiting = queue.settled().catch(() => undefined)
  const before = tries
  await until(() => tries > before)
  await queue.close()
  await waiting
})
