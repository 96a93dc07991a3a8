import { expect, test } from 'vitest'
import { createAdaptiveLimit } from '../../src/api/adaptiveLimit.ts'

/** Work that is always wanted: `capacity` at once take `alone` ms each, more share it. */
function work(limit: ReturnType<typeof createAdaptiveLimit>, capacity: number, alone: number, rounds = 4_000): void {
  for (let n = 0; n < rounds; n += 1)
    limit.note('POST /orders', alone * Math.max(1, limit.value / capacity), limit.value, true)
}

/** A little work, which shows how long it takes. */
function calm(limit: ReturnType<typeof createAdaptiveLimit>, alone: number): void {
  for (let n = 0; n < 200; n += 1) limit.note('POST /orders', alone, 1, false)
}

test('as many are let in as the machine can do at once, whatever machine it is', () => {
  for (const capacity of [4, 8, 16]) {
    const limit = createAdaptiveLimit(64)
    calm(limit, 10)
    work(limit, capacity, 10)
    expect(limit.value, `${capacity} at once`).toBeGreaterThanOrEqual(capacity)
    expect(limit.value, `${capacity} at once`).toBeLessThanOrEqual(2 * capacity)
  }
})

test('where more at once cost nothing, as when one disk sync serves all, it goes up to the most', () => {
  const limit = createAdaptiveLimit(32)
  calm(limit, 10)
  work(limit, 1_000, 10)
  expect(limit.value).toBe(32)
})

test('it never goes below four, nor above a smaller setting', () => {
  const limit = createAdaptiveLimit(32)
  calm(limit, 10)
  work(limit, 0.1, 10, 500)
  expect(limit.value).toBe(4)
  expect(createAdaptiveLimit(2).value).toBe(2)
})

test('slow and quick kinds of work are each compared with themselves', () => {
  const limit = createAdaptiveLimit(32)
  for (let n = 0; n < 4_000; n += 1)
    limit.note(n % 2 === 0 ? 'GET /slow' : 'GET /quick', n % 2 === 0 ? 200 : 2, limit.value, true)
  expect(limit.value).toBe(32)
})

test('a machine that has become slower for good is learned, so that it does not stay at the least', () => {
  const limit = createAdaptiveLimit(16)
  calm(limit, 10)
  for (let n = 0; n < 300; n += 1) limit.note('POST /orders', 40, limit.value, true)
  expect(limit.value).toBe(4)
  for (let n = 0; n < 6_000; n += 1) limit.note('POST /orders', 40, limit.value, true)
  expect(limit.value).toBe(16)
})
