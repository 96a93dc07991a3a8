import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { parse } from 'csv-parse/sync'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { calendarAggregate } from '../../src/domain/calendars/decide.ts'
import { periodById } from '../../src/domain/calendars/periodOf.ts'
import type { Period } from '../../src/domain/calendars/state.ts'
import { businessTime } from '../../src/domain/kernel/businessTime.ts'
import type { Aggregate } from '../../src/domain/kernel/decider.ts'
import { formatDecimal, parseDecimal } from '../../src/domain/kernel/decimal.ts'
import type { OrderEvent } from '../../src/domain/orders/events.ts'
import type { BasisFact } from '../../src/domain/rebates/basisFact.ts'
import { basisEventTypes, basisFacts, type Logged } from '../../src/domain/rebates/basisFacts.ts'
import type { SettlementEvent } from '../../src/domain/rebates/events.ts'
import { explanationText, type ExplanationNode } from '../../src/domain/rebates/explanation.ts'
import { factsOf } from '../../src/domain/rebates/factsOf.ts'
import { programmeAggregate } from '../../src/domain/rebates/programme.ts'
import { settle } from '../../src/domain/rebates/settle.ts'
import type { Terms } from '../../src/domain/rebates/terms.ts'
import { aggregates } from '../../src/domain/registry.ts'
import type { RecordedEvent } from '../../src/ledger/envelope.ts'
import { createEventRegistry } from '../../src/ledger/eventRegistry.ts'
import type { EventStore } from '../../src/ledger/eventStore.ts'
import { openMemoryStore } from '../../src/ledger/memory/memoryStore.ts'
import { createMemorySnapshots } from '../../src/ledger/snapshots.ts'
import { importDirectory } from '../../src/runtime/import/importDirectory.ts'
import type { WorkerPorts } from '../../src/workers/ports.ts'
import { createMemoryProgressStore } from '../../src/workers/progress/memoryProgressStore.ts'
import { ledgerSources } from '../../src/workers/ledgerSources.ts'
import { settleProgramme, type SettledProgramme } from '../../src/workers/rebates/settleProgramme.ts'
import { meta } from '../support/commandHandling.ts'
import { importingHandler, wholeLog } from '../support/importing.ts'

const dir = process.env['ADVENTUREWORKS_DIR'] ?? ''
const minutes = 60_000
const day = 86_400_000
const begin = '2010-01-01T00:00:00.000Z[UTC]'
const now = Date.UTC(2026, 0, 1)
const companyId = 'adventure-works'
const calendarId = 'GREGORIAN-UTC'
const quarters = [2010, 2011, 2012, 2013].flatMap((year) => [1, 2, 3, 4].map((quarter) => `${year}-Q${quarter}`))
const registry = createEventRegistry(aggregates)

/** 1 % from the first unit of money, 2 % from 50,000, 3 % from 150,000, each quarter. */
const termsOf = (kind: 'marginal' | 'all-units' | 'rolling' | 'total'): Terms => ({
  version: 1,
  name: { en: `Quarterly volume, ${kind}` },
  payer: companyId,
  effectiveFrom: begin,
  eligibility: { kind: 'all' },
  products: {},
  basis: 'ordered',
  measure: 'net',
  returns: 'deduct',
  calendarId,
  grain: 'quarter',
  method: {
    kind,
    tiers: [
      { from: '0', to: '50000', rate: '0.01' },
      { from: '50000', to: '150000', rate: '0.02' },
      { from: '150000', rate: '0.03' },
    ],
  },
  rounding: { mode: 'half-up', level: 'settlement' },
  accrual: 'expected-value',
  outlet: 'credit_note',
  negativeInterim: 'carry',
  graceDays: 10,
  clawbackDays: 90,
})

/** What a programme earns on a volume, worked out beside the product: ten-thousandths in, millionths out. */
const second = 50_000n * 10_000n
const third = 150_000n * 10_000n
const programmes = [
  {
    programmeId: 'MARGINAL',
    terms: termsOf('marginal'),
    earns(volume: bigint): bigint {
      if (volume <= second) return volume
      if (volume <= third) return second + 2n * (volume - second)
      return second + 2n * (third - second) + 3n * (volume - third)
    },
  },
  {
    programmeId: 'ALL-UNITS',
    terms: termsOf('all-units'),
    earns: (volume: bigint): bigint => (volume >= third ? 3n : volume >= second ? 2n : 1n) * volume,
  },
  {
    programmeId: 'ROLLING',
    terms: termsOf('rolling'),
    earns(volume: bigint): bigint {
      if (volume < second) return volume
      return volume < third ? second + 2n * volume : second + 2n * third + 3n * volume
    },
  },
  {
    programmeId: 'TOTAL',
    terms: termsOf('total'),
    earns: (volume: bigint): bigint => (volume >= third ? 6n : volume >= second ? 3n : 1n) * volume,
  },
] as const

