import type { WorkerPorts } from '../../workers/ports.ts'
import { skipHistory } from '../../workers/skipHistory.ts'
import { ledgerSources } from '../../workers/ledgerSources.ts'
import { now, type Ledger } from '../ledger.ts'
import { openProgress } from '../workers.ts'
import { DemoConflict } from './copyEvents.ts'
import { generateDemo, type DemoOptions } from './demo.ts'
import { admin } from './names.ts'

export interface Filled {
  readonly written: number
  /** false: stopped; the next call goes on */
  readonly complete: boolean
}

/**
 * The demonstration in a ledger that no worker has worked on yet, and the workers' checkpoint at its end: what follows from
 * it has happened in it. Nothing is done where the workers have begun already. Throws `DemoConflict` for a ledger that holds
 * something else.
 */
export async function fillLedger(ledger: Ledger, options: Omit<DemoOptions, 'target'>): Promise<Filled> {
  const { store, registry, handler, keyStore, secrets } = ledger
  const { pool, progress } = await openProgress(ledger)
  try {
    if ((await progress.position('processes')) > 0n) {
      const [first] = await store.readStream(`principal-${admin.id}`, { limit: 1 })
      if (first === undefined) throw new DemoConflict('this ledger holds another channel than the demonstration')
      return { written: 0, complete: true }
    }
    const filled = await generateDemo({ ...options, target: { store, keyStore, kek: secrets.kek } })
    if (!filled.complete) return filled
    const ports: WorkerPorts = {
      store,
      registry,
      handler,
      progress,
      ...ledgerSources({ store, registry }),
      clock: now,
      zone: 'UTC',
    }
    const skipped = await skipHistory(ports, await store.head())
    if (!skipped) throw new DemoConflict('workers run on this ledger: stop them until the demonstration is complete')
    return filled
  } finally {
    await pool.end()
  }
}
