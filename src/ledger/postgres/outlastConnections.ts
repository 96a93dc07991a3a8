import type { Pool } from 'pg'

/**
 * A pool whose connections may break at any moment: an idle one is replaced by the next query, and one that is held between two
 * queries, as in a transaction, fails its next query. Without a listener either is an uncaught error and ends the process.
 */
export function outlastConnections(pool: Pool): void {
  pool.on('error', () => undefined)
  pool.on('connect', (client) => client.on('error', () => undefined))
}
