import { createHash } from 'node:crypto'
import { dealerAggregate } from '../domain/dealers/decide.ts'
import { dealerAt } from '../domain/dealers/state.ts'
import {
  type Cause,
  causesOf,
  type Diagnosis,
  peerMedians,
  type RebatePosition,
  type StockLine,
} from '../domain/health/diagnosis.ts'
import { explainedText } from '../domain/health/evaluation.ts'
import { type HealthFigure, judgeHealth } from '../domain/health/judgeHealth.ts'
import type { HealthTerms } from '../domain/health/model.ts'
import { addDays, businessTime, startOfDay } from '../domain/kernel/businessTime.ts'
import { compare } from '../domain/kernel/decimalText.ts'
import { byText } from '../domain/kernel/byText.ts'
import { inputsOf } from '../domain/metrics/formula.ts'
import type { MeasureCode } from '../domain/metrics/measures.ts'
import { metricByCode } from '../domain/metrics/registry.ts'
import { nextTier } from '../domain/rebates/nextTier.ts'
import { askPage } from '../projections/engine/query.ts'
import { waitForPosition } from '../projections/engine/waitForPosition.ts'
import { askHealth } from '../projections/models/measures/askHealth.ts'
import { askMetrics } from '../projections/models/measures/askMetrics.ts'
import { measuresModel } from '../projections/models/measures/model.ts'
import { measureFacts } from '../projections/models/measures/queries.ts'
import { rebatesModel } from '../projections/models/rebates/model.ts'
import { settlements } from '../projections/models/rebates/queries.ts'
import { violationsModel } from '../projections/models/violations/model.ts'
import { violationList } from '../projections/models/violations/queries.ts'
import { firstOfMonth } from './firstOfMonth.ts'
import { openExplanation } from './openExplanation.ts'
import type { ApiPorts } from './ports.ts'

const waitMilliseconds = 2_000
const trendMonths = 6
const peersAtOnce = 500
const shownEvents = 3
const shownStock = 25
const shownCases = 50
const shownRebates = 20

interface Asked {
  readonly dealerId: string
  /** YYYY-MM */
  readonly month: string
  readonly model: { readonly version: number; readonly terms: HealthTerms }
  readonly knownAt: bigint
}

