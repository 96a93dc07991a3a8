import type pg from 'pg'
import { instantOf } from '../../src/domain/kernel/businessTime.ts'
import type { RecordedEvent } from '../../src/ledger/envelope.ts'
import type { FactTable, ReadModel } from '../../src/projections/engine/factTable.ts'
import { keepsReadyRows } from '../../src/projections/engine/schema.ts'
import { comparable, naiveFold } from '../support/naiveFold.ts'

/** Notes, beside every change of a generation, what happened and by whom; undone with it. Connections carry their process' name. */
export const watchGenerations = `
  create schema sim;
  create table sim.seen (generation bigint, what text, who text);
  create function sim.watch() returns trigger language plpgsql as $$
  declare me text := current_setting('application_name');
  begin
    if new.checkpoint < old.checkpoint then
      insert into sim.seen values (new.id, 'broken: the checkpoint of ' || new.id || ' went back', me);
    end if;
    if (new.checkpoint <> old.checkpoint or new.ready <> old.ready) and old.lease_holder <> me then
      insert into sim.seen values (new.id, 'broken: ' || me || ' wrote to ' || new.id || ', held by ' || old.lease_holder, me);
    end if;
    if new.lease_holder <> old.lease_holder then
      insert into sim.seen values (new.id, 'lease run out, taken over', me);
    end if;
    if new.checkpoint <> old.checkpoint and not old.ready then
      insert into sim.seen values (new.id, 'page of a filling', me);
    end if;
    if new.ready and not old.ready and exists (select from sim.seen s where s.generation = new.id and s.what = 'page of a filling' and s.who <> me) then
      insert into sim.seen values (new.id, 'filling begun by one, finished by another', me);
    end if;
    if new.state = 'active' and old.state = 'filling' and exists (select from projections.generations g where g.model = new.model and g.state = 'retired') then
      insert into sim.seen values (new.id, 'rebuild took over', me);
    end if;
    return new;
  end $$;
  create trigger watch before update on projections.generations for each row execute function sim.watch()`

export async function clearGenerations(observer: pg.Client): Promise<void> {
  const { rows } = await observer.query<{ nspname: string }>(
    `select nspname from pg_namespace where nspname like 'rm\\_%'`,
  )
  const drops = rows.map(({ nspname }) => `drop schema ${nspname} cascade;`)
  await observer.query(
    `set client_min_messages = warning; ${drops.join(' ')} delete from projections.generations; delete from projections.skipped; delete from sim.seen;
     alter table projections.generations alter id restart`,
  )
}

export async function whatWasSeen(observer: pg.Client): Promise<[string, number][]> {
  const { rows } = await observer.query<{ what: string; n: number }>(
    'select what, count(*)::integer as n from sim.seen group by what',
  )
  return rows.map(({ what, n }) => [what, n])
}

interface Generation {
  readonly id: string
  readonly model: string
  readonly state: 'filling' | 'active'
  readonly checkpoint: string
  readonly ready: boolean
  readonly parked: readonly string[]
  readonly skipped: readonly string[]
}

/**
 * What is wrong with the tables now: each generation must hold exactly the facts and rows of the log up to its checkpoint, without the
 * events that it has parked, and a model must have one active generation or none yet. Answers nothing when a table is locked.
 */
