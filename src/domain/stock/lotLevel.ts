import { plus } from '../kernel/decimalText.ts'

/**
 * The level of one lot under facts that arrive in any order: the latest assertion plus the movements after it, ordered
 * by (business instant, revision).
 *
 * The newest `recentLimit` facts of a lot are kept one by one; older ones are folded into `base`. A movement that is
 * older than the base still counts exactly (unless a folded assertion stands after it). An assertion that is older than
 * the base cannot: what moved between it and the base is folded away, so it is left out of the level (the read model,
 * which has all facts, places it right) and `isTooLate` lets the decision say so.
 */
export interface LotLevel {
  readonly onHand: string
  readonly base: {
    readonly quantity: string
    /** instant of the newest folded fact */ readonly at?: number
    /** instant of the newest folded assertion */ readonly assertedAt?: number
  }
  readonly recent: readonly StockFact[]
}

export interface StockFact {
  /** business instant, ms since 1970 */
  readonly at: number
  readonly kind: 'movement' | 'assertion'
  readonly quantity: string
}

export const recentLimit = 64
export const noLevel: LotLevel = { onHand: '0', base: { quantity: '0' }, recent: [] }

/** Facts come in the order of their revision, so of two at one instant the later comer stands later. */
export function withFact(level: LotLevel, fact: StockFact): LotLevel {
  if (isOlderThanBase(level, fact.at)) return withOlderFact(level, fact)
  const last = level.recent.at(-1)
  if (last === undefined || last.at <= fact.at) {
    return bounded({ ...level, onHand: next(level.onHand, fact), recent: [...level.recent, fact] })
  }
  const recent = level.recent.toSpliced(
    level.recent.findIndex((other) => other.at > fact.at),
    0,
    fact,
  )
  return bounded({ ...level, recent, onHand: recent.reduce(next, level.base.quantity) })
}

/** True for an assertion that the level cannot place any more. */
export function isTooLate(level: LotLevel, at: number): boolean {
  return isOlderThanBase(level, at) && !isSuperseded(level, at)
}

function withOlderFact(level: LotLevel, fact: StockFact): LotLevel {
  if (fact.kind === 'assertion' || isSuperseded(level, fact.at)) return level
  const base = { ...level.base, quantity: plus(level.base.quantity, fact.quantity) }
  return { ...level, base, onHand: level.recent.reduce(next, base.quantity) }
}

function bounded(level: LotLevel): LotLevel {
  const [oldest, ...recent] = level.recent
  if (oldest === undefined || level.recent.length <= recentLimit) return level
  const assertedAt = oldest.kind === 'assertion' ? oldest.at : level.base.assertedAt
  const base = {
    quantity: next(level.base.quantity, oldest),
    at: oldest.at,
    ...(assertedAt === undefined ? {} : { assertedAt }),
  }
  return { ...level, recent, base }
}

function next(quantity: string, fact: StockFact): string {
  return fact.kind === 'assertion' ? fact.quantity : plus(quantity, fact.quantity)
}

function isOlderThanBase(level: LotLevel, at: number): boolean {
  return level.base.at !== undefined && at < level.base.at
}

function isSuperseded(level: LotLevel, at: number): boolean {
  return level.base.assertedAt !== undefined && at < level.base.assertedAt
}
