import { describe, expect, test } from 'vitest'
import { createProgressBar } from '../../src/runtime/progressBar.ts'

function record(isTTY: boolean) {
  const written: string[] = []
  let milliseconds = 0
  const bar = createProgressBar('Importing', { isTTY, write: (text: string) => written.push(text) }, () => milliseconds)
  return { bar, written, pass: (by: number) => (milliseconds += by) }
}

describe('on a terminal', () => {
  test('the bar is drawn over itself', () => {
    const { bar, written } = record(true)
    bar.update(1, 4, 'orders')
    expect(written).toEqual([`\r\u001B[2KImporting [${'='.repeat(7)}${' '.repeat(21)}]  25 % orders`])
  })

  test('at most ten times a second, and always when all is done', () => {
    const { bar, written, pass } = record(true)
    for (let done = 1; done <= 50; done++, pass(5)) bar.update(done, 1_000)
    expect(written).toHaveLength(3)
    bar.update(1_000, 1_000)
    expect(written).toHaveLength(4)
    expect(written.at(-1)).toContain('100 %')
  })

  test('it says 100 % only when nothing is left, and never more', () => {
    const { bar, written, pass } = record(true)
    bar.update(999_999, 1_000_000)
    pass(100)
    bar.update(12, 10)
    expect(written[0]).toContain(' 99 %')
    expect(written[1]).toContain(`[${'='.repeat(28)}] 100 %`)
  })

  test('its end leaves a clean line, with a note or without', () => {
    const { bar, written } = record(true)
    bar.end()
    bar.end('done')
    expect(written).toEqual(['\r\u001B[2K', '\r\u001B[2Kdone\n'])
  })
})

describe('in a file', () => {
  test('a plain line appears at every tenth and no other', () => {
    const { bar, written } = record(false)
    for (let done = 0; done <= 1_000; done++) bar.update(done, 1_000)
    expect(written).toHaveLength(11)
    expect(written[0]).toBe('Importing: 0 % (0 of 1000)\n')
    expect(written[10]).toBe('Importing: 100 % (1000 of 1000)\n')
    expect(written.join('')).not.toContain('\u001B')
  })

  test('nothing to do is no division by zero', () => {
    const { bar, written } = record(false)
    bar.update(0, 0, 'empty')
    bar.end()
    expect(written).toEqual(['Importing: 0 % (0 of 0) empty\n'])
  })
})
