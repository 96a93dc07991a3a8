import { calendarAggregate } from '../calendars/decide.ts'
import { dealerAggregate } from '../dealers/decide.ts'
import { dealerAt, type DealerState } from '../dealers/state.ts'
import { businessTime, instantOf, zoneOf } from '../kernel/businessTime.ts'
import {
  isRefusal,
  refuse,
  type Aggregate,
  type Circumstances,
  type Decision,
  type Load,
  type Refusal,
} from '../kernel/decider.ts'
import { compare } from '../kernel/decimalText.ts'
import { enforce } from '../kernel/enforce.ts'
import { sameData } from '../kernel/sameData.ts'
import { own, row } from '../kernel/table.ts'
import { priceAggregate } from '../pricing/prices.ts'
import { quoteLines } from '../pricing/quote.ts'
import type { PriceResolution } from '../pricing/resolution.ts'
import { approvalBy } from './approval.ts'
import {
  differencesCommands,
  differencesId,
  type DifferencesCommand,
  type DifferencesCommandOf as Command,
} from './commands.ts'
import { differencesEvents, type DifferencesEvent } from './events.ts'
import { claimsPolicyAggregate, claimTermsAt } from './policy.ts'
import { proofAggregate, type ProofState } from './proof.ts'
import { proposeProtection, type ChangeGiven } from './proposeProtection.ts'
import { evolve, noDifferences, type Claim, type DifferencesState } from './state.ts'
import { allProofs, submitClaim, type ClaimGiven } from './submitClaim.ts'

export type DifferencesGiven = ClaimGiven & ChangeGiven

/**
 * Which differences of price a dealer is paid on the units of one sku: agreements, claims on them, price protection and
 * rotation. One stream decides all of it, so the same difference is paid once per unit, whatever it is called.
 */
export const differencesAggregate: Aggregate<DifferencesCommand, DifferencesEvent, DifferencesState, DifferencesGiven> =
  {
    category: 'differences',
    stateVersion: 1,
    initialState: noDifferences,
    evolve,
    decide,
    gather,
    owner: (_state, { dealerId }) => dealerId,
    events: differencesEvents,
    commands: differencesCommands,
  }

async function gather(command: DifferencesCommand, load: Load, at: string): Promise<DifferencesGiven> {
  switch (command.type) {
    case 'MakeAgreement': {
      const { companyId, dealerId, sku, currency, unit, from } = command
      const dealer = await load(dealerAggregate, dealerId)
      const quotes = await quotesAt(load, { companyId, dealer, sku, currency, unit }, [from])
      return { dealer: dealerAt(dealer, at), quotes }
    }
    case 'SubmitClaim':
      return gatherForClaim(command, load, at)
    case 'ProposeProtection':
      return { change: await changeOf(command, load) }
    default:
      return {}
  }
}

async function gatherForClaim(command: Command<'SubmitClaim'>, load: Load, at: string): Promise<ClaimGiven> {
  const { companyId, dealerId, sku, sales, agreementId = '' } = command
  const [policy, dealer, state] = await Promise.all([
    load(claimsPolicyAggregate, companyId),
    load(dealerAggregate, dealerId),
    load(differencesAggregate, differencesId(command)),
  ])
  const terms = claimTermsAt(policy, at)
  const used: Record<string, NonNullable<ProofState['usedBy']>> = {}
  const stream = `${differencesAggregate.category}-${differencesId(command)}`
  for (const proof of allProofs(command)) {
    const { usedBy } = await load(proofAggregate, proof)
    if (usedBy && (usedBy.stream !== stream || usedBy.claimId !== command.claimId)) used[proof] = usedBy
  }
  const agreement = own(state.agreements, agreementId)
  const asked = agreement?.compared === 'list-at-sale' ? sales.map(({ soldAt }) => soldAt) : []
  const calendarId = command.periodId === undefined ? undefined : terms?.rotation?.calendarId
  return {
    terms,
    dealer: dealerAt(dealer, at),
    used,
    ...(agreement && { quotes: await quotesAt(load, { ...agreement, companyId, dealer, sku }, asked) }),
    ...(calendarId !== undefined && { calendar: await load(calendarAggregate, calendarId) }),
  }
}

