import { z } from 'zod'
import { defineCommand, type CommandOf } from '../kernel/decider.ts'
import { businessTime, code, identifier, localLabel, regionScope } from '../kernel/fields.ts'
import { dealerPlace, dealerProfile, plainContact } from './profile.ts'
import { dealerTerms } from './terms.ts'

const territoryId = ({ territoryId }: { territoryId: string }): string => territoryId
const dealerId = ({ dealerId }: { dealerId: string }): string => dealerId

const territory = {
  territoryId: identifier,
  name: localLabel,
  regions: z.array(regionScope).min(1).max(500),
  exclusive: z.boolean(),
  effectiveAt: businessTime,
}
const holder = z.strictObject({ territoryId: identifier, dealerId: identifier, effectiveAt: businessTime })

export const defineTerritory = defineCommand(
  'DefineTerritory',
  z.strictObject({ companyId: identifier, ...territory }),
  territoryId,
)
export const reviseTerritory = defineCommand('ReviseTerritory', z.strictObject(territory), territoryId)
export const grantTerritory = defineCommand('GrantTerritory', holder, territoryId)
export const releaseTerritory = defineCommand('ReleaseTerritory', holder, territoryId)

export const territoryCommands = [defineTerritory, reviseTerritory, grantTerritory, releaseTerritory] as const
export type TerritoryCommand = CommandOf<(typeof territoryCommands)[number]>

const inCountry = (dealer: { country: string; region: string }): boolean =>
  dealer.region.startsWith(`${dealer.country}/`)
const regionOfCountry = { message: 'the region must lie in the country: COUNTRY/REGION', path: ['region'] }

export const registerDealer = defineCommand(
  'RegisterDealer',
  z
    .strictObject({
      dealerId: identifier,
      companyId: identifier,
      ...dealerProfile.shape,
      ...dealerPlace.shape,
      contact: plainContact.optional(),
      effectiveAt: businessTime,
    })
    .refine(inCountry, regionOfCountry),
  dealerId,
)
export const reviseDealerProfile = defineCommand(
  'ReviseDealerProfile',
  z
    .strictObject({ dealerId: identifier, ...dealerProfile.shape, effectiveAt: businessTime })
    .refine(inCountry, regionOfCountry),
  dealerId,
)
/** `changeId` tells a repeat from a second change: the contact itself is sealed in the log and cannot be compared. */
export const changeDealerContact = defineCommand(
  'ChangeDealerContact',
  z.strictObject({ dealerId: identifier, changeId: identifier, contact: plainContact, effectiveAt: businessTime }),
  dealerId,
)
export const assignDealerParent = defineCommand(
  'AssignDealerParent',
  z.strictObject({ dealerId: identifier, ...dealerPlace.shape, effectiveAt: businessTime }),
  dealerId,
)
export const assignTier = defineCommand(
  'AssignTier',
  z.strictObject({
    dealerId: identifier,
    tier: code,
    reason: code,
    causes: z.array(identifier).max(100).optional(),
    effectiveAt: businessTime,
  }),
  dealerId,
)
export const assignTerritory = defineCommand(
  'AssignTerritory',
  z.strictObject({ dealerId: identifier, territoryId: identifier, effectiveAt: businessTime }),
  dealerId,
)
export const setDealerTerms = defineCommand(
  'SetDealerTerms',
  z.strictObject({ dealerId: identifier, ...dealerTerms.shape, effectiveAt: businessTime }),
  dealerId,
)
const status = z.strictObject({ dealerId: identifier, reason: code, effectiveAt: businessTime })
export const suspendDealer = defineCommand('SuspendDealer', status, dealerId)
export const reinstateDealer = defineCommand('ReinstateDealer', status, dealerId)
export const exitDealer = defineCommand(
  'ExitDealer',
  z.strictObject({ ...status.shape, settlementPlan: code, stockBuyBack: z.boolean() }),
  dealerId,
)

export const dealerCommands = [
  registerDealer,
  reviseDealerProfile,
  changeDealerContact,
  assignDealerParent,
  assignTier,
  assignTerritory,
  setDealerTerms,
  suspendDealer,
  reinstateDealer,
  exitDealer,
] as const
export type DealerCommand = CommandOf<(typeof dealerCommands)[number]>
