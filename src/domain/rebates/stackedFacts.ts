import { formatDecimal, parseDecimal, type Micros } from '../kernel/decimal.ts'
import type { Load } from '../kernel/decider.ts'
import type { BasisFact } from './basisFact.ts'
import { settlementId } from './commands.ts'
import { earn, toScale6 } from './earn.ts'
import { factsOf, type FactsRequest } from './factsOf.ts'
import { mayTakePart } from './mayTakePart.ts'
import { programmeAggregate, termsFor, type ProgrammeState } from './programme.ts'
import { countedIn, ownOf } from './settle.ts'
import { settlementAggregate } from './settlement.ts'
import { ownFigures } from './settlementState.ts'
import { stackingAggregate, stackingFor } from './stacking.ts'
import type { StackingClass, Terms } from './terms.ts'

interface StackedRequest extends FactsRequest {
  readonly programmeId: string
  readonly dealerId: string
  readonly currency: string
  readonly periodId: string
  /** of the calendar */
  readonly zone: string
}

/** A programme that counts before another one, as far as it counts for the dealer. */
interface Earlier {
  readonly programme: ProgrammeState
  readonly terms: Terms
  readonly class: StackingClass
  readonly figures: { readonly target?: string; readonly baseline?: string }
}

/**
 * The facts of a dealer-period as a programme sees them behind the earlier ones of its group (docs/settlement-rules.md §7), chosen by
 * `factsOf`: all of them, without those that an earlier one counts, or less what the earlier ones earn on them.
 */
export async function stackedFacts(
  load: Load,
  request: StackedRequest,
  facts: readonly BasisFact[],
): Promise<readonly BasisFact[]> {
  const { programmeId, terms, period } = request
  const counted = factsOf(request, facts)
  if (terms.stackingGroup === undefined || counted.length === 0) return counted
  const order = stackingFor(await load(stackingAggregate, terms.stackingGroup), period.startInstant)
  const place = order.findIndex((one) => one.programmeId === programmeId)
  const mine = order[place]
  if (!mine || mine.class === 'independent') return counted
  /** what is earned on a fact so far; of every fact that an earlier one has in its scope */
  const taken = new Map<string, Micros>()
  for (const { programmeId: id, class: theirs } of order.slice(0, place)) {
    const earlier = await earlierOf(load, request, id, theirs)
    if (!earlier) continue
    const seen = seenBy(earlier.class, factsOf({ ...request, ...earlier }, facts), taken)
    const { target, baseline } = earlier.figures
    const inScope = countedIn(earlier.terms, seen)
    const { shares, scale } = earn(earlier.terms, inScope, ownOf({ terms: earlier.terms, target, baseline }))
    for (const fact of inScope) taken.set(keyOf(fact), taken.get(keyOf(fact)) ?? 0n)
    const { parts } = toScale6(
      shares.map(({ exact }) => exact),
      scale,
    )
    for (const [n, { line }] of shares.entries())
      if (line) taken.set(keyOf(line.fact), (taken.get(keyOf(line.fact)) ?? 0n) + (parts[n] ?? 0n))
  }
  return seenBy(mine.class, counted, taken)
}

/** Undefined when the programme has no terms for the period, does not settle in the currency, or the dealer may not take part. */
async function earlierOf(
  load: Load,
  { dealerId, currency, periodId, period, zone, cutOff }: StackedRequest,
  programmeId: string,
  stacking: StackingClass,
): Promise<Earlier | undefined> {
  const programme = await load(programmeAggregate, programmeId)
  const terms = termsFor(programme, period.startInstant)
  if (!terms || !(terms.currencies?.includes(currency) ?? true)) return undefined
  if (!(await mayTakePart(load, programme, terms, dealerId, period.endInstant, zone))) return undefined
  const settlement = await load(settlementAggregate, settlementId({ programmeId, dealerId, currency, periodId }))
  return { programme, terms, class: stacking, figures: ownFigures(settlement, terms, period, cutOff) }
}

function seenBy(
  stacking: StackingClass,
  facts: readonly BasisFact[],
  taken: ReadonlyMap<string, Micros>,
): readonly BasisFact[] {
  switch (stacking) {
    case 'independent':
      return facts
    case 'exclusive':
      return facts.filter((fact) => !taken.has(keyOf(fact)))
    case 'net-of-previous':
      return facts.map((fact) => {
        const less = taken.get(keyOf(fact))
        if (less === undefined || less === 0n) return fact
        const reduced = (value: string): string => formatDecimal(parseDecimal(value) - less)
        return { ...fact, net: reduced(fact.net), gross: reduced(fact.gross), earnedBefore: formatDecimal(less) }
      })
  }
}

function keyOf({ basis, eventId, lineNo }: BasisFact): string {
  return `${basis} ${eventId} ${lineNo}`
}
