import { z } from 'zod'
import { defineCommand, type CommandOf } from '../kernel/decider.ts'
import { businessTime, code, currency, label } from '../kernel/fields.ts'
import { exchangeRate } from './events.ts'

export const publishExchangeRate = defineCommand(
  'PublishExchangeRate',
  z
    .strictObject({
      base: currency,
      quote: currency,
      rate: exchangeRate,
      kind: code,
      effectiveAt: businessTime,
      source: label,
    })
    .refine(({ base, quote }) => base !== quote, { message: 'two different currencies', path: ['quote'] }),
  ({ base, quote }) => `${base}/${quote}`,
)

export const ratesCommands = [publishExchangeRate] as const
export type RatesCommand = CommandOf<(typeof ratesCommands)[number]>
