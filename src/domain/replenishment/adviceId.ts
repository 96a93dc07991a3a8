/** A stock as it is planned: at one place, or of a party at all its locations. */
export interface PlannedStock {
  readonly party: string
  readonly sku: string
  readonly location?: string | undefined
}

/** Identifiers may hold a slash, so it is written as `~`, which they may not hold: two stocks never share a stream. */
export function adviceId({ party, sku, location }: PlannedStock): string {
  return [party, sku, ...(location === undefined ? [] : [location])].map((part) => part.replaceAll('/', '~')).join('/')
}