type Calculated = Extract<SettlementEvent, { type: 'SettlementCalculated' }>['data']
type Approved = Extract<SettlementEvent, { type: 'SettlementApproved' }>['data']

interface SoldLine {
  /** `SO43659 1` */
  readonly line: string
  /** `AW00000676 USD 2010-Q4` */
  readonly dealerQuarter: string
  readonly currency: string
  /** of the data set's four digits: ten-thousandths */
  readonly amount: bigint
}

describe.skipIf(dir === '')('rebates on the AdventureWorks orders', () => {
  const store: EventStore = openMemoryStore({ clock: () => now })
  const sold: readonly SoldLine[] = dir === '' ? [] : soldLines()
  const soldBy = sums(sold.map(({ dealerQuarter, amount }) => [dealerQuarter, amount]))
  const factsBy = new Map<string, BasisFact[]>()
  const runs: SettledProgramme[] = []
  let ports: WorkerPorts
  let calculated: readonly Calculated[] = []
  let approved: readonly Approved[] = []
  let writtenTypes: ReadonlySet<string>

  const of = (programmeId: string): readonly Calculated[] =>
    calculated.filter((settlement) => settlement.programmeId === programmeId)

  async function run<C extends { type: string }, E extends { type: string; data: unknown }, S, G>(
    aggregate: Aggregate<C, E, S, G>,
    command: C,
    at: string,
  ): Promise<void> {
    const outcome = await ports.handler.execute(aggregate, command, meta({ at }))
    if (!outcome.ok) throw new Error(`${command.type}: ${JSON.stringify(outcome.refusal)}`)
  }

  async function periodOf(periodId: string): Promise<Period> {
    const period = periodById(await ports.handler.load(calendarAggregate, calendarId), periodId)
    if (!period) throw new Error(`there is no period ${periodId}`)
    return period
  }

  /** Every quarter finally, two weeks after its end; `late` days after that. */
  async function settleAll(by: WorkerPorts, late = 0): Promise<SettledProgramme[]> {
    const all: SettledProgramme[] = []
    for (const periodId of quarters) {
      const at = businessTime((await periodOf(periodId)).endInstant + (14 + late) * day, 'UTC')
      for (const { programmeId } of programmes) {
        const settled = await settleProgramme(by, { programmeId, periodId, kind: 'final', at })
        if (!settled) throw new Error(`${programmeId} has no terms for ${periodId}`)
        all.push(settled)
      }
    }
    return all
  }

  beforeAll(async () => {
    await importDirectory({ handler: importingHandler(store) }, dir, { dataSet: 'adventureworks' })
    for (const event of await wholeLog(store)) keepFacts(event, factsBy)
    ports = workerPorts(store, 2)
    const name = { en: 'Gregorian' }
    await run(calendarAggregate, { type: 'DefineCalendar', calendarId, name, kind: 'gregorian', zone: 'UTC' }, begin)
    for (const year of [2010, 2011, 2012, 2013])
      await run(calendarAggregate, { type: 'OpenYear', calendarId, year, graceDays: 10 }, begin)
    for (const { programmeId, terms } of programmes) {
      await run(programmeAggregate, { type: 'DraftProgramme', programmeId, companyId, terms }, begin)
      await run(programmeAggregate, { type: 'ActivateProgramme', programmeId, version: 1 }, begin)
    }
    for (const periodId of quarters) {
      const at = businessTime((await periodOf(periodId)).endInstant + 10 * day, 'UTC')
      await run(calendarAggregate, { type: 'ClosePeriod', calendarId, periodId }, at)
    }
    const before = await store.head()
    runs.push(...(await settleAll(ports)))
    const written = (await wholeLog(store)).filter(({ position }) => position > before)
    const dataOf = (type: string): unknown[] => written.filter((event) => event.type === type).map(({ data }) => data)
    // their types say so
    calculated = dataOf('SettlementCalculated') as Calculated[]
    approved = dataOf('SettlementApproved') as Approved[]
    writtenTypes = new Set(written.map(({ type }) => type))
  }, 10 * minutes)

  afterAll(() => store.close())

  it('settles and approves every dealer, currency and quarter that has orders, and no other', () => {
    expect(runs.flatMap(({ refused }) => refused)).toEqual([])
    expect(writtenTypes).toEqual(new Set(['SettlementCalculated', 'SettlementApproved']))
    for (const { programmeId } of programmes) {
      const settled = of(programmeId).map(dealerQuarterOf)
      expect(settled.toSorted()).toEqual([...soldBy.keys()].toSorted())
      expect(approved.filter((one) => one.programmeId === programmeId).map(dealerQuarterOf)).toEqual(settled)
      console.info(`${programmeId}: ${settled.length} dealer-quarters settled`)
    }
    expect(
      new Set(
        calculated.map(
          ({ kind, settlementNo, due, calculation }) => `${kind} ${settlementNo} ${due === calculation.earned}`,
        ),
      ),
    ).toEqual(new Set(['final 1 true']))
    expect(new Set(calculated.map(({ dealerId }) => dealerId)).size).toBe(635)
  })

  it.each(programmes)('counts the volume of $programmeId to the digit', ({ programmeId }) => {
    const settled = of(programmeId)
    const wrong = settled.filter((one) => volumeOf(one) !== soldBy.get(dealerQuarterOf(one)))
    expect(wrong.map(dealerQuarterOf)).toEqual([])
    const byCurrency = sums(settled.map((one) => [one.currency, parseDecimal(one.calculation.volume)]))
    expect(Object.fromEntries([...byCurrency].map(([currency, volume]) => [currency, formatDecimal(volume)]))).toEqual({
      USD: '57724791.4733',
      CAD: '14377925.5965',
      GBP: '4279008.8266',
      EUR: '2474535.7092',
      AUD: '1594335.3767',
    })
  })

  it.each(programmes)('pays of $programmeId what a calculation by hand gives', ({ programmeId, earns }) => {
    const settled = of(programmeId)
    const paid = new Map(
      approved.filter((one) => one.programmeId === programmeId).map((one) => [dealerQuarterOf(one), one.amount]),
    )
    const wrong = settled.flatMap((one) => {
      // millionths to cents, half up
      const byHand = ((earns(soldBy.get(dealerQuarterOf(one)) ?? 0n) + 5_000n) / 10_000n).toString()
      const found = [one.calculation.earned, one.due, paid.get(dealerQuarterOf(one))]
      return found.every((amount) => amount === byHand) ? [] : [[dealerQuarterOf(one), byHand, ...found]]
    })
    expect(wrong).toEqual([])
    const tiers = [1, 2, 3].map((no) => settled.filter(({ calculation }) => calculation.tierReached === no).length)
    expect(Math.min(...tiers)).toBeGreaterThan(0)
    const byCurrency = sums(settled.map(({ currency, due }) => [currency, BigInt(due)]))
    const cents = [...byCurrency].map(([currency, sum]) => `${currency} ${sum}`).join(', ')
    console.info(`${programmeId}: ${tiers.join(' / ')} settlements in tiers 1 / 2 / 3; paid, in cents: ${cents}`)
  })

  it.each(programmes)(
    'explains every settlement of $programmeId down to the order lines',
    async (programme) => {
      const { programmeId, terms } = programme
      const state = await ports.handler.load(programmeAggregate, programmeId)
      const explained = new Map<string, bigint>()
      const wrong: string[] = []
      let leaves = 0
      let roundings = 0
      for (const settlement of of(programmeId)) {
        const { currency, cutOff, watermark, periodId, due, calculation, explanationHash } = settlement
        const name = dealerQuarterOf(settlement)
        const request = {
          programme: state,
          terms,
          period: await periodOf(periodId),
          cutOff,
          watermark: BigInt(watermark),
        }
        const facts = factsOf(request, factsBy.get(`${settlement.dealerId} ${currency}`) ?? [])
        const rebuilt = settle({ programmeId, terms, currency, facts: facts.toReversed(), prior: [] })
        expect(rebuilt.calculation).toEqual(calculation)
        const { explanation } = rebuilt
        if (createHash('sha256').update(explanationText(explanation)).digest('hex') !== explanationHash)
          wrong.push(`${name}: hash`)
        let sum = 0n
        for (const { code, amount, base, source } of leavesOf(explanation)) {
          sum += parseDecimal(amount)
          if (code === 'rounding') roundings += amount === '0' ? 0 : 1
          else if (code !== 'line' || !source?.orderId || base === undefined) wrong.push(`${name}: a leaf ${code}`)
          else {
            leaves += 1
            // a line that lies across tiers is several leaves
            const line = `${source.orderId} ${source.lineNo} ${name}`
            explained.set(line, (explained.get(line) ?? 0n) + parseDecimal(base))
          }
        }
        if (sum !== BigInt(due) * 10_000n)
          wrong.push(`${name}: leaves add up to ${formatDecimal(sum)}, due is ${due} cents`)
      }
      expect(wrong).toEqual([])
      expect(explained.size).toBe(60_855)
      // each line with its whole amount: once, or once in every tier that pays on all of it
      const isOnce = terms.method.kind === 'marginal' || terms.method.kind === 'all-units'
      const lost = sold.filter(({ line, dealerQuarter, amount }) => {
        const base = explained.get(`${line} ${dealerQuarter}`) ?? 0n
        const whole = amount * 100n
        return isOnce ? base !== whole : base === 0n || base % whole !== 0n || base / whole > 3n
      })
      expect(lost).toEqual([])
      // marginal tiers cut lines at their bounds, all-units never does
      expect(leaves === 60_855).toBe(terms.method.kind === 'all-units')
      expect(leaves).toBeGreaterThanOrEqual(60_855)
      expect(roundings).toBeGreaterThan(0)
      console.info(
        `${programmeId}: ${leaves} leaves name ${explained.size} order lines; ${roundings} steps of rounding`,
      )
    },
    2 * minutes,
  )

  it(
    'writes nothing when another worker settles again, at the same time or later',
    async () => {
      const head = await store.head()
      for (const late of [0, 30]) {
        const again = await settleAll(workerPorts(store, 3 + late), late)
        expect(again.map(({ changed, refused }) => [changed, refused])).toEqual(again.map(() => [0, []]))
        expect(again.map(({ dealerPeriods }) => dealerPeriods)).toEqual(runs.map(({ dealerPeriods }) => dealerPeriods))
      }
      expect(await store.head()).toBe(head)
    },
    5 * minutes,
  )
})