interface Asked {
  readonly companyId: string
  readonly dealer: DealerState
  readonly sku: string
  readonly unit: string
  readonly currency: string
}

async function quotesAt(
  load: Load,
  { companyId, dealer, sku, unit, currency }: Asked,
  times: readonly string[],
): Promise<Readonly<Record<string, PriceResolution | Refusal>>> {
  const quotes: Record<string, PriceResolution | Refusal> = {}
  for (const at of new Set(times)) {
    const lines = [{ sku, unit, quantity: '1' }]
    const [quote] = await quoteLines(load, { companyId, dealer, currency, lines, at })
    if (quote) quotes[at] = quote
  }
  return quotes
}

/** The change as its price stream knows it, with the dealer's list price on both sides of it. */
async function changeOf(
  { companyId, dealerId, sku, listId, changeId }: Command<'ProposeProtection'>,
  load: Load,
): Promise<ChangeGiven['change']> {
  const [prices, dealer, policy] = await Promise.all([
    load(priceAggregate, `${listId}/${sku}`),
    load(dealerAggregate, dealerId),
    load(claimsPolicyAggregate, companyId),
  ])
  const priced = prices.known
    ? prices.rows.find(({ facts }) => facts.some((one) => one.eventId === changeId))
    : undefined
  const fact = priced?.facts.find((one) => one.eventId === changeId)
  if (!priced || !fact) return undefined
  const { effectiveAt } = fact
  const { unit, currency } = priced
  const justBefore = businessTime(instantOf(effectiveAt) - 1, zoneOf(effectiveAt))
  const quotes = await quotesAt(load, { companyId, dealer, sku, unit, currency }, [justBefore, effectiveAt])
  return {
    effectiveAt,
    unit,
    currency,
    terms: claimTermsAt(policy, effectiveAt),
    hasExited: dealerAt(dealer, effectiveAt)?.status === 'exited',
    before: quotes[justBefore],
    after: quotes[effectiveAt],
  }
}

function decide(
  command: DifferencesCommand,
  state: DifferencesState,
  circumstances: Circumstances<DifferencesGiven>,
): Decision<DifferencesEvent> {
  switch (command.type) {
    case 'MakeAgreement':
      return makeAgreement(command, state, circumstances)
    case 'EndAgreement': {
      const { type: _type, ...said } = command
      const agreement = own(state.agreements, command.agreementId)
      if (!agreement) return refuse('object.not_found', { agreementId: command.agreementId })
      if (agreement.endsAt !== undefined) return []
      return [{ type: 'AgreementEnded', data: { companyId: agreement.companyId, ...said } }]
    }
    case 'SubmitClaim':
      return submitClaim(command, state, circumstances)
    case 'ProposeProtection':
      return proposeProtection(command, state, circumstances)
    default: {
      const claim = row(state.claims, command.claimId)
      if (!claim || state.companyId === undefined) return refuse('object.not_found', { claimId: command.claimId })
      return decideLife(command, claim, state.companyId, circumstances)
    }
  }
}

