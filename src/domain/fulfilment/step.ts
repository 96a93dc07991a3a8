import type { CreditCommand } from '../credit/commands.ts'
import type { OrderCommand } from '../orders/commands.ts'
import type { StockCommand } from '../stock/commands.ts'
import type { FulfilmentCommand } from './commands.ts'

/**
 * One command for another stream. `key` is the same whenever the step is worked out again: it is the command's
 * idempotency key, so a repeat finds what the first one wrote (design.md §6).
 */
export type Step = { readonly key: string; readonly step: string } & (
  | { readonly target: 'account'; readonly command: CreditCommand }
  | { readonly target: 'order'; readonly command: OrderCommand }
  | { readonly target: 'stock'; readonly command: StockCommand }
  | { readonly target: 'fulfilment'; readonly command: FulfilmentCommand }
)
