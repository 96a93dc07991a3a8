import type { Instant } from '../kernel/businessTime.ts'
import type { Sent } from './sighting.ts'

/** What an event says of a code; what it leaves out it does not change. */
export interface GoodsStep {
  readonly eventId: string
  readonly at: Instant
  readonly position: bigint
  /** the container that it is in from then on; empty: in none */
  readonly parent?: string
  /** it left its container, and stayed where that was */
  readonly isTakenOut?: boolean
  /** whom it went to with authority */
  readonly sent?: Sent
}

/** item in case in pallet, and one taken out of each */
const deepest = 6

/** The containers of a code at an instant, itself first, and whom the goods had been sent to. `stepsOf` are in order of time. */
export function goodsAt(
  serial: string,
  at: Instant,
  stepsOf: (serial: string) => readonly GoodsStep[],
): { readonly chain: readonly string[]; readonly sent: Sent | undefined } {
  const before = (code: string, until: Instant): GoodsStep | undefined =>
    stepsOf(code).findLast((step) => step.at <= until && step.parent !== undefined)

  const chain = [serial]
  for (let parent = before(serial, at)?.parent; parent !== undefined && parent !== '' && chain.length < 3;) {
    chain.push(parent)
    parent = before(parent, at)?.parent
  }

  function sentTo(code: string, until: Instant, depth: number): Sent | undefined {
    const step = before(code, until)
    if (!step || step.sent || depth > deepest) return step?.sent
    if (step.parent !== undefined && step.parent !== '') return sentTo(step.parent, until, depth + 1)
    const steps = stepsOf(code)
    const left = step.isTakenOut
      ? steps.slice(0, steps.indexOf(step)).findLast(({ parent = '' }) => parent !== '')?.parent
      : undefined
    return left === undefined ? undefined : sentTo(left, step.at, depth + 1)
  }
  return { chain, sent: sentTo(serial, at, 0) }
}

/** A movement to another dealer that nobody allowed: the goods are still those of whom they were sent to. */
export function isUnauthorised(breaches: readonly { readonly code: string }[]): boolean {
  return breaches.some(({ code }) => code === 'serials.transfer_unauthorised')
}
