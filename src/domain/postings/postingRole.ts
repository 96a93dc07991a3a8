import { z } from 'zod'

/** What an account of the general ledger is for; which number it has says the chart of accounts of the company. */
export const postingRole = z.enum([
  /** what dealers owe, less credit notes */
  'receivable',
  /** received and not allocated to an invoice */
  'unapplied-receipts',
  'cash',
  'revenue',
  'freight',
  'tax',
  /** the three ways in which revenue is taken back or reduced by credit notes */
  'returns',
  'corrections',
  'price-protection',
  /** revenue reduction by rebates, and what is estimated or settled of them and not paid yet */
  'rebates',
  'accrued-rebates',
  /** credit for invoices to come that was not set off yet */
  'offset-credits',
  /** owed for another reason than goods */
  'other-income',
  /** a recorded document that states another total than its parts */
  'differences',
])
export type PostingRole = z.infer<typeof postingRole>
