import { periodById } from '../calendars/periodOf.ts'
import type { CalendarState } from '../calendars/state.ts'
import type { DealerAt } from '../dealers/state.ts'
import { instantOf } from '../kernel/businessTime.ts'
import { isRefusal, refuse, type Circumstances, type Decision, type Refusal } from '../kernel/decider.ts'
import { formatDecimal, parseDecimal, type Micros } from '../kernel/decimal.ts'
import { compare, plus, sumOf } from '../kernel/decimalText.ts'
import { enforce } from '../kernel/enforce.ts'
import { sameData } from '../kernel/sameData.ts'
import { own, row } from '../kernel/table.ts'
import type { PriceResolution } from '../pricing/resolution.ts'
import { claimAmount } from './claimAmount.ts'
import type { DifferencesCommandOf } from './commands.ts'
import type { ClaimBasis, DifferencesEvent, SubmittedClaim } from './events.ts'
import type { GoodsKnown, LayerAt } from './layer.ts'
import { chooseUnits, piecesOf, type Chosen, type Piece, type Stretch } from './pieces.ts'
import type { ClaimTerms } from './policy.ts'
import { proofUse, type ProofState } from './proof.ts'
import { claimedOn, takesOf, type Agreement, type DifferencesState } from './state.ts'
import type { Take, TakenBy } from './take.ts'

type Submit = DifferencesCommandOf<'SubmitClaim'>

/** What a decision about a claim needs of other streams. */
export interface ClaimGiven {
  readonly terms?: ClaimTerms | undefined
  readonly dealer?: DealerAt | undefined
  readonly calendar?: CalendarState | undefined
  /** by proof: the claim that it stands for */
  readonly used?: Readonly<Record<string, NonNullable<ProofState['usedBy']>>>
  /** the dealer's list prices, by business time */
  readonly quotes?: Readonly<Record<string, PriceResolution | Refusal>>
}

const day = 86_400_000

/** What the rules give for a claim. */
interface Worked {
  readonly basis: ClaimBasis
  readonly currency: string
  readonly unit: string
  readonly quantity: string
  readonly takes: readonly Take[]
  readonly outlet: 'credit-note' | 'return'
  /** rules that a fact from elsewhere may have broken */
  readonly rules: readonly (Refusal | false | undefined)[]
}

/** A claim of the dealer, worked out from the agreement or the right it names and the goods that the ledger knows of. */
export function submitClaim(
  command: Submit,
  state: DifferencesState,
  circumstances: Circumstances<ClaimGiven>,
): Decision<DifferencesEvent> {
  const { companyId, dealerId, sku, claimId, kind, sales, proofs, goods } = command
  const { by, recorded, given } = circumstances
  const { terms, dealer, used = {} } = given
  const known = row(state.claims, claimId)
  if (known) {
    const { basis, sales, proofs, quantity } = known.submitted
    const before = { basis: askedOf(basis), kind: basis.kind, sales, proofs, quantity }
    const now = {
      basis: askedOf(command),
      kind,
      sales: command.sales,
      proofs: command.proofs,
      quantity: wantedOf(command),
    }
    return sameData(before, now) ? [] : refuse('claims.key_reused', { claimId })
  }
  if (dealer?.companyId !== companyId) return refuse('dealers.unknown', { dealerId })
  if (!terms) return refuse('claims.no_policy', { companyId })
  const taken = allProofs(command).find((proof) => own(used, proof))
  const worked =
    kind === 'stock-rotation'
      ? rotation(command, state, terms, circumstances)
      : agreed(command, state, terms, circumstances)
  if (isRefusal(worked)) return worked
  const { rules, ...claim } = worked
  const amount = claimAmount(claim.takes, claim.currency, terms.rounding)
  const usedBy = taken === undefined ? undefined : own(used, taken)
  const breaches = enforce(
    [
      dealer.status === 'exited' && refuse('dealers.exited', { dealerId }),
      taken !== undefined && usedBy && refuse('claims.proof_used', proofUse(taken, usedBy, dealerId)),
      ...rules,
      amount <= 0n && refuse('claims.no_difference', { claimId }),
    ],
    recorded,
  )
  if (isRefusal(breaches)) return breaches
  const data: SubmittedClaim = {
    companyId,
    dealerId,
    sku,
    claimId,
    ...claim,
    takes: [...claim.takes],
    policyVersion: terms.version,
    rounding: terms.rounding,
    ...limitOf(terms, claim.currency),
    sales,
    proofs,
    passedOver: [],
    watermark: goods.watermark,
    amount: amount.toString(),
    submittedBy: by,
    breaches,
  }
  return [{ type: 'ClaimSubmitted', data }]
}

/** Every document that the claim rests on. */
export function allProofs({ sales, proofs }: Pick<SubmittedClaim, 'sales' | 'proofs'>): readonly string[] {
  return [...new Set([...proofs, ...sales.flatMap((one) => one.proofs)])]
}

