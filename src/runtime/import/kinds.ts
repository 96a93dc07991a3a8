import type { Kind } from './kind.ts'
import { dealers } from './kinds/dealers.ts'
import { evidence } from './kinds/evidence.ts'
import { invoices } from './kinds/invoices.ts'
import { marketPrices } from './kinds/marketPrices.ts'
import { orders } from './kinds/orders.ts'
import { outlets } from './kinds/outlets.ts'
import { payments } from './kinds/payments.ts'
import { priceLists } from './kinds/priceLists.ts'
import { prices } from './kinds/prices.ts'
import { products } from './kinds/products.ts'
import { promotions } from './kinds/promotions.ts'
import { sellOut } from './kinds/sellOut.ts'
import { scans } from './kinds/scans.ts'
import { serialMoves } from './kinds/serialMoves.ts'
import { serials } from './kinds/serials.ts'
import { shipments } from './kinds/shipments.ts'
import { stockCounts } from './kinds/stockCounts.ts'
import { stockMovements } from './kinds/stockMovements.ts'
import { stockOpenings } from './kinds/stockOpenings.ts'
import { territories } from './kinds/territories.ts'
import { transfers } from './kinds/transfers.ts'

/** Every kind, in the order in which an import takes them: what is referred to comes first. */
export const kinds: readonly Kind[] = [
  territories,
  dealers,
  outlets,
  products,
  priceLists,
  prices,
  promotions,
  stockOpenings,
  orders,
  shipments,
  stockMovements,
  stockCounts,
  sellOut,
  transfers,
  serials,
  serialMoves,
  scans,
  invoices,
  payments,
  evidence,
  marketPrices,
]
