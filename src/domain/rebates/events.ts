import { z } from 'zod'
import { breaches } from '../kernel/breach.ts'
import { defineEvent, type EventOf } from '../kernel/event.ts'
import {
  businessTime,
  currency,
  identifier,
  label,
  lineAmount,
  minor,
  minorOrZero,
  personalText,
  positiveMinor,
  price,
  quantity,
  sha256,
  unit,
} from '../kernel/fields.ts'
import { place } from '../orders/events.ts'
import { factKey, lineNo } from '../orders/orderLine.ts'
import { priceResolution } from '../pricing/resolution.ts'
import { calculation } from './calculation.ts'
import { basis, measure, outlet, stackingClass, terms } from './terms.ts'

/** The events of `programme-<id>`, of `stacking-<group>` and of `settlement-<programme>/<dealer>/<currency>/<period>` (domain.md §2.1). */

const programme = { programmeId: identifier }
const version = z.int().min(1)

export const rebateProgrammeDrafted = defineEvent(
  'RebateProgrammeDrafted',
  z.strictObject({ ...programme, companyId: identifier, terms }),
)

export const rebateProgrammeActivated = defineEvent(
  'RebateProgrammeActivated',
  z.strictObject({ ...programme, companyId: identifier, terms }),
)

/** A new version. `retroactive`: it also holds for periods that began before it was made; their settlements then differ by an adjustment. */
export const rebateProgrammeAmended = defineEvent(
  'RebateProgrammeAmended',
  z.strictObject({ ...programme, companyId: identifier, terms, retroactive: z.boolean() }),
)

/** Facts at or after `endsAt` earn nothing. */
export const rebateProgrammeEnded = defineEvent(
  'RebateProgrammeEnded',
  z.strictObject({ ...programme, endsAt: businessTime, reason: personalText.optional() }),
  { personal: { reason: 'actor' } },
)

/** A member from this instant on. */
export const memberEnrolled = defineEvent(
  'MemberEnrolled',
  z.strictObject({ ...programme, dealerId: identifier, from: businessTime }),
)
/** No member from this instant on. */
export const memberWithdrawn = defineEvent(
  'MemberWithdrawn',
  z.strictObject({ ...programme, dealerId: identifier, until: businessTime }),
)

export const programmeEvents = [
  rebateProgrammeDrafted,
  rebateProgrammeActivated,
  rebateProgrammeAmended,
  rebateProgrammeEnded,
  memberEnrolled,
  memberWithdrawn,
] as const
export type ProgrammeEvent = EventOf<(typeof programmeEvents)[number]>

/** In which order the programmes of a group count a sale; periods that start at or after `effectiveFrom` go by it, until the next version. */
export const stackingDefined = defineEvent(
  'StackingDefined',
  z.strictObject({
    groupId: identifier,
    companyId: identifier,
    version,
    effectiveFrom: businessTime,
    programmes: z
      .array(z.strictObject({ ...programme, class: stackingClass }))
      .min(1)
      .max(20),
    breaches,
  }),
)
export const stackingEvents = [stackingDefined] as const
export type StackingEvent = EventOf<(typeof stackingEvents)[number]>

/** Which dealer-period in which currency; amounts are minor units of it. */
const dealerPeriod = { ...programme, companyId: identifier, dealerId: identifier, currency, periodId: identifier }
const settlementNo = z.int().min(1)

/** Up to where facts were read: business time (exclusive) and position in the log (inclusive, decimal). */
export const cutOff = { cutOff: businessTime, watermark: z.string().regex(/^(0|[1-9]\d{0,19})$/) }

/** What the dealer has to reach in the period, in the measure of the programme. */
export const targetSet = defineEvent('TargetSet', z.strictObject({ ...dealerPeriod, amount: price }))
export const targetRevised = defineEvent(
  'TargetRevised',
  z.strictObject({ ...dealerPeriod, amount: price, before: price, reason: personalText.optional() }),
  { personal: { reason: 'actor' } },
)

