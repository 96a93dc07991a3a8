import { adviceId, type PlannedStock } from '../../domain/replenishment/adviceId.ts'
import type { Advice } from '../../domain/replenishment/events.ts'

/** What the agenda keeps of an advice that stands: which, and of which stock. */
export function adviceEntry({ advice, ...stock }: PlannedStock & { readonly advice: Advice }): string {
  return `${advice} ${adviceId(stock)}`
}