export async function brokenGenerations(
  observer: pg.Client,
  models: readonly ReadModel[],
  log: readonly RecordedEvent[],
): Promise<string[] | undefined> {
  const { rows: generations } = await observer.query<Generation>(
    `select g.id::text, model, state, checkpoint::text, ready,
       array(select position::text from projections.parked p where p.generation = g.id) as parked,
       array(select position::text from projections.skipped s where s.model = g.model) as skipped
     from projections.generations g where state <> 'retired' order by g.id`,
  )
  const broken: string[] = []
  for (const model of models) {
    const own = generations.filter((generation) => generation.model === model.name)
    const active = own.filter(({ state }) => state === 'active')
    if (active.length > 1) broken.push(`${model.name} has ${active.length} active generations`)
    for (const generation of own) {
      for (const table of model.tables) {
        const name = `rm_${model.name.replaceAll('-', '_')}_${generation.id}.${table.name}`
        const facts = await rowsOf(observer, `${name}_facts`)
        const rows = keepsReadyRows(table) && (await rowsOf(observer, name))
        if (!facts || rows === undefined) return undefined
        const there = new Set(facts.map(({ position }) => String(position)))
        // a skip counts for the generation that was active then; in another one the event may have been folded
        const missing = new Set([
          ...generation.parked,
          ...generation.skipped.filter((position) => !there.has(position)),
        ])
        const folded = log.filter(
          ({ position }) => position <= BigInt(generation.checkpoint) && !missing.has(`${position}`),
        )
        const at = `at ${generation.checkpoint}, ${generation.state}`
        broken.push(
          ...differences(
            `${name}_facts ${at}`,
            facts.map((fact) => factLine(table, fact, generation.ready)),
            expectedFacts(model, table, folded, generation.ready),
          ),
        )
        if (!generation.ready || !rows) continue
        const expected = naiveFold(model, table, folded, undefined, BigInt(generation.checkpoint))
        broken.push(...differences(`${name} ${at}`, comparable(table, rows), comparable(table, expected)))
      }
    }
  }
  return broken
}

type Line = Readonly<Record<string, unknown>>

async function rowsOf(observer: pg.Client, name: string): Promise<Line[] | undefined> {
  try {
    const { rows } = await observer.query<{ line: Line }>(`select to_jsonb(t) as line from ${name} t`)
    return rows.map(({ line }) => line)
  } catch (error) {
    if ((error as { code?: string }).code === '55P03') return undefined // of PostgreSQL: lock not available
    throw error
  }
}

/** One fact as a text. What was declared in error is marked once the generation is ready. */
function factLine(table: FactTable, fact: Line, isReady: boolean): string {
  const columns = [
    ...Object.keys(table.key),
    'position',
    'seq',
    'event_id',
    ...table.sums,
    ...Object.keys(table.lasts),
    ...table.levels.flatMap((column) => [`${column}_add`, `${column}_assert`]),
    ...(isReady ? ['voided_at'] : []),
  ]
  return [Date.parse(String(fact['at'])), ...columns.map((column) => String(fact[column] ?? ''))].join(' ')
}

function expectedFacts(model: ReadModel, table: FactTable, log: readonly RecordedEvent[], isReady: boolean): string[] {
  const voided = new Map<string, bigint>()
  for (const { type, data, position } of log) {
    const { eventId = '' } = data as { eventId?: string }
    if (type === 'ErrorDeclared' && !voided.has(eventId)) voided.set(eventId, position)
  }
  return log
    .filter(({ type }) => model.events?.includes(type))
    .flatMap((event) =>
      model.facts(event).flatMap((fact, seq) => {
        if (fact.table !== table.name) return []
        const { key, sums, lasts, levels = {} } = fact
        const changes = Object.entries(levels).map(([column, change]) =>
          change && 'assert' in change ? [`${column}_assert`, change.assert] : [`${column}_add`, change?.add],
        )
        const at = new Date(table.time === 'known-only' ? 0 : instantOf(event.occurredAt)).toISOString()
        const { position, id: event_id } = event
        const line = { ...key, ...sums, ...lasts, ...Object.fromEntries(changes), at, position, seq, event_id }
        return factLine(table, { ...line, voided_at: voided.get(event_id) }, isReady)
      }),
    )
}

/** Compared as lists: a line that is there twice is wrong. */
function differences(what: string, found: readonly string[], expected: readonly string[]): string[] {
  const [have, want] = [found.toSorted(), expected.toSorted()]
  if (have.join('\n') === want.join('\n')) return []
  return [
    `${what} has\n  ${have.filter((line) => !want.includes(line)).join('\n  ')}\nand should have\n  ${want.filter((line) => !have.includes(line)).join('\n  ')}\n(${have.length} lines, ${want.length} expected)`,
  ]
}
