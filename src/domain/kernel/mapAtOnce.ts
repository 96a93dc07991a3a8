/** Maps in order with at most `atOnce` at work. After a failure nothing more is begun; it is thrown when the rest has ended. */
export async function mapAtOnce<T, R>(
  items: readonly T[],
  atOnce: number,
  map: (item: T) => Promise<R>,
): Promise<readonly R[]> {
  const results = new Map<number, R>()
  const waiting = items.entries()
  let failure: { readonly error: unknown } | undefined
  const work = async (): Promise<void> => {
    for (const [index, item] of waiting) {
      try {
        results.set(index, await map(item))
      } catch (error) {
        failure ??= { error }
      }
      if (failure) return
    }
  }
  await Promise.all(Array.from({ length: Math.min(atOnce, items.length) }, work))
  if (failure) throw failure.error
  // every index was set
  return items.map((_, index) => results.get(index) as R)
}
