import { accountAggregate as aggregate } from '../../domain/credit/account.ts'
import * as credit from '../../domain/credit/commands.ts'
import * as receivables from '../../domain/receivables/commands.ts'
import type { CommandRoute } from '../commandRoute.ts'
import { finance as roles } from '../roles.ts'

const one = '/v1/accounts/:accountId'
const base = { aggregate, roles, kind: 'record', method: 'POST' } as const

export const accountRoutes: readonly CommandRoute[] = [
  {
    ...base,
    method: 'PUT',
    path: `${one}/limits/:party`,
    command: credit.setCreditLimit,
    summary: 'Set the credit limit of a party',
  },
  { ...base, path: `${one}/holds`, command: credit.placeCreditHold, summary: 'Put a party or an order on hold' },
  { ...base, path: `${one}/hold-releases`, command: credit.releaseCreditHold, summary: 'Release a credit hold' },
  {
    ...base,
    path: `${one}/overrides`,
    command: credit.approveCreditOverride,
    summary: 'Let one order pass over limits, up to a value',
    idField: 'overrideId',
  },
  {
    ...base,
    path: `${one}/invoices`,
    command: receivables.issueInvoice,
    summary: 'Issue an invoice or debit note',
    idField: 'invoiceId',
  },
  {
    ...base,
    path: `${one}/invoices/:invoiceId/cancellation`,
    command: receivables.cancelInvoice,
    summary: 'Cancel an invoice nothing was paid on',
  },
  {
    ...base,
    path: `${one}/payments`,
    command: receivables.receivePayment,
    summary: 'Record a payment received',
    idField: 'paymentId',
  },
  {
    ...base,
    path: `${one}/payments/:paymentId/allocations`,
    command: receivables.allocatePayment,
    summary: 'Allocate a payment to invoices',
  },
  {
    ...base,
    path: `${one}/payments/:paymentId/unallocations`,
    command: receivables.unallocatePayment,
    summary: 'Take an allocation back',
  },
  {
    ...base,
    path: `${one}/payments/:paymentId/reversal`,
    command: receivables.reversePayment,
    summary: 'Reverse a payment',
  },
  {
    ...base,
    path: `${one}/credit-notes`,
    command: receivables.issueCreditNote,
    summary: 'Issue a credit note',
    idField: 'creditNoteId',
  },
  {
    ...base,
    path: `${one}/credit-notes/:creditNoteId/applications`,
    command: receivables.applyCreditNote,
    summary: 'Apply a credit note to an invoice',
  },
]
