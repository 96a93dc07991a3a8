import pg from 'pg'
import type { Settings } from './settings.ts'

export type Role = 'api' | 'worker'

/** One pool of a process, for the table in docs/operations.md and for the sum at start. */
export interface PoolPlan {
  readonly pool: string
  readonly connections: number
}

/** The connections a process opens to PostgreSQL, by what they are for. Without a role: a command that runs beside them. */
export function planConnections(settings: Settings, roles: readonly Role[]): PoolPlan[] {
  const plan: PoolPlan[] = [
    { pool: 'keys and snapshots', connections: 2 },
    { pool: 'watch of the link', connections: 1 },
  ]
  if (!settings.eventStoreUrl)
    plan.push({ pool: 'log: writer, bell and readers', connections: settings.logConnections })
  if (roles.length === 0) return plan
  plan.push({ pool: 'queries', connections: settings.readerConnections })
  if (roles.includes('worker'))
    plan.push(
      { pool: 'projections', connections: settings.projectionConnections },
      { pool: 'processes and webhooks', connections: 3 },
    )
  if (!settings.redisUrl) plan.push({ pool: 'jobs', connections: settings.jobConnections })
  return plan
}

export class TooFewConnections extends Error {
  override readonly name = 'TooFewConnections'
}

/**
 * Refuses to start when the pools of this process cannot fit beside those that are open already: a process that gets no
 * connection in the middle of its work is worse than one that does not start.
 */
export async function refuseTooFewConnections(databaseUrl: string, plan: readonly PoolPlan[]): Promise<void> {
  const client = new pg.Client({ connectionString: databaseUrl, connectionTimeoutMillis: 10_000 })
  await client.connect()
  try {
    const { rows } = await client.query<{ allowed: number; open: number }>(
      `select current_setting('max_connections')::integer - current_setting('superuser_reserved_connections')::integer as allowed,
         (select count(*)::integer from pg_stat_activity where backend_type = 'client backend' and pid <> pg_backend_pid()) as open`,
    )
    const { allowed = 0, open = 0 } = rows[0] ?? {}
    const wanted = plan.reduce((sum, { connections }) => sum + connections, 0)
    if (wanted + open <= allowed) return
    throw new TooFewConnections(
      `this process needs ${wanted} connections to PostgreSQL (${plan.map(({ pool, connections }) => `${pool}: ${connections}`).join(', ')}), ` +
        `${open} are open and ${allowed} are allowed: raise max_connections or lower the CHANNEL_LEDGER_*_CONNECTIONS settings`,
    )
  } finally {
    await client.end()
  }
}