/** What growth is counted from, in the measure; fixed before the period, or by a signed `agreement` later. */
export const baselineFixed = defineEvent(
  'BaselineFixed',
  z.strictObject({
    ...dealerPeriod,
    amount: price,
    /** where the figure comes from: the period it was taken from, and what was restated */
    origin: label.optional(),
    agreement: identifier.optional(),
    before: price.optional(),
    breaches,
  }),
)

/** The estimate of what is earned and not settled rose by `amount` to `balance`. */
export const accrualPosted = defineEvent(
  'AccrualPosted',
  z.strictObject({
    ...dealerPeriod,
    ...cutOff,
    programmeVersion: version,
    method: z.enum(['expected-value', 'most-likely-amount']),
    volume: lineAmount,
    /** earned in the period, by the estimate */
    estimate: minorOrZero,
    amount: positiveMinor,
    balance: minorOrZero,
  }),
)

/** The estimate fell, or a settlement took the accruals back: all of them since the start of the period. */
export const accrualReversed = defineEvent(
  'AccrualReversed',
  z.strictObject({
    ...dealerPeriod,
    amount: positiveMinor,
    balance: minorOrZero,
    settlementNo: settlementNo.optional(),
  }),
)

/** `adjustment`: facts came late, or goods came back, after the final settlement; it posts in `postedIn`, an open period. */
export const settlementKind = z.enum(['interim', 'final', 'adjustment'])

export const settlementCalculated = defineEvent(
  'SettlementCalculated',
  z.strictObject({
    ...dealerPeriod,
    ...cutOff,
    settlementNo,
    kind: settlementKind,
    /** the period in whose books it stands: this one, or for an adjustment an open one */
    postedIn: identifier,
    programmeVersion: version,
    basis,
    measure,
    calculation,
    /** what approved settlements paid, and what was taken back, before this one */
    settled: minorOrZero,
    clawedBack: minorOrZero,
    /** what disputes awarded before it, where they did */
    awarded: minor.optional(),
    /** earned + awarded − (settled − clawedBack) */
    due: minor,
    /** SHA-256 over the canonical explanation tree (`explanationText`), hex */
    explanationHash: sha256,
    /** an earlier calculation that was not approved and no longer counts */
    supersedes: settlementNo.optional(),
    breaches,
  }),
)

/** The first of two people has approved it; nothing is paid yet. */
export const settlementEndorsed = defineEvent(
  'SettlementEndorsed',
  z.strictObject({ ...dealerPeriod, settlementNo, amount: positiveMinor, endorsedBy: identifier }),
)

/** Counts as settled from now on. `amount` is what is paid: zero when nothing is due; `held` what disputes hold back of it. */
export const settlementApproved = defineEvent(
  'SettlementApproved',
  z.strictObject({
    ...dealerPeriod,
    settlementNo,
    kind: settlementKind,
    postedIn: identifier,
    amount: minorOrZero,
    held: positiveMinor.optional(),
    outlet: outlet.optional(),
  }),
)

/** Which payout: that of the settlement, or that of a dispute about it. */
const payout = { ...dealerPeriod, settlementNo, disputeId: identifier.optional(), amount: positiveMinor }
/** The payout left as a credit note on the dealer's account. */
export const settlementCredited = defineEvent(
  'SettlementCredited',
  z.strictObject({ ...payout, creditNoteId: identifier }),
)
/** The payout left as money, by the transfer that `reference` names. */
export const settlementPaid = defineEvent('SettlementPaid', z.strictObject({ ...payout, reference: identifier }))

