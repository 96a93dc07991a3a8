import { z } from 'zod'
import { defineCommand, type CommandOf } from '../kernel/decider.ts'
import { identifier } from '../kernel/fields.ts'
import { evaluated } from './events.ts'
import { healthTerms } from './model.ts'

export const defineHealthModel = defineCommand(
  'DefineHealthModel',
  z.strictObject({ companyId: identifier, version: z.int().min(1), terms: healthTerms }),
  ({ companyId }) => companyId,
)
export const healthModelCommands = [defineHealthModel] as const
export type HealthModelCommand = CommandOf<(typeof healthModelCommands)[number]>

/** Given by the program, with what it found. */
export const evaluateDealer = defineCommand('EvaluateDealer', z.strictObject(evaluated), ({ dealerId }) => dealerId)
export const healthCommands = [evaluateDealer] as const
export type HealthCommand = CommandOf<(typeof healthCommands)[number]>
