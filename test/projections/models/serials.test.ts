import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openMemoryStore } from '../../../src/ledger/memory/memoryStore.ts'
import { serialsModel } from '../../../src/projections/models/serials/model.ts'
import { serialsQueries } from '../../../src/projections/models/serials/queries.ts'
import { importDirectory, type ImportSummary } from '../../../src/runtime/import/importDirectory.ts'
import type { Finding } from '../../../src/runtime/import/row.ts'
import { importingHandler, wholeLog } from '../../support/importing.ts'
import { importable, smallChannel } from '../../support/smallImport.ts'
import { openReadModels, type OpenReadModels } from '../../support/readModels.ts'

// A pallet with two cases goes to D1; D2 stands below it, D3 does not.

const [list, one, trace, scans, ofGoods] = serialsQueries
const files = {
  ...smallChannel,
  dealers: [...(smallChannel['dealers'] ?? []), 'D3,Rival,,distributor,CN,CN/ZJ,Asia/Shanghai,CNY,1,,,east,2024-01-01'],
  serials: [
    'serial,kind,sku,children,packed_into,on',
    'P,pallet,,C1|C2,,2024-03-01',
    'C1,case,DRILL-1,A|B,P,2024-03-01',
    'C2,case,DRILL-1,X,P,2024-03-01',
    'A,item,DRILL-1,,C1,2024-03-01',
    'B,item,DRILL-1,,C1,2024-03-01',
    'X,item,DRILL-1,,C2,2024-03-01',
    'BAD,item,,,,2024-03-01',
  ],
  'serial-moves': [
    'move_id,kind,serial,dealer_id,shipment_id,transfer_id,reason,on',
    '1,ship,P,D1,SH-1,,,2024-03-05',
    '2,receive,P,D1,,,,2024-03-08',
    '3,take-out,C2,,,,split,2024-03-09',
    '4,ship,A,D3,,,,2024-04-01',
    '5,lend,B,D1,,,,2024-04-01',
    '6,unpack,P,,,,,2024-04-02',
  ],
  scans: [
    'scan_id,serial,role,on,region,latitude,longitude,accuracy_metres,device,dealer_id',
    'S1,X,inspector,2024-03-06T10:00:00.000+08:00[Asia/Shanghai],CN/HB,30.59,114.305,20,dev-1,',
    'S2,A,dealer,2024-03-10,CN/ZJ,,,,,D1',
    'S3,GHOST,consumer,2024-03-11,CN/ZJ,30.25,120.15,1500,,',
    'S4,X,inspector,2024-03-02,CN/ZJ,,,,,',
    'S5,A,inspector,2024-04-03,CN/ZJ,,,,,',
  ],
}
const noon = (date: string): number => Date.parse(`${date}T12:00:00Z`)
const now = noon('2024-12-31')
const findings: Finding[] = []
let summary: ImportSummary
let models: OpenReadModels
beforeAll(async () => {
  const store = openMemoryStore({ clock: () => now })
  const { dir, drop } = await importable(files)
  const onFinding = (finding: Finding): unknown => findings.push(finding)
  summary = await importDirectory({ handler: importingHandler(store) }, dir, { onFinding })
  await importDirectory({ handler: importingHandler(store, { seed: 5 }) }, dir, {})
  await drop()
  models = await openReadModels([serialsModel], now)
  await models.fold(await wholeLog(store))
})
afterAll(() => models.close())

const brief = (rows: readonly Record<string, unknown>[], ...columns: string[]): string[] =>
  rows.map((row) => columns.map((column) => String(row[column])).join(' '))

test('an import keeps every scan and every step, and says what is wrong with which', () => {
  expect(summary.kinds).toMatchObject({
    serials: { recorded: 6, rejected: 1 },
    'serial-moves': { recorded: 5, withBreach: 1, rejected: 1 },
    scans: { recorded: 5, withBreach: 1 },
  })
  expect(findings.map(({ file, line, code }) => `${file}:${line} ${code}`)).toEqual([
    'serials.csv:8 import.value',
    'serial-moves.csv:6 import.value',
    'serial-moves.csv:5 serials.packed',
    'serial-moves.csv:5 serials.elsewhere',
    'scans.csv:4 serials.unknown',
  ])
})

