import type { DifferencesEvent } from '../../../../domain/claims/events.ts'
import type { FundEvent } from '../../../../domain/funds/events.ts'
import { minus, negated } from '../../../../domain/kernel/decimalText.ts'
import { compare } from '../../../../domain/kernel/decimalText.ts'
import { businessTime, instantOf, zoneOf } from '../../../../domain/kernel/businessTime.ts'
import type { MeasureCode } from '../../../../domain/metrics/measures.ts'
import type { ProgrammeEvent, SettlementEvent } from '../../../../domain/rebates/events.ts'
import type { RecordedEvent } from '../../../../ledger/envelope.ts'
import type { Fact } from '../../../engine/factTable.ts'
import {
  begins,
  change,
  dayOf,
  ends,
  type Feed,
  leaves,
  level,
  minusOne,
  money,
  one,
  type Owner,
} from './measureFacts.ts'

/** What dealers were promised: rebates, claims, funds. */
export const programmeFeed: Feed<ProgrammeEvent> = {
  MemberEnrolled: (event) => [change(event, 'members', event.data, one, dayOf(event.data.from))],
  MemberWithdrawn: (event) => [change(event, 'members', event.data, minusOne, dayOf(event.data.until))],
}

export const settlementFeed: Feed<SettlementEvent> = {
  TargetSet: (event) => [change(event, 'targets-set', ownerOf(event), one)],
  TargetRevised: (event) => [change(event, 'targets-revised', ownerOf(event), one)],
  AccrualPosted: (event) => [
    change(event, 'accrued', ownerOf(event), { amount: amountOf(event) }),
    change(event, 'accrual-balance', ownerOf(event), { amount: amountOf(event) }),
  ],
  AccrualReversed: (event) => [
    change(event, 'accrual-reversed', ownerOf(event), { amount: amountOf(event) }),
    change(event, 'accrual-balance', ownerOf(event), { amount: negated(amountOf(event)) }),
  ],
  SettlementCalculated: (event) => [
    begins(event, 'settlement', settlementId(event), ownerOf(event)),
    ...(event.data.supersedes === undefined
      ? []
      : [leaves(event, 'settlement', `${periodKey(event.data)}/${event.data.supersedes}`)]),
    change(event, 'settlements', ownerOf(event), one),
    ...resultFacts(event),
  ],
  SettlementApproved: (event) => [
    ends(event, 'settlement', settlementId(event)),
    ...(event.data.amount === '0' ? [] : [begins(event, 'payout', settlementId(event), ownerOf(event))]),
    change(event, 'settlements-approved', ownerOf(event), { amount: amountOf(event), count: '1' }),
    ...(event.data.held === undefined
      ? []
      : [change(event, 'settlements-held', ownerOf(event), { amount: money(event.data.held, event.data.currency) })]),
  ],
  SettlementCredited: (event) => [
    ...(event.data.disputeId === undefined ? [ends(event, 'payout', settlementId(event))] : []),
    change(event, 'rebates-credited', ownerOf(event), { amount: amountOf(event), count: '1' }),
  ],
  SettlementPaid: (event) => [
    ...(event.data.disputeId === undefined ? [ends(event, 'payout', settlementId(event))] : []),
    change(event, 'rebates-paid', ownerOf(event), { amount: amountOf(event), count: '1' }),
  ],
  ClawbackPosted: (event) => [change(event, 'clawbacks', ownerOf(event), { amount: amountOf(event), count: '1' })],
  DisputeOpened: (event) => [
    begins(event, 'dispute', disputeKey(event), ownerOf(event)),
    change(event, 'disputes', ownerOf(event), {
      amount: money(event.data.difference, event.data.currency),
      count: '1',
    }),
  ],
  DisputeUpheld: (event) => [
    ends(event, 'dispute', disputeKey(event)),
    change(event, 'disputes-upheld', ownerOf(event), {
      amount: money(event.data.awarded, event.data.currency),
      count: '1',
    }),
  ],
  DisputeRejected: (event) => [
    ends(event, 'dispute', disputeKey(event)),
    change(event, 'disputes-rejected', ownerOf(event), one),
  ],
  DisputeWithdrawn: (event) => [
    leaves(event, 'dispute', disputeKey(event)),
    change(event, 'disputes-withdrawn', ownerOf(event), one),
  ],
}

