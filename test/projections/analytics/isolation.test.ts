import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { dealersModel } from '../../../src/projections/models/dealers/model.ts'
import { closeCatalog, openCatalog } from '../../../src/projections/analytics/closeCatalog.ts'
import { analystsRole, installViews } from '../../../src/projections/analytics/installViews.ts'
import { keepsReadyRows } from '../../../src/projections/engine/schema.ts'
import { readModels } from '../../../src/projections/registry.ts'
import { growChannel, grownNow } from '../../support/grownChannel.ts'
import { openAnalysts, views, type AnalystSession, type OpenAnalysts } from '../../support/analysts.ts'
import { openReadModels, type OpenReadModels } from '../../support/readModels.ts'

const territory = 'EU-WEST'

let models: OpenReadModels
let analysts: OpenAnalysts
let bound: AnalystSession
let unbound: AnalystSession
/** dealers of the territory, and all others */
let own: string[]
let hidden: string[]

beforeAll(async () => {
  const { log } = await growChannel()
  models = await openReadModels(readModels, grownNow)
  await models.fold(log)
  analysts = await openAnalysts(models)
  bound = await analysts.open([territory])
  unbound = await analysts.open(null)
  const { rows } = await models
    .reader(dealersModel)
    .ask<{ id: string; place: string | null }>(
      {},
      (from) => `select d.dealer_id as id, d.territory->>'territoryId' as place from ${from('dealers')} d`,
    )
  own = rows.filter(({ place }) => place === territory).map(({ id }) => id)
  hidden = rows.filter(({ place }) => place !== territory).map(({ id }) => id)
}, 300_000)
afterAll(async () => {
  await analysts.close()
  await models.close()
})

const ownerColumn = ({ owner }: (typeof views)[number]): string | undefined =>
  owner === 'shared' ? undefined : owner === 'each' || owner.column === 'dealerId' ? 'dealer_id' : owner.column

describe('an analyst bound to a territory', () => {
  test('has dealers to read, and there are others', () => {
    expect(own.length).toBeGreaterThan(3)
    expect(hidden.length).toBeGreaterThan(20)
  })

  test('reads in every view the rows of its own dealers alone, and all of them', async () => {
    let seen = 0
    for (const view of views) {
      const column = ownerColumn(view)
      if (column === undefined) continue
      const owners = `select ${column} as owner, count(*)::integer as n from analytics.${view.name} group by 1 order by 1`
      const mine = await bound.rows<{ owner: string; n: number }>(owners)
      const all = await unbound.rows<{ owner: string; n: number }>(owners)
      expect(mine, `of ${view.name}`).toEqual(all.filter(({ owner }) => own.includes(owner)))
      seen += all.length - mine.length > 0 ? 1 : 0
    }
    expect(seen, 'views in which something is hidden').toBeGreaterThan(30)
  })

  test('reads what belongs to nobody as everybody does', async () => {
    for (const view of views.filter(({ owner }) => owner === 'shared')) {
      const every = `select * from analytics.${view.name} t order by t::text`
      expect(await bound.rows(every), `of ${view.name}`).toEqual(await unbound.rows(every))
    }
  })

  test('is told by no statement whether the others trade at all', async () => {
    await makeNaiveView()
    const before = await answers(bound, probes())
    const naiveBefore = await answers(bound, naiveProbes())
    await forgetOthers()
    const after = await answers(bound, probes())
    const naiveAfter = await answers(bound, naiveProbes())
    await models.pool.query('drop view analytics.naive')
    const differing = Object.keys(before).filter((sql) => before[sql] !== after[sql])
    expect(differing).toEqual([])
    expect(Object.keys(before).length).toBeGreaterThan(300)
    // the same questions to a view with a barrier over the table, which gives the same rows: plans tell of the others
    expect(naiveProbes().filter((sql) => naiveBefore[sql] !== naiveAfter[sql])).toEqual(naiveProbes().slice(1))
  }, 300_000)
})

/** What one would write first: row rights as a condition of the view, behind a barrier. */
async function makeNaiveView(): Promise<void> {
  const { pool } = models
  const { rows } = await pool.query<{ id: string }>(
    `select id::text from projections.generations where model = 'orders'`,
  )
  await pool.query(
    `create view analytics.naive with (security_barrier) as
       select order_id, dealer_id from rm_orders_${rows[0]?.id ?? ''}.orders where dealer_id = any('{${own.join(',')}}');
     analyze rm_orders_${rows[0]?.id ?? ''}.orders; grant select on analytics.naive to ${analystsRole}`,
  )
}

function naiveProbes(): string[] {
  const plan = 'explain (analyze, timing off, summary off, buffers off)'
  return [
    'select md5(string_agg(t::text, $$|$$ order by order_id)) from analytics.naive t',
    'explain select * from analytics.naive',
    `${plan} select * from analytics.naive`,
    `explain select * from analytics.naive where dealer_id = '${hidden.find((dealer) => dealer === 'CN001') ?? ''}'`,
  ]
}

