import * as commands from '../../domain/funds/commands.ts'
import { fundAggregate } from '../../domain/funds/fund.ts'
import type { CommandRoute } from '../commandRoute.ts'
import { claimants, finance, manufacturer } from '../roles.ts'

const one = '/v1/funds/:fundId'
const activity = `${one}/activities/:activityId`
const claim = `${activity}/claims/:claimId`
const base = { aggregate: fundAggregate, kind: 'change', method: 'POST' } as const
const ofDealer = { roles: claimants, right: 'finance' } as const

export const fundRoutes: readonly CommandRoute[] = [
  {
    ...base,
    kind: 'create',
    path: '/v1/funds',
    command: commands.budgetFund,
    summary: 'Set money aside for a dealer’s marketing: a budget, or a share of its sales (co-op)',
    roles: finance,
    idField: 'fundId',
  },
  {
    ...base,
    method: 'PUT',
    path: `${one}/budget`,
    command: commands.reviseFundBudget,
    summary: 'Raise or lower a budget, never below what is committed',
    roles: finance,
  },
  {
    ...base,
    ...ofDealer,
    kind: 'create',
    path: `${one}/activities`,
    command: commands.requestActivity,
    summary: 'Ask for money for an activity',
    idField: 'activityId',
  },
  {
    ...base,
    path: `${activity}/commitment`,
    command: commands.commitActivity,
    summary: 'Approve an activity: so much of the budget is set aside for it',
    roles: manufacturer,
  },
  {
    ...base,
    path: `${activity}/refusal`,
    command: commands.declineActivity,
    summary: 'Decline an activity',
    roles: manufacturer,
  },
  {
    ...base,
    path: `${activity}/release`,
    command: commands.releaseCommitment,
    summary: 'Free what the claims of an activity do not need',
    roles: manufacturer,
  },
  {
    ...base,
    ...ofDealer,
    kind: 'create',
    path: `${activity}/claims`,
    command: commands.submitFundClaim,
    summary: 'Claim what an activity has cost, each expense with its proofs',
    idField: 'claimId',
  },
  {
    ...base,
    path: `${claim}/approvals`,
    command: commands.approveFundClaim,
    summary: 'Approve a claim, in part or whole; above the limit of the fund two people have to',
    roles: finance,
  },
  {
    ...base,
    path: `${claim}/rejection`,
    command: commands.rejectFundClaim,
    summary: 'Reject a claim: its proofs are free again',
    roles: finance,
    given: { proof: () => undefined },
  },
  {
    ...base,
    ...ofDealer,
    path: `${claim}/withdrawal`,
    command: commands.withdrawFundClaim,
    summary: 'Withdraw a claim that is not decided',
  },
  {
    ...base,
    path: `${claim}/payments/:paymentNo`,
    command: commands.releasePayment,
    summary: 'Pay a part of an approved claim, or the rest of it',
    roles: finance,
  },
]
