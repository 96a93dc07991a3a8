import { z } from 'zod'
import { periodGrain } from '../calendars/events.ts'
import { breaches } from '../kernel/breach.ts'
import { instantOf } from '../kernel/businessTime.ts'
import {
  defineCommand,
  isRefusal,
  refuse,
  type Aggregate,
  type Circumstances,
  type CommandOf,
  type Decision,
} from '../kernel/decider.ts'
import { enforce } from '../kernel/enforce.ts'
import { defineEvent, type EventOf, type Happened } from '../kernel/event.ts'
import { businessTime, currency, identifier, price, share } from '../kernel/fields.ts'
import { sameData } from '../kernel/sameData.ts'
import { roundingMode } from '../receivables/events.ts'

/** What a company promises its dealers beside programmes: in force from an instant on, until the next version. */
const claimTerms = z.strictObject({
  effectiveFrom: businessTime,
  /** what is proposed when a list price falls; nothing when absent */
  protection: z
    .strictObject({
      /** `layers`: what the units cost − the new price; `list`: the old list price − the new one */
      method: z.enum(['layers', 'list']),
      /** goods shipped longer before the change are not protected */
      lookBackDays: z.int().min(1).max(3_660),
      inTransit: z.boolean(),
    })
    .optional(),
  /** the right to give back a share of what was bought in a period; none when absent */
  rotation: z
    .strictObject({
      calendarId: identifier,
      grain: periodGrain,
      share,
      /** `return`: the goods come back and are credited as they were sold; `scrap`: they stay, and the claim pays for them */
      method: z.enum(['return', 'scrap']),
    })
    .optional(),
  /** a claim comes at most so many days after its sale, or after the window of its agreement */
  claimWithinDays: z.int().min(0).max(3_660),
  /** the one step from exact values to an amount */
  rounding: roundingMode,
  /** above it two people approve; in a currency that is not named one does */
  secondApprovalAbove: z
    .array(z.strictObject({ currency, amount: price }))
    .max(50)
    .default([]),
})
export type ClaimTerms = z.infer<typeof claimTerms> & { readonly version: number }

const company = { companyId: identifier }

export const claimsPolicySet = defineEvent(
  'ClaimsPolicySet',
  z.strictObject({ ...company, version: z.int().min(1), terms: claimTerms, breaches }),
)
export const claimsPolicyEvents = [claimsPolicySet] as const
export type ClaimsPolicyEvent = EventOf<(typeof claimsPolicyEvents)[number]>

export const setClaimsPolicy = defineCommand(
  'SetClaimsPolicy',
  z.strictObject({ ...company, terms: claimTerms }),
  ({ companyId }) => companyId,
)
export const claimsPolicyCommands = [setClaimsPolicy] as const
export type ClaimsPolicyCommand = CommandOf<(typeof claimsPolicyCommands)[number]>

export interface ClaimsPolicyState {
  readonly versions: readonly ClaimTerms[]
}

/** The terms of claims of one company, in versions. */
export const claimsPolicyAggregate: Aggregate<ClaimsPolicyCommand, ClaimsPolicyEvent, ClaimsPolicyState> = {
  category: 'claimspolicy',
  stateVersion: 1,
  initialState: { versions: [] },
  evolve,
  decide,
  events: claimsPolicyEvents,
  commands: claimsPolicyCommands,
}

/** The newest terms that are in force at a business time. */
export function claimTermsAt({ versions }: ClaimsPolicyState, at: string): ClaimTerms | undefined {
  return versions.findLast(({ effectiveFrom }) => instantOf(effectiveFrom) <= instantOf(at))
}

function evolve({ versions }: ClaimsPolicyState, { data }: Happened<ClaimsPolicyEvent>): ClaimsPolicyState {
  return { versions: [...versions, { ...data.terms, version: data.version }] }
}

function decide(
  { companyId, terms }: ClaimsPolicyCommand,
  { versions }: ClaimsPolicyState,
  { at, recorded }: Circumstances,
): Decision<ClaimsPolicyEvent> {
  const last = versions.at(-1)
  if (last && sameData(last, { ...terms, version: last.version })) return []
  const isPast = last !== undefined && instantOf(terms.effectiveFrom) < instantOf(at)
  const breaches = enforce([isPast && refuse('claims.policy_past', { effectiveFrom: terms.effectiveFrom })], recorded)
  if (isRefusal(breaches)) return breaches
  return [{ type: 'ClaimsPolicySet', data: { companyId, version: versions.length + 1, terms, breaches } }]
}
