import { priceListsAggregate } from '../../../domain/pricing/priceLists.ts'
import { text, type Kind } from '../kind.ts'
import { flagOf, given, labelOf, step, timeOf, wholeOf } from '../step.ts'

export const priceLists: Kind = {
  name: 'price-lists',
  required: ['list_id', 'name', 'currency', 'effective_from'],
  optional: [
    'name_zh',
    'level',
    'region',
    'tier',
    'dealer_id',
    'contract_id',
    'priority',
    'merge',
    'scale',
    'rounding',
    'effective_until',
    'zone',
  ],
  key: (values) => [text(values, 'list_id'), '', ''],
  steps({ head: { values } }, { company, zone: declared }) {
    const zone = values['zone'] ?? declared
    const at = timeOf(values['effective_from'], zone)
    const until = values['effective_until']
    const list = {
      companyId: company,
      listId: values['list_id'],
      name: labelOf(values['name'], values['name_zh']),
      level: values['level'] ?? 'base',
      scope: given({
        region: values['region'],
        tier: values['tier'],
        dealerId: values['dealer_id'],
        contractId: values['contract_id'],
      }),
      currency: values['currency'],
      priority: wholeOf(values['priority'] ?? '100'),
      merge: flagOf(values['merge']),
      scale: wholeOf(values['scale']),
      rounding: values['rounding'],
      effectiveFrom: at,
      effectiveUntil: until === undefined ? undefined : timeOf(until, zone),
    }
    return [step(priceListsAggregate, 'PublishPriceList', list, at)]
  },
}
