import { z } from 'zod'
import { defineCommand, type CommandOf } from '../kernel/decider.ts'
import {
  businessTime,
  currency,
  identifier,
  label,
  lineAmount,
  minor,
  minorOrZero,
  plainText,
  price,
  quantity,
  sha256,
  unit,
} from '../kernel/fields.ts'
import { place } from '../orders/events.ts'
import { factKey, lineNo } from '../orders/orderLine.ts'
import { calculation } from './calculation.ts'
import { cutOff, disputeSide, explanationPath, settlementKind } from './events.ts'
import { stackingClass, terms } from './terms.ts'

const programme = { programmeId: identifier }
const byProgramme = (command: { programmeId: string }): string => command.programmeId

/** Version 1, changed at will until it is activated. */
export const draftProgramme = defineCommand(
  'DraftProgramme',
  z.strictObject({ ...programme, companyId: identifier, terms }),
  byProgramme,
)
/** Checks the terms and freezes them. */
export const activateProgramme = defineCommand(
  'ActivateProgramme',
  z.strictObject({ ...programme, version: z.literal(1).default(1) }),
  byProgramme,
)
/** The next version. Payer, calendar, grain and basis stay; `effectiveFrom` may lie in the past only when `retroactive`. */
export const amendProgramme = defineCommand(
  'AmendProgramme',
  z.strictObject({ ...programme, terms, retroactive: z.boolean().default(false) }),
  byProgramme,
)
export const endProgramme = defineCommand(
  'EndProgramme',
  z.strictObject({ ...programme, endsAt: businessTime, reason: plainText.optional() }),
  byProgramme,
)
export const enrolMember = defineCommand(
  'EnrolMember',
  z.strictObject({ ...programme, dealerId: identifier, from: businessTime }),
  byProgramme,
)
export const withdrawMember = defineCommand(
  'WithdrawMember',
  z.strictObject({ ...programme, dealerId: identifier, until: businessTime }),
  byProgramme,
)

export const programmeCommands = [
  draftProgramme,
  activateProgramme,
  amendProgramme,
  endProgramme,
  enrolMember,
  withdrawMember,
] as const
export type ProgrammeCommand = CommandOf<(typeof programmeCommands)[number]>

/** The first programme counts first. Programmes of a group have one payer, basis, calendar and grain. */
export const defineStacking = defineCommand(
  'DefineStacking',
  z.strictObject({
    groupId: identifier,
    companyId: identifier,
    effectiveFrom: businessTime,
    programmes: z
      .array(z.strictObject({ ...programme, class: stackingClass }))
      .min(1)
      .max(20),
  }),
  ({ groupId }) => groupId,
)
export const stackingCommands = [defineStacking] as const
export type StackingCommand = CommandOf<(typeof stackingCommands)[number]>

const dealerPeriod = { ...programme, dealerId: identifier, currency, periodId: identifier }
/** The settlement stream's id of one dealer-period. */
export const settlementId = (c: {
  programmeId: string
  dealerId: string
  currency: string
  periodId: string
}): string => `${c.programmeId}/${c.dealerId}/${c.currency}/${c.periodId}`

/** Sets or revises what the dealer has to reach, in the measure of the programme; until the period ends. */
export const setTarget = defineCommand(
  'SetTarget',
  z.strictObject({ ...dealerPeriod, amount: price, reason: plainText.optional() }),
  settlementId,
)
/** Once, before the period starts; after that only by an agreement that both have signed. */
export const fixBaseline = defineCommand(
  'FixBaseline',
  z.strictObject({ ...dealerPeriod, amount: price, origin: label.optional(), agreement: identifier.optional() }),
  settlementId,
)

/** Sets the estimate of what the period earns up to the cut-off; posts or reverses the difference to what is accrued. */
export const postAccrual = defineCommand(
  'PostAccrual',
  z.strictObject({ ...dealerPeriod, ...cutOff, volume: lineAmount, estimate: minorOrZero }),
  settlementId,
)

