import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { createAdmission, patience } from '../../src/api/admission.ts'

beforeEach(() => void vi.useFakeTimers({ now: 0 }))
afterEach(() => void vi.useRealTimers())

const open = (atWork: number, waiting: number) => createAdmission({ atWork: () => atWork, waiting }, () => Date.now())

describe('admission', () => {
  test('lets in as many as may work, then one for each that leaves, in the order in which they came', async () => {
    const admission = open(2, 10)
    expect([admission.enter(), admission.enter()]).toEqual([true, true])
    const order: string[] = []
    const late = ['third', 'fourth'].map(async (name) => {
      expect(await admission.enter()).toBe(true)
      order.push(name)
    })
    expect(admission).toMatchObject({ atWork: 2, waiting: 2 })
    admission.leave()
    await late[0]
    expect(order).toEqual(['third'])
    admission.leave()
    await late[1]
    expect(order).toEqual(['third', 'fourth'])
    admission.leave()
    admission.leave()
    expect(admission).toMatchObject({ atWork: 0, waiting: 0 })
  })

  test('turns away at once when the queue is full', async () => {
    const admission = open(1, 1)
    expect(admission.enter()).toBe(true)
    const waiting = admission.enter()
    expect(admission.enter()).toBe(false)
    admission.leave()
    expect(await waiting).toBe(true)
  })

  test('turns away who has waited too long, also when nobody leaves', async () => {
    const admission = open(1, 10)
    expect(admission.enter()).toBe(true)
    const waiting = admission.enter()
    await vi.advanceTimersByTimeAsync(patience.calm + 2 * patience.busy)
    expect(await waiting).toBe(false)
    expect(admission).toMatchObject({ atWork: 1, waiting: 0 })
  })

  test('is short with everybody once it had to turn away, until it has not had to for a while', async () => {
    const admission = open(1, 10)
    expect(admission.enter()).toBe(true)
    const first = admission.enter()
    await vi.advanceTimersByTimeAsync(patience.calm + 2 * patience.busy)
    expect(await first).toBe(false)
    const second = admission.enter()
    await vi.advanceTimersByTimeAsync(3 * patience.busy)
    expect(await second).toBe(false)
    await vi.advanceTimersByTimeAsync(patience.memory + patience.busy)
    let third: boolean | undefined
    void Promise.resolve(admission.enter()).then((isIn) => (third = isIn))
    await vi.advanceTimersByTimeAsync(3 * patience.busy)
    expect(third).toBeUndefined()
    admission.leave()
    await vi.advanceTimersByTimeAsync(0)
    expect(third).toBe(true)
  })

  test('under three times what can be done lets in what can be done, and hardly anybody who is let in has waited', async () => {
    const admission = open(8, 256)
    const workMs = 16 // so 500 a second
    const waits: number[] = []
    let turnedAway = 0
    const arrive = async (): Promise<void> => {
      const since = Date.now()
      if (!(await admission.enter())) {
        turnedAway += 1
        return
      }
      waits.push(Date.now() - since)
      setTimeout(() => admission.leave(), workMs)
    }
    const seconds = 10
    for (let ms = 0; ms < seconds * 1_000; ms += 2) {
      for (let n = 0; n < 3; n += 1) void arrive()
      await vi.advanceTimersByTimeAsync(2)
    }
    expect(waits.length).toBeGreaterThan(500 * seconds * 0.95)
    expect(turnedAway).toBeGreaterThan(800 * seconds)
    const settled = waits.slice(500).toSorted((a, b) => a - b)
    expect(settled[Math.floor(settled.length * 0.99)]).toBeLessThanOrEqual(2 * patience.busy)
  })
})
