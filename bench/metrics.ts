import type pg from 'pg'
import { metrics as registry } from '../src/domain/metrics/registry.ts'
import { createMemoryKeyStore } from '../src/ledger/personal/memoryKeyStore.ts'
import { openPostgresStore } from '../src/ledger/postgres/postgresStore.ts'
import { openReader } from '../src/projections/engine/ask.ts'
import { projectionPool } from '../src/projections/engine/projectionPool.ts'
import { askMetrics } from '../src/projections/models/measures/askMetrics.ts'
import { measuresModel } from '../src/projections/models/measures/model.ts'
import { generateDemo } from '../src/runtime/demo/demo.ts'
import { importDirectory } from '../src/runtime/import/importDirectory.ts'
import type { Bench, BenchRow } from './bench.ts'
import { feedModels } from './fillModels.ts'
import { openBenchHandler } from './openBenchHandler.ts'

const adventureWorks = process.env['ADVENTUREWORKS_DIR']
const until = '2025-04-30'
const [first, stop] = adventureWorks === undefined ? ['2025-01-01', '2025-04-01'] : ['2014-01-01', '2014-04-01']
const asOf = Date.parse('2027-01-01T00:00:00.000Z')

/** What somebody writes who has the log and wants twenty sums of one quarter per dealer and currency, and nothing else. */
const fromTheLog = `
  with e as materialized (select type, data::jsonb as d, left(envelope::jsonb ->> 'occurredAt', 10) as day from ledger_events
      where type in ('OrderPlaced', 'OrderLinesCancelled', 'ShipmentDispatched', 'ShipmentDelivered', 'GoodsReturned', 'InvoiceIssued', 'CreditNoteIssued', 'PaymentReceived')),
    o as (select d ->> 'orderId' as id, d ->> 'dealerId' as dealer, d ->> 'currency' as currency from e where type = 'OrderPlaced'),
    q as (select e.type, e.d, coalesce(e.d ->> 'dealerId', o.dealer) as dealer, coalesce(e.d ->> 'currency', o.currency) as currency
      from e left join o on e.type = 'OrderLinesCancelled' and o.id = e.d ->> 'orderId' where e.day >= $1 and e.day < $2),
    l as (select type, dealer, currency, (line ->> 'quantity')::numeric as quantity,
        coalesce(line ->> 'lineValue', line ->> 'value', line ->> 'net')::numeric as amount from q, jsonb_array_elements(q.d -> 'lines') line)
  select dealer, currency, ${[
    'OrderPlaced',
    'OrderLinesCancelled',
    'ShipmentDispatched',
    'ShipmentDelivered',
    'GoodsReturned',
    'InvoiceIssued',
    'CreditNoteIssued',
  ]
    .flatMap((type) =>
      ['amount', 'quantity'].map((column) => `sum(${column}) filter (where type = '${type}') as "${type} ${column}"`),
    )
    .join(', ')},
    ${['OrderPlaced', 'ShipmentDispatched', 'InvoiceIssued', 'PaymentReceived', 'GoodsReturned'].map((type) => `sum(number) filter (where type = '${type}') as "${type}"`).join(', ')},
    sum(paid) as paid
  from (select type, dealer, currency, amount, quantity, 0 as number, 0 as paid from l
    union all select type, dealer, currency, 0, 0, 1, case when type = 'PaymentReceived' then (d ->> 'amount')::numeric / 100 else 0 end from q) x group by 1, 2`

