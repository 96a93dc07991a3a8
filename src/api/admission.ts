/** Lets so many requests work at once, holds a few back for a short time, and turns the rest away at once. */
export interface Admission {
  /** True when it is the request's turn, false when it is turned away. Who was let in must `leave`. */
  enter(): boolean | Promise<boolean>
  leave(): void
  readonly atWork: number
  readonly waiting: number
}

export interface AdmissionLimits {
  /** asked every time: it may change */
  readonly atWork: () => number
  readonly waiting: number
}

/** Milliseconds. A burst may wait for `calm`; for `memory` after somebody was turned away, nobody waits longer than `busy`. */
export const patience = { calm: 100, busy: 5, memory: 1_000 } as const

interface Waiting {
  readonly since: number
  readonly answer: (isIn: boolean) => void
}

/**
 * What a process can do at once is bounded by its database and its one thread: more requests at work only wait inside it and
 * make each other slow. So few work, and the queue before them is controlled by its delay: a short burst is taken in,
 * while under lasting overload the queue is kept nearly empty, and who is let in is answered nearly as fast as ever. `now` in
 * ms, of a clock that does not jump.
 */
export function createAdmission(limits: AdmissionLimits, now: () => number): Admission {
  const queue: Waiting[] = []
  let atWork = 0
  let busyUntil = -Infinity
  let timer: NodeJS.Timeout | undefined

  /** Who has waited too long: those in front have waited longest. */
  function turnAwayLate(): void {
    const at = now()
    const longest = at < busyUntil ? patience.busy : patience.calm
    let late = 0
    while (late < queue.length && at - (queue[late]?.since ?? at) > longest) late += 1
    if (late === 0) return
    busyUntil = at + patience.memory
    for (const { answer } of queue.splice(0, late)) answer(false)
  }

  function watch(): void {
    timer ??= setTimeout(() => {
      timer = undefined
      turnAwayLate()
      if (queue.length > 0) watch()
    }, patience.busy)
  }

  return {
    get atWork() {
      return atWork
    },
    get waiting() {
      return queue.length
    },
    enter() {
      if (queue.length === 0 && atWork < limits.atWork()) {
        atWork += 1
        return true
      }
      if (queue.length >= limits.waiting) {
        busyUntil = now() + patience.memory
        return false
      }
      watch()
      return new Promise((answer) => queue.push({ since: now(), answer }))
    },
    leave() {
      turnAwayLate()
      atWork -= 1
      while (atWork < limits.atWork()) {
        const next = queue.shift()
        if (!next) return
        atWork += 1
        next.answer(true)
      }
    },
  }
}
