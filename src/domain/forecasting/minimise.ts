/** What a search found: the place, and the value there. */
export interface Minimum {
  readonly at: Float64Array
  readonly value: number
}

/**
 * Nelder and Mead's simplex (1965): the least value of a function of a few variables, without derivatives. Ends after
 * `evaluations`, or when all corners agree to `tolerance`, relative to the value. A value that is not finite counts as worst.
 */
export function minimise(
  f: (x: Float64Array) => number,
  start: Float64Array,
  step: number,
  { evaluations, tolerance }: { readonly evaluations: number; readonly tolerance: number },
): Minimum {
  const n = start.length
  const corners = Array.from({ length: n + 1 }, (_, i) => {
    const corner = Float64Array.from(start)
    if (i > 0) corner[i - 1]! += step
    return corner
  })
  const values = Float64Array.from(corners, (corner) => finite(f(corner)))
  let used = n + 1
  const middle = new Float64Array(n)
  const tried = new Float64Array(n)
  const further = new Float64Array(n)

  while (used < evaluations) {
    let best = 0
    let worst = 0
    for (let i = 1; i <= n; i += 1) {
      if (values[i]! < values[best]!) best = i
      if (values[i]! >= values[worst]!) worst = i
    }
    if (values[worst]! - values[best]! <= tolerance * (Math.abs(values[best]!) + tolerance)) break
    let second = best
    for (let i = 0; i <= n; i += 1) if (i !== worst && values[i]! > values[second]!) second = i
    middle.fill(0)
    for (let i = 0; i <= n; i += 1) if (i !== worst) for (let j = 0; j < n; j += 1) middle[j]! += corners[i]![j]! / n

    const corner = corners[worst]!
    const move = (to: Float64Array, by: number): number => {
      for (let j = 0; j < n; j += 1) to[j] = middle[j]! + by * (corner[j]! - middle[j]!)
      used += 1
      return finite(f(to))
    }
    const reflected = move(tried, -1)
    if (reflected < values[best]!) {
      const expanded = move(further, -2)
      corner.set(expanded < reflected ? further : tried)
      values[worst] = Math.min(expanded, reflected)
      continue
    }
    if (reflected < values[second]!) {
      corner.set(tried)
      values[worst] = reflected
      continue
    }
    const inside = reflected >= values[worst]!
    const contracted = move(further, inside ? 0.5 : -0.5)
    if (contracted < Math.min(reflected, values[worst]!)) {
      corner.set(further)
      values[worst] = contracted
      continue
    }
    for (let i = 0; i <= n; i += 1) {
      if (i === best) continue
      for (let j = 0; j < n; j += 1) corners[i]![j] = (corners[i]![j]! + corners[best]![j]!) / 2
      values[i] = finite(f(corners[i]!))
      used += 1
    }
  }
  let best = 0
  for (let i = 1; i <= n; i += 1) if (values[i]! < values[best]!) best = i
  return { at: corners[best]!, value: values[best]! }
}

function finite(value: number): number {
  return Number.isFinite(value) ? value : Number.MAX_VALUE
}
