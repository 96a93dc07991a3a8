import type pg from 'pg'
import { inTransaction } from '../engine/generations.ts'

/** Functions of `pg_catalog` that tell about rows, sessions or work of others, or that let a reader hold up the service. */
const tellingFunctions = [
  '^pg_stat_',
  '^pg_stat$',
  '^pg_(relation|table|indexes|total_relation|database|tablespace)_size$',
  '^pg_(try_)?advisory_',
  '^pg_lock_status$',
  '^pg_(safe_snapshot_)?blocking_pids$',
  '^pg_control_',
  '^pg_(current|last)_(wal|committed)',
  '^pg_(walfile|prepared_xact|xact_commit|notify|notification|export_snapshot|sequence_last_value|get_sequence_data)',
  '^pg_(get_replication|show_replication|get_wal|get_aios|get_backend|get_process|log_backend)',
  '^lo_',
  '^(loread|lowrite)$',
].join('|')

/** Columns of `pg_class` that count rows, pages and transactions. */
const tellingColumns = ['reltuples', 'relpages', 'relallvisible', 'relallfrozen', 'relfrozenxid', 'relminmxid']

const openFunctions = `
  select p.oid::regprocedure::text as name from pg_proc p
  where p.pronamespace = 'pg_catalog'::regnamespace and p.prokind in ('f', 'w') and p.proname ~ '${tellingFunctions}'
    and exists (select from aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) a where a.grantee = 0 and a.privilege_type = 'EXECUTE')`

/**
 * Takes from PUBLIC, in this database, what tells a reader about rows that are not shown to it: sizes and counts of tables,
 * statistics, other sessions, locks; and what lets it write or hold things up. Who asks for it, and members of pg_monitor, keep it.
 * Needs a superuser. Idempotent.
 */
export async function closeCatalog(pool: pg.Pool): Promise<void> {
  await inTransaction(pool, async (tx) => {
    const { rows: functions } = await tx.query<{ name: string }>(openFunctions)
    for (const { name } of functions) {
      await tx.query(`revoke execute on function pg_catalog.${unqualified(name)} from public`)
      await tx.query(`grant execute on function pg_catalog.${unqualified(name)} to pg_monitor, current_user`)
    }
    const { rows: columns } = await tx.query<{ harmless: string; all: boolean }>(
      `select string_agg(quote_ident(attname), ', ') filter (where attname <> all($1)) as harmless,
         bool_or(attname = any($1) and has_column_privilege('public', attrelid, attnum, 'select')) as all
       from pg_attribute where attrelid = 'pg_catalog.pg_class'::regclass and attnum > 0 and not attisdropped`,
      [tellingColumns],
    )
    if (columns[0]?.all)
      await tx.query(
        `revoke select on pg_catalog.pg_class from public;
         grant select (${columns[0].harmless}) on pg_catalog.pg_class to public;
         grant select on pg_catalog.pg_class to pg_monitor, current_user`,
      )
    const { rows } = await tx.query<{ name: string; schemas: string | null; temporary: boolean; code: boolean }>(
      `${openings} `,
    )
    const open = rows[0]
    if (open?.schemas) {
      await tx.query(`grant usage, create on schema ${open.schemas} to current_user`)
      await tx.query(`revoke all on schema ${open.schemas} from public`)
    }
    if (open?.temporary) {
      await tx.query(`grant temporary on database ${open.name} to current_user`)
      await tx.query(`revoke temporary on database ${open.name} from public`)
    }
    if (open?.code) {
      await tx.query('grant usage on language plpgsql to current_user')
      await tx.query('revoke usage on language plpgsql from public')
    }
  })
}

/** Schemas of others' objects that PUBLIC may look into, temporary tables, code of one's own. */
const openings = `
  select quote_ident(current_database()) as name, has_database_privilege('public', current_database(), 'temporary') as temporary,
    has_language_privilege('public', 'plpgsql', 'usage') as code,
    (select string_agg(quote_ident(nspname), ', ') from pg_namespace
     where nspname !~ '^pg_' and nspname not in ('information_schema', 'analytics', 'analytics_rows')
       and (has_schema_privilege('public', oid, 'usage') or has_schema_privilege('public', oid, 'create'))) as schemas`

/** What is still open to everybody of what `closeCatalog` closes: nothing, or analysts must not be let in. */
export async function openCatalog(pool: pg.Pool): Promise<readonly string[]> {
  const { rows: functions } = await pool.query<{ name: string }>(openFunctions)
  const { rows: columns } = await pool.query<{ name: string }>(
    `select 'pg_class.' || attname as name from pg_attribute
     where attrelid = 'pg_catalog.pg_class'::regclass and attname = any($1) and has_column_privilege('public', attrelid, attnum, 'select')`,
    [tellingColumns],
  )
  const { rows } = await pool.query<{ schemas: string | null; temporary: boolean; code: boolean }>(openings)
  const open = rows[0]
  return [
    ...functions.map(({ name }) => name),
    ...columns.map(({ name }) => name),
    ...(open?.schemas ? [`schemas ${open.schemas}`] : []),
    ...(open?.temporary ? ['temporary tables'] : []),
    ...(open?.code ? ['language plpgsql'] : []),
  ]
}

function unqualified(name: string): string {
  return name.replace(/^pg_catalog\./, '')
}

/** Nobody but superusers signs in to another database of this server, where the same counts would stand open. */
export async function closeOtherDatabases(pool: pg.Pool): Promise<void> {
  const { rows } = await pool.query<{ name: string }>(
    `select quote_ident(datname) as name from pg_database where datname <> current_database() and has_database_privilege('public', oid, 'connect')`,
  )
  for (const { name } of rows) await pool.query(`revoke connect on database ${name} from public`)
}
