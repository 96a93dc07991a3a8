import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { aggregates } from '../../../src/domain/registry.ts'
import { standingByDealer, standingOf, standingQuery } from '../../../src/domain/rebates/standing.ts'
import { basis as bases, isWithoutValue, type Terms } from '../../../src/domain/rebates/terms.ts'
import type { BasisFact } from '../../../src/domain/rebates/basisFact.ts'
import type { RecordedEvent } from '../../../src/ledger/envelope.ts'
import { createEventRegistry } from '../../../src/ledger/eventRegistry.ts'
import { openMemoryStore } from '../../../src/ledger/memory/memoryStore.ts'
import { rebatesModel } from '../../../src/projections/models/rebates/model.ts'
import { rebatesQueries, settlementRuns } from '../../../src/projections/models/rebates/queries.ts'
import { openRebateFacts } from '../../../src/projections/models/rebates/rebateFacts.ts'
import { createLedgerFacts } from '../../../src/workers/rebates/ledgerFacts.ts'
import type { RebateFacts } from '../../../src/workers/rebates/rebateFacts.ts'
import { termsWith } from '../../domain/rebates/facts.ts'
import { type HistoryEvent, openReadModels, type OpenReadModels, recordHistory } from '../../support/readModels.ts'
import { sampleHistory } from '../../support/sampleHistory.ts'
import { at, smallChannel } from '../../support/smallChannel.ts'

const [programmes, oneProgramme, versions, members, positions, lines, settlements, oneSettlement, , totals, history] =
  rebatesQueries
const tiers = [
  { from: '0', to: '500', rate: '0.01' },
  { from: '500', to: '1000', rate: '0.02' },
  { from: '1000', rate: '0.03' },
]
const terms = termsWith({ kind: 'all-units', tiers }, { calendarId: 'ACME', payer: 'ACME' })
const programme = (programmeId: string, change: Partial<typeof terms>): HistoryEvent => ({
  stream: `programme-${programmeId}`,
  type: 'RebateProgrammeActivated',
  at: at('2026-01-01T00:00'),
  data: { programmeId, companyId: 'ACME', terms: { ...terms, ...change } },
})
const period = (periodId: string, start: string, end: string): HistoryEvent => ({
  stream: 'calendar-ACME',
  type: 'PeriodOpened',
  at: at('2026-01-01T00:00'),
  data: {
    calendarId: 'ACME',
    periodId,
    grain: 'quarter',
    start: at(start),
    end: at(end),
    startInstant: Date.parse(`${start}Z`),
    endInstant: Date.parse(`${end}Z`),
    graceDays: 5,
    breaches: [],
  },
})
const dealerPeriod = { programmeId: 'ALL', companyId: 'ACME', dealerId: 'D1', currency: 'USD', periodId: '2026-Q1' }
const settled = (type: string, when: string, data: object): HistoryEvent => ({
  stream: 'settlement-ALL/D1/USD/2026-Q1',
  type,
  at: at(when),
  data: { ...dealerPeriod, ...data },
})
const own = (type: string, programmeId: string, data: object): HistoryEvent => ({
  stream: `settlement-${programmeId}/D1/USD/2026-Q1`,
  type,
  at: at('2026-01-01T00:00'),
  data: { ...dealerPeriod, programmeId, ...data },
})
const shapes = ['FAR', 'ATTAIN', 'GROWTH', 'GREW', 'FIXED', 'STEPS', 'LINEAR', 'MIX']
const calculation = {
  volume: '748.5',
  tierReached: 2,
  parts: [{ tier: 2, from: '500', to: '1000', rate: '0.02', base: '748.5', amount: '14.97' }],
  capped: '0',
  rounding: '0',
  earned: '1497',
  facts: 3,
  otherUnits: 0,
}
const calculated = (settlementNo: number, watermark: string, change: object): object => ({
  cutOff: at('2026-03-31T00:00'),
  watermark,
  settlementNo,
  kind: 'interim',
  postedIn: '2026-Q1',
  programmeVersion: 1,
  basis: 'delivered',
  measure: 'net',
  calculation,
  settled: '0',
  clawedBack: '0',
  due: '1497',
  explanationHash: 'a'.repeat(64),
  breaches: [],
  ...change,
})

