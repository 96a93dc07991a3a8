import type { ReadModel } from './engine/factTable.ts'
import type { Query } from './engine/query.ts'
import { accessModel } from './models/access/model.ts'
import { accessQueries } from './models/access/queries.ts'
import { activityModel } from './models/activity/model.ts'
import { activityQueries } from './models/activity/queries.ts'
import { catalogueModel } from './models/catalogue/model.ts'
import { catalogueQueries } from './models/catalogue/queries.ts'
import { dealersModel } from './models/dealers/model.ts'
import { dealersQueries } from './models/dealers/queries.ts'
import { ordersModel } from './models/orders/model.ts'
import { ordersQueries } from './models/orders/queries.ts'
import { priceBookModel } from './models/price-book/model.ts'
import { priceBookQueries } from './models/price-book/queries.ts'
import { priceChangesModel } from './models/price-changes/model.ts'
import { priceChangesQueries } from './models/price-changes/queries.ts'
import { salesModel } from './models/sales/model.ts'
import { salesQueries } from './models/sales/queries.ts'
import { webhooksModel } from './models/webhooks/model.ts'
import { webhooksQueries } from './models/webhooks/queries.ts'

/** Every read model and every question once: the engine feeds the first, the API mounts the second. */
export const readModels: readonly ReadModel[] = [
  accessModel,
  activityModel,
  catalogueModel,
  dealersModel,
  ordersModel,
  priceBookModel,
  priceChangesModel,
  salesModel,
  webhooksModel,
]

export const queries: readonly Query[] = [
  ...accessQueries,
  ...activityQueries,
  ...catalogueQueries,
  ...dealersQueries,
  ...ordersQueries,
  ...priceBookQueries,
  ...priceChangesQueries,
  ...salesQueries,
  ...webhooksQueries,
]