/** What somebody who wants to know asks: of every view, of the catalogue, of statistics, by errors, by plans. */
function probes(): string[] {
  const [stranger = '', other = ''] = hidden
  const ofViews = views.flatMap((view) => {
    const name = `analytics.${view.name}`
    const column = ownerColumn(view)
    const all = [
      // of what changes with the clock
      `select md5(coalesce(string_agg(t::text, '|' order by t::text), '')) from (select to_jsonb(v) - 'idle_seconds' as t from ${name} v) t`,
      `explain (verbose) select * from ${name}`,
      `explain (analyze, verbose, timing off, summary off, buffers off) select * from ${name}`,
    ]
    if (column === undefined) return all
    return [
      ...all,
      `explain select * from ${name} where ${column} = '${stranger}'`,
      `explain (analyze, timing off, summary off, buffers off) select * from ${name} where ${column} in ('${stranger}', '${other}')`,
      `select count(*) from ${name} where 1 / (case when ${column} = '${stranger}' then 0 else 1 end) = 1`,
      `select count(*) from ${name} where (case when ${column} = '${stranger}' then ${column} else '1' end)::integer = 1`,
    ]
  })
  return [
    ...ofViews,
    `select relname, reltuples from pg_class order by relname`,
    `select relname, relpages from pg_class where relname = 'orders'`,
    `select * from pg_class`,
    `select relname from pg_class order by relname`,
    `select * from pg_stats where schemaname <> 'pg_catalog'`,
    `select * from pg_stats where tablename = 'pg_class' and attname in ('reltuples', 'relpages')`,
    `select * from pg_statistic`,
    `select * from pg_stats_ext`,
    `select * from pg_stat_user_tables`,
    `select * from pg_statio_user_tables`,
    `select * from pg_stat_all_indexes`,
    `select * from pg_stat_xact_user_tables`,
    `select * from pg_stat_user_functions`,
    `select * from pg_stat_database`,
    `select * from pg_stat_activity`,
    `select * from pg_stat_io`,
    `select * from pg_locks`,
    `select pg_stat_get_live_tuples(oid) from pg_class`,
    `select pg_relation_size(oid) from pg_class where relname = 'orders'`,
    `select pg_total_relation_size(oid) from pg_class`,
    `select pg_table_size(oid) from pg_class`,
    `select pg_indexes_size(oid) from pg_class`,
    `select pg_database_size(current_database())`,
    `select table_schema, table_name from information_schema.tables where table_schema not in ('pg_catalog', 'information_schema') order by 1, 2`,
    `select pg_current_wal_lsn()`,
    `select * from projections.analyst_scopes`,
    `select * from projections.generations`,
    `select * from analytics_rows.scope()`,
    `select analytics_rows.schema_of('orders')`,
    `select query_to_xml('select * from analytics.orders order by order_id', true, true, '')`,
    `select schema_to_xml('analytics_rows', true, true, '')`,
    // the plans and sorts inside, as a session may ask to be told of its own
    `set client_min_messages = log; set debug_print_plan = on; set debug_print_rewritten = on; set trace_sort = on`,
    ...views.map(({ name }) => `table analytics.${name} limit 0`),
    `reset client_min_messages; reset debug_print_plan; reset debug_print_rewritten; reset trace_sort`,
  ]
}

async function answers(session: AnalystSession, asked: readonly string[]): Promise<Record<string, string>> {
  const told: Record<string, string> = {}
  for (const sql of asked) told[sql] = await session.tell(sql)
  return told
}

/** Takes every row of a hidden dealer out of the tables, as if it had never traded; the dealers themselves stay. */
async function forgetOthers(): Promise<void> {
  const { pool } = models
  let forgotten = 0
  const tables: string[] = []
  for (const model of readModels) {
    const { rows } = await pool.query<{ id: string }>('select id::text from projections.generations where model = $1', [
      model.name,
    ])
    for (const table of model.tables) {
      const names = keepsReadyRows(table) ? [table.name, `${table.name}_facts`] : [`${table.name}_facts`]
      for (const name of names) {
        const full = `rm_${model.name.replaceAll('-', '_')}_${rows[0]?.id ?? ''}.${name}`
        tables.push(full)
        const columns = ['dealer_id', 'party'].filter((one) => one in table.key || one in table.lasts)
        if (model === dealersModel) continue
        for (const column of columns) {
          const { rowCount } = await pool.query(`delete from ${full} where ${column} = any($1)`, [hidden])
          forgotten += rowCount ?? 0
        }
      }
    }
  }
  expect(forgotten).toBeGreaterThan(1000)
  for (const table of tables) await pool.query(`vacuum (full, analyze) ${table}`)
}

