import { differencesId } from '../../domain/claims/commands.ts'
import { differencesAggregate } from '../../domain/claims/differences.ts'
import type { DifferencesEvent } from '../../domain/claims/events.ts'
import { proofAggregate } from '../../domain/claims/proof.ts'
import { allProofs } from '../../domain/claims/submitClaim.ts'
import type { Claim } from '../../domain/claims/state.ts'
import type { ClaimKind } from '../../domain/claims/take.ts'
import { accountAggregate } from '../../domain/credit/account.ts'
import { accountOf } from '../../domain/credit/parties.ts'
import type { FundEvent } from '../../domain/funds/events.ts'
import { fundAggregate } from '../../domain/funds/fund.ts'
import { proofsOf } from '../../domain/funds/fundClaims.ts'
import type { Aggregate } from '../../domain/kernel/decider.ts'
import { minus, sumOf } from '../../domain/kernel/decimalText.ts'
import { row } from '../../domain/kernel/table.ts'
import { orderAggregate } from '../../domain/orders/decide.ts'
import type { ReceivableCommand } from '../../domain/receivables/commands.ts'
import { metaOf, type WorkContext } from '../context.ts'
import { processCommand, StepRefused } from '../processCommand.ts'
import type { Fact, Reaction } from '../reactor.ts'
import { documentId } from '../receivables/documentId.ts'

type CreditNote = Extract<ReceivableCommand, { type: 'IssueCreditNote' }>
type Of<E extends { type: string }, Type extends E['type']> = Extract<E, { type: Type }>

/**
 * Claims are followed through: their proofs are taken, each for one claim in the whole ledger; what is approved is paid by
 * credit note, or the return of its goods authorised; what is turned down gives its proofs back.
 */
export function claimReactions(context: WorkContext): readonly Reaction[] {
  return [
    { name: 'claim-proofs', types: ['ClaimSubmitted'], run: (fact) => checkClaim(context, fact) },
    {
      name: 'claim-payment',
      types: ['ClaimApproved', 'ClaimPartlyApproved'],
      run: (fact) => payClaim(context, fact),
    },
    {
      name: 'claim-turned-down',
      types: ['ClaimRejected', 'ClaimWithdrawn'],
      run: (fact) => freeClaim(context, fact),
    },
    { name: 'fund-proofs', types: ['FundClaimSubmitted'], run: (fact) => checkFundClaim(context, fact) },
    { name: 'fund-payment', types: ['FundPaymentReleased'], run: (fact) => payFundClaim(context, fact) },
    {
      name: 'fund-turned-down',
      types: ['FundClaimRejected', 'FundClaimWithdrawn'],
      run: (fact) => freeFundClaim(context, fact),
    },
  ]
}

async function checkClaim(context: WorkContext, fact: Fact): Promise<void> {
  const { data } = fact as Fact & Of<DifferencesEvent, 'ClaimSubmitted'> // its type says so
  const { dealerId, sku, claimId } = data
  const key = { dealerId, sku, claimId }
  const taken = await takeProofs(context, fact, data, allProofs(data))
  if (taken === undefined)
    return run(context, differencesAggregate, { type: 'ValidateClaim', ...key }, `${fact.event.id}/valid`, fact)
  const reject = { type: 'RejectClaim', ...key, reason: 'proof-used', proof: taken } as const
  return run(context, differencesAggregate, reject, `${fact.event.id}/invalid`, fact)
}

async function checkFundClaim(context: WorkContext, fact: Fact): Promise<void> {
  const { data } = fact as Fact & Of<FundEvent, 'FundClaimSubmitted'> // its type says so
  const { fundId, activityId, claimId } = data
  const key = { fundId, activityId, claimId }
  const taken = await takeProofs(context, fact, data, proofsOf(data))
  if (taken === undefined)
    return run(context, fundAggregate, { type: 'ValidateFundClaim', ...key }, `${fact.event.id}/valid`, fact)
  const reject = { type: 'RejectFundClaim', ...key, reason: 'proof-used', proof: taken } as const
  return run(context, fundAggregate, reject, `${fact.event.id}/invalid`, fact)
}

interface Claimed {
  readonly companyId: string
  readonly dealerId: string
  readonly claimId: string
}

/** Takes each proof for the claim; the first that stands for another one is handed back. */
async function takeProofs(
  { handler }: WorkContext,
  fact: Fact,
  { companyId, dealerId, claimId }: Claimed,
  proofs: readonly string[],
): Promise<string | undefined> {
  const { stream, id } = fact.event
  for (const proof of proofs) {
    const command = { type: 'TakeProof', proof, companyId, dealerId, stream, claimId } as const
    const key = `${id}/${proof}`
    const outcome = await processCommand(handler, proofAggregate, command, key, metaOf('claims', fact))
    if (outcome.ok) continue
    if (outcome.refusal.refused === 'claims.proof_used') return proof
    throw new StepRefused(key, outcome.refusal)
  }
  return undefined
}

async function freeClaim(context: WorkContext, fact: Fact): Promise<void> {
  const { data } = fact as Fact & Of<DifferencesEvent, 'ClaimRejected' | 'ClaimWithdrawn'> // its type says so
  const claim = await claimOf(context, data)
  if (claim) await releaseProofs(context, fact, data, allProofs(claim.submitted))
}

