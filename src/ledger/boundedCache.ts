/** A least-recently-used cache with a bound, and optionally an age after which an entry counts as absent. */
export interface BoundedCache<V> {
  get(key: string): V | undefined
  set(key: string, value: V): void
  delete(key: string): void
}

export function createBoundedCache<V>(options: {
  readonly capacity: number
  /** milliseconds, measured with `now` */
  readonly maxAge?: number
  readonly now?: () => number
}): BoundedCache<V> {
  const { capacity, maxAge = Infinity, now = () => 0 } = options
  // a Map keeps insertion order: the first entry is the one used longest ago
  const entries = new Map<string, { readonly value: V; readonly since: number }>()
  return {
    get(key) {
      const entry = entries.get(key)
      if (!entry) return undefined
      entries.delete(key)
      if (now() - entry.since >= maxAge) return undefined
      entries.set(key, entry)
      return entry.value
    },
    set(key, value) {
      entries.delete(key)
      entries.set(key, { value, since: now() })
      for (const oldest of entries.keys()) {
        if (entries.size <= capacity) break
        entries.delete(oldest)
      }
    },
    delete(key) {
      entries.delete(key)
    },
  }
}
