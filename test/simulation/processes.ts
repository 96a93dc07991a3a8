import { orderAggregate } from '../../src/domain/orders/decide.ts'
import { businessTime } from '../../src/domain/kernel/businessTime.ts'
import type { Aggregate } from '../../src/domain/kernel/decider.ts'
import { accountAggregate } from '../../src/domain/credit/account.ts'
import { fulfilmentAggregate } from '../../src/domain/fulfilment/decide.ts'
import { linesOf } from '../../src/domain/orders/state.ts'
import { aggregates } from '../../src/domain/registry.ts'
import { stockAggregate } from '../../src/domain/stock/decide.ts'
import type { LedgerCommandHandler } from '../../src/ledger/commandHandler.ts'
import type { CommandMeta, Outcome } from '../../src/ledger/commands.ts'
import { createEventRegistry } from '../../src/ledger/eventRegistry.ts'
import { createMemoryLog, openMemoryStore, type MemoryLog } from '../../src/ledger/memory/memoryStore.ts'
import { createMemorySnapshots } from '../../src/ledger/snapshots.ts'
import { createProcesses } from '../../src/workers/createProcesses.ts'
import { createMemoryProgressStore } from '../../src/workers/progress/memoryProgressStore.ts'
import { ledgerSources } from '../../src/workers/ledgerSources.ts'
import { runDueWork } from '../../src/workers/runDueWork.ts'
import { runSchedules } from '../../src/workers/runSchedules.ts'
import { begin, skus } from '../model/channel.ts'
import { testHandler } from '../support/commandHandling.ts'
import { decodeOnce } from '../support/decodeOnce.ts'
import { brokenInvariants } from '../support/invariants.ts'
import { createScheduler, type Process } from './scheduler.ts'
import { wireProgress, wireStore } from './wire.ts'

const registry = createEventRegistry(aggregates)
const again = new Set(['ledger.contention', 'server.busy', 'idempotency.in_flight'])
const minute = 60_000

interface Worker {
  readonly process: Process
  readonly handler: LedgerCommandHandler
  readonly sweep: () => Promise<void>
  readonly stopped: Promise<void>
}

/**
 * Two worker processes and the people who order, amend, ship and cancel, on one log. Both workers follow it (one holds the
 * lease), sweeps come when they please, twice, or never, and processes die. Throws what is broken once everything is at rest.
 */
