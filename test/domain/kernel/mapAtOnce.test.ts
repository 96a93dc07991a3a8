import { expect, test } from 'vitest'
import { mapAtOnce } from '../../../src/domain/kernel/mapAtOnce.ts'

/** Work that ends when the test says so. */
function gates(): { work: (n: number) => Promise<number>; open: (n: number) => void; begun: number[] } {
  const waiting = new Map<number, () => void>()
  const begun: number[] = []
  return {
    begun,
    work: async (n) => {
      begun.push(n)
      await new Promise<void>((resolve) => waiting.set(n, resolve))
      return n * 10
    },
    open: (n) => waiting.get(n)?.(),
  }
}
const turn = async (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

test('no more than asked are at work, and the results stand in order', async () => {
  const { work, open, begun } = gates()
  const mapped = mapAtOnce([1, 2, 3], 2, work)
  await turn()
  expect(begun).toEqual([1, 2])
  open(2)
  await turn()
  expect(begun).toEqual([1, 2, 3])
  open(3)
  open(1)
  expect(await mapped).toEqual([10, 20, 30])
})

test('after a failure nothing more is begun, and it is thrown when the rest has ended', async () => {
  const { work, open, begun } = gates()
  let failed = false
  const mapped = mapAtOnce([0, 1, 2], 2, async (n) => (n === 0 ? Promise.reject(new Error('no')) : work(n)))
  mapped.catch(() => (failed = true))
  await turn()
  expect([begun, failed]).toEqual([[1], false])
  open(1)
  await expect(mapped).rejects.toThrow('no')
  expect(begun).toEqual([1])
})
