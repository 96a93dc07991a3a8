import { describe, expect, test } from 'vitest'
import { episodes } from '../../../src/domain/metrics/episodes.ts'
import { flow, inputsOf, per } from '../../../src/domain/metrics/formula.ts'
import { formulaText } from '../../../src/domain/metrics/formulaText.ts'
import { derivedMeasures, measureOf, measures, ownMeasures } from '../../../src/domain/metrics/measures.ts'
import { eventsOf, grainOf, isInternal, type Metric } from '../../../src/domain/metrics/metric.ts'
import { metricByCode, metrics } from '../../../src/domain/metrics/registry.ts'
import { aggregates } from '../../../src/domain/registry.ts'
import { errorDeclared } from '../../../src/domain/kernel/errorDeclaration.ts'
import { factsOf } from '../../../src/projections/models/measures/feeds/feed.ts'
import { recordHistory } from '../../support/readModels.ts'
import { sampleHistory } from '../../support/sampleHistory.ts'
import { recordQuarter } from '../../projections/models/measures/quarter.ts'

const known = new Set([errorDeclared.type, ...aggregates.flatMap(({ events }) => events.map(({ type }) => type))])

/** What is wrong with a metric that no event of the ledger could ever feed. */
function unfed(metric: Metric): readonly string[] {
  const events = eventsOf(metric)
  return [
    ...(inputsOf(metric.formula).length === 0 ? [`${metric.code} measures nothing`] : []),
    ...(events.length === 0 ? [`${metric.code} has no events`] : []),
    ...events.filter((type) => !known.has(type)).map((type) => `${metric.code}: there is no event ${type}`),
  ]
}

describe('the registry of metrics', () => {
  test('holds at least 200 metrics, of which at least 120 differ in formula', () => {
    expect(metrics.length).toBeGreaterThanOrEqual(200)
    const formulas = new Set(metrics.map(({ formula }) => JSON.stringify(formula)))
    // a growth of the same figure against another window is a variant of a period: counted once
    const shapes = new Set([...formulas].map((text) => text.replaceAll('yearBefore', 'before')))
    expect(shapes.size).toBeGreaterThanOrEqual(120)
  })

  test('takes a code and a name once, in both languages', () => {
    for (const names of [
      metrics.map(({ code }) => code),
      metrics.map(({ name }) => name.en),
      metrics.map(({ name }) => name['zh-CN']),
    ])
      expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([])
    for (const { code, name } of metrics) {
      expect(code).toMatch(/^[a-z0-9]+(-[a-z0-9]+)*$/)
      expect(name['zh-CN'], `of ${code}`).toMatch(/\p{Script=Han}/u)
    }
  })

  test('every metric is fed by events that the ledger has', () => {
    expect(metrics.flatMap(unfed)).toEqual([])
    const alien = { ...metrics[0]!, formula: { op: 'number', value: '1' } } as Metric
    expect(unfed(alien)).not.toEqual([])
  })

  test('every measure and episode is used by a metric', () => {
    const inputs = metrics.flatMap(({ formula }) => inputsOf(formula))
    const used = new Set<string>(inputs.map((input) => (input.op === 'episode' ? input.episode : input.measure)))
    for (const [stock, own] of Object.entries(ownMeasures)) if (used.has(own)) used.add(stock)
    expect([...Object.keys(measures), ...Object.keys(episodes)].filter((code) => !used.has(code))).toEqual([])
  })

  test('inputs read columns that their measures have', () => {
    const wrong = metrics.flatMap(({ code, formula }) =>
      inputsOf(formula)
        .filter((input) => 'column' in input && !measureOf(input.measure).columns.includes(input.column))
        .map((input) => `${code} reads ${JSON.stringify(input)}`),
    )
    expect(wrong).toEqual([])
  })

  test('measures are fed by exactly the events that they name', async () => {
    const log = [...(await recordHistory(sampleHistory(7, 12))), ...(await recordQuarter())]
    const fed = new Map<string, Set<string>>()
    for (const event of log)
      for (const { table, key } of factsOf(event)) {
        const code = table === 'episodes' ? `episode ${String(key['kind'])}` : key['measure']
        if (code !== undefined && code !== 'episode user')
          fed.set(String(code), (fed.get(String(code)) ?? new Set()).add(event.type))
      }
    const own = Object.values(ownMeasures)
    const stored = Object.entries(measures).filter(
      ([code]) => ![...derivedMeasures, ...own].some((one) => one === code),
    )
    const declared = [
      ...stored.map(([code, { events }]) => [code, events] as const),
      ...Object.entries(episodes).map(([code, { events }]) => [`episode ${code}`, events] as const),
    ]
    expect(Object.fromEntries([...fed].map(([code, types]) => [code, [...types].toSorted()]))).toEqual(
      Object.fromEntries(declared.map(([code, types]) => [code, [...types].toSorted()])),
    )
  })

  test("dealers see nothing of costs, of the manufacturer's stock and of its books", () => {
    for (const code of ['gross-margin', 'own-stock', 'batch-days', 'days-to-close'])
      expect(isInternal(metricByCode(code)!), `of ${code}`).toBe(true)
    expect(isInternal(metricByCode('net-sales')!)).toBe(false)
  })

  test('a metric can be told of what all its inputs can be', () => {
    expect(grainOf({ formula: flow('invoiced', 'amount') })).toEqual(['dealer', 'product'])
    expect(grainOf({ formula: per(flow('invoiced', 'amount'), flow('invoices', 'count')) })).toEqual(['dealer'])
    expect(grainOf({ formula: flow('promotions', 'count') })).toEqual([])
  })

  test('a formula reads in words, with brackets only where they are needed', () => {
    const { formula } = metricByCode('pocket-share')!
    expect(formulaText(formula, 'en')).toBe(
      '([invoiced, amount] − [credited for returns and corrections, amount] − ([settlements approved, amount] + [claims approved, amount] + [fund claims paid, amount])) ÷ [invoiced, amount]',
    )
    expect(formulaText(metricByCode('sales-growth')!.formula, 'zh-CN')).toContain('上期')
  })
})
