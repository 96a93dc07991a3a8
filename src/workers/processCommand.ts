import { hash } from 'node:crypto'
import type { Aggregate, Refusal } from '../domain/kernel/decider.ts'
import type { ErrorCode } from '../domain/kernel/errors.ts'
import { keyedEventId } from '../ledger/commandIds.ts'
import type { CommandHandler, CommandMeta, Outcome } from '../ledger/commands.ts'

/** Who does it, when and why. */
export interface ProcessMeta {
  /** name of the process or schedule: the actor of its events */
  readonly system: string
  readonly kind: 'process' | 'schedule'
  /** business time */
  readonly at: string
  readonly correlationId: string
  readonly causationId?: string
  /** what the decision was worked out on; another one is refused with `revision.conflict` */
  readonly expectedRevision?: number
  /** id of the event that has to be the last of the stream */
  readonly after?: string
}

/** The ledger is at its limits, or the same step is at work elsewhere in this process: to be tried again. */
export class NotNow extends Error {
  override readonly name = 'NotNow'
}

/** A rule refused what a process has to do: somebody must look. */
export class StepRefused extends Error {
  override readonly name = 'StepRefused'
  readonly refusal: Refusal

  constructor(step: string, refusal: Refusal) {
    super(`${step}: ${refusal.refused}`)
    this.refusal = refusal
  }
}

const passing: ReadonlySet<ErrorCode> = new Set(['ledger.contention', 'server.busy', 'idempotency.in_flight'])

/**
 * Executes a command of a process. `key` derives from what the command is for, so a repeat finds what the first one wrote;
 * the request's hash covers the key alone, because the first derivation of a step stands. Throws `NotNow` and
 * `StoreUnavailable`.
 */
export async function processCommand<C extends { type: string }, E extends { type: string; data: unknown }, S, G>(
  handler: Pick<CommandHandler, 'execute'>,
  aggregate: Aggregate<C, E, S, G>,
  command: C,
  key: string,
  meta: ProcessMeta,
): Promise<Outcome> {
  const { system, kind, at, correlationId, causationId, expectedRevision, after } = meta
  const requestHash = hash('sha256', `${system}\n${command.type}\n${key}`, 'hex')
  const envelope: CommandMeta = {
    at,
    actor: system,
    source: { kind, system },
    correlationId,
    ...(causationId !== undefined && { causationId }),
    ...(expectedRevision !== undefined && { expectedRevision }),
    ...(after !== undefined && { after }),
    idempotency: { principal: system, route: command.type, key, requestHash },
  }
  const outcome = await handler.execute(aggregate, command, envelope)
  if (!outcome.ok && passing.has(outcome.refusal.refused)) throw new NotNow(outcome.refusal.refused)
  return outcome
}

/** Id of a command of a process, which is that of its first event. */
export function commandIdOf(system: string, type: string, key: string): string {
  return keyedEventId(system, type, key, 0)
}
