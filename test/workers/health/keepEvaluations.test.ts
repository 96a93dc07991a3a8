import { describe, expect, test } from 'vitest'
import { conductAggregate } from '../../../src/domain/conduct/conduct.ts'
import { conductRulesAggregate } from '../../../src/domain/conduct/conductRules.ts'
import { channelHealth, evaluationOf } from '../../../src/domain/health/evaluation.ts'
import type { HealthEvent } from '../../../src/domain/health/events.ts'
import { healthAggregate } from '../../../src/domain/health/health.ts'
import { healthModelAggregate } from '../../../src/domain/health/healthModel.ts'
import type { HealthTerms } from '../../../src/domain/health/model.ts'
import { businessTime, instantOf } from '../../../src/domain/kernel/businessTime.ts'
import { ModelBehind } from '../../../src/projections/engine/ask.ts'
import { measuresModel } from '../../../src/projections/models/measures/model.ts'
import { type Health, openHealth } from '../../../src/projections/models/measures/openHealth.ts'
import { plainHealth } from '../../../src/runtime/demo/plainHealth.ts'
import { workContext } from '../../../src/workers/context.ts'
import { keepEvaluations } from '../../../src/workers/health/keepEvaluations.ts'
import { createMemoryProgressStore } from '../../../src/workers/progress/memoryProgressStore.ts'
import { runDueWork } from '../../../src/workers/runDueWork.ts'
import { openReadModels } from '../../support/readModels.ts'
import { openWorkChannel, type WorkChannel } from '../../support/workChannel.ts'

const dealers = ['D1', 'D2', 'D3', 'D4', 'D5']
const quarter = { calendarId: 'FISCAL', periodId: '2026-Q1', from: '2026-01-01', until: '2026-04-01' }
const schedule = { calendarId: 'FISCAL', grain: 'quarter', graceDays: 10, from: '2026-01-01' } as const
const line = [
  { at: '0', points: '0' },
  { at: '1', points: '100' },
]
const digital = { code: 'digital', name: { en: 'Digital' } }
const growth = { code: 'growth', name: { en: 'Growth' } }
const byOrders = [{ metric: 'digital-order-share', weight: '100', scale: line }]
const byGrowth = [{ metric: 'sales-growth', weight: '100', scale: line }]
const terms: HealthTerms = {
  dimensions: [
    { ...digital, weight: '80', metrics: byOrders },
    { ...growth, weight: '20', metrics: byGrowth },
  ],
  matrix: {
    dimensions: [
      { ...digital, metrics: byOrders },
      { ...growth, metrics: byGrowth },
    ],
    leastDimensions: 2,
    strategicFrom: '70',
    growth: ['growth'],
    growingFrom: '50',
  },
  tiers: [],
  schedule,
}

const byStaff = (dealerId: string) => ({ dealerId, placedVia: 'staff' })

/** From January on: each dealer orders by API and, the later ones, once more through our staff. The clock stands at the first of April. */
async function tradingChannel(health?: (of: WorkChannel) => Health) {
  const channel = await openWorkChannel({ dealers })
  for (const [n, dealerId] of dealers.entries()) {
    await channel.place(`A-${dealerId}`, [['BIKE', '1']], { dealerId })
    if (n > 1) await channel.place(`S-${dealerId}`, [['BIKE', '1']], byStaff(dealerId))
  }
  const name = { en: 'Channel health' }
  const score = { companyId: 'ACME', evaluation: channelHealth, version: 1, name, fromResalePrice: false }
  await channel.run(conductRulesAggregate, { type: 'DefineEvaluation', ...score })
  await channel.run(healthModelAggregate, { type: 'DefineHealthModel', companyId: 'ACME', version: 1, terms })
  await passTo(channel, '2026-04-01')
  const ports = { ...channel.ports, health: health?.(channel) ?? twoAtOnce(plainHealth(channel.store)) }
  // the handler is another one after a restart
  const work = (): Promise<void> => runDueWork({ ...ports, handler: channel.handler() }, channel.at())
  return { ...channel, ports, work }
}
type Channel = Awaited<ReturnType<typeof tradingChannel>>

