import type { Circumstances, Decision } from '../kernel/decider.ts'
import type { ReceivableCommand } from './commands.ts'
import { applyCreditNote, expireCreditNote, issueCreditNote } from './creditNotes.ts'
import type { ReceivableEvent } from './events.ts'
import { cancelInvoice, issueInvoice, type OrderValues } from './invoices.ts'
import { allocatePayment, receivePayment, reversePayment, unallocatePayment } from './payments.ts'
import type { Receivables } from './state.ts'

/** The documents of an account: invoices, payments, credit notes. */
export function decideReceivables(
  command: ReceivableCommand,
  state: Receivables & OrderValues,
  circumstances: Pick<Circumstances, 'at' | 'recorded'>,
): Decision<ReceivableEvent> {
  switch (command.type) {
    case 'IssueInvoice':
      return issueInvoice(command, state, circumstances)
    case 'CancelInvoice':
      return cancelInvoice(command, state)
    case 'ReceivePayment':
      return receivePayment(command, state, circumstances)
    case 'AllocatePayment':
      return allocatePayment(command, state, circumstances)
    case 'UnallocatePayment':
      return unallocatePayment(command, state)
    case 'ReversePayment':
      return reversePayment(command, state)
    case 'IssueCreditNote':
      return issueCreditNote(command, state, circumstances)
    case 'ApplyCreditNote':
      return applyCreditNote(command, state, circumstances)
    case 'ExpireCreditNote':
      return expireCreditNote(command, state, circumstances)
  }
}
