import { calendarDate, instantOf, zoneOf } from '../kernel/businessTime.ts'
import type { BasisFact } from './basisFact.ts'
import type { ProductSet, Terms } from './terms.ts'

/** By its sku, or by one of its categories. */
export function isNamed({ skus, categories }: ProductSet, fact: Pick<BasisFact, 'sku' | 'categories'>): boolean {
  return (skus?.includes(fact.sku) ?? false) || (fact.categories?.some((one) => categories?.includes(one)) ?? false)
}

/** Included, or nothing is included by name; not excluded; and new enough, where the terms ask for new products. */
export function isInScope(
  { products: { include, exclude }, launchedWithinDays }: Pick<Terms, 'products' | 'launchedWithinDays'>,
  fact: Pick<BasisFact, 'sku' | 'categories' | 'launchedOn' | 'saleAt'>,
): boolean {
  return (
    (!include || isNamed(include, fact)) &&
    !(exclude && isNamed(exclude, fact)) &&
    (launchedWithinDays === undefined || isNew(fact, launchedWithinDays))
  )
}

const day = 86_400_000

/** The date of its sale, as it is written, lies at most so many days after the launch. */
function isNew({ launchedOn, saleAt }: Pick<BasisFact, 'launchedOn' | 'saleAt'>, days: number): boolean {
  if (launchedOn === undefined) return false
  const soldOn = calendarDate(instantOf(saleAt), zoneOf(saleAt))
  return Date.parse(soldOn) - Date.parse(launchedOn) <= days * day
}
