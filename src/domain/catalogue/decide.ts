import { instantOf } from '../kernel/businessTime.ts'
import { isRefusal, refuse, type Aggregate, type Circumstances, type Decision } from '../kernel/decider.ts'
import { inForce } from '../kernel/effective.ts'
import { enforce } from '../kernel/enforce.ts'
import { sameData } from '../kernel/sameData.ts'
import { productCommands, type ProductCommand } from './commands.ts'
import { productEvents, type ProductEvent } from './events.ts'
import type { ProductPicture } from './product.ts'
import { evolve, type ProductState } from './state.ts'

/** A product and its versions, effective-dated. */
export const productAggregate: Aggregate<ProductCommand, ProductEvent, ProductState> = {
  category: 'product',
  stateVersion: 1,
  initialState: { known: false },
  evolve,
  decide,
  events: productEvents,
  commands: productCommands,
}

function decide(command: ProductCommand, state: ProductState, { recorded }: Circumstances): Decision<ProductEvent> {
  const { sku, effectiveAt } = command
  if (command.type === 'PublishProduct') {
    const picture = pictureOf(command)
    const { companyId } = command
    if (!state.known) return [{ type: 'ProductPublished', data: { sku, companyId, ...picture, effectiveAt } }]
    const published =
      state.companyId === companyId &&
      state.pictures.some((one) => one.effectiveAt === effectiveAt && sameData(one.value, picture))
    return published ? [] : refuse('object.exists', { sku })
  }
  if (!state.known) return refuse('catalogue.unknown_sku', { sku })
  const offer = inForce(state.offers, instantOf(effectiveAt))?.value
  switch (command.type) {
    case 'ReviseProduct': {
      const picture = pictureOf(command)
      const current = inForce(state.pictures, instantOf(effectiveAt))
      if (sameData(current?.value, picture)) return []
      const unit = state.pictures[0]?.value.unit
      const breaches = enforce(
        [picture.unit !== unit && refuse('catalogue.unit_fixed', { sku, unit: picture.unit, was: unit })],
        recorded,
      )
      return isRefusal(breaches)
        ? breaches
        : [{ type: 'ProductRevised', data: { sku, ...picture, effectiveAt, breaches } }]
    }
    case 'WithdrawProduct':
      return offer === 'withdrawn'
        ? []
        : [{ type: 'ProductWithdrawn', data: { sku, reason: command.reason, effectiveAt } }]
    case 'ReinstateProduct':
      return offer === 'offered' ? [] : [{ type: 'ProductReinstated', data: { sku, effectiveAt } }]
    default:
      return command satisfies never
  }
}

function pictureOf(command: Extract<ProductCommand, { type: 'PublishProduct' | 'ReviseProduct' }>): ProductPicture {
  const { name, description, category, subcategory, unit, attributes = {}, pictures = [], lotTracked = false } = command
  const { launchedOn } = command
  return {
    name,
    ...(description && { description }),
    category,
    ...(subcategory !== undefined && { subcategory }),
    unit,
    attributes,
    pictures,
    lotTracked,
    ...(launchedOn !== undefined && { launchedOn }),
  }
}
