import { z } from 'zod'
import { defineCommand, type CommandOf } from '../kernel/decider.ts'
import { businessTime, identifier, quantity } from '../kernel/fields.ts'
import { lineNo } from '../orders/orderLine.ts'
import { processKey } from '../stock/events.ts'
import { cause } from './events.ts'

const byOrder = (command: { orderId: string }): string => command.orderId
const lines = z.array(z.strictObject({ lineNo, quantity })).max(2000)
const errorCode = z.string().regex(/^[a-z_]+\.[a-z_]+$/)
const times = { deadline: businessTime, reservedUntil: businessTime }

/** Begins the process of a placed or adopted order; a second start is nothing new. */
export const startFulfilment = defineCommand(
  'StartFulfilment',
  z.strictObject({ orderId: identifier, cause: cause.default('placed'), ...times }),
  byOrder,
)

/**
 * The order changed, a hold was released, stock arrived: what is still open is tried again. While an attempt runs it is
 * ended first, with compensation. `requestId` names the reason (the event behind it): the same again is nothing new.
 */
export const retryFulfilment = defineCommand(
  'RetryFulfilment',
  z.strictObject({ orderId: identifier, requestId: processKey, cause, ...times }),
  byOrder,
)

/** What a step answered. Results of an attempt that is over, or of a step that is not waited for, are nothing new. */
export const recordStep = defineCommand(
  'RecordStep',
  z.strictObject({
    orderId: identifier,
    attempt: z.int().positive(),
    step: processKey,
    result: z.discriminatedUnion('kind', [
      z.strictObject({ kind: z.literal('done') }),
      z.strictObject({ kind: z.literal('refused'), code: errorCode }),
      z.strictObject({ kind: z.literal('quantities'), lines, short: lines }),
    ]),
  }),
  byOrder,
)

/** For a schedule: does nothing before the attempt's own deadline. */
export const passDeadline = defineCommand(
  'PassDeadline',
  z.strictObject({ orderId: identifier, attempt: z.int().positive() }),
  byOrder,
)

export const fulfilmentCommands = [startFulfilment, retryFulfilment, recordStep, passDeadline] as const

export type FulfilmentCommand = CommandOf<(typeof fulfilmentCommands)[number]>
