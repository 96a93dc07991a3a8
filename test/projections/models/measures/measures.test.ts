import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { instantOf } from '../../../../src/domain/kernel/businessTime.ts'
import { formatDecimal, parseDecimal } from '../../../../src/domain/kernel/decimal.ts'
import { isDivided, windowsOf } from '../../../../src/domain/metrics/formula.ts'
import { grainOf, type Metric } from '../../../../src/domain/metrics/metric.ts'
import { metricByCode, metrics } from '../../../../src/domain/metrics/registry.ts'
import type { RecordedEvent } from '../../../../src/ledger/envelope.ts'
import type { Moment } from '../../../../src/projections/engine/ask.ts'
import {
  askMetrics,
  type MetricsQuestion,
  type MetricValue,
} from '../../../../src/projections/models/measures/askMetrics.ts'
import { bucketsOf, windowOf } from '../../../../src/projections/models/measures/buckets.ts'
import { dimensions, productDimensions } from '../../../../src/projections/models/measures/figuresSql.ts'
import { measuresModel } from '../../../../src/projections/models/measures/model.ts'
import { measuresQueries } from '../../../../src/projections/models/measures/queries.ts'
import { RateMissing } from '../../../../src/projections/models/measures/rates.ts'
import { openReadModels, type OpenReadModels } from '../../../support/readModels.ts'
import { expected } from './expected.ts'
import { recordQuarter } from './quarter.ts'

const now = Date.UTC(2027, 0, 1)
const window = { from: '2026-01-01', until: '2026-04-01' } as const
const [facts, episodes] = measuresQueries
let log: readonly RecordedEvent[]
let models: OpenReadModels

beforeAll(async () => {
  log = await recordQuarter()
  models = await openReadModels([measuresModel], now)
  await models.fold(log)
})
afterAll(() => models.close())

const codes = (...names: string[]): readonly Metric[] => names.map((name) => metricByCode(name)!)

async function ask(
  question: Partial<MetricsQuestion> = {},
  moment: Moment = {},
  of: OpenReadModels = models,
): Promise<readonly MetricValue[]> {
  const whole = { metrics, by: [], ...window, filters: {}, ...question }
  const { values } = await askMetrics(of.reader(measuresModel), whole, moment, { limit: 1000 }, now)
  return values
}

const byCode = (values: readonly MetricValue[]): Record<string, string | null> =>
  Object.fromEntries(values.map(({ metric, value }) => [metric, value]))

/** Of these the figures of groups may be added: nothing is divided, multiplied, counted once, or compared. */
const additive = metrics.filter(({ formula }) => {
  const text = JSON.stringify(formula)
  return (
    !isDivided(formula) && !text.includes('"distinct"') && !text.includes('"times"') && windowsOf(formula).length > 0
  )
})

