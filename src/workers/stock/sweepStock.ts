import { instantOf } from '../../domain/kernel/businessTime.ts'
import { stockAggregate } from '../../domain/stock/decide.ts'
import { scheduleMeta, type WorkContext } from '../context.ts'
import { processCommand, StepRefused } from '../processCommand.ts'
import { fillWaiting } from './fillWaiting.ts'

const atOnce = 500

/** Reservations that have run out, and orders that wait although goods are there: an arrival may have been missed. */
export async function sweepStock(context: WorkContext, at: string, signal?: AbortSignal): Promise<void> {
  const { handler, progress } = context
  for (const { group, subject: reservationId } of await progress.due('reservation', instantOf(at), atOnce)) {
    if (signal?.aborted) return
    const { key } = await handler.load(stockAggregate, group)
    if (key === undefined) continue
    const command = { type: 'ExpireReservation', ...key, reservationId } as const
    const step = `${reservationId}/expire`
    const outcome = await processCommand(
      handler,
      stockAggregate,
      command,
      `${group}/${step}`,
      scheduleMeta('stock', at, step),
    )
    if (!outcome.ok) throw new StepRefused(step, outcome.refusal)
  }
  for (let after = ''; ;) {
    const groups = await progress.groups('waiting', after, atOnce)
    for (const group of groups) {
      if (signal?.aborted) return
      const { key } = await handler.load(stockAggregate, group)
      // the same quantity that did not help an order does not make it try again; one that helped may help once more
      const requestId = (promisable: string, wanted: string): string => `free/${key?.sku ?? ''}/${promisable}/${wanted}`
      if (key) await fillWaiting(context, key, requestId, at, { correlationId: `waiting/${group}` })
    }
    const last = groups.at(-1)
    if (last === undefined) return
    after = last
  }
}
