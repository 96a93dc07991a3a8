import { promotionsAggregate } from '../../../domain/pricing/promotions.ts'
import { text, type Kind } from '../kind.ts'
import { decimalOf, given, labelOf, listOf, step, timeOf, wholeOf } from '../step.ts'

export const promotions: Kind = {
  name: 'promotions',
  required: ['promotion_id', 'name', 'discount', 'starts_at', 'ends_at'],
  optional: [
    'name_zh',
    'skus',
    'categories',
    'dealers',
    'tiers',
    'regions',
    'min_quantity',
    'max_quantity',
    'stacking',
    'priority',
    'zone',
  ],
  key: (values) => [text(values, 'promotion_id'), '', ''],
  steps({ head: { values } }, { company, zone: declared }) {
    const zone = values['zone'] ?? declared
    const at = timeOf(values['starts_at'], zone)
    const promotion = {
      companyId: company,
      promotionId: values['promotion_id'],
      name: labelOf(values['name'], values['name_zh']),
      discount: decimalOf(values['discount']),
      startsAt: at,
      endsAt: timeOf(values['ends_at'], zone),
      scope: given({
        skus: listOf(values['skus']),
        categories: listOf(values['categories']),
        dealers: listOf(values['dealers']),
        tiers: listOf(values['tiers']),
        regions: listOf(values['regions']),
      }),
      minQuantity: decimalOf(values['min_quantity']),
      maxQuantity: decimalOf(values['max_quantity']),
      stackingClass: values['stacking'] ?? 'best',
      priority: wholeOf(values['priority'] ?? '100'),
    }
    return [step(promotionsAggregate, 'SchedulePromotion', promotion, at)]
  },
}