describe('the metrics of one quarter', () => {
  test('every metric has a value that was worked out by hand, and comes to it', async () => {
    const values = await ask()
    const found = metrics.map(({ code }): [string, string] => [
      code,
      values
        .filter(({ metric }) => metric === code)
        .map(({ value }) => value)
        .join(' and '),
    ])
    expect(Object.fromEntries(found)).toEqual(expected)
  })

  test('the figures of groups add up to the total, by every dimension and by two of them', async () => {
    expect(additive.length).toBeGreaterThan(100)
    const total = byCode(await ask({ metrics: additive }))
    const pairs = dimensions.flatMap((a, n) => [[a], ...dimensions.slice(n + 1).map((b) => [a, b])])
    for (const by of pairs) {
      const fitting = additive.filter((metric) =>
        by.every(
          (one) =>
            one === 'company' || grainOf(metric).includes(productDimensions.includes(one) ? 'product' : 'dealer'),
        ),
      )
      const sums = new Map<string, bigint>()
      for (const { metric, value } of await ask({ metrics: fitting, by }))
        sums.set(metric, (sums.get(metric) ?? 0n) + parseDecimal(value ?? '0'))
      for (const { code } of fitting)
        expect(formatDecimal(sums.get(code) ?? 0n), `${code} by ${by.join()}`).toBe(total[code])
    }
  })

  test('months add up to the quarter where a figure is what happened in it', async () => {
    const flows = additive.filter(
      ({ formula }) => !/closing|opening|"open"|"late"|overdue|newest/.test(JSON.stringify(formula)),
    )
    const changes = flows.filter(({ formula }) => windowsOf(formula).every((one) => one === 'asked'))
    const sums = new Map<string, bigint>()
    for (const { metric, value } of await ask({ metrics: changes, grain: 'month' }))
      sums.set(metric, (sums.get(metric) ?? 0n) + parseDecimal(value ?? '0'))
    expect(changes.length).toBeGreaterThan(80)
    for (const { code } of changes) expect(formatDecimal(sums.get(code)!), `of ${code}`).toBe(expected[code])
  })

  test('each month stands as if it alone had been asked', async () => {
    const months = await ask({ grain: 'month' })
    for (const { name, start, stop } of bucketsOf(window.from, window.until, 'month')) {
      const alone = await ask({ from: start, until: stop })
      const ofMonth = months.filter(({ bucket }) => bucket === name).map(({ bucket: _bucket, ...rest }) => rest)
      expect(ofMonth, `in ${name}`).toEqual(alone.map(({ bucket: _bucket, ...rest }) => rest))
    }
  })

  test('a filter answers what its group does', async () => {
    const fitting = metrics.filter((metric) => grainOf(metric).includes('dealer'))
    const groups = await ask({ metrics: fitting, by: ['dealer'] })
    for (const dealer of ['D1', 'D2']) {
      const filtered = await ask({ metrics: fitting, filters: { dealer } })
      expect(byCode(filtered), `of ${dealer}`).toEqual(byCode(groups.filter(({ group }) => group[0] === dealer)))
    }
  })

  test('pages of groups are the groups, each once', async () => {
    const question = {
      metrics: codes('net-sales', 'sell-out'),
      by: ['dealer', 'product'] as const,
      ...window,
      filters: {},
    }
    const whole = await ask(question)
    const paged: MetricValue[] = []
    for (let after: readonly string[] | undefined; ;) {
      const page = await askMetrics(models.reader(measuresModel), question, {}, { limit: 1, after }, now)
      expect(new Set(page.values.map(({ group }) => group.join())).size).toBeLessThanOrEqual(1)
      paged.push(...page.values)
      after = page.next
      if (after === undefined) break
    }
    expect(paged).toEqual(whole)
    expect(paged.length).toBeGreaterThan(5)
  })

  test('at any moment the answer is that of a ledger which holds nothing else', async () => {
    const whole = await openReadModels([measuresModel], now)
    try {
      for (const [asOf, knownAt] of [
        ['2026-02-12T00:00:00.000Z', log.length],
        ['2026-03-03T06:00:00.000Z', log.length],
        ['2026-03-20T00:00:00.000Z', Math.floor(log.length * 0.7)],
      ] as const) {
        const instant = Date.parse(asOf)
        const then = log.filter(
          ({ type, occurredAt, position }) =>
            // what was declared in error does not count, whenever that was said
            (type === 'ErrorDeclared' || instantOf(occurredAt) <= instant) && position <= BigInt(knownAt),
        )
        await whole.fold(then)
        // what is in force is told by the asked instant, in both
        const moment = { asOf: instant, knownAt: BigInt(knownAt) }
        const alone = await ask({}, { asOf: instant }, whole)
        expect(await ask({}, moment), `as of ${asOf}`).toEqual(alone)
      }
    } finally {
      await whole.close()
    }
  })

  test('a fact that was declared in error counted as long as that was not known', async () => {
    const declared = log.find(({ type }) => type === 'ErrorDeclared')!
    const soldAt = async (moment: Moment) => byCode(await ask({ metrics: codes('sell-out') }, moment))['sell-out']
    expect(await soldAt({})).toBe('48')
    const before = log.filter(({ position, type }) => position < declared.position && type === 'ResaleReported')
    expect(before).toHaveLength(3)
    expect(await soldAt({ knownAt: declared.position - 1n })).toBe('137') // 30 + 8 + 99
    expect(await soldAt({ knownAt: declared.position })).toBe('38')
  })

  test('nothing is told of days to come: a quarter that has begun is measured up to the asked instant', async () => {
    const values = byCode(
      await ask(
        { metrics: codes('days-of-stock', 'overdue', 'channel-stock-average') },
        {
          asOf: Date.parse('2026-01-31T23:59:59.000Z'),
        },
      ),
    )
    expect(values).toEqual({
      'days-of-stock': null, // nothing sold yet
      overdue: '260', // 250 of I0 and 10 of DN3
      'channel-stock-average': '181.677', // 160 + 28 × 24 / 31
    })
  })

  test('money is converted by the rate in force, which is named; without one there is no answer', async () => {
    const question = { metrics: codes('net-sales', 'buying-dealers', 'realised-price'), by: [], ...window, filters: {} }
    const reporting = { currency: 'USD', rateKind: 'mid' }
    const reader = models.reader(measuresModel)
    const answer = await askMetrics(reader, { ...question, reporting }, {}, { limit: 1 }, now)
    expect(byCode(answer.values)).toEqual({
      'net-sales': '2162.5', // 1730 × 1.25
      'buying-dealers': '2',
      'realised-price': '48.888889', // 1760 × 1.25 / 45
    })
    expect(answer.values[0]!.currency).toBe('USD')
    expect(answer.rates).toEqual([{ base: 'EUR', quote: 'USD', rate: '1.25', effectiveAt: '2026-01-01T00:00:00.000Z' }])
    const early = { ...question, from: '2025-10-01', until: '2026-01-01', reporting }
    await expect(askMetrics(reader, early, {}, { limit: 1 }, now)).rejects.toThrow(RateMissing)
  })

  test('the facts of a measure add up to what a metric reads of it, each with its event', async () => {
    const ids = new Set(log.map(({ id }) => id))
    const rows = await models.list(facts, { measure: 'invoiced', ...window })
    expect(formatDecimal(rows.reduce((sum, row) => sum + parseDecimal(String(row['amount'])), 0n))).toBe('1760')
    expect(rows.every((row) => ids.has(String(row['eventId'])))).toBe(true)
    const cancelled = await models.list(facts, { measure: 'cancelled', dealerId: 'D2' })
    expect(cancelled.map((row) => [row['sku'], row['amount']])).toEqual([['P2', '100']]) // the event names neither
    const own = await models.list(facts, { measure: 'own-on-hand', sku: 'P1' })
    expect(own.map((row) => row['dealerId'])).toEqual(['acme', 'acme', 'acme', 'acme'])
    const orders = await models.list(episodes, { episode: 'order', ...window })
    expect(orders.map((row) => [row['id'], row['endedAt']])).toEqual([
      ['O1', '2026-01-10T08:00:00.000Z'],
      ['O2', '2026-02-17T08:00:00.000Z'],
      ['O3', '2026-03-04T08:00:00.000Z'],
      ['O6', null],
      ['O4', null],
    ])
  })
})

