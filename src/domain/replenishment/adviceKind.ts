import type { Advice } from './events.ts'

/** The kind of alert that an advice is. */
export function adviceKind(advice: Advice): 'low_stock' | 'excess_stock' | 'dead_stock' {
  if (advice === 'excess') return 'excess_stock'
  return advice === 'dead' ? 'dead_stock' : 'low_stock'
}
