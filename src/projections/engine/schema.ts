import type { FactTable, ReadModel } from './factTable.ts'

/** Tables of the engine itself. One row per generation of a read model; a generation is one filling of its tables. */
export const engineMigrations = [
  {
    name: '001-generations',
    sql: `
      create schema if not exists projections;
      create table projections.generations (
        id bigint generated always as identity primary key,
        model text not null,
        version integer not null,
        state text not null check (state in ('filling', 'active', 'retired')),
        checkpoint bigint not null default 0,
        checkpoint_recorded_at timestamptz,
        progressed_at timestamptz not null default now(),
        fencing_token bigint not null default 0,
        lease_holder text,
        lease_until timestamptz,
        waiting_for text,
        difference jsonb,
        created_at timestamptz not null default now()
      );
      create unique index generations_one_active on projections.generations (model) where state = 'active';
      create table projections.parked (
        generation bigint not null references projections.generations (id) on delete cascade,
        stream text not null,
        position bigint not null,
        revision integer not null,
        event_id uuid not null,
        event_type text not null,
        error text not null,
        parked_at timestamptz not null default now(),
        attempts integer not null default 1,
        primary key (generation, position)
      );
      create index parked_streams on projections.parked (generation, stream);
      create table projections.skipped (
        model text not null,
        position bigint not null,
        event_id uuid not null,
        stream text not null,
        error text not null,
        skipped_by text not null,
        skipped_at timestamptz not null default now(),
        primary key (model, position)
      );`,
  },
  {
    // of a generation that is not ready its facts alone are written; `finishFilling` makes the rest
    name: '002-ready',
    sql: 'alter table projections.generations add column ready boolean not null default true',
  },
  {
    // what each analyst's login may read; without territories the whole channel
    name: '003-analyst-scopes',
    sql: 'create table projections.analyst_scopes (login name primary key, territories text[])',
  },
] as const

/** The PostgreSQL schema that holds the tables of one generation. */
export function generationSchema(model: string, generation: string | bigint): string {
  return `rm_${model.replaceAll('-', '_')}_${generation}`
}

const factColumns = (table: FactTable): string[] => [
  ...Object.entries(table.key).map(([column, type]) => `${column} ${type} not null`),
  'at timestamptz not null',
  'position bigint not null',
  'seq integer not null',
  'event_id uuid not null',
  'voided_at bigint',
  ...table.sums.map((column) => `${column} numeric`),
  ...Object.entries(table.lasts).map(([column, type]) => `${column} ${type}`),
  ...table.levels.flatMap((column) => [`${column}_add numeric`, `${column}_assert numeric`]),
]

/** Where the newest fact of a ready row stands. */
export const stampColumns = { newest_at: 'timestamptz', newest_position: 'bigint', newest_seq: 'integer' } as const

const readyColumns = (table: FactTable): string[] => [
  ...Object.entries(table.key).map(([column, type]) => `${column} ${type} not null`),
  ...table.sums.map((column) => `${column} numeric not null`),
  ...Object.entries(table.lasts).map(([column, type]) => `${column} ${type}`),
  ...table.levels.map((column) => `${column} numeric not null`),
  ...Object.entries(stampColumns).map(([column, type]) => `${column} ${type} not null`),
]

/** While a generation is filled: positions of events declared in error, and of their declarations. */
export const voidedEvents = 'voided_events'

/**
 * Data definition of a generation that is to be filled: `<table>_facts`, and `<table>` for the ready rows where the table
 * keeps them. `indexDdl` makes the rest, and drops `voided_events`.
 */
export function generationDdl(model: ReadModel, schema: string): string {
  const statements = [`create schema ${schema}`]
  for (const table of model.tables) {
    statements.push(`create table ${schema}.${table.name}_facts (${factColumns(table).join(', ')})`)
    if (keepsReadyRows(table))
      statements.push(`create table ${schema}.${table.name} (${readyColumns(table).join(', ')})`)
  }
  statements.push(`create table ${schema}.${voidedEvents} (position bigint not null, at bigint not null)`)
  return statements.join(';\n')
}

/** Keys and indexes. Made once, over a filled table, they cost a fraction of keeping them all the way. */
export function indexDdl(model: ReadModel, schema: string): string {
  const statements = [`drop table ${schema}.${voidedEvents}`]
  for (const table of model.tables) {
    const key = Object.keys(table.key).join(', ')
    const indexed = keepsReadyRows(table) ? table.name : `${table.name}_facts`
    statements.push(`alter table ${schema}.${table.name}_facts add primary key (position, seq)`)
    statements.push(`create index on ${schema}.${table.name}_facts (${key}, at, position)`)
    if (keepsReadyRows(table)) statements.push(`alter table ${schema}.${table.name} add primary key (${key})`)
    for (const columns of table.indexes) statements.push(`create index on ${schema}.${indexed} (${columns.join(', ')})`)
  }
  return statements.join(';\n')
}

export function keepsReadyRows(table: FactTable): boolean {
  return table.time !== 'versioned'
}
