import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openMemoryStore } from '../../../src/ledger/memory/memoryStore.ts'
import { flowQueries } from '../../../src/projections/models/channel/flowQueries.ts'
import { channelModel } from '../../../src/projections/models/channel/model.ts'
import { outletQueries } from '../../../src/projections/models/channel/outletQueries.ts'
import { sellOutQueries } from '../../../src/projections/models/channel/sellOutQueries.ts'
import { importDirectory, type ImportSummary } from '../../../src/runtime/import/importDirectory.ts'
import { importingHandler, wholeLog } from '../../support/importing.ts'
import { importable, smallChannel } from '../../support/smallImport.ts'
import { openReadModels, type OpenReadModels } from '../../support/readModels.ts'

// D1 with D2 below it, and D3, which is nobody's concern of theirs. Small enough to reckon by hand.

const [list, one, history] = outletQueries
const [reports, byMonth, evidence] = sellOutQueries
const [stock, inAndOut, edges, reporting] = flowQueries

const report =
  'dealer_id,report_number,revision,reported_on,from,to,line_number,kind,outlet_id,sku,unit,quantity,day,unit_price,currency'
const files = {
  ...smallChannel,
  dealers: [...(smallChannel['dealers'] ?? []), 'D3,Rival,,distributor,CN,CN/ZJ,Asia/Shanghai,CNY,1,,,east,2024-01-01'],
  outlets: [
    'outlet_id,dealer_id,name,kind,region,zone,effective_from,status,reason',
    'S1,D1,West Lake,store,CN/ZJ,Asia/Shanghai,2024-01-01,,',
    'S2,D2,Old Town,store,CN/ZJ,Asia/Shanghai,2024-01-01,,',
    'S3,D3,Rival store,store,CN/ZJ,Asia/Shanghai,2024-01-01,,',
    'S3,D1,Rival store,store,CN/ZJ,Asia/Shanghai,2024-06-01,,taken-over',
    'S3,D1,Rival store,store,CN/ZJ,Asia/Shanghai,2024-09-01,closed,lease-ended',
  ],
  'stock-movements': [
    'movement_id,kind,party,sku,on,quantity,end_customer',
    'M1,receipt,D1,DRILL-1,2024-03-05,20,',
    'M2,resale,D1,DRILL-1,2024-03-10,4,S1',
    'M3,resale,D1,DRILL-1,2024-03-11,2,D2',
  ],
  'stock-counts': ['count_id,party,sku,on,counted', 'C1,D1,DRILL-1,2024-03-20,13'],
  'sell-out': [
    report,
    'D1,MAR,0,2024-04-02,2024-03-01,2024-03-31,1,,S1,DRILL-1,EA,5,2024-03-15,150,CNY',
    'D1,MAR,0,2024-04-02,2024-03-01,2024-03-31,2,,S1,DRILL-1,EA,-1,2024-03-20,,',
    'D1,MAR,0,2024-04-02,2024-03-01,2024-03-31,3,,,SAW-1,EA,2,2024-03-31,,',
    'D1,MAR,0,2024-04-02,2024-03-01,2024-03-31,4,shelf,S1,DRILL-1,EA,9,2024-03-31,,',
    'D1,MAR,1,2024-04-10,2024-03-01,2024-03-31,1,,S1,DRILL-1,EA,6,2024-03-15,,',
    'D1,MAR,1,2024-04-10,2024-03-01,2024-03-31,2,shelf,S1,DRILL-1,EA,8,2024-03-31,,',
    'D2,MAR,0,2024-04-03,2024-03-01,2024-03-31,1,,S2,DRILL-1,EA,3,2024-03-09,,',
    'D3,MAR,0,2024-04-03,2024-03-01,2024-03-31,1,,S3,DRILL-1,EA,100,2024-03-09,,',
    'D3,APR,0,2024-05-03,2024-04-01,2024-04-30,,none,,,,,,,',
  ],
}
const noon = (date: string): number => Date.parse(`${date}T12:00:00Z`)
const now = noon('2024-12-31')

