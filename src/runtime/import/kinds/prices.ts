import { priceAggregate } from '../../../domain/pricing/prices.ts'
import { text, type Kind } from '../kind.ts'
import { decimalOf, listOf, step, timeOf } from '../step.ts'

export const prices: Kind = {
  name: 'prices',
  required: ['list_id', 'sku', 'unit', 'currency', 'price', 'effective_from'],
  optional: [
    'effective_until',
    'breaks',
    'floor',
    'ceiling',
    'recommended_retail',
    'lowest_advertised',
    'reason',
    'zone',
  ],
  key: (values) => [
    `${text(values, 'list_id')}/${text(values, 'sku')}`,
    `${text(values, 'unit')}/${text(values, 'currency')}`,
    text(values, 'effective_from'),
  ],
  steps({ head: { values } }, { company, zone: declared }) {
    const zone = values['zone'] ?? declared
    const at = timeOf(values['effective_from'], zone)
    const until = values['effective_until']
    const breaks = listOf(values['breaks'])?.map((item) => {
      const [fromQuantity = '', price = ''] = item.split(':')
      return { fromQuantity: decimalOf(fromQuantity), price: decimalOf(price) }
    })
    const price = {
      companyId: company,
      listId: values['list_id'],
      sku: values['sku'],
      unit: values['unit'],
      currency: values['currency'],
      newPrice: decimalOf(values['price']),
      breaks,
      floor: decimalOf(values['floor']),
      ceiling: decimalOf(values['ceiling']),
      recommendedRetail: decimalOf(values['recommended_retail']),
      lowestAdvertised: decimalOf(values['lowest_advertised']),
      effectiveAt: at,
      effectiveUntil: until === undefined ? undefined : timeOf(until, zone),
      reason: values['reason'] ?? 'import',
    }
    return [step(priceAggregate, 'ChangePrice', price, at)]
  },
}
