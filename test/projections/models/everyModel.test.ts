import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { instantOf } from '../../../src/domain/kernel/businessTime.ts'
import { errorDeclared } from '../../../src/domain/kernel/errorDeclaration.ts'
import { aggregates } from '../../../src/domain/registry.ts'
import type { RecordedEvent } from '../../../src/ledger/envelope.ts'
import type { Fact, FactTable, ReadModel } from '../../../src/projections/engine/factTable.ts'
import { generationSchema } from '../../../src/projections/engine/schema.ts'
import { queries, readModels } from '../../../src/projections/registry.ts'
import { comparable, naiveFold } from '../../support/naiveFold.ts'
import { openReadModels, recordHistory, type OpenReadModels } from '../../support/readModels.ts'
import { sampleHistory, sampleValue } from '../../support/sampleHistory.ts'
import { seededRandom } from '../../support/seededRandom.ts'

const seed = 20260735
const now = Date.UTC(2027, 0, 1)
const moments = 50

let log: readonly RecordedEvent[]
let models: OpenReadModels

beforeAll(async () => {
  log = await recordHistory(sampleHistory(seed, 3))
  models = await openReadModels(readModels, now)
  await models.fold(log)
})
afterAll(() => models.close())

/** The naive fold asks a model for the same facts again and again. */
function remembering(model: ReadModel): ReadModel {
  const facts = new Map<string, readonly Fact[]>()
  return {
    ...model,
    facts(event) {
      const known = facts.get(event.id) ?? model.facts(event)
      facts.set(event.id, known)
      return known
    },
  }
}

const rowsAt = async (
  model: ReadModel,
  table: FactTable,
  moment: { asOf?: number; knownAt?: bigint },
): Promise<string[]> => {
  const { rows } = await models.reader(model).ask(moment, (from) => `select * from ${from(table.name)} t`)
  return comparable(table, rows)
}

/** Everything a generation holds: its facts, and the rows it keeps ready, with the place of the newest fact of each. */
async function contents(model: ReadModel): Promise<Record<string, string[]>> {
  const { rows } = await models.pool.query<{ id: string }>(
    'select id::text from projections.generations where model = $1',
    [model.name],
  )
  const schema = generationSchema(model.name, rows[0]!.id)
  const found: Record<string, string[]> = {}
  for (const table of model.tables) {
    for (const name of table.time === 'versioned' ? [`${table.name}_facts`] : [table.name, `${table.name}_facts`]) {
      const { rows: held } = await models.pool.query<{ row: string }>(
        `select t::text as row from ${schema}.${name} t order by 1`,
      )
      found[name] = held.map(({ row }) => row)
    }
  }
  return found
}