let summary: ImportSummary
let models: OpenReadModels
beforeAll(async () => {
  const store = openMemoryStore({ clock: () => now })
  const { dir, drop } = await importable(files)
  summary = await importDirectory({ handler: importingHandler(store) }, dir, {})
  await drop()
  models = await openReadModels([channelModel], now)
  await models.fold(await wholeLog(store))
})
afterAll(() => models.close())

const brief = (rows: readonly Record<string, unknown>[], ...columns: string[]): string[] =>
  rows.map((row) => columns.map((column) => String(row[column])).join(' '))

test('an import takes reports with their revisions whole', () => {
  expect(summary.kinds['sell-out']).toMatchObject({ documents: 5, recorded: 5, withBreach: 0 })
})

describe('outlets', () => {
  test('stand with their dealer and status at the asked instant', async () => {
    expect(await models.one(one, { outletId: 'S3' })).toMatchObject({
      dealerId: 'D1',
      status: 'closed',
      reason: 'lease-ended',
      territoryId: 'east',
      territoryVersion: 1,
    })
    expect(await models.one(one, { outletId: 'S3' }, { asOf: noon('2024-05-01') })).toMatchObject({
      dealerId: 'D3',
      status: 'open',
    })
  })

  test('are shown to a dealer with those below it, and their history for its own time', async () => {
    expect(brief(await models.list(list, { dealerId: 'D1' }), 'outletId')).toEqual(['S1', 'S2', 'S3'])
    expect(brief(await models.list(list, { dealerId: 'D2' }), 'outletId')).toEqual(['S2'])
    expect(brief(await models.list(list, { dealerId: 'D3' }), 'outletId')).toEqual([])
    expect(brief(await models.list(list, { dealerId: 'D3' }, { asOf: noon('2024-05-01') }), 'outletId')).toEqual(['S3'])
    expect(await models.one(one, { outletId: 'S2', dealerId: 'D3' })).toBeUndefined()
    const told = async (dealerId?: string) =>
      brief(await models.list(history, { outletId: 'S3', ...(dealerId && { dealerId }) }), 'change', 'dealerId')
    expect(await told()).toEqual(['registered D3', 'released D3', 'assigned D1', 'closed D1'])
    expect(await told('D3')).toEqual(['registered D3', 'released D3'])
    expect(await told('D1')).toEqual(['assigned D1', 'closed D1'])
  })
})

describe('sell-out', () => {
  test('counts by the revision that stands, as it was known and as it is', async () => {
    const columns = ['dealerId', 'outletId', 'sku', 'month', 'quantity'] as const
    expect(brief(await models.list(byMonth, { dealerId: 'D1' }), ...columns)).toEqual([
      'D1  SAW-1 2024-03 0',
      'D1 S1 DRILL-1 2024-03 6',
      'D2 S2 DRILL-1 2024-03 3',
    ])
    expect(brief(await models.list(byMonth, { dealerId: 'D1' }, { asOf: noon('2024-04-05') }), ...columns)).toEqual([
      'D1  SAW-1 2024-03 2',
      'D1 S1 DRILL-1 2024-03 4',
      'D2 S2 DRILL-1 2024-03 3',
    ])
    expect(
      brief(await models.list(reports, { dealerId: 'D1' }), 'dealerId', 'revision', 'stands', 'replacedBy'),
    ).toEqual(['D1 0 false 1', 'D1 1 true null', 'D2 0 true null'])
  })

  test('opens into the events that it is made of, and shows no price', async () => {
    const rows = await models.list(evidence, { dealerId: 'D1', party: 'D1', sku: 'DRILL-1' })
    expect(brief(rows, 'quantity')).toEqual(['5', '-1', '-5', '1', '6'])
    expect(await models.list(evidence, { dealerId: 'D2', party: 'D1', sku: 'DRILL-1' })).toEqual([])
    const { rows: held } = await models.pool.query<{ text: string }>(
      `select string_agg(f::text, '') as text from ${await schemaOf()}.sold_facts f`,
    )
    expect(held[0]?.text).not.toContain('150')
  })
})