const small: readonly HistoryEvent[] = [
  ...smallChannel,
  period('2026-Q1', '2026-01-01T00:00', '2026-04-01T00:00'),
  period('2026-Q2', '2026-04-01T00:00', '2026-07-01T00:00'),
  programme('ALL', {}),
  programme('BIKES', { products: { include: { categories: ['bikes'] }, exclude: { skus: ['HELMET'] } } }),
  programme('SAFETY', { products: { include: { categories: ['safety'] } } }),
  programme('ORDERED', { basis: 'ordered', returns: 'ignore' }),
  programme('UNITS', { measure: 'units', unit: 'EA' }),
  programme('GOLD', { eligibility: { kind: 'tiers', tiers: ['gold'] } }),
  programme('SILVER', { eligibility: { kind: 'tiers', tiers: ['silver'] } }),
  programme('FAR', { method: { kind: 'all-units', tiers: [{ from: '5000', rate: '0.02' }] } }),
  programme('ATTAIN', {
    method: {
      kind: 'attainment',
      tiers: [
        { from: '0.5', to: '0.9', rate: '0.01' },
        { from: '0.9', rate: '0.02' },
      ],
    },
  }),
  programme('GROWTH', {
    method: {
      kind: 'growth',
      on: 'volume',
      tiers: [
        { from: '0.25', to: '0.5', rate: '0.01' },
        { from: '0.5', rate: '0.02' },
      ],
      withoutBaseline: 'nothing',
    },
  }),
  programme('GREW', {
    method: { kind: 'growth', on: 'growth', tiers: [{ from: '100', rate: '0.01' }], withoutBaseline: 'nothing' },
  }),
  programme('FIXED', { method: { kind: 'fixed-sum', target: 'own', amount: '50' } }),
  programme('STEPS', { method: { kind: 'increment', target: '500', step: '100', amount: '5' } }),
  programme('LINEAR', {
    method: {
      kind: 'linear',
      from: { volume: '500', rate: '0.01' },
      to: { volume: '1000', rate: '0.02' },
      below: 'nothing',
    },
  }),
  programme('MIX', { method: { kind: 'mix', set: { skus: ['HELMET'] }, tiers: [{ from: '0.1', rate: '0.02' }] } }),
  ...['ATTAIN', 'GROWTH', 'GREW', 'FIXED'].flatMap((programmeId): HistoryEvent[] => [
    own('TargetSet', programmeId, { amount: '800' }),
    own('TargetRevised', programmeId, { amount: '1000', before: '800' }),
    own('BaselineFixed', programmeId, { amount: '550', breaches: [] }),
  ]),
  programme('CLUB', { basis: 'invoiced', eligibility: { kind: 'members' } }),
  {
    stream: 'programme-CLUB',
    type: 'MemberEnrolled',
    at: at('2026-01-02T00:00'),
    data: { programmeId: 'CLUB', dealerId: 'D1', from: at('2026-02-14T08:00') },
  },
  {
    stream: 'programme-CLUB',
    type: 'MemberWithdrawn',
    at: at('2026-02-20T00:00'),
    data: { programmeId: 'CLUB', dealerId: 'D1', until: at('2026-03-01T00:00') },
  },
  {
    stream: 'programme-ALL',
    type: 'RebateProgrammeAmended',
    at: at('2026-02-01T00:00'),
    data: {
      programmeId: 'ALL',
      companyId: 'ACME',
      terms: { ...terms, version: 2, effectiveFrom: at('2026-04-01T00:00') },
      retroactive: false,
    },
  },
  settled('AccrualPosted', '2026-02-28T00:00', {
    cutOff: at('2026-02-28T00:00'),
    watermark: '30',
    programmeVersion: 1,
    method: 'most-likely-amount',
    volume: '844',
    estimate: '1688',
    amount: '1688',
    balance: '1688',
  }),
  settled('AccrualReversed', '2026-03-05T00:00', { amount: '191', balance: '1497' }),
  settled('SettlementCalculated', '2026-03-06T00:00', calculated(1, '40', {})),
  settled('SettlementCalculated', '2026-03-07T00:00', calculated(2, '41', { supersedes: 1 })),
  settled('SettlementApproved', '2026-03-08T00:00', {
    settlementNo: 2,
    kind: 'interim',
    postedIn: '2026-Q1',
    amount: '1497',
  }),
  settled('AccrualReversed', '2026-03-08T00:00', { amount: '1497', balance: '0', settlementNo: 2 }),
  settled('SettlementCredited', '2026-03-08T01:00', { settlementNo: 2, creditNoteId: 'CN-R1', amount: '1497' }),
]

