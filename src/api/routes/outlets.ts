import * as commands from '../../domain/outlets/commands.ts'
import { outletAggregate } from '../../domain/outlets/outlet.ts'
import * as sellOut from '../../domain/sellout/commands.ts'
import { sellOutAggregate } from '../../domain/sellout/report.ts'
import type { CommandRoute } from '../commandRoute.ts'
import { goods, sales, trade } from '../roles.ts'

const outlet = { aggregate: outletAggregate, kind: 'change' } as const
const report = { aggregate: sellOutAggregate, roles: goods, right: 'stock', kind: 'record', method: 'POST' } as const
const one = '/v1/outlets/:outletId'

export const outletRoutes: readonly CommandRoute[] = [
  {
    ...outlet,
    kind: 'create',
    roles: trade,
    right: 'staff',
    method: 'POST',
    path: '/v1/outlets',
    command: commands.registerOutlet,
    summary: 'Register an outlet of a dealer',
    idField: 'outletId',
    ownDealerFields: ['dealerId'],
  },
  {
    ...outlet,
    roles: trade,
    right: 'staff',
    method: 'PUT',
    path: one,
    command: commands.reviseOutlet,
    summary: 'Revise what an outlet is and where it stands',
  },
  {
    ...outlet,
    roles: sales,
    method: 'POST',
    path: `${one}/moves`,
    command: commands.moveOutlet,
    summary: 'Move an outlet to another dealer',
  },
  {
    ...outlet,
    roles: trade,
    right: 'staff',
    method: 'POST',
    path: `${one}/closing`,
    command: commands.closeOutlet,
    summary: 'Close an outlet, for good',
  },
  {
    ...report,
    path: '/v1/sell-out',
    command: sellOut.reportSellOut,
    summary: 'Report what outlets, or a dealer without outlets, sold to consumers: a report or its next revision',
    ownDealerFields: ['dealerId'],
  },
  {
    ...report,
    path: '/v1/sell-out/:dealerId/:source/:documentType/:number/withdrawal',
    command: sellOut.withdrawSellOut,
    summary: 'Withdraw a sell-out report: nothing of it counts any more',
  },
]
