/** Tells waiting readers of one process that the log may have grown. */
export interface Bell {
  ring(): void
  /** how often it rang; to be read before looking at the log, so that no ring between look and wait is missed */
  rings(): number
  /** Returns when it has rung more often than `seen`, after `milliseconds`, or when the signal aborts. */
  wait(seen: number, milliseconds: number, signal: AbortSignal): Promise<void>
}

export function createBell(): Bell {
  let count = 0
  const waiting = new Set<() => void>()
  return {
    ring() {
      count += 1
      for (const wake of waiting) wake()
    },
    rings: () => count,
    wait(seen, milliseconds, signal) {
      if (count > seen || signal.aborted) return Promise.resolve()
      return new Promise((resolve) => {
        const wake = (): void => {
          clearTimeout(timer)
          waiting.delete(wake)
          signal.removeEventListener('abort', wake)
          resolve()
        }
        const timer = setTimeout(wake, milliseconds)
        waiting.add(wake)
        signal.addEventListener('abort', wake)
      })
    },
  }
}
