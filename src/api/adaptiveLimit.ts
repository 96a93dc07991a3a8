/** How many may work at once, found out from how long work takes. */
export interface AdaptiveLimit {
  readonly value: number
  /**
   * Something of a kind has taken so long, in ms. `atWork` counts it and whoever worked beside it; `isWanted`: somebody had to
   * wait for a place.
   */
  note(kind: string, milliseconds: number, atWork: number, isWanted: boolean): void
}

/** Never fewer: with so many the thread and the database have enough to do. */
const least = 4
const first = 8
/** Work that takes so many times as long as it does when there is little of it: too much is done at once. */
const slow = 1.5
const quick = 1.25
const window = 32
/**
 * Of a new sample in the mean of its kind. What is measured while many work says nothing of calm, but at the least limit, where
 * nothing can be calmer: a machine that has become slower for good is learned there.
 */
const weight = { calm: 0.05, atLeast: 0.001 } as const
const kindsKept = 1_000

/**
 * More at work than a machine can do only wait for each other, and how many that are depends on the machine, its neighbours and
 * its disk. So the time of each kind of work is compared with what it takes in calm: when it takes much longer, fewer are
 * let in; when it does not and more are waiting, one more is tried. Between 4 and `most`.
 */
export function createAdaptiveLimit(most: number): AdaptiveLimit {
  const floor = Math.min(least, most)
  const usual = new Map<string, number>()
  let value = Math.min(first, most)
  let [samples, ratios, wanted] = [0, 0, false]

  function adjust(): void {
    const ratio = ratios / samples
    if (ratio > slow) value = Math.max(floor, Math.floor(value * 0.8))
    else if (ratio < quick && wanted) value = Math.min(most, value + 1)
    // quicker than in calm: the machine was busy with something else then
    if (ratio < 1) for (const [kind, mean] of usual) usual.set(kind, (mean * (1 + ratio)) / 2)
    ;[samples, ratios, wanted] = [0, 0, false]
  }

  return {
    get value() {
      return value
    },
    note(kind, milliseconds, atWork, isWanted) {
      const known = usual.get(kind)
      const isCalm = atWork <= Math.max(1, value / 2)
      const share = isCalm ? weight.calm : value === floor ? weight.atLeast : 0
      if (known === undefined && usual.size >= kindsKept) return
      const mean = known === undefined ? milliseconds : known + (milliseconds - known) * share
      usual.set(kind, mean)
      ratios += milliseconds / Math.max(mean, 0.1)
      samples += 1
      wanted ||= isWanted
      if (samples >= window) adjust()
    },
  }
}