function makeAgreement(
  { type: _type, ...command }: Command<'MakeAgreement'>,
  state: DifferencesState,
  { recorded, given }: Circumstances<DifferencesGiven>,
): Decision<DifferencesEvent> {
  const { agreementId, companyId, dealerId, kind, from, until, compared, contractPrice } = command
  const known = own(state.agreements, agreementId)
  if (known) {
    const { startPrice: _price, breaches: _breaches, endsAt: _end, ...terms } = known
    return sameData(terms, command) ? [] : refuse('object.exists', { agreementId })
  }
  if (given.dealer?.companyId !== companyId) return refuse('dealers.unknown', { dealerId })
  const quote = own(given.quotes ?? {}, from)
  if (compared === 'list-at-start' && (!quote || isRefusal(quote)))
    return quote && isRefusal(quote) ? quote : refuse('pricing.no_price', { from })
  const startPrice = compared === 'list-at-start' && quote && !isRefusal(quote) ? quote.listPrice : undefined
  const breaches = enforce(
    [
      given.dealer.status === 'exited' && refuse('dealers.exited', { dealerId }),
      instantOf(until) <= instantOf(from) && refuse('pricing.window_empty', { agreementId }),
      kind === 'special-price' && compared !== 'layers' && refuse('claims.other_kind', { agreementId, kind, compared }),
      startPrice !== undefined &&
        compare(startPrice, contractPrice) <= 0 &&
        refuse('claims.no_difference', { agreementId, startPrice, contractPrice }),
    ],
    recorded,
  )
  if (isRefusal(breaches)) return breaches
  return [{ type: 'AgreementMade', data: { ...command, ...(startPrice !== undefined && { startPrice }), breaches } }]
}

type LifeCommand = Command<'ValidateClaim' | 'ApproveClaim' | 'RejectClaim' | 'WithdrawClaim' | 'RecordClaimPayment'>

/** submitted → validated → approved, in part or whole → paid; rejected or withdrawn before that. */
function decideLife(
  command: LifeCommand,
  claim: Claim,
  companyId: string,
  { by, recorded }: Circumstances,
): Decision<DifferencesEvent> {
  const { dealerId, sku, claimId } = command
  const { status, submitted } = claim
  const { currency, outlet } = submitted
  const key = { companyId, dealerId, sku, claimId }
  const notOpen = (): Refusal => refuse('claims.not_open', { claimId, status })
  switch (command.type) {
    case 'ValidateClaim':
      return status === 'submitted'
        ? [{ type: 'ClaimValidated', data: { ...key, proofs: [...allProofs(submitted)] } }]
        : []
    case 'ApproveClaim': {
      const amount = command.amount ?? submitted.amount
      if (status === 'approved' || status === 'paid') return claim.approved === amount ? [] : notOpen()
      if (status === 'submitted') return refuse('claims.not_validated', { claimId })
      if (status !== 'validated') return notOpen()
      if (BigInt(amount) > BigInt(submitted.amount))
        return refuse('claims.over_claimed', { claimId, claimed: submitted.amount, amount })
      const isPart = amount !== submitted.amount
      if (isPart && (command.reason === undefined || outlet === 'return'))
        return refuse('claims.part_needs_reason', { claimId, outlet })
      const outcome = recorded ? 'approved' : approvalBy(by, { ...submitted, amount, endorsed: claim.endorsed })
      if (outcome === 'second person needed') return refuse('claims.second_person', { claimId })
      if (outcome === 'endorsed') return [{ type: 'ClaimEndorsed', data: { ...key, amount, endorsedBy: by } }]
      const decided = { ...key, currency, outlet, amount }
      return isPart
        ? [
            {
              type: 'ClaimPartlyApproved',
              data: { ...decided, claimed: submitted.amount, reason: command.reason ?? '' },
            },
          ]
        : [{ type: 'ClaimApproved', data: decided }]
    }
    case 'RejectClaim': {
      if (status === 'rejected') return []
      if (status !== 'submitted' && status !== 'validated') return notOpen()
      const { reason, proof } = command
      return [{ type: 'ClaimRejected', data: { ...key, reason, ...(proof !== undefined && { proof }) } }]
    }
    case 'WithdrawClaim':
      if (status === 'withdrawn') return []
      return status === 'submitted' || status === 'validated' ? [{ type: 'ClaimWithdrawn', data: key }] : notOpen()
    case 'RecordClaimPayment': {
      const { documents } = command
      if (status === 'paid') return sameData(claim.documents, documents) ? [] : notOpen()
      if (status !== 'approved' || claim.approved === undefined) return notOpen()
      return [{ type: 'ClaimPaid', data: { ...key, currency, outlet, amount: claim.approved, documents } }]
    }
  }
}