describe('a login of an analyst', () => {
  test.each([
    ['makes no table', 'create table analytics.mine (a integer)'],
    ['makes no table for the session', 'create temp table mine (a integer)'],
    ['makes no function', `create function analytics.f() returns integer language sql as 'select 1'`],
    ['makes no function for the session', `create function pg_temp.f() returns integer language sql as 'select 1'`],
    ['runs no block of code', `do $$ begin raise notice 'x'; end $$`],
    ['makes no schema', 'create schema mine'],
    ['loads no extension', 'create extension dblink'],
    ['writes nothing through a view', `delete from analytics.orders`],
    ['runs no program', `copy (select 1) to program 'true'`],
    ['writes no file', `copy (select 1) to '/tmp/x'`],
    ['reads no file', `select pg_read_file('/etc/passwd')`],
    ['makes no large object', 'select lo_create(0)'],
    ['takes no advisory lock', 'select pg_advisory_lock(4210968032)'],
    ['becomes nobody else', 'set role postgres'],
    ['does not raise its limit of temporary files', `set temp_file_limit = '100GB'`],
    ['locks no table', 'begin; lock table pg_catalog.pg_class in exclusive mode'],
    ['locks no view', 'begin; lock table analytics.orders in exclusive mode'],
    ['sees no session of others', 'select * from pg_stat_activity'],
    ['reads no event', 'select * from public.ledger_events'],
  ])('%s', async (_what, sql) => {
    await bound.client.query('set default_transaction_read_only = off')
    const told = JSON.parse(await bound.tell(sql)) as [{ code?: string; message?: string }, unknown]
    await bound.client.query('rollback')
    expect(told[0].code, `said ${String(told[0].message)}`).toMatch(/^(42501|55000)$/)
  })

  test('ends no session of others', async () => {
    const { rows } = await models.pool.query<{ pid: number }>('select pg_backend_pid() as pid')
    for (const end of ['pg_terminate_backend', 'pg_cancel_backend'])
      expect(await bound.tell(`select ${end}(${rows[0]?.pid ?? 0})`)).toMatch(
        /must be a (member|superuser)|permission denied/i,
      )
  })

  test('reads no table of the read models, whichever', async () => {
    const { rows } = await models.pool.query<{ name: string }>(
      `select quote_ident(n.nspname) || '.' || quote_ident(c.relname) as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
       where c.relkind in ('r', 'v', 'm', 'p') and n.nspname not in ('analytics', 'pg_catalog', 'information_schema') and n.nspname !~ '^pg_'`,
    )
    expect(rows.length).toBeGreaterThan(100)
    for (const { name } of rows)
      expect(await bound.tell(`select * from ${name}`), `of ${name}`).toContain('permission denied')
  })

  test('reads nothing when it is known to the server and not to the ledger', async () => {
    await models.pool.query('delete from projections.analyst_scopes where login = $1', [bound.login])
    for (const { name } of views) expect(await bound.rows(`select * from analytics.${name}`), `of ${name}`).toEqual([])
    expect(await bound.rows('select * from analytics.freshness')).toEqual([])
    await models.pool.query('insert into projections.analyst_scopes values ($1, $2)', [bound.login, [territory]])
  })

  test('does not stop the views from being made again, and finds them there', async () => {
    await models.pool.query(`comment on schema analytics is 'of another version'`)
    await installViews(models.pool, views)
    await installViews(models.pool, views)
    expect((await unbound.rows('select * from freshness')).length).toBe(readModels.length)
  })
})

describe('the catalogue', () => {
  test('is closed, and found open where somebody opened it', async () => {
    expect(await openCatalog(models.pool)).toEqual([])
    await models.pool.query('grant select on pg_catalog.pg_class to public')
    await models.pool.query('grant execute on function pg_catalog.pg_relation_size(regclass) to public')
    await models.pool.query('grant usage on schema projections to public')
    expect(await openCatalog(models.pool)).toEqual(
      expect.arrayContaining(['pg_relation_size(regclass)', 'pg_class.reltuples', 'schemas projections']),
    )
    await closeCatalog(models.pool)
    expect(await openCatalog(models.pool)).toEqual([])
  })

  test('still serves the programs that list views and columns', async () => {
    const tables = `select n.nspname, c.relname, c.relkind from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
      where c.relkind = 'v' and n.nspname = 'analytics'`
    expect((await bound.rows(tables)).length).toBe(views.length + 1)
    const columns = `select column_name, data_type from information_schema.columns where table_schema = 'analytics' and table_name = 'orders'`
    expect((await bound.rows(columns)).length).toBeGreaterThan(20)
    const described = `select obj_description('analytics.orders'::regclass, 'pg_class') as text`
    expect(await bound.rows(described)).toEqual([{ text: views.find(({ name }) => name === 'orders')?.query.summary }])
  })
})
