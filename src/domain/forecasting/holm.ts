/**
 * Which of many findings stand when all of them were looked for (Holm 1979): the rarest has to be rarer than `alpha` divided by the
 * number looked at, the next by one less, up to the first that is not. The chance that anything stands where nothing was
 * unusual is at most `alpha`, however the series hang together: a bad month is bad for many of them at once, and rules that allow a
 * share of false findings would then allow many.
 */
export function holm(chances: readonly number[], lookedAt: number, alpha: number): readonly boolean[] {
  const order = chances.map((_, i) => i).toSorted((a, b) => chances[a]! - chances[b]!)
  const stands = chances.map(() => false)
  for (const [before, i] of order.entries()) {
    if (!(chances[i]! <= alpha / (lookedAt - before))) break
    stands[i] = true
  }
  return stands
}
