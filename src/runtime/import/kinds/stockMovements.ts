import { stockAggregate } from '../../../domain/stock/decide.ts'
import { unlotted } from '../../../domain/stock/events.ts'
import { text, type Kind } from '../kind.ts'
import { decimalOf, given, step, timeOf } from '../step.ts'
import { costOf, place, stockKey } from './stockPlace.ts'

export const stockMovements: Kind = {
  name: 'stock-movements',
  required: ['movement_id', 'kind', 'sku', 'on', 'quantity'],
  optional: [
    ...place,
    'line',
    'order_id',
    'shipment_id',
    'transfer_id',
    'unit_cost',
    'cost_currency',
    'received_on',
    'expires_on',
    'ownership',
    'reason',
    'end_customer',
    'resale_price',
    'resale_currency',
  ],
  key: (values) => [text(values, 'movement_id'), values['line'] ?? '', ''],
  checksSku: true,
  steps({ head: { values } }, { company, zone }) {
    const { kind } = values
    const id = [values['movement_id'], values['line']].filter((part) => part !== undefined).join(':')
    const lot = values['lot'] ?? unlotted
    const quantity = decimalOf(values['quantity'])
    const key = stockKey(values, company)
    const facts = given({
      receivedOn: values['received_on'],
      expiresOn: values['expires_on'],
      ownership: values['ownership'],
    })
    const line = { lot, quantity }
    const taken = [line]
    const received = [{ ...line, ...facts }]
    const cost = costOf(values)
    const orderId = values['order_id']
    const transferId = values['transfer_id'] ?? values['movement_id']
    const at = timeOf(values['on'], values['zone'] ?? zone)
    switch (kind) {
      case 'receipt':
        return [step(stockAggregate, 'ReceiveStock', { ...key, receiptId: id, lines: received, cost }, at)]
      case 'issue': {
        const issue = { ...key, issueId: id, orderId, shipmentId: values['shipment_id'], lines: taken, cost }
        return [step(stockAggregate, 'IssueStock', issue, at)]
      }
      case 'return':
        return [step(stockAggregate, 'ReturnToStock', { ...key, returnId: id, orderId, lines: received }, at)]
      case 'transfer-out':
        return [step(stockAggregate, 'TransferOutStock', { ...key, transferId, lines: taken }, at)]
      case 'transfer-in':
        return [step(stockAggregate, 'TransferInStock', { ...key, transferId, receiptId: id, lines: received }, at)]
      case 'scrap': {
        const scrap = { ...key, scrapId: id, reason: values['reason'] ?? 'import', lines: taken }
        return [step(stockAggregate, 'ScrapStock', scrap, at)]
      }
      default: {
        // another word is refused by the shape of the row, as a resale is taken
        const { resale_price: price, resale_currency: currency, end_customer: endCustomer } = values
        const resalePrice = price === undefined ? undefined : given({ unitPrice: decimalOf(price), currency })
        const resale = { ...key, reportId: id, source: 'import', lines: taken, endCustomer, resalePrice }
        const one = step(stockAggregate, 'ReportResale', resale, at)
        const rule = 'receipt, issue, return, transfer-out, transfer-in, scrap or resale'
        return [kind === 'resale' ? one : { ...one, issues: [{ field: 'kind', rule }] }]
      }
    }
  },
}
