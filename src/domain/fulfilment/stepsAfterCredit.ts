import type { CreditEvent } from '../credit/events.ts'
import type { Step } from './step.ts'

/** A credit hold on one order stops the order itself, and its release lets it go on. Every step may be repeated. */
export function stepsAfterCredit(event: CreditEvent & { readonly id: string }): readonly Step[] {
  if (event.type !== 'CreditHoldPlaced' && event.type !== 'CreditHoldReleased') return []
  const { orderId, kind } = event.data
  if (orderId === undefined) return []
  const reason = kind.replaceAll('_', '-')
  const step = { key: `${event.id}/hold`, step: 'hold', target: 'order' as const }
  return event.type === 'CreditHoldPlaced'
    ? [{ ...step, command: { type: 'HoldOrder', orderId, kind: 'credit', reason } }]
    : [
        {
          ...step,
          command: { type: 'ReleaseHold', orderId, kind: 'credit', reason: event.data.cause.replaceAll('_', '-') },
        },
      ]
}
