import { expect, test } from 'vitest'
import { classifyDemand } from '../../../src/domain/forecasting/demandClass.ts'

const every = (length: number, step: number, size: (n: number) => number): Float64Array =>
  Float64Array.from({ length }, (_, t) => (t % step === 0 ? size(t / step) : 0))
const even = (): number => 5
const uneven = (n: number): number => (n % 4 === 0 ? 40 : 3)

test.each([
  ['smooth', every(36, 1, even)],
  ['erratic', every(36, 1, uneven)],
  ['intermittent', every(36, 3, even)],
  ['lumpy', every(36, 3, uneven)],
  ['short', every(12, 1, even)],
  ['few', every(36, 18, even)],
  ['few', new Float64Array(0)],
] as const)('%s demand', (demandClass, y) => {
  expect(classifyDemand(y).demandClass).toBe(demandClass)
})

test('the interval and the variation are those of the demands alone', () => {
  const { interval, cv2, demands } = classifyDemand(Float64Array.of(2, 0, 0, 4, 0, 6))
  expect({ interval, demands }).toEqual({ interval: 2, demands: 3 })
  expect(cv2).toBeCloseTo(4 / 16, 12)
})
