import { z } from 'zod'
import { defineCommand, type CommandOf } from '../kernel/decider.ts'
import { businessTime, code, identifier } from '../kernel/fields.ts'
import { priceKey, pricing } from './price.ts'
import { listId, priceList, pricingStrategy, scopeFitsLevel } from './priceList.ts'
import { promotion } from './promotion.ts'

const companyId = ({ companyId }: { companyId: string }): string => companyId
const price = ({ listId, sku }: { listId: string; sku: string }): string => `${listId}/${sku}`

/** `merge` is false, `scale` 4 and `rounding` half-up where they are not given. */
export const publishPriceList = defineCommand(
  'PublishPriceList',
  z
    .strictObject({
      ...priceList.shape,
      merge: priceList.shape.merge.optional(),
      scale: priceList.shape.scale.optional(),
      rounding: priceList.shape.rounding.optional(),
    })
    .refine(scopeFitsLevel, { message: 'the scope must name what its level needs and nothing else', path: ['scope'] }),
  companyId,
)
export const withdrawPriceList = defineCommand(
  'WithdrawPriceList',
  z.strictObject({ companyId: identifier, listId, reason: code, effectiveAt: businessTime }),
  companyId,
)
/** Without one the strategy is `priority`. */
export const choosePricingStrategy = defineCommand(
  'ChoosePricingStrategy',
  z.strictObject({ companyId: identifier, strategy: pricingStrategy, effectiveAt: businessTime }),
  companyId,
)
export const priceListsCommands = [publishPriceList, withdrawPriceList, choosePricingStrategy] as const
export type PriceListsCommand = CommandOf<(typeof priceListsCommands)[number]>

/** `retroactive` says that an effective time before the command's own is meant; `override` sets floor and ceiling aside. */
export const changePrice = defineCommand(
  'ChangePrice',
  z.strictObject({
    ...priceKey.shape,
    ...pricing.shape,
    breaks: pricing.shape.breaks.optional(),
    retroactive: z.boolean().optional(),
    override: z.boolean().optional(),
  }),
  price,
)
export const endPrice = defineCommand(
  'EndPrice',
  z.strictObject({ ...priceKey.shape, reason: code, effectiveAt: businessTime }),
  price,
)
export const priceCommands = [changePrice, endPrice] as const
export type PriceCommand = CommandOf<(typeof priceCommands)[number]>

export const schedulePromotion = defineCommand('SchedulePromotion', promotion, companyId)
export const cancelPromotion = defineCommand(
  'CancelPromotion',
  z.strictObject({ companyId: identifier, promotionId: identifier, reason: code, effectiveAt: businessTime }),
  companyId,
)
export const promotionsCommands = [schedulePromotion, cancelPromotion] as const
export type PromotionsCommand = CommandOf<(typeof promotionsCommands)[number]>
