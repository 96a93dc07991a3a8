import { productAggregate } from '../../../domain/catalogue/decide.ts'
import { text, type Kind } from '../kind.ts'
import { firstOrNext, flagOf, labelOf, listOf, step, timeOf } from '../step.ts'

export const products: Kind = {
  name: 'products',
  required: ['sku', 'name', 'category', 'unit', 'effective_from'],
  optional: [
    'name_zh',
    'description',
    'description_zh',
    'subcategory',
    'pictures',
    'lot_tracked',
    'launched_on',
    'withdrawn_from',
    'zone',
  ],
  prefix: 'attribute.',
  key: (values) => [text(values, 'sku'), '', text(values, 'effective_from')],
  steps({ head: { values } }, { company, zone: declared }) {
    const zone = values['zone'] ?? declared
    const at = timeOf(values['effective_from'], zone)
    const sku = text(values, 'sku')
    const attributes = Object.entries(values).flatMap(([column, value]) =>
      column.startsWith('attribute.') ? [[column.slice('attribute.'.length), value]] : [],
    )
    const description = labelOf(values['description'], values['description_zh'])
    const picture = {
      sku,
      name: labelOf(values['name'], values['name_zh']),
      description: Object.keys(description).length > 0 ? description : undefined,
      category: values['category'],
      subcategory: values['subcategory'],
      unit: values['unit'],
      attributes: Object.fromEntries(attributes) as Record<string, string>,
      pictures: listOf(values['pictures']),
      lotTracked: flagOf(values['lot_tracked']),
      launchedOn: values['launched_on'],
      effectiveAt: at,
    }
    const withdrawn = values['withdrawn_from']
    const withdrawnAt = timeOf(withdrawn, zone)
    const withdrawal = { sku, reason: 'import', effectiveAt: withdrawnAt }
    return [
      firstOrNext(
        step(productAggregate, 'PublishProduct', { ...picture, companyId: company }, at),
        step(productAggregate, 'ReviseProduct', picture, at),
        productAggregate,
        ({ known }) => known,
      ),
      ...(withdrawn === undefined
        ? []
        : [step(productAggregate, 'WithdrawProduct', withdrawal, withdrawnAt, 'withdrawn')]),
    ]
  },
}
