import { z } from 'zod'
import { differencesAggregate } from '../../domain/claims/differences.ts'
import { layersAt } from '../../domain/claims/layersAt.ts'
import { claimsPolicyAggregate } from '../../domain/claims/policy.ts'
import { instantOf } from '../../domain/kernel/businessTime.ts'
import { priceAggregate } from '../../domain/pricing/prices.ts'
import { scheduleMeta, type WorkContext } from '../context.ts'
import { processCommand, StepRefused } from '../processCommand.ts'
import type { AgendaEntry } from '../progress/progressStore.ts'

const atOnce = 1_000
/** company, list and sku of a change, as the agenda notes them */
const changed = z.tuple([z.string(), z.string(), z.string()])

/**
 * Price protection: of every change of a list price whose instant has come, what each dealer's stock lost by it, as a
 * proposal that somebody approves. A change is dropped from the agenda when all dealers were looked at; looked at again
 * it gives nothing new.
 */
export async function keepClaims(context: WorkContext, at: string, signal?: AbortSignal): Promise<void> {
  const { progress } = context
  for (const entry of await progress.due('price-change', instantOf(at), atOnce)) {
    if (signal?.aborted) return
    if (await protect(context, entry, at, signal)) await progress.forget('price-change', entry.group, entry.subject)
  }
}

/** True when it is done with. */
async function protect(
  { handler, store, goods }: WorkContext,
  { group, subject: changeId }: AgendaEntry,
  at: string,
  signal: AbortSignal | undefined,
): Promise<boolean> {
  const [companyId, listId, sku] = changed.parse(JSON.parse(group))
  const { versions } = await handler.load(claimsPolicyAggregate, companyId)
  if (versions.every(({ protection }) => protection === undefined)) return true
  const prices = await handler.load(priceAggregate, `${listId}/${sku}`)
  const facts = prices.known ? prices.rows.flatMap((row) => row.facts) : []
  const change = facts.find(({ eventId }) => eventId === changeId)
  // declared in error meanwhile
  if (!change) return true
  const { effectiveAt } = change
  const watermark = await store.head()
  for (const dealerId of await goods.dealers(sku, watermark)) {
    if (signal?.aborted) return false
    const movements = await goods.movements(dealerId, sku, watermark)
    const layers = layersAt(movements, instantOf(effectiveAt)).filter(({ left, top }) => left !== top)
    if (layers.length === 0) continue
    const known = { watermark: watermark.toString(), moments: [{ at: effectiveAt, layers: [...layers] }] }
    const command = { type: 'ProposeProtection', companyId, dealerId, sku, listId, changeId, goods: known } as const
    const key = `${changeId}/${dealerId}`
    const meta = scheduleMeta('claims', at, changeId)
    const outcome = await processCommand(handler, differencesAggregate, command, key, meta)
    if (!outcome.ok) throw new StepRefused(key, outcome.refusal)
  }
  return true
}
