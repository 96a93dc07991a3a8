import { z } from 'zod'
import { defineCommand, type CommandOf } from '../kernel/decider.ts'
import { businessTime, code, identifier } from '../kernel/fields.ts'
import { outletProfile } from './profile.ts'

const byOutlet = ({ outletId }: { outletId: string }): string => outletId
const outletId = identifier
const effectiveAt = businessTime

/** Without `territoryId` the outlet stands in the territory of its dealer. */
export const registerOutlet = defineCommand(
  'RegisterOutlet',
  z.strictObject({
    outletId,
    companyId: identifier,
    dealerId: identifier,
    ...outletProfile.shape,
    territoryId: identifier.optional(),
    effectiveAt,
  }),
  byOutlet,
)
export const reviseOutlet = defineCommand(
  'ReviseOutlet',
  z.strictObject({ outletId, ...outletProfile.shape, effectiveAt }),
  byOutlet,
)
export const moveOutlet = defineCommand(
  'MoveOutlet',
  z.strictObject({ outletId, dealerId: identifier, territoryId: identifier.optional(), reason: code, effectiveAt }),
  byOutlet,
)
/** For good: an outlet that opens again is another one. */
export const closeOutlet = defineCommand(
  'CloseOutlet',
  z.strictObject({ outletId, reason: code, effectiveAt }),
  byOutlet,
)

export const outletCommands = [registerOutlet, reviseOutlet, moveOutlet, closeOutlet] as const
export type OutletCommand = CommandOf<(typeof outletCommands)[number]>