describe('every read model', () => {
  test('the sample history holds every event type, late facts and declared errors', () => {
    const types = new Set(log.map(({ type }) => type))
    const known = aggregates.flatMap(({ events }) => events.map(({ type }) => type))
    expect(known.filter((type) => !types.has(type))).toEqual([])
    const late = log.filter(
      (event, index) => index > 0 && instantOf(event.occurredAt) < instantOf(log[index - 1]!.occurredAt),
    )
    expect(late.length, `late facts, seed ${seed}`).toBeGreaterThan(50)
    expect(log.filter(({ type }) => type === 'ErrorDeclared').length, `declared errors, seed ${seed}`).toBeGreaterThan(
      10,
    )
  })

  test('together they fold every event type, not counting the feed', () => {
    const folded = new Set(readModels.flatMap((model) => model.events ?? []))
    const known = aggregates.flatMap(({ events }) => events.map(({ type }) => type))
    expect(known.filter((type) => !folded.has(type))).toEqual([])
    expect(
      [...folded].filter((type) => !known.includes(type) && type !== errorDeclared.type),
      'types that no aggregate has',
    ).toEqual([])
  })

  test('names of models, queries and paths are taken once', () => {
    for (const names of [
      readModels.map(({ name }) => name),
      queries.map(({ name }) => name),
      queries.map(({ path }) => path),
    ])
      expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([])
    for (const { name, model } of queries) expect(readModels, `the model of ${name}`).toContain(model)
  })

  test('is the same for batches of 1, 7 and 1000 events', async () => {
    const whole = new Map<string, Record<string, string[]>>()
    for (const model of readModels) whole.set(model.name, await contents(model))
    for (const size of [1, 7]) {
      await models.fold(log, size)
      for (const model of readModels)
        expect(await contents(model), `${model.name} in batches of ${size}, seed ${seed}`).toEqual(
          whole.get(model.name),
        )
    }
  }, 60_000)

  test('holds the same, row for row, when its facts are written first and its rows made at the end', async () => {
    await models.fold(log)
    const live = new Map<string, Record<string, string[]>>()
    for (const model of readModels) live.set(model.name, await contents(model))
    for (const size of [7, 1000]) {
      await models.fold(log, size, { filling: true })
      for (const model of readModels)
        expect(await contents(model), `${model.name} filled in batches of ${size}, seed ${seed}`).toEqual(
          live.get(model.name),
        )
    }
  }, 60_000)

  test.each(readModels.map((model) => [model.name, model] as const))(
    '%s answers every (asOf, knownAt) as the naive fold does',
    async (_name, model) => {
      const naive = remembering(model)
      const random = seededRandom(seed)
      const instants = log.map((event) => instantOf(event.occurredAt))
      const [first, last] = [Math.min(...instants), Math.max(...instants)]
      const refusesAsOf = model.tables.some((table) => table.time === 'known-only')
      let compared = 0
      for (let n = 0; n < moments; n++) {
        const knownAt = BigInt(1 + Math.floor(random() * log.length))
        const asOf = first + Math.floor(random() * (last - first))
        for (const table of model.tables) {
          const expected = comparable(table, naiveFold(naive, table, log, refusesAsOf ? undefined : asOf, knownAt))
          const answer = await rowsAt(model, table, refusesAsOf ? { knownAt } : { asOf, knownAt })
          expect(answer, `${table.name} asOf ${asOf} knownAt ${knownAt} seed ${seed}`).toEqual(expected)
          compared += expected.length
        }
      }
      for (const table of model.tables) {
        const head = BigInt(log.length)
        const expected = comparable(
          table,
          naiveFold(naive, table, log, table.time === 'versioned' ? now : undefined, head),
        )
        expect(await rowsAt(model, table, {}), `${table.name} now, seed ${seed}`).toEqual(expected)
        expect(expected.length, `the sample history fills ${table.name}`).toBeGreaterThan(0)
      }
      expect(compared).toBeGreaterThan(0)
    },
    30_000,
  )

  test.each(queries.map((query) => [query.name, query] as const))(
    '%s answers what it declares, whatever it is asked',
    async (_name, query) => {
      const random = seededRandom(seed)
      const refusesAsOf = query.model.tables.some((table) => table.time === 'known-only')
      const asOf = instantOf(log[Math.floor(log.length / 2)]!.occurredAt)
      const past = { knownAt: BigInt(Math.floor(log.length * 0.8)), ...(!refusesAsOf && { asOf }) }
      // the first question gives only what must be given, each later one an optional filter or two as well
      const optional = Object.entries(query.params.shape).filter(([, schema]) => schema.safeParse(undefined).success)
      for (let round = 0; round <= 2 * optional.length; round++) {
        const asked = Object.entries(query.params.shape).filter(([name]) => {
          const index = optional.findIndex(([other]) => other === name)
          return index === -1 || (round > 0 && (index === round % optional.length || random() < 0.2))
        })
        const params = Object.fromEntries(
          asked.map(([name, schema]) => [name, sampleValue(schema, name, { random, instant: now })]),
        )
        for (const moment of [{}, past]) {
          const rows =
            query.kind === 'list'
              ? await models.list(query, params, moment, 100)
              : [await models.one(query, params, moment)]
          const { dealerId } = params
          if (query.owner !== 'dealerId' || dealerId === undefined) continue
          for (const row of rows)
            expect([dealerId, undefined, null], `${JSON.stringify(params)} seed ${seed}`).toContain(row?.['dealerId'])
        }
      }
    },
  )
})
