import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { beforeAll, describe, expect, it } from 'vitest'
import { zoneOf } from '../../src/domain/kernel/businessTime.ts'
import { aggregates } from '../../src/domain/registry.ts'
import type { RecordedEvent } from '../../src/ledger/envelope.ts'
import { createEventRegistry } from '../../src/ledger/eventRegistry.ts'
import { openMemoryStore } from '../../src/ledger/memory/memoryStore.ts'
import { createKeyring } from '../../src/ledger/personal/keyring.ts'
import { createMemoryKeyStore } from '../../src/ledger/personal/memoryKeyStore.ts'
import { readModels } from '../../src/projections/registry.ts'
import { DemoConflict } from '../../src/runtime/demo/copyEvents.ts'
import { demoDealers } from '../../src/runtime/demo/dealers.ts'
import { generateDemo, type DemoOptions } from '../../src/runtime/demo/demo.ts'
import { demoPrincipals } from '../../src/runtime/demo/names.ts'
import { brokenInvariants } from '../support/invariants.ts'
import { spawnTypeScript } from '../support/spawnTypeScript.ts'

const kek = Buffer.alloc(32, 9)
const registry = createEventRegistry(aggregates)
/** some weeks of business: enough for everything that depends on order and chance */
const weeks = '2024-11-24'

function newTarget(): DemoOptions['target'] {
  return { store: openMemoryStore({ clock: () => 0 }), keyStore: createMemoryKeyStore(), kek }
}

async function logOf({ store }: DemoOptions['target']): Promise<readonly RecordedEvent[]> {
  const log: RecordedEvent[] = []
  for (let after = 0n, atHead = false; !atHead;) {
    const page = await store.readAll({ after, limit: 5_000 })
    log.push(...page.events)
    ;({ position: after, atHead } = page)
  }
  return log
}

async function generated(options: Omit<DemoOptions, 'target'>): Promise<readonly RecordedEvent[]> {
  const target = newTarget()
  await generateDemo({ ...options, target })
  return logOf(target)
}

const rawOf = (log: readonly RecordedEvent[]): readonly string[] => log.map(({ raw }) => `${raw.envelope} ${raw.data}`)

describe('the demonstration channel of two years', () => {
  let log: readonly RecordedEvent[]

  beforeAll(async () => {
    log = await generated({})
  }, 300_000)

  it('has at least 40,000 events', () => {
    expect(log.length).toBeGreaterThanOrEqual(40_000)
    expect(log.length).toBeLessThan(50_000)
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

describe('generating it', () => {
  let whole: readonly RecordedEvent[]

  beforeAll(async () => {
    whole = await generated({ until: weeks })
  }, 60_000)

  it('gives the same bytes for the same seed, and others for another', async () => {
    expect(rawOf(await generated({ until: weeks }))).toEqual(rawOf(whole))
    const other = rawOf(await generated({ until: weeks, seed: 2 }))
    expect(other.slice(-500)).not.toEqual(rawOf(whole).slice(-500))
  })

  it('tells of earlier days the same, however long it goes on', async () => {
    const earlier = await generated({ until: '2024-11-12' })
    expect(earlier.length).toBeGreaterThan(1_000)
    expect(earlier.length).toBeLessThan(whole.length)
    expect(rawOf(earlier)).toEqual(rawOf(whole.slice(0, earlier.length)))
  })

  it('goes on where it was stopped, at any event', async () => {
    for (const stopAfter of [1, 2, 5]) {
      const target = newTarget()
      const stopping = new AbortController()
      let calls = 0
      const first = await generateDemo({
        target,
        until: weeks,
        signal: stopping.signal,
        onProgress: () => {
          calls += 1
          if (calls > stopAfter) stopping.abort()
        },
      })
      expect(first.complete).toBe(false)
      expect(first.written).toBeGreaterThan(0)
      const second = await generateDemo({ target, until: weeks })
      expect(first.written + second.written).toBe(whole.length)
      expect(rawOf(await logOf(target))).toEqual(rawOf(whole))
    }
  }, 60_000)

  it('goes on to a later day, and writes nothing when all is there', async () => {
    const target = newTarget()
    await generateDemo({ target, until: '2024-11-12' })
    await generateDemo({ target, until: weeks })
    expect(rawOf(await logOf(target))).toEqual(rawOf(whole))
    expect(await generateDemo({ target, until: weeks })).toEqual({ written: 0, complete: true })
  })

  it('finishes a chunk of which only a part was written', async () => {
    const target = newTarget()
    for (const event of whole.slice(0, 1_234)) {
      const { raw: _raw, position: _position, recordedAt: _at, format: _format, stream, revision, ...rest } = event
      await target.store.append(stream, [rest], { expectedRevision: revision - 1 })
    }
    const keys = newTarget()
    await generateDemo({ target: { ...target, keyStore: keys.keyStore }, until: weeks })
    expect(rawOf(await logOf(target))).toEqual(rawOf(whole))
  })

  it('refuses a ledger that holds something else', async () => {
    const target = newTarget()
    const [event] = whole
    if (!event) throw new Error('nothing generated')
    const {
      raw: _raw,
      position: _position,
      recordedAt: _at,
      format: _format,
      stream,
      revision: _revision,
      ...rest
    } = event
    await target.store.append(stream, [{ ...rest, id: '00000000-0000-7000-8000-000000000001' }], {
      expectedRevision: -1,
    })
    await expect(generateDemo({ target, until: weeks })).rejects.toThrow(DemoConflict)
  })

  it("seals personal data with keys of the target's key store", async () => {
    const target = newTarget()
    await generateDemo({ target, until: demoStartDay })
    const keyring = createKeyring({
      keyStore: target.keyStore,
      kek,
      random: (size) => Buffer.alloc(size),
      now: () => 0,
    })
    const registered = (await logOf(target)).find(({ type }) => type === 'DealerRegistered')
    if (!registered) throw new Error('no dealer')
    expect(registered.raw.data).not.toContain(demoDealers[0]?.contact.email)
    const opened = await keyring.openAll(registry.definition('DealerRegistered'), registered)
    expect(opened).toMatchObject({ contact: demoDealers[0]?.contact })
  })

  it('gives the same log from a thread of its own', async () => {
    const child = await spawnTypeScript('test/demo/demoProcess.ts', [weeks], { stdio: ['ignore', 'pipe', 'inherit'] })
    let output = ''
    child.stdout?.on('data', (chunk: Buffer) => (output += chunk.toString()))
    await once(child, 'close')
    const digest = createHash('sha256').update(rawOf(whole).join('\n')).digest('hex')
    expect(output.trim()).toBe(`thread ${digest}`)
  }, 60_000)
})

const demoStartDay = '2024-11-01'
