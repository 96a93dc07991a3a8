import * as commands from '../../domain/stock/commands.ts'
import { stockAggregate } from '../../domain/stock/decide.ts'
import { transferAggregate } from '../../domain/stock/transfer.ts'
import * as transfers from '../../domain/stock/transferCommands.ts'
import type { CommandRoute } from '../commandRoute.ts'
import { goods, sales, supply } from '../roles.ts'

const one = '/v1/stock/:party/:location/:sku'
/** the party of a stock stream is its owner: a dealer's staff reach their own only */
const moves = { aggregate: stockAggregate, roles: goods, right: 'stock', kind: 'record', method: 'POST' } as const
const plans = { aggregate: stockAggregate, roles: goods, right: 'stock', kind: 'change', method: 'PUT' } as const
const transfer = { aggregate: transferAggregate, roles: goods, right: 'stock', kind: 'record', method: 'POST' } as const

export const stockRoutes: readonly CommandRoute[] = [
  {
    ...plans,
    kind: 'record',
    path: `${one}/rules`,
    command: commands.setStockRules,
    summary: 'Say how this stock is kept',
  },
  {
    ...plans,
    kind: 'record',
    path: `${one}/replenishment-policy`,
    command: commands.setReplenishmentPolicy,
    summary: 'Set safety stock and reorder point',
  },
  { ...moves, path: `${one}/openings`, command: commands.openStock, summary: 'Assert an opening balance' },
  { ...moves, path: `${one}/receipts`, command: commands.receiveStock, summary: 'Receive goods', idField: 'receiptId' },
  { ...moves, path: `${one}/issues`, command: commands.issueStock, summary: 'Issue goods', idField: 'issueId' },
  {
    ...moves,
    path: `${one}/resales`,
    command: commands.reportResale,
    summary: 'Report goods sold on',
    idField: 'reportId',
  },
  {
    ...moves,
    path: `${one}/returns`,
    command: commands.returnToStock,
    summary: 'Take returned goods back into stock',
    idField: 'returnId',
  },
  { ...moves, path: `${one}/scrappings`, command: commands.scrapStock, summary: 'Scrap goods', idField: 'scrapId' },
  { ...moves, path: `${one}/counts`, command: commands.countStock, summary: 'Record a stocktake', idField: 'countId' },
  {
    ...moves,
    path: `${one}/reports`,
    command: commands.reportStock,
    summary: "Report a dealer's stock at a cut-off",
    idField: 'reportId',
  },
  { ...moves, path: `${one}/blocks`, command: commands.blockStock, summary: 'Block goods', idField: 'blockId' },
  { ...moves, path: `${one}/blocks/:blockId/release`, command: commands.unblockStock, summary: 'Unblock goods' },
  {
    ...moves,
    path: `${one}/reservations`,
    command: commands.reserveStock,
    summary: 'Reserve goods until a time',
    idField: 'reservationId',
    roles: sales,
  },
  {
    ...moves,
    path: `${one}/reservations/:reservationId/release`,
    command: commands.releaseReservation,
    summary: 'Release a reservation',
    roles: sales,
  },
  {
    ...moves,
    path: `${one}/allocations`,
    command: commands.allocateStock,
    summary: 'Allocate goods to an order',
    idField: 'allocationId',
    roles: sales,
  },
  {
    ...moves,
    path: `${one}/deallocations`,
    command: commands.deallocateStock,
    summary: 'Take an allocation back',
    idField: 'deallocationId',
    roles: sales,
  },
  {
    ...moves,
    path: `${one}/supplies`,
    command: commands.expectSupply,
    summary: 'Expect supply',
    idField: 'supplyId',
    roles: supply,
  },
  {
    ...moves,
    path: `${one}/supplies/:supplyId/shipments`,
    roles: supply,
    command: commands.shipSupply,
    summary: 'Expected supply is on its way',
    idField: 'shipmentId',
  },
  {
    ...moves,
    path: `${one}/supplies/:supplyId/reductions`,
    roles: supply,
    command: commands.reduceSupply,
    summary: 'Expected supply was cancelled or lost',
    idField: 'changeId',
  },

  {
    ...transfer,
    kind: 'create',
    path: '/v1/transfers',
    command: transfers.requestTransfer,
    summary: 'Request a transfer between two places',
    idField: 'transferId',
  },
  {
    ...transfer,
    path: '/v1/transfers/:transferId/dispatch',
    command: transfers.dispatchTransfer,
    summary: 'Dispatch a transfer',
  },
  {
    ...transfer,
    path: '/v1/transfers/:transferId/receipts',
    command: transfers.receiveTransfer,
    summary: 'Receive transferred goods',
    idField: 'receiptId',
  },
  {
    ...transfer,
    path: '/v1/transfers/:transferId/losses',
    command: transfers.reportTransferLost,
    summary: 'Record goods lost in transfer',
    idField: 'lossId',
  },
  {
    ...transfer,
    path: '/v1/transfers/:transferId/cancellation',
    command: transfers.cancelTransfer,
    summary: 'Cancel a transfer that was not dispatched',
  },
]
