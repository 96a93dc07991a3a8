import assert from 'node:assert/strict'
import fc from 'fast-check'
import { isRefusal, type Aggregate, type Circumstances } from '../../src/domain/kernel/decider.ts'
import { someTime } from './decider.ts'

type Event = { readonly type: string; readonly data: unknown; readonly occurredAt?: string }

/**
 * Long random histories for invariants: folds step by step instead of anew (`sameCommandTwice` refolds and checks every
 * schema, which suits short ones), so thousands of commands take a second. After each accepted command the same command
 * must give nothing, and `then` looks at the state. Gives back which event types occurred, so that a specification can
 * say what it covered.
 */
export function longHistories<C extends { type: string }, E extends Event, S, G>(
  aggregate: Aggregate<C, E, S, G>,
  command: fc.Arbitrary<C>,
  options: {
    readonly circumstances: (command: C, step: number) => Partial<Circumstances<G>> & { readonly given: G }
    /** after every event-giving command; keep it cheap (`node:assert`, not `expect`) */
    readonly then?: (state: S, events: readonly E[]) => void
    readonly atEnd?: (state: S, events: readonly E[]) => void
    readonly length: number
    readonly runs: number
    /** an event that coverage is asserted of needs a fixed seed */
    readonly seed?: number
  },
): ReadonlySet<string> {
  const occurred = new Set<string>()
  fc.assert(
    fc.property(fc.array(command, { minLength: 1, maxLength: options.length, size: 'max' }), (commands) => {
      let state = aggregate.initialState
      const history: E[] = []
      commands.forEach((one, step) => {
        const circumstances = { at: someTime, by: 'tester', recorded: false, ...options.circumstances(one, step) }
        const decided = aggregate.decide(one, state, circumstances)
        if (isRefusal(decided) || decided.length === 0) return
        for (const event of decided) {
          const happened = {
            occurredAt: circumstances.at,
            ...event,
            id: `e${history.length}`,
            revision: history.length,
          }
          state = aggregate.evolve(state, happened)
          history.push({ occurredAt: circumstances.at, ...event })
          occurred.add(event.type)
        }
        assert.deepEqual(aggregate.decide(one, state, circumstances), [], `${one.type} once more`)
        options.then?.(state, history)
      })
      options.atEnd?.(state, history)
    }),
    { numRuns: options.runs, ...(options.seed === undefined ? {} : { seed: options.seed }) },
  )
  return occurred
}