async function passTo(channel: Pick<WorkChannel, 'pass' | 'at'>, date: string): Promise<void> {
  channel.pass(instantOf(`${date}T08:00:00.000Z[UTC]`) - instantOf(channel.at()))
}

/** Pages of two dealers, so that five have three of them. */
function twoAtOnce(health: Health): Health {
  return { figures: (question, upTo, page) => health.figures(question, upTo, { ...page, limit: 2 }) }
}

const told = async (channel: Pick<Channel, 'events'>): Promise<HealthEvent['data'][]> =>
  (await channel.events('DealerEvaluated')).map(({ data }) => data as HealthEvent['data']) // by its type
const written = async (channel: Pick<Channel, 'events'>) =>
  (await channel.events())
    .filter(({ type }) => type === 'DealerEvaluated' || type === 'EvaluationRecorded')
    // when it was said is another matter
    .map(({ id, type, stream, data }) => ({ id, type, stream, data: { ...(data as object), asOf: undefined } }))

describe('the evaluation of a period', () => {
  test('comes by itself when the days of grace are over, once for each dealer, finally, and as its score', async () => {
    const channel = await tradingChannel()
    await channel.work()
    await passTo(channel, '2026-04-10')
    await channel.work()
    expect(await told(channel)).toEqual([])
    await passTo(channel, '2026-04-11')
    const before = await channel.store.head()
    await channel.work()
    const found = await told(channel)
    expect(found.map(({ dealerId }) => dealerId)).toEqual(dealers)
    expect(found.map(({ index }) => index)).toEqual(['100', '100', '50', '50', '50'])
    for (const one of found) expect(one).toMatchObject({ ...quarter, isFinal: true, modelVersion: 1 })
    expect(new Set(found.map(({ watermark }) => watermark))).toEqual(new Set([before.toString()]))
    for (const { dealerId, index } of found) {
      const { scores } = await channel.handler().load(conductAggregate, dealerId)
      expect(scores).toEqual({ [`ACME ${channelHealth} 1 FISCAL 2026-Q1`]: index })
    }
    const head = await channel.store.head()
    await passTo(channel, '2026-05-01')
    await keepEvaluations(workContext(channel.ports), channel.at())
    expect(await channel.store.head()).toBe(head)
  })

  test('is nobody’s without a schedule, and of no period before its first day', async () => {
    const channel = await tradingChannel()
    const { schedule: _schedule, ...unscheduled } = terms
    const define = (version: number, of: HealthTerms) =>
      channel.run(healthModelAggregate, { type: 'DefineHealthModel', companyId: 'ACME', version, terms: of })
    await define(2, unscheduled)
    await passTo(channel, '2026-05-01')
    await channel.work()
    expect(await told(channel)).toEqual([])
    await define(3, { ...terms, schedule: { ...schedule, grain: 'month', from: '2026-02-15' } })
    await channel.work()
    // March was over with its grace; February began before, April has ten days to go
    expect(new Set((await told(channel)).map(({ periodId }) => periodId))).toEqual(new Set(['2026-03']))
    const strange = { ...terms, schedule: { ...schedule, calendarId: 'MOON' } }
    const define4 = { type: 'DefineHealthModel', companyId: 'ACME', version: 4, terms: strange } as const
    expect(await channel.attempt(healthModelAggregate, define4)).toMatchObject({
      ok: false,
      refusal: { refused: 'calendars.unknown' },
    })
  })

  test('goes on where it was killed, before or behind any event, and writes the same events once', async () => {
    // everything else that is due has been done, and nothing but the evaluation is left
    const dueChannel = async (): Promise<Channel> => {
      const channel = await tradingChannel()
      await passTo(channel, '2026-04-10')
      await channel.work()
      await passTo(channel, '2026-04-11')
      return channel
    }
    const undisturbed = await dueChannel()
    const begin = await undisturbed.store.head()
    await undisturbed.work()
    const expected = await written(undisturbed)
    const appends = 2 * dealers.length
    expect(expected).toHaveLength(appends)
    expect(await undisturbed.store.head()).toBe(begin + BigInt(appends))
    for (const place of ['before', 'after'] as const)
      for (let kill = 1; kill <= appends; kill += 1) {
        const channel = await dueChannel()
        let left = kill
        channel.crash[place] = () => {
          left -= 1
          if (left === 0) throw new Error('killed')
        }
        await expect(channel.work(), `killed ${place} event ${kill}`).rejects.toThrow('killed')
        channel.crash[place] = () => {}
        channel.restart()
        channel.pass(3_600_000)
        // what comes meanwhile changes nothing: the run rests on the position that it began with
        await channel.place('LATE', [['BIKE', '1']], byStaff('D1'))
        await channel.work()
        expect(await written(channel)).toEqual(expected)
      }
  })

  test('stops between dealers when it is told to, and lost progress writes nothing again', async () => {
    const channel = await tradingChannel()
    await channel.work()
    await passTo(channel, '2026-04-11')
    const stop = new AbortController()
    channel.crash.after = () => stop.abort()
    await keepEvaluations(workContext(channel.ports), channel.at(), stop.signal)
    expect(await told(channel)).toHaveLength(1)
    channel.crash.after = () => {}
    await channel.work()
    const all = await written(channel)
    expect(all).toHaveLength(2 * dealers.length)
    await runDueWork({ ...channel.ports, progress: createMemoryProgressStore() }, channel.at())
    expect(await written(channel)).toEqual(all)
  })

  test('leaves what a person has said finally, and gives the score that follows from it', async () => {
    const channel = await tradingChannel()
    const about = { companyId: 'ACME', dealerId: 'D1', ...quarter, model: { version: 1, terms } }
    const figures = [{ metric: 'digital-order-share', currency: null, unit: null, value: '0.25' }]
    const hash = () => '0'.repeat(64)
    const asked = { ...about, isFinal: true, watermark: '1', asOf: channel.at(), figures, tier: undefined, hash }
    await channel.run(healthAggregate, evaluationOf(asked))
    await passTo(channel, '2026-04-11')
    await channel.work()
    expect((await told(channel)).map(({ dealerId, index }) => [dealerId, index])).toEqual([
      ['D1', '25'],
      ['D2', '100'],
      ['D3', '50'],
      ['D4', '50'],
      ['D5', '50'],
    ])
    const { scores } = await channel.handler().load(conductAggregate, 'D1')
    expect(Object.values(scores)).toEqual(['25'])
  })

  test('waits for figures that are not to be had, and loses nothing', async () => {
    const models = await openReadModels([measuresModel], Date.UTC(2026, 4, 1))
    try {
      const reader = models.reader(measuresModel)
      const channel = await tradingChannel(() => twoAtOnce(openHealth(reader, 0)))
      const elsewhere = { ...channel.ports, health: { figures: async () => undefined } }
      await passTo(channel, '2026-04-11')
      // a process without read models, then one whose read model is behind
      await runDueWork(elsewhere, channel.at())
      const upTo = await channel.store.head()
      await models.fold([])
      await expect(keepEvaluations(workContext(channel.ports), channel.at())).rejects.toThrow(ModelBehind)
      expect(await told(channel)).toEqual([])
      await channel.place('LATE', [['BIKE', '1']], byStaff('D1'))
      await models.extend(await channel.events())
      await keepEvaluations(workContext(channel.ports), businessTime(Date.UTC(2026, 3, 12), 'UTC'))
      const found = await told(channel)
      expect(found.map(({ dealerId, index }) => [dealerId, index])).toEqual([
        ['D1', '100'],
        ['D2', '100'],
        ['D3', '50'],
        ['D4', '50'],
        ['D5', '50'],
      ])
      for (const { watermark } of found) expect(BigInt(watermark)).toBeLessThanOrEqual(upTo)
    } finally {
      await models.close()
    }
  })
})
