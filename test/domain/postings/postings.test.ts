import { describe, expect, it } from 'vitest'
import type { PostingsCommand } from '../../../src/domain/postings/commands.ts'
import type { PostingsEvent } from '../../../src/domain/postings/events.ts'
import { postingRole } from '../../../src/domain/postings/postingRole.ts'
import { postingsAggregate } from '../../../src/domain/postings/postings.ts'
import { given } from '../../support/decider.ts'

const companyId = 'maker'
const accounts = postingRole.options.map((role, n) => ({ role, account: `10${n}` }))
const chart: PostingsEvent = { type: 'ChartOfAccountsDefined', data: { companyId, version: 1, accounts } }
type Batch = NonNullable<Extract<PostingsCommand, { type: 'ExportPostings' }>['batch']>
const first: Batch = {
  batchNo: 1,
  chartVersion: 1,
  after: '0',
  upTo: '70',
  count: 4,
  totals: [{ currency: 'USD', debit: '100', credit: '100' }],
  hash: 'a'.repeat(64),
}
const second: Batch = { ...first, batchNo: 2, after: '70', upTo: '90', hash: 'b'.repeat(64) }
const exported = (batch: Batch): PostingsEvent => ({ type: 'PostingsExported', data: { companyId, ...batch } })
const send = (batch: Batch | null) => ({ type: 'ExportPostings', companyId, batch }) as const
const acknowledge = (batchNo: number, reference: string) =>
  ({ type: 'AcknowledgePostings', companyId, batchNo, reference }) as const

describe('a chart of accounts', () => {
  it('has an account for every role, and a version for every change', () => {
    given(postingsAggregate).when({ type: 'DefineChartOfAccounts', companyId, accounts }).then([chart])
    given(postingsAggregate)
      .when({ type: 'DefineChartOfAccounts', companyId, accounts: accounts.slice(1) })
      .thenRefused('postings.account_missing', { role: 'receivable' })
    const changed = accounts.map((one) => ({ ...one, account: `2${one.account}` }))
    given(postingsAggregate, [chart])
      .when({ type: 'DefineChartOfAccounts', companyId, accounts: changed })
      .then([{ type: 'ChartOfAccountsDefined', data: { companyId, version: 2, accounts: changed } }])
  })
})

describe('batches', () => {
  it('begin where the last one ended, balanced, by the newest chart', () => {
    given(postingsAggregate).when(send(first)).thenRefused('postings.no_chart')
    given(postingsAggregate, [chart])
      .when(send(first))
      .then([exported(first)])
    given(postingsAggregate, [chart]).when(send(null)).thenNothing()
    const after = given(postingsAggregate, [chart, exported(first)])
    after.when(send(second)).then([exported(second)])
    after.when(send({ ...second, after: '60' })).thenRefused('postings.outdated', { after: '70' })
    after.when(send({ ...second, batchNo: 3 })).thenRefused('postings.outdated')
    after.when(send({ ...second, upTo: '70' })).thenRefused('postings.outdated')
    after.when(send({ ...second, chartVersion: 2 })).thenRefused('postings.outdated')
    const totals = [{ currency: 'USD', debit: '100', credit: '99' }]
    after.when(send({ ...second, totals })).thenRefused('postings.unbalanced')
  })

  it('are acknowledged once, after any number of rejections', () => {
    const sent = [chart, exported(first)]
    given(postingsAggregate, sent).when(acknowledge(2, 'GL-2')).thenRefused('object.not_found')
    const rejected: PostingsEvent = { type: 'PostingsRejected', data: { companyId, batchNo: 1, reason: 'closed' } }
    given(postingsAggregate, sent)
      .when({ type: 'RejectPostings', companyId, batchNo: 1, reason: 'closed' })
      .then([rejected])
    const taken: PostingsEvent = { type: 'PostingsAcknowledged', data: { companyId, batchNo: 1, reference: 'GL-1' } }
    given(postingsAggregate, [...sent, rejected])
      .when(acknowledge(1, 'GL-1'))
      .then([taken])
    const done = given(postingsAggregate, [...sent, taken])
    done.when(acknowledge(1, 'GL-9')).thenRefused('postings.acknowledged', { reference: 'GL-1' })
    done.when({ type: 'RejectPostings', companyId, batchNo: 1, reason: 'closed' }).thenRefused('postings.acknowledged')
  })

  it('that wait for an answer are kept, the answered ones only for a while', () => {
    const many = Array.from({ length: 150 }, (_, n): PostingsEvent[] => [
      exported({
        ...first,
        batchNo: n + 1,
        after: String(n),
        upTo: String(n + 1),
        hash: n.toString(16).padStart(64, '0'),
      }),
      ...(n === 3
        ? []
        : [{ type: 'PostingsAcknowledged', data: { companyId, batchNo: n + 1, reference: 'x' } } as const]),
    ]).flat()
    const { batches } = given(postingsAggregate, [chart, ...many]).state()
    expect(batches).toHaveLength(101)
    expect(batches[0]?.batchNo).toBe(4)
  })
})
