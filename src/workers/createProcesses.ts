import { workContext, type WorkContext } from './context.ts'
import { agendaNotes } from './agenda.ts'
import { claimReactions } from './claims/claimReactions.ts'
import { creditReactions } from './fulfilment/creditReactions.ts'
import { orderReactions } from './fulfilment/orderReactions.ts'
import type { WorkerPorts } from './ports.ts'
import { createReactor, type Reactor, type ReactorOptions } from './reactor.ts'
import { goodsReactions } from './rebates/goodsReactions.ts'
import { rebateReactions } from './rebates/rebateReactions.ts'
import { receivableReactions } from './receivables/receivableReactions.ts'
import { stockReactions } from './stock/stockReactions.ts'
import { diversionReactions } from './diversion/diversionReactions.ts'
import { violationReactions } from './violations/violationReactions.ts'

/** The one reactor of the processes: all of them see the facts of a stream in the same order. */
export function createProcesses(
  ports: WorkerPorts,
  options: Pick<ReactorOptions, 'sleep' | 'onTrouble' | 'limits'>,
): { readonly reactor: Reactor; readonly context: WorkContext } {
  const context = workContext(ports)
  const reactions = [
    // documents first: the credit of an order is what they leave of it
    ...receivableReactions(context),
    ...orderReactions(context),
    ...creditReactions(context),
    ...rebateReactions(context),
    ...goodsReactions(context),
    ...claimReactions(context),
    ...stockReactions(context),
    ...violationReactions(context),
    ...diversionReactions(context),
  ]
  const { store, registry, progress, clock } = ports
  const reactor = createReactor({
    ...options,
    store,
    registry,
    progress,
    clock,
    reactions,
    name: 'processes',
    agenda: agendaNotes(ports),
  })
  return { reactor, context }
}
