import type { Repriced, SellIn, Standing } from './tradeFact.ts'

/** A changed line with what only its order says: whose it is, and in which money. Undefined when the order is not known. */
export function completed(
  changed: Standing<Repriced>,
  order: (Pick<SellIn, 'dealerId' | 'currency'> & { readonly tier?: string | undefined }) | undefined,
): Standing<Repriced> | undefined {
  if (!order) return undefined
  const tier = changed.tier ?? order.tier
  return { ...changed, dealerId: order.dealerId, currency: order.currency, ...(tier !== undefined && { tier }) }
}
