import { expect, it } from 'vitest'
import { orderAggregate } from '../../../src/domain/orders/decide.ts'
import { createProcesses } from '../../../src/workers/createProcesses.ts'
import { runFulfilment } from '../../../src/workers/fulfilment/runFulfilment.ts'
import { brokenInvariants } from '../../support/invariants.ts'
import { openWorkChannel, type WorkChannel } from '../../support/workChannel.ts'

/** A life with everything in it: short stock, a credit hold, an amendment, a cancellation, a shipment, a return. */
const chapters: readonly ((channel: WorkChannel) => Promise<unknown>)[] = [
  async (channel) => {
    await channel.limit('D1', '9000')
    await channel.receive('BIKE', '6', 'R1')
    await channel.receive('HELMET', '9', 'R1')
    await channel.place('O1', [['BIKE', '8']])
  },
  async (channel) => {
    await channel.place('O2', [['HELMET', '5']])
    await channel.place(
      'O3',
      [
        ['BIKE', '3'],
        ['HELMET', '2'],
      ],
      { dealerId: 'D2' },
    )
  },
  (channel) => channel.receive('BIKE', '4', 'R2'),
  (channel) =>
    channel.run(orderAggregate, {
      type: 'AmendOrder',
      orderId: 'O1',
      lines: [
        {
          lineNo: 1,
          quantity: '7',
        },
      ],
      reason: 'less',
    }),
  (channel) => channel.ship('O1', 'S1', [{ lineNo: 1, quantity: '5' }]),
  (channel) => channel.deliver('O1', 'S1'),
  (channel) => channel.run(orderAggregate, { type: 'CancelOrder', orderId: 'O3', reason: 'changed-mind' }),
  (channel) => channel.limit('D1', '20000'),
]

/** every point takes a minute; a run of a few seconds takes every fifteenth */
const stride = process.env['CHANNEL_LEDGER_LONG'] === '1' ? 1 : 15

async function live(
  isCrashing: boolean,
  crashAt: number,
  when: 'before' | 'after',
): Promise<WorkChannel & { appends: number }> {
  const channel = await openWorkChannel()
  let appends = 0
  for (const chapter of chapters) {
    await chapter(channel)
    channel.crash[when] = () => {
      appends += 1
      if (isCrashing && appends === crashAt) throw new Error('crash')
    }
    for (let tries = 0; tries < 3; tries += 1) {
      const stopped = await channel.work().then(
        () => undefined,
        (error: unknown) => error as Error,
      )
      if (stopped === undefined) break
      expect(stopped.message).toBe('crash')
      channel.restart()
    }
    channel.crash[when] = () => {}
    channel.pass(60_000)
  }
  return { ...channel, appends }
}

/** What has happened, whatever the order in which streams took turns, and by which of several arrivals an order was woken. */
async function effects(channel: WorkChannel): Promise<Record<string, string[]>> {
  const byStream: Record<string, string[]> = {}
  for (const { stream, type, data } of await channel.events())
    (byStream[stream] ??= []).push(`${type} ${JSON.stringify(data).replace(/"requestId":"[^"]*"/, '')}`)
  for (const happened of Object.values(byStream)) happened.sort()
  return byStream
}

it(
  'has one effect when the process dies before or after any append and another goes on',
  { timeout: 60_000 },
  async () => {
    const undisturbed = await live(false, 0, 'before')
    const expected = await effects(undisturbed)
    expect(undisturbed.appends).toBeGreaterThan(50)
    expect(brokenInvariants(await undisturbed.events())).toEqual([])
    for (const when of ['before', 'after'] as const) {
      for (let crashAt = when === 'before' ? 1 : 5; crashAt <= undisturbed.appends; crashAt += stride) {
        const channel = await live(true, crashAt, when)
        expect(await effects(channel), `crash ${when} append ${crashAt}`).toEqual(expected)
        expect(await channel.progress.deadTasks(1)).toEqual([])
      }
    }
  },
)

it('has one effect when every fact is delivered twice and lanes come in another order', async () => {
  const channel = await openWorkChannel()
  const once = await live(false, 0, 'before')
  for (const chapter of chapters) {
    await chapter(channel)
    for (let quiet = false; !quiet;) {
      const before = await channel.store.head()
      const { reactor } = createProcesses(
        {
          ...channel.ports,
          // every event of a page comes twice, the streams in reverse order
          store: {
            ...channel.ports.store,
            async readAll(options) {
              const page = await channel.ports.store.readAll(options)
              const streams = [...new Set(page.events.map(({ stream }) => stream))].toReversed()
              const events = streams.flatMap((stream) => page.events.filter((event) => event.stream === stream))
              return { ...page, events: events.flatMap((event) => [event, event]) }
            },
          },
        },
        { sleep: async () => {}, limits: { lanes: 1 } },
      )
      await reactor.drain()
      quiet = (await channel.store.head()) === before
    }
    await channel.work()
    channel.pass(60_000)
  }
  expect(brokenInvariants(await channel.events())).toEqual([])
  const counted = async (of: WorkChannel) =>
    (await of.events()).filter(({ stream }) => /^(account|stock)-/.test(stream)).length
  expect(await counted(channel)).toBeGreaterThan(20)
  for (const sku of ['BIKE', 'HELMET'])
    expect((await channel.stock(sku)).levels).toEqual((await once.stock(sku)).levels)
  expect(await channel.progress.deadTasks(10)).toEqual([])
})

it('passes the deadline of an attempt that hangs, and holds the order with nothing reserved', async () => {
  const channel = await openWorkChannel()
  await channel.receive('BIKE', '6', 'R1')
  await channel.place('O1', [['BIKE', '4']])
  let appends = 0
  channel.crash.before = () => {
    appends += 1
    if (appends > 4) throw new Error('crash')
  }
  await expect(runFulfilment(channel.ports.handler, 'O1', channel.at())).rejects.toThrow('crash')
  channel.crash.before = () => {}
  channel.restart()
  expect((await channel.process('O1')).phase).not.toBe('done')
  // the event that would wake it is behind the checkpoint already: only the agenda knows of the process
  const { reactor } = createProcesses(channel.ports, { sleep: async () => {} })
  await reactor.skipTo(await channel.store.head())
  channel.pass(2 * 3_600_000)
  await channel.work()
  expect((await channel.order('O1')).holds).toEqual(['manual'])
  expect((await channel.stock('BIKE')).levels).toMatchObject({ reserved: '0', allocated: '0' })
  expect(await channel.events('FulfilmentDeadlinePassed')).toHaveLength(1)
  expect(brokenInvariants(await channel.events())).toEqual([])
})

it('takes up a process that nobody runs any more, long before its deadline', async () => {
  const channel = await openWorkChannel()
  await channel.receive('BIKE', '6', 'R1')
  await channel.place('O1', [['BIKE', '4']])
  let appends = 0
  channel.crash.after = () => {
    appends += 1
    if (appends > 5) throw new Error('crash')
  }
  await expect(runFulfilment(channel.ports.handler, 'O1', channel.at())).rejects.toThrow('crash')
  channel.crash.after = () => {}
  channel.restart()
  const { reactor } = createProcesses(channel.ports, { sleep: async () => {} })
  await reactor.skipTo(await channel.store.head())
  channel.pass(6 * 60_000)
  await channel.work()
  expect(await channel.process('O1')).toMatchObject({ phase: 'done', outcome: 'confirmed' })
  expect(brokenInvariants(await channel.events())).toEqual([])
})
