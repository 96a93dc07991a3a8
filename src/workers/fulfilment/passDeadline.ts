import { accountAggregate } from '../../domain/credit/account.ts'
import { fulfilmentAggregate } from '../../domain/fulfilment/decide.ts'
import { nextSteps } from '../../domain/fulfilment/nextSteps.ts'
import { recordOf } from '../../domain/fulfilment/recordOf.ts'
import type { Step } from '../../domain/fulfilment/step.ts'
import { orderAggregate } from '../../domain/orders/decide.ts'
import { stockAggregate } from '../../domain/stock/decide.ts'
import { stockId } from '../../domain/stock/stockKey.ts'
import { keyedEventId } from '../../ledger/commandIds.ts'
import { scheduleMeta, type WorkContext } from '../context.ts'
import { processCommand, StepRefused } from '../processCommand.ts'

/**
 * Passes the deadline of an attempt that is over its time. A step that was done while its answer was never recorded (the
 * process died in between) is recorded first: an order that is confirmed already is past undoing. The caller runs the
 * process afterwards.
 */
export async function passDeadline(context: WorkContext, orderId: string, at: string): Promise<void> {
  const { handler, store } = context
  const meta = scheduleMeta('fulfilment', at, orderId)
  for (;;) {
    const state = await handler.load(fulfilmentAggregate, orderId)
    if (state.phase === 'none' || state.phase === 'done' || state.phase === 'retry') return
    // deadlines are of no use to a step that is only looked up
    const [step] = nextSteps(state, { deadline: at, reservedUntil: at })
    const events = step === undefined ? [] : await store.findCommand(...commandOf(step))
    if (step === undefined || events.length === 0) {
      const { attempt } = state.attempt
      const key = `${orderId}/deadline/${attempt}`
      const command = { type: 'PassDeadline', orderId, attempt } as const
      const outcome = await processCommand(handler, fulfilmentAggregate, command, key, meta)
      if (!outcome.ok) throw new StepRefused(key, outcome.refusal)
      return
    }
    const record = recordOf(state, step, { ok: true, events })
    const recorded = await processCommand(handler, fulfilmentAggregate, record, `${step.key}/record`, {
      ...meta,
      kind: 'process',
    })
    if (!recorded.ok) throw new StepRefused(`${step.key}/record`, recorded.refusal)
    if (recorded.events.length === 0) return
  }
}

/** The id that `executeStep` gives the command, and its stream. */
function commandOf({ key, target, command }: Step): [commandId: string, stream: string] {
  const id = keyedEventId('fulfilment', command.type, key, 0)
  switch (target) {
    case 'account':
      return [id, `${accountAggregate.category}-${command.accountId}`]
    case 'order':
      return [id, `${orderAggregate.category}-${command.orderId}`]
    case 'stock':
      return [id, `${stockAggregate.category}-${stockId(command)}`]
    case 'fulfilment':
      return [id, `${fulfilmentAggregate.category}-${command.orderId}`]
  }
}
