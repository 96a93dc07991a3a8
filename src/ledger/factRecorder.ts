import type { Foldable, Load, Refusal } from '../domain/kernel/decider.ts'
import { createBoundedCache } from './boundedCache.ts'
import { eventIdsOf, type IdSources } from './commandIds.ts'
import type { CommandHandler } from './commands.ts'
import { appendTargets, decideAll, type DecidedEvent } from './decideAll.ts'
import type { NewEvent, RecordedEvent } from './envelope.ts'
import type { EventRegistry } from './eventRegistry.ts'
import type { EventStore } from './eventStore.ts'
import type { Fact } from './fact.ts'
import type { FoldedStreams } from './foldedStreams.ts'
import type { Folded } from './foldStream.ts'
import type { Keyring } from './personal/keyring.ts'
import { replayed } from './replayed.ts'

/** Records facts by the window: many streams are read, decided and written together. */
export interface FactRecorder {
  /**
   * Takes the facts of one document, all of one stream; after a refusal the rest of it is left. Resolves when there is
   * room for more, not when they are written: `settle` hears the outcomes then, in the order in which documents came.
   * `size` is what the document counts for in its window. Throws what earlier facts threw; the rest is then not taken.
   */
  add(facts: readonly Fact[], size: number, settle: Settle): Promise<void>
  /** Resolves when all that came is written and settled; throws what any of it threw. */
  drained(): Promise<void>
  /** The state of another stream for a decision; each is read once, and again after this recorder has written it. */
  readonly load: Load
}

export type FactOutcome =
  | { readonly ok: true; readonly events: readonly DecidedEvent[]; readonly replayed: boolean }
  | { readonly ok: false; readonly refusal: Refusal }

export type Settle = (outcomes: readonly FactOutcome[]) => Promise<void>

export interface FactRecorderOptions extends IdSources {
  readonly store: EventStore
  readonly registry: EventRegistry
  readonly keyring: Keyring
  readonly streams: FoldedStreams
  readonly handler: Pick<CommandHandler, 'execute' | 'load'>
  /** the sum of sizes at which a window is closed */
  readonly windowSize: number
  /** states of other streams held for decisions */
  readonly lookups: number
}

/** A document on its way. */
interface Entry {
  readonly facts: readonly Fact[]
  readonly stream: string
  readonly name: string
  readonly settle: Settle
  outcomes: FactOutcome[]
}

/** What reading brought for a fact. */
interface Prepared {
  readonly eventId: (n: number) => string
  readonly decide: Awaited<ReturnType<Fact['prepare']>>
  readonly earlier: readonly RecordedEvent[]
}

interface Reads {
  readonly facts: Map<Fact, Prepared>
  /** states of streams that were not held */
  readonly states: ReadonlyMap<string, Folded<unknown>>
}

/** The events of one append, and whose they are. */
interface Append {
  readonly events: NewEvent[]
  readonly entries: Set<Entry>
  bytes: number
  after: Folded<unknown>
}

/** What a window decided for one stream: appends that follow one another. */
interface Plan {
  readonly aggregate: Foldable<unknown>
  readonly stream: string
  /** before the first append */
  readonly revision: number
  /** the state was read for this window */
  readonly fresh: boolean
  /** after all that was decided so far */
  state: Folded<unknown>
  readonly appends: Append[]
  /** documents with a fact that writes nothing */
  readonly unproven: Entry[]
}

/**
 * Three windows are at work at once: one collects, one reads (states, what other streams say, what was written before),
 * one is written. A window is decided on what the one before it leaves, written or not; when that one could not be
 * written as decided, because another process had written one of its streams, what it touched there goes the ordinary way
 * through the command handler, and the next window is decided anew. So a decision is only ever appended to the state it
 * was made on (design.md §4).
 */
