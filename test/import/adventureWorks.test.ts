import { createReadStream } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { createGunzip } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { formatDecimal, parseDecimal } from '../../src/domain/kernel/decimal.ts'
import { StoreUnavailable, type EventStore } from '../../src/ledger/eventStore.ts'
import type { RecordedEvent } from '../../src/ledger/envelope.ts'
import { openMemoryStore } from '../../src/ledger/memory/memoryStore.ts'
import { openPostgresStore } from '../../src/ledger/postgres/postgresStore.ts'
import { inventoryModel } from '../../src/projections/models/inventory/model.ts'
import { inventoryQueries } from '../../src/projections/models/inventory/queries.ts'
import { importDirectory, type ImportSummary } from '../../src/runtime/import/importDirectory.ts'
import type { Finding } from '../../src/runtime/import/row.ts'
import { freshDatabase } from '../support/database.ts'
import { faultyStore } from '../support/faultyStore.ts'
import { importingHandler, streamsOf, wholeLog } from '../support/importing.ts'
import { openReadModels } from '../support/readModels.ts'
import { seededRandom } from '../support/seededRandom.ts'

const dir = process.env['ADVENTUREWORKS_DIR'] ?? ''
const minutes = 60_000

interface Version {
  readonly key: string
  readonly sku: string
  readonly from: string
  readonly price: string
}

/** The lines of a file of the data set; none of the columns read here holds a quotation mark. */
async function* linesOf(file: string): AsyncGenerator<readonly string[]> {
  const source = createReadStream(join(dir, file))
  let isHeader = true
  for await (const line of createInterface({ input: file.endsWith('.gz') ? source.pipe(createGunzip()) : source })) {
    if (!isHeader) yield line.split(',')
    isHeader = false
  }
}

