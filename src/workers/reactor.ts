import type { RecordedEvent } from '../ledger/envelope.ts'
import { declaredEventId } from '../domain/kernel/errorDeclaration.ts'
import { NewerEvent } from '../ledger/eventRegistry.ts'
import { StoreUnavailable } from '../ledger/eventStore.ts'
import type { WorkerPorts } from './ports.ts'
import { StepRefused } from './processCommand.ts'
import type { AgendaChange, DeadTask, Lease } from './progress/progressStore.ts'

/** An event with its data at the newest version. */
export interface Fact {
  readonly event: RecordedEvent
  readonly type: string
  readonly data: unknown
}

/**
 * What an event sets off. It may run twice and after a crash again, so what it does is derived from the event and written
 * through commands with keys (`processCommand`): delivered at least once, with one effect.
 */
export interface Reaction {
  readonly name: string
  readonly types: readonly string[]
  /** facts of one lane are worked on in the order of the log; the stream when absent */
  lane?(fact: Fact): string
  /** of several facts of a lane read together only the last counts */
  readonly onlyLast?: boolean
  /** woken by imported facts too: of types that come in files as a matter of course */
  readonly ofImports?: boolean
  run(fact: Fact): Promise<void>
}

/** What an event puts on the agenda or takes off it: pure, also for imported facts, which wake nobody (domain.md §2.14). */
export interface AgendaNotes {
  readonly types: readonly string[]
  notesOf(fact: Fact): readonly AgendaChange[]
}

export interface ReactorOptions extends Pick<WorkerPorts, 'store' | 'registry' | 'progress' | 'clock'> {
  /** names the checkpoint */
  readonly name: string
  readonly reactions: readonly Reaction[]
  readonly agenda: AgendaNotes
  /** resolves after that many ms, or when the signal aborts */
  readonly sleep: (milliseconds: number, signal: AbortSignal) => Promise<void>
  /** told of every task that did not succeed: it is tried again, or given up */
  readonly onTrouble?: (trouble: Trouble) => void
  readonly limits?: Partial<ReactorLimits>
}

export interface Trouble {
  readonly reaction: string
  readonly event: Pick<RecordedEvent, 'id' | 'type' | 'stream'>
  readonly attempt: number
  readonly outcome: 'tried again' | 'given up'
  readonly error: unknown
}

export interface ReactorLimits {
  /** events scanned at once */
  readonly page: number
  /** lanes worked on at the same time */
  readonly lanes: number
  /** attempts before a task becomes a dead letter; a refusal becomes one at once */
  readonly attempts: number
  /** wait before the second attempt, doubling up to the longest */
  readonly firstRetryMs: number
  readonly longestRetryMs: number
  /** another process takes over when this one has not been heard of for so long; who lost a lease can change nothing more */
  readonly leaseMs: number
  /** how often the log is looked at while nothing rings */
  readonly pollMs: number
}

export const reactorLimits: ReactorLimits = {
  page: 500,
  lanes: 16,
  attempts: 8,
  firstRetryMs: 200,
  longestRetryMs: 30_000,
  leaseMs: 5_000,
  pollMs: 1_000,
}

interface Task {
  readonly reaction: Reaction
  readonly fact: Fact
}

export interface Reactor {
  /** Works up to the head of the log as it is when it gets there. `standby`: another process holds the lease. */
  drain(signal?: AbortSignal): Promise<'at head' | 'standby'>
  /** Follows the log until the signal aborts. Any number of processes may: one works, the others stand by. */
  run(signal: AbortSignal): Promise<void>
  /**
   * Notes the agenda up to a position without reacting to anything: for a log whose processes have run elsewhere (a copied
   * or restored one). What it left undone the schedules find. False when another process holds the lease.
   */
  skipTo(position: bigint): Promise<boolean>
  /** Tries a dead letter once more; it stays one when that fails, which throws. */
  revive(task: DeadTask): Promise<void>
}

/**
 * Reads the log from its own checkpoint, notes the agenda, works on what each event sets off, and only then moves the
 * checkpoint: stopped at any point it goes on there. A task that cannot succeed becomes a dead letter and its lane goes on.
 */
