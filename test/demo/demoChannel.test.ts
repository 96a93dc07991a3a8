import { beforeAll, describe, expect, it } from 'vitest'
import { zoneOf } from '../../src/domain/kernel/businessTime.ts'
import { aggregates } from '../../src/domain/registry.ts'
import type { RecordedEvent } from '../../src/ledger/envelope.ts'
import { createEventRegistry } from '../../src/ledger/eventRegistry.ts'
import { readModels } from '../../src/projections/registry.ts'
import { demoPrincipals } from '../../src/runtime/demo/names.ts'
import { generatedLog } from '../support/demo.ts'
import { brokenInvariants } from '../support/invariants.ts'

const registry = createEventRegistry(aggregates)

describe('the demonstration channel of two years', () => {
  let log: readonly RecordedEvent[]

  beforeAll(async () => {
    log = await generatedLog({})
  }, 300_000)

  it('has at least 40,000 events', () => {
    expect(log.length).toBeGreaterThanOrEqual(40_000)
    expect(log.length).toBeLessThan(55_000)
  })

  it('holds every event type of the domain', () => {
    const types = new Set(log.map(({ type }) => type))
    expect([...registry.definitions.keys()].filter((type) => !types.has(type))).toEqual([])
  })

  it('gives every table of every read model rows', () => {
    const filled = new Set<string>()
    for (const event of log) {
      for (const model of readModels) {
        if (model.events && !model.events.includes(event.type)) continue
        for (const { table } of model.facts(event)) filled.add(`${model.name} ${table}`)
      }
    }
    const tables = readModels.flatMap(({ name, tables: of }) => of.map((table) => `${name} ${table.name}`))
    expect(tables.filter((table) => !filled.has(table))).toEqual([])
  })

  it('keeps every invariant', () => {
    expect(brokenInvariants(log)).toEqual([])
  })

  it('is a channel of at least 60 dealers on two tiers, 200 products, three currencies and several zones, in two languages', () => {
    const data = (type: string) => log.filter((event) => event.type === type).map((event) => event.data as Registered)
    const dealers = data('DealerRegistered')
    const orders = data('OrderPlaced')
    expect(dealers.length).toBeGreaterThanOrEqual(60)
    expect(new Set(dealers.map(({ tierLevel }) => tierLevel))).toEqual(new Set([1, 2]))
    expect(data('ProductPublished')).toHaveLength(200)
    expect(new Set(orders.map(({ currency }) => currency))).toEqual(new Set(['CNY', 'EUR', 'USD']))
    const zones = new Set(log.filter(({ type }) => type === 'OrderPlaced').map(({ occurredAt }) => zoneOf(occurredAt)))
    expect(zones).toEqual(new Set(['Asia/Shanghai', 'Europe/Berlin', 'America/New_York']))
    expect(dealers.filter(({ legalName }) => legalName?.['zh-CN'] !== undefined).length).toBeGreaterThan(20)
    expect(dealers.every(({ legalName }) => legalName?.en !== undefined)).toBe(true)
  })

  it('runs from November 2024 to October 2026, and grows', () => {
    const placed = (year: string) =>
      log.filter(({ type, occurredAt }) => type === 'OrderPlaced' && occurredAt.startsWith(year)).length
    expect(log[0]?.occurredAt).toBe('2024-11-01T08:00:00.000+08:00[Asia/Shanghai]')
    expect(log.at(-1)?.occurredAt.slice(0, 10)).toMatch(/^2026-1[01]-/)
    expect(placed('2026') / 10).toBeGreaterThan(placed('2025') / 12)
  })

  it('settles every quarter', () => {
    const periods = log.flatMap(({ type, data }) =>
      type === 'SettlementCalculated' ? [(data as Registered).periodId] : [],
    )
    expect(new Set(periods)).toEqual(
      new Set(['2024-Q4', '2025-Q1', '2025-Q2', '2025-Q3', '2025-Q4', '2026-Q1', '2026-Q2', '2026-Q3']),
    )
  })

  it('has everybody who may sign in', () => {
    const known = log.flatMap(({ type, data }) =>
      type === 'PrincipalRegistered' ? [(data as Registered).principalId] : [],
    )
    expect(demoPrincipals.filter(({ principalId }) => !known.includes(principalId))).toEqual([])
  })
})

/** Of the data of several types, what these tests look at. */
interface Registered {
  readonly tierLevel?: number
  readonly currency?: string
  readonly legalName?: { readonly en?: string; readonly 'zh-CN'?: string }
  readonly periodId?: string
  readonly principalId?: string
}
