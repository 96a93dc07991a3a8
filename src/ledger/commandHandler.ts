import { refuse, type Aggregate, type Foldable } from '../domain/kernel/decider.ts'
import type { ErrorDeclared } from '../domain/kernel/errorDeclaration.ts'
import type { ErrorCode } from '../domain/kernel/errors.ts'
import { eventIdsOf, type IdSources } from './commandIds.ts'
import type { CommandHandler, CommandMeta, Outcome } from './commands.ts'
import { createCourtesy } from './courtesy.ts'
import { decideAll, type Draft, type Turn, type Verdict } from './decideAll.ts'
import { decideCommand } from './decideCommand.ts'
import { decideDeclaration } from './decideDeclaration.ts'
import type { RecordedEvent } from './envelope.ts'
import type { EventRegistry } from './eventRegistry.ts'
import { StoreUnavailable, type EventStore } from './eventStore.ts'
import { createFactRecorder, type FactRecorder } from './factRecorder.ts'
import { createFoldedStreams } from './foldedStreams.ts'
import type { Folded } from './foldStream.ts'
import type { Keyring } from './personal/keyring.ts'
import { replayed } from './replayed.ts'
import { createMemorySnapshots, type Snapshots } from './snapshots.ts'
import { createStreamQueue } from './streamQueue.ts'

export interface LedgerCommandHandler extends CommandHandler {
  /**
   * Declares an event of the stream `<category>-<id>` in error: from then on the stream is folded without it. Refuses
   * with the codes `correction.*`. Idempotent as a command is.
   */
  declareError<C extends { type: string }, E extends { type: string; data: unknown }, S, G>(
    aggregate: Aggregate<C, E, S, G>,
    id: string,
    declaration: ErrorDeclared['data'],
    meta: CommandMeta,
  ): Promise<Outcome>
  /** Records facts from elsewhere by the window, for imports: much faster than one command after another. */
  factRecorder(): FactRecorder
  /** Resolves when no command and no snapshot is at work: for a shutdown that waits. */
  idle(): Promise<void>
}

export interface CommandHandlerOptions extends IdSources {
  readonly store: EventStore
  readonly registry: EventRegistry
  readonly keyring: Keyring
  /** resolves after that many milliseconds */
  readonly sleep: (milliseconds: number) => Promise<void>
  /** in memory when absent */
  readonly snapshots?: Snapshots
  /** a snapshot could not be read or written: the command went on without it */
  readonly onSnapshotError?: (error: unknown) => void
  readonly limits?: Partial<CommandHandlerLimits>
}

export interface CommandHandlerLimits {
  /** commands of a stream decided together */
  readonly batchSize: number
  /** commands that wait for one stream; more are `server.busy` */
  readonly queueLength: number
  /** commands waiting or at work over all streams */
  readonly total: number
  /** appends of a batch that may be lost to other processes before it is `ledger.contention` */
  readonly lostAppends: number
  /** states held in memory */
  readonly heldStates: number
  /** events between two snapshots of a stream */
  readonly snapshotEvery: number
  /** rows of recorded facts that are decided and written together */
  readonly factWindow: number
  /** states of other streams held for the decisions about recorded facts */
  readonly factLookups: number
}

const defaultLimits: CommandHandlerLimits = {
  batchSize: 64,
  queueLength: 1_000,
  total: 10_000,
  lostAppends: 30,
  heldStates: 2_000,
  snapshotEvery: 100,
  factWindow: 1_000,
  factLookups: 5_000,
}

/** A command on its way: its turn, and where its answer goes. */
interface Job extends Turn {
  /** has a batch of its own */
  readonly alone: boolean
  readonly answer: (outcome: Outcome) => void
  readonly fail: (error: unknown) => void
}

/**
 * Commands of a stream queue and are decided one after another on one folded state; the events of all of them go into
 * one append, and each is answered alone (design.md §4). The append's expected revision proves that the state was still
 * the head's after the commands had come, so a state held in memory is used without reading the tail first; a batch
 * that writes nothing reads the tail, so that no refusal rests on an old state.
 */
