/** Work in flight, bounded: that of one lane begins in the order it came, lanes do not wait for each other. */
export interface Lanes {
  /**
   * Waits for room, then starts the work. Its `turn` comes when everything of its lane that came before has finished or
   * called `pass`. Throws what earlier work threw.
   */
  add(lane: string, work: (turn: Promise<void>, pass: () => void) => Promise<void>): Promise<void>
  /** Resolves when nothing is in flight; throws what work threw. */
  drained(): Promise<void>
}

export function createLanes(limit: number): Lanes {
  const last = new Map<string, Promise<void>>()
  const running = new Set<Promise<void>>()
  /** adders that wait for room; racing the running ones would cost a handler on each of them per wait */
  const waiting: (() => void)[] = []
  let failure: { readonly error: unknown } | undefined

  const throwFailure = (): void => {
    if (failure) throw failure.error
  }

  return {
    async add(lane, work) {
      while (running.size >= limit) await new Promise<void>((resolve) => waiting.push(resolve))
      throwFailure()
      const turn = last.get(lane) ?? Promise.resolve()
      let pass = (): void => undefined
      const passed = new Promise<void>((resolve) => {
        pass = resolve
      })
      last.set(lane, passed)
      const done: Promise<void> = work(turn, pass)
        .catch((error: unknown) => {
          failure ??= { error }
        })
        .finally(() => {
          pass()
          running.delete(done)
          waiting.shift()?.()
          if (last.get(lane) === passed) last.delete(lane)
        })
      running.add(done)
    },
    async drained() {
      while (running.size > 0) await Promise.all(running)
      throwFailure()
    },
  }
}
