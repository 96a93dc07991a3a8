import type pg from 'pg'
import { type FactTable, type ReadModel, tableOf, type TimeKind } from './factTable.ts'
import {
  type Bind,
  factConditions,
  type FoldBounds,
  foldQuery,
  keyConditions,
  recordedConditions,
  rowColumns,
} from './foldQuery.ts'
import { generationSchema, keepsReadyRows } from './schema.ts'

/** The moment a question is about (design.md §5): true at asOf, known at knownAt. */
export interface Moment {
  /** ms since 1970 */
  readonly asOf?: number
  /** ledger position */
  readonly knownAt?: bigint
}

export interface Answer<Row> {
  readonly rows: readonly Row[]
  readonly model: { readonly name: string; readonly version: number }
  /** as asked; for versioned models the instant that was used */
  readonly asOf: number | undefined
  /** the position that the answer rests on */
  readonly knownAt: bigint
}

export class AsOfRefused extends Error {
  override readonly name = 'AsOfRefused'
}

/** The model has not reached the position that was asked for. */
export class ModelBehind extends Error {
  override readonly name = 'ModelBehind'
  readonly model: string
  readonly position: bigint
  constructor(model: string, position: bigint) {
    super(`${model} is at ${position}`)
    this.model = model
    this.position = position
  }
}

/**
 * `from('levels', { party })` is the derived table at the asked moment; `from.facts('levels')` its single facts;
 * `from.recorded('levels')` also those declared in error, with the position of the declaration as `withdrawn_at`; `from.at()`
 * is the instant that is asked about, now where none is (for what is overdue, expired or ended by then); `bind` gives a placeholder.
 */
export interface Source {
  (table: string, key?: FoldBounds['key']): string
  facts(table: string, key?: FoldBounds['key']): string
  recorded(table: string, key?: FoldBounds['key']): string
  at(): string
}

export interface Reader {
  ask<Row extends object>(moment: Moment, question: (from: Source, bind: Bind) => string): Promise<Answer<Row>>
  /** Position of the active generation; 0n when there is none yet. */
  position(): Promise<bigint>
}

/** Questions to one read model, each a single statement: the rows and the position they rest on are of one snapshot. */
export function openReader(pool: pg.Pool, model: ReadModel, now: () => number): Reader {
  let active: { id: string; version: number } | undefined
  /** where the model stood at the newest answer */
  let reached: bigint | undefined

  async function refresh(): Promise<{ id: string; version: number }> {
    const { rows } = await pool.query<{ id: string; version: number }>(
      `select id::text, version from projections.generations where model = $1 and state = 'active'`,
      [model.name],
    )
    active = rows[0]
    if (!active) throw new ModelBehind(model.name, 0n)
    return active
  }

  async function ask<Row extends object>(
    moment: Moment,
    question: (from: Source, bind: Bind) => string,
  ): Promise<Answer<Row>> {
    const kinds = new Set(model.tables.map((table) => table.time))
    if (moment.asOf !== undefined && kinds.has('known-only'))
      throw new AsOfRefused(`${model.name} answers knownAt only`)
    for (let attempt = 0; ; attempt++) {
      const generation = active ?? (await refresh())
      try {
        const at = effective(moment, kinds, now)
        // the pages after the first ask for the position of the first: while nothing new was folded, the ready rows are that moment
        const ready = moment.asOf === undefined && moment.knownAt !== undefined && moment.knownAt === reached
        const answer = await askGeneration<Row>(
          pool,
          model,
          generation,
          { asked: ready ? {} : moment, ...at },
          now,
          question,
        )
        if (answer) reached = answer.position
        if (answer && (!ready || answer.position === moment.knownAt)) return answer
        if (answer) continue
      } catch (error) {
        if (!isMissingTable(error) || attempt > 2) throw error
      }
      if (attempt > 2) throw new ModelBehind(model.name, 0n)
      active = undefined // another generation took over
    }
  }

  return {
    ask,
    async position() {
      const { rows } = await pool.query<{ checkpoint: string }>(
        `select checkpoint::text from projections.generations where model = $1 and state = 'active'`,
        [model.name],
      )
      return BigInt(rows[0]?.checkpoint ?? '0')
    },
  }
}