let models: OpenReadModels
let facts: RebateFacts
let log: readonly RecordedEvent[]

beforeAll(async () => {
  models = await openReadModels([rebatesModel], Date.UTC(2026, 2, 20))
  facts = openRebateFacts(models.reader(rebatesModel), 1000) // it is the port of the settlement worker
  log = await recordHistory(small)
  await models.fold(log)
})
afterAll(() => models.close())

describe('the rebates', () => {
  test('a position is the volume so far, the tier it reaches and what is missing to the next', async () => {
    // delivered 764 and 80, of which 95.5 came back
    expect(await models.list(positions, { programmeId: 'ALL', dealerId: 'D1' })).toEqual([
      {
        programmeId: 'ALL',
        name: { en: 'Volume rebate', 'zh-CN': '销量返利' },
        dealerId: 'D1',
        currency: 'USD',
        periodId: '2026-Q1',
        periodEnd: '2026-04-01T00:00:00.000Z',
        programmeVersion: 1,
        basis: 'delivered',
        measure: 'net',
        unit: null,
        volume: '748.5',
        target: null,
        baseline: null,
        tierReached: 2,
        rate: '0.02',
        nextTierFrom: '1000',
        nextRate: '0.03',
        gapToNextTier: '251.5',
        accrued: '0',
        settled: '1497',
        clawedBack: '0',
        awarded: '0',
        credited: '1497',
        final: false,
      },
    ])
  })

  // 748.5 in each; the dealer's own target is 1,000, its baseline 550
  test.each([
    ['FAR', 0, '0', '5000', '0.02', '4251.5'],
    ['ATTAIN', 1, '0.01', '900', '0.02', '151.5'],
    ['GROWTH', 1, '0.01', '825', '0.02', '76.5'],
    ['GREW', 1, '0.01', null, null, null],
    ['FIXED', 0, '0', '1000', null, '251.5'],
    ['STEPS', 2, '0', '800', null, '51.5'],
    ['LINEAR', 1, '0.01', '1000', '0.02', '251.5'],
    ['MIX', 0, '0', null, null, null],
  ])('what is missing to the next step of %s', async (programmeId, reached, rate, next, nextRate, gap) => {
    const [row] = await models.list(positions, { programmeId, dealerId: 'D1' })
    expect(row).toMatchObject({
      volume: '748.5',
      tierReached: reached,
      rate,
      nextTierFrom: next,
      nextRate,
      gapToNextTier: gap,
    })
  })

  test.each([
    ['BIKES', '668.5'],
    // the helmet was clothing when it was sold, and became a safety article later
    ['SAFETY', undefined],
    ['ORDERED', '884'],
    ['UNITS', '11'],
    ['GOLD', '748.5'],
    ['SILVER', undefined],
    // the credit note came when it was a member no more, and names no invoice date
    ['CLUB', '864'],
  ])('the volume of %s counts what its terms say', async (programmeId, volume) => {
    const rows = await models.list(positions, { programmeId, dealerId: 'D1' })
    expect(rows.map((row) => row['volume'])).toEqual(volume === undefined ? [] : [volume])
  })

  test('before the return the volume was higher; the other dealer has its own, in its currency', async () => {
    const before = await models.list(positions, { programmeId: 'ALL' }, { asOf: Date.UTC(2026, 1, 21) })
    expect(before.map(({ dealerId, volume, accrued }) => [dealerId, volume, accrued])).toEqual([['D1', '844', '0']])
    const ordered = await models.list(positions, { programmeId: 'ORDERED' })
    expect(ordered.map(({ dealerId, currency, volume }) => [dealerId, currency, volume])).toEqual([
      ['D1', 'USD', '884'],
      ['D2', 'CNY', '1200'],
    ])
    expect((await models.list(positions, { dealerId: 'D2' })).map(({ dealerId }) => dealerId)).toContain('D2')
    expect((await models.list(positions, { dealerId: 'D2' })).filter(({ dealerId }) => dealerId !== 'D2')).toEqual([])
  })

  test('the lines behind a position add up to it, each with its event', async () => {
    const rows = await models.list(lines, { programmeId: 'ALL', dealerId: 'D1', periodId: '2026-Q1' })
    const types = rows.map(({ eventId }) => small[Number.parseInt(String(eventId).slice(-12), 16) - 1]?.type)
    expect(rows.map(({ sku, kind, amount, saleAt }, n) => [types[n], sku, kind, amount, saleAt])).toEqual([
      ['ShipmentDelivered', 'BIKE', 'sale', '764', at('2026-02-20T08:00')],
      ['ShipmentDelivered', 'HELMET', 'sale', '80', at('2026-02-20T08:00')],
      ['GoodsReturned', 'BIKE', 'return', '-95.5', at('2026-02-20T08:00')],
    ])
  })

  test('a dealer sees the programmes that it may take part in', async () => {
    const names = async (params: object): Promise<unknown[]> =>
      (await models.list(programmes, params)).map(({ programmeId }) => programmeId)
    const everybody = ['ALL', 'BIKES', 'ORDERED', 'SAFETY', 'UNITS', ...shapes]
    expect(await names({})).toEqual([...everybody, 'CLUB', 'GOLD', 'SILVER'].toSorted())
    expect(await names({ dealerId: 'D1' })).toEqual([...everybody, 'CLUB', 'GOLD'].toSorted())
    expect(await names({ dealerId: 'D2' })).toEqual(everybody.toSorted())
    expect(await models.one(oneProgramme, { dealerId: 'D2', programmeId: 'GOLD' })).toBeUndefined()
    expect(await models.list(versions, { dealerId: 'D2', programmeId: 'GOLD' })).toEqual([])
  })

  test('versions come into force at their time, and members come and go', async () => {
    const inForce = async (asOf: number): Promise<unknown> =>
      (await models.one(oneProgramme, { programmeId: 'ALL' }, { asOf }))?.['version']
    expect([await inForce(Date.UTC(2026, 2, 1)), await inForce(Date.UTC(2026, 3, 1))]).toEqual([1, 2])
    expect((await models.list(versions, { programmeId: 'ALL' })).map(({ version }) => version)).toEqual([1, 2])
    expect(await models.list(members, { programmeId: 'CLUB' })).toEqual([])
    expect(await models.list(members, {}, { asOf: Date.UTC(2026, 1, 15) })).toEqual([
      { programmeId: 'CLUB', dealerId: 'D1', since: '2026-02-14T08:00:00.000Z' },
    ])
  })

  test('settlements stand with their calculation, and the events that made the balance', async () => {
    const rows = await models.list(settlements, { programmeId: 'ALL' })
    expect(
      rows.map(({ settlementNo, status, due, paid, creditNoteId }) => [settlementNo, status, due, paid, creditNoteId]),
    ).toEqual([
      [1, 'superseded', '1497', '0', null],
      [2, 'approved', '1497', '1497', 'CN-R1'],
    ])
    expect(await models.one(oneSettlement, { ...dealerPeriod, settlementNo: '2' })).toMatchObject({
      calculation,
      watermark: '41',
      kind: 'interim',
      approvedAt: '2026-03-08T00:00:00.000Z',
    })
    const events = await models.list(history, { programmeId: 'ALL', dealerId: 'D1' })
    expect(events.map(({ accrued, settled: paid, credited }) => [accrued, paid, credited])).toEqual([
      ['1688', '0', '0'],
      ['-191', '0', '0'],
      ['0', '0', '0'],
      ['0', '0', '0'],
      ['0', '1497', '0'],
      ['-1497', '0', '0'],
      ['0', '0', '1497'],
    ])
    expect(await models.list(totals, { programmeId: 'ALL' })).toEqual([
      {
        programmeId: 'ALL',
        currency: 'USD',
        periodId: '2026-Q1',
        dealers: 1,
        accrued: '0',
        settled: '1497',
        clawedBack: '0',
        awarded: '0',
        credited: '1497',
      },
    ])
  })

  test('how far a run has come follows from what is settled, and from who has volume', async () => {
    const run = async (moment: object): Promise<unknown> => {
      const rows = await models.list(settlementRuns, { programmeId: 'ALL', periodId: '2026-Q1' }, moment)
      return rows.map(({ dealerPeriods, settled: final, waiting }) => [dealerPeriods, final, waiting])
    }
    const withEvent = (type: string): bigint =>
      BigInt(small.findIndex((event) => event.type === type && event.stream.startsWith('settlement-ALL')) + 1)
    expect(await run({ knownAt: withEvent('SettlementCalculated') })).toEqual([[1, 0, 1]])
    // an interim: approved, and the period still open
    expect(await run({ knownAt: withEvent('SettlementApproved') })).toEqual([[1, 0, 0]])
  })

  test('the facts of a settlement rest on its watermark, not on what came after it', async () => {
    const returned = BigInt(small.findIndex(({ type }) => type === 'GoodsReturned') + 1)
    const query = (upTo: bigint) => ({
      companyId: 'ACME',
      basis: 'delivered' as const,
      from: Date.UTC(2026, 0, 1),
      until: Date.UTC(2026, 3, 1),
      upTo,
    })
    const d1 = [{ dealerId: 'D1', currency: 'USD' }]
    const nets = async (upTo: bigint): Promise<unknown[]> => (await facts.facts(query(upTo), d1)).map(({ net }) => net)
    expect((await nets(returned)).sort()).toEqual(['-95.5', '764', '80'])
    expect((await nets(returned - 1n)).sort()).toEqual(['764', '80'])
    expect(await facts.dealers(query(returned))).toEqual(d1)
    expect(await facts.dealers({ ...query(returned), companyId: 'OTHER' })).toEqual([])
    await expect(facts.facts(query(100_000n), d1)).rejects.toThrow('rebates is at')
  })

  test('the facts are those that the worker scans from the log, for every basis and watermark', async () => {
    const seed = 20260803
    // what is declared in error goes from the log's scan for good, here from its declaration on
    const sample = await recordHistory(coherent(sampleHistory(seed, 6)))
    await models.fold(sample)
    const scan = createLedgerFacts({ store: await storeOf(sample), registry: createEventRegistry(aggregates) })
    const head = BigInt(sample.length)
    const counts: Record<string, number> = {}
    for (const basis of bases.options) {
      for (const upTo of [head, head / 2n]) {
        for (const from of [Date.UTC(2026, 0, 1), Date.UTC(2026, 2, 6)]) {
          const currency = isWithoutValue(basis) ? { currency: 'USD' } : {}
          const query = { companyId: 'ACME', basis, from, until: Date.UTC(2027, 0, 1), upTo, ...currency }
          const dealers = await scan.dealers(query)
          expect(await facts.dealers(query), `${basis} ${upTo}`).toEqual(dealers)
          const expected = comparable(await scan.facts(query, dealers), upTo === head)
          expect(
            comparable(await facts.facts(query, dealers), upTo === head),
            `${basis} up to ${upTo}, seed ${seed}`,
          ).toEqual(expected)
          counts[basis] = (counts[basis] ?? 0) + expected.length
        }
      }
    }
    for (const basis of bases.options) expect(counts[basis], `${basis}, seed ${seed}`).toBeGreaterThan(2)

    // what gates look at beside the volume, folded from both
    const shared = { companyId: 'ACME', about: new Set(['evidence', 'receivable', 'evaluation'] as const) }
    const dealerIds = ['D1', 'D2']
    const found: Record<string, number> = {}
    for (const upTo of [head, head / 2n])
      for (const cutOff of [at('2026-03-10T00:00'), at('2026-03-31T00:00'), at('2026-06-01T00:00')]) {
        const period = { periodId: '2026-Q1', startInstant: Date.UTC(2026, 0, 1), endInstant: Date.UTC(2026, 3, 1) }
        const gates: Terms['gates'] = [
          { kind: 'process', evidence: 'x', count: 1 },
          { kind: 'payment', overdueDays: 1 },
          { kind: 'score', evaluation: 'x', version: 1, score: '1' },
        ]
        const request = {
          terms: { gates, graceDays: 5, calendarId: 'ACME' },
          period,
          zone: 'UTC',
          cutOff,
          watermark: upTo,
        }
        const query = standingQuery('ACME', request)!
        expect(query.about).toEqual(shared.about)
        const [read, scanned] = [await facts.standing(query, dealerIds), await scan.standing(query, dealerIds)]
        for (const dealerId of dealerIds) {
          const of = (all: typeof read) => standingOf(request, standingByDealer(all).get(dealerId) ?? [])
          expect(of(read), `${dealerId} up to ${upTo} at ${cutOff}`).toEqual(of(scanned))
        }
        for (const { about } of read) found[about] = (found[about] ?? 0) + 1
      }
    for (const about of shared.about) expect(found[about], `of ${about}`).toBeGreaterThan(0)
  })
})

