import type { ReceivableEvent } from './events.ts'

/** What an event does to a dealer's balances, minor units of the currency, signed: shared by the decisions and the read models. */
export interface ReceivableEffect {
  readonly dealerId: string
  readonly companyId: string
  readonly currency: string
  readonly balance: 'receivable' | 'unapplied' | 'credits' | 'offsets'
  readonly document: { readonly kind: 'invoice' | 'payment' | 'creditNote'; readonly id: string }
  readonly by: bigint
}

/** A dealer owes Σ receivable − Σ unapplied − Σ credits; offsets count once they are applied. An allocation moves the same amount off both its documents. */
export function receivableEffects({ type, data }: ReceivableEvent): readonly ReceivableEffect[] {
  const { dealerId, companyId, currency } = data
  const effect = (balance: ReceivableEffect['balance'], id: string, by: bigint): ReceivableEffect => ({
    dealerId,
    companyId,
    currency,
    balance,
    document: { kind: documentKinds[balance], id },
    by,
  })
  switch (type) {
    case 'InvoiceIssued':
      return [effect('receivable', data.invoiceId, BigInt(data.gross))]
    case 'InvoiceCancelled':
      return [effect('receivable', data.invoiceId, -BigInt(data.gross))]
    case 'PaymentReceived':
      return [effect('unapplied', data.paymentId, BigInt(data.amount))]
    case 'PaymentReversed':
      return [effect('unapplied', data.paymentId, -BigInt(data.amount))]
    case 'PaymentAllocated':
      return [
        effect('receivable', data.invoiceId, -BigInt(data.amount)),
        effect('unapplied', data.paymentId, -BigInt(data.amount)),
      ]
    case 'PaymentUnallocated':
      return [
        effect('receivable', data.invoiceId, BigInt(data.amount)),
        effect('unapplied', data.paymentId, BigInt(data.amount)),
      ]
    case 'CreditNoteIssued':
      return [effect(data.offset ? 'offsets' : 'credits', data.creditNoteId, BigInt(data.amount))]
    case 'CreditNoteApplied':
      return [
        effect('receivable', data.invoiceId, -BigInt(data.amount)),
        effect(data.offset ? 'offsets' : 'credits', data.creditNoteId, -BigInt(data.amount)),
      ]
    case 'CreditNoteExpired':
      return [effect('offsets', data.creditNoteId, -BigInt(data.amount))]
  }
}

/** What the dealer owes more by an event. */
export function owedMoreBy(event: ReceivableEvent): bigint {
  return receivableEffects(event).reduce((sum, { balance, by }) => sum + signs[balance] * by, 0n)
}

const signs = { receivable: 1n, unapplied: -1n, credits: -1n, offsets: 0n } as const

const documentKinds = {
  receivable: 'invoice',
  unapplied: 'payment',
  credits: 'creditNote',
  offsets: 'creditNote',
} as const
