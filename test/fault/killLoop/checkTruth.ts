import { aggregates } from '../../../src/domain/registry.ts'
import type { RecordedEvent } from '../../../src/ledger/envelope.ts'
import { createEventRegistry } from '../../../src/ledger/eventRegistry.ts'
import { brokenInvariants } from '../../support/invariants.ts'
import type { OutsideDatabase } from './database.ts'
import type { Finding } from './findings.ts'

/** The invariants of the domain by a fold of the whole log of a system at rest, and that nothing was parked or given up. */
export async function checkTruth(database: OutsideDatabase): Promise<readonly Finding[]> {
  const findings: Finding[] = brokenInvariants(await readLog(database)).map((what) => ({
    reason: 'invariant broken',
    what,
  }))
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

/** The whole log with its data at the newest versions. The texts are left out: they are the larger half. */
async function readLog({ session }: OutsideDatabase): Promise<readonly RecordedEvent[]> {
  const registry = createEventRegistry(aggregates)
  const raw = { envelope: '', data: '' }
  return session(async (client) => {
    const log: RecordedEvent[] = []
    for (;;) {
      const { rows } = await client.query<{ position: string; recorded_at: string; envelope: string; data: string }>(
        'select position, recorded_at, envelope, data from ledger_events where position > $1 order by position limit 5000',
        [log.at(-1)?.position.toString() ?? '0'],
      )
      for (const { position, recorded_at, envelope, data } of rows) {
        // as they were written by encodeAppend
        const parsed = JSON.parse(envelope) as Omit<RecordedEvent, 'data' | 'position' | 'recordedAt' | 'raw'>
        const recordedAt = new Date(Number(recorded_at)).toISOString()
        const lifted = registry.upcast(parsed.type, parsed.schemaVersion, JSON.parse(data) as unknown)
        log.push({ ...parsed, data: lifted, position: BigInt(position), recordedAt, raw })
      }
      if (rows.length < 5_000) return log
    }
  })
}
