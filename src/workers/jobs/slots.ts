import { parseCron } from './cron.ts'
import { InvalidJob, type Rhythm } from './jobs.ts'

/** The instants (ms since 1970) at which a rhythm strikes. */
export interface Slots {
  next(after: number): number
  latest(at: number): number
}

/** The same slots in every process: intervals are counted from 1970, cron on wall clocks. Throws `InvalidCron` or `InvalidJob`. */
export function slotsOf(rhythm: Rhythm): Slots {
  if ('cron' in rhythm) return parseCron(rhythm.cron, rhythm.zone)
  const { everyMs } = rhythm
  if (!Number.isSafeInteger(everyMs) || everyMs < 1) throw new InvalidJob(`not an interval: ${everyMs} ms`)
  const latest = (at: number): number => Math.floor(at / everyMs) * everyMs
  return { latest, next: (after) => latest(after) + everyMs }
}

/** One declared schedule of a process. */
export interface Schedule {
  readonly name: string
  readonly key: string
  readonly data: unknown
  readonly slots: Slots
}

/** Which slots of the declared schedules to enqueue: what both adapters do at every tick. */
export interface SlotPlan {
  declare(schedule: Schedule): void
  /**
   * Slots to enqueue now: the one that passed last unless this process has given it out, and the next one. Giving a slot
   * out again is harmless, its key is the same: so a flushed queue fills again at the next tick.
   */
  due(now: number): readonly { readonly schedule: Schedule; readonly slot: number }[]
  /** when the next slot begins; Infinity without schedules */
  nextAt(now: number): number
}

export function createSlotPlan(): SlotPlan {
  interface Entry {
    readonly schedule: Schedule
    passed: number
    next: number
  }
  const entries = new Map<string, Entry>()
  const advance = (entry: Entry, now: number): void => {
    if (now >= entry.next) entry.next = entry.schedule.slots.next(now)
  }
  return {
    declare(schedule) {
      const id = `${schedule.name}/${schedule.key}`
      entries.set(id, { schedule, passed: entries.get(id)?.passed ?? -Infinity, next: -Infinity })
    },
    due(now) {
      return [...entries.values()].flatMap((entry) => {
        const { schedule } = entry
        const latest = now < entry.next ? entry.passed : schedule.slots.latest(now)
        const missed = latest > entry.passed ? [{ schedule, slot: latest }] : []
        entry.passed = Math.max(entry.passed, latest)
        advance(entry, now)
        return [...missed, { schedule, slot: entry.next }]
      })
    },
    nextAt(now) {
      for (const entry of entries.values()) advance(entry, now)
      return Math.min(Infinity, ...[...entries.values()].map(({ next }) => next))
    },
  }
}

export function slotKey(schedule: Schedule, slot: number): string {
  return `${schedule.key}@${new Date(slot).toISOString()}`
}