export function createFactRecorder(options: FactRecorderOptions): FactRecorder {
  const { store, streams, handler, windowSize, lookups } = options
  let window: Entry[] = []
  let size = 0
  let decided: Promise<void> = Promise.resolve()
  /** false: not as decided */
  let written: Promise<boolean> = Promise.resolve(true)
  let failure: { readonly error: unknown } | undefined
  /** decided and not yet written */
  const tips = new Map<string, Folded<unknown>>()
  /** a key that comes twice waits until its first document is written, and is then found */
  const unsettled = new Set<string>()
  /** written before: most objects of an import come once, and are held when they come again */
  const met = createBoundedCache<true>({ capacity: lookups })
  const others = createBoundedCache<Promise<unknown>>({ capacity: lookups })

  const load: Load = async <S>(aggregate: Foldable<S>, id: string): Promise<S> => {
    const stream = `${aggregate.category}-${id}`
    const known = tips.get(stream) ?? streams.held(aggregate, stream)
    // the category of a stream decides the type of its state, here and below
    if (known) return known.state as S
    const reading = others.get(stream) ?? streams.current(aggregate, stream).then(({ state }) => state)
    others.set(stream, reading)
    reading.catch(() => others.delete(stream))
    return reading as Promise<S>
  }

  return {
    load,
    async add(facts, weight, settle) {
      throwFailure()
      const [first] = facts
      if (!first) return
      const name = nameOf(first)
      if (unsettled.has(name)) await drained()
      unsettled.add(name)
      window.push({ facts, stream: first.stream, name, settle, outcomes: [] })
      size += weight
      if (size >= windowSize) await send()
    },
    drained,
  }

  async function drained(): Promise<void> {
    await send()
    await decided
    await written
    throwFailure()
  }

  /** Resolves when the window before this one is decided. */
  async function send(): Promise<void> {
    const entries = window
    window = []
    size = 0
    const before = decided
    if (entries.length > 0) {
      const reads = read(entries)
      // it may fail before anybody waits for it
      reads.catch(fail)
      decided = before.then(() => work(entries, reads)).catch((error: unknown) => void fail(error))
    }
    await before
  }

  async function work(entries: readonly Entry[], reads: Promise<Reads>): Promise<void> {
    const plans = await decide(entries, await reads)
    const standing = await written
    throwFailure()
    written = write(entries, standing ? plans : await decide(entries, await read(entries))).catch(fail)
  }

  /** Nothing more is decided or written; who adds or waits hears of it. */
  function fail(error: unknown): false {
    failure ??= { error }
    return false
  }

  function throwFailure(): void {
    if (failure) throw failure.error
  }

  async function read(entries: readonly Entry[]): Promise<Reads> {
    const states = new Map<string, Folded<unknown>>()
    const missing = new Map<string, Foldable<unknown>>()
    for (const { facts, stream } of entries) {
      const aggregate = facts[0]?.aggregate
      if (aggregate && !tips.has(stream) && !streams.held(aggregate, stream)) missing.set(stream, aggregate)
    }
    await Promise.all(
      [...missing].map(async ([stream, aggregate]) => states.set(stream, await streams.current(aggregate, stream))),
    )
    // looked up after the state was read: what the state holds, the lookup finds
    const prepared = await Promise.all(
      entries
        .flatMap(({ facts }) => facts)
        .map(async (fact): Promise<[Fact, Prepared]> => {
          const eventId = eventIdsOf(fact.meta.idempotency, options)
          const [decide, earlier] = await Promise.all([
            fact.prepare(load),
            fact.meta.idempotency ? store.findCommand(eventId(0), fact.stream) : [],
          ])
          return [fact, { eventId, decide, earlier }]
        }),
    )
    return { states, facts: new Map(prepared) }
  }

  async function decide(entries: readonly Entry[], reads: Reads): Promise<readonly Plan[]> {
    const plans = new Map<string, Plan>()
    for (const entry of entries) {
      const { stream, facts } = entry
      const plan = plans.get(stream) ?? (await planFor(entry, entries, reads))
      plans.set(stream, plan)
      entry.outcomes = []
      for (const fact of facts) {
        const outcome = await decideOne(plan, entry, fact, reads)
        entry.outcomes.push(outcome)
        if (!outcome.ok) break
      }
    }
    return [...plans.values()]
  }

  async function planFor({ stream, facts }: Entry, window: readonly Entry[], reads: Reads): Promise<Plan> {
    const aggregate = facts[0]?.aggregate
    if (!aggregate) throw new TypeError('a document without facts')
    const plan = (state: Folded<unknown>, fresh: boolean): Plan => {
      return { aggregate, stream, revision: state.revision, fresh, state, appends: [], unproven: [] }
    }
    const held = tips.get(stream) ?? streams.held(aggregate, stream)
    const state = held ?? reads.states.get(stream)
    if (state) return plan(state, state !== held)
    // held when the window was read, and let go since: state and look-ups once more, in this order
    const again = await read(window.filter((entry) => entry.stream === stream))
    for (const [fact, prepared] of again.facts) reads.facts.set(fact, prepared)
    return plan(again.states.get(stream) ?? (await streams.current(aggregate, stream)), true)
  }

  async function decideOne(plan: Plan, entry: Entry, fact: Fact, reads: Reads): Promise<FactOutcome> {
    const { stream, state } = plan
    const prepared = reads.facts.get(fact)
    if (!prepared) throw new TypeError('a fact that was not prepared')
    const earlier = replayed(stream, fact.meta, prepared.earlier)
    if (earlier) return earlier
    const turn = { aggregate: fact.aggregate, meta: fact.meta, eventId: prepared.eventId, decide: prepared.decide }
    const { verdicts, events, bytes, folded } = await decideAll(options, stream, [turn], state)
    const [verdict] = verdicts
    if (verdict && 'error' in verdict) throw verdict.error
    if (events.length === 0) plan.unproven.push(entry)
    else {
      const append = appendFor(plan, events, bytes)
      append.events.push(...events)
      append.entries.add(entry)
      append.bytes += bytes
      append.after = folded
      plan.state = folded
      tips.set(stream, folded)
    }
    return verdict && 'refusal' in verdict
      ? { ok: false, refusal: verdict.refusal }
      : { ok: true, events, replayed: false }
  }

  /** Writes what was decided and settles it; false when something did not go as decided. */
  async function write(entries: readonly Entry[], plans: readonly Plan[]): Promise<boolean> {
    const rest = new Set((await Promise.all(plans.map(writePlan))).flat())
    if (rest.size > 0) {
      tips.clear()
      await Promise.all(
        [...new Set([...rest].map(({ stream }) => stream))].map((stream) => executeAll([...rest], stream)),
      )
    }
    for (const { name, settle, outcomes } of entries) {
      unsettled.delete(name)
      await settle(outcomes)
    }
    return rest.size === 0
  }

  /** Gives back the documents that have to go the ordinary way. */
  async function writePlan({ aggregate, stream, appends, unproven, fresh, ...plan }: Plan): Promise<readonly Entry[]> {
    let expectedRevision = plan.revision
    for (const [index, { events, after }] of appends.entries()) {
      const result = await store.append(stream, events, { expectedRevision })
      if (result.outcome === 'conflict' || result.repeated)
        return [...appends.slice(index).flatMap(({ entries }) => [...entries]), ...unproven]
      expectedRevision = result.revision
      if (met.get(stream)) streams.hold(aggregate, stream, { ...after, position: result.position })
      else streams.drop(stream)
      met.set(stream, true)
      others.delete(stream)
      if (tips.get(stream) === after) tips.delete(stream)
    }
    // what writes nothing rests on a state that nothing has proved to be the newest, unless it was read just now
    return appends.length > 0 || fresh ? [] : unproven
  }

  /** Those of one stream, one after another. */
  async function executeAll(entries: readonly Entry[], stream: string): Promise<void> {
    for (const entry of entries) {
      if (entry.stream !== stream) continue
      entry.outcomes = []
      for (const fact of entry.facts) {
        const outcome = await fact.execute(handler)
        entry.outcomes.push(outcome)
        if (!outcome.ok) break
      }
    }
  }
}

/** The append that takes these events too: the last one, or a new one when that is full. */
function appendFor({ appends, state }: Plan, events: readonly NewEvent[], bytes: number): Append {
  const last = appends.at(-1)
  const isFull =
    !last || last.events.length + events.length > appendTargets.events || last.bytes + bytes > appendTargets.bytes
  if (!isFull) return last
  const next: Append = { events: [], entries: new Set(), bytes: 0, after: state }
  appends.push(next)
  return next
}

function nameOf({ meta: { idempotency } }: Fact): string {
  return JSON.stringify([idempotency?.principal, idempotency?.route, idempotency?.key])
}
