import type pg from 'pg'
import { z } from 'zod'
import { inTransaction } from '../../projections/engine/generations.ts'
import type { FactTable, ReadModel } from '../../projections/engine/factTable.ts'
import { generationSchema } from '../../projections/engine/schema.ts'

/** What a read model holds of the events up to a position: rows and a sum over their hashes, per table of facts. */
export const modelDigest = z.strictObject({
  model: z.string(),
  version: z.int(),
  position: z.string().regex(/^\d{1,20}$/),
  tables: z.record(z.string(), z.strictObject({ rows: z.string(), sum: z.string() })),
})
export type ModelDigest = z.infer<typeof modelDigest>

/**
 * Digests of the serving read models at `upTo`, or as far as each has come. Facts are never changed but voided, with the
 * position of what voided them, so that a model that has gone on still tells what it held earlier. The rows that are kept
 * ready are folds of these facts. The sum does not depend on the order of rows, so nothing is sorted and memory is bounded.
 */
export async function readModelDigests(
  pool: pg.Pool,
  models: readonly ReadModel[],
  upTo: (model: string) => bigint | undefined,
): Promise<ModelDigest[]> {
  return inTransaction(pool, async (tx) => {
    await tx.query('set transaction isolation level repeatable read')
    await tx.query(`set local timezone to 'UTC'`)
    await tx.query('set local statement_timeout = 0')
    const { rows: known } = await tx.query<{ found: boolean }>(
      `select to_regclass('projections.generations') is not null as found`,
    )
    if (!known[0]?.found) return []
    const { rows } = await tx.query<{ id: string; model: string; version: number; checkpoint: string }>(
      `select id::text, model, version, checkpoint::text from projections.generations where state = 'active' order by model`,
    )
    const digests: ModelDigest[] = []
    for (const { id, model: name, version, checkpoint } of rows) {
      const model = models.find((one) => one.name === name && one.version === version)
      const asked = upTo(name)
      if (!model || asked === undefined) continue
      const position = (asked < BigInt(checkpoint) ? asked : BigInt(checkpoint)).toString()
      const tables: Record<string, { rows: string; sum: string }> = {}
      for (const table of model.tables) {
        const { rows: sums } = await tx.query<{ rows: string; sum: string }>(
          `select count(*)::text as rows, coalesce(sum(('x' || left(md5(f::text), 16))::bit(64)::bigint::numeric), 0)::text as sum
           from (select ${columnsOf(table)} from ${generationSchema(name, id)}.${table.name}_facts where position <= $1) f`,
          [position],
        )
        tables[table.name] = sums[0] ?? { rows: '0', sum: '0' }
      }
      digests.push({ model: name, version, position, tables })
    }
    return digests
  })
}

function columnsOf(table: FactTable): string {
  return [
    ...Object.keys(table.key),
    'at',
    'position',
    'seq',
    'event_id',
    'case when voided_at <= $1 then voided_at end as voided_at',
    ...table.sums,
    ...Object.keys(table.lasts),
    ...table.levels.flatMap((level) => [`${level}_add`, `${level}_assert`]),
  ].join(', ')
}
