import { z } from 'zod'
import { defineCommand, type CommandOf } from '../kernel/decider.ts'
import { calendarDate, code, identifier, plainText, quantity } from '../kernel/fields.ts'
import { lotId } from './events.ts'

const lines = <T extends z.ZodType>(line: T) => z.array(line).min(1).max(1000)
const place = z.strictObject({ party: identifier, location: identifier })
const lineNo = z.int().min(1).max(9999)
const transferId = identifier
const lotQuantity = z.strictObject({ lot: lotId, quantity })
const moved = z.strictObject({ lineNo, lots: lines(lotQuantity) })
const byTransfer = (command: { transferId: string }): string => command.transferId

export const requestTransfer = defineCommand(
  'RequestTransfer',
  z.strictObject({
    transferId,
    companyId: identifier,
    from: place,
    to: place,
    lines: lines(z.strictObject({ lineNo, sku: identifier, quantity })),
    reason: code,
    note: plainText.optional(),
  }),
  byTransfer,
)
/** Lots as given, or first-expired-first-out from what the source has available. All requested lines when `lines` is absent. */
export const dispatchTransfer = defineCommand(
  'DispatchTransfer',
  z.strictObject({
    transferId,
    lines: lines(z.strictObject({ lineNo, quantity, lots: lines(lotQuantity).optional() })).optional(),
    expectedOn: calendarDate.optional(),
  }),
  byTransfer,
)
/** All that is still on its way when `lines` is absent. */
export const receiveTransfer = defineCommand(
  'ReceiveTransfer',
  z.strictObject({ transferId, receiptId: identifier, lines: lines(moved).optional() }),
  byTransfer,
)
export const reportTransferLost = defineCommand(
  'ReportTransferLost',
  z.strictObject({ transferId, lossId: identifier, lines: lines(moved).optional(), reason: code }),
  byTransfer,
)
export const cancelTransfer = defineCommand('CancelTransfer', z.strictObject({ transferId, reason: code }), byTransfer)

export const transferCommands = [
  requestTransfer,
  dispatchTransfer,
  receiveTransfer,
  reportTransferLost,
  cancelTransfer,
] as const

export type TransferCommand = CommandOf<(typeof transferCommands)[number]>