export function createCommandHandler(options: CommandHandlerOptions): LedgerCommandHandler {
  const { store, registry } = options
  const limits = { ...defaultLimits, ...options.limits }
  const streams = createFoldedStreams({
    store,
    registry,
    snapshots: options.snapshots ?? createMemorySnapshots(),
    capacity: limits.heldStates,
    snapshotEvery: limits.snapshotEvery,
    onSnapshotError: options.onSnapshotError ?? (() => {}),
  })
  const queue = createStreamQueue<Job>({ ...limits, work: workOff })
  const inFlight = new Set<string>()
  const courtesy = createCourtesy({ ...options, capacity: limits.heldStates })

  const load: CommandHandler['load'] = async (aggregate, id) =>
    (await streams.current(aggregate, streamOf(aggregate, id))).state

  const handler: LedgerCommandHandler = {
    load,
    async loadWithRevision<S>(aggregate: Foldable<unknown> & { readonly initialState: S }, id: string) {
      const { state, revision } = await streams.current(aggregate, streamOf(aggregate, id))
      // folded by this aggregate, whose states are of its initial state's type
      return { state: state as S, revision }
    },
    async execute<C extends { type: string }, E extends { type: string; data: unknown }, S, G>(
      aggregate: Aggregate<C, E, S, G>,
      command: C,
      meta: CommandMeta,
    ) {
      const definition = aggregate.commands.find(({ name }) => name === command.type)
      if (!definition) throw new TypeError(`${command.type} is not a command of ${aggregate.category}`)
      const stream = streamOf(aggregate, definition.id(command))
      return submit(aggregate, stream, meta, false, async () => {
        // an aggregate without gather has G = undefined
        const given = aggregate.gather ? await aggregate.gather(command, load, meta.at) : (undefined as G)
        // a turn gets the state that its own aggregate folded
        return (folded) => decideCommand(aggregate, command, meta, given, folded as Folded<S>)
      })
    },
    async declareError<C extends { type: string }, E extends { type: string; data: unknown }, S, G>(
      aggregate: Aggregate<C, E, S, G>,
      id: string,
      declaration: ErrorDeclared['data'],
      meta: CommandMeta,
    ) {
      const stream = streamOf(aggregate, id)
      return submit(aggregate, stream, meta, true, async () => (folded) => {
        // the owner of an object that exists stands in its state; the command matters only for one that does not
        const owner = aggregate.owner?.(folded.state as S, { type: 'DeclareError' } as C)
        return decideDeclaration({ store, registry }, stream, declaration, meta, folded, owner)
      })
    },
    factRecorder: () =>
      createFactRecorder({ ...options, streams, handler, windowSize: limits.factWindow, lookups: limits.factLookups }),
    async idle() {
      await queue.idle()
      await streams.settled()
    },
  }
  return handler

  async function submit(
    aggregate: Foldable<unknown>,
    stream: string,
    meta: CommandMeta,
    alone: boolean,
    prepare: () => Promise<Turn['decide']>,
  ): Promise<Outcome> {
    const eventId = eventIdsOf(meta.idempotency, options)
    const commandId = eventId(0)
    if (inFlight.has(commandId)) return refused('idempotency.in_flight')
    inFlight.add(commandId)
    try {
      const decide = await prepare()
      return await new Promise<Outcome>((answer, fail) => {
        const taken = queue.push(stream, { aggregate, meta, eventId, decide, alone, answer, fail })
        if (!taken) answer(refused('server.busy'))
      })
    } finally {
      inFlight.delete(commandId)
    }
  }

  /** Answers every job of the batch. Never rejects. */
  async function workOff(stream: string, batch: readonly Job[]): Promise<void> {
    const open = new Set(batch)
    try {
      await answerAll(stream, open)
    } catch (error) {
      for (const job of open) job.fail(error)
    }
  }

  /** Takes each job that it answers out of `open`. Throws what the store throws: the outcome of the rest is unknown. */
  async function answerAll(stream: string, open: Set<Job>): Promise<void> {
    const aggregate = [...open][0]?.aggregate
    if (!aggregate) return
    await courtesy.letOthersFirst(stream)
    let base = streams.held(aggregate, stream)
    let atHead = false
    let lost = 0
    while (open.size > 0) {
      if (!base) {
        base = await streams.current(aggregate, stream)
        atHead = true
      }
      // looked up after the state was read: what the state holds, the lookup finds
      const turns = await answerRepeated(stream, nextPart(open), open)
      if (turns.length === 0) continue
      const draft = await decideAll(options, stream, turns, base)
      if (draft.events.length === 0 && !atHead) {
        const tail: Folded<unknown> = await streams.current(aggregate, stream)
        const unchanged = tail.lastEventId === base.lastEventId
        base = tail
        atHead = true
        if (!unchanged) continue
      }
      const recorded = await write(stream, draft, base)
      if (recorded) {
        for (const verdict of draft.verdicts) answer(stream, verdict, recorded, base.position, open)
        base = after(aggregate, stream, draft, recorded, base)
        atHead = true
        continue
      }
      lost += 1
      let seen = base
      await courtesy.lostTo(stream, async () => {
        const before = seen.revision
        seen = await streams.current(aggregate, stream)
        return seen.revision > before
      })
      if (lost > limits.lostAppends) {
        for (const job of open) job.answer(refused('ledger.contention'))
        return
      }
      base = undefined
    }
  }

  /** Answers the commands that have written their events before, and gives back the others. */
  async function answerRepeated(stream: string, part: readonly Job[], open: Set<Job>): Promise<readonly Job[]> {
    const earlier = await Promise.all(
      part.map(async ({ meta, eventId }) => (meta.idempotency ? store.findCommand(eventId(0), stream) : [])),
    )
    return part.filter((job, index) => {
      const outcome = replayed(stream, job.meta, earlier[index] ?? [])
      if (!outcome) return true
      open.delete(job)
      job.answer(outcome)
      return false
    })
  }

  /** The events as recorded; undefined when the stream had gone on, or holds some of them already. */
  async function write(
    stream: string,
    { events }: Draft<Job>,
    { revision }: Folded<unknown>,
  ): Promise<readonly RecordedEvent[] | undefined> {
    if (events.length === 0) return []
    const result = await store.append(stream, events, { expectedRevision: revision })
    if (result.outcome === 'conflict' || result.repeated) return undefined
    const recorded = await store.readStream(stream, { from: revision + 1, limit: events.length })
    if (recorded.at(-1)?.id !== events.at(-1)?.id)
      throw new StoreUnavailable(`${stream} does not give back what it took`)
    return recorded
  }

  /** The state after an append; undefined when it must be folded anew, because a declaration took an event out of it. */
  function after(
    aggregate: Foldable<unknown>,
    stream: string,
    { folded, verdicts }: Draft<Job>,
    recorded: readonly RecordedEvent[],
    base: Folded<unknown>,
  ): Folded<unknown> | undefined {
    if (recorded.length === 0) return base
    if (verdicts.some(({ turn }) => turn.alone)) return undefined
    const next = { ...folded, position: recorded.at(-1)?.position ?? base.position }
    streams.hold(aggregate, stream, next)
    return next
  }
}

function streamOf({ category }: Foldable<unknown>, id: string): string {
  return `${category}-${id}`
}

/** The jobs to decide together: up to the first that wants a batch of its own, or that one. */
function nextPart(open: ReadonlySet<Job>): readonly Job[] {
  const jobs = [...open]
  const alone = jobs.findIndex((job) => job.alone)
  return alone === -1 ? jobs : jobs.slice(0, Math.max(alone, 1))
}

function answer(
  stream: string,
  verdict: Verdict<Job>,
  recorded: readonly RecordedEvent[],
  basePosition: bigint,
  open: Set<Job>,
): void {
  const { turn } = verdict
  open.delete(turn)
  if ('error' in verdict) turn.fail(verdict.error)
  else if ('refusal' in verdict) turn.answer({ ok: false, refusal: verdict.refusal })
  else {
    const { first, count, revision } = verdict
    const events = recorded.slice(first, first + count)
    const position = recorded[first + count - 1]?.position ?? basePosition
    turn.answer({ ok: true, stream, revision, position, events, replayed: false })
  }
}

function refused(code: ErrorCode): Outcome {
  return { ok: false, refusal: refuse(code) }
}
