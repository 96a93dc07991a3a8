import { isRefusal, refuse, type Aggregate, type Decision } from '../domain/kernel/decider.ts'
import type { CommandMeta } from './commands.ts'
import { noStream } from './eventStore.ts'
import type { Folded } from './foldStream.ts'

/**
 * One command on the state of its stream. For a dealer's own staff another owner's object does not exist: the command
 * is decided as on a stream without events, so the refusal is, to the letter, the one for a missing object. An
 * aggregate without an owner is nobody's that acts for a dealer.
 */
export function decideCommand<C extends { type: string }, E extends { type: string; data: unknown }, S, G>(
  aggregate: Aggregate<C, E, S, G>,
  command: C,
  meta: CommandMeta,
  given: G,
  { state, revision, lastEventId }: Folded<S>,
): Decision<E> {
  const { at, actor, onBehalfOf, expectedRevision, after, recorded = false } = meta
  const circumstances = { at, by: actor, recorded, given }
  const decideAsMissing = (): Decision<E> => {
    const decision = aggregate.decide(command, aggregate.initialState, circumstances)
    return isRefusal(decision) ? decision : refuse('object.not_found')
  }
  if (onBehalfOf !== undefined && aggregate.owner?.(state, command) !== onBehalfOf) return decideAsMissing()
  if (expectedRevision !== undefined && expectedRevision !== revision) {
    return revision === noStream ? decideAsMissing() : refuse('revision.conflict', { actualRevision: revision })
  }
  if (after !== undefined && after !== lastEventId) return refuse('revision.conflict', { actualRevision: revision })
  return aggregate.decide(command, state, circumstances)
}
