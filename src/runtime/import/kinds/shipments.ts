import { orderAggregate } from '../../../domain/orders/decide.ts'
import { text, type Kind } from '../kind.ts'
import { decimalOf, given, step, timeOf, wholeOf } from '../step.ts'

export const shipments: Kind = {
  name: 'shipments',
  required: ['order_id', 'shipment_id', 'shipped_on', 'line_number', 'quantity'],
  optional: ['lot', 'carrier', 'tracking_number', 'delivered_on', 'zone'],
  document: ['order_id', 'shipment_id'],
  key: (values) => [text(values, 'order_id'), text(values, 'shipment_id'), ''],
  steps({ head: { values }, lines }, { zone: declared }) {
    const zone = values['zone'] ?? declared
    const orderId = values['order_id']
    const shipmentId = values['shipment_id']
    const delivered = values['delivered_on']
    const shipment = {
      orderId,
      shipmentId,
      lines: lines.map(({ values: line }) => {
        const quantity = decimalOf(line['quantity'])
        const lot = line['lot']
        return given({
          lineNo: wholeOf(line['line_number']),
          quantity,
          lots: lot === undefined ? undefined : [{ lot, quantity }],
        })
      }),
      carrier: values['carrier'],
      trackingNumber: values['tracking_number'],
    }
    return [
      step(orderAggregate, 'DispatchShipment', shipment, timeOf(values['shipped_on'], zone)),
      ...(delivered === undefined
        ? []
        : [step(orderAggregate, 'DeliverShipment', { orderId, shipmentId }, timeOf(delivered, zone), 'delivered')]),
    ]
  },
}
