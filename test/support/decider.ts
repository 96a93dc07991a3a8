import fc from 'fast-check'
import { expect } from 'vitest'
import { isRefusal, type Aggregate, type Circumstances, type Decision } from '../../src/domain/kernel/decider.ts'
import type { ErrorCode } from '../../src/domain/kernel/errors.ts'
import type { Happened } from '../../src/domain/kernel/event.ts'

/** When a specification does not care about time, its commands come at this one. */
export const someTime = '2026-01-15T08:30:00.000+08:00[Asia/Shanghai]'

type Event = { readonly type: string; readonly data: unknown; readonly occurredAt?: string }

/** What a decision answers, ready to be judged. `then` and `thenRefused` also check what holds for every aggregate. */
export interface Judged<E extends Event, S> {
  /** Exactly these events; and the same command again gives no second event (design.md §3). */
  then(expected: readonly E[]): void
  /** The command is done already: no event. */
  thenNothing(): void
  thenRefused(code: ErrorCode, details?: Readonly<Record<string, unknown>>): void
  /** The events, for a specification that looks at a part of them. Fails on a refusal. */
  events(): readonly E[]
  /** The state after the command's events. */
  state(): S
}

/**
 * `given(aggregate, events).when(command, circumstances?).then(events)`, or `.thenNothing()`, `.thenRefused(code)`.
 *
 * On the way it checks that the events given and decided fit their schemas, that the command fits its own, that no
 * state, event or command is changed in place, and that the state survives JSON (it may be kept as a snapshot).
 */
export function given<C extends { type: string }, E extends Event, S, G>(
  aggregate: Aggregate<C, E, S, G>,
  history: readonly E[] = [],
): {
  state(): S
  when(command: C, circumstances?: Partial<Circumstances<G>>): Judged<E, S>
} {
  const fold = (events: readonly E[], at = someTime): S => foldEvents(aggregate, events, at)
  return {
    state: () => fold(history),
    when(command, partial = {}) {
      const circumstances = circumstancesOf<G>(partial)
      expectCommandFits(aggregate, command)
      const decision = decideOn(aggregate, fold(history, circumstances.at), command, circumstances)
      const decided = (): readonly E[] => {
        if (isRefusal(decision)) throw new Error(`refused: ${decision.refused} ${JSON.stringify(decision.details)}`)
        return decision
      }
      return {
        events: decided,
        state: () => fold([...history, ...decided()], circumstances.at),
        then(expected) {
          expect(decided()).toEqual(expected)
          expectNoSecondEvent(aggregate, history, command, circumstances)
        },
        thenNothing() {
          expect(decided()).toEqual([])
        },
        thenRefused(code, details) {
          expect(isRefusal(decision) ? decision.refused : decision).toBe(code)
          if (details && isRefusal(decision)) expect(decision.details).toMatchObject(details)
        },
      }
    },
  }
}

/** Decides the command on the history, then again on the history with what it decided: the second time nothing may happen. */
export function expectNoSecondEvent<C extends { type: string }, E extends Event, S, G>(
  aggregate: Aggregate<C, E, S, G>,
  history: readonly E[],
  command: C,
  partial: Partial<Circumstances<G>> = {},
): void {
  const circumstances = circumstancesOf<G>(partial)
  const first = decideOn(aggregate, foldEvents(aggregate, history, circumstances.at), command, circumstances)
  if (isRefusal(first)) return
  const after = foldEvents(aggregate, [...history, ...first], circumstances.at)
  expectNothing(decideOn(aggregate, after, command, circumstances), command)
}

/**
 * The property behind it: bring the aggregate anywhere by arbitrary commands (refused ones change nothing), each of
 * them twice in a row; the second never gives an event. `then` looks at every state reached, for invariants.
 * Returns nothing; fails with fast-check's seed and the smallest counterexample.
 */
