import { z } from 'zod'
import { breaches } from '../kernel/breach.ts'
import { defineEvent, type EventOf } from '../kernel/event.ts'
import { businessTime, code, identifier } from '../kernel/fields.ts'
import { productPicture } from './product.ts'

export const productPublished = defineEvent(
  'ProductPublished',
  z.strictObject({ sku: identifier, companyId: identifier, ...productPicture.shape, effectiveAt: businessTime }),
)
/** The full new picture, in force from `effectiveAt`. */
export const productRevised = defineEvent(
  'ProductRevised',
  z.strictObject({ sku: identifier, ...productPicture.shape, effectiveAt: businessTime, breaches }),
  { correctable: true },
)
export const productWithdrawn = defineEvent(
  'ProductWithdrawn',
  z.strictObject({ sku: identifier, reason: code, effectiveAt: businessTime }),
  { correctable: true },
)
export const productReinstated = defineEvent(
  'ProductReinstated',
  z.strictObject({ sku: identifier, effectiveAt: businessTime }),
  { correctable: true },
)

export const productEvents = [productPublished, productRevised, productWithdrawn, productReinstated] as const
export type ProductEvent = EventOf<(typeof productEvents)[number]>
