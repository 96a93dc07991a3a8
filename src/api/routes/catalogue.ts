import { publishProduct, reinstateProduct, reviseProduct, withdrawProduct } from '../../domain/catalogue/commands.ts'
import { productAggregate as aggregate } from '../../domain/catalogue/decide.ts'
import type { CommandRoute } from '../commandRoute.ts'
import { sales as roles } from '../roles.ts'

const one = '/v1/products/:sku'

export const catalogueRoutes: readonly CommandRoute[] = [
  {
    aggregate,
    roles,
    kind: 'create',
    method: 'POST',
    path: '/v1/products',
    command: publishProduct,
    summary: 'Publish a product',
  },
  {
    aggregate,
    roles,
    kind: 'change',
    method: 'PUT',
    path: one,
    command: reviseProduct,
    summary: 'Publish the next version of a product',
  },
  {
    aggregate,
    roles,
    kind: 'change',
    method: 'POST',
    path: `${one}/withdrawal`,
    command: withdrawProduct,
    summary: 'Withdraw a product from sale',
  },
  {
    aggregate,
    roles,
    kind: 'change',
    method: 'POST',
    path: `${one}/reinstatement`,
    command: reinstateProduct,
    summary: 'Take a withdrawn product back into sale',
  },
]
