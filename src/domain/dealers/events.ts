import { z } from 'zod'
import { breaches } from '../kernel/breach.ts'
import { defineEvent, type EventOf } from '../kernel/event.ts'
import { businessTime, code, identifier, localLabel, regionScope } from '../kernel/fields.ts'
import { contactIsPersonal, dealerPlace, dealerProfile, sealedContact } from './profile.ts'
import { dealerTerms } from './terms.ts'

const dealerId = identifier
const version = z.int().min(1)
const territory = z.strictObject({
  territoryId: identifier,
  name: localLabel,
  regions: z.array(regionScope).min(1).max(500),
  /** an exclusive territory is granted to one dealer at a time, a shared one needs no grant */
  exclusive: z.boolean(),
  version,
  effectiveAt: businessTime,
})

export const territoryDefined = defineEvent(
  'TerritoryDefined',
  z.strictObject({ companyId: identifier, ...territory.shape }),
)
/** The full new picture of a territory, as its next version. */
export const territoryRevised = defineEvent('TerritoryRevised', territory, { correctable: true })
/** An exclusive territory is this dealer's from `effectiveAt`. */
export const territoryGranted = defineEvent(
  'TerritoryGranted',
  z.strictObject({ territoryId: identifier, dealerId, effectiveAt: businessTime, breaches }),
  { correctable: true },
)
export const territoryReleased = defineEvent(
  'TerritoryReleased',
  z.strictObject({ territoryId: identifier, dealerId, effectiveAt: businessTime }),
  { correctable: true },
)

export const territoryEvents = [territoryDefined, territoryRevised, territoryGranted, territoryReleased] as const
export type TerritoryEvent = EventOf<(typeof territoryEvents)[number]>

export const dealerRegistered = defineEvent(
  'DealerRegistered',
  z.strictObject({
    dealerId,
    companyId: identifier,
    ...dealerProfile.shape,
    ...dealerPlace.shape,
    contact: sealedContact.optional(),
    effectiveAt: businessTime,
    breaches,
  }),
  { personal: contactIsPersonal },
)
export const dealerProfileRevised = defineEvent(
  'DealerProfileRevised',
  z.strictObject({ dealerId, ...dealerProfile.shape, effectiveAt: businessTime }),
  { correctable: true },
)
export const dealerContactChanged = defineEvent(
  'DealerContactChanged',
  z.strictObject({ dealerId, changeId: identifier, contact: sealedContact, effectiveAt: businessTime }),
  { personal: contactIsPersonal },
)
export const dealerParentAssigned = defineEvent(
  'DealerParentAssigned',
  z.strictObject({ dealerId, ...dealerPlace.shape, effectiveAt: businessTime, breaches }),
  { correctable: true },
)
/** The level in the manufacturer's dealer programme (`gold`), which price lists and promotions are scoped by. A change names its causes (domain.md §2.8). */
export const tierAssigned = defineEvent(
  'TierAssigned',
  z.strictObject({
    dealerId,
    tier: code,
    previousTier: code.optional(),
    reason: code,
    /** evaluations, events or documents behind the change */
    causes: z.array(identifier).max(100),
    effectiveAt: businessTime,
    breaches,
  }),
  { correctable: true },
)
export const territoryAssigned = defineEvent(
  'TerritoryAssigned',
  z.strictObject({ dealerId, territoryId: identifier, territoryVersion: version, effectiveAt: businessTime, breaches }),
  { correctable: true },
)
export const dealerTermsSet = defineEvent(
  'DealerTermsSet',
  z.strictObject({ dealerId, version, ...dealerTerms.shape, effectiveAt: businessTime }),
  { correctable: true },
)
export const dealerSuspended = defineEvent(
  'DealerSuspended',
  z.strictObject({ dealerId, reason: code, effectiveAt: businessTime, breaches }),
  { correctable: true },
)
export const dealerReinstated = defineEvent(
  'DealerReinstated',
  z.strictObject({ dealerId, reason: code, effectiveAt: businessTime, breaches }),
  { correctable: true },
)
/** Final: an exited dealer that comes back is registered anew, under a new id. */
export const dealerExited = defineEvent(
  'DealerExited',
  z.strictObject({
    dealerId,
    reason: code,
    settlementPlan: code,
    stockBuyBack: z.boolean(),
    effectiveAt: businessTime,
  }),
  { correctable: true },
)

export const dealerEvents = [
  dealerRegistered,
  dealerProfileRevised,
  dealerContactChanged,
  dealerParentAssigned,
  tierAssigned,
  territoryAssigned,
  dealerTermsSet,
  dealerSuspended,
  dealerReinstated,
  dealerExited,
] as const
export type DealerEvent = EventOf<(typeof dealerEvents)[number]>
