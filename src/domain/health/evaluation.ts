import { parseDecimal } from '../kernel/decimal.ts'
import { byText } from '../kernel/byText.ts'
import type { HealthCommand } from './commands.ts'
import { judgeHealth, type HealthFigure, type JudgedDimension } from './judgeHealth.ts'
import type { HealthTerms } from './model.ts'

/** The evaluation whose newest score gates look at; its version is that of the health model. */
export const channelHealth = 'channel-health'

export interface Asked {
  readonly companyId: string
  readonly dealerId: string
  readonly calendarId: string
  readonly periodId: string
  readonly model: { readonly version: number; readonly terms: HealthTerms }
  /** days, [from, until) */
  readonly from: string
  readonly until: string
  readonly isFinal: boolean
  readonly watermark: string
  readonly asOf: string
  readonly figures: readonly HealthFigure[]
  /** in force at `asOf` */
  readonly tier: string | undefined
  /** SHA-256 as lower-case hexadecimal */
  readonly hash: (text: string) => string
}

/** What is to be recorded of a dealer. The tier that its index would make is proposed, and nobody is moved by it. */
export function evaluationOf(asked: Asked): HealthCommand {
  const { companyId, dealerId, calendarId, periodId, model, from, until, isFinal, watermark, asOf, tier } = asked
  const { index, confidence, dimensions, matrix } = judgeHealth(model.terms, asked.figures)
  const reached =
    index === undefined
      ? undefined
      : model.terms.tiers.find(({ from: least }) => parseDecimal(index) >= parseDecimal(least))
  const move = isFinal && reached && reached.tier !== tier ? reached.tier : undefined
  return {
    type: 'EvaluateDealer',
    companyId,
    dealerId,
    calendarId,
    periodId,
    modelVersion: model.version,
    from,
    until,
    isFinal,
    watermark,
    asOf,
    ...(index !== undefined && { index }),
    confidence,
    dimensions: dimensions.map(briefly),
    matrix: matrix.dimensions.map(briefly),
    ...(matrix.dealerClass && { dealerClass: matrix.dealerClass }),
    explanationHash: asked.hash(explainedText(asked)),
    ...(move !== undefined && { proposedTier: { ...(tier !== undefined && { from: tier }), to: move } }),
  }
}

/** Everything that an index follows from, in one order. Where it rests in the log is not part of it: later events that change nothing leave it as it is. */
export function explainedText({
  dealerId,
  model,
  from,
  until,
  figures,
}: Pick<Asked, 'dealerId' | 'model' | 'from' | 'until' | 'figures'>): string {
  const sorted = figures
    .map(({ metric, currency, unit, value }) => [metric, currency ?? '', unit ?? '', value ?? null])
    .toSorted((a, b) => byText(JSON.stringify(a), JSON.stringify(b)))
  return JSON.stringify([dealerId, model.version, model.terms, from, until, sorted])
}

function briefly({ code, points, confidence }: JudgedDimension): { code: string; points?: string; confidence: string } {
  return { code, ...(points !== undefined && { points }), confidence }
}
