import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { openMemoryStore } from '../../src/ledger/memory/memoryStore.ts'
import type { EventStore } from '../../src/ledger/eventStore.ts'
import { importDirectory, type ImportSummary } from '../../src/runtime/import/importDirectory.ts'
import type { Finding } from '../../src/runtime/import/row.ts'
import { sellOutOf867 } from '../../src/runtime/import/x12/sellOutOf867.ts'
import { importingHandler, wholeLog } from '../support/importing.ts'
import { importable, smallChannel } from '../support/smallImport.ts'

const drops: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const drop of drops.splice(0)) await drop()
})

const isa = 'ISA*00*          *00*          *ZZ*D1             *ZZ*MAKER          *240405*1200*U*00401*000000001*0*P*>'
const heading = [
  'BPT*00*R-2024-03*20240405*01',
  'DTM*090*20240301',
  'DTM*091*20240331',
  'CUR*SE*CNY',
  'N1*DS*Hangzhou Tools*92*D1',
]
const detail = [
  'PTD*SS',
  'DTM*011*20240315',
  'N1*SN*West Lake*92*S1',
  'QTY*32*5*EA',
  'LIN**VP*DRILL-1',
  'UIT**129.5',
  'QTY*76*1*EA',
  'LIN**UP*012345678905*VP*SAW-1',
  'PTD*SS',
  'QTY*32*2',
  'LIN**SK*SAW-1',
  'UIT*EA',
  'PTD*BQ',
  'N1*RL**92*S1',
  'QTY*17*9*EA',
  'LIN**VP*DRILL-1',
]
const set = (control: string, ...segments: readonly string[]): string[] => [
  `ST*867*${control}`,
  ...segments,
  `SE*${String(segments.length + 2)}*${control}`,
]
const interchange = (...segments: readonly string[]): string =>
  [isa, 'GS*PT*D1*MAKER*20240405*1200*1*X*004010', ...segments, 'GE*1*1', 'IEA*1*000000001', ''].join('~\n')
const whole = interchange(...set('0001', ...heading, ...detail))

const sets = (text: string) => {
  const read = sellOutOf867(text)
  if ('rule' in read) throw new Error(read.rule)
  return read
}

describe('an X12 867', () => {
  it('says per outlet what was sold, brought back and left on the shelf', () => {
    const [first] = sets(whole)
    const report = {
      document_type: 'x12-867',
      dealer_id: 'D1',
      report_number: 'R-2024-03',
      revision: '0',
      reported_on: '2024-04-05',
      from: '2024-03-01',
      to: '2024-03-31',
    }
    const common = { ...report, kind: 'sold', unit: 'EA' }
    const inShop = { outlet_id: 'S1', day: '2024-03-15' }
    expect(first?.rows.map(({ values }) => values)).toEqual([
      { ...common, ...inShop, line_number: '1', sku: 'DRILL-1', quantity: '5', unit_price: '129.5', currency: 'CNY' },
      { ...common, ...inShop, line_number: '2', sku: 'SAW-1', quantity: '-1' },
      { ...common, line_number: '3', sku: 'SAW-1', quantity: '2', day: '2024-03-31' },
      { ...common, kind: 'shelf', outlet_id: 'S1', line_number: '4', sku: 'DRILL-1', quantity: '9', day: '2024-03-31' },
    ])
    expect(first?.rows[0]?.no).toBe(12)
  })

  it.each([
    ['a number that is none', 'QTY*32*5*EA', 'QTY*32*five*EA', 'QTY', 'QTY02 is a number, not five'],
    ['an unknown quantity', 'QTY*76*1*EA', 'QTY*XX*1*EA', 'QTY', 'QTY01 is'],
    ['a day that is none', 'DTM*011*20240315', 'DTM*011*20240230', 'DTM', 'a day is CCYYMMDD'],
    ['no product number', 'LIN**SK*SAW-1', 'LIN**UP*0123', 'LIN', 'no product number'],
    ['a price without a currency', 'CUR*SE*CNY', 'PER*IC', 'UIT', 'a price needs a currency'],
    ['no dealer', 'N1*DS*Hangzhou Tools*92*D1', 'N1*DS*Hangzhou Tools', 'N1', 'the id of the dealer'],
    ['no days', 'DTM*091*20240331', 'PER*IC', 'BPT', 'the days of the report'],
    ['no unit', 'UIT*EA', 'PER*IC', 'QTY', 'the quantity has no unit'],
    ['a replacement without a revision', 'BPT*00*', 'BPT*05*', 'BPT', 'needs its revision'],
    ['a lost segment', '~\nPTD*BQ', '', 'SE', 'there are'],
  ])('with %s is refused, the segment named', (_what, before, after, segment, rule) => {
    expect(whole).toContain(before)
    const other = set('0002', ...heading, ...detail)
    const [broken, sound] = sets(whole.replace(before, after).replace('GE*', `${other.join('~\n')}~\nGE*`))
    expect(broken?.fault).toMatchObject({ segment, rule: expect.stringContaining(rule) as string })
    expect(broken?.rows).toEqual([])
    expect(sound?.rows).toHaveLength(4)
  })

  it.each([
    ['no interchange', 'ST*867*1~', 'ISA'],
    ['an empty file', '', 'ISA'],
    ['a file that breaks off', whole.slice(0, whole.indexOf('IEA')), 'GE'],
    ['a set without an end', whole.replace(/SE\*\d+\*0001~\n/, ''), 'SE'],
    ['a segment between the sets', whole.replace('ST*867', 'REF*1~\nST*867'), 'REF'],
  ])('of %s is refused whole', (_what, text, segment) => {
    expect(sellOutOf867(text)).toMatchObject({ segment })
  })
})