export function limitOf({ secondApprovalAbove }: ClaimTerms, currency: string): { secondApprovalAbove?: string } {
  const limit = secondApprovalAbove.find((one) => one.currency === currency)
  return limit === undefined ? {} : { secondApprovalAbove: limit.amount }
}

export function layersOf({ moments }: GoodsKnown, at: string): readonly LayerAt[] {
  const moment = moments.find((one) => instantOf(one.at) === instantOf(at))
  if (!moment) throw new RangeError(`nothing is known of the goods at ${at}`)
  return moment.layers
}

const askedOf = (
  of: { agreementId?: string | undefined; periodId?: string | undefined } | ClaimBasis,
): string | undefined =>
  'agreementId' in of && of.agreementId !== undefined ? of.agreementId : 'periodId' in of ? of.periodId : undefined

function wantedOf({ sales, quantity }: Submit): string {
  return quantity ?? sumOf(sales.map((one) => one.quantity))
}

/** Ship and debit: the units that each sale took. Special price: units that were shipped inside the window. */
function agreed(
  command: Submit,
  state: DifferencesState,
  terms: ClaimTerms,
  { at, given, recorded }: Circumstances<ClaimGiven>,
): Worked | Refusal {
  const { agreementId = '', companyId, kind } = command
  const agreement = own(state.agreements, agreementId)
  if (!agreement || agreement.companyId !== companyId) return refuse('object.not_found', { agreementId })
  if (agreement.kind !== kind) return refuse('claims.other_kind', { agreementId, kind: agreement.kind })
  const quantity = wantedOf(command)
  const before = claimedOn(state, { agreementId })
  const last =
    kind === 'special-price'
      ? windowOf(agreement).until
      : Math.min(...command.sales.map(({ soldAt }) => instantOf(soldAt)))
  const rules = [
    ...command.sales.flatMap((one) => saleRules(one, agreement, at)),
    compare(plus(before, quantity), agreement.quantity) > 0 &&
      refuse('claims.over_cap', { agreementId, cap: agreement.quantity, claimed: before, quantity }),
    instantOf(at) > last + terms.claimWithinDays * day &&
      refuse('claims.too_late', { agreementId, claimWithinDays: terms.claimWithinDays }),
  ]
  // what is not covered is said before what is not there
  const broken = rules.find(isRefusal)
  if (broken && !recorded) return broken
  const chosen =
    kind === 'special-price' ? bought(command, agreement, state) : sold(command, agreement, state, given.quotes ?? {})
  if (isRefusal(chosen)) return chosen
  const { contractPrice, currency, unit, compared } = agreement
  const basis = { kind: agreement.kind, agreementId, contractPrice, compared }
  return { basis, currency, unit, quantity, takes: chosen, outlet: 'credit-note', rules }
}

function windowOf({ from, until, endsAt }: Agreement): { readonly from: number; readonly until: number } {
  const end = instantOf(until)
  return { from: instantOf(from), until: endsAt === undefined ? end : Math.min(end, instantOf(endsAt)) }
}

function saleRules(
  { lineNo, soldAt, endCustomer }: SubmittedClaim['sales'][number],
  agreement: Agreement,
  at: string,
): readonly (Refusal | false)[] {
  const { agreementId } = agreement
  const { from, until } = windowOf(agreement)
  const instant = instantOf(soldAt)
  return [
    endCustomer !== agreement.endCustomer &&
      refuse('claims.other_customer', { agreementId, lineNo, endCustomer, agreed: agreement.endCustomer }),
    (instant < from || instant >= until || instant > instantOf(at)) &&
      refuse('claims.outside_window', {
        agreementId,
        lineNo,
        soldAt,
        from: agreement.from,
        until: agreement.endsAt ?? agreement.until,
      }),
  ]
}

function sold(
  { sales, goods, claimId }: Submit,
  agreement: Agreement,
  state: DifferencesState,
  quotes: NonNullable<ClaimGiven['quotes']>,
): readonly Take[] | Refusal {
  const earlier = takesOf(state)
  const takes: Take[] = []
  for (const { lineNo, soldAt, quantity } of sales.toSorted(
    (a, b) => instantOf(a.soldAt) - instantOf(b.soldAt) || a.lineNo - b.lineNo,
  )) {
    const price = comparedAt(agreement, soldAt, quotes)
    if (isRefusal(price)) return price
    const own: TakenBy[] = takes.map((one) => ({ ...one, claimId, kind: 'ship-and-debit', goneAt: instantOf(soldAt) }))
    const pieces = fitting(layersOf(goods, soldAt), agreement).flatMap((layer) =>
      piecesOf(layer, parseDecimal(layer.left), parseDecimal(layer.onHand), [...earlier, ...own]).filter(
        ({ isGone }) => !isGone,
      ),
    )
    const stretch = (piece: Piece): Stretch => upTo(parseDecimal(agreement.contractPrice), price ?? piece.cost)
    const chosen = chooseUnits(pieces, parseDecimal(quantity), lineNo, stretch, true)
    if (chosen.short > 0n) return shortOf(chosen, lineNo)
    takes.push(...chosen.takes)
  }
  return takes
}

