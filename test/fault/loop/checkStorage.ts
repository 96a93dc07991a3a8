import type { OutsideDatabase } from './outsideDatabase.ts'
import type { Finding } from './findings.ts'

/** What `pg_controldata` and the checksum statistics say, after every crash of the server. */
export async function checkControl({ query }: OutsideDatabase): Promise<readonly Finding[]> {
  const [state] = await query<{ checksums: number; failures: number; recovering: boolean }>(
    `select (select data_page_checksum_version from pg_control_init()) as checksums,
       (select coalesce(sum(checksum_failures), 0)::integer from pg_stat_database) as failures,
       pg_is_in_recovery() as recovering`,
  )
  if (state?.checksums === 1 && state.failures === 0 && !state.recovering) return []
  return [{ reason: 'storage corrupt', what: `the control file says ${JSON.stringify(state)}` }]
}

/** Every page of the log and every entry of its indexes, by PostgreSQL's own amcheck. */
export async function checkPages({ session }: OutsideDatabase): Promise<readonly Finding[]> {
  return session(async (client) => {
    await client.query('begin')
    try {
      await client.query('create extension if not exists amcheck')
      const { rows } = await client.query<{ blkno: string; msg: string }>(
        `select blkno::text, msg from verify_heapam('ledger_events', check_toast => true)`,
      )
      await client.query(
        `select bt_index_check(indexrelid, true) from pg_index where indrelid = 'ledger_events'::regclass`,
      )
      return rows.map(({ blkno, msg }) => ({ reason: 'storage corrupt', what: `block ${blkno}: ${msg}` }) as const)
    } catch (error) {
      return [{ reason: 'storage corrupt', what: String(error) }]
    } finally {
      await client.query('rollback')
    }
  })
}
