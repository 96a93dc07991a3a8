import { instantOf } from '../kernel/businessTime.ts'
import { isRefusal, refuse, type Circumstances, type Decision } from '../kernel/decider.ts'
import { formatDecimal, parseDecimal } from '../kernel/decimal.ts'
import { row } from '../kernel/table.ts'
import type { PriceResolution } from '../pricing/resolution.ts'
import type { Refusal } from '../kernel/decider.ts'
import { claimAmount, quantityOf } from './claimAmount.ts'
import type { DifferencesCommandOf } from './commands.ts'
import type { DifferencesEvent, SubmittedClaim } from './events.ts'
import { chooseUnits, piecesOf, type Chosen, type Piece, type Stretch } from './pieces.ts'
import type { ClaimTerms } from './policy.ts'
import { takesOf, type DifferencesState } from './state.ts'
import { fitting, layersOf, limitOf } from './submitClaim.ts'

/** A change of a list price as the dealer met it. */
export interface ChangeGiven {
  readonly change?:
    | {
        readonly effectiveAt: string
        readonly unit: string
        readonly currency: string
        /** in force when the price changed */
        readonly terms: ClaimTerms | undefined
        readonly hasExited: boolean
        /** the dealer's list price just before, and from then on */
        readonly before: PriceResolution | Refusal | undefined
        readonly after: PriceResolution | Refusal | undefined
      }
    | undefined
}

const day = 86_400_000

/** The claim's key: a change is protected once. */
export const protectionId = (changeId: string): string => `PP-${changeId}`

/**
 * What a dealer's stock lost by a change of price: nothing where another price is the dealer's, or the terms protect
 * nothing. A rise is recorded once and not charged.
 */
export function proposeProtection(
  { companyId, dealerId, sku, listId, changeId, goods }: DifferencesCommandOf<'ProposeProtection'>,
  state: DifferencesState,
  { by, given }: Circumstances<ChangeGiven>,
): Decision<DifferencesEvent> {
  const claimId = protectionId(changeId)
  if (row(state.claims, claimId) || state.notDue.includes(changeId)) return []
  const { change } = given
  if (!change) return refuse('object.not_found', { listId, changeId })
  const { effectiveAt, unit, currency, terms, before, after } = change
  const { protection } = terms ?? {}
  if (!terms || !protection || change.hasExited || !before || !after || isRefusal(before) || isRefusal(after)) return []
  if (after.priceEventId !== changeId) return []
  const [oldPrice, newPrice] = [before.listPrice, after.listPrice]
  const low = parseDecimal(newPrice)
  const instant = instantOf(effectiveAt)
  const pieces = fitting(layersOf(goods, effectiveAt), { companyId, unit, currency })
    .filter(({ shippedAt }) => instantOf(shippedAt) >= instant - protection.lookBackDays * day)
    .flatMap((layer) => {
      const to = parseDecimal(protection.inTransit ? layer.top : layer.onHand)
      return piecesOf(layer, parseDecimal(layer.left), to, takesOf(state), instant).filter(({ isGone }) => !isGone)
    })
  const found = { companyId, dealerId, sku, currency, unit }
  if (low > parseDecimal(oldPrice)) {
    const there = pieces.reduce((sum, { from, to }) => sum + to - from, 0n)
    if (there === 0n) return []
    const data = { ...found, listId, changeId, effectiveAt, oldPrice, newPrice, quantity: formatDecimal(there) }
    return [{ type: 'ProtectionNotDue', data: { ...data, reason: 'price-increase' } }]
  }
  const stretch = ({ cost }: Piece): Stretch | undefined => {
    const high = protection.method === 'layers' ? cost : parseDecimal(oldPrice)
    return high > low ? { low, high } : undefined
  }
  const chosen = chooseUnits(pieces, 'all', 1, stretch)
  const amount = claimAmount(chosen.takes, currency, terms.rounding)
  if (amount === 0n) return []
  const data: SubmittedClaim = {
    ...found,
    claimId,
    policyVersion: terms.version,
    rounding: terms.rounding,
    ...limitOf(terms, currency),
    basis: { kind: 'price-protection', listId, changeId, effectiveAt, method: protection.method, oldPrice, newPrice },
    sales: [],
    quantity: formatDecimal(quantityOf(chosen.takes)),
    proofs: [],
    takes: [...chosen.takes],
    passedOver: byClaim(chosen),
    watermark: goods.watermark,
    amount: amount.toString(),
    outlet: 'credit-note',
    submittedBy: by,
    breaches: [],
  }
  return [{ type: 'ClaimSubmitted', data }]
}

function byClaim({ passedOver }: Chosen): SubmittedClaim['passedOver'] {
  const sums = new Map<string, bigint>()
  for (const { by, quantity } of passedOver) sums.set(by.claimId, (sums.get(by.claimId) ?? 0n) + quantity)
  return [...sums].slice(0, 100).map(([claimId, quantity]) => ({ claimId, quantity: formatDecimal(quantity) }))
}
