import { instantOf } from '../../../domain/kernel/businessTime.ts'
import type { ProductEvent } from '../../../domain/catalogue/events.ts'
import type { ProductPicture } from '../../../domain/catalogue/product.ts'
import type { RecordedEvent } from '../../../ledger/envelope.ts'
import { type Fact, factTable, type ReadModel } from '../../engine/factTable.ts'

const products = factTable(
  'products',
  { sku: 'text' },
  {
    lasts: {
      company_id: 'text',
      /** the whole picture: a revision states it in full, so an optional part that is gone is gone */
      picture: 'jsonb',
      category: 'text',
      /** lower case: sku, names, categories, attributes */
      search: 'text',
      /** the event of this version: what orders freeze */
      version: 'text',
      withdrawn: 'boolean',
      withdrawal_reason: 'text',
    },
    time: 'versioned',
  },
)

/** Products as dealers see them, effective-dated. */
export const catalogueModel: ReadModel = {
  name: 'catalogue',
  version: 2,
  events: ['ProductPublished', 'ProductRevised', 'ProductWithdrawn', 'ProductReinstated'],
  tables: [products],
  facts: (event) => [productFact(event as RecordedEvent & ProductEvent)], // the types it declares, checked when appended
}

function productFact(event: RecordedEvent & ProductEvent): Fact {
  const { sku, effectiveAt } = event.data
  const fact = (lasts: Fact['lasts']): Fact => ({
    table: 'products',
    key: { sku },
    at: instantOf(effectiveAt),
    ...(lasts && { lasts }),
  })
  switch (event.type) {
    case 'ProductPublished': {
      const { sku: _sku, companyId, effectiveAt: _at, ...picture } = event.data
      return fact({ company_id: companyId, withdrawn: false, ...pictureColumns(event, picture) })
    }
    case 'ProductRevised': {
      const { sku: _sku, effectiveAt: _at, breaches: _breaches, ...picture } = event.data
      return fact(pictureColumns(event, picture))
    }
    case 'ProductWithdrawn':
      return fact({ withdrawn: true, withdrawal_reason: event.data.reason })
    case 'ProductReinstated':
      return fact({ withdrawn: false })
    default:
      return event satisfies never
  }
}

function pictureColumns(event: RecordedEvent & ProductEvent, picture: ProductPicture): NonNullable<Fact['lasts']> {
  const { name, category, subcategory, attributes } = picture
  const words = [event.data.sku, name.en, name['zh-CN'], category, subcategory, ...Object.values(attributes)]
  return {
    picture,
    category,
    search: words
      .filter((word) => word !== undefined)
      .join('\n')
      .toLowerCase(),
    version: event.id,
  }
}
