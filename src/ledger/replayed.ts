import { refuse } from '../domain/kernel/decider.ts'
import type { CommandMeta, Outcome } from './commands.ts'
import type { RecordedEvent } from './envelope.ts'

/** The answer of an earlier call with the same key, rebuilt from its events; undefined when there was none. */
export function replayed(stream: string, meta: CommandMeta, events: readonly RecordedEvent[]): Outcome | undefined {
  const last = events.at(-1)
  if (!last) return undefined
  if (last.stream !== stream || last.source.requestHash !== meta.idempotency?.requestHash) {
    return { ok: false, refusal: refuse('idempotency.key_reused') }
  }
  return { ok: true, stream, revision: last.revision, position: last.position, events, replayed: true }
}
