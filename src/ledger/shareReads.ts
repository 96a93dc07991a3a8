/**
 * Callers that ask for the same key at once share one read, and it is always one that began after they asked: whoever
 * comes while a read is running gets the one that follows it.
 */
export function shareReads<T>(): (key: string, read: () => Promise<T>) => Promise<T> {
  const running = new Map<string, Promise<T>>()
  const following = new Map<string, Promise<T>>()

  const start = (key: string, read: () => Promise<T>): Promise<T> => {
    following.delete(key)
    const reading: Promise<T> = read().finally(() => {
      if (running.get(key) === reading) running.delete(key)
    })
    running.set(key, reading)
    return reading
  }

  return (key, read) => {
    const current = running.get(key)
    if (!current) return start(key, read)
    const waiting = following.get(key)
    if (waiting) return waiting
    const next = current.then(
      () => start(key, read),
      () => start(key, read),
    )
    following.set(key, next)
    return next
  }
}
