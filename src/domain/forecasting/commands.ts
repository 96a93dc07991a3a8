import { defineCommand, type CommandOf } from '../kernel/decider.ts'
import { demandJudged, forecastPolicySet, forecastPublished } from './events.ts'

export const setForecastPolicy = defineCommand(
  'SetForecastPolicy',
  forecastPolicySet.schema,
  ({ companyId }) => companyId,
)
export const forecastPolicyCommands = [setForecastPolicy] as const
export type ForecastPolicyCommand = CommandOf<(typeof forecastPolicyCommands)[number]>

export const publishForecast = defineCommand('PublishForecast', forecastPublished.schema, ({ dealerId }) => dealerId)
export const forecastCommands = [publishForecast] as const
export type ForecastCommand = CommandOf<(typeof forecastCommands)[number]>

export const judgeDemand = defineCommand('JudgeDemand', demandJudged.schema, ({ dealerId }) => dealerId)
export const demandCommands = [judgeDemand] as const
export type DemandCommand = CommandOf<(typeof demandCommands)[number]>
