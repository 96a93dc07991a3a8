import { stockAggregate } from '../../../domain/stock/decide.ts'
import { unlotted } from '../../../domain/stock/events.ts'
import { text, type Kind } from '../kind.ts'
import { decimalOf, step, timeOf } from '../step.ts'
import { costOf, place, stockKey } from './stockPlace.ts'

export const stockOpenings: Kind = {
  name: 'stock-openings',
  required: ['sku', 'on', 'quantity'],
  optional: [...place, 'unit', 'unit_cost', 'cost_currency', 'received_on', 'expires_on', 'ownership'],
  key: (values) => [
    `${text(values, 'party')}/${text(values, 'location')}/${text(values, 'sku')}`,
    values['lot'] ?? '',
    text(values, 'on'),
  ],
  checksSku: true,
  steps({ head: { values } }, { company, zone }) {
    const opening = {
      ...stockKey(values, company),
      lot: values['lot'] ?? unlotted,
      quantity: decimalOf(values['quantity']),
      unit: values['unit'],
      receivedOn: values['received_on'],
      expiresOn: values['expires_on'],
      ownership: values['ownership'],
      cost: costOf(values),
    }
    return [step(stockAggregate, 'OpenStock', opening, timeOf(values['on'], values['zone'] ?? zone))]
  },
}
