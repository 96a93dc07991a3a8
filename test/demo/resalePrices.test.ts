import { beforeAll, expect, it } from 'vitest'
import { accountAggregate } from '../../src/domain/credit/account.ts'
import { defaultPriceRules } from '../../src/domain/detection/defaultRules.ts'
import { judgeHistory } from '../../src/domain/detection/judgeHistory.ts'
import { judgeHealth } from '../../src/domain/health/judgeHealth.ts'
import { usualHealthTerms } from '../../src/domain/health/usualTerms.ts'
import { metricByCode } from '../../src/domain/metrics/registry.ts'
import { figuresOfLog } from '../../src/runtime/demo/figuresOfLog.ts'
import { plainMetrics } from '../../src/runtime/demo/plainHealth.ts'
import { conductAggregate } from '../../src/domain/conduct/conduct.ts'
import { conductRulesAggregate } from '../../src/domain/conduct/conductRules.ts'
import { dealerAggregate } from '../../src/domain/dealers/decide.ts'
import type { Aggregate, Foldable } from '../../src/domain/kernel/decider.ts'
import { formatDecimal, parseDecimal } from '../../src/domain/kernel/decimal.ts'
import { orderAggregate } from '../../src/domain/orders/decide.ts'
import { programmeAggregate } from '../../src/domain/rebates/programme.ts'
import type { Terms } from '../../src/domain/rebates/terms.ts'
import { aggregates } from '../../src/domain/registry.ts'
import type { ViolationEvent } from '../../src/domain/violations/events.ts'
import type { PriceRules } from '../../src/domain/violations/pricePolicy.ts'
import { violationIdOf } from '../../src/domain/violations/violationIdOf.ts'
import { violationsAggregate } from '../../src/domain/violations/violations.ts'
import type { EventRegistry } from '../../src/ledger/eventRegistry.ts'
import type { EventStore } from '../../src/ledger/eventStore.ts'
import { createLedgerGoods } from '../../src/workers/claims/ledgerGoods.ts'
import { createLedgerTrade } from '../../src/workers/violations/ledgerTrade.ts'
import { stockAggregate } from '../../src/domain/stock/decide.ts'
import type { RecordedEvent } from '../../src/ledger/envelope.ts'
import { createEventRegistry } from '../../src/ledger/eventRegistry.ts'
import { openMemoryStore } from '../../src/ledger/memory/memoryStore.ts'
import { readModels } from '../../src/projections/registry.ts'
import { createMemoryProgressStore } from '../../src/workers/progress/memoryProgressStore.ts'
import { createLedgerFacts } from '../../src/workers/rebates/ledgerFacts.ts'
import { settleProgramme } from '../../src/workers/rebates/settleProgramme.ts'
import { testHandler } from '../support/commandHandling.ts'
import { generatedLog } from '../support/demo.ts'
import { seededRandom } from '../support/seededRandom.ts'

// The legal guard (domain.md §2.7): what a dealer sells for moves nothing, until somebody has said that it may.

const company = 'KESTREL'
const periodId = '2025-Q1'
const at = '2025-03-02T09:00:00.000+08:00[Asia/Shanghai]'
/** of what is said before the cut-off */
const said = '2025-03-02T08:00:00.000+08:00[Asia/Shanghai]'
const seed = 20_260_307

let log: readonly RecordedEvent[]
beforeAll(async () => {
  log = await generatedLog({ until: '2025-03-01' })
}, 600_000)

interface Resale {
  readonly party: string
  readonly resalePrice?: { readonly unitPrice: string; readonly currency: string }
}
const isResale = ({ type }: RecordedEvent): boolean => type === 'ResaleReported'

/** What consumers paid, line by line. */
interface SellOut {
  readonly lines: readonly { readonly price?: { readonly unitPrice: string; readonly currency: string } }[]
}
const isSellOut = ({ type }: RecordedEvent): boolean => type === 'SellOutReported'

