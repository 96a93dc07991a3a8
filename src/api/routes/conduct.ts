import * as commands from '../../domain/conduct/commands.ts'
import { conductAggregate } from '../../domain/conduct/conduct.ts'
import { conductRulesAggregate } from '../../domain/conduct/conductRules.ts'
import type { CommandRoute } from '../commandRoute.ts'
import { admin, manufacturer } from '../roles.ts'

const ofDealer = { aggregate: conductAggregate, roles: manufacturer, kind: 'record', method: 'POST' } as const
const ofCompany = { aggregate: conductRulesAggregate, kind: 'record', method: 'PUT' } as const

export const conductRoutes: readonly CommandRoute[] = [
  {
    ...ofDealer,
    path: '/v1/dealers/:dealerId/evidence',
    command: commands.recordEvidence,
    summary: 'Record evidence of what a dealer did: process rebates and gates count it',
    idField: 'evidenceId',
  },
  {
    ...ofDealer,
    path: '/v1/dealers/:dealerId/evidence/:evidenceId/withdrawal',
    command: commands.withdrawEvidence,
    summary: 'Withdraw evidence: it counts no more',
  },
  {
    ...ofDealer,
    path: '/v1/dealers/:dealerId/evaluations',
    command: commands.recordEvaluation,
    summary: 'Record the score of a dealer for a period; the newest one counts',
  },
  {
    ...ofCompany,
    roles: manufacturer,
    path: '/v1/evaluations/:companyId/:evaluation',
    command: commands.defineEvaluation,
    summary: 'Define the next version of an evaluation, and say whether it derives from resale prices',
  },
  {
    ...ofCompany,
    roles: admin,
    path: '/v1/resale-price-policies/:companyId',
    command: commands.setResalePricePolicy,
    summary: 'Say whether what derives from resale prices may be kept and stand in terms; off until this is said',
  },
]
