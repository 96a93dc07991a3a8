import { z } from 'zod'
import { defineCommand, type CommandOf } from '../kernel/decider.ts'
import { adviceId } from './adviceId.ts'
import { advice, stockAdviceGiven, stockPlanned, stockPlanPolicySet } from './events.ts'

export const setStockPlanPolicy = defineCommand(
  'SetStockPlanPolicy',
  stockPlanPolicySet.schema,
  ({ companyId }) => companyId,
)
export const stockPlanPolicyCommands = [setStockPlanPolicy] as const
export type StockPlanPolicyCommand = CommandOf<(typeof stockPlanPolicyCommands)[number]>

export const publishStockPlan = defineCommand('PublishStockPlan', stockPlanned.schema, ({ party }) => party)
export const stockPlanCommands = [publishStockPlan] as const
export type StockPlanCommand = CommandOf<(typeof stockPlanCommands)[number]>

/** `none`: there is nothing to say of this stock. */
export const adviseOnStock = defineCommand(
  'AdviseOnStock',
  stockAdviceGiven.schema.extend({ advice: z.enum([...advice.options, 'none']) }),
  adviceId,
)
export const stockAdviceCommands = [adviseOnStock] as const
export type StockAdviceCommand = CommandOf<(typeof stockAdviceCommands)[number]>