describe('windows', () => {
  const before = (start: string, stop: string) => windowOf({ name: '', start, stop }, 'before')
  test('whole months are compared with as many whole months, others with as many days', () => {
    expect(before('2026-03-01', '2026-04-01')).toEqual({ start: '2026-02-01', stop: '2026-03-01' })
    expect(before('2026-01-01', '2026-04-01')).toEqual({ start: '2025-10-01', stop: '2026-01-01' })
    expect(before('2026-03-02', '2026-03-12')).toEqual({ start: '2026-02-20', stop: '2026-03-02' })
  })
  test('a year before a leap day is the day before it', () => {
    expect(windowOf({ name: '', start: '2024-02-29', stop: '2024-03-31' }, 'yearBefore')).toEqual({
      start: '2023-02-28',
      stop: '2023-03-31',
    })
  })
  test('are cut at the borders of the calendar', () => {
    expect(
      bucketsOf('2026-01-15', '2026-04-10', 'quarter').map(({ name, start, stop }) => [name, start, stop]),
    ).toEqual([
      ['2026-Q1', '2026-01-15', '2026-04-01'],
      ['2026-Q2', '2026-04-01', '2026-04-10'],
    ])
    expect(bucketsOf('2026-01-01', '2026-01-13', 'week').map(({ start }) => start)).toEqual([
      '2026-01-01',
      '2026-01-05',
      '2026-01-12',
    ])
  })
})
