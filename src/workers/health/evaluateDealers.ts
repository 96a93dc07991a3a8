import { createHash } from 'node:crypto'
import { conductAggregate } from '../../domain/conduct/conduct.ts'
import { dealerAggregate } from '../../domain/dealers/decide.ts'
import { dealerAt } from '../../domain/dealers/state.ts'
import { channelHealth, evaluationOf } from '../../domain/health/evaluation.ts'
import { finalOf, healthAggregate } from '../../domain/health/health.ts'
import type { HealthTerms } from '../../domain/health/model.ts'
import type { Aggregate, Refusal } from '../../domain/kernel/decider.ts'
import type { CommandHandler, Outcome } from '../../ledger/commands.ts'
import type { DealerFigures } from '../../projections/models/measures/askHealth.ts'

/** What all dealers of a run have in common. */
export interface EvaluationRun {
  readonly companyId: string
  readonly calendarId: string
  readonly periodId: string
  /** the days of the period, [from, until) */
  readonly from: string
  readonly until: string
  readonly model: { readonly version: number; readonly terms: HealthTerms }
  readonly isFinal: boolean
  /** that the figures rest on */
  readonly watermark: bigint
  readonly asOf: string
}

/** Gives a command in the name of whoever evaluates. */
export type Give = <C extends { type: string }, E extends { type: string; data: unknown }, S, G>(
  aggregate: Aggregate<C, E, S, G>,
  command: C,
  dealerId: string,
) => Promise<Outcome>

export interface Evaluated {
  evaluated: number
  unchanged: number
  scored: number
  readonly refused: { readonly dealerId: string; readonly refusal: Refusal }[]
}

/**
 * Evaluates a page of dealers, as a draft or finally. What stands finally of a dealer, from now or from before, is also its score:
 * who was stopped in between finds that out by doing the page again.
 */
export async function evaluateDealers(
  { load }: Pick<CommandHandler, 'load'>,
  run: EvaluationRun,
  dealers: readonly DealerFigures[],
  give: Give,
  signal?: AbortSignal,
): Promise<Evaluated> {
  const { companyId, calendarId, periodId, watermark, isFinal, asOf } = run
  const done: Evaluated = { evaluated: 0, unchanged: 0, scored: 0, refused: [] }
  for (const { dealerId, figures } of dealers) {
    if (signal?.aborted) break
    const dealer = await load(dealerAggregate, dealerId)
    // the company itself has figures too
    if (!dealer.known || dealer.companyId !== companyId) continue
    const tier = dealerAt(dealer, asOf)?.tier
    const told = evaluationOf({ ...run, dealerId, watermark: watermark.toString(), figures, tier, hash })
    const outcome = await give(healthAggregate, told, dealerId)
    if (!outcome.ok) done.refused.push({ dealerId, refusal: outcome.refusal })
    else if (outcome.events.length > 0) done.evaluated += 1
    else done.unchanged += 1
    const final = isFinal ? finalOf(await load(healthAggregate, dealerId), run) : undefined
    if (final?.index === undefined) continue
    const score = { evaluation: channelHealth, version: final.modelVersion, score: final.index }
    const about = { companyId, dealerId, calendarId, periodId }
    const scored = await give(conductAggregate, { type: 'RecordEvaluation', ...about, ...score }, dealerId)
    if (scored.ok) done.scored += 1
    else done.refused.push({ dealerId, refusal: scored.refusal })
  }
  return done
}

function hash(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
