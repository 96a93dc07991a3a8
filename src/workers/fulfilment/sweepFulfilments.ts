import { instantOf } from '../../domain/kernel/businessTime.ts'
import type { WorkContext } from '../context.ts'
import { passDeadline } from './passDeadline.ts'
import { runFulfilment } from './runFulfilment.ts'

const atOnce = 500

/**
 * Processes whose attempt has passed its deadline, and those without progress, which whoever ran them has left. Both are
 * found from what the ledger said of them, so nothing depends on a queue.
 */
export async function sweepFulfilments(context: WorkContext, at: string, signal?: AbortSignal): Promise<void> {
  const { handler, progress, policy, lock } = context
  const now = instantOf(at)
  const late = (await progress.due('deadline', now, atOnce)).map(({ subject }) => subject)
  const stalled = (await progress.due('stalled', now, atOnce)).map(({ subject }) => subject)
  for (const orderId of new Set([...late, ...stalled])) {
    if (signal?.aborted) return
    await lock(orderId, async () => {
      if (late.includes(orderId)) await passDeadline(context, orderId, at)
      await runFulfilment(handler, orderId, at, { policy })
    })
  }
}
