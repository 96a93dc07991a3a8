import * as commands from '../../domain/rebates/commands.ts'
import { programmeAggregate } from '../../domain/rebates/programme.ts'
import { settlementAggregate } from '../../domain/rebates/settlement.ts'
import { stackingAggregate } from '../../domain/rebates/stacking.ts'
import type { CommandRoute } from '../commandRoute.ts'
import { finance as roles } from '../roles.ts'

const one = '/v1/programmes/:programmeId'
const base = { aggregate: programmeAggregate, roles, kind: 'change', method: 'POST' } as const
const dealerPeriod = '/v1/settlements/:programmeId/:dealerId/:currency/:periodId'
const ofDealerPeriod = { ...base, aggregate: settlementAggregate } as const

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
    summary: 'Approve a settlement: it is paid by credit note; above the limit of the terms two people have to',
  },
]
