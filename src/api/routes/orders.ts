import * as commands from '../../domain/orders/commands.ts'
import { businessTime } from '../../domain/kernel/businessTime.ts'
import { dealerAggregate } from '../../domain/dealers/decide.ts'
import { dealerAt } from '../../domain/dealers/state.ts'
import { orderAggregate as aggregate } from '../../domain/orders/decide.ts'
import type { CommandRoute } from '../commandRoute.ts'
import { Problem } from '../problem.ts'
import { manufacturer, sales, trade } from '../roles.ts'

const byDealer = { aggregate, roles: trade, right: 'orders' } as const
const byStaff = { aggregate, roles: sales } as const
const one = '/v1/orders/:orderId'

export const orderRoutes: readonly CommandRoute[] = [
  {
    ...byDealer,
    kind: 'create',
    method: 'POST',
    path: '/v1/order-drafts',
    command: commands.draftOrder,
    summary: 'Draft an order',
    idField: 'orderId',
    ownDealerFields: ['dealerId'],
    mayDealer: orderFromOwnSupplier,
  },
  {
    ...byDealer,
    kind: 'create',
    method: 'POST',
    path: '/v1/orders',
    command: commands.placeOrder,
    summary: 'Place an order, or the draft of the same id',
    idField: 'orderId',
    ownDealerFields: ['dealerId'],
    mayDealer: orderFromOwnSupplier,
  },
  {
    ...byDealer,
    kind: 'change',
    method: 'POST',
    path: `${one}/amendments`,
    command: commands.amendOrder,
    summary: 'Amend the lines of an order',
  },
  {
    ...byDealer,
    kind: 'change',
    method: 'POST',
    path: `${one}/line-cancellations`,
    command: commands.cancelLines,
    summary: 'Cancel quantities of lines',
    idField: 'cancellationId',
  },
  {
    ...byDealer,
    kind: 'change',
    method: 'POST',
    path: `${one}/cancellation`,
    command: commands.cancelOrder,
    summary: 'Cancel everything that was not shipped',
  },
  {
    ...byStaff,
    kind: 'change',
    method: 'POST',
    path: `${one}/adoption`,
    command: commands.adoptOrder,
    summary: 'Take an imported open order into the normal flow',
  },
  {
    ...byStaff,
    kind: 'change',
    method: 'POST',
    path: `${one}/confirmations`,
    command: commands.confirmOrder,
    summary: 'Confirm quantities by hand',
    idField: 'confirmationId',
  },
  {
    ...byStaff,
    kind: 'change',
    method: 'POST',
    path: `${one}/backorder-fillings`,
    command: commands.fillBackorder,
    summary: 'Fill backordered quantities by hand',
    idField: 'fillId',
  },
  {
    ...byStaff,
    kind: 'change',
    method: 'POST',
    path: `${one}/allocations`,
    command: commands.allocateLines,
    summary: 'Allocate confirmed quantities by hand',
    idField: 'allocationId',
  },
  {
    aggregate,
    roles: manufacturer,
    kind: 'change',
    method: 'POST',
    path: `${one}/holds`,
    command: commands.holdOrder,
    summary: 'Put an order on hold',
  },
  {
    aggregate,
    roles: manufacturer,
    kind: 'change',
    method: 'POST',
    path: `${one}/hold-releases`,
    command: commands.releaseHold,
    summary: 'Release a hold',
  },
  {
    ...byStaff,
    kind: 'change',
    method: 'POST',
    path: `${one}/price-overrides`,
    command: commands.approvePriceOverride,
    summary: 'Approve another price for a line',
  },
  {
    ...byStaff,
    kind: 'change',
    method: 'POST',
    path: `${one}/repricing`,
    command: commands.applyReprice,
    summary: "Give unshipped lines today's price",
  },
  {
    ...byStaff,
    kind: 'change',
    method: 'POST',
    path: `${one}/close`,
    command: commands.closeOrder,
    summary: 'Close an order that is done',
  },
  {
    ...byStaff,
    kind: 'record',
    method: 'POST',
    path: `${one}/shipments`,
    command: commands.dispatchShipment,
    summary: 'Record a shipment',
    idField: 'shipmentId',
  },
  {
    aggregate,
    roles: trade,
    right: 'stock',
    kind: 'record',
    method: 'POST',
    path: `${one}/shipments/:shipmentId/deliveries`,
    command: commands.deliverShipment,
    summary: 'Record a delivery of a shipment',
  },
  {
    ...byStaff,
    kind: 'record',
    method: 'POST',
    path: `${one}/shipments/:shipmentId/losses`,
    command: commands.reportShipmentLost,
    summary: 'Record goods lost on the way',
  },
  {
    ...byStaff,
    kind: 'change',
    method: 'POST',
    path: `${one}/returns`,
    command: commands.authoriseReturn,
    summary: 'Authorise a return',
    idField: 'returnId',
  },
  {
    ...byStaff,
    kind: 'record',
    method: 'POST',
    path: `${one}/returns/:returnId/receipts`,
    command: commands.receiveReturn,
    summary: 'Record returned goods',
  },
]

/** A dealer orders from its company or from its own parent: what anybody else has in stock is not for it to learn. */
async function orderFromOwnSupplier(
  ...[{ ports, principal }, command]: Parameters<NonNullable<CommandRoute['mayDealer']>>
): Promise<void> {
  const { companyId, shipFrom } = command as { companyId: string; shipFrom: { party: string } } // both commands have these
  if (shipFrom.party === companyId) return
  const dealer = await ports.handler.load(dealerAggregate, principal.dealerId ?? '')
  const parent = dealerAt(dealer, businessTime(ports.now(), 'UTC'))?.parentDealerId
  if (shipFrom.party !== parent) throw new Problem('object.not_found')
}
