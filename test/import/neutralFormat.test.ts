import { gzipSync } from 'node:zlib'
import { afterEach, describe, expect, it } from 'vitest'
import { calendarAggregate } from '../../src/domain/calendars/decide.ts'
import { openMemoryStore } from '../../src/ledger/memory/memoryStore.ts'
import type { EventStore } from '../../src/ledger/eventStore.ts'
import { importDirectory, type ImportOptions, type ImportSummary } from '../../src/runtime/import/importDirectory.ts'
import type { Finding } from '../../src/runtime/import/row.ts'
import { meta } from '../support/commandHandling.ts'
import { importingHandler, streamsOf, wholeLog } from '../support/importing.ts'
import { importable, smallChannel, type Files } from '../support/smallImport.ts'

const drops: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const drop of drops.splice(0)) await drop()
})

const memory = (): EventStore => openMemoryStore({ clock: () => Date.UTC(2026, 0, 1) })

async function imported(
  files: Files,
  store: EventStore = memory(),
  options: ImportOptions = {},
): Promise<{ summary: ImportSummary; findings: readonly Finding[]; store: EventStore }> {
  const { dir, drop } = await importable(files)
  drops.push(drop)
  const findings: Finding[] = []
  const summary = await importDirectory({ handler: importingHandler(store) }, dir, {
    ...options,
    onFinding: (finding) => findings.push(finding),
  })
  return { summary, findings, store }
}

/** The small channel with some files replaced, or lines put after its own. */
const channelWith = (files: Files): Files => ({ ...smallChannel, ...files })
const plus = (name: string, ...lines: string[]): Files => ({
  ...smallChannel,
  [name]: [...(smallChannel[name] ?? []), ...lines],
})
const brief = (findings: readonly Finding[]): string[] =>
  findings.map(({ file, line, code, consequence }) => `${file}:${line} ${code} ${consequence}`)

describe('importing the neutral format', () => {
  it('records a whole channel: nothing is rejected, and every event is a recorded fact with its document', async () => {
    const { summary, findings, store } = await imported(smallChannel)
    expect(brief(findings)).toEqual([])
    expect(summary.outcome).toBe('complete')
    expect(Object.fromEntries(Object.entries(summary.kinds).map(([kind, { recorded }]) => [kind, recorded]))).toEqual({
      territories: 1,
      dealers: 2,
      products: 3,
      'price-lists': 1,
      prices: 3,
      promotions: 1,
      'stock-openings': 2,
      orders: 3,
      shipments: 2,
      'stock-movements': 5,
      'stock-counts': 1,
      invoices: 1,
      payments: 1,
    })
    const log = await wholeLog(store)
    expect(log.length).toBe(summary.events)
    for (const { source } of log) expect(source).toMatchObject({ kind: 'import', system: 'erp' })
    const order = log.find(({ type, stream }) => type === 'OrderPlaced' && stream === 'order-O1')
    expect(order).toMatchObject({
      occurredAt: '2024-03-01T00:00:00.000+08:00[Asia/Shanghai]',
      source: { document: 'O1' },
      data: { placedVia: 'recorded', affectsStock: false, breaches: [] },
    })
    const product = log.find(({ stream }) => stream === 'product-DRILL-1')
    expect(product?.data).toMatchObject({
      description: { en: 'A drill.\nTwo speeds, "silent".' },
      attributes: { colour: 'red' },
    })
    const allocation = log.find(({ type }) => type === 'PaymentAllocated')
    expect(allocation?.data).toMatchObject({ invoiceId: 'I1', amount: '27120', invoiceOpen: '0' })
  })

  it('takes CRLF, a byte order mark and gzip as the same rows', async () => {
    const plain = await imported(smallChannel)
    const files = Object.fromEntries(
      Object.entries(smallChannel).map(([name, lines]) => [
        `${name}.csv.gz`,
        gzipSync(`\uFEFF${lines.join('\r\n').replace('drill.\nTwo', 'drill.\nTwo')}\r\n`),
      ]),
    )
    const other = await imported(files)
    expect(brief(other.findings)).toEqual([])
    expect(await streamsOf(other.store)).toEqual(await streamsOf(plain.store))
  })

  it('changes nothing when it is run again', async () => {
    const { store } = await imported(smallChannel)
    const before = await wholeLog(store)
    const { summary, findings } = await imported(smallChannel, store)
    expect(summary.events).toBe(0)
    expect(brief(findings)).toEqual([])
    expect((await wholeLog(store)).map(({ id }) => id)).toEqual(before.map(({ id }) => id))
  })

  it('records nothing in a dry run', async () => {
    const { store, summary } = await imported(smallChannel, memory(), { dryRun: true })
    expect(summary.kinds['orders']?.documents).toBe(3)
    expect(await wholeLog(store)).toEqual([])
  })
})

