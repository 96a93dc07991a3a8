import type { ReadModel } from './engine/factTable.ts'
import type { Query } from './engine/query.ts'
import { accessModel } from './models/access/model.ts'
import { accessQueries } from './models/access/queries.ts'
import { accountsModel } from './models/accounts/model.ts'
import { accountsQueries } from './models/accounts/queries.ts'
import { activityModel } from './models/activity/model.ts'
import { activityQueries } from './models/activity/queries.ts'
import { alertsModel } from './models/alerts/model.ts'
import { alertsQueries } from './models/alerts/queries.ts'
import { calendarsModel } from './models/calendars/model.ts'
import { calendarsQueries } from './models/calendars/queries.ts'
import { catalogueModel } from './models/catalogue/model.ts'
import { catalogueQueries } from './models/catalogue/queries.ts'
import { channelModel } from './models/channel/model.ts'
import { flowQueries } from './models/channel/flowQueries.ts'
import { outletQueries } from './models/channel/outletQueries.ts'
import { sellOutQueries } from './models/channel/sellOutQueries.ts'
import { claimsModel } from './models/claims/model.ts'
import { claimsQueries } from './models/claims/queries.ts'
import { dealersModel } from './models/dealers/model.ts'
import { dealersQueries } from './models/dealers/queries.ts'
import { fundsModel } from './models/funds/model.ts'
import { fundsQueries } from './models/funds/queries.ts'
import { healthModel } from './models/health/model.ts'
import { healthQueries } from './models/health/queries.ts'
import { inventoryModel } from './models/inventory/model.ts'
import { proposalQueries } from './models/inventory/proposalQueries.ts'
import { inventoryQueries } from './models/inventory/queries.ts'
import { measuresModel } from './models/measures/model.ts'
import { measuresQueries } from './models/measures/queries.ts'
import { ordersModel } from './models/orders/model.ts'
import { ordersQueries } from './models/orders/queries.ts'
import { postingsModel } from './models/postings/model.ts'
import { postingsQueries } from './models/postings/queries.ts'
import { priceBookModel } from './models/price-book/model.ts'
import { priceBookQueries } from './models/price-book/queries.ts'
import { priceChangesModel } from './models/price-changes/model.ts'
import { priceChangesQueries } from './models/price-changes/queries.ts'
import { processesModel } from './models/processes/model.ts'
import { processesQueries } from './models/processes/queries.ts'
import { rebatesModel } from './models/rebates/model.ts'
import { conductQueries } from './models/rebates/conductQueries.ts'
import { rebatesQueries } from './models/rebates/queries.ts'
import { reconciliationModel } from './models/reconciliation/model.ts'
import { reconciliationQueries } from './models/reconciliation/queries.ts'
import { salesModel } from './models/sales/model.ts'
import { forecastQueries } from './models/sales/forecastQueries.ts'
import { salesQueries } from './models/sales/queries.ts'
import { serialsModel } from './models/serials/model.ts'
import { serialsQueries } from './models/serials/queries.ts'
import { violationsModel } from './models/violations/model.ts'
import { violationsQueries } from './models/violations/queries.ts'
import { webhooksModel } from './models/webhooks/model.ts'
import { webhooksQueries } from './models/webhooks/queries.ts'

/** Every read model and every question once: the engine feeds the first, the API mounts the second. */
export const readModels: readonly ReadModel[] = [
  accessModel,
  accountsModel,
  activityModel,
  alertsModel,
  calendarsModel,
  catalogueModel,
  channelModel,
  claimsModel,
  dealersModel,
  fundsModel,
  healthModel,
  inventoryModel,
  measuresModel,
  ordersModel,
  postingsModel,
  priceBookModel,
  priceChangesModel,
  processesModel,
  rebatesModel,
  reconciliationModel,
  salesModel,
  serialsModel,
  violationsModel,
  webhooksModel,
]

export const queries: readonly Query[] = [
  ...accessQueries,
  ...accountsQueries,
  ...activityQueries,
  ...alertsQueries,
  ...calendarsQueries,
  ...catalogueQueries,
  ...outletQueries,
  ...sellOutQueries,
  ...flowQueries,
  ...claimsQueries,
  ...dealersQueries,
  ...fundsQueries,
  ...healthQueries,
  ...inventoryQueries,
  ...proposalQueries,
  ...measuresQueries,
  ...ordersQueries,
  ...postingsQueries,
  ...priceBookQueries,
  ...priceChangesQueries,
  ...processesQueries,
  ...rebatesQueries,
  ...conductQueries,
  ...reconciliationQueries,
  ...salesQueries,
  ...forecastQueries,
  ...serialsQueries,
  ...violationsQueries,
  ...webhooksQueries,
]