/** The scan takes categories and launch dates as the head of the log has them, so they are compared there. */
function comparable(list: readonly BasisFact[], withProduct: boolean): string[] {
  return list
    .map(({ categories = [], launchedOn, ...fact }) => ({ ...fact, ...(withProduct && { categories, launchedOn }) }))
    .map((fact) => JSON.stringify(Object.entries(fact).sort(([a], [b]) => (a < b ? -1 : 1))))
    .sort()
}

async function storeOf(events: readonly RecordedEvent[]) {
  let clock = 0
  const store = openMemoryStore({ clock: () => (clock += 1) })
  for (const {
    stream,
    revision,
    position: _position,
    recordedAt: _recordedAt,
    raw: _raw,
    format: _format,
    ...event
  } of events) {
    const result = await store.append(stream, [event], { expectedRevision: revision - 1 })
    if (result.outcome !== 'appended') throw new Error(`${event.type} was not appended`)
  }
  return store
}

interface SampleTerms {
  quantity?: string | undefined
  unitPrice?: string | undefined
  lineValue?: string | undefined
  tax?: object
}
interface SampleLine extends SampleTerms {
  lineNo: number
  sku?: string
  unit?: string
  before?: SampleTerms
  after?: SampleLine
}

/** Sampled events of orders made to fit together: placed once and first, one sku per line, tax before as it was after. */
function coherent(sample: readonly HistoryEvent[]): HistoryEvent[] {
  const lines = new Map<string, Map<number, SampleLine>>()
  const fit = (line: SampleLine): SampleLine => {
    const { tax, ...rest } = line
    const sku = ['BIKE', 'HELMET', 'GLOVE'][line.lineNo % 3]!
    return {
      ...rest,
      sku,
      unit: 'EA',
      ...(line.lineNo % 2 === 1 && { tax: tax ?? { code: 'vat', rate: '0.1', amount: '1' } }),
    }
  }
  return sample.flatMap((event): HistoryEvent[] => {
    const data = event.data as { orderId?: string; lines?: SampleLine[]; changes?: SampleLine[]; lineNo?: number }
    if (event.type === 'ErrorDeclared' || event.type === 'OrderDrafted') return []
    if (!event.stream.startsWith('order-')) return [event]
    const orderId = data.orderId ?? ''
    const known = lines.get(orderId)
    const stated = (line: SampleLine): SampleLine => {
      lines.get(orderId)?.set(line.lineNo, line)
      return line
    }
    if (event.type === 'OrderPlaced') {
      if (known) return []
      lines.set(orderId, new Map())
      return [{ ...event, data: { ...data, lines: data.lines?.map(fit).map(stated) } }]
    }
    if (!known) return []
    const changed = (change: SampleLine): SampleLine => {
      const now = known.get(change.after!.lineNo)
      const { before, ...rest } = change
      const { quantity, unitPrice, lineValue } = before ?? change.after!
      return {
        ...rest,
        lineNo: change.after!.lineNo,
        ...(now && { before: { quantity, unitPrice, lineValue, ...(now.tax && { tax: now.tax }) } }),
        after: stated(fit(change.after!)),
      }
    }
    if (data.changes) {
      const once = new Map(data.changes.map((change) => [change.after!.lineNo, change]))
      const changes = [...once.values()]
        .filter(({ after }) => event.type === 'OrderAmended' || known.has(after!.lineNo))
        .map(changed)
      return changes.length > 0 ? [{ ...event, data: { ...data, changes } }] : []
    }
    if (event.type === 'PriceOverrideApproved') {
      const override = data as unknown as SampleLine
      return known.has(override.after!.lineNo) ? [{ ...event, data: changed(override) }] : []
    }
    if (!data.lines) return [event]
    const ofOrder = data.lines.filter(({ lineNo }) => known.has(lineNo))
    const fitted = ofOrder.map((line) => (line.sku === undefined ? line : fit(line)))
    return ofOrder.length > 0 ? [{ ...event, data: { ...data, lines: fitted } }] : []
  })
}