/** The same history, every dealer having sold for something else. */
function atOtherPrices(history: readonly RecordedEvent[], random: () => number): readonly RecordedEvent[] {
  return history.map((event) => {
    const another = <P extends { readonly unitPrice: string }>(price: P): P => {
      const factor = BigInt(1 + Math.floor(random() * 4_000)) // thousandths
      return { ...price, unitPrice: formatDecimal((parseDecimal(price.unitPrice) * factor) / 1_000n) }
    }
    if (isSellOut(event)) {
      const { lines, ...report } = event.data as SellOut
      const priced = lines.map(({ price, ...line }) => ({ ...line, ...(price && { price: another(price) }) }))
      return { ...event, data: { ...report, lines: priced } }
    }
    const { resalePrice, ...data } = event.data as Resale
    if (!isResale(event) || !resalePrice) return event
    return { ...event, data: { ...data, resalePrice: another(resalePrice) } }
  })
}

const discipline = { evaluation: 'price-discipline', version: 1 } as const
const judged: Terms = {
  version: 1,
  name: { en: 'Price discipline' },
  payer: company,
  effectiveFrom: '2025-01-01T00:00:00.000+08:00[Asia/Shanghai]',
  eligibility: { kind: 'all' },
  products: {},
  basis: 'invoiced',
  measure: 'net',
  returns: 'deduct',
  calendarId: 'FISCAL',
  grain: 'quarter',
  method: { kind: 'all-units', tiers: [{ from: '0', rate: '0.01' }] },
  gates: [{ kind: 'score', ...discipline, score: '1000' }],
  rounding: { mode: 'half-up', level: 'settlement' },
  accrual: 'expected-value',
  outlet: 'credit_note',
  negativeInterim: 'carry',
  graceDays: 0,
  clawbackDays: 90,
}

/** What such an evaluation would be made of: the mean price at which a dealer sold. */
function scoresOf(history: readonly RecordedEvent[]): ReadonlyMap<string, string> {
  const prices = new Map<string, bigint[]>()
  for (const event of history.filter(isResale)) {
    const { party, resalePrice } = event.data as Resale
    if (resalePrice) prices.set(party, [...(prices.get(party) ?? []), parseDecimal(resalePrice.unitPrice)])
  }
  const mean = (of: readonly bigint[]): bigint => of.reduce((sum, one) => sum + one, 0n) / BigInt(of.length)
  return new Map([...prices].map(([dealer, of]) => [dealer, formatDecimal(mean(of))]))
}

/**
 * Everything that is decided on a history: all programmes settled anew, tiers, credit, stock and allocations as they stand, and
 * what the read models take from what dealers report; and what was refused on the way.
 */
