import { z } from 'zod'
import { breaches } from '../kernel/breach.ts'
import { defineEvent, type EventOf } from '../kernel/event.ts'
import { businessTime, code, currency, label } from '../kernel/fields.ts'

/** Units of the quote currency for one of the base currency: a decimal of at most ten digits after the point, > 0. */
export const exchangeRate = z
  .string()
  .regex(/^(0|[1-9]\d{0,8})(\.\d{1,10})?$/, 'a rate with at most ten digits after the point')
  .refine((text) => /[1-9]/.test(text), 'more than zero')

export const exchangeRatePublished = defineEvent(
  'ExchangeRatePublished',
  z.strictObject({
    base: currency,
    quote: currency,
    rate: exchangeRate,
    /** such as `mid`, `fixing`, `month-end` */
    kind: code,
    effectiveAt: businessTime,
    /** who publishes it */
    source: label,
    breaches,
  }),
  { correctable: true },
)

export const ratesEvents = [exchangeRatePublished] as const
export type RatesEvent = EventOf<(typeof ratesEvents)[number]>
