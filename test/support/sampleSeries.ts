import { seededRandom } from './seededRandom.ts'

/** A level that grows, a season of twelve months, and noise. */
export function sampleSeries(length: number, seed: number): Float64Array {
  const random = seededRandom(seed)
  return Float64Array.from({ length }, (_, t) => {
    const season = 1 + 0.2 * Math.sin((t / 12) * 2 * Math.PI)
    return (100 + t) * season * (1 + 0.1 * (random() - 0.5))
  })
}

/** A part that is asked for in about every fourth month, one to four at a time. */
export function sparseSeries(length: number, seed: number): Float64Array {
  const random = seededRandom(seed)
  return Float64Array.from({ length }, () => (random() < 0.25 ? 1 + Math.floor(4 * random()) : 0))
}
