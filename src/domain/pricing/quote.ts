import { productAggregate } from '../catalogue/decide.ts'
import { productAt } from '../catalogue/state.ts'
import { dealerAt, type DealerState } from '../dealers/state.ts'
import { refuse, type Load, type Refusal } from '../kernel/decider.ts'
import { strategyAt, priceListsAggregate } from './priceLists.ts'
import { priceAggregate } from './prices.ts'
import { promotionsAggregate } from './promotions.ts'
import { candidateLists, resolvePrice } from './resolvePrice.ts'
import type { PriceResolution } from './resolution.ts'

export interface QuoteRequest {
  readonly companyId: string
  readonly dealer: DealerState
  readonly currency: string
  readonly lines: readonly { readonly sku: string; readonly unit: string; readonly quantity: string }[]
  /** business time of the price */
  readonly at: string
}

/**
 * Prices the lines of an order or a quotation, one answer per line in the order asked. Loads the company's lists and
 * promotions once, and of each sku its product and its prices on the lists that may answer. A line refuses with
 * `dealers.unknown`, `catalogue.unknown_sku`, `catalogue.withdrawn` or `pricing.no_price`.
 */
export async function quoteLines(load: Load, request: QuoteRequest): Promise<readonly (PriceResolution | Refusal)[]> {
  const { companyId, currency, lines, at } = request
  const dealer = dealerAt(request.dealer, at)
  if (!dealer || dealer.companyId !== companyId) return lines.map(() => refuse('dealers.unknown', {}))
  const [lists, { promotions }] = await Promise.all([
    load(priceListsAggregate, companyId),
    load(promotionsAggregate, companyId),
  ])
  const strategy = strategyAt(lists, at)
  const candidates = candidateLists(lists.lists, dealer, currency, at)
  const skus = [...new Set(lines.map(({ sku }) => sku))]
  const known = new Map(
    await Promise.all(
      skus.map(async (sku) => {
        const [product, ...prices] = await Promise.all([
          load(productAggregate, sku),
          ...candidates.map(({ listId }) => load(priceAggregate, `${listId}/${sku}`)),
        ])
        return [sku, { product: productAt(product, at), prices }] as const
      }),
    ),
  )
  return lines.map(({ sku, unit, quantity }) => {
    const { product, prices = [] } = known.get(sku) ?? {}
    if (!product || product.companyId !== companyId) return refuse('catalogue.unknown_sku', { sku })
    if (product.withdrawn) return refuse('catalogue.withdrawn', { sku })
    const { category } = product
    return resolvePrice({
      dealer,
      sku,
      category,
      unit,
      currency,
      quantity,
      at,
      strategy,
      lists: lists.lists,
      prices,
      promotions,
    })
  })
}
