export interface Chance {
  /** [0, 1) */
  next(): number
  between(from: number, to: number): number
  /** both ends included */
  whole(from: number, to: number): number
  is(probability: number): boolean
}

/** The same numbers for the same seed (xorshift32). */
export function chanceOf(seed: number): Chance {
  let state = (seed * 2_654_435_761) >>> 0 || 1
  const next = (): number => {
    state ^= state << 13
    state >>>= 0
    state ^= state >>> 17
    state ^= state << 5
    state >>>= 0
    return state / 4_294_967_296
  }
  for (let n = 0; n < 10; n += 1) next()
  return {
    next,
    between: (from, to) => from + next() * (to - from),
    whole: (from, to) => from + Math.floor(next() * (to - from + 1)),
    is: (probability) => next() < probability,
  }
}