async function outcome(history: readonly RecordedEvent[], resalePriceEnforcement: 'off' | 'on') {
  const registry = createEventRegistry(aggregates)
  const store = openMemoryStore({ clock: () => Date.UTC(2025, 2, 2) })
  const next = new Map<string, number>()
  for (const { stream, revision: _r, position: _p, recordedAt: _at, raw: _raw, format: _f, ...event } of history) {
    // what was settled then is settled anew; what was agreed for it stays
    if (stream.startsWith('settlement-') && !/^(Target|Baseline)/.test(event.type)) continue
    const revision = next.get(stream) ?? -1
    const appended = await store.append(stream, [event], { expectedRevision: revision })
    if (appended.outcome !== 'appended') throw new Error(`${event.type} was not appended`)
    next.set(stream, revision + 1)
  }
  const handler = testHandler(store, { registry, now: () => Date.UTC(2025, 2, 2) })
  const refused: string[] = []
  async function give<C extends { type: string }, E extends { type: string; data: unknown }, S, G>(
    aggregate: Aggregate<C, E, S, G>,
    command: C,
    by = 'finance',
  ): Promise<void> {
    const meta = { at: said, actor: by, source: { kind: 'command' }, correlationId: 'guard' } as const
    const answer = await handler.execute(aggregate, command, meta)
    if (!answer.ok) refused.push(`${command.type} ${answer.refusal.refused}`)
  }
  const policy = { companyId: company, resalePriceEnforcement, restsOn: 'this test' }
  await give(conductRulesAggregate, { type: 'SetResalePricePolicy', ...policy })
  const definition = { companyId: company, ...discipline, name: judged.name, fromResalePrice: true }
  await give(conductRulesAggregate, { type: 'DefineEvaluation', ...definition })
  const programmeId = 'DISCIPLINE'
  await give(programmeAggregate, { type: 'DraftProgramme', programmeId, companyId: company, terms: judged })
  await give(programmeAggregate, { type: 'ActivateProgramme', programmeId, version: 1 })
  for (const [dealerId, score] of scoresOf(history)) {
    const evaluation = { companyId: company, dealerId, ...discipline, calendarId: 'FISCAL', periodId, score }
    await give(conductAggregate, { type: 'RecordEvaluation', ...evaluation })
  }

  const ports = { store, handler, progress: createMemoryProgressStore(), facts: createLedgerFacts({ store, registry }) }
  const programmes = [...next.keys(), `programme-${programmeId}`].filter((stream) => stream.startsWith('programme-'))
  for (const stream of programmes) {
    const run = { programmeId: stream.slice('programme-'.length), periodId, kind: 'interim', at } as const
    await settleProgramme(ports, run)
  }
  const settled: unknown[] = []
  for (let after = 0n, atHead = false; !atHead;) {
    const page = await store.readAll({ after, limit: 5_000, types: ['SettlementCalculated'] })
    settled.push(...page.events.map(({ stream, data }) => [stream, data]))
    ;({ position: after, atHead } = page)
  }
  const counting = await countingViolations(handler, store, registry, give)
  const health = await healthOn(store)
  const states: unknown[] = []
  const decided: readonly Foldable<unknown>[] = [dealerAggregate, accountAggregate, orderAggregate, stockAggregate]
  for (const stream of next.keys()) {
    const aggregate = decided.find(({ category }) => stream.startsWith(`${category}-`))
    if (aggregate) states.push([stream, await handler.load(aggregate, stream.slice(aggregate.category.length + 1))])
  }
  // what only a judge of resale prices sees is shown apart
  const apart = counting.filter(({ derivesFromResale }) => derivesFromResale)
  const shown = history
    .filter((event) => isResale(event) || isSellOut(event))
    .map((event) =>
      readModels.flatMap((model) => ((model.events?.includes(event.type) ?? true) ? model.facts(event) : [])),
    )
  return {
    refused: [...new Set(refused)],
    settled,
    counts: { settled: settled.length, states: states.length, shown: shown.length },
    violations: {
      found: counting.length,
      apart: apart.length,
      counting: counting.filter(({ counts }) => counts).length,
    },
    health,
    text: JSON.stringify([settled, states, shown, health.indexes, counting.filter(({ counts }) => counts)]),
  }
}

/** The health index of every dealer from the metrics that can be added up here, and the cases that stand apart from it. */
async function healthOn(store: EventStore) {
  const metrics = [...plainMetrics, 'violations-apart'].flatMap((code) => metricByCode(code) ?? [])
  const figures = await figuresOfLog(store, metrics, {
    from: '2024-10-01',
    until: '2025-04-01',
    upTo: await store.head(),
  })
  const dealers = [...figures].toSorted(([a], [b]) => (a < b ? -1 : 1))
  const apart = dealers.map(([, of]) => Number(of.find(({ metric }) => metric === 'violations-apart')?.value ?? 0))
  return {
    indexes: dealers.map(([dealer, of]) => [dealer, judgeHealth(usualHealthTerms, of)] as const),
    rated: dealers.filter(([, of]) => judgeHealth(usualHealthTerms, of).index !== undefined).length,
    apart: apart.reduce((sum, one) => sum + one, 0),
  }
}

