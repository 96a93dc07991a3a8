import type { AgendaChange, AgendaEntry, AgendaKind, DeadTask, Lease, ProgressStore } from './progressStore.ts'

interface Held {
  readonly token: bigint
  readonly until: number
  readonly position: bigint
  readonly done: ReadonlyMap<string, bigint>
}

const unread: Held = { token: 0n, until: -Infinity, position: 0n, done: new Map() }

/** Progress in memory: for tests and the demonstration. Several readers may share it as processes share a database. */
export function createMemoryProgressStore(): ProgressStore {
  const readers = new Map<string, Held>()
  const agenda = new Map<AgendaKind, Map<string, Map<string, AgendaEntry>>>()
  const dead = new Map<string, DeadTask>()
  const keyOf = ({ reaction, eventId }: Pick<DeadTask, 'reaction' | 'eventId'>): string => `${reaction}/${eventId}`
  const isHeld = ({ reader, token }: Lease): boolean => readers.get(reader)?.token === token

  function apply(change: AgendaChange): void {
    const groups = agenda.get(change.kind) ?? new Map<string, Map<string, AgendaEntry>>()
    agenda.set(change.kind, groups)
    if (change.change === 'remove') {
      for (const group of change.group === undefined ? [...groups.keys()] : [change.group]) {
        groups.get(group)?.delete(change.subject)
        if (groups.get(group)?.size === 0) groups.delete(group)
      }
      return
    }
    const { change: how, ...entry } = change
    const entries = groups.get(entry.group) ?? new Map<string, AgendaEntry>()
    groups.set(entry.group, entries)
    if (how === 'put' || !entries.has(entry.subject)) entries.set(entry.subject, entry)
  }

  return {
    async acquire(reader, now, until, token) {
      const held = readers.get(reader) ?? unread
      if (token === undefined ? held.until > now : held.token !== token) return undefined
      const next = { ...held, token: token ?? held.token + 1n, until }
      readers.set(reader, next)
      return { reader, token: next.token, position: next.position, done: new Map(next.done) }
    },
    async release(lease) {
      const held = readers.get(lease.reader)
      if (held && isHeld(lease)) readers.set(lease.reader, { ...held, until: -Infinity })
    },
    async note(lease, changes) {
      if (!isHeld(lease)) return false
      changes.forEach(apply)
      return true
    },
    async mark(lease, lane, done) {
      const held = readers.get(lease.reader)
      if (!held || !isHeld(lease)) return false
      readers.set(lease.reader, { ...held, done: new Map([...held.done, [lane, done]]) })
      return true
    },
    async advance(lease, to, deadLetters) {
      const held = readers.get(lease.reader)
      if (!held || !isHeld(lease)) return false
      readers.set(lease.reader, { ...held, position: to, done: new Map() })
      for (const task of deadLetters) dead.set(keyOf(task), task)
      return true
    },
    async position(reader) {
      return readers.get(reader)?.position ?? 0n
    },
    async due(kind, at, limit) {
      const entries = [...(agenda.get(kind)?.values() ?? [])].flatMap((group) => [...group.values()])
      return entries
        .filter((entry) => entry.at <= at)
        .sort(byTime)
        .slice(0, limit)
    },
    async inGroup(kind, group, limit) {
      return [...(agenda.get(kind)?.get(group)?.values() ?? [])].sort(byTime).slice(0, limit)
    },
    async groups(kind, after, limit) {
      return [...(agenda.get(kind)?.keys() ?? [])]
        .filter((group) => group > after)
        .sort()
        .slice(0, limit)
    },
    async put(entry) {
      apply({ change: 'put', ...entry })
    },
    async forget(kind, group, subject) {
      apply({ change: 'remove', kind, group, subject })
    },
    async deadTasks(limit) {
      return [...dead.values()].toReversed().slice(0, Math.min(limit, 1_000))
    },
    async dropDeadTask(task) {
      dead.delete(keyOf(task))
    },
  }
}

function byTime(a: AgendaEntry, b: AgendaEntry): number {
  return a.at - b.at || (a.group < b.group ? -1 : a.group > b.group ? 1 : a.subject < b.subject ? -1 : 1)
}
