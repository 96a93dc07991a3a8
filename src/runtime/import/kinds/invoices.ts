import { accountAggregate } from '../../../domain/credit/account.ts'
import { text, type Kind } from '../kind.ts'
import { decimalOf, given, minorOf, step, timeOf, wholeOf } from '../step.ts'
import { accountAt } from './accountAt.ts'
import { taxOf } from './lineTax.ts'

export const invoices: Kind = {
  name: 'invoices',
  required: ['invoice_id', 'dealer_id', 'currency', 'issued_on', 'due_on'],
  optional: ['revision', 'kind', 'order_id', 'shipment_id', 'net', 'gross', 'rounding', 'zone'],
  lines: {
    name: 'invoice-lines',
    required: ['invoice_id', 'line_number', 'sku', 'quantity', 'unit', 'unit_price', 'line_value'],
    optional: ['order_line_number', 'tax_code', 'tax_rate', 'tax', 'freight'],
  },
  document: ['invoice_id'],
  key: (values) => [text(values, 'invoice_id'), '', values['revision'] ?? ''],
  async steps({ head: { values }, lines }, around) {
    const zone = values['zone'] ?? around.zone
    const { currency, gross } = values
    const invoice = {
      accountId: await accountAt(values, around, 'issued_on', zone),
      companyId: around.company,
      dealerId: values['dealer_id'],
      currency,
      invoiceId: values['invoice_id'],
      kind: values['kind'],
      orderId: values['order_id'],
      shipmentId: values['shipment_id'],
      lines: lines.map(({ values: line }) =>
        given({
          lineNo: wholeOf(line['line_number']),
          orderLineNo: wholeOf(line['order_line_number']),
          sku: line['sku'],
          quantity: decimalOf(line['quantity']),
          unit: line['unit'],
          unitPrice: decimalOf(line['unit_price']),
          lineValue: decimalOf(line['line_value']),
          tax: taxOf(line),
          freight: decimalOf(line['freight']),
        }),
      ),
      stated:
        gross === undefined
          ? undefined
          : given({ net: minorOf(values['net'], currency), gross: minorOf(gross, currency) }),
      rounding: values['rounding'],
      dueOn: values['due_on'],
      zone,
    }
    return [step(accountAggregate, 'IssueInvoice', invoice, timeOf(values['issued_on'], zone))]
  },
}