/** What is asked, and the instant that effective-dated tables answer for: now when none is asked. The others then hold all they know. */
export interface EffectiveMoment extends Moment {
  readonly asked: Moment
}

function effective(moment: Moment, kinds: ReadonlySet<TimeKind>, now: () => number): Moment {
  return moment.asOf === undefined && kinds.has('versioned') ? { ...moment, asOf: now() } : moment
}

async function askGeneration<Row extends object>(
  pool: pg.Pool,
  model: ReadModel,
  generation: { id: string; version: number },
  moment: EffectiveMoment,
  now: () => number,
  question: (from: Source, bind: Bind) => string,
): Promise<(Answer<Row> & { readonly position: bigint }) | undefined> {
  const values: unknown[] = [generation.id]
  const bind: Bind = (value) => `$${values.push(value)}`
  const schema = generationSchema(model.name, generation.id)
  const sql = question(sourceOf(model, schema, moment, now, bind), bind)
  const { rows } = await pool.query<{ __position: string; __row: boolean | null } & Row>(
    `select g.checkpoint::text as __position, answer.* from projections.generations g
     left join lateral (select true as __row, question.* from (${sql}) question) answer on true where g.id = $1 and g.state = 'active'`,
    values,
  )
  const first = rows[0]
  if (!first) return undefined
  const position = BigInt(first.__position)
  if (moment.knownAt !== undefined && moment.knownAt > position) throw new ModelBehind(model.name, position)
  return {
    rows: rows
      .filter((row) => row.__row)
      .map(({ __position: _position, __row: _row, ...row }) => row as unknown as Row), // what is left is the question's own row
    model: { name: model.name, version: generation.version },
    asOf: moment.asOf,
    knownAt: moment.knownAt ?? position,
    position,
  }
}

/** The tables of one generation at a moment. */
export function sourceOf(
  model: ReadModel,
  schema: string,
  moment: EffectiveMoment,
  now: () => number,
  bind: Bind,
): Source {
  const { asked } = moment
  const bounds = (table: FactTable, key: FoldBounds['key']): FoldBounds => {
    const { asOf, knownAt } = table.time === 'versioned' ? moment : asked
    return {
      ...(asOf !== undefined && { asOf }),
      ...(knownAt !== undefined && { knownAt }),
      ...(key !== undefined && { key }),
    }
  }
  const from = (name: string, key?: FoldBounds['key']): string => {
    const table = tableOf(model, name)
    const isNow = asked.asOf === undefined && asked.knownAt === undefined
    return isNow && keepsReadyRows(table)
      ? readyRows(schema, table, key, bind)
      : foldQuery(schema, table, bounds(table, key), bind)
  }
  const facts = (name: string, key?: FoldBounds['key']): string => {
    const table = tableOf(model, name)
    return `(select * from ${schema}.${name}_facts f ${factConditions(table, bounds(table, key), bind)})`
  }
  const recorded = (name: string, key?: FoldBounds['key']): string => {
    const table = tableOf(model, name)
    const limits = bounds(table, key)
    const { knownAt } = limits
    const conditions = recordedConditions(table, limits, bind)
    const isKnown = knownAt === undefined ? '' : ` and f.voided_at <= ${bind(knownAt.toString())}::bigint`
    const withdrawn = `case when f.voided_at is not null${isKnown} then f.voided_at end as withdrawn_at`
    return `(select f.*, ${withdrawn} from ${schema}.${name}_facts f ${conditions})`
  }
  const at = (): string => `${bind(new Date(moment.asOf ?? now()).toISOString())}::timestamptz`
  return Object.assign(from, { facts, recorded, at })
}

function readyRows(schema: string, table: FactTable, key: FoldBounds['key'], bind: Bind): string {
  const conditions = keyConditions(table, '', key, bind)
  return `(select ${rowColumns(table).join(', ')} from ${schema}.${table.name}${conditions.length > 0 ? ` where ${conditions.join(' and ')}` : ''})`
}

function isMissingTable(error: unknown): boolean {
  return (
    typeof error === 'object' && error !== null && 'code' in error && (error.code === '42P01' || error.code === '3F000')
  )
}