async function importX12(
  store: EventStore,
  text: string,
): Promise<{ summary: ImportSummary; findings: readonly Finding[] }> {
  const dir = await mkdtemp(join(tmpdir(), 'x12-'))
  drops.push(() => rm(dir, { recursive: true }))
  await writeFile(join(dir, 'march.867'), text)
  const findings: Finding[] = []
  const options = { dataSet: 'x12', system: 'edi', company: 'acme', zone: 'Asia/Shanghai' } as const
  const summary = await importDirectory({ handler: importingHandler(store, { seed: 7 }) }, dir, {
    ...options,
    onFinding: (finding) => findings.push(finding),
  })
  return { summary, findings }
}

async function channel(): Promise<EventStore> {
  const store = openMemoryStore({ clock: () => Date.UTC(2026, 0, 1) })
  const outlets = [
    'outlet_id,dealer_id,name,kind,region,latitude,longitude,zone,effective_from,status',
    'S1,D1,West Lake,store,CN/ZJ,30.25,120.15,Asia/Shanghai,2024-01-01,',
    'S2,D1,Old Town,store,CN/ZJ,,,Asia/Shanghai,2024-01-01,',
    'S2,D2,Old Town,store,CN/ZJ,,,Asia/Shanghai,2024-02-01,',
    'S2,D2,Old Town,store,CN/ZJ,,,Asia/Shanghai,2024-05-01,closed',
  ]
  const { dir, drop } = await importable({ ...smallChannel, outlets })
  drops.push(drop)
  const summary = await importDirectory({ handler: importingHandler(store) }, dir, {})
  expect(summary.kinds['outlets']).toMatchObject({ documents: 4, recorded: 4, withBreach: 0, rejected: 0 })
  return store
}

describe('importing 867 files', () => {
  it('records each report once, as a recorded fact of its source', async () => {
    const store = await channel()
    const { summary, findings } = await importX12(store, whole)
    expect(findings).toEqual([])
    expect(summary.kinds['sell-out']).toMatchObject({ documents: 1, recorded: 1 })
    const again = await importX12(store, whole)
    expect(again.summary.kinds['sell-out']).toMatchObject({ documents: 1, recorded: 0, known: 1, events: 0 })
    const report = (await wholeLog(store)).find(({ type }) => type === 'SellOutReported')
    expect(report).toMatchObject({
      stream: 'sellout-D1/edi/x12-867/R-2024-03',
      source: { kind: 'import', system: 'edi', document: 'D1 R-2024-03' },
      data: { lines: [{ quantity: '5' }, { quantity: '-1' }, { quantity: '2' }], shelf: [{ onHand: '9' }] },
    })
  })

  it('keeps what breaks a rule, names a broken set by its segment, and takes the others', async () => {
    const store = await channel()
    const strange = heading.map((segment) => segment.replace('R-2024-03', 'R-2'))
    const text = interchange(
      ...set('0001', ...heading, 'PTD*SS', 'QTY*32*x*EA'),
      ...set('0002', ...strange, 'PTD*SS', 'N1*SN**92*S2', 'QTY*32*1*EA', 'LIN**VP*DRILL-1'),
    )
    const { summary, findings } = await importX12(store, text)
    expect(summary.kinds['sell-out']).toMatchObject({ recorded: 1, withBreach: 1, rejected: 1 })
    expect(findings).toMatchObject([
      {
        file: 'march.867',
        line: 10,
        code: 'import.x12',
        values: { set: '0001', segment: 'QTY' },
        consequence: 'rejected',
      },
      {
        line: 20,
        code: 'outlets.unknown',
        values: { outletId: 'S2', dealerId: 'D1' },
        consequence: 'recorded with breach',
      },
    ])
  })

  it('replaces and withdraws by revision', async () => {
    const store = await channel()
    await importX12(store, whole)
    const revised = interchange(
      ...set('0001', ...heading.map((one) => one.replace('BPT*00', 'BPT*05')), 'REF*V0*1', ...detail.slice(0, 5)),
      ...set('0002', ...heading.map((one) => one.replace('BPT*00', 'BPT*01')), 'REF*V0*2'),
    )
    const { summary } = await importX12(store, revised)
    expect(summary.kinds['sell-out']).toMatchObject({ recorded: 2, rejected: 0 })
    const log = (await wholeLog(store)).filter(({ stream }) => stream.startsWith('sellout-'))
    expect(log.map(({ type, data }) => `${type} ${String((data as { revision: number }).revision)}`)).toEqual([
      'SellOutReported 0',
      'SellOutWithdrawn 0',
      'SellOutReported 1',
      'SellOutWithdrawn 1',
    ])
  })
})
