import { z } from 'zod'
import { defineCommand, type CommandOf } from '../kernel/decider.ts'
import { businessTime, code, identifier } from '../kernel/fields.ts'
import { productPicture } from './product.ts'

const picture = {
  ...productPicture.shape,
  attributes: productPicture.shape.attributes.optional(),
  pictures: productPicture.shape.pictures.optional(),
  lotTracked: productPicture.shape.lotTracked.optional(),
}
const sku = ({ sku }: { sku: string }): string => sku

export const publishProduct = defineCommand(
  'PublishProduct',
  z.strictObject({ sku: identifier, companyId: identifier, ...picture, effectiveAt: businessTime }),
  sku,
)
export const reviseProduct = defineCommand(
  'ReviseProduct',
  z.strictObject({ sku: identifier, ...picture, effectiveAt: businessTime }),
  sku,
)
export const withdrawProduct = defineCommand(
  'WithdrawProduct',
  z.strictObject({ sku: identifier, reason: code, effectiveAt: businessTime }),
  sku,
)
export const reinstateProduct = defineCommand(
  'ReinstateProduct',
  z.strictObject({ sku: identifier, effectiveAt: businessTime }),
  sku,
)

export const productCommands = [publishProduct, reviseProduct, withdrawProduct, reinstateProduct] as const
export type ProductCommand = CommandOf<(typeof productCommands)[number]>
