import { instantOf } from '../kernel/businessTime.ts'
import { refuse, type Aggregate, type Decision } from '../kernel/decider.ts'
import { parseDecimal } from '../kernel/decimal.ts'
import type { Happened } from '../kernel/event.ts'
import { sameData } from '../kernel/sameData.ts'
import { promotionsCommands, type PromotionsCommand } from './commands.ts'
import { promotionsEvents, type PromotionsEvent } from './events.ts'
import type { Promotion } from './promotion.ts'

export interface ScheduledPromotion extends Promotion {
  readonly cancelledAt?: string
}

export interface PromotionsState {
  readonly promotions: readonly ScheduledPromotion[]
}

/** The promotions of one company and their windows. */
export const promotionsAggregate: Aggregate<PromotionsCommand, PromotionsEvent, PromotionsState> = {
  category: 'promotions',
  stateVersion: 1,
  initialState: { promotions: [] },
  evolve,
  decide,
  events: promotionsEvents,
  commands: promotionsCommands,
}

function evolve(state: PromotionsState, event: Happened<PromotionsEvent>): PromotionsState {
  switch (event.type) {
    case 'PromotionScheduled':
      return { promotions: [...state.promotions, event.data] }
    case 'PromotionCancelled': {
      const { promotionId, effectiveAt } = event.data
      return {
        promotions: state.promotions.map((one) =>
          one.promotionId === promotionId ? { ...one, cancelledAt: effectiveAt } : one,
        ),
      }
    }
    default:
      return event satisfies never
  }
}

function decide(command: PromotionsCommand, state: PromotionsState): Decision<PromotionsEvent> {
  const known = state.promotions.find(({ promotionId }) => promotionId === command.promotionId)
  switch (command.type) {
    case 'SchedulePromotion': {
      const { type: _type, ...promotion } = command
      const { promotionId, minQuantity, maxQuantity } = promotion
      if (known) {
        const { cancelledAt: _cancelled, ...scheduled } = known
        return sameData(scheduled, promotion) ? [] : refuse('object.exists', { promotionId })
      }
      if (instantOf(promotion.endsAt) <= instantOf(promotion.startsAt))
        return refuse('pricing.window_empty', { promotionId })
      if (
        minQuantity !== undefined &&
        maxQuantity !== undefined &&
        parseDecimal(maxQuantity) < parseDecimal(minQuantity)
      )
        return refuse('pricing.quantity_range', { promotionId, minQuantity, maxQuantity })
      return [{ type: 'PromotionScheduled', data: promotion }]
    }
    case 'CancelPromotion': {
      const { companyId, promotionId, reason, effectiveAt } = command
      if (!known) return refuse('object.not_found', { promotionId })
      if (known.cancelledAt !== undefined && instantOf(known.cancelledAt) <= instantOf(effectiveAt)) return []
      return [{ type: 'PromotionCancelled', data: { companyId, promotionId, reason, effectiveAt } }]
    }
    default:
      return command satisfies never
  }
}