async function freeFundClaim(context: WorkContext, fact: Fact): Promise<void> {
  const { data } = fact as Fact & Of<FundEvent, 'FundClaimRejected' | 'FundClaimWithdrawn'> // its type says so
  const state = await context.handler.load(fundAggregate, data.fundId)
  const claim = state.known ? state.claims[data.claimId] : undefined
  if (claim) await releaseProofs(context, fact, data, proofsOf(claim))
}

async function releaseProofs(
  context: WorkContext,
  fact: Fact,
  { companyId, dealerId, claimId }: Claimed,
  proofs: readonly string[],
): Promise<void> {
  const { stream, id } = fact.event
  for (const proof of proofs) {
    const command = { type: 'ReleaseProof', proof, companyId, dealerId, stream, claimId } as const
    await run(context, proofAggregate, command, `${id}/${proof}`, fact)
  }
}

const reasons: Readonly<Record<ClaimKind, CreditNote['reason']>> = {
  'price-protection': 'price_protection',
  'ship-and-debit': 'ship_and_debit',
  'special-price': 'special_price',
  'stock-rotation': 'stock_rotation',
}

async function payClaim(context: WorkContext, fact: Fact): Promise<void> {
  const { data } = fact as Fact & Of<DifferencesEvent, 'ClaimApproved' | 'ClaimPartlyApproved'> // its type says so
  const { companyId, dealerId, sku, claimId, currency, amount, outlet } = data
  const claim = await claimOf(context, data)
  if (!claim) return
  const documents =
    outlet === 'return'
      ? await authoriseReturns(context, fact, claimId, claim)
      : [
          await credit(context, fact, {
            companyId,
            dealerId,
            currency,
            amount,
            creditNoteId: documentId('CN', 'claim', dealerId, sku, claimId),
            reason: reasons[claim.submitted.basis.kind],
            claim: { sku, claimId },
          }),
        ]
  const paid = { type: 'RecordClaimPayment', dealerId, sku, claimId, documents } as const
  await run(context, differencesAggregate, paid, `${fact.event.id}/paid`, fact)
}

async function payFundClaim(context: WorkContext, fact: Fact): Promise<void> {
  const { data } = fact as Fact & Of<FundEvent, 'FundPaymentReleased'> // its type says so
  const { fundId, activityId, claimId, paymentNo, companyId, dealerId, currency, amount } = data
  const creditNoteId = await credit(context, fact, {
    companyId,
    dealerId,
    currency,
    amount,
    creditNoteId: documentId('CN', 'fund', fundId, claimId, paymentNo),
    reason: 'fund',
    claim: { fundId, claimId, paymentNo },
  })
  const paid = { type: 'RecordFundPayment', fundId, activityId, claimId, paymentNo, creditNoteId } as const
  await run(context, fundAggregate, paid, `${fact.event.id}/paid`, fact)
}

type Credit = Pick<CreditNote, 'companyId' | 'dealerId' | 'currency' | 'creditNoteId' | 'reason' | 'claim'>

/** A credit note without lines: it lowers what is owed and takes nothing from the value of any sale. */
async function credit(context: WorkContext, fact: Fact, of: Credit & { readonly amount: string }): Promise<string> {
  const { amount, ...note } = of
  const accountId = await accountOf(context.handler.load, note.dealerId, fact.event.occurredAt)
  const document = { ...note, stated: { gross: amount }, lines: [], rounding: 'half-up' as const, apply: false }
  await run(context, accountAggregate, { type: 'IssueCreditNote', accountId, ...document }, note.creditNoteId, fact)
  return note.creditNoteId
}

/** A return per order, under the claim's id; the orders. The goods are credited as they were sold when they come back. */
async function authoriseReturns(
  context: WorkContext,
  fact: Fact,
  claimId: string,
  { submitted }: Claim,
): Promise<string[]> {
  const sold = submitted.takes.flatMap(({ order, from, to }) =>
    order ? [{ ...order, quantity: minus(to, from) }] : [],
  )
  const orders = [...new Set(sold.map(({ orderId }) => orderId))]
  for (const orderId of orders) {
    const ofOrder = sold.filter((one) => one.orderId === orderId)
    const lineNos = [...new Set(ofOrder.map(({ lineNo }) => lineNo))]
    const lines = lineNos.map((lineNo) => ({
      lineNo,
      quantity: sumOf(ofOrder.filter((one) => one.lineNo === lineNo).map(({ quantity }) => quantity)),
    }))
    const command = { type: 'AuthoriseReturn', orderId, returnId: claimId, lines, reason: 'stock-rotation' } as const
    await run(context, orderAggregate, command, `${fact.event.id}/${orderId}`, fact)
  }
  return orders
}

async function claimOf(
  { handler }: WorkContext,
  { dealerId, sku, claimId }: { readonly dealerId: string; readonly sku: string; readonly claimId: string },
): Promise<Claim | undefined> {
  const { claims } = await handler.load(differencesAggregate, differencesId({ dealerId, sku }))
  return row(claims, claimId)
}

async function run<C extends { type: string }, E extends { type: string; data: unknown }, S, G>(
  { handler }: WorkContext,
  aggregate: Aggregate<C, E, S, G>,
  command: C,
  key: string,
  fact: Fact,
): Promise<void> {
  const outcome = await processCommand(handler, aggregate, command, key, metaOf('claims', fact))
  if (!outcome.ok) throw new StepRefused(key, outcome.refusal)
}