const claimKinds = {
  'price-protection': 'protection-claims',
  'ship-and-debit': 'debit-claims',
  'special-price': 'special-price-claims',
  'stock-rotation': 'rotation-claims',
} as const

export const claimFeed: Feed<DifferencesEvent> = {
  AgreementMade: (event) => [
    change(event, 'agreements-made', claimOwner(event), { quantity: event.data.quantity, count: '1' }),
  ],
  AgreementEnded: (event) => [change(event, 'agreements-ended', claimOwner(event), one)],
  ClaimSubmitted: (event) => {
    const amount = amountOf(event)
    return [
      begins(event, 'claim', claimKey(event), claimOwner(event)),
      change(event, 'claims', claimOwner(event), { amount, quantity: event.data.quantity, count: '1' }),
      change(event, claimKinds[event.data.basis.kind], claimOwner(event), { amount, count: '1' }),
    ]
  },
  ClaimApproved: (event) => approved(event),
  ClaimPartlyApproved: (event) => [
    ...approved(event),
    change(event, 'claims-cut', claimOwner(event), {
      amount: minus(money(event.data.claimed, event.data.currency), amountOf(event)),
      count: '1',
    }),
  ],
  ClaimRejected: (event) => [
    ends(event, 'claim', claimKey(event)),
    change(event, 'claims-rejected', claimOwner(event), one),
  ],
  ClaimWithdrawn: (event) => [
    leaves(event, 'claim', claimKey(event)),
    change(event, 'claims-withdrawn', claimOwner(event), one),
  ],
  ClaimPaid: (event) => [
    ends(event, 'claim-payment', claimKey(event)),
    change(event, 'claims-paid', claimOwner(event), { amount: amountOf(event), count: '1' }),
  ],
}

export const fundFeed: Feed<FundEvent> = {
  FundBudgeted: (event) => [
    change(event, 'fund-budget', ownerOf(event), { amount: money(event.data.budget, event.data.currency) }),
  ],
  FundBudgetRevised: (event) => [
    change(event, 'fund-budget', ownerOf(event), {
      amount: money(BigInt(event.data.budget) - BigInt(event.data.before), event.data.currency),
    }),
  ],
  FundAccrued: (event) => [
    change(event, 'fund-budget', ownerOf(event), { amount: amountOf(event) }),
    change(event, 'fund-accrued', ownerOf(event), { amount: amountOf(event) }),
  ],
  FundActivityRequested: (event) => [
    begins(event, 'fund-request', activityKey(event), ownerOf(event)),
    change(event, 'fund-requests', ownerOf(event), { amount: amountOf(event), count: '1' }),
  ],
  FundCommitted: (event) => [
    ends(event, 'fund-request', activityKey(event)),
    change(event, 'fund-committed', ownerOf(event), { amount: amountOf(event), count: '1' }),
    change(event, 'fund-commitments', ownerOf(event), { amount: amountOf(event) }),
  ],
  FundActivityDeclined: (event) => [
    ends(event, 'fund-request', activityKey(event)),
    change(event, 'fund-declined', ownerOf(event), one),
  ],
  FundReleased: (event) => [
    change(event, 'fund-released', ownerOf(event), { amount: amountOf(event), count: '1' }),
    change(event, 'fund-commitments', ownerOf(event), { amount: negated(amountOf(event)) }),
  ],
  FundExpired: (event) => [change(event, 'fund-expired', ownerOf(event), { amount: amountOf(event) })],
  FundClaimSubmitted: (event) => [begins(event, 'fund-claim', fundClaimKey(event), ownerOf(event))],
  FundClaimApproved: (event) => [
    ends(event, 'fund-claim', fundClaimKey(event)),
    change(event, 'fund-claims-approved', ownerOf(event), { amount: amountOf(event), count: '1' }),
    change(event, 'fund-claimed-decided', ownerOf(event), { amount: money(event.data.claimed, event.data.currency) }),
  ],
  FundClaimRejected: (event) => [
    ends(event, 'fund-claim', fundClaimKey(event)),
    change(event, 'fund-claims-rejected', ownerOf(event), one),
  ],
  FundClaimWithdrawn: (event) => [leaves(event, 'fund-claim', fundClaimKey(event))],
  FundClaimPaid: (event) => [change(event, 'fund-paid', ownerOf(event), { amount: amountOf(event), count: '1' })],
}

