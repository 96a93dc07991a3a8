import type pg from 'pg'

const lookEvery = 10

/**
 * Ends the server's process of an earlier connection of ours and waits until it is gone: what it was told and has not done yet it never
 * does, and what it has done can be seen. Throws when it stays.
 */
export async function endBackend(client: pg.Client, backend: number): Promise<void> {
  const limit = performance.now() + 5_000
  for (;;) {
    // of this database, user and purpose: the number may have gone to somebody else
    const { rows } = await client.query(
      `SELECT pg_terminate_backend(old.pid) FROM pg_stat_activity old JOIN pg_stat_activity own ON own.pid = pg_backend_pid()
       WHERE old.pid = $1 AND old.pid <> own.pid AND old.usesysid = own.usesysid AND old.datid = own.datid
         AND old.application_name = own.application_name AND old.backend_start <= own.backend_start`,
      [backend],
    )
    if (rows.length === 0) return
    if (performance.now() > limit)
      throw new Error(`the server's process ${backend} of an earlier connection does not end`)
    await new Promise((resolve) => setTimeout(resolve, lookEvery))
  }
}