/** The monthly diagnosis of a dealer from what was known at a position; undefined for a dealer that is not there. */
export async function diagnosisOf(ports: ApiPorts, asked: Asked): Promise<Diagnosis | undefined> {
  const { dealerId, month, model, knownAt } = asked
  const dealer = await ports.handler.load(dealerAggregate, dealerId)
  if (!dealer.known) return undefined
  const from = `${month}-01`
  const until = firstOfMonth(from, 1)
  const end = startOfDay(until, 'UTC')
  const moment = { knownAt }
  const reader = ports.readerOf(measuresModel)
  for (const one of [measuresModel, rebatesModel, violationsModel])
    await waitForPosition(ports.readerOf(one), one.name, knownAt, waitMilliseconds)
  const { terms } = model
  const window = { from, until }
  const now = end - 1

  const first = firstOfMonth(from, 1 - trendMonths)
  const question = { terms, from: first, until, dealerId, grain: 'month' as const }
  const monthly = await askHealth(reader, question, moment, { limit: 1 }, now)
  const figuresOf = (name: string): readonly HealthFigure[] =>
    monthly.dealers.find(({ bucket }) => bucket === name)?.figures ?? []
  const months = Array.from({ length: trendMonths }, (_none, n) => firstOfMonth(first, n).slice(0, 7))
  const told = months.map((name) => ({ month: name, health: judgeHealth(terms, figuresOf(name)) }))
  const nothing = judgeHealth(terms, [])
  const [health, before] = [told.at(-1)?.health ?? nothing, told.at(-2)?.health ?? nothing]
  const profile = dealerAt(dealer, businessTime(now, 'UTC'))
  const tier = profile?.tier
  const causes = causesOf(health, before)
  const figures = figuresOf(month)
  const explained = explainedText({ dealerId, model, from, until, figures })
  return {
    dealerId,
    dealerName: profile?.legalName ?? {},
    month,
    model,
    health,
    before,
    trend: told.map((one) => ({ month: one.month, index: one.health.index })),
    peers: tier === undefined ? new Map() : peerMedians(await othersOf(tier)),
    causes: await Promise.all(causes.map(async (cause) => ({ ...cause, eventIds: await eventsBehind(cause) }))),
    stock: await stockOf(),
    cases: await casesOf(),
    rebates: await rebatesOf(ports, asked, window),
    knownAt: knownAt.toString(),
    hash: createHash('sha256').update(explained).digest('hex'),
  }

  async function othersOf(tier: string) {
    const others = []
    for (let after: string | undefined, more = true; more;) {
      const page = await askHealth(reader, { terms, ...window, tier }, moment, { limit: peersAtOnce, after }, now)
      for (const one of page.dealers) if (one.dealerId !== dealerId) others.push(judgeHealth(terms, one.figures))
      after = page.next
      more = after !== undefined
    }
    return others
  }

  /** The newest events of the measures that a metric is computed from. */
  async function eventsBehind({ metric }: Cause): Promise<readonly string[]> {
    const formula = metricByCode(metric)?.formula
    const measures = formula
      ? inputsOf(formula).flatMap((input): MeasureCode[] => (input.op === 'episode' ? [] : [input.measure]))
      : []
    const found: { readonly at: string; readonly eventId: string }[] = []
    for (const measure of new Set(measures)) {
      const params = { measure, dealerId, ...window }
      const page = await askPage(reader, measureFacts, params, moment, { limit: 200 })
      found.push(...page.rows.map(({ occurredAt, eventId }) => ({ at: occurredAt, eventId })))
    }
    const newest = found.toSorted((a, b) => byText(b.at, a.at) || byText(a.eventId, b.eventId))
    return [...new Set(newest.map(({ eventId }) => eventId))].slice(0, shownEvents)
  }

  async function stockOf(): Promise<readonly StockLine[]> {
    const metrics = ['channel-stock', 'sell-out', 'days-of-cover', 'safety-stock'].flatMap(
      (code) => metricByCode(code) ?? [],
    )
    const asked = { metrics, by: ['product'] as const, ...window, filters: { dealer: dealerId } }
    const { values } = await askMetrics(reader, asked, moment, { limit: 2_000 }, now)
    const lines = new Map<string, Record<string, string | null>>()
    for (const { group, metric, value } of values) {
      const [sku = ''] = group
      lines.set(sku, { ...lines.get(sku), [metric]: value })
    }
    return [...lines]
      .map(([sku, one]) => ({
        sku,
        onHand: one['channel-stock'] ?? '0',
        sold: one['sell-out'] ?? '0',
        days: one['days-of-cover'] ?? null,
        safety: one['safety-stock'] ?? '0',
      }))
      .filter(({ onHand, sold, safety }) => [onHand, sold, safety].some((text) => compare(text, '0') !== 0))
      .toSorted((a, b) => compare(b.onHand, a.onHand) || byText(a.sku, b.sku))
      .slice(0, shownStock)
  }

  async function casesOf(): Promise<Diagnosis['cases']> {
    const { rows } = await askPage(ports.readerOf(violationsModel), violationList, { dealerId }, moment, { limit: 500 })
    return rows
      .filter((one) => one.from.slice(0, 10) < until && one.to.slice(0, 10) >= from)
      .slice(0, shownCases)
      .map((one) => ({
        violationId: one.violationId,
        status: one.status,
        sku: one.sku ?? '',
        en: one.en,
        zh: one.zh,
        apart: one.derivesFromResale,
      }))
  }
}

/** The newest settlement of each programme whose period the month touches, with what its next tier would add. */
async function rebatesOf(
  ports: ApiPorts,
  { dealerId, knownAt }: Asked,
  { from, until }: { readonly from: string; readonly until: string },
): Promise<readonly RebatePosition[]> {
  const { rows } = await askPage(ports.readerOf(rebatesModel), settlements, { dealerId }, { knownAt }, { limit: 500 })
  const newest = new Map<string, (typeof rows)[number]>()
  // settlements of a period come in order of their numbers
  for (const row of rows)
    if (row.status !== 'superseded') newest.set(`${row.programmeId} ${row.currency} ${row.periodId}`, row)
  const positions: RebatePosition[] = []
  for (const { programmeId, currency, periodId, settlementNo } of newest.values()) {
    if (positions.length === shownRebates) break
    const whole = await openExplanation(ports, { programmeId, dealerId, currency, periodId, settlementNo })
    if (!whole) continue
    const { calculated, terms, facts, period } = whole
    if (period.start.slice(0, 10) >= until || period.end.slice(0, 10) <= from) continue
    const { calculation, measure } = calculated
    const { target, baseline } = calculation
    const next = nextTier({ programmeId, terms, currency, facts, target, baseline })
    positions.push({
      programmeId,
      name: terms.name,
      periodId,
      currency,
      measure,
      volume: calculation.volume,
      earned: calculation.earned,
      lastDay: addDays(period.end.slice(0, 10), -1),
      ...(next && { next }),
    })
  }
  return positions
}
