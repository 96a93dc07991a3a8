import { setTimeout as sleep } from 'node:timers/promises'
import type { ClientBase } from 'pg'
import type { System } from '../../support/system.ts'
import type { OutsideDatabase } from './outsideDatabase.ts'
import type { Finding } from './findings.ts'

interface Generation {
  readonly id: string
  readonly model: string
  readonly checkpoint: string
}

const rebuildWithin = 1_200_000
const attempts = 3

/**
 * Lets every read model be folded anew from the first event on, beside the one that serves, and compares the two row by row in every
 * column: with SQL of our own, not with the engine's comparison. A schedule may write while they are folded; then all of it is done
 * again, from the next rest on.
 */
export async function checkModels(
  system: System,
  database: OutsideDatabase,
  rest: () => Promise<unknown>,
): Promise<{ readonly findings: readonly Finding[]; readonly rows: number }> {
  for (let attempt = 1; ; attempt += 1) {
    await rest()
    const compared = await compareModels(system, database)
    if (attempt === attempts || !compared.findings.some(({ reason }) => reason === 'not at rest')) return compared
  }
}

async function compareModels(
  system: System,
  { query, session }: OutsideDatabase,
): Promise<{ readonly findings: readonly Finding[]; readonly rows: number }> {
  const findings: Finding[] = []
  const serving = await query<Generation & Record<string, string>>(
    `select id::text, model, checkpoint::text from projections.generations where state = 'active' order by model`,
  )
  await system.command('projections', 'rebuild', 'all')
  const fresh = await filled(serving)
  let rows = 0
  for (const { id, model, checkpoint } of serving) {
    const beside = fresh.get(model)
    if (!beside) {
      findings.push({ reason: 'not at rest', what: `${model} was not folded anew in ${rebuildWithin / 1000} s` })
      continue
    }
    if (beside.checkpoint !== checkpoint)
      findings.push({
        reason: 'not at rest',
        what: `${model} stands at ${checkpoint}, the fold at ${beside.checkpoint}`,
      })
    const compared = await session((client) => compareSchemas(client, schemaOf(model, id), schemaOf(model, beside.id)))
    for (const what of compared.differences) findings.push({ reason: 'read model differs', what: `${model}.${what}` })
    rows += compared.rows
  }
  return { findings, rows }

  /** The newer generation of each model once it has come as far; the engine has let it serve, or refused it. */
  async function filled(old: readonly Generation[]): Promise<ReadonlyMap<string, Generation>> {
    const deadline = performance.now() + rebuildWithin
    for (;;) {
      const known = await query<Generation & Record<string, string>>(
        `select g.id::text, g.model, g.checkpoint::text from projections.generations g
         join unnest($1::text[], $2::bigint[]) as old(model, id) on g.model = old.model and g.id > old.id
         where g.state = 'active' or g.difference is not null`,
        [old.map(({ model }) => model), old.map(({ id }) => id)],
      )
      if (known.length >= old.length || performance.now() > deadline)
        return new Map(known.map((generation) => [generation.model, generation]))
      await sleep(50)
    }
  }
}

async function compareSchemas(
  client: ClientBase,
  serving: string,
  fresh: string,
): Promise<{ readonly differences: readonly string[]; readonly rows: number }> {
  const differences: string[] = []
  let rows = 0
  const { rows: tables } = await client.query<{ table_name: string }>(
    'select table_name from information_schema.tables where table_schema = $1 order by 1',
    [fresh],
  )
  for (const { table_name: table } of tables) {
    const [one, other] = [`${serving}.${table}`, `${fresh}.${table}`]
    const { rows: found } = await client.query<{ side: string; row: string }>(
      `(select 'serving has' as side, t::text as row from (select * from ${one} except all select * from ${other}) t limit 3)
       union all
       (select 'the fold has', t::text from (select * from ${other} except all select * from ${one}) t limit 3)`,
    )
    const what = found.map(({ side, row }) => `${side} ${row}`).join('; ')
    if (what !== '') differences.push(`${table}: ${what.slice(0, 600)}`)
    const { rows: counted } = await client.query<{ count: number }>(`select count(*)::integer as count from ${other}`)
    rows += counted[0]?.count ?? 0
  }
  return { differences, rows }
}

function schemaOf(model: string, generation: string): string {
  return `rm_${model.replaceAll('-', '_')}_${generation}`
}
