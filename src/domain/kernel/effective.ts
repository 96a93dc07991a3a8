import { instantOf, type Instant } from './businessTime.ts'

/** A fact in force from a business time on, until the next one of its kind. */
export interface Effective<T> {
  readonly effectiveAt: string
  /** the event that said so: what a decision freezes as the version it used */
  readonly eventId: string
  readonly value: T
}

/** Adds a fact, keeping the order of effective instants; of two at the same instant the one recorded later stands later. */
export function withEffective<T>(facts: readonly Effective<T>[], fact: Effective<T>): readonly Effective<T>[] {
  const instant = instantOf(fact.effectiveAt)
  const after = facts.findIndex((other) => instantOf(other.effectiveAt) > instant)
  return after === -1 ? [...facts, fact] : facts.toSpliced(after, 0, fact)
}

/** The fact in force at an instant: the last one effective at or before it. */
export function inForce<T>(facts: readonly Effective<T>[], at: Instant): Effective<T> | undefined {
  return facts.findLast((fact) => instantOf(fact.effectiveAt) <= at)
}
