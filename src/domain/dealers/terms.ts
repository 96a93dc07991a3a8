import { z } from 'zod'

/** The terms of trade with one dealer; orders freeze the version they were placed under. */
export const dealerTerms = z.strictObject({
  /** days from invoice to due date */
  paymentTermDays: z.int().min(0).max(730),
  /** where an order of this dealer must pass the credit check; none means it never waits for credit (domain.md §2.6) */
  creditCheckPoints: z.array(z.enum(['place', 'confirm', 'allocate', 'ship'])).max(4),
  /** what happens to the part of an order that stock cannot cover */
  backorderPolicy: z.enum(['backorder', 'split', 'hold', 'cancel']),
  /** what money follows: the goods leaving, or their arrival */
  invoiceOn: z.enum(['shipment', 'delivery']),
})
export type DealerTerms = z.infer<typeof dealerTerms>

/** In force for a dealer whose terms nobody has set, as version 0. */
export const standardTerms: DealerTerms = {
  paymentTermDays: 30,
  creditCheckPoints: ['confirm'],
  backorderPolicy: 'backorder',
  invoiceOn: 'shipment',
}
