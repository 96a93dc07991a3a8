import { createHash } from 'node:crypto'
import type pg from 'pg'
import { inTransaction } from '../engine/generations.ts'
import { generationSchema } from '../engine/schema.ts'
import { dealersModel } from '../models/dealers/model.ts'
import type { AnalystView } from './analystViews.ts'
import { describe, sourceTypes, withSchema } from './describeView.ts'
import { boundSql, dealersSql, schemaMark } from './viewSql.ts'

/** The role that every analyst's login is a member of; it cannot sign in itself. */
export const analystsRole = 'channel_ledger_analysts'

/** Another number than other locks of this database */
const lock = 4_210_968_041

/**
 * Makes the schema `analytics`: a view for each question, over a function that runs with the rights of the service and gives
 * the rows of the caller's dealers alone. Nothing that the caller writes reaches into that function: no condition, no cast, no
 * function, no setting; its plan is out of sight, and its estimate is the same for everybody (docs/decisions/0007).
 * Does nothing where it stands already. The tables of every read model must be there.
 */
export async function installViews(pool: pg.Pool, views: readonly AnalystView[]): Promise<void> {
  await inTransaction(pool, async (tx) => {
    await tx.query(`set local lock_timeout = '30s'`)
    await tx.query('select pg_advisory_xact_lock($1)', [lock])
    await ensureGroup(tx)
    const ddl = await definitions(tx, views)
    const fingerprint = createHash('sha256').update(ddl).digest('hex')
    const { rows } = await tx.query<{ installed: string | null }>(
      `select obj_description(to_regnamespace('analytics'), 'pg_namespace') as installed`,
    )
    if (rows[0]?.installed?.endsWith(fingerprint)) return
    await tx.query('drop schema if exists analytics, analytics_rows cascade')
    await tx.query(ddl)
    await tx.query(`comment on schema analytics is 'Stable views for analysts; definition ${fingerprint}'`)
  })
}

/** Roles belong to the server: another database of it may be making the same one. */
async function ensureGroup(tx: pg.ClientBase): Promise<void> {
  await tx.query(`do $$ begin
    if to_regrole('${analystsRole}') is null then create role ${analystsRole} nologin; end if;
  exception when duplicate_object or unique_violation then null; end $$`)
}

async function definitions(tx: pg.ClientBase, views: readonly AnalystView[]): Promise<string> {
  const settings = await readerSettings(tx)
  const statements = [
    'create schema analytics',
    'create schema analytics_rows',
    `create function analytics_rows.schema_of(asked text) returns text language plpgsql stable ${settings} as $body$
     declare serving bigint;
     begin
       select g.id into serving from projections.generations g where g.model = asked and g.state = 'active';
       if serving is null then raise exception using errcode = '57P03', message = 'this part is being filled: try again later'; end if;
       return 'rm_' || replace(asked, '-', '_') || '_' || serving;
     end $body$`,
    `create function analytics_rows.scope(out known boolean, out everything boolean, out dealers text[]) language plpgsql stable ${settings} as $body$
     declare bound text[];
     begin
       select true, s.territories into known, bound from projections.analyst_scopes s where s.login = session_user;
       known := coalesce(known, false);
       everything := known and bound is null;
       dealers := '{}';
       if known then
         execute replace(${quoted(dealersSql(dealersModel))}, '${schemaMark(dealersModel)}', analytics_rows.schema_of('${dealersModel.name}')) into dealers using bound;
       end if;
     end $body$`,
  ]
  for (const view of views) statements.push(...(await viewDefinition(tx, view, settings)))
  statements.push(
    `create function analytics_rows.freshness() returns table (model text, version integer, "position" bigint, recorded_at timestamptz)
     language plpgsql stable security definer cost 1000 rows 20 ${settings} as $body$
     begin
       if (analytics_rows.scope()).known then
         return query select g.model, g.version, g.checkpoint, g.checkpoint_recorded_at from projections.generations g where g.state = 'active';
       end if;
     end $body$`,
    `create view analytics.freshness with (security_invoker = true) as select * from analytics_rows.freshness()`,
    `comment on view analytics.freshness is 'How far each read model has come: the ledger position of its newest event, and when that was recorded'`,
    'revoke all on all functions in schema analytics_rows from public',
    `grant usage on schema analytics, analytics_rows to ${analystsRole}`,
    `grant select on all tables in schema analytics to ${analystsRole}`,
    `grant execute on all functions in schema analytics_rows to ${analystsRole}`,
    `revoke execute on function analytics_rows.scope(), analytics_rows.schema_of(text) from ${analystsRole}`,
  )
  return statements.join(';\n')
}

async function viewDefinition(tx: pg.ClientBase, view: AnalystView, settings: string): Promise<string[]> {
  const { name, query } = view
  const schema = await anySchema(tx, view)
  const sql = boundSql(view, await sourceTypes(tx, view, schema))
  const columns = await describe(tx, withSchema(view, sql, schema))
  const table = columns.map(({ name: column, type }) => `"${column}" ${type}`).join(', ')
  return [
    `create function analytics_rows.${name}() returns table (${table}) language plpgsql stable security definer cost 10000 rows 1000 ${settings} as $body$
     #variable_conflict use_column
     declare mine record;
     begin
       select * into mine from analytics_rows.scope();
       if not mine.known then return; end if;
       return query execute replace(${quoted(sql)}, '${schemaMark(query.model)}', analytics_rows.schema_of('${query.model.name}')) using mine.dealers, mine.everything;
     exception
       when invalid_schema_name or undefined_table then
         raise exception using errcode = '40001', message = 'this part was rebuilt meanwhile: begin a new transaction';
       when sqlstate '57P03' then raise;
       when others then -- what it says may quote a row of somebody else
         raise exception using errcode = 'XX000', message = 'analytics.${name} cannot be read (' || sqlstate || ')';
     end $body$`,
    `create view analytics.${name} with (security_invoker = true) as select * from analytics_rows.${name}()`,
    `comment on view analytics.${name} is ${quoted(query.summary)}`,
  ]
}

/** Nothing that a session can set changes what a function reads, writes as text, or tells about how it does so. */
async function readerSettings(tx: pg.ClientBase): Promise<string> {
  const wanted: Readonly<Record<string, string>> = {
    search_path: 'pg_catalog, pg_temp',
    client_min_messages: 'error', // no plan, no statistics of a sort
    debug_print_parse: 'off',
    debug_print_rewritten: 'off',
    debug_print_plan: 'off',
    trace_sort: 'off',
    datestyle: "'ISO, YMD'",
    intervalstyle: 'postgres',
    timezone: "'UTC'",
    jit: 'off',
  }
  const { rows } = await tx.query<{ name: string }>(
    'select lower(name) as name from pg_settings where lower(name) = any($1)',
    [Object.keys(wanted)],
  )
  const known = new Set(rows.map(({ name }) => name))
  return Object.entries(wanted)
    .filter(([name]) => known.has(name))
    .map(([name, value]) => `set ${name} = ${value}`)
    .join(' ')
}

/** Of any generation: all have the same columns. */
async function anySchema(tx: pg.ClientBase, { query: { model } }: AnalystView): Promise<string> {
  const { rows } = await tx.query<{ id: string }>(
    `select id::text from projections.generations where model = $1 and version = $2 and state <> 'retired' order by state limit 1`,
    [model.name, model.version],
  )
  const id = rows[0]?.id
  if (id === undefined) throw new Error(`${model.name} has no tables yet`)
  return generationSchema(model.name, id)
}

function quoted(text: string): string {
  if (text.includes('$text$')) throw new Error('a text holds its own quotation mark')
  return `$text$${text}$text$`
}
