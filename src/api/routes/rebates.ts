import * as commands from '../../domain/rebates/commands.ts'
import { nodeOf } from '../../domain/rebates/explanation.ts'
import { programmeAggregate } from '../../domain/rebates/programme.ts'
import { settlementAggregate } from '../../domain/rebates/settlement.ts'
import { stackingAggregate } from '../../domain/rebates/stacking.ts'
import type { SettlementKey } from '../../projections/models/rebates/explainSettlement.ts'
import type { Call, CommandRoute } from '../commandRoute.ts'
import { openExplanation } from '../openExplanation.ts'
import { Problem } from '../problem.ts'
import { finance as roles, settling } from '../roles.ts'

const one = '/v1/programmes/:programmeId'
const base = { aggregate: programmeAggregate, roles, kind: 'change', method: 'POST' } as const
const dealerPeriod = '/v1/settlements/:programmeId/:dealerId/:currency/:periodId'
const ofDealerPeriod = { ...base, aggregate: settlementAggregate } as const
/** Both sides of a dispute, each in its own name. */
const side = ({ principal }: Call): string => (principal.role === 'dealer' ? 'dealer' : 'manufacturer')
const disputing = { ...ofDealerPeriod, roles: settling, right: 'finance', given: { side } } as const
const dispute = `${dealerPeriod}/disputes/:disputeId`

export const rebateRoutes: readonly CommandRoute[] = [
  {
    ...base,
    kind: 'create',
    path: '/v1/programmes',
    command: commands.draftProgramme,
    summary: 'Draft a rebate programme',
    idField: 'programmeId',
  },
  {
    ...base,
    path: `${one}/activation`,
    command: commands.activateProgramme,
    summary: 'Check and freeze the terms of a programme',
  },
  {
    ...base,
    path: `${one}/amendments`,
    command: commands.amendProgramme,
    summary: 'Publish the next version of the terms',
  },
  { ...base, path: `${one}/end`, command: commands.endProgramme, summary: 'End a programme' },
  { ...base, path: `${one}/members`, command: commands.enrolMember, summary: 'Enrol a dealer' },
  { ...base, path: `${one}/withdrawals`, command: commands.withdrawMember, summary: 'Withdraw a dealer' },
  {
    ...base,
    aggregate: stackingAggregate,
    method: 'PUT',
    path: '/v1/stacking-groups/:groupId',
    command: commands.defineStacking,
    summary: 'Say in which order the programmes of a group count the same sale',
  },
  {
    ...ofDealerPeriod,
    path: `${dealerPeriod}/targets`,
    command: commands.setTarget,
    summary: 'Set or revise what the dealer has to reach in the period',
  },
  {
    ...ofDealerPeriod,
    path: `${dealerPeriod}/baselines`,
    command: commands.fixBaseline,
    summary: 'Fix what the dealer’s growth is counted from',
  },
  {
    ...ofDealerPeriod,
    path: `${dealerPeriod}/approvals`,
    command: commands.approveSettlement,
    summary: 'Approve a settlement: it is paid as the terms say; above their limit two people have to',
  },
  {
    ...ofDealerPeriod,
    path: `${dealerPeriod}/payments`,
    command: commands.recordSettlementPayment,
    summary: 'Record that a payout went out as money, where the terms pay so',
  },
  {
    ...ofDealerPeriod,
    kind: 'create',
    path: `${dealerPeriod}/goods`,
    command: commands.grantGoods,
    summary:
      'Grant goods for a payout, where the terms pay so, at the dealer’s prices of the day: an order that costs nothing',
    idField: 'orderId',
  },
  {
    ...ofDealerPeriod,
    path: `${dealerPeriod}/goods-rest`,
    command: commands.releaseGoodsRest,
    summary: 'Credit what is left of a payout in goods',
  },
  {
    ...disputing,
    kind: 'create',
    path: `${dealerPeriod}/:settlementNo/disputes`,
    command: commands.openDispute,
    summary: 'Dispute a node of a settlement: what is disputed waits, everything else is paid',
    idField: 'disputeId',
    check: nodeIsThere,
  },
  {
    ...disputing,
    path: `${dispute}/answers`,
    command: commands.answerDispute,
    summary: 'Say what the other side thinks of a dispute',
  },
  { ...disputing, path: `${dispute}/withdrawal`, command: commands.withdrawDispute, summary: 'Withdraw one’s dispute' },
  {
    ...ofDealerPeriod,
    path: `${dispute}/award`,
    command: commands.upholdDispute,
    summary: 'Uphold a dispute, in full or in part: the difference is paid or taken back',
  },
  {
    ...ofDealerPeriod,
    path: `${dispute}/rejection`,
    command: commands.rejectDispute,
    summary: 'Reject a dispute: what it held back is paid',
  },
]

/** A dispute is about something that the explanation shows. */
async function nodeIsThere({ ports }: Call, command: Readonly<Record<string, unknown>>): Promise<void> {
  const { node, ...key } = command as unknown as SettlementKey & { readonly node: string } // parsed by its schema
  const explained = await openExplanation(ports, key)
  if (explained && !nodeOf(explained.tree, node)) throw new Problem('object.not_found', { node })
}