/** Every case that a policy which may look at resale prices makes of the history, put to the dealers and confirmed. */
async function countingViolations(
  handler: ReturnType<typeof testHandler>,
  store: EventStore,
  registry: EventRegistry,
  give: <C extends { type: string }, E extends { type: string; data: unknown }, S, G>(
    aggregate: Aggregate<C, E, S, G>,
    command: C,
    by?: string,
  ) => Promise<void>,
): Promise<readonly { readonly counts: boolean; readonly derivesFromResale: boolean; readonly case: string }[]> {
  const upTo = await store.head()
  const log = { store, registry }
  const sources = { load: handler.load, trade: createLedgerTrade(log), movements: createLedgerGoods(log).movements }
  const dumping = { margin: '0', volume: '1', times: 1, withinDays: 90 }
  const terms: PriceRules = {
    ...defaultPriceRules,
    lists: ['BASE-CNY'],
    resalePrices: { countries: ['CN'], restsOn: 'this test' },
    rules: { ...defaultPriceRules.rules, DUMPING_LOW_PRICE: dumping },
    explainWithinDays: 0,
  }
  const window = { from: 0, until: Date.UTC(2025, 2, 2), upTo }
  const findings = await judgeHistory(sources, { companyId: company, policy: { versions: [terms] }, window })
  for (const { about: _about, sku, ...finding } of findings) {
    const violationId = violationIdOf({ ...finding, about: _about })
    const one = { dealerId: finding.dealerId, violationId }
    const { repeatWithinDays, explainWithinDays, quietDays } = terms
    await give(violationsAggregate, {
      type: 'DetectViolation',
      ...finding,
      ...one,
      ...(sku !== '' && { sku }),
      figures: { ...finding.figures },
      evidence: [...finding.evidence],
      repeatWithinDays,
      explainWithinDays,
      quietDays,
    })
    await give(violationsAggregate, { type: 'NotifyViolation', ...one }, 'another')
    await give(violationsAggregate, { type: 'ConfirmViolation', ...one })
  }
  const page = await store.readAll({ after: upTo, limit: 5_000, types: ['ViolationConfirmed'] })
  return page.events.map(({ data }) => {
    const { counts, derivesFromResale, dealerId, violationId } = data as Confirmed
    return { counts, derivesFromResale, case: `${dealerId} ${violationId}` }
  })
}
type Confirmed = Extract<ViolationEvent, { type: 'ViolationConfirmed' }>['data']

it(
  'other resale prices change nothing that is paid, gated, rated or allocated; with the policy on they do',
  { timeout: 1_200_000 },
  async () => {
    const others = atOtherPrices(log, seededRandom(seed))
    const moved = others.filter((event, n) => event !== log[n])
    expect(moved.filter(isResale).length).toBeGreaterThan(50)
    expect(moved.filter(isSellOut).length).toBeGreaterThan(10)

    const [here, there] = [await outcome(log, 'off'), await outcome(others, 'off')]
    expect(here.refused).toEqual(['ActivateProgramme rebates.terms_invalid', 'RecordEvaluation conduct.resale_price'])
    expect(here.counts.settled).toBeGreaterThan(50)
    expect(here.counts.states).toBeGreaterThan(500)
    expect(there.text === here.text, `seed ${seed}`).toBe(true)
    // dumping is found where prices are low, and shown; none of it counts
    expect(here.violations.apart).not.toBe(there.violations.apart)
    expect(there.violations.apart).toBeGreaterThan(10)
    expect(there.violations.counting).toBe(there.violations.found - there.violations.apart)

    // nor does any of it move a health index, and the cases stand beside it
    expect(here.health.rated).toBeGreaterThan(10)
    expect(there.health.indexes).toEqual(here.health.indexes)
    expect(there.health.apart).toBe(there.violations.apart)

    const [hereOn, thereOn] = [await outcome(log, 'on'), await outcome(others, 'on')]
    expect(hereOn.refused).toEqual([])
    expect(thereOn.text === hereOn.text, `seed ${seed}`).toBe(false)
    expect(thereOn.counts).toEqual(hereOn.counts)
    expect(thereOn.health.indexes).not.toEqual(hereOn.health.indexes)
    expect(thereOn.health.apart).toBe(0)
    expect(thereOn.violations.counting).toBe(thereOn.violations.found)
  },
)
