import { orderAggregate } from '../../../domain/orders/decide.ts'
import { text, type Kind } from '../kind.ts'
import { decimalOf, flagOf, given, step, timeOf, wholeOf } from '../step.ts'
import { taxOf } from './lineTax.ts'

export const orders: Kind = {
  name: 'orders',
  required: ['order_id', 'dealer_id', 'currency', 'ordered_on'],
  optional: [
    'revision',
    'ship_from_party',
    'ship_from_location',
    'affects_stock',
    'backorder_policy',
    'requested_delivery_on',
    'customer_reference',
    'tier',
    'territory_id',
    'zone',
  ],
  lines: {
    name: 'order-lines',
    required: ['order_id', 'line_number', 'sku', 'unit', 'quantity', 'unit_price', 'line_value'],
    optional: [
      'extended',
      'discount',
      'discount_share',
      'promotion_id',
      'product_version',
      'lot',
      'tax_code',
      'tax_rate',
      'tax',
      'freight',
    ],
  },
  document: ['order_id'],
  key: (values) => [text(values, 'order_id'), '', values['revision'] ?? ''],
  steps({ head: { values }, lines }, { company, zone }) {
    const territoryId = values['territory_id']
    const order = {
      orderId: values['order_id'],
      companyId: company,
      dealerId: values['dealer_id'],
      currency: values['currency'],
      shipFrom: {
        party: values['ship_from_party'] ?? company,
        location: values['ship_from_location'] ?? 'main',
      },
      affectsStock: flagOf(values['affects_stock'] ?? 'true'),
      backorderPolicy: values['backorder_policy'],
      requestedDeliveryOn: values['requested_delivery_on'],
      customerReference: values['customer_reference'],
      tier: values['tier'],
      territory: territoryId === undefined ? undefined : { id: territoryId },
      lines: lines.map(({ values: line }) => {
        const discount = given({
          share: decimalOf(line['discount_share']),
          value: decimalOf(line['discount'] ?? '0'),
          promotion: line['promotion_id'],
        })
        const hasDiscount = line['discount'] !== undefined || line['promotion_id'] !== undefined
        return given({
          lineNo: wholeOf(line['line_number']),
          sku: line['sku'],
          unit: line['unit'],
          quantity: decimalOf(line['quantity']),
          unitPrice: decimalOf(line['unit_price']),
          extended: decimalOf(line['extended']),
          discount: hasDiscount ? discount : undefined,
          lineValue: decimalOf(line['line_value']),
          productVersion: line['product_version'],
          lot: line['lot'],
          tax: taxOf(line),
          freight: decimalOf(line['freight']),
        })
      }),
    }
    return [step(orderAggregate, 'RecordOrder', order, timeOf(values['ordered_on'], values['zone'] ?? zone))]
  },
}