/** The same from the sums per day that the read model keeps: what somebody writes who knows its tables. */
const additive = [
  ...['ordered', 'cancelled', 'shipped', 'delivered', 'returned', 'invoiced', 'credited'].flatMap((measure) => [
    `sum(amount) filter (where measure = '${measure}') as ${measure}_amount`,
    `sum(quantity) filter (where measure = '${measure}') as ${measure}_quantity`,
  ]),
  ...['orders-placed', 'invoices', 'shipments', 'payments', 'returns'].map(
    (measure) => `sum(count) filter (where measure = '${measure}') as "${measure}"`,
  ),
  `sum(amount) filter (where measure = 'payments') as paid`,
]
const measured = [
  'ordered',
  'cancelled',
  'shipped',
  'delivered',
  'returned',
  'invoiced',
  'credited',
  'orders-placed',
  'invoices',
  'shipments',
  'payments',
  'returns',
]
const fromTheSums = (schema: string): string =>
  `select case when kind = '' then dealer_id else (select e.dealer_id from ${schema}.episodes e where e.kind = c.kind and e.id = c.doc) end as dealer, currency, unit, ${additive.join(', ')}
   from ${schema}.changes c where measure in (${measured.map((one) => `'${one}'`).join(', ')}) and day >= $1 and day < $2 group by 1, 2, 3`

/** All metrics of a quarter for all dealers, beside one SQL statement for twenty additive ones. */
export const metrics: Bench = {
  name: 'metrics',
  title: `All ${registry.length} metrics of one quarter for all dealers, beside one statement of ${additive.length} sums`,
  async run({ rounds, freshDatabase, log }) {
    const database = await freshDatabase()
    const store = await openPostgresStore({ connection: database.url })
    const pool = projectionPool({ connectionString: database.url, max: 2 })
    try {
      if (adventureWorks === undefined)
        await generateDemo({ target: { store, keyStore: createMemoryKeyStore(), kek: Buffer.alloc(32, 7) }, until })
      else {
        const handler = openBenchHandler(store)
        await importDirectory({ handler }, adventureWorks, { dataSet: 'adventureworks' })
        await handler.idle()
      }
      const { seconds } = await feedModels(database, store, [measuresModel])
      const events = Number(await store.head())
      log(`${events} events, read model fed in ${seconds.toFixed(1)} s`)
      const rows = await timesOf(pool, Math.max(rounds * 5, 15))
      return rows.map((row) => ({ events, ...row }))
    } finally {
      await pool.end()
      await store.close()
      await database.drop()
    }
  },
}

async function timesOf(pool: pg.Pool, rounds: number): Promise<readonly BenchRow[]> {
  const { rows: schemas } = await pool.query<{ nspname: string }>(
    `select nspname from pg_namespace where nspname like 'rm\\_measures\\_%'`,
  )
  await pool.query('analyze')
  const reader = openReader(pool, measuresModel, () => asOf)
  const hand = (sql: string) => async (): Promise<number> => (await pool.query(sql, [first, stop])).rows.length
  const ask = (by: readonly ['dealer'] | readonly []) => async (): Promise<number> => {
    const question = { metrics: registry, by, from: first, until: stop, filters: {} }
    return (await askMetrics(reader, question, {}, { limit: 10_000 }, asOf)).values.length
  }
  const subjects = [
    { what: `hand-written over the log, ${additive.length} sums`, run: hand(fromTheLog) },
    {
      what: `hand-written over sums per day, ${additive.length} sums`,
      run: hand(fromTheSums(schemas[0]?.nspname ?? '')),
    },
    { what: `${registry.length} metrics, all dealers together`, run: ask([]) },
    { what: `${registry.length} metrics of each dealer`, run: ask(['dealer']) },
  ].map((subject) => ({ ...subject, times: [] as number[], figures: 0 }))
  for (let round = 0; round <= rounds; round++)
    for (const subject of subjects) {
      const start = performance.now()
      subject.figures = await subject.run()
      if (round > 0) subject.times.push(performance.now() - start) // the first warms up
    }
  const [log = Number.NaN, sums = Number.NaN] = subjects.map(({ times }) => median(times))
  return subjects.map(({ what, times, figures }) => ({
    what,
    'median ms': median(times).toFixed(1),
    rows: figures,
    '× log': (median(times) / log).toFixed(2),
    '× sums': (median(times) / sums).toFixed(2),
  }))
}

function median(times: readonly number[]): number {
  return times.toSorted((a, b) => a - b)[Math.floor((times.length - 1) / 2)] ?? Number.NaN
}
