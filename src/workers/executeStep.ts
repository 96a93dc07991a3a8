import { accountAggregate } from '../domain/credit/account.ts'
import { fulfilmentAggregate } from '../domain/fulfilment/decide.ts'
import type { Step } from '../domain/fulfilment/step.ts'
import { orderAggregate } from '../domain/orders/decide.ts'
import { stockAggregate } from '../domain/stock/decide.ts'
import type { CommandHandler, Outcome } from '../ledger/commands.ts'
import { processCommand, type ProcessMeta } from './processCommand.ts'

/** Executes a step on the aggregate that it is for. Throws `NotNow` and `StoreUnavailable`. */
export function executeStep(handler: Pick<CommandHandler, 'execute'>, step: Step, meta: ProcessMeta): Promise<Outcome> {
  const { key } = step
  switch (step.target) {
    case 'account':
      return processCommand(handler, accountAggregate, step.command, key, meta)
    case 'order':
      return processCommand(handler, orderAggregate, step.command, key, meta)
    case 'stock':
      return processCommand(handler, stockAggregate, step.command, key, meta)
    case 'fulfilment':
      return processCommand(handler, fulfilmentAggregate, step.command, key, meta)
  }
}