/** Ports as one worker process has them. */
function workerPorts(store: EventStore, seed: number): WorkerPorts {
  return {
    store,
    registry,
    handler: importingHandler(store, { seed, snapshots: createMemorySnapshots() }),
    progress: createMemoryProgressStore(),
    ...ledgerSources({ store, registry }),
    clock: () => now,
    zone: 'UTC',
  }
}

/** The order lines as the data set says them. */
function soldLines(): readonly SoldLine[] {
  const text = gunzipSync(readFileSync(join(dir, 'order-lines.csv.gz')))
  // `columns: true` gives one record of texts per row
  const rows = parse<Record<string, string>>(text, { columns: true })
  return rows.map((row) => {
    const { order_number, line_number, order_date = '', dealer_id, currency = '', sales_amount = '' } = row
    if (!/^\d+\.\d{4}$/.test(sales_amount)) throw new Error(`not an amount of four digits: ${sales_amount}`)
    const quarter = Math.ceil(Number(order_date.slice(5, 7)) / 3)
    return {
      line: `${order_number} ${line_number}`,
      dealerQuarter: `${dealer_id} ${currency} ${order_date.slice(0, 4)}-Q${quarter}`,
      currency,
      amount: BigInt(sales_amount.replace('.', '')),
    }
  })
}

