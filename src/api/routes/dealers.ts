import * as commands from '../../domain/dealers/commands.ts'
import { dealerAggregate } from '../../domain/dealers/decide.ts'
import { territoryAggregate } from '../../domain/dealers/territory.ts'
import type { CommandRoute } from '../commandRoute.ts'
import { manufacturer, sales, trade } from '../roles.ts'

const dealer = { aggregate: dealerAggregate, roles: sales, kind: 'change' } as const
const territory = { aggregate: territoryAggregate, roles: sales, kind: 'change' } as const
const one = '/v1/dealers/:dealerId'
const place = '/v1/territories/:territoryId'

export const dealerRoutes: readonly CommandRoute[] = [
  {
    ...dealer,
    kind: 'create',
    method: 'POST',
    path: '/v1/dealers',
    command: commands.registerDealer,
    summary: 'Register a dealer',
  },
  { ...dealer, method: 'PUT', path: one, command: commands.reviseDealerProfile, summary: "Revise a dealer's profile" },
  {
    ...dealer,
    roles: trade,
    right: 'staff',
    method: 'PUT',
    path: `${one}/contact`,
    command: commands.changeDealerContact,
    summary: "Change a dealer's contact",
    idField: 'changeId',
  },
  {
    ...dealer,
    method: 'PUT',
    path: `${one}/parent`,
    command: commands.assignDealerParent,
    summary: 'Place a dealer under another one or under a group',
  },
  {
    ...dealer,
    method: 'PUT',
    path: `${one}/tier`,
    command: commands.assignTier,
    summary: 'Assign a tier, naming its causes',
  },
  {
    ...dealer,
    method: 'PUT',
    path: `${one}/territory`,
    command: commands.assignTerritory,
    summary: 'Assign a territory',
  },
  {
    ...dealer,
    roles: manufacturer,
    method: 'PUT',
    path: `${one}/terms`,
    command: commands.setDealerTerms,
    summary: 'Set terms: payment days, backorder policy, check points',
  },
  {
    ...dealer,
    method: 'POST',
    path: `${one}/suspension`,
    command: commands.suspendDealer,
    summary: 'Suspend a dealer: no new orders',
  },
  {
    ...dealer,
    method: 'POST',
    path: `${one}/reinstatement`,
    command: commands.reinstateDealer,
    summary: 'Reinstate a suspended dealer',
  },
  {
    ...dealer,
    method: 'POST',
    path: `${one}/exit`,
    command: commands.exitDealer,
    summary: 'End the relation with a dealer, for good',
  },

  {
    ...territory,
    kind: 'create',
    method: 'POST',
    path: '/v1/territories',
    command: commands.defineTerritory,
    summary: 'Define a territory',
  },
  {
    ...territory,
    method: 'PUT',
    path: place,
    command: commands.reviseTerritory,
    summary: 'Publish the next version of a territory',
  },
  {
    ...territory,
    method: 'POST',
    path: `${place}/grants`,
    command: commands.grantTerritory,
    summary: 'Grant an exclusive territory',
  },
  {
    ...territory,
    method: 'POST',
    path: `${place}/releases`,
    command: commands.releaseTerritory,
    summary: 'Release a granted territory',
  },
]
