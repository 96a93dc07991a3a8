import { accountAggregate } from '../../domain/credit/account.ts'
import { accountOf } from '../../domain/credit/parties.ts'
import { dealerAggregate } from '../../domain/dealers/decide.ts'
import { dealerAt } from '../../domain/dealers/state.ts'
import { standardTerms } from '../../domain/dealers/terms.ts'
import { addDays, businessTime, calendarDate, instantOf, zoneOf } from '../../domain/kernel/businessTime.ts'
import type { SettlementEvent } from '../../domain/rebates/events.ts'
import { settlementAggregate } from '../../domain/rebates/settlement.ts'
import type { Outlet } from '../../domain/rebates/terms.ts'
import type { ReceivableCommand } from '../../domain/receivables/commands.ts'
import { metaOf, type WorkContext } from '../context.ts'
import { processCommand, StepRefused } from '../processCommand.ts'
import type { Fact, Reaction } from '../reactor.ts'
import { documentId } from '../receivables/documentId.ts'

type Posted = Extract<
  SettlementEvent,
  { type: 'SettlementApproved' | 'DisputedPartPaid' | 'ClawbackPosted' | 'GoodsRestReleased' }
>

/**
 * A settlement leaves as its terms say, whoever approved it: as a credit note; by finance as money, which is recorded then; or as goods
 * (`goodsReactions`). What is taken back is a debit note.
 */
export function rebateReactions(context: WorkContext): readonly Reaction[] {
  return [
    {
      name: 'rebate-payout',
      types: ['SettlementApproved', 'DisputedPartPaid', 'ClawbackPosted', 'GoodsRestReleased'],
      run: (fact) => post(context, fact),
    },
  ]
}

async function post(context: WorkContext, fact: Fact): Promise<void> {
  const { handler } = context
  const { occurredAt } = fact.event
  const { data, type } = fact as Fact & Posted // its type says so
  const { programmeId, companyId, dealerId, currency, periodId, settlementNo, amount } = data
  if (amount === '0') return
  const outlet = type === 'ClawbackPosted' || type === 'GoodsRestReleased' ? undefined : data.outlet
  // as money or in goods: by a command of its own
  if (outlet === 'payment' || (typeof outlet === 'object' && outlet.kind === 'goods')) return
  const disputeId = 'disputeId' in data ? data.disputeId : undefined
  const accountId = await accountOf(handler.load, dealerId, occurredAt)
  const settlement = { programmeId, periodId, settlementNo }
  const document = { accountId, companyId, dealerId, currency, settlement, lines: [], stated: { gross: amount } }
  const parts = [
    programmeId,
    dealerId,
    currency,
    periodId,
    settlementNo,
    ...(disputeId === undefined ? [] : [disputeId]),
    ...(type === 'GoodsRestReleased' ? ['goods', data.releaseNo] : []),
  ]
  const run = async (command: ReceivableCommand, key: string): Promise<void> => {
    const outcome = await processCommand(handler, accountAggregate, command, key, metaOf('rebates', fact))
    if (!outcome.ok) throw new StepRefused(key, outcome.refusal)
  }
  if (type === 'ClawbackPosted') {
    const invoiceId = documentId('DN', ...parts)
    const dealer = dealerAt(await handler.load(dealerAggregate, dealerId), occurredAt)
    const zone = dealer?.zone ?? zoneOf(occurredAt)
    const days = dealer?.terms.paymentTermDays ?? standardTerms.paymentTermDays
    const dueOn = addDays(calendarDate(instantOf(occurredAt), zone), days)
    const invoice = { ...document, invoiceId, kind: 'debit_note', rounding: 'half-up', dueOn, zone } as const
    return run({ type: 'IssueInvoice', ...invoice }, invoiceId)
  }
  const creditNoteId = documentId('CN', ...parts)
  const note = { ...document, creditNoteId, reason: 'rebate', rounding: 'half-up', apply: false } as const
  const offset = typeof outlet === 'object' ? offsetOf(outlet, occurredAt) : undefined
  await run({ type: 'IssueCreditNote', ...note, ...(offset && { offset }) }, creditNoteId)
  if (type === 'GoodsRestReleased') return
  const command = {
    type: 'RecordSettlementCredit',
    programmeId,
    dealerId,
    currency,
    periodId,
    settlementNo,
    ...(disputeId !== undefined && { disputeId }),
    creditNoteId,
  } as const
  const key = `${fact.event.id}/credited`
  const recorded = await processCommand(handler, settlementAggregate, command, key, metaOf('rebates', fact))
  if (!recorded.ok) throw new StepRefused(key, recorded.refusal)
}

/** Credit for invoices to come, from the moment of the payout. */
function offsetOf(
  { share, skus, expiresAfterDays }: Extract<Outlet, { kind: 'offset' }>,
  at: string,
): NonNullable<Extract<ReceivableCommand, { type: 'IssueCreditNote' }>['offset']> {
  const until = expiresAfterDays === undefined ? undefined : instantOf(at) + expiresAfterDays * day
  return {
    share,
    ...(skus && { skus }),
    ...(until !== undefined && { until: businessTime(until, zoneOf(at)) }),
  }
}

const day = 86_400_000