export function createReactor(options: ReactorOptions): Reactor {
  const { name, store, registry, progress, clock, reactions, agenda, sleep, onTrouble = () => undefined } = options
  const limits = { ...reactorLimits, ...options.limits }
  const byType = new Map<string, Reaction[]>()
  for (const reaction of reactions) {
    for (const type of reaction.types) byType.set(type, [...(byType.get(type) ?? []), reaction])
  }
  const noted = new Set(agenda.types)
  const types = [...new Set([...byType.keys(), ...noted])]
  const never = new AbortController().signal

  /** Of tasks in the order in which a lane does them: by position, then by reaction. */
  const numberOf = ({ reaction, fact }: Task): bigint =>
    fact.event.position * BigInt(reactions.length) + BigInt(reactions.indexOf(reaction))

  async function work(lease: Lease, signal: AbortSignal): Promise<{ lease: Lease; atHead: boolean } | 'standby'> {
    const page = await store.readAll({ after: lease.position, limit: limits.page, types })
    const facts = page.events.map(factOf)
    const changes = facts.filter(({ type }) => noted.has(type)).flatMap((fact) => agenda.notesOf(fact))
    if (changes.length > 0 && !(await progress.note(lease, changes))) return 'standby'
    const dead: DeadTask[] = []
    const lanes = [...lanesOf(facts)].map(([lane, tasks]) => {
      const done = lease.done.get(lane) ?? -1n
      return { lane, tasks: tasks.filter((task) => numberOf(task) > done) }
    })
    let lost = false
    const renewal = setInterval(() => {
      progress.acquire(name, clock(), clock() + limits.leaseMs, lease.token).then(
        (renewed) => (lost ||= renewed === undefined),
        () => undefined,
      )
    }, limits.leaseMs / 3)
    try {
      await Promise.all(
        Array.from({ length: Math.min(limits.lanes, lanes.length) }, async () => {
          for (let next = lanes.shift(); next !== undefined; next = lanes.shift()) {
            const { lane, tasks } = next
            for (const [index, task] of tasks.entries()) {
              const before = tasks[index - 1]
              // a step that had nothing to do leaves no trace: repeated after a later one it might find something
              if (before && !(await progress.mark(lease, lane, numberOf(before)))) lost = true
              if (lost || signal.aborted) return
              const given = await attempt(task, signal)
              if (given) dead.push(given)
            }
          }
        }),
      )
    } finally {
      clearInterval(renewal)
    }
    if (lost || signal.aborted) return 'standby'
    if (page.position === lease.position) return { lease, atHead: page.atHead }
    if (!(await progress.advance(lease, page.position, dead))) return 'standby'
    return { lease: { ...lease, position: page.position, done: new Map() }, atHead: page.atHead }
  }

  function factOf(event: RecordedEvent): Fact {
    return { event, type: event.type, data: registry.upcast(event.type, event.schemaVersion, event.data) }
  }

  /** Imported facts wake nobody who does not ask for them; what was already declared in error never happened. */
  function lanesOf(facts: readonly Fact[]): Map<string, Task[]> {
    const lanes = new Map<string, Task[]>()
    for (const fact of facts) {
      if (declaredEventId(fact.event) !== undefined) continue
      for (const reaction of byType.get(fact.type) ?? []) {
        if (fact.event.source.kind === 'import' && !reaction.ofImports) continue
        const lane = reaction.lane?.(fact) ?? fact.event.stream
        const before = lanes.get(lane) ?? []
        const kept = reaction.onlyLast ? before.filter((task) => task.reaction !== reaction) : before
        lanes.set(lane, [...kept, { reaction, fact }])
      }
    }
    return lanes
  }

  async function attempt({ reaction, fact }: Task, signal: AbortSignal): Promise<DeadTask | undefined> {
    const { id, stream, revision } = fact.event
    for (let tries = 1; ; tries += 1) {
      try {
        await reaction.run(fact)
        return undefined
      } catch (error) {
        // an event of a newer release, a stopped process or a store that is away say nothing about the task
        if (error instanceof NewerEvent) throw error
        if (signal.aborted) return undefined
        const isAway = error instanceof StoreUnavailable
        const givenUp = !isAway && (error instanceof StepRefused || tries >= limits.attempts)
        const outcome = givenUp ? 'given up' : 'tried again'
        onTrouble({ reaction: reaction.name, event: fact.event, attempt: tries, outcome, error })
        if (givenUp) {
          const reason = (error instanceof Error ? error.message || error.name : String(error)).slice(0, 500)
          return { reaction: reaction.name, eventId: id, stream, revision, attempts: tries, reason, at: clock() }
        }
        await sleep(Math.min(limits.firstRetryMs * 2 ** (tries - 1), limits.longestRetryMs), signal)
      }
    }
  }

  /** of a lease that could not be given back because the database was away: unless somebody took over it is still ours */
  let unreturned: bigint | undefined

  async function acquire(): Promise<Lease | undefined> {
    const until = clock() + limits.leaseMs
    const own = unreturned === undefined ? undefined : await progress.acquire(name, clock(), until, unreturned)
    return own ?? progress.acquire(name, clock(), until)
  }

  async function drain(signal: AbortSignal = never): Promise<'at head' | 'standby'> {
    let lease = await acquire()
    unreturned = lease?.token
    if (!lease) return 'standby'
    try {
      for (;;) {
        const worked = await work(lease, signal)
        if (worked === 'standby') return 'standby'
        lease = worked.lease
        if (worked.atHead) return 'at head'
        const renewed = await progress.acquire(name, clock(), clock() + limits.leaseMs, lease.token)
        if (!renewed) return 'standby'
      }
    } finally {
      await progress.release(lease)
      unreturned = undefined
    }
  }

  return {
    drain,
    async run(signal) {
      while (!signal.aborted) {
        try {
          const reached = await drain(signal)
          if (reached === 'standby' || signal.aborted) {
            await sleep(limits.pollMs, signal)
            continue
          }
          await news(signal)
        } catch (error) {
          const event = { id: '', type: '', stream: '' }
          onTrouble({ reaction: name, event, attempt: 1, outcome: 'tried again', error })
          await sleep(limits.pollMs * 5, signal)
        }
      }
    },
    async skipTo(position) {
      let lease = await progress.acquire(name, clock(), clock() + limits.leaseMs)
      if (!lease) return false
      try {
        while (lease.position < position) {
          const page = await store.readAll({ after: lease.position, limit: limits.page, types: agenda.types })
          const facts = page.events.filter((event) => event.position <= position).map(factOf)
          const to = page.position < position ? page.position : position
          if (
            !(await progress.note(
              lease,
              facts.flatMap((fact) => agenda.notesOf(fact)),
            ))
          )
            return false
          if (!(await progress.advance(lease, to, []))) return false
          const renewed = await progress.acquire(name, clock(), clock() + limits.leaseMs, lease.token)
          if (!renewed) return false
          lease = renewed
          if (page.atHead) break
        }
        return true
      } finally {
        await progress.release(lease)
      }
    },
    async revive(task) {
      const reaction = reactions.find((one) => one.name === task.reaction)
      const [event] = await store.readStream(task.stream, { from: task.revision, limit: 1 })
      if (!reaction || event?.id !== task.eventId) throw new Error(`${task.reaction} of ${task.eventId} is not known`)
      await reaction.run(factOf(event))
      await progress.dropDeadTask(task)
    },
  }

  /** Returns when there is something to read behind the checkpoint; a subscription serves as the doorbell. */
  async function news(signal: AbortSignal): Promise<void> {
    const after = await progress.position(name)
    const stop = new AbortController()
    const abort = (): void => stop.abort()
    signal.addEventListener('abort', abort, { once: true })
    try {
      if (signal.aborted) return
      for await (const page of store.subscribe({ after, types, limit: limits.page, signal: stop.signal })) {
        if (page.events.length > 0) return
      }
    } finally {
      signal.removeEventListener('abort', abort)
      abort()
    }
  }
}
