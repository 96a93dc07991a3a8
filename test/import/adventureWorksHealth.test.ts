import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { judgeHealth } from '../../src/domain/health/judgeHealth.ts'
import type { HealthTerms } from '../../src/domain/health/model.ts'
import { usualHealthTerms } from '../../src/domain/health/usualTerms.ts'
import { openMemoryStore } from '../../src/ledger/memory/memoryStore.ts'
import { askHealth } from '../../src/projections/models/measures/askHealth.ts'
import { measuresModel } from '../../src/projections/models/measures/model.ts'
import { importDirectory } from '../../src/runtime/import/importDirectory.ts'
import { importingHandler, wholeLog } from '../support/importing.ts'
import { openReadModels, type OpenReadModels } from '../support/readModels.ts'
import { pointsFunction } from '../domain/health/plainSql.ts'

const dir = process.env['ADVENTUREWORKS_DIR'] ?? ''
const minutes = 60_000
const now = Date.UTC(2026, 0, 1)
const line = '0:0 10000:40 100000:80 500000:100'
const growth = '-0.5:0 0:50 0.5:100'
const points = (text: string) =>
  text.split(' ').map((pair) => ({ at: pair.split(':')[0] ?? '', points: pair.split(':')[1] ?? '' }))
const currencies = ['USD', 'CAD', 'GBP', 'EUR', 'AUD']

/** The data set has orders and no invoices: sales are what was ordered. */
const terms: HealthTerms = {
  ...usualHealthTerms,
  dimensions: [
    {
      code: 'sales-contribution',
      name: { en: 'Sales contribution' },
      weight: '30',
      metrics: [
        {
          metric: 'order-intake',
          weight: '60',
          scale: Object.fromEntries(currencies.map((one) => [one, points(line)])),
        },
        { metric: 'intake-growth', weight: '40', scale: points(growth) },
      ],
    },
    {
      code: 'loyalty',
      name: { en: 'Loyalty' },
      weight: '70',
      metrics: [{ metric: 'exclusive-share', weight: '100', scale: points('0:0 100:100') }],
    },
  ],
}

const plainSql = `with w as (select $1::date as a, $2::date as z, ($1::date - interval '3 months')::date as b),
  l as (select data->>'dealerId' as dealer, data->>'currency' as cur, left(occurred, 10)::date as day, (x->>'lineValue')::numeric as amount from e, jsonb_array_elements(data->'lines') x),
  s as (select dealer, cur, coalesce(sum(amount) filter (where day >= a), 0) as now, coalesce(sum(amount) filter (where day < a), 0) as before, bool_or(day >= a) as has
    from l, w where day >= b and day < z group by 1, 2),
  v as (select dealer, 60 as weight, points(now, '${line}') as p from s where has
    union all select dealer, 40, points(round((now - before) / before, 6), '${growth}') from s where before <> 0),
  m as (select dealer, weight, round(avg(p), 6) as p from v group by 1, 2)
  select dealer, round(sum(weight * p) / sum(weight), 6)::float8 as p from m group by 1`

describe.skipIf(dir === '')('the sales contribution of the dealers of AdventureWorks', () => {
  let models: OpenReadModels
  beforeAll(async () => {
    const store = openMemoryStore({ clock: () => now })
    await importDirectory({ handler: importingHandler(store) }, dir, { dataSet: 'adventureworks', onFinding: () => {} })
    const log = await wholeLog(store)
    models = await openReadModels([measuresModel], now)
    await models.fold(log, 5000, { filling: true })
    await models.pool.query('create table e(occurred text, data jsonb)')
    const orders = log.filter(({ type }) => type === 'OrderPlaced')
    for (let n = 0; n < orders.length; n += 500) {
      const rows = orders.slice(n, n + 500).map(({ occurredAt, data }) => ({ occurred: occurredAt, data }))
      const text = JSON.stringify(rows)
      await models.pool.query(
        'insert into e select * from jsonb_to_recordset($1::jsonb) as r(occurred text, data jsonb)',
        [text],
      )
    }
    await models.pool.query(pointsFunction)
  }, 20 * minutes)
  afterAll(() => models.close())

  it(
    'is what plain SQL over the orders says, to 1e-9, for every quarter',
    async () => {
      let compared = 0
      for (let quarter = 0; quarter < 13; quarter++) {
        const first = (n: number): string => new Date(Date.UTC(2011, 3 + 3 * n, 1)).toISOString().slice(0, 10)
        const [from, until] = [first(quarter), first(quarter + 1)]
        const { rows } = await models.pool.query<{ dealer: string; p: number }>(plainSql, [from, until])
        const answer = await askHealth(models.reader(measuresModel), { terms, from, until }, {}, { limit: 1000 }, now)
        const found = new Map(
          answer.dealers.map(({ dealerId, figures }) => [dealerId, judgeHealth(terms, figures).dimensions[0]?.points]),
        )
        for (const { dealer, p } of rows)
          expect(Math.abs(Number(found.get(dealer)) - p), `${dealer} ${from}`).toBeLessThanOrEqual(1e-9)
        const known = [...found].filter(([, one]) => one !== undefined)
        expect(known.length).toBe(rows.length)
        compared += rows.length
      }
      expect(compared).toBeGreaterThan(3_000)
    },
    10 * minutes,
  )
})