/** Goods of a payout: those of one order that costs nothing. */
const grantedGoods = { ...payout, orderId: identifier }
const partOfGoods = z.array(z.strictObject({ lineNo, quantity })).min(1).max(200)
/** Part of a payout leaves in goods, at the dealer's prices of the day; `amount` is what they are worth. */
export const goodsGranted = defineEvent(
  'GoodsGranted',
  z.strictObject({
    ...grantedGoods,
    shipFrom: place,
    lines: z
      .array(
        z.strictObject({
          lineNo,
          sku: identifier,
          unit,
          quantity,
          unitPrice: price,
          lineValue: lineAmount,
          price: priceResolution,
        }),
      )
      .min(1)
      .max(200),
  }),
)
/** `changeId` names the delivery; `amount` is what was delivered is worth. */
export const grantedGoodsDelivered = defineEvent(
  'GrantedGoodsDelivered',
  z.strictObject({ ...grantedGoods, changeId: factKey, lines: partOfGoods, amount: minorOrZero }),
)
/** Cancelled, lost or returned: `amount` of the payout waits again; `undelivered` is what had counted as delivered of what is returned. */
export const grantedGoodsTakenBack = defineEvent(
  'GrantedGoodsTakenBack',
  z.strictObject({
    ...grantedGoods,
    changeId: factKey,
    lines: partOfGoods,
    amount: minorOrZero,
    returned: z.boolean(),
    undelivered: minorOrZero,
  }),
)
/** What no goods were granted for leaves as a credit note. `releaseNo` counts those of the payout. */
export const goodsRestReleased = defineEvent(
  'GoodsRestReleased',
  z.strictObject({ ...payout, releaseNo: z.int().min(1) }),
)

/** More was settled than is earned: `amount` is owed back, posted in an open period. */
export const clawbackPosted = defineEvent('ClawbackPosted', z.strictObject({ ...payout, postedIn: identifier }))

/** Who opened a dispute, or speaks in it. */
export const disputeSide = z.enum(['dealer', 'manufacturer'])
export type DisputeSide = z.infer<typeof disputeSide>
const dispute = { ...dealerPeriod, settlementNo, disputeId: identifier }
const personal = { personal: { reason: 'actor' } }
/** The id of a node of an explanation. */
export const explanationPath = z
  .string()
  .max(200)
  .regex(/^due(\/[\p{L}\p{N}._-]+)*$/u, 'the id of a node, such as due/earned/tier-1')

/** `node` of the explanation should pay `difference` more, or less when below zero. */
export const disputeOpened = defineEvent(
  'DisputeOpened',
  z.strictObject({
    ...dispute,
    side: disputeSide,
    node: explanationPath,
    difference: minor,
    reason: personalText,
    /** SHA-256 of documents, hex */
    evidence: z.array(sha256).max(20),
  }),
  personal,
)
export const disputeAnswered = defineEvent(
  'DisputeAnswered',
  z.strictObject({ ...dispute, answeredBy: identifier, answer: personalText }),
  { personal: { answer: 'actor' } },
)
/** `awarded`, of the sign of the difference and at most as much, is due besides what the rules earn. */
export const disputeUpheld = defineEvent(
  'DisputeUpheld',
  z.strictObject({ ...dispute, awarded: minor, reason: personalText.optional() }),
  personal,
)
export const disputeRejected = defineEvent(
  'DisputeRejected',
  z.strictObject({ ...dispute, reason: personalText.optional() }),
  personal,
)
export const disputeWithdrawn = defineEvent('DisputeWithdrawn', z.strictObject(dispute))
/** What the end of a dispute set free or awarded is paid, posted in an open period. */
export const disputedPartPaid = defineEvent(
  'DisputedPartPaid',
  z.strictObject({ ...dispute, postedIn: identifier, amount: positiveMinor, outlet: outlet.optional() }),
)

export const settlementEvents = [
  targetSet,
  targetRevised,
  baselineFixed,
  accrualPosted,
  accrualReversed,
  settlementCalculated,
  settlementEndorsed,
  settlementApproved,
  settlementCredited,
  settlementPaid,
  goodsGranted,
  grantedGoodsDelivered,
  grantedGoodsTakenBack,
  goodsRestReleased,
  clawbackPosted,
  disputeOpened,
  disputeAnswered,
  disputeUpheld,
  disputeRejected,
  disputeWithdrawn,
  disputedPartPaid,
] as const
export type SettlementEvent = EventOf<(typeof settlementEvents)[number]>