/** Facts of the ordered basis: in this history nothing but the placing of orders makes them. */
function keepFacts(event: RecordedEvent, factsBy: Map<string, BasisFact[]>): void {
  if (!(basisEventTypes as readonly string[]).includes(event.type) || event.type === 'ShipmentDelivered') return
  if (event.type !== 'OrderPlaced') throw new Error(`a ${event.type} in the imported history`)
  // its type says so
  for (const fact of basisFacts(event as RecordedEvent & Logged<Extract<OrderEvent, { type: 'OrderPlaced' }>>)) {
    const key = `${fact.dealerId} ${fact.currency}`
    const facts = factsBy.get(key) ?? []
    facts.push(fact)
    factsBy.set(key, facts)
  }
}

function leavesOf(node: ExplanationNode): readonly ExplanationNode[] {
  return node.children ? node.children.flatMap(leavesOf) : [node]
}

function dealerQuarterOf({
  dealerId,
  currency,
  periodId,
}: Pick<Calculated, 'dealerId' | 'currency' | 'periodId'>): string {
  return `${dealerId} ${currency} ${periodId}`
}

/** Ten-thousandths; undefined when there are digits behind them. */
function volumeOf({ calculation }: Calculated): bigint | undefined {
  const micros = parseDecimal(calculation.volume)
  return micros % 100n === 0n ? micros / 100n : undefined
}

function sums(amounts: readonly (readonly [key: string, amount: bigint])[]): ReadonlyMap<string, bigint> {
  const all = new Map<string, bigint>()
  for (const [key, amount] of amounts) all.set(key, (all.get(key) ?? 0n) + amount)
  return all
}
