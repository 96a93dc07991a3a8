import { z } from 'zod'
import { defineEvent, type EventOf } from '../kernel/event.ts'
import { calendarDate, code, identifier, personalText, quantity } from '../kernel/fields.ts'
import { lotId, ownership } from './events.ts'

const lines = <T extends z.ZodType>(line: T) => z.array(line).min(1).max(1000)
const transferId = identifier
const place = z.strictObject({ party: identifier, location: identifier })
const ends = { transferId, from: place, to: place }
const lineNo = z.int().min(1).max(9999)
const lot = z.strictObject({
  lot: lotId,
  quantity,
  expiresOn: calendarDate.optional(),
  receivedOn: calendarDate.optional(),
  ownership: ownership.optional(),
})
const moved = z.strictObject({ lineNo, sku: identifier, lots: lines(lot) })

/** An authorised transfer: it also clears the goods of a diversion suspicion (domain.md §2.4). */
export const transferRequested = defineEvent(
  'TransferRequested',
  z.strictObject({
    ...ends,
    companyId: identifier,
    lines: lines(z.strictObject({ lineNo, sku: identifier, quantity })),
    reason: code,
    note: personalText.optional(),
  }),
  { personal: { note: 'actor' } },
)
/** All goods of the transfer leave at once; less than asked is possible and ends the rest. */
export const transferDispatched = defineEvent(
  'TransferDispatched',
  z.strictObject({ ...ends, lines: lines(moved), expectedOn: calendarDate.optional() }),
)
export const transferReceived = defineEvent(
  'TransferReceived',
  z.strictObject({ ...ends, receiptId: identifier, lines: lines(moved) }),
)
export const transferLost = defineEvent(
  'TransferLost',
  z.strictObject({ ...ends, lossId: identifier, lines: lines(moved), reason: code }),
)
export const transferCancelled = defineEvent('TransferCancelled', z.strictObject({ ...ends, reason: code }))
/** Out = in + loss for every lot. */
export const transferCompleted = defineEvent('TransferCompleted', z.strictObject(ends))

export const transferEvents = [
  transferRequested,
  transferDispatched,
  transferReceived,
  transferLost,
  transferCancelled,
  transferCompleted,
] as const

export type TransferEvent = EventOf<(typeof transferEvents)[number]>