async function schemaOf(): Promise<string> {
  const { rows } = await models.pool.query<{ nspname: string }>(
    `select nspname from pg_namespace where nspname like 'rm\\_%'`,
  )
  return rows[0]?.nspname ?? ''
}

describe('flows', () => {
  test('show the stock of each level with its coverage, and how old what it rests on is', async () => {
    const rows = await models.list(stock, { sku: 'DRILL-1', days: 30 }, { asOf: noon('2024-04-20') })
    expect(rows.map((row) => ({ ...row, stockSaidAt: undefined, sellOutReportedAt: undefined }))).toMatchObject([
      // 6 of S1 in 30 days up to 20 March, the last day of its sales: 13 pieces last 65 days
      {
        party: 'D1',
        level: 'first-tier',
        parent: 'acme',
        onHand: '13',
        coverageDays: '65',
        soldBasis: 'sell-out',
        soldQuantity: '6',
        stockAgeDays: 31,
        sellOutAgeDays: 10,
        sellOutTo: '2024-03-31',
      },
      {
        party: 'S1',
        level: 'outlet',
        parent: 'D1',
        onHand: '8',
        coverageDays: '40',
        soldTo: '2024-03-20',
        sellOutAgeDays: 10,
      },
      { party: 'acme', level: 'manufacturer', onHand: '15', soldBasis: 'delivered', sellOutReportedAt: undefined },
    ])
    const seen = async (dealerId: string) => brief(await models.list(stock, { dealerId, days: 30 }), 'party', 'sku')
    expect(await seen('D1')).toEqual(['D1 DRILL-1', 'S1 DRILL-1'])
    expect(await seen('D3')).toEqual([])
  })

  test('set what came in against what went out', async () => {
    const columns = ['party', 'sku', 'month', 'sellIn', 'passedOn', 'sellOut'] as const
    expect(brief(await models.list(inAndOut, { dealerId: 'D1' }), ...columns)).toEqual([
      'D1 DRILL-1 2024-03 2 6 6',
      'D1 SAW-1 2024-03 1 0 0',
      'D2 DRILL-1 2024-03 0 0 3',
    ])
    expect(brief(await models.list(inAndOut, { dealerId: 'D3' }), ...columns)).toEqual(['D3 DRILL-1 2024-03 0 0 100'])
  })

  test('go from the maker down to the consumer, and show a dealer what it or those below it recorded', async () => {
    const columns = ['kind', 'fromParty', 'toParty', 'sku', 'quantity'] as const
    expect(brief(await models.list(edges, { dealerId: 'D1', sku: 'DRILL-1' }), ...columns)).toEqual([
      'delivered acme D1 DRILL-1 2',
      'resold D1 D2 DRILL-1 2',
      'resold D1 S1 DRILL-1 4',
      'sold-out S1  DRILL-1 6',
      'sold-out S2  DRILL-1 3',
    ])
    expect(brief(await models.list(edges, { dealerId: 'D2', sku: 'DRILL-1' }), ...columns)).toEqual([
      'sold-out S2  DRILL-1 3',
    ])
    expect((await models.list(edges, {})).length).toBeGreaterThan(6)
  })

  test('say of whom nothing was heard, and that nothing sold is a report', async () => {
    const rows = await models.list(reporting, {}, { asOf: noon('2024-05-10') })
    const columns = ['party', 'level', 'stockAgeDays', 'sellOutTo', 'sellOutAgeDays'] as const
    expect(brief(rows, ...columns)).toEqual([
      'D1 first-tier 51 2024-03-31 30',
      'D2 second-tier null 2024-03-31 37',
      'D3 first-tier null 2024-04-30 7',
      'S1 outlet 30 2024-03-31 30',
      'S2 outlet null 2024-03-31 37',
      'S3 outlet null 2024-03-31 37',
    ])
    expect(brief(await models.list(reporting, { dealerId: 'D2' }), 'party')).toEqual(['D2', 'S2'])
  })
})