describe('rows that break a rule', () => {
  it.each([
    ['a quantity that is a word', 'O9,1,SAW-1,EA,many,40,40,,,', { field: 'lines.0.quantity', value: 'many' }],
    ['a negative quantity', 'O9,1,SAW-1,EA,-1,40,40,,,', { field: 'lines.0.quantity', value: '-1' }],
    ['over-precise money', 'O9,1,SAW-1,EA,1,40.1234567,40,,,', { field: 'lines.0.unitPrice', value: '40.1234567' }],
    ['a line number that is none', 'O9,first,SAW-1,EA,1,40,40,,,', { field: 'lines.0.lineNo', value: 'first' }],
  ])('rejects the document with %s, says which value, and loses no other', async (_name, line, values) => {
    const { summary, findings } = await imported({
      ...plus('orders', 'O9,D1,CNY,2024-03-09,false'),
      'order-lines': [...(smallChannel['order-lines'] ?? []), line],
    })
    expect(findings.map(({ file, line: at, code }) => `${file}:${at} ${code}`).sort()).toEqual([
      'order-lines.csv:6 import.value',
      'orders.csv:5 import.document_incomplete',
    ])
    expect(findings.find(({ code }) => code === 'import.value')?.values).toMatchObject(values)
    expect(summary.kinds['orders']).toMatchObject({ recorded: 3, rejected: 1 })
  })

  it('refuses money with more digits than its currency has', async () => {
    const { findings } = await imported(plus('payments', 'PAY2,D1,CNY,1.005,2024-05-01,'))
    expect(brief(findings)).toEqual(['payments.csv:3 import.value rejected'])
    expect(findings[0]?.values).toMatchObject({ field: 'amount', value: '1.005' })
  })

  it('records orders of unknown dealers and skus, with the breach in the event and in the report', async () => {
    const { findings, store } = await imported({
      ...plus('orders', 'O9,NOBODY,CNY,2024-03-09,false', 'O10,D1,CNY,2024-03-09,false'),
      'order-lines': [
        ...(smallChannel['order-lines'] ?? []),
        'O9,1,SAW-1,EA,1,40,40,,,',
        'O10,1,NOTHING,EA,1,40,40,,,',
      ],
    })
    expect(brief(findings)).toEqual([
      'orders.csv:5 dealers.unknown recorded with breach',
      'order-lines.csv:7 catalogue.unknown_sku recorded with breach',
    ])
    const log = await wholeLog(store)
    expect(log.find(({ stream }) => stream === 'order-O9')?.data).toMatchObject({
      breaches: [{ code: 'dealers.unknown', details: { dealerId: 'NOBODY' } }],
    })
  })

  it('records stock of unknown skus and stock below zero, and says so', async () => {
    const { findings } = await imported(
      plus('stock-movements', 'M8,receipt,NOTHING,,2024-02-06,1', 'M9,issue,DRILL-1,B,2024-02-07,4'),
    )
    expect(brief(findings).sort()).toEqual([
      'stock-movements.csv:7 catalogue.unknown_sku recorded with breach',
      'stock-movements.csv:8 stock.negative recorded with breach',
    ])
  })

  it('records facts of a closed period like others: settlement takes them as late', async () => {
    const once = await imported(smallChannel)
    const store = memory()
    const handler = importingHandler(store)
    const calendar = { calendarId: 'trade' }
    const at = '2026-01-15T00:00:00.000+08:00[Asia/Shanghai]'
    for (const [type, rest] of [
      ['DefineCalendar', { name: { en: 'Trade' }, kind: 'gregorian', zone: 'Asia/Shanghai' }],
      ['OpenYear', { year: 2024, graceDays: 0 }],
      ['ClosePeriod', { periodId: '2024-Q1' }],
    ] as const) {
      const command = { type, ...calendar, ...rest } as Parameters<typeof calendarAggregate.decide>[0]
      expect(await handler.execute(calendarAggregate, command, meta({ at }))).toMatchObject({ ok: true })
    }
    const { findings } = await imported(smallChannel, store)
    expect(brief(findings)).toEqual([])
    const streams = await streamsOf(store)
    expect(streams.filter((line) => !line.startsWith('calendar-'))).toEqual(await streamsOf(once.store))
    expect(streams.some((line) => line.includes('PeriodClosed'))).toBe(true)
  })

  it('takes a document that comes twice once, and reports one that comes back changed as a conflict', async () => {
    const once = await imported(smallChannel)
    const twice = await imported(plus('stock-movements', 'M1,issue,DRILL-1,A,2024-02-01,3'))
    expect(brief(twice.findings)).toEqual([])
    expect(twice.summary.kinds['stock-movements']).toMatchObject({ recorded: 5, known: 1 })
    expect(await streamsOf(twice.store)).toEqual(await streamsOf(once.store))

    const changed = channelWith({
      'stock-movements': (smallChannel['stock-movements'] ?? []).map((line) => line.replace('M2,receipt', 'M2,issue')),
      'order-lines': (smallChannel['order-lines'] ?? []).map((line) =>
        line.replace('O3,1,DRILL-1,EA,1', 'O3,1,DRILL-1,EA,2'),
      ),
    })
    const { findings, summary, store } = await imported(changed, once.store)
    expect(brief(findings)).toEqual([
      'orders.csv:4 import.conflict conflict',
      'stock-movements.csv:3 import.conflict conflict',
    ])
    expect(summary.events).toBe(0)
    expect(await streamsOf(store)).toEqual(await streamsOf(twice.store))
  })
})

