import { setTimeout as wait } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { accountAggregate } from '../../src/domain/credit/account.ts'
import { linesOf } from '../../src/domain/orders/state.ts'
import { programmeAggregate } from '../../src/domain/rebates/programme.ts'
import { settlementAggregate } from '../../src/domain/rebates/settlement.ts'
import type { Terms } from '../../src/domain/rebates/terms.ts'
import { createMemoryJobs, type MemoryJobs } from '../../src/workers/jobs/memoryJobs.ts'
import { startWorkers, type WorkerProcessPorts } from '../../src/workers/startWorkers.ts'
import { brokenInvariants } from '../support/invariants.ts'
import { until } from '../support/until.ts'
import { openWorkChannel, type WorkChannel } from '../support/workChannel.ts'

const day = 86_400_000
const silent = { feed: async () => {}, deliverDue: async () => 0, run: async () => {} }

function processOn(channel: WorkChannel, jobs: MemoryJobs): WorkerProcessPorts {
  const { ports } = channel
  return {
    ...ports,
    // as another process has it
    handler: channel.newHandler(),
    jobs,
    webhooks: silent,
    concurrency: 2,
    sleep: async (milliseconds, signal) => wait(milliseconds, undefined, { signal }).catch(() => undefined),
    limits: { pollMs: 5, leaseMs: 200 },
  }
}

it('fulfils orders as they come, in one process after the other died, with orders of one dealer at once', async () => {
  const channel = await openWorkChannel()
  const clock = channel.ports.clock
  await channel.receive('BIKE', '100', 'R1')
  const first = new AbortController()
  const jobs = createMemoryJobs({ clock })
  const running = await startWorkers(processOn(channel, jobs), first.signal)
  for (let n = 1; n <= 20; n += 1)
    await channel.place(`O${n}`, [['BIKE', '2']], { dealerId: n % 2 === 0 ? 'D1' : 'D2' })
  const isAllocated = async (orderId: string): Promise<boolean> =>
    linesOf(await channel.order(orderId)).every(({ quantities }) => quantities.allocated === quantities.ordered)
  await until(() => isAllocated('O3'))
  first.abort()
  await running.stopped
  const second = new AbortController()
  const next = await startWorkers(processOn(channel, createMemoryJobs({ clock })), second.signal)
  await until(() => isAllocated('O20'))
  await until(async () => (await channel.progress.position('processes')) >= (await channel.store.head()) - 1n)
  second.abort()
  await next.stopped
  expect(brokenInvariants(await channel.events())).toEqual([])
  expect(await channel.progress.deadTasks(10)).toEqual([])
})

it('settles in jobs of dealer-periods, the same whether the queue is flushed in the middle or not', async () => {
  const settledWith = async (isFlushed: boolean): Promise<unknown> => {
    const channel = await openWorkChannel()
    const terms: Terms = {
      version: 1,
      name: { en: 'Growth' },
      payer: 'ACME',
      effectiveFrom: '2026-01-01T00:00:00.000Z[UTC]',
      eligibility: { kind: 'all' },
      products: {},
      basis: 'invoiced',
      measure: 'net',
      returns: 'deduct',
      calendarId: 'FISCAL',
      grain: 'month',
      rounding: {
        mode: 'half-up',
        level: 'settlement',
      },
      method: {
        kind: 'all-units',
        tiers: [
          {
            from: '0',
            rate: '0.02',
          },
        ],
      },
      accrual: 'expected-value',
      outlet: 'credit_note',
      negativeInterim: 'carry',
      graceDays: 3,
      clawbackDays: 90,
    }
    await channel.run(programmeAggregate, { type: 'DraftProgramme', programmeId: 'GROWTH', companyId: 'ACME', terms })
    await channel.run(programmeAggregate, { type: 'ActivateProgramme', programmeId: 'GROWTH', version: 1 })
    for (const dealerId of ['D1', 'D2']) {
      await channel.run(accountAggregate, {
        type: 'IssueInvoice',
        accountId: dealerId,
        dealerId,
        companyId: 'ACME',
        currency: 'USD',
        kind: 'invoice',
        invoiceId: `I-${dealerId}`,
        rounding: 'half-up',
        dueOn: '2026-02-05',
        zone: 'UTC',
        lines: [
          {
            lineNo: 1,
            sku: 'BIKE',
            quantity: '10',
            unit: 'EA',
            unitPrice: '10',
            lineValue: '100',
          },
        ],
      })
    }
    const jobs = createMemoryJobs({ clock: channel.ports.clock })
    const stop = new AbortController()
    const workers = await startWorkers(processOn(channel, jobs), stop.signal)
    const settled = async (): Promise<readonly string[]> =>
      Promise.all(
        ['D1', 'D2'].map(
          async (dealerId) =>
            (await channel.handler().load(settlementAggregate, `GROWTH/${dealerId}/USD/2026-01`)).settled,
        ),
      )
    const deadline = performance.now() + 20_000
    for (let passed = 0; (await settled()).join() !== '200,200'; passed += 1) {
      if (performance.now() > deadline) throw new Error('not settled')
      // an hour a turn: each is a slot of every schedule
      if (passed < 40 * 24) channel.pass(passed < 30 ? day : 3_600_000)
      if (isFlushed && passed % 3 === 0) await jobs.flush()
      await wait(15)
    }
    await until(async () => (await channel.events('SettlementCredited')).length === 2)
    stop.abort()
    await workers.stopped
    expect(brokenInvariants(await channel.events())).toEqual([])
    return [
      await settled(),
      (await channel.events('CreditNoteIssued')).map(({ data }) => (data as { amount: string }).amount),
    ]
  }
  const undisturbed = await settledWith(false)
  expect(undisturbed).toEqual([
    ['200', '200'],
    ['200', '200'],
  ])
  expect(await settledWith(true)).toEqual(undisturbed)
}, 60_000)