describe.skipIf(dir === '')('AdventureWorks end to end', () => {
  let store: EventStore
  let log: readonly RecordedEvent[]
  let summary: ImportSummary
  const findings: Finding[] = []
  const ofType = (type: string): RecordedEvent[] => log.filter((event) => event.type === type)
  const count = (code: string, file?: string): number =>
    findings.filter((finding) => finding.code === code && (file === undefined || finding.file === file)).length

  beforeAll(async () => {
    store = openMemoryStore({ clock: () => Date.UTC(2026, 0, 1) })
    summary = await importDirectory({ handler: importingHandler(store) }, dir, {
      dataSet: 'adventureworks',
      onFinding: (finding) => findings.push(finding),
    })
    log = await wholeLog(store)
  }, 10 * minutes)

  it('records every order, with the sales of each currency to the digit', () => {
    interface Order {
      readonly dealerId: string
      readonly currency: string
      readonly affectsStock: boolean
      readonly lines: readonly { readonly lineValue: string }[]
    }
    const orders = ofType('OrderPlaced').map(({ data }) => data as Order)
    expect(orders.length).toBe(3_796)
    expect(orders.reduce((sum, { lines }) => sum + lines.length, 0)).toBe(60_855)
    expect(new Set(orders.map(({ dealerId }) => dealerId)).size).toBe(635)
    expect(orders.filter(({ affectsStock }) => affectsStock)).toEqual([])
    expect(ofType('ShipmentDispatched').length).toBe(3_796)
    expect(ofType('ShipmentDispatched').filter(({ data }) => (data as Order).affectsStock)).toEqual([])
    const sales = new Map<string, bigint>()
    for (const { currency, lines } of orders)
      for (const { lineValue } of lines) sales.set(currency, (sales.get(currency) ?? 0n) + parseDecimal(lineValue))
    expect(Object.fromEntries([...sales].map(([currency, value]) => [currency, formatDecimal(value)]))).toEqual({
      USD: '57724791.4733',
      CAD: '14377925.5965',
      GBP: '4279008.8266',
      EUR: '2474535.7092',
      AUD: '1594335.3767',
    })
  })

  it('reports what is unclean, row by row, and rejects nothing', () => {
    expect(summary.outcome).toBe('complete')
    expect(findings.filter(({ consequence }) => consequence === 'rejected' || consequence === 'conflict')).toEqual([])
    expect(summary.findings).toEqual(
      Object.fromEntries([...new Set(findings.map(({ code }) => code))].map((code) => [code, count(code)])),
    )
    expect(count('import.period_reversed', 'products.csv')).toBe(200)
    expect(count('import.price_missing', 'products.csv')).toBe(211)
    expect(count('import.before_validity', 'order-lines.csv.gz')).toBe(36_301)
    expect(count('pricing.no_price', 'order-lines.csv.gz')).toBe(25_733)
    expect(count('import.negative_balance', 'stock-movements.csv.gz')).toBe(3_319)
    const mismatches = findings.filter(({ code }) => code === 'orders.line_value_mismatch')
    expect(mismatches.length).toBe(378)
    expect(new Set(mismatches.map(({ values }) => values['difference']?.replace('-', '')))).toEqual(new Set(['0.0001']))
  })

  it('publishes the 395 priced versions once per currency, each until the next version of its sku', async () => {
    const versions: Version[] = []
    for await (const [key = '', sku = '', ...rest] of linesOf('products.csv')) {
      const line = rest.join(',')
      // names hold commas inside quotation marks: the prices and dates are found by their shape
      const [, price = '', from = ''] = /,\d+\.\d{4},(\d+\.\d{4}),\d+\.\d{4},(\d{4}-\d\d-\d\d),/.exec(line) ?? []
      versions.push({ key, sku, from, price })
    }
    const priced = versions.filter(({ price }) => price !== '')
    expect(priced.length).toBe(395)
    const expected = priced.flatMap(({ sku, from, price }) => {
      const [next] = versions.flatMap((other) => (other.sku === sku && other.from > from ? [other.from] : [])).sort()
      return ['AUD', 'CAD', 'EUR', 'GBP', 'USD'].map((currency) =>
        [`dealer-${currency.toLowerCase()}`, sku, currency, formatDecimal(parseDecimal(price)), from, next ?? ''].join(
          ' ',
        ),
      )
    })
    const published = ofType('PriceChanged').map(({ data }) => {
      const price = data as Record<string, string>
      return [
        price['listId'],
        price['sku'],
        price['currency'],
        price['newPrice'],
        price['effectiveAt']?.slice(0, 10),
        price['effectiveUntil']?.slice(0, 10) ?? '',
      ].join(' ')
    })
    expect(published.sort()).toEqual(expected.sort())
  })

  it('says for every product version and day the stock that the data set says', { timeout: 10 * minutes }, async () => {
    expect(ofType('StockOpened').length).toBe(606)
    expect(new Set([...ofType('StockReceived'), ...ofType('StockIssued')].map(rowOf)).size).toBe(30_433)
    const models = await openReadModels([inventoryModel], Date.UTC(2026, 0, 1))
    try {
      await models.fold(log.filter(({ stream }) => stream.startsWith('stock-')))
      const days = inventoryQueries.find(({ name }) => name === 'inventory.days')
      if (!days) throw new Error('there is no inventory.days')
      const wanted = new Map<string, Map<string, string>>()
      let first = '9999'
      let last = ''
      for await (const [day = '', key = '', sku = '', , , balance = ''] of linesOf('stock-movements.csv.gz')) {
        const ofSku = wanted.get(sku) ?? new Map<string, string>()
        wanted.set(sku, ofSku)
        ofSku.set(`${key} ${day}`, balance)
        if (day < first) first = day
        if (day > last) last = day
      }
      let compared = 0
      const wrong: string[] = []
      for (const [sku, expected] of wanted) {
        const rows = await models.list(days, { sku, from: first, to: last }, {}, 10_000)
        const answered = new Map(rows.map((row) => [`${String(row['lot'])} ${String(row['day'])}`, row['onHand']]))
        for (const [name, balance] of expected) {
          if (answered.get(name) !== balance)
            wrong.push(`${sku} ${name}: ${String(answered.get(name))}, not ${balance}`)
          compared += 1
        }
      }
      expect(wrong).toEqual([])
      expect(compared).toBe(776_286)
    } finally {
      await models.close()
    }
  })

  it('changes nothing when it is imported again', { timeout: 10 * minutes }, async () => {
    const head = await store.head()
    const again = await importDirectory({ handler: importingHandler(store, { seed: 2 }) }, dir, {
      dataSet: 'adventureworks',
    })
    expect(again.events).toBe(0)
    expect(again.findings).toEqual(summary.findings)
    expect(await store.head()).toBe(head)
  })

  it('writes the same streams on PostgreSQL, through kills at random moments', { timeout: 15 * minutes }, async () => {
    const random = seededRandom(20_101_228)
    const database = await freshDatabase()
    const postgres = await openPostgresStore({ connection: database.url, unsafeForTests: true })
    try {
      let deaths = 0
      for (let seed = 3; deaths < 2; seed++) {
        let left = 1 + Math.floor(random() * 6_000)
        const after = random() < 0.5
        // from that append on nothing of this process works any more
        const dying = faultyStore(postgres, () => ((left -= 1) > 0 ? 'none' : left === 0 && after ? 'after' : 'before'))
        const died = await importDirectory({ handler: importingHandler(dying, { seed }) }, dir, {
          dataSet: 'adventureworks',
        }).then(
          () => false,
          (error: unknown) => error instanceof StoreUnavailable,
        )
        expect(died).toBe(true)
        deaths += 1
      }
      const finished = await importDirectory({ handler: importingHandler(postgres, { seed: 99 }) }, dir, {
        dataSet: 'adventureworks',
      })
      expect(finished.findings).toEqual(summary.findings)
      const [here, there] = [await streamsOf(store), await streamsOf(postgres)]
      expect(there.length).toBe(here.length)
      const different = there.findIndex((line, index) => line !== here[index])
      expect(different === -1 ? undefined : [there[different], here[different]]).toBeUndefined()
    } finally {
      await postgres.close()
      await database.drop()
    }
  })

  afterAll(() => store.close())
})

/** The row of the stock file that a movement came from: its goods in and its goods out are two events. */
function rowOf({ source }: RecordedEvent): string {
  return source.document ?? ''
}