/** `calculation` is what `settle` gives for the facts up to the cut-off; it is checked against the terms. `final` needs the closed period. */
export const calculateSettlement = defineCommand(
  'CalculateSettlement',
  z.strictObject({
    ...dealerPeriod,
    ...cutOff,
    kind: settlementKind,
    /** only for an adjustment: the open period in which it posts */
    postedIn: identifier.optional(),
    calculation,
    /** root of the explanation: earned − what was settled and not taken back, minor units */
    due: minor,
    explanationHash: sha256,
  }),
  settlementId,
)
export const approveSettlement = defineCommand(
  'ApproveSettlement',
  z.strictObject({ ...dealerPeriod, settlementNo: z.int().min(1) }),
  settlementId,
)
/** Which payout: that of the settlement, or that of a dispute about it. */
const payout = { ...dealerPeriod, settlementNo: z.int().min(1), disputeId: identifier.optional() }
/** The credit note of a payout was issued on the dealer's account. */
export const recordSettlementCredit = defineCommand(
  'RecordSettlementCredit',
  z.strictObject({ ...payout, creditNoteId: identifier }),
  settlementId,
)
/** A payout went out as money; `reference` names the transfer. */
export const recordSettlementPayment = defineCommand(
  'RecordSettlementPayment',
  z.strictObject({ ...payout, reference: identifier }),
  settlementId,
)
/** Goods at the dealer's prices of the day for a payout, or for part of it: they become the order `orderId`, which costs nothing. */
export const grantGoods = defineCommand(
  'GrantGoods',
  z.strictObject({
    ...payout,
    orderId: identifier,
    shipFrom: place,
    lines: z
      .array(z.strictObject({ lineNo, sku: identifier, unit, quantity }))
      .min(1)
      .max(200),
  }),
  settlementId,
)
/** What became of granted goods: the order says so. */
export const followGrantedGoods = defineCommand(
  'FollowGrantedGoods',
  z.strictObject({
    ...dealerPeriod,
    orderId: identifier,
    changeId: factKey,
    change: z.enum(['delivered', 'not-delivered', 'returned']),
    lines: z.array(z.strictObject({ lineNo, quantity })).min(1).max(200),
  }),
  settlementId,
)
/** What is left of a payout in goods leaves as a credit note, and what comes back later too. */
export const releaseGoodsRest = defineCommand('ReleaseGoodsRest', z.strictObject(payout), settlementId)

const dispute = { ...dealerPeriod, disputeId: identifier }
/** `node` should pay `difference` minor units more, or less when it is below zero. */
export const openDispute = defineCommand(
  'OpenDispute',
  z.strictObject({
    ...dispute,
    settlementNo: z.int().min(1),
    side: disputeSide,
    node: explanationPath.default('due'),
    difference: minor.refine((text) => text !== '0', 'not zero'),
    reason: plainText,
    evidence: z.array(sha256).max(20).default([]),
  }),
  settlementId,
)
/** What the other side says to it. */
export const answerDispute = defineCommand(
  'AnswerDispute',
  z.strictObject({ ...dispute, side: disputeSide, answer: plainText }),
  settlementId,
)
/** In full, or with `awarded` in part. */
export const upholdDispute = defineCommand(
  'UpholdDispute',
  z.strictObject({ ...dispute, awarded: minor.optional(), reason: plainText.optional() }),
  settlementId,
)
export const rejectDispute = defineCommand(
  'RejectDispute',
  z.strictObject({ ...dispute, reason: plainText }),
  settlementId,
)
/** By the side that opened it. */
export const withdrawDispute = defineCommand(
  'WithdrawDispute',
  z.strictObject({ ...dispute, side: disputeSide }),
  settlementId,
)

export const settlementCommands = [
  setTarget,
  fixBaseline,
  postAccrual,
  calculateSettlement,
  approveSettlement,
  recordSettlementCredit,
  recordSettlementPayment,
  grantGoods,
  followGrantedGoods,
  releaseGoodsRest,
  openDispute,
  answerDispute,
  upholdDispute,
  rejectDispute,
  withdrawDispute,
] as const
export type SettlementCommand = CommandOf<(typeof settlementCommands)[number]>
