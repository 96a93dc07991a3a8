import { fulfilmentAggregate } from '../../domain/fulfilment/decide.ts'
import type { FulfilmentCommand } from '../../domain/fulfilment/commands.ts'
import { nextSteps, type Times } from '../../domain/fulfilment/nextSteps.ts'
import { recordOf } from '../../domain/fulfilment/recordOf.ts'
import type { FulfilmentState } from '../../domain/fulfilment/state.ts'
import type { Step } from '../../domain/fulfilment/step.ts'
import { businessTime, instantOf, zoneOf } from '../../domain/kernel/businessTime.ts'
import type { CommandHandler, Outcome } from '../../ledger/commands.ts'
import { executeStep } from '../executeStep.ts'
import { workPolicy, type WorkPolicy } from '../ports.ts'
import { processCommand, StepRefused, type ProcessMeta } from '../processCommand.ts'

export interface FulfilmentOptions {
  readonly policy?: Partial<WorkPolicy> | undefined
  /** the event that woke the process */
  readonly correlationId?: string | undefined
  readonly causationId?: string | undefined
  /** begins, or asks for another attempt; a process that was never begun begins without it */
  readonly request?: { readonly cause: Cause; readonly requestId: string } | undefined
}

type Cause = Extract<FulfilmentCommand, { type: 'RetryFulfilment' }>['cause']

/** More than any attempt of 2,000 lines can need. */
const turnLimit = 20_000

/**
 * Takes an order's process as far as it goes at a business time: on a real ledger or one in memory, with or without a queue.
 * Every step has a key, so it may be stopped after any command and run again, here or in another process, and has one
 * effect (design.md §6). Gives the state in which it rests. Throws `NotNow` and `StoreUnavailable`: then call it again.
 */
export async function runFulfilment(
  handler: Pick<CommandHandler, 'execute' | 'load'>,
  orderId: string,
  at: string,
  options: FulfilmentOptions = {},
): Promise<FulfilmentState> {
  const { correlationId = orderId, causationId, request } = options
  const meta: ProcessMeta = {
    system: 'fulfilment',
    kind: 'process',
    at,
    correlationId,
    ...(causationId !== undefined && { causationId }),
  }
  const times = timesAt(at, { ...workPolicy, ...options.policy })
  await begin(handler, orderId, request, times, meta)
  for (let turn = 0; turn < turnLimit; turn += 1) {
    const state = await handler.load(fulfilmentAggregate, orderId)
    // one at a time, on the newest state: an amendment that came in between is met before the next step
    const [step] = nextSteps(state, times)
    if (step === undefined || state.phase === 'none') return state
    const outcome = await executeStep(handler, step, meta)
    if (step.target === 'fulfilment') {
      if (!outcome.ok) throw new StepRefused(step.key, outcome.refusal)
      if (outcome.events.length === 0) throw new Error(`${step.key} changed nothing`)
      continue
    }
    const record = recordOf(state, step, stepOutcome(outcome))
    const recorded = await processCommand(handler, fulfilmentAggregate, record, `${step.key}/record`, meta)
    if (!recorded.ok) throw new StepRefused(`${step.key}/record`, recorded.refusal)
    if (recorded.events.length === 0) await undoLate(handler, step, meta)
  }
  throw new Error(`the fulfilment of ${orderId} does not come to an end`)
}

async function begin(
  handler: Pick<CommandHandler, 'execute' | 'load'>,
  orderId: string,
  request: FulfilmentOptions['request'],
  times: Times,
  meta: ProcessMeta,
): Promise<void> {
  const state = await handler.load(fulfilmentAggregate, orderId)
  const { cause, requestId } = request ?? { cause: 'placed' as const, requestId: 'start' }
  const isStart = cause === 'placed' || cause === 'adopted'
  // an order is placed once: its event delivered again finds the process begun and only takes it further
  if (isStart && state.phase !== 'none') return
  const command: FulfilmentCommand = isStart
    ? { type: 'StartFulfilment', orderId, cause, ...times }
    : { type: 'RetryFulfilment', orderId, requestId, cause, ...times }
  const key = `${orderId}/${isStart ? 'start' : requestId}`
  const outcome = await processCommand(handler, fulfilmentAggregate, command, key, meta)
  if (!outcome.ok) throw new StepRefused(key, outcome.refusal)
}

/** Another process has ended the attempt while this step was under way: goods it has just reserved belong to nobody. */
async function undoLate(handler: Pick<CommandHandler, 'execute'>, step: Step, meta: ProcessMeta): Promise<void> {
  if (step.target !== 'stock' || step.command.type !== 'ReserveStock') return
  const { party, location, sku, reservationId } = step.command
  const command = { type: 'ReleaseReservation', party, location, sku, reservationId, reason: 'late' } as const
  const key = `${step.key}/late`
  await executeStep(handler, { key, step: 'release-late', target: 'stock', command }, meta)
}

function stepOutcome(outcome: Outcome): Parameters<typeof recordOf>[2] {
  return outcome.ok ? { ok: true, events: outcome.events } : { ok: false, code: outcome.refusal.refused }
}

function timesAt(at: string, { attemptFor, reservedFor }: WorkPolicy): Times {
  const after = (milliseconds: number): string => businessTime(instantOf(at) + milliseconds, zoneOf(at))
  return { deadline: after(attemptFor), reservedUntil: after(reservedFor) }
}
