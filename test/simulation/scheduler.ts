import { StoreUnavailable } from '../../src/ledger/eventStore.ts'
import { seededRandom } from '../support/seededRandom.ts'

/** A process of the simulation: what it holds in memory is gone when it dies, and none of its calls is ever answered. */
export interface Process {
  readonly name: string
  readonly signal: AbortSignal
  isAlive(): boolean
}

/** Thrown into a process that has died, so that its code unwinds; every port is dead to it. */
export class Died extends Error {
  override readonly name = 'Died'
}

export interface Faults {
  /** shares of calls: the request never arrives; it takes effect and the answer is lost; it takes effect after the caller gave up */
  readonly lost: number
  readonly unanswered: number
  readonly late: number
  /** share of steps at which a process dies */
  readonly death: number
}

interface Pending {
  readonly process: Process
  readonly what: string
  /** virtual time from which it may go on */
  readonly due: number
  readonly go: () => void | Promise<void>
  /** the process has died: the request may be on the wire all the same */
  readonly orphan?: () => void
  readonly fail: (error: unknown) => void
}

export interface Scheduler {
  readonly random: () => number
  below(n: number): number
  now(): number
  start(name: string): Process
  kill(process: Process): void
  /** A call over the wire. `reads` are answered or fail; writes may also take effect unseen. */
  call<T>(process: Process, what: string, effect: () => Promise<T>, kind?: 'reads' | 'writes'): Promise<T>
  sleep(process: Process, milliseconds: number, signal?: AbortSignal): Promise<void>
  /** Something outside of all processes happens, without fail. */
  after(milliseconds: number, what: string, effect: () => void | Promise<void>): void
  /** nothing is on its way */
  quiet(): boolean
  /** No more faults from here on. */
  calm(): void
  /** Lets one pending thing after another happen until `done`. Throws when nothing is pending, or it takes too long. */
  run(done: () => boolean, options?: { readonly onStep?: () => void; readonly steps?: number }): Promise<void>
  readonly counts: Map<string, number>
}

/** Owns every pending call and decides by its seed which goes on next, how, and when a process dies. One seed, one history. */
export function createScheduler(seed: number, faults: Faults, begin: number): Scheduler {
  const random = seededRandom(seed)
  const below = (n: number): number => Math.floor(random() * n)
  const counts = new Map<string, number>()
  const count = (name: string): void => void counts.set(name, (counts.get(name) ?? 0) + 1)
  const controllers = new Map<Process, AbortController>()
  const pending = new Set<Pending>()
  let now = begin
  let isCalm = false
  const nobody: Process = { name: 'the wire', signal: new AbortController().signal, isAlive: () => true }
  const strikes = (share: number): boolean => !isCalm && random() < share

  function call<T>(
    process: Process,
    what: string,
    effect: () => Promise<T>,
    kind: 'reads' | 'writes' = 'reads',
  ): Promise<T> {
    if (!process.isAlive()) return Promise.reject(new Died(process.name))
    return new Promise<T>((resolve, reject) => {
      const afterwards = (): void => {
        count('effect after the caller gave up')
        pending.add({
          process: nobody,
          what,
          due: now + below(200),
          go: () => effect().then(ignore, ignore),
          fail: ignore,
        })
      }
      const request: Pending = {
        process,
        what,
        due: now + below(4),
        async go() {
          if (strikes(faults.lost)) {
            count('request lost')
            return reject(new StoreUnavailable(`${what}: lost`))
          }
          if (kind === 'writes' && strikes(faults.late)) {
            afterwards()
            return reject(new StoreUnavailable(`${what}: late`))
          }
          const settle = await effect().then(
            (value) => () => resolve(value),
            (error: unknown) => () => reject(error),
          )
          if (kind === 'reads') return settle()
          pending.add({
            process,
            what: `${what}, answered`,
            due: now + below(4),
            go() {
              if (!strikes(faults.unanswered)) return settle()
              count('answer lost')
              reject(new StoreUnavailable(`${what}: no answer`))
            },
            fail: reject,
          })
        },
        orphan: () => {
          if (kind === 'writes' && random() < 0.5) afterwards()
        },
        fail: reject,
      }
      pending.add(request)
    })
  }

  const scheduler: Scheduler = {
    random,
    below,
    counts,
    now: () => now,
    quiet: () => pending.size === 0,
    call,
    start(name) {
      const controller = new AbortController()
      const process: Process = { name, signal: controller.signal, isAlive: () => !controller.signal.aborted }
      controllers.set(process, controller)
      return process
    },
    kill(process) {
      count('process died')
      controllers.get(process)?.abort()
      for (const item of Array.from(pending).filter((one) => one.process === process)) {
        pending.delete(item)
        item.orphan?.()
        item.fail(new Died(process.name))
      }
    },
    sleep(process, milliseconds, signal) {
      if (!process.isAlive()) return Promise.reject(new Died(process.name))
      return new Promise((resolve, reject) => {
        const wake = (): void => {
          pending.delete(item)
          signal?.removeEventListener('abort', wake)
          resolve()
        }
        const item: Pending = { process, what: 'sleep', due: now + milliseconds, go: wake, fail: reject }
        if (signal?.aborted) return resolve()
        signal?.addEventListener('abort', wake)
        pending.add(item)
      })
    },
    after(milliseconds, what, effect) {
      pending.add({ process: nobody, what, due: now + milliseconds, go: effect, fail: ignore })
    },
    calm() {
      isCalm = true
    },
    async run(done, { onStep, steps = 20_000 } = {}) {
      for (let step = 0; ; step += 1) {
        // every process runs until it waits for something
        await new Promise((resolve) => setImmediate(resolve))
        if (done()) return
        if (step >= steps)
          throw new Error(
            `no rest after ${steps} steps: ${[...pending]
              .slice(0, 9)
              .map(({ process, what }) => `${process.name} ${what}`)
              .join(', ')}`,
          )
        if (pending.size === 0) throw new Error('nothing is pending and not everything is done')
        if (!isCalm) onStep?.()
        const ready = [...pending].filter(({ due }) => due <= now)
        const next = ready[below(ready.length)] ?? earliest(pending)
        if (!next) continue
        now = Math.max(now + below(3), next.due)
        pending.delete(next)
        await next.go()
      }
    },
  }
  return scheduler
}

function earliest(pending: ReadonlySet<Pending>): Pending | undefined {
  let first: Pending | undefined
  for (const item of pending) if (!first || item.due < first.due) first = item
  return first
}

const ignore = (): void => {}