describe('files that cannot be read', () => {
  it.each<[string, Files, string]>([
    [
      'an unknown column',
      { payments: ['payment_id,dealer_id,currency,amount,received_on,colour', 'PAY1,D1,CNY,1,2024-04-01,red'] },
      'payments.csv:1 import.columns rejected',
    ],
    [
      'a missing column',
      { payments: ['payment_id,dealer_id,currency,amount', 'PAY1,D1,CNY,1'] },
      'payments.csv:1 import.columns rejected',
    ],
    [
      'UTF-16',
      { 'payments.csv': Buffer.from(`\uFEFF${(smallChannel['payments'] ?? []).join('\n')}`, 'utf16le') },
      'payments.csv:1 import.encoding rejected',
    ],
    ['a name of no kind', { payment: ['a,b', '1,2'] }, 'payment.csv:1 import.file_unknown rejected'],
  ])('refuses the import before anything is recorded for %s', async (_name, files, expected) => {
    const { payments: _payments, ...others } = smallChannel
    const { summary, findings, store } = await imported({ ...others, ...files })
    expect(brief(findings)).toEqual([expected])
    expect(summary.outcome).toBe('refused')
    expect(await wholeLog(store)).toEqual([])
  })

  it('refuses orders without the file of their lines', async () => {
    const { 'order-lines': _lines, ...others } = smallChannel
    const { findings } = await imported(others)
    expect(brief(findings)).toEqual(['orders.csv:1 import.file_missing rejected'])
  })

  it('rejects a row in Latin-1 alone', async () => {
    const lines = smallChannel['dealers'] ?? []
    const latin = Buffer.from('D3,M\xFCller,,distributor,DE,DE/Bayern,Europe/Berlin,EUR,1,,,,2024-01-01\n', 'latin1')
    const after = Buffer.from('D4,Schmidt,,distributor,DE,DE/Bayern,Europe/Berlin,EUR,1,,,,2024-01-01\n')
    const { findings, summary } = await imported(
      channelWith({ dealers: Buffer.concat([Buffer.from(`${lines.join('\n')}\n`), latin, after]) }),
    )
    expect(brief(findings)).toEqual(['dealers.csv:4 import.encoding rejected'])
    expect(summary.kinds['dealers']).toMatchObject({ recorded: 3, rejected: 1 })
  })

  it('rejects a row with a field too many and one with a quotation that never ends, and goes on after each', async () => {
    const { findings, summary } = await imported(
      plus(
        'payments',
        'PAY2,D1,CNY,1.00,2024-05-01,,surplus',
        '"PAY3,D1,CNY,1.00,2024-05-01,',
        'PAY4,D1,CNY,1.00,2024-05-01,',
        'PAY5,D1,CNY,1.00,2024-05-01,',
      ),
    )
    expect(brief(findings)).toEqual([
      'payments.csv:3 import.unparsable rejected',
      'payments.csv:4 import.unparsable rejected',
    ])
    expect(summary.kinds['payments']).toMatchObject({ recorded: 3, rejected: 2 })
  })

  it('keeps what stands before the break of a truncated file, but no document that may be cut', async () => {
    const lines = [...(smallChannel['order-lines'] ?? [])]
    const heads = [...(smallChannel['orders'] ?? [])]
    for (let n = 100; n < 300; n++) {
      heads.push(`O${n},D1,CNY,2024-05-01,false`)
      lines.push(
        `O${n},1,SAW-1,EA,${1 + ((n * 7919) % 9973)},40,40,,,`,
        `O${n},2,SAW-1,EA,${1 + ((n * 104_729) % 9967)},40,40,,,`,
      )
    }
    const whole = gzipSync(lines.join('\n'))
    const { 'order-lines': _lines, ...others } = smallChannel
    const { findings, summary, store } = await imported({
      ...others,
      orders: heads,
      'order-lines.csv.gz': whole.subarray(0, Math.floor(whole.length / 2)),
    })
    const log = await wholeLog(store)
    const placed = log.filter(({ type }) => type === 'OrderPlaced')
    expect(placed.length).toBe(summary.kinds['orders']?.recorded)
    expect(placed.length).toBeGreaterThan(50)
    const long = placed.filter(({ stream }) => Number(stream.slice('order-O'.length)) >= 100)
    expect(new Set(long.map(({ data }) => (data as { lines: unknown[] }).lines.length))).toEqual(new Set([2]))
    expect(findings.filter(({ code }) => code === 'import.truncated').length).toBe(1)
    const rejectedHeads = findings.filter(
      ({ file, consequence }) => file === 'orders.csv' && consequence === 'rejected',
    )
    expect(rejectedHeads.length + placed.length).toBe(heads.length - 1)

    const again = await imported({ ...others, orders: heads, 'order-lines': lines }, store)
    expect(again.summary.kinds['orders']).toMatchObject({ recorded: rejectedHeads.length, rejected: 0, conflicts: 0 })
  })
})