export async function simulateProcesses(seed: number, base: MemoryLog): Promise<ReadonlyMap<string, number>> {
  const scheduler = createScheduler(seed, { lost: 0.01, unanswered: 0.02, late: 0.01, death: 0.002 }, begin + minute)
  const { random, below, counts } = scheduler
  const count = (name: string): void => void counts.set(name, (counts.get(name) ?? 0) + 1)
  const log = createMemoryLog()
  for (const stored of base.all) log.append(stored.stream, [{ ...stored, bytes: 0 }], stored.recordedAt)
  const sound = decodeOnce(log, openMemoryStore({ clock: scheduler.now, log }))
  const snapshots = createMemorySnapshots()
  const progress = createMemoryProgressStore()
  const at = (): string => businessTime(scheduler.now(), 'UTC')
  let starts = 0

  const portsOf = (on: Process) => {
    const store = wireStore(scheduler, on, sound)
    const sleep = (milliseconds: number): Promise<void> => scheduler.sleep(on, milliseconds)
    const handler = testHandler(store, { registry, snapshots, sleep, now: scheduler.now, seed: starts })
    return {
      store,
      registry,
      handler,
      ...ledgerSources({ store, registry }),
      progress: wireProgress(scheduler, on, progress),
      clock: scheduler.now,
      zone: 'UTC',
    }
  }
  const open = (): Worker => {
    const on = scheduler.start(`worker ${(starts += 1)}`)
    const ports = portsOf(on)
    const { reactor, context } = createProcesses(ports, {
      sleep: (milliseconds, signal) => scheduler.sleep(on, milliseconds, signal),
      limits: { leaseMs: 3_000, pollMs: 100, lanes: 1 + below(4), page: 1 + below(40), attempts: 1_000 },
    })
    const ignore = (): void => {}
    return {
      process: on,
      handler: ports.handler,
      stopped: reactor.run(on.signal).catch(ignore),
      sweep: () => runSchedules(context, at(), on.signal).catch(ignore),
    }
  }
  const workers = [open(), open()]
  const people = scheduler.start('people')
  let busy = 2
  let commands = 0

  /** Asks again until there is an answer, as whoever wants something does. */
  async function ask<C extends { type: string }, E extends { type: string; data: unknown }, S, G>(
    aggregate: Aggregate<C, E, S, G>,
    command: C,
  ): Promise<Outcome> {
    const key = `${(commands += 1)}`
    const idempotency = { principal: 'people', route: 'simulation', key, requestHash: '0'.repeat(64) }
    for (;;) {
      const meta: CommandMeta = {
        idempotency,
        at: at(),
        actor: 'people',
        source: { kind: 'command' },
        correlationId: key,
      }
      const outcome = await workers[below(2)]!.handler.execute(aggregate, command, meta).catch(() => undefined)
      if (outcome && (outcome.ok || !again.has(outcome.refusal.refused))) {
        count(outcome.ok ? 'accepted' : 'refused')
        return outcome
      }
      count('asked again')
      await scheduler.sleep(people, 50 + below(500))
    }
  }

  const order = async (orderId: string, dealerId: string): Promise<void> => {
    const policy = (['backorder', 'split', 'cancel', 'hold'] as const)[below(4)]!
    const lines = Array.from({ length: 1 + below(2) }, (_, index) => ({
      lineNo: index + 1,
      sku: skus[(below(2) + index) % 2]!,
      unit: 'EA',
      quantity: `${1 + below(6)}`,
    }))
    const header = {
      orderId,
      companyId: 'ACME',
      dealerId,
      currency: 'USD',
      shipFrom: { party: 'ACME', location: 'MAIN' },
    }
    await ask(orderAggregate, {
      type: 'PlaceOrder',
      ...header,
      affectsStock: true,
      backorderPolicy: policy,
      placedVia: 'api',
      lines,
    })
    for (let n = 0; n < 3; n += 1) {
      await scheduler.sleep(people, below(4_000))
      const state = await workers[below(2)]!.handler.load(orderAggregate, orderId).catch(() => undefined)
      if (state?.phase !== 'placed') continue
      const ready = linesOf(state).filter(({ quantities: q }) => Number(q.allocated) > Number(q.shipped))
      const kind = below(6)
      if (ready.length > 0 && kind < 3) {
        const shipmentId = `S${orderId}${n}`
        const parts = ready.map(({ terms, quantities: q }) => ({
          lineNo: terms.lineNo,
          quantity: `${Number(q.allocated) - Number(q.shipped)}`,
        }))
        const shipped = await ask(orderAggregate, { type: 'DispatchShipment', orderId, shipmentId, lines: parts })
        if (shipped.ok) await ask(orderAggregate, { type: 'DeliverShipment', orderId, shipmentId })
      } else if (kind === 3) await ask(orderAggregate, { type: 'CancelOrder', orderId, reason: 'changed' })
      else if (kind === 4)
        await ask(orderAggregate, {
          type: 'AmendOrder',
          orderId,
          reason: 'changed',
          lines: [{ lineNo: 1, quantity: `${1 + below(8)}` }],
        })
      else await receive(skus[below(2)]!)
    }
  }
  const receive = (sku: string): Promise<Outcome> =>
    ask(stockAggregate, {
      type: 'ReceiveStock',
      party: 'ACME',
      location: 'MAIN',
      sku,
      receiptId: `R${(commands += 1)}`,
      lines: [{ lot: '-', quantity: `${1 + below(8)}` }],
    })
  const limit = (dealer: string): Promise<Outcome> =>
    ask(accountAggregate, {
      type: 'SetCreditLimit',
      accountId: dealer,
      party: dealer,
      amount: `${3_000 + below(6_000)}`,
      currency: 'USD',
      rateKind: 'mid',
      checkPoints: ['place', 'confirm'],
      countFrom: 'placed',
    })
  const lives = [
    async () => {
      await limit('D1')
      await receive('BIKE')
      await order('O1', 'D1')
      await order('O3', 'D1')
    },
    async () => {
      await receive('HELMET')
      await order('O2', below(2) === 0 ? 'D1' : 'D2')
      await limit('D1')
    },
  ]
  const failed: unknown[] = []
  for (const life of lives)
    life().then(
      () => (busy -= 1),
      (error: unknown) => failed.push(error),
    )
  await scheduler.run(() => busy === 0 || failed.length > 0, {
    steps: 200_000,
    onStep() {
      const index = below(2)
      if (random() < 0.002) {
        scheduler.kill(workers[index]!.process)
        workers[index] = open()
      }
      // jobs are lost and doubled: a sweep comes or does not, in one process or in two
      if (random() < 0.003) {
        count('sweep')
        void workers[index]!.sweep()
        if (below(3) === 0) void workers[1 - index]!.sweep()
      }
    },
  })
  if (failed.length > 0) throw failed[0]
  for (const { process } of workers) scheduler.kill(process)
  scheduler.calm()
  await scheduler.run(scheduler.quiet)
  await Promise.all(workers.map(({ stopped }) => stopped))

  // whoever comes after them finds everything in the ledger
  const rest = scheduler.now() + minute
  const last = testHandler(sound, { registry, now: () => rest, seed: 99 })
  for (const later of [rest, rest + 6 * 60 * minute]) {
    const ports = {
      store: sound,
      registry,
      handler: last,
      progress,
      clock: () => later,
      zone: 'UTC',
      ...ledgerSources({ store: sound, registry }),
    }
    await runDueWork(ports, businessTime(later, 'UTC'))
  }
  const { events } = await sound.readAll({ after: 0n, limit: 5_000 })
  for (const { type } of events) count(type)
  const broken = brokenInvariants(events)
  if (broken.length > 0) throw new Error(broken.join('\n'))
  const dead = await progress.deadTasks(10)
  if (dead.length > 0)
    throw new Error(`given up: ${dead.map(({ reaction, reason }) => `${reaction} ${reason}`).join(', ')}`)
  for (const orderId of ['O1', 'O2', 'O3']) {
    const process = await last.load(fulfilmentAggregate, orderId)
    const state = await last.load(orderAggregate, orderId)
    if (process.phase !== 'done' && state.phase === 'placed' && !state.cancelled && state.holds.length === 0)
      throw new Error(`the process of ${orderId} rests at ${process.phase}`)
  }
  const commandIds = new Map<string, number>()
  for (const { source, revision } of events) {
    const { commandId = '' } = source
    const before = commandIds.get(commandId)
    if (before !== undefined && revision !== before + 1) throw new Error(`command ${commandId} has written twice`)
    commandIds.set(commandId, revision)
  }
  return counts
}
