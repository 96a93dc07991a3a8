import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Health, judgeHealth } from '../../../src/domain/health/judgeHealth.ts'
import type { HealthTerms } from '../../../src/domain/health/model.ts'
import { usualHealthTerms } from '../../../src/domain/health/usualTerms.ts'
import type { RecordedEvent } from '../../../src/ledger/envelope.ts'
import type { Moment } from '../../../src/projections/engine/ask.ts'
import { askHealth } from '../../../src/projections/models/measures/askHealth.ts'
import { measuresModel } from '../../../src/projections/models/measures/model.ts'
import { generatedLog } from '../../support/demo.ts'
import { openReadModels, type OpenReadModels } from '../../support/readModels.ts'
import { healthSql, pointsFunction } from './plainSql.ts'

const now = Date.UTC(2025, 6, 1)
const quarters = [
  ['2024-10-01', '2025-01-01'],
  ['2025-01-01', '2025-04-01'],
] as const
let log: readonly RecordedEvent[]
let models: OpenReadModels

beforeAll(async () => {
  log = await generatedLog({ until: '2025-04-08' })
  models = await openReadModels([measuresModel], now)
  await models.fold(log)
  await keepEvents()
}, 900_000)
afterAll(() => models.close())

/** The events as a table, without what was declared in error. */
async function keepEvents(): Promise<void> {
  await models.pool.query(
    `create table e(position bigint, id text, stream text, type text, occurred text, recorded text, data jsonb)`,
  )
  const wrong = new Set(
    log.flatMap(({ type, data }) => (type === 'ErrorDeclared' ? [(data as { eventId: string }).eventId] : [])),
  )
  const kept = log.filter(({ id }) => !wrong.has(id))
  for (let n = 0; n < kept.length; n += 1000) {
    const rows = kept.slice(n, n + 1000).map(({ position, id, stream, type, occurredAt, recordedAt, data }) => ({
      position: position.toString(),
      id,
      stream,
      type,
      occurred: occurredAt,
      recorded: recordedAt,
      data,
    }))
    const text = JSON.stringify(rows).replaceAll('\\u0000', '')
    await models.pool.query(
      `insert into e select * from jsonb_to_recordset($1::jsonb) as r(position bigint, id text, stream text, type text, occurred text, recorded text, data jsonb)`,
      [text],
    )
  }
  await models.pool.query(pointsFunction)
}

async function judged(
  [from, until]: readonly [string, string],
  terms: HealthTerms = usualHealthTerms,
  moment: Moment = {},
): Promise<ReadonlyMap<string, Health>> {
  const question = { terms, from, until }
  const { dealers } = await askHealth(models.reader(measuresModel), question, moment, { limit: 1000 }, now)
  return new Map(dealers.map(({ dealerId, figures }) => [dealerId, judgeHealth(terms, figures)]))
}

interface PlainRow {
  readonly dealer: string
  readonly dims: number
  readonly index: number | null
  readonly confidence: number
  readonly parts: Readonly<Record<string, number>>
}

describe('the health index of the demonstration channel', () => {
  test.each(quarters)(
    'is what plain SQL over the events says, to 1e-9, for every dealer of the quarter from %s to %s',
    async (from, until) => {
      const found = await judged([from, until])
      const { rows } = await models.pool.query<PlainRow>(healthSql, [from, until])
      expect(rows.length).toBeGreaterThan(20)
      let full = 0
      for (const { dealer, dims, index, confidence, parts } of rows) {
        const health = found.get(dealer)
        expect(health, `of ${dealer}`).toBeDefined()
        if (!health) continue
        for (const [n, { code, points }] of health.dimensions.entries())
          expect(near(points, parts[String(n + 1)]), `${dealer} ${code}: ${points} and ${parts[String(n + 1)]}`).toBe(
            true,
          )
        expect(near(health.index, index ?? undefined), `${dealer}: ${health.index} and ${index}`).toBe(true)
        expect(near(health.confidence, confidence), `${dealer}: ${health.confidence} and ${confidence}`).toBe(true)
        if (dims === 5) full += 1
      }
      const known = new Set(rows.map(({ dealer }) => dealer))
      const others = [...found].filter(([dealer]) => !known.has(dealer))
      expect(others.filter(([, { index }]) => index !== undefined)).toEqual([])
      expect(full, 'dealers with all five dimensions').toBeGreaterThan(10)
    },
    300_000,
  )

  test('of a past quarter is unchanged by what came later, when it is asked as it was known then', async () => {
    const [past, later] = quarters
    const knownAt = log.findLast(({ recordedAt }) => recordedAt.slice(0, 10) < '2025-01-16')?.position ?? 0n
    const then = await judged(past, usualHealthTerms, { knownAt })
    const alone = await openReadModels([measuresModel], now)
    try {
      await alone.fold(log.filter(({ position }) => position <= knownAt))
      const question = { terms: usualHealthTerms, from: past[0], until: past[1] }
      const { dealers } = await askHealth(alone.reader(measuresModel), question, {}, { limit: 1000 }, now)
      expect(new Map(dealers.map((one) => [one.dealerId, judgeHealth(usualHealthTerms, one.figures)]))).toEqual(then)
    } finally {
      await alone.close()
    }
    expect(then).not.toEqual(await judged(later))
  }, 300_000)

  test('with other weights changes only where they are used', async () => {
    const heavier: HealthTerms = {
      ...usualHealthTerms,
      dimensions: usualHealthTerms.dimensions.map((one) => {
        if (one.code === 'loyalty') return { ...one, weight: '25' }
        return one.code === 'sales-contribution' ? { ...one, weight: '25' } : one
      }),
    }
    const [usual, other] = [await judged(quarters[1]), await judged(quarters[1], heavier)]
    let moved = 0
    for (const [dealer, { index, dimensions, matrix }] of usual) {
      const changed = other.get(dealer)
      expect(changed?.matrix, `of ${dealer}`).toEqual(matrix)
      expect(changed?.dimensions.map(({ code, points, metrics }) => ({ code, points, metrics }))).toEqual(
        dimensions.map(({ code, points, metrics }) => ({ code, points, metrics })),
      )
      if (changed?.index !== index) moved += 1
    }
    expect(moved).toBeGreaterThan(10)
  }, 300_000)
})

function near(text: string | undefined, plain: number | undefined): boolean {
  if (text === undefined || plain === undefined) return text === undefined && plain === undefined
  return Math.abs(Number(text) - plain) <= 1e-9
}
