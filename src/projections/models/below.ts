import type { Source } from '../engine/ask.ts'
import type { Bind } from '../engine/foldQuery.ts'

/**
 * A dealer sees its own and what is below it: true of a column with a dealer's id when that is `dealerId`, or a dealer that stands
 * below it at the asked instant. Nothing where no dealer asks.
 */
export function below(column: string, dealerId: string | undefined, from: Source, bind: Bind): string | false {
  if (dealerId === undefined) return false
  const own = bind(dealerId)
  // one list, not an `or`: an index on the column can then be used
  return `${column} in (select ${own}::text union all select child.dealer_id from ${from('dealers')} child where child.parent_id = ${own})`
}

/** Whole days from an instant to the one that is asked about; null where it is. */
export function ageInDays(column: string, from: Source): string {
  return `floor(extract(epoch from (${from.at()} - ${column})) / 86400)::integer`
}
