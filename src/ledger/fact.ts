import type { Aggregate, Foldable, Load } from '../domain/kernel/decider.ts'
import type { CommandHandler, CommandMeta, Outcome } from './commands.ts'
import type { Turn } from './decideAll.ts'
import { decideCommand } from './decideCommand.ts'
import type { Folded } from './foldStream.ts'

/** A recorded fact (domain.md §2.14) on its way into its stream, among many: a command of whatever aggregate. */
export interface Fact {
  readonly aggregate: Foldable<unknown>
  readonly stream: string
  readonly meta: CommandMeta
  /** Loads what the decision needs of other streams, and gives the decision. */
  readonly prepare: (load: Load) => Promise<Turn['decide']>
  /** The same command on the ordinary way, alone. */
  readonly execute: (handler: Pick<CommandHandler, 'execute' | 'load'>) => Promise<Outcome>
}

/** The command must have passed its schema. */
export function factOf<C extends { type: string }, E extends { type: string; data: unknown }, S, G>(
  aggregate: Aggregate<C, E, S, G>,
  command: C,
  meta: CommandMeta,
): Fact {
  const definition = aggregate.commands.find(({ name }) => name === command.type)
  if (!definition) throw new TypeError(`${command.type} is not a command of ${aggregate.category}`)
  return {
    aggregate,
    stream: `${aggregate.category}-${definition.id(command)}`,
    meta,
    async prepare(load) {
      // an aggregate without gather has G = undefined
      const given = aggregate.gather ? await aggregate.gather(command, load, meta.at) : (undefined as G)
      // a turn gets the state that its own aggregate folded
      return (folded) => decideCommand(aggregate, command, meta, given, folded as Folded<S>)
    },
    execute: (handler) => handler.execute(aggregate, command, meta),
  }
}

/** Of two facts of one stream the one that its state asks for. */
export function eitherFact<S>(first: Fact, next: Fact, aggregate: Foldable<S>, wantsNext: (state: S) => boolean): Fact {
  const id = first.stream.slice(aggregate.category.length + 1)
  return {
    ...first,
    async prepare(load) {
      const [one, other] = await Promise.all([first.prepare(load), next.prepare(load)])
      // folded by this aggregate
      return (folded) => (wantsNext(folded.state as S) ? other : one)(folded)
    },
    execute: async (handler) => (wantsNext(await handler.load(aggregate, id)) ? next : first).execute(handler),
  }
}
