import { accountAggregate } from '../../domain/credit/account.ts'
import { instantOf } from '../../domain/kernel/businessTime.ts'
import { scheduleMeta, type WorkContext } from '../context.ts'
import { processCommand, StepRefused } from '../processCommand.ts'

const atOnce = 500

/** Credit for invoices to come whose time is over. */
export async function sweepCredits(context: WorkContext, at: string, signal?: AbortSignal): Promise<void> {
  const { handler, progress } = context
  for (const { group: accountId, subject: creditNoteId } of await progress.due('credit', instantOf(at), atOnce)) {
    if (signal?.aborted) return
    const command = { type: 'ExpireCreditNote', accountId, creditNoteId } as const
    const key = `${accountId}/${creditNoteId}/expire`
    const meta = scheduleMeta('receivables', at, key)
    const outcome = await processCommand(handler, accountAggregate, command, key, meta)
    if (!outcome.ok) throw new StepRefused(key, outcome.refusal)
    await progress.forget('credit', accountId, creditNoteId)
  }
}
