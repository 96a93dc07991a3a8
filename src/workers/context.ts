import { businessTime, instantOf, zoneOf } from '../domain/kernel/businessTime.ts'
import { createKeyedLock, type KeyedLock } from './keyedLock.ts'
import type { WorkerPorts } from './ports.ts'
import type { ProcessMeta } from './processCommand.ts'
import type { Fact } from './reactor.ts'

/** What the reactions and schedules of one process share. */
export interface WorkContext extends WorkerPorts {
  /** one run of an order's process at a time in this process; others are kept apart by the keys of the steps */
  readonly lock: KeyedLock
}

export function workContext(ports: WorkerPorts): WorkContext {
  return { ...ports, lock: createKeyedLock() }
}

/** Now, as business time in the zone of the fact that wakes, and never before it. */
export function nowAfter({ clock }: Pick<WorkContext, 'clock'>, { event }: Fact): string {
  const happened = instantOf(event.occurredAt)
  const now = clock()
  return now <= happened ? event.occurredAt : businessTime(now, zoneOf(event.occurredAt))
}

/** For a command that follows from a fact. `at`: the fact's own business time unless the moment of acting matters. */
export function metaOf(system: string, { event }: Fact, at: string = event.occurredAt): ProcessMeta {
  return { system, kind: 'process', at, correlationId: event.correlationId, causationId: event.id }
}

/** For a command of a schedule. */
export function scheduleMeta(system: string, at: string, correlationId: string): ProcessMeta {
  return { system, kind: 'schedule', at, correlationId }
}