interface OfDealer {
  readonly data: { readonly companyId: string; readonly dealerId: string; readonly currency: string }
}

const ownerOf = ({ data: { companyId, dealerId, currency } }: OfDealer): Owner => ({ companyId, dealerId, currency })

function amountOf({ data }: { readonly data: { readonly amount: string; readonly currency: string } }): string {
  return money(data.amount, data.currency)
}

function claimOwner({ data }: DifferencesEvent): Owner {
  const { companyId, dealerId, sku } = data
  return {
    companyId,
    dealerId,
    sku,
    ...('currency' in data && { currency: data.currency }),
    ...('unit' in data && { unit: data.unit }),
  }
}

function claimKey({
  data: { dealerId, sku, claimId },
}: {
  readonly data: { readonly dealerId: string; readonly sku: string; readonly claimId: string }
}): string {
  return `${dealerId}/${sku}/${claimId}`
}

function approved(
  event: RecordedEvent & Extract<DifferencesEvent, { type: 'ClaimApproved' | 'ClaimPartlyApproved' }>,
): readonly Fact[] {
  return [
    ends(event, 'claim', claimKey(event)),
    begins(event, 'claim-payment', claimKey(event), claimOwner(event)),
    change(event, 'claims-approved', claimOwner(event), { amount: amountOf(event), count: '1' }),
  ]
}

interface OfPeriod {
  readonly programmeId: string
  readonly dealerId: string
  readonly currency: string
  readonly periodId: string
}

const periodKey = ({ programmeId, dealerId, currency, periodId }: OfPeriod): string =>
  [programmeId, dealerId, currency, periodId].join('/')

const settlementId = ({ data }: { readonly data: OfPeriod & { readonly settlementNo: number } }): string =>
  `${periodKey(data)}/${data.settlementNo}`

const disputeKey = ({ data }: { readonly data: OfPeriod & { readonly disputeId: string } }): string =>
  `${periodKey(data)}/${data.disputeId}`

const activityKey = ({ data }: { readonly data: { readonly fundId: string; readonly activityId: string } }): string =>
  `${data.fundId}/${data.activityId}`

const fundClaimKey = (event: {
  readonly data: { readonly fundId: string; readonly activityId: string; readonly claimId: string }
}): string => `${activityKey(event)}/${event.data.claimId}`

/** A settlement takes the place of the one before it of the same dealer-period; its figures count on the last day that it looked at. */
function resultFacts(
  event: RecordedEvent & Extract<SettlementEvent, { type: 'SettlementCalculated' }>,
): readonly Fact[] {
  const { measure, calculation, currency, cutOff } = event.data
  const { volume, target, baseline } = calculation
  const owner = ownerOf(event)
  const day = dayOf(businessTime(instantOf(cutOff) - 1, zoneOf(cutOff)))
  const stands = (code: MeasureCode, value: string): Fact =>
    level(event, code, owner, periodKey(event.data), { assert: value }, day)
  const isMoney = measure !== 'units'
  return [
    stands('earned', money(calculation.earned, currency)),
    ...(isMoney ? [stands('settled-volume', volume)] : []),
    ...(isMoney && target !== undefined ? [stands('targeted-volume', volume), stands('target', target)] : []),
    ...(isMoney && baseline !== undefined ? [stands('based-volume', volume), stands('baseline', baseline)] : []),
    ...(target === undefined
      ? []
      : [stands('target-periods', '1'), stands('target-periods-reached', compare(volume, target) >= 0 ? '1' : '0')]),
  ]
}
