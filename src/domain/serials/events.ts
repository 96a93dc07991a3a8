import { z } from 'zod'
import { breaches } from '../kernel/breach.ts'
import { coordinates } from '../kernel/coordinates.ts'
import { defineEvent, type EventOf } from '../kernel/event.ts'
import { code, identifier, region } from '../kernel/fields.ts'

/** The code on an item, a case or a pallet; each has a stream of its own, so that millions of them share nothing. */
export const serial = identifier
export const serialKind = z.enum(['item', 'case', 'pallet'])
/** What a container holds is said once, when it gets its code, and is at most so much. */
export const childLimit = 1000
export const scanRole = z.enum(['dealer', 'inspector', 'outlet', 'consumer'])

const dealerId = identifier
/** the territory of the dealer when the goods went there: what they are judged by later */
const territory = z.strictObject({ id: identifier, version: z.int().min(1) }).optional()
/** an item or case that moves alone leaves the container that it was in */
const outOf = serial.optional()
const moved = { serial, companyId: identifier, outOf, breaches }

export const serialCommissioned = defineEvent(
  'SerialCommissioned',
  z.strictObject({
    serial,
    companyId: identifier,
    kind: serialKind,
    sku: identifier.optional(),
    lot: identifier.optional(),
    children: z.array(serial).max(childLimit),
    packedInto: serial.optional(),
    breaches,
  }),
  { correctable: true },
)
export const serialPacked = defineEvent(
  'SerialPacked',
  z.strictObject({ serial, companyId: identifier, parent: serial, breaches }),
  { correctable: true },
)
/** It stays where its container was then: in the hands of `dealerId`, on its way to it, or with the maker. */
export const serialTakenOut = defineEvent(
  'SerialTakenOut',
  z.strictObject({
    serial,
    companyId: identifier,
    parent: serial,
    place: z.enum(['maker', 'underway', 'dealer']),
    dealerId: dealerId.optional(),
    reason: code,
  }),
  { correctable: true },
)
/** Its code is used up: what was in it stays where it was emptied. */
export const containerUnpacked = defineEvent(
  'ContainerUnpacked',
  z.strictObject({ serial, companyId: identifier, dealerId: dealerId.optional() }),
  { correctable: true },
)
export const serialShipped = defineEvent(
  'SerialShipped',
  z.strictObject({
    ...moved,
    dealerId,
    territory,
    shipmentId: identifier.optional(),
    orderId: identifier.optional(),
  }),
  { correctable: true },
)
export const serialReceived = defineEvent('SerialReceived', z.strictObject({ ...moved, dealerId }), {
  correctable: true,
})
/** Goods go to another dealer under an authorised transfer (`transfer-<id>`): no diversion. */
export const serialTransferred = defineEvent(
  'SerialTransferred',
  z.strictObject({ ...moved, dealerId, fromDealerId: dealerId, transferId: identifier, territory }),
  { correctable: true },
)
export const serialReturned = defineEvent(
  'SerialReturned',
  z.strictObject({ ...moved, dealerId, returnId: identifier.optional(), reason: code }),
  { correctable: true },
)

const scan = z.strictObject({
  serial,
  companyId: identifier,
  scanId: identifier,
  role: scanRole,
  region: region.optional(),
  place: coordinates.optional(),
  /** how far off the place may be */
  accuracyMetres: z.int().min(0).max(20_000_000).optional(),
  device: identifier.optional(),
  /** the dealer whose staff, or whose outlet, scanned */
  dealerId: dealerId.optional(),
  outletId: identifier.optional(),
  /** of the codes on what is under this one, so many were destroyed or could not be read */
  unreadable: z.int().min(1).max(100_000).optional(),
  breaches,
})
/** A code was seen. Says nothing of whether it should have been there. */
export const scanObserved = defineEvent('ScanObserved', scan, { correctable: true })
/** The same of a code that was not known then: kept under that code, and found there when it becomes known. */
export const unknownSerialScanned = defineEvent('UnknownSerialScanned', scan, { correctable: true })

export const serialEvents = [
  serialCommissioned,
  serialPacked,
  serialTakenOut,
  containerUnpacked,
  serialShipped,
  serialReceived,
  serialTransferred,
  serialReturned,
  scanObserved,
  unknownSerialScanned,
] as const
export type SerialEvent = EventOf<(typeof serialEvents)[number]>
