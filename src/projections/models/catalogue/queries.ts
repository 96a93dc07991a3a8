import { z } from 'zod'
import { label, localLabel } from '../../../domain/kernel/fields.ts'
import { productPicture } from '../../../domain/catalogue/product.ts'
import type { Source } from '../../engine/ask.ts'
import { defineQuery } from '../../engine/query.ts'
import { isoTime, where } from '../sqlText.ts'
import { catalogueModel } from './model.ts'

const shared = { model: catalogueModel, owner: 'shared', audience: 'everyone' } as const
const flag = z.enum(['true', 'false'])

const product = z.object({
  sku: z.string(),
  companyId: z.string(),
  name: localLabel,
  description: productPicture.shape.description.nullable(),
  category: z.string(),
  subcategory: z.string().nullable(),
  unit: z.string(),
  attributes: productPicture.shape.attributes,
  pictures: productPicture.shape.pictures,
  lotTracked: z.boolean(),
  launchedOn: z.string().nullable(),
  withdrawn: z.boolean(),
  withdrawalReason: z.string().nullable(),
  version: z.string(),
})
const columns = `
  p.sku as "sku", p.company_id as "companyId", p.picture->'name' as "name", p.picture->'description' as "description", p.category as "category",
  p.picture->>'subcategory' as "subcategory", p.picture->>'unit' as "unit", p.picture->'attributes' as "attributes",
  p.picture->'pictures' as "pictures", (p.picture->>'lotTracked')::boolean as "lotTracked", p.picture->>'launchedOn' as "launchedOn", coalesce(p.withdrawn, false) as "withdrawn",
  case when p.withdrawn then p.withdrawal_reason end as "withdrawalReason", p.version as "version"`

/** A sku whose publication is not in force yet at the asked instant is not in the catalogue. */
const published = 'p.company_id is not null and p.picture is not null'

const list = defineQuery({
  ...shared,
  name: 'catalogue.list',
  summary: 'Products with their picture in force',
  path: '/v1/products',
  kind: 'list',
  params: z.object({
    search: z.string().min(1).max(200).optional(),
    category: label.optional(),
    subcategory: label.optional(),
    withdrawn: flag.optional(),
    companyId: z.string().max(64).optional(),
  }),
  row: product,
  order: [['sku', 'asc']],
  sql: ({ search, category, subcategory, withdrawn, companyId }, from, bind) =>
    `select ${columns} from ${from('products')} p ${where(
      published,
      search !== undefined && `strpos(p.search, lower(${bind(search)}::text)) > 0`,
      category !== undefined && `p.category = ${bind(category)}`,
      subcategory !== undefined && `p.picture->>'subcategory' = ${bind(subcategory)}`,
      withdrawn !== undefined && `coalesce(p.withdrawn, false) = ${bind(withdrawn)}::boolean`,
      companyId !== undefined && `p.company_id = ${bind(companyId)}`,
    )}`,
})

const one = defineQuery({
  ...shared,
  name: 'catalogue.one',
  summary: 'One product with its picture in force',
  path: '/v1/products/:sku',
  kind: 'one',
  params: z.object({ sku: z.string().min(1).max(64) }),
  row: product,
  sql: ({ sku }, from) => `select ${columns} from ${from('products', { sku })} p ${where(published)}`,
})

const versions = defineQuery({
  ...shared,
  name: 'catalogue.versions',
  summary: 'Every version of a product up to the asked instant, with the event that made it',
  path: '/v1/products/:sku/versions',
  kind: 'list',
  params: z.object({ sku: z.string().min(1).max(64) }),
  row: z.object({
    sku: z.string(),
    effectiveAt: z.string(),
    position: z.string(),
    seq: z.int(),
    eventId: z.string(),
    picture: productPicture.nullable(),
    withdrawn: z.boolean().nullable(),
    withdrawalReason: z.string().nullable(),
  }),
  order: [
    ['effectiveAt', 'asc'],
    ['position', 'asc'],
    ['seq', 'asc'],
  ],
  sql: ({ sku }, from) =>
    `select f.sku as "sku", ${isoTime('f.at')} as "effectiveAt", f.position as "position", f.seq as "seq", f.event_id as "eventId",
       f.picture as "picture", f.withdrawn as "withdrawn", f.withdrawal_reason as "withdrawalReason" from ${from.facts('products', { sku })} f`,
})

const categoriesOf = (from: Source): string =>
  `select p.category as "category", coalesce(p.picture->>'subcategory', '') as "subcategory", count(*) as "products",
     count(*) filter (where p.withdrawn) as "withdrawn" from ${from('products')} p ${where(published)} group by 1, 2`

const categories = defineQuery({
  ...shared,
  name: 'catalogue.categories',
  summary:
    'Categories and subcategories with the number of their products (subcategory is empty where products have none)',
  path: '/v1/product-categories',
  kind: 'list',
  params: z.object({}),
  row: z.object({ category: z.string(), subcategory: z.string(), products: z.string(), withdrawn: z.string() }),
  order: [
    ['category', 'asc'],
    ['subcategory', 'asc'],
  ],
  sql: (_, from) => categoriesOf(from),
})

export const catalogueQueries = [list, one, versions, categories] as const
