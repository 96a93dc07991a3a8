import { z } from 'zod'
import { coordinates } from '../kernel/coordinates.ts'
import { defineCommand, type CommandOf } from '../kernel/decider.ts'
import { code, identifier, region } from '../kernel/fields.ts'
import { childLimit, scanRole, serial, serialKind } from './events.ts'

const bySerial = ({ serial }: { serial: string }): string => serial
const companyId = identifier

/** An item names its product, a container what it holds. A container whose content changes gets a new code. */
export const commissionSerial = defineCommand(
  'CommissionSerial',
  z
    .strictObject({
      serial,
      companyId,
      kind: serialKind.default('item'),
      sku: identifier.optional(),
      lot: identifier.optional(),
      children: z.array(serial).max(childLimit).default([]),
      packedInto: serial.optional(),
    })
    .refine(({ kind, sku }) => kind !== 'item' || sku !== undefined, {
      message: 'an item is of a product',
      path: ['sku'],
    })
    .refine(({ kind, children }) => (kind === 'item') === (children.length === 0), {
      message: 'a container names what it holds, an item holds nothing',
      path: ['children'],
    })
    .refine(({ serial: own, children }) => new Set([own, ...children]).size === children.length + 1, {
      message: 'a code is named once',
      path: ['children'],
    }),
  bySerial,
)
export const packSerial = defineCommand('PackSerial', z.strictObject({ serial, parent: serial }), bySerial)
export const takeOutSerial = defineCommand('TakeOutSerial', z.strictObject({ serial, reason: code }), bySerial)
export const unpackContainer = defineCommand('UnpackContainer', z.strictObject({ serial }), bySerial)
export const shipSerial = defineCommand(
  'ShipSerial',
  z.strictObject({
    serial,
    companyId,
    dealerId: identifier,
    shipmentId: identifier.optional(),
    orderId: identifier.optional(),
  }),
  bySerial,
)
export const receiveSerial = defineCommand(
  'ReceiveSerial',
  z.strictObject({ serial, companyId, dealerId: identifier }),
  bySerial,
)
export const transferSerial = defineCommand(
  'TransferSerial',
  z.strictObject({ serial, companyId, dealerId: identifier, transferId: identifier }),
  bySerial,
)
export const returnSerial = defineCommand(
  'ReturnSerial',
  z.strictObject({ serial, companyId, dealerId: identifier, returnId: identifier.optional(), reason: code }),
  bySerial,
)
/** Its business time is when the code was seen. */
export const observeScan = defineCommand(
  'ObserveScan',
  z
    .strictObject({
      serial,
      companyId,
      scanId: identifier,
      role: scanRole,
      region: region.optional(),
      place: coordinates.optional(),
      accuracyMetres: z.int().min(0).max(20_000_000).optional(),
      device: identifier.optional(),
      dealerId: identifier.optional(),
      outletId: identifier.optional(),
      unreadable: z.int().min(1).max(100_000).optional(),
    })
    .refine(({ region: named, place }) => named !== undefined || place !== undefined, {
      message: 'a scan names its region or its place',
      path: ['region'],
    }),
  bySerial,
)

export const serialCommands = [
  commissionSerial,
  packSerial,
  takeOutSerial,
  unpackContainer,
  shipSerial,
  receiveSerial,
  transferSerial,
  returnSerial,
  observeScan,
] as const
export type SerialCommand = CommandOf<(typeof serialCommands)[number]>
