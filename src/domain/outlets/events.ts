import { z } from 'zod'
import { breaches } from '../kernel/breach.ts'
import { defineEvent, type EventOf } from '../kernel/event.ts'
import { businessTime, code, identifier } from '../kernel/fields.ts'
import { outletProfile } from './profile.ts'

const outletId = identifier
const dealerId = identifier
const picture = {
  outletId,
  companyId: identifier,
  dealerId,
  ...outletProfile.shape,
  /** the territory that it was judged by, with its version */
  territory: z.strictObject({ id: identifier, version: z.int().min(1) }).optional(),
  effectiveAt: businessTime,
  breaches,
}

export const outletRegistered = defineEvent('OutletRegistered', z.strictObject(picture))
export const outletRevised = defineEvent(
  'OutletRevised',
  z.strictObject({ outletId, dealerId, ...outletProfile.shape, effectiveAt: businessTime, breaches }),
  { correctable: true },
)
/**
 * A move to another dealer is two events: each of the two dealers hears of its own half and never of the other. What the new one
 * gets holds the whole picture, since it knows nothing of what was before.
 */
export const outletReleased = defineEvent(
  'OutletReleased',
  z.strictObject({ outletId, dealerId, reason: code, effectiveAt: businessTime }),
)
export const outletAssigned = defineEvent('OutletAssigned', z.strictObject({ ...picture, reason: code }))
export const outletClosed = defineEvent(
  'OutletClosed',
  z.strictObject({ outletId, dealerId, reason: code, effectiveAt: businessTime }),
  { correctable: true },
)

export const outletEvents = [outletRegistered, outletRevised, outletReleased, outletAssigned, outletClosed] as const
export type OutletEvent = EventOf<(typeof outletEvents)[number]>
