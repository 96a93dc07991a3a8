import { setTimeout as sleep } from 'node:timers/promises'
import type pg from 'pg'
import { endExcesses, keepLogins, wantedLogins } from '../projections/analytics/analystLogins.ts'
import { analystViews } from '../projections/analytics/analystViews.ts'
import { closeCatalog, closeOtherDatabases, openCatalog } from '../projections/analytics/closeCatalog.ts'
import { installViews } from '../projections/analytics/installViews.ts'
import type { Reader } from '../projections/engine/ask.ts'
import { queries } from '../projections/registry.ts'
import type { Log } from './workers.ts'

export interface AnalystAccessOptions {
  readonly pool: pg.Pool
  /** of the access read model */
  readonly reader: Reader
  /** connections of all analysts together */
  readonly connections: number
  /** the server is ours alone: its other databases are closed to everybody too */
  readonly ownsServer: boolean
  readonly log: Log
}

const lookEvery = 2_000
const limits = { connections: 4, statementSeconds: 60 }

/**
 * Lets analysts into the database while the signal lasts: makes the views, closes what would tell them more, and keeps their roles
 * as the ledger says. Where it cannot be closed nobody is let in.
 */
export async function keepAnalystAccess(options: AnalystAccessOptions, signal: AbortSignal): Promise<void> {
  const { pool, reader, connections, log } = options
  let isPrepared = false
  const told = new Set<string>()
  while (!signal.aborted) {
    try {
      if (!isPrepared) await prepare(options)
      const kept = await keepLogins(pool, await wantedLogins(reader), limits, { repair: !isPrepared })
      isPrepared = true
      for (const login of kept.refused) {
        if (!told.has(login)) log('error', 'a role of this name is not ours: the analyst has no login', { login })
        told.add(login)
      }
      if (kept.changed.length + kept.dropped.length > 0) log('info', 'logins of analysts', { ...kept })
      const ended = await endExcesses(pool, { ...limits, connections })
      if (ended > 0) log('warn', 'sessions of analysts went beyond their limits and were ended', { ended })
    } catch (error) {
      if (error instanceof AnalystsKeptOut) {
        log('error', error.message, {})
        return
      }
      if (!signal.aborted) log('warn', 'logins of analysts were not looked after', { error: String(error) })
    }
    await sleep(lookEvery, undefined, { signal }).catch(() => undefined)
  }
}

class AnalystsKeptOut extends Error {}

async function prepare({ pool, ownsServer }: AnalystAccessOptions): Promise<void> {
  const { rows } = await pool.query<{ rolsuper: boolean }>('select rolsuper from pg_roles where rolname = current_user')
  if (rows[0]?.rolsuper !== true)
    throw new AnalystsKeptOut('analysts get no logins of the database: that needs a superuser in DATABASE_URL')
  await installViews(pool, analystViews(queries))
  await closeCatalog(pool)
  if (ownsServer) await closeOtherDatabases(pool)
  const open = await openCatalog(pool)
  if (open.length > 0)
    throw new AnalystsKeptOut(`analysts get no logins of the database: everybody may still use ${open.join(', ')}`)
}
