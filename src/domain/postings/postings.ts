import { refuse, type Aggregate, type Decision } from '../kernel/decider.ts'
import type { Happened } from '../kernel/event.ts'
import { sameData } from '../kernel/sameData.ts'
import { postingsCommands, type PostingsCommand } from './commands.ts'
import { postingsEvents, type PostingsEvent } from './events.ts'
import { postingRole } from './postingRole.ts'

type Data<Type extends PostingsEvent['type']> = Extract<PostingsEvent, { type: Type }>['data']

interface Batch {
  readonly batchNo: number
  readonly hash: string
  readonly reference?: string
  readonly rejected?: string
}

export interface PostingsState {
  /** version n at index n − 1 */
  readonly charts: readonly Data<'ChartOfAccountsDefined'>['accounts'][]
  readonly lastBatchNo: number
  /** where the next batch begins */
  readonly upTo: string
  /** those that wait for an answer, and the newest */
  readonly batches: readonly Batch[]
}

const kept = 100

/** What leaves for the general ledger of one company: one stream, so that every posting is in exactly one batch. */
export const postingsAggregate: Aggregate<PostingsCommand, PostingsEvent, PostingsState> = {
  category: 'postings',
  stateVersion: 1,
  initialState: { charts: [], lastBatchNo: 0, upTo: '0', batches: [] },
  evolve,
  decide,
  events: postingsEvents,
  commands: postingsCommands,
}

function evolve(state: PostingsState, { type, data }: Happened<PostingsEvent>): PostingsState {
  switch (type) {
    case 'ChartOfAccountsDefined':
      return { ...state, charts: [...state.charts, data.accounts] }
    case 'PostingsExported': {
      const { batchNo, upTo, hash } = data
      const waits = (one: Batch): boolean => one.reference === undefined || one.batchNo > batchNo - kept
      return { ...state, lastBatchNo: batchNo, upTo, batches: [...state.batches.filter(waits), { batchNo, hash }] }
    }
    case 'PostingsAcknowledged':
      return changed(state, data.batchNo, ({ batchNo, hash }) => ({ batchNo, hash, reference: data.reference }))
    case 'PostingsRejected':
      return changed(state, data.batchNo, (one) => ({ ...one, rejected: data.reason }))
  }
}

function decide(command: PostingsCommand, state: PostingsState): Decision<PostingsEvent> {
  const { companyId } = command
  switch (command.type) {
    case 'DefineChartOfAccounts': {
      const { accounts } = command
      const without = postingRole.options.find((role) => !accounts.some((one) => one.role === role))
      if (without !== undefined) return refuse('postings.account_missing', { role: without })
      if (sameData(state.charts.at(-1), accounts)) return []
      return [{ type: 'ChartOfAccountsDefined', data: { companyId, version: state.charts.length + 1, accounts } }]
    }
    case 'ExportPostings': {
      const { batch } = command
      if (state.charts.length === 0) return refuse('postings.no_chart', { companyId })
      if (batch === null || state.batches.some(({ hash }) => hash === batch.hash)) return []
      const unbalanced = batch.totals.find(({ debit, credit }) => debit !== credit)
      if (unbalanced) return refuse('postings.unbalanced', { ...unbalanced })
      const follows = batch.batchNo === state.lastBatchNo + 1 && batch.after === state.upTo
      if (!follows || BigInt(batch.upTo) <= BigInt(batch.after) || batch.chartVersion !== state.charts.length)
        return refuse('postings.outdated', { batchNo: state.lastBatchNo + 1, after: state.upTo })
      return [{ type: 'PostingsExported', data: { companyId, ...batch } }]
    }
    case 'AcknowledgePostings': {
      const { batchNo, reference } = command
      const batch = state.batches.find((one) => one.batchNo === batchNo)
      if (!batch) return refuse('object.not_found', { batchNo })
      if (batch.reference === reference) return []
      if (batch.reference !== undefined) return refuse('postings.acknowledged', { batchNo, reference: batch.reference })
      return [{ type: 'PostingsAcknowledged', data: { companyId, batchNo, reference } }]
    }
    case 'RejectPostings': {
      const { batchNo, reason, note } = command
      const batch = state.batches.find((one) => one.batchNo === batchNo)
      if (!batch) return refuse('object.not_found', { batchNo })
      if (batch.reference !== undefined) return refuse('postings.acknowledged', { batchNo, reference: batch.reference })
      if (batch.rejected === reason) return []
      const said = { batchNo, reason, ...(note !== undefined && { note }) }
      return [{ type: 'PostingsRejected', data: { companyId, ...said } }]
    }
  }
}

function changed(state: PostingsState, batchNo: number, change: (batch: Batch) => Batch): PostingsState {
  return { ...state, batches: state.batches.map((one) => (one.batchNo === batchNo ? change(one) : one)) }
}
