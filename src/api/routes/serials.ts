import * as commands from '../../domain/serials/commands.ts'
import { serialAggregate } from '../../domain/serials/serial.ts'
import type { CommandRoute } from '../commandRoute.ts'
import { invalid } from '../problem.ts'
import { goods, sales } from '../roles.ts'

const step = { aggregate: serialAggregate, kind: 'record', method: 'POST', roles: sales } as const
const ofDealer = { ...step, roles: goods, right: 'stock', ownDealerFields: ['dealerId'] } as const
const one = '/v1/serials/:serial'

/** A dealer's staff see goods as the dealer, or for one of its outlets. */
export function scansForItself(role: unknown, path: string): void {
  if (role !== 'dealer' && role !== 'outlet') throw invalid(path, 'dealer or outlet')
}

export const serialRoutes: readonly CommandRoute[] = [
  {
    ...step,
    kind: 'create',
    path: '/v1/serials',
    command: commands.commissionSerial,
    summary: 'Issue a code for an item, or for a container with what it holds',
  },
  {
    ...step,
    path: `${one}/packing`,
    command: commands.packSerial,
    summary: 'Pack a code into a container that names it',
  },
  {
    ...step,
    path: `${one}/taking-out`,
    command: commands.takeOutSerial,
    summary: 'Take a code out of its container; it stays where that is',
  },
  { ...step, path: `${one}/unpacking`, command: commands.unpackContainer, summary: 'Empty a container, for good' },
  {
    ...step,
    path: `${one}/shipments`,
    command: commands.shipSerial,
    summary: 'Send a code, with all that it holds, to a dealer; its territory is frozen',
  },
  { ...ofDealer, path: `${one}/receipts`, command: commands.receiveSerial, summary: 'Receive what was sent' },
  {
    ...step,
    path: `${one}/transfers`,
    command: commands.transferSerial,
    summary: 'Goods go to another dealer under an authorised transfer',
  },
  { ...step, path: `${one}/returns`, command: commands.returnSerial, summary: 'Goods come back from a dealer' },
  {
    ...ofDealer,
    path: `${one}/scans`,
    command: commands.observeScan,
    summary: 'Say that a code was seen; of an unknown one the answer names the event UnknownSerialScanned',
    idField: 'scanId',
    mayDealer: async (_call, { role }) => scansForItself(role, 'body.role'),
  },
]
