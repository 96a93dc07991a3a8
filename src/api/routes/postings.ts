import * as commands from '../../domain/postings/commands.ts'
import { postingsAggregate as aggregate } from '../../domain/postings/postings.ts'
import { drawBatch } from '../../projections/models/postings/readPostings.ts'
import type { CommandRoute } from '../commandRoute.ts'
import { finance as roles } from '../roles.ts'

const one = '/v1/posting-exports/:companyId/:batchNo'
const base = { aggregate, roles, kind: 'create', method: 'POST' } as const

export const postingRoutes: readonly CommandRoute[] = [
  {
    ...base,
    kind: 'change',
    method: 'PUT',
    path: '/v1/charts-of-accounts/:companyId',
    command: commands.defineChart,
    summary: 'Say which account of the general ledger each role is',
  },
  {
    ...base,
    path: '/v1/posting-exports',
    command: commands.exportPostings,
    summary: 'Export what was posted since the last batch, up to 10,000 legs; repeat until nothing is written',
    given: {
      batch: async ({ ports, sent }) => {
        const companyId = String(sent['companyId'])
        return drawBatch(ports, companyId, await ports.handler.load(aggregate, companyId), await ports.store.head())
      },
    },
  },
  {
    ...base,
    path: `${one}/acknowledgement`,
    command: commands.acknowledgePostings,
    summary: 'The general ledger has taken a batch',
  },
  {
    ...base,
    path: `${one}/rejection`,
    command: commands.rejectPostings,
    summary: 'The general ledger could not take a batch, which stays as it is',
  },
]
