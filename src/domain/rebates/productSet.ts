import type { BasisFact } from './basisFact.ts'
import type { ProductSet, Terms } from './terms.ts'

/** By its sku, or by one of its categories. */
export function isNamed({ skus, categories }: ProductSet, fact: Pick<BasisFact, 'sku' | 'categories'>): boolean {
  return (skus?.includes(fact.sku) ?? false) || (fact.categories?.some((one) => categories?.includes(one)) ?? false)
}

/** Included, or nothing is included by name; and not excluded. */
export function isInScope(
  { products: { include, exclude } }: Pick<Terms, 'products'>,
  fact: Pick<BasisFact, 'sku' | 'categories'>,
): boolean {
  return (!include || isNamed(include, fact)) && !(exclude && isNamed(exclude, fact))
}