describe('a code', () => {
  test('is where its outermost container is, at every instant', async () => {
    const at = async (serial: string, date?: string) =>
      models.one(one, { serial }, date === undefined ? {} : { asOf: noon(date) })
    expect(await at('B')).toMatchObject({
      container: 'C1',
      outermost: 'P',
      place: 'dealer',
      dealerId: 'D1',
      territoryId: 'east',
      territoryVersion: 1,
    })
    expect(await at('B', '2024-03-02')).toMatchObject({ place: 'maker', dealerId: null, territoryId: null })
    expect(await at('B', '2024-03-06')).toMatchObject({ place: 'underway', dealerId: 'D1' })
    expect(await at('C2')).toMatchObject({ container: null, place: 'dealer', dealerId: 'D1' })
    expect(await at('X')).toMatchObject({ container: 'C2', outermost: 'C2', dealerId: 'D1' })
    expect(await at('A')).toMatchObject({ container: null, place: 'underway', dealerId: 'D3' })
  })

  test('is shown to the dealer that has it', async () => {
    const seen = async (dealerId: string, within?: string) =>
      brief(await models.list(list, { dealerId, ...(within && { within }) }), 'serial', 'place')
    expect(await seen('D1')).toEqual(['C2 dealer', 'P dealer'])
    expect(await seen('D1', 'P')).toEqual(['C1 dealer'])
    expect(await seen('D1', 'C1')).toEqual(['B dealer'])
    expect(await seen('D3')).toEqual(['A underway'])
    expect(await seen('D3', 'C1')).toEqual([])
    expect(await seen('D2')).toEqual([])
    expect(await models.one(one, { serial: 'B', dealerId: 'D3' })).toBeUndefined()
    expect(await models.one(one, { serial: 'B', dealerId: 'D1' })).toMatchObject({ dealerId: 'D1' })
  })

  test('has the way that it went itself and in its containers, and no step of theirs after it left them', async () => {
    const way = async (serial: string, dealerId?: string) =>
      brief(await models.list(trace, { serial, ...(dealerId && { dealerId }) }), 'serial', 'step', 'dealerId')
    const packed = (item: string, box: string) => [
      `${item} commissioned null`,
      `${box} commissioned null`,
      'P commissioned null',
    ]
    expect((await way('B')).toSorted()).toEqual(
      [...packed('B', 'C1'), 'P received D1', 'P shipped D1', 'P unpacked D1'].toSorted(),
    )
    expect((await way('X')).toSorted()).toEqual(
      [...packed('X', 'C2'), 'P shipped D1', 'P received D1', 'C2 taken-out D1'].toSorted(),
    )
    expect((await way('A')).at(-1)).toBe('A shipped D3')
    expect(await way('A', 'D3')).toEqual(['A shipped D3'])
    expect(await way('B', 'D1')).toEqual(['P shipped D1', 'P received D1', 'P unpacked D1'])
  })
})

describe('scans', () => {
  test('say where, by whom and how exactly; those of unknown codes are found by that', async () => {
    const columns = ['scanId', 'serial', 'role', 'region', 'known'] as const
    expect(brief(await models.list(scans, {}), ...columns)).toEqual([
      'S4 X inspector CN/ZJ true',
      'S1 X inspector CN/HB true',
      'S2 A dealer CN/ZJ true',
      'S3 GHOST consumer CN/ZJ false',
      'S5 A inspector CN/ZJ true',
    ])
    expect(await models.list(scans, { known: 'false' })).toMatchObject([
      { latitude: '30.25', longitude: '120.15', accuracyMetres: 1500, breaches: [{ code: 'serials.unknown' }] },
    ])
    expect(brief(await models.list(scans, { from: '2024-03-06', to: '2024-03-09' }), 'scanId')).toEqual(['S1', 'S2'])
    expect(brief(await models.list(scans, { dealerId: 'D1' }), 'scanId')).toEqual(['S2'])
    expect(await models.list(scans, { dealerId: 'D3' })).toEqual([])
  })

  test('stand beside whom the goods had been sent to when they were seen, with the territory of then', async () => {
    const columns = ['scanId', 'place', 'dealerId', 'territoryId', 'scannedBy'] as const
    expect(brief(await models.list(ofGoods, {}), ...columns)).toEqual([
      'S4 maker null null null',
      'S1 underway D1 east null',
      'S2 dealer D1 east D1',
      'S3 maker null null null',
      'S5 underway D3 east null',
    ])
    expect(brief(await models.list(ofGoods, { dealerId: 'D1' }), 'scanId')).toEqual(['S1', 'S2'])
  })
})
