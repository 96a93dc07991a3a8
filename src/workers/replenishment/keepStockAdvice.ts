import { businessTime, calendarDate, instantOf, zoneOf } from '../../domain/kernel/businessTime.ts'
import { stockAdviceAggregate } from '../../domain/replenishment/advice.ts'
import { adviceId } from '../../domain/replenishment/adviceId.ts'
import { judgePlannedStocks } from '../../domain/replenishment/judgePlannedStocks.ts'
import { stockPlanAggregate } from '../../domain/replenishment/plan.ts'
import { scheduleMeta, type WorkContext } from '../context.ts'
import { processCommand, StepRefused } from '../processCommand.ts'
import { adviceEntry } from './adviceEntry.ts'

export const partiesAtOnce = 10_000
const adviceAtOnce = 10_000

/** Looks once a day at every stock of the parties that are planned, and says what has changed about it. */
export async function keepStockAdvice(
  { handler, progress, stocks, store }: WorkContext,
  companyId: string,
  at: string,
  signal?: AbortSignal,
): Promise<void> {
  const today = calendarDate(instantOf(at), zoneOf(at))
  const looked = await progress.inGroup('stock-looked-at', companyId, adviceAtOnce)
  if (looked.some(({ subject }) => subject === today)) return
  const watermark = await store.head()
  for (const { subject: party } of await progress.inGroup('stock-plan', companyId, partiesAtOnce)) {
    const state = await handler.load(stockPlanAggregate, party)
    const judged = judgePlannedStocks(state, await stocks.of(party, watermark), instantOf(at))
    const standing = (await progress.inGroup('stock-advice', party, adviceAtOnce)).map(({ subject }) => subject)
    const entries = new Set(standing)
    const spokenOf = new Set(standing.map((entry) => entry.slice(entry.indexOf(' ') + 1)))
    for (const { advice, goodsAt, ...found } of judged) {
      if (signal?.aborted) return
      const id = adviceId(found)
      if (advice === 'none' ? !spokenOf.has(id) : entries.has(adviceEntry({ ...found, advice }))) continue
      const command = {
        type: 'AdviseOnStock',
        ...found,
        advice,
        seenMonth: state.seenMonth,
        ...(goodsAt !== undefined && { goodsAt: businessTime(goodsAt, zoneOf(at)) }),
      } as const
      const key = `${id}/${today}`
      const meta = scheduleMeta('replenishment', at, `${companyId}/${today}`)
      const outcome = await processCommand(handler, stockAdviceAggregate, command, key, meta)
      if (!outcome.ok) throw new StepRefused(key, outcome.refusal)
    }
  }
  await progress.put({ kind: 'stock-looked-at', group: companyId, subject: today, at: instantOf(at) })
  for (const { subject } of looked) await progress.forget('stock-looked-at', companyId, subject)
}
