import { createHash } from 'node:crypto'

/** All chance of the demonstration: the same seed draws the same. */
export interface Chance {
  /** in [0, 1) */
  next(): number
  /** an integer from `from` to `to`, both inclusive */
  between(from: number, to: number): number
  /** true with this probability */
  is(probability: number): boolean
  pick<T>(items: readonly [T, ...T[]] | readonly T[]): T
  /** how often something of this mean happens (Poisson; means up to some hundreds) */
  count(mean: number): number
}

export function createChance(seed: number): Chance {
  let state = seed >>> 0
  // mulberry32
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
  return {
    next,
    between: (from, to) => from + Math.floor(next() * (to - from + 1)),
    is: (probability) => next() < probability,
    pick(items) {
      const item = items[Math.floor(next() * items.length)]
      if (item === undefined) throw new RangeError('nothing to pick from')
      return item
    },
    count(mean) {
      const limit = Math.exp(-mean)
      let product = next()
      let count = 0
      while (product > limit) {
        count += 1
        product *= next()
      }
      return count
    },
  }
}

/** Bytes for event ids, initialisation vectors and persons' keys: those of demonstration persons are no secret. */
export function seededBytes(seed: number): (size: number) => Uint8Array {
  let drawn = 0
  return (size) => {
    drawn += 1
    return createHash('shake256', { outputLength: size }).update(`demonstration/${seed}/${drawn}`).digest()
  }
}
