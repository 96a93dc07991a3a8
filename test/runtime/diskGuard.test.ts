import { setImmediate as turn } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { type DiskGuard, startDiskGuard } from '../../src/runtime/diskGuard.ts'

const megabytes = 1024 ** 2
let guard: DiskGuard | undefined
let free: number | Error
let warnings: string[]

const look = async (megabytesFree: number | Error): Promise<boolean> => {
  free = megabytesFree instanceof Error ? megabytesFree : megabytesFree * megabytes
  if (guard) vi.advanceTimersByTime(1_000)
  else {
    guard = await startDiskGuard({
      path: '/data',
      everyMilliseconds: 1_000,
      freeBytes: () => (free instanceof Error ? Promise.reject(free) : Promise.resolve(free)),
      warn: (message) => warnings.push(message),
    })
  }
  await turn()
  return guard.isReadOnly()
}

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
  warnings = []
})
afterEach(() => {
  guard?.stop()
  guard = undefined
  vi.useRealTimers()
})

describe('the guard of the disk', () => {
  test('says nothing while there is room', async () => {
    expect(await look(2_048)).toBe(false)
    expect(warnings).toEqual([])
  })

  test('warns once below 2 GB and refuses commands below 500 MB, already at the start', async () => {
    expect(await look(2_047)).toBe(false)
    expect(await look(1_500)).toBe(false)
    expect(warnings).toEqual(['the disk is getting full'])
    expect(await look(500)).toBe(false)
    expect(await look(499)).toBe(true)
    expect(warnings).toEqual(['the disk is getting full', 'the disk is nearly full: commands are refused'])
    guard?.stop()
    guard = undefined
    expect(await look(10)).toBe(true)
  })

  test('takes commands again when room was made, and says so', async () => {
    await look(100)
    expect(await look(600)).toBe(false)
    expect(await look(100)).toBe(true)
    expect(await look(9_000)).toBe(false)
    expect(warnings).toEqual([
      'the disk is nearly full: commands are refused',
      'commands are taken again; the disk is still getting full',
      'the disk is nearly full: commands are refused',
      'commands are taken again',
    ])
  })

  test('keeps what it knew when the disk cannot be read', async () => {
    await look(100)
    expect(await look(new Error('EIO'))).toBe(true)
    expect(warnings.at(-1)).toBe('the free disk cannot be read')
    expect(await look(9_000)).toBe(false)
  })

  test('does not start on a disk that cannot be read', async () => {
    await expect(look(new Error('EIO'))).rejects.toThrow('EIO')
  })

  test('looks no more once it was stopped', async () => {
    await look(9_000)
    guard?.stop()
    expect(await look(100)).toBe(false)
  })

  test('reads a real disk', async () => {
    const real = await startDiskGuard({ path: import.meta.dirname, warn: () => undefined })
    real.stop()
    expect(real.isReadOnly()).toBeTypeOf('boolean')
  })
})