export function sameCommandTwice<C extends { type: string }, E extends Event, S, G>(
  aggregate: Aggregate<C, E, S, G>,
  command: fc.Arbitrary<C>,
  options: {
    readonly circumstances?: (command: C, step: number) => Partial<Circumstances<G>>
    readonly then?: (state: S, events: readonly E[]) => void
    readonly runs?: number
    readonly length?: number
    readonly seed?: number
  } = {},
): void {
  let accepted = 0
  fc.assert(
    fc.property(fc.array(command, { minLength: 1, maxLength: options.length ?? 12 }), (commands) => {
      const history: E[] = []
      let state = startOf(aggregate)
      commands.forEach((one, step) => {
        const circumstances = circumstancesOf<G>(options.circumstances?.(one, step) ?? {})
        const decision = decideOn(aggregate, state, one, circumstances)
        if (isRefusal(decision)) return
        for (const event of decision)
          state = advance(aggregate, state, event, history.push(event) - 1, circumstances.at)
        expectNothing(decideOn(aggregate, state, one, circumstances), one)
        accepted += decision.length
        options.then?.(state, history)
      })
    }),
    { numRuns: options.runs ?? 200, ...(options.seed === undefined ? {} : { seed: options.seed }) },
  )
  // a property over commands that are all refused would hold vacuously
  expect(accepted, 'no command of the property was ever accepted').toBeGreaterThan(0)
}

/** The folded state, each step checked: nothing changed in place, JSON-serialisable. */
export function foldEvents<E extends Event, S, C extends { type: string }, G>(
  aggregate: Aggregate<C, E, S, G>,
  events: readonly E[],
  at = someTime,
): S {
  return events.reduce<S>(
    (state, event, revision) => advance(aggregate, state, event, revision, at),
    startOf(aggregate),
  )
}

function startOf<S>({ initialState }: { readonly initialState: S }): S {
  return deepFreeze(jsonCopy(initialState))
}

function advance<E extends Event, S, C extends { type: string }, G>(
  aggregate: Aggregate<C, E, S, G>,
  state: S,
  event: E,
  revision: number,
  at: string,
): S {
  const data = expectEventFits(aggregate, event)
  // the data is the event's own, as its schema reads it back from the log
  const happened = { occurredAt: at, ...event, data, id: eventId(revision), revision } as unknown as Happened<E>
  return deepFreeze(jsonCopy(aggregate.evolve(state, deepFreeze(happened))))
}

/** Id of the n-th event of a given history, as `evolve` sees it. */
export function eventId(revision: number): string {
  return `00000000-0000-7000-8000-${revision.toString(16).padStart(12, '0')}`
}

function circumstancesOf<G>(partial: Partial<Circumstances<G>>): Circumstances<G> {
  // an aggregate that gathers nothing has G = undefined; one that does gets `given` from its specification
  return { at: someTime, by: 'tester', recorded: false, given: undefined as G, ...partial }
}

function decideOn<C extends { type: string }, E extends Event, S, G>(
  aggregate: Aggregate<C, E, S, G>,
  state: S,
  command: C,
  circumstances: Circumstances<G>,
): Decision<E> {
  const decision = aggregate.decide(deepFreeze(jsonCopy(command)), state, circumstances)
  if (!isRefusal(decision)) for (const event of decision) expectEventFits(aggregate, event)
  return decision
}

function expectNothing(decision: Decision<Event>, command: { type: string }): void {
  expect(decision, `${command.type} once more`).toEqual([])
}

function expectEventFits(
  aggregate: { events: Aggregate<never, never, never, never>['events'] },
  event: Event,
): unknown {
  const definition = aggregate.events.find(({ type }) => type === event.type)
  if (!definition) throw new Error(`${event.type} is not an event of this aggregate`)
  const parsed = definition.schema.safeParse(jsonCopy(event.data))
  if (!parsed.success) throw new Error(`${event.type} does not fit its schema: ${parsed.error.message}`)
  return parsed.data
}

function expectCommandFits(
  aggregate: { commands: Aggregate<never, never, never, never>['commands'] },
  command: { type: string },
): void {
  const definition = aggregate.commands.find(({ name }) => name === command.type)
  if (!definition) throw new Error(`${command.type} is not a command of this aggregate`)
  const { type, ...input } = command
  const parsed = definition.schema.safeParse(input)
  if (!parsed.success) throw new Error(`${type} does not fit its schema: ${parsed.error.message}`)
}

function jsonCopy<T>(value: T): T {
  // undefined stays undefined: JSON.stringify has no text for it
  return value === undefined ? value : (JSON.parse(JSON.stringify(value)) as T)
}

function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value)
    for (const part of Object.values(value)) deepFreeze(part)
  }
  return value
}
