import type { RecordedEvent } from '../../../src/ledger/envelope.ts'
import { brokenInvariants } from '../../support/invariants.ts'
import type { Finding } from './findings.ts'
import type { OutsideDatabase } from './outsideDatabase.ts'
import type { OutsideLog } from './outsideLog.ts'

/** The invariants of the domain by a fold of the whole log of a system at rest, and that nothing was parked or given up. */
export async function checkTruth(database: OutsideDatabase, log: OutsideLog): Promise<readonly Finding[]> {
  const events: RecordedEvent[] = []
  for await (const event of log.events()) events.push(event)
  const findings: Finding[] = brokenInvariants(events).map((what) => ({ reason: 'invariant broken', what }))
  const parked = await database.query<{ model: string; stream: string; error: string }>(
    'select g.model, p.stream, p.error from projections.parked p join projections.generations g on g.id = p.generation',
  )
  for (const { model, stream, error } of parked)
    findings.push({ reason: 'given up', what: `${model} has parked ${stream}: ${error}` })
  const dead = await database.query<{ reaction: string; stream: string; reason: string; attempts: number }>(
    'select reaction, stream, reason, attempts from processes.dead_task',
  )
  for (const { reaction, stream, reason, attempts } of dead)
    findings.push({ reason: 'given up', what: `${reaction} of ${stream} after ${attempts} attempts: ${reason}` })
  return findings
}