/** The price that a sale is compared with; undefined where it is what each unit cost. */
function comparedAt(
  { compared, startPrice, agreementId }: Agreement,
  soldAt: string,
  quotes: NonNullable<ClaimGiven['quotes']>,
): Micros | undefined | Refusal {
  if (compared === 'layers') return undefined
  if (compared === 'list-at-start') return parseDecimal(startPrice ?? '0')
  const quote = own(quotes, soldAt)
  if (!quote) return refuse('pricing.no_price', { agreementId, soldAt })
  return isRefusal(quote) ? quote : parseDecimal(quote.listPrice)
}

function bought(
  { goods, quantity = '0' }: Submit,
  agreement: Agreement,
  state: DifferencesState,
): readonly Take[] | Refusal {
  const earlier = takesOf(state)
  const { from, until } = windowOf(agreement)
  const [moment] = goods.moments
  const pieces = fitting(moment?.layers ?? [], agreement)
    .filter(({ shippedAt }) => instantOf(shippedAt) >= from && instantOf(shippedAt) < until)
    .flatMap((layer) => piecesOf(layer, 0n, parseDecimal(layer.top), earlier))
  const contract = parseDecimal(agreement.contractPrice)
  const dearer = ({ cost }: Piece): Stretch | undefined => (cost > contract ? { low: contract, high: cost } : undefined)
  const chosen = chooseUnits(pieces, parseDecimal(quantity), 1, dearer)
  return chosen.short > 0n ? shortOf(chosen, 1) : chosen.takes
}

/** The right to give back a share of what was bought in a period. */
function rotation(
  { companyId, periodId = '', quantity = '0', unit = '', currency = '', goods }: Submit,
  state: DifferencesState,
  terms: ClaimTerms,
  { at, given }: Circumstances<ClaimGiven>,
): Worked | Refusal {
  const right = terms.rotation
  if (!right) return refuse('claims.no_rotation', { policyVersion: terms.version })
  const period = given.calendar && periodById(given.calendar, periodId)
  if (period?.grain !== right.grain) return refuse('calendars.unknown_period', { periodId })
  const [moment] = goods.moments
  const layers = fitting(moment?.layers ?? [], { unit, currency, companyId })
  const inPeriod = layers.filter(({ arrivedAt }) => {
    const instant = arrivedAt === undefined ? undefined : instantOf(arrivedAt)
    return instant !== undefined && instant >= period.startInstant && instant < period.endInstant
  })
  const purchased = sumOf(inPeriod.map((layer) => layer.bought))
  const rotated = claimedOn(state, { periodId })
  const isOver =
    parseDecimal(plus(rotated, quantity)) * 1_000_000n > parseDecimal(right.share) * parseDecimal(purchased)
  const earlier = takesOf(state)
  const pieces = layers
    // what no shipment of ours brought cannot come back on an order
    .filter(({ order }) => right.method === 'scrap' || order !== undefined)
    .flatMap((layer) =>
      piecesOf(layer, parseDecimal(layer.left), parseDecimal(layer.onHand), earlier).filter(({ isGone }) => !isGone),
    )
  // what comes back is credited as it was sold; what stays is worth what it costs by now
  const worth = ({ layer, cost }: Piece): Stretch => ({
    low: 0n,
    high: right.method === 'return' ? parseDecimal(layer.price) : cost,
  })
  const chosen = chooseUnits(pieces, parseDecimal(quantity), 1, worth)
  const quota = refuse('claims.over_quota', { periodId, share: right.share, bought: purchased, rotated, quantity })
  if (chosen.short > 0n) return isOver ? quota : shortOf(chosen, 1)
  return {
    basis: { kind: 'stock-rotation', periodId, share: right.share, bought: purchased, rotated },
    currency,
    unit,
    quantity,
    takes: chosen.takes,
    outlet: right.method === 'return' ? 'return' : 'credit-note',
    rules: [
      isOver && quota,
      instantOf(at) > period.endInstant + terms.claimWithinDays * day &&
        refuse('claims.too_late', { periodId, claimWithinDays: terms.claimWithinDays }),
    ],
  }
}

/** Layers of the company, or of goods that were there before it, in one unit and currency. */
export function fitting(
  layers: readonly LayerAt[],
  { unit, currency, companyId }: { readonly unit: string; readonly currency: string; readonly companyId: string },
): readonly LayerAt[] {
  return layers.filter(
    (one) => one.unit === unit && one.currency === currency && (one.companyId ?? companyId) === companyId,
  )
}

function upTo(low: Micros, high: Micros): Stretch {
  return { low: low < high ? low : high, high }
}

/** Too few units: because a claim took them, or because they are not there. */
function shortOf({ passedOver, short }: Chosen, lineNo: number): Refusal {
  const [first] = passedOver
  const missing = formatDecimal(short)
  if (!first) return refuse('claims.no_units', { lineNo, missing })
  const { claimId, kind, layer } = first.by
  return refuse('claims.units_taken', { lineNo, missing, claimId, kind, layer })
}
