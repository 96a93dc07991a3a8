import { isDeepStrictEqual } from 'node:util'
import type { LedgerCommandHandler } from '../../src/ledger/commandHandler.ts'
import { keyedEventId } from '../../src/ledger/commandIds.ts'
import type { CommandMeta, Outcome } from '../../src/ledger/commands.ts'
import { createMemoryLog, openMemoryStore } from '../../src/ledger/memory/memoryStore.ts'
import { createMemorySnapshots } from '../../src/ledger/snapshots.ts'
import { testHandler } from '../support/commandHandling.ts'
import { counter, type CounterCommand } from '../support/counter.ts'
import { decodeOnce } from '../support/decodeOnce.ts'
import { createScheduler, type Process } from './scheduler.ts'
import { wireSnapshots, wireStore } from './wire.ts'

interface Asked {
  readonly key: string
  readonly send: (handler: LedgerCommandHandler) => Promise<Outcome>
  readonly id: string
  outcome?: Outcome
  /** a call of it had no answer */
  wasUnknown: boolean
}

const again = new Set(['ledger.contention', 'server.busy', 'idempotency.in_flight'])
const streams = ['a', 'b']

/**
 * Two processes on one log, four clients that ask each command until it is answered. Throws what is broken: an acknowledged
 * command lost, one done twice, a refused one done, an old state given out, another answer to a repeat, no rest.
 */
export async function simulateLedger(seed: number): Promise<ReadonlyMap<string, number>> {
  const scheduler = createScheduler(seed, { lost: 0.03, unanswered: 0.06, late: 0.02, death: 0.004 }, 1_768_437_000_000)
  const { random, below, counts } = scheduler
  const count = (name: string): void => void counts.set(name, (counts.get(name) ?? 0) + 1)
  const log = createMemoryLog()
  const sound = decodeOnce(log, openMemoryStore({ clock: scheduler.now, log }))
  const snapshots = createMemorySnapshots()
  const limits = { batchSize: 1 + below(4), snapshotEvery: 3, lostAppends: below(3), heldStates: 1 + below(3) }
  let starts = 0
  const open = (
    on = scheduler.start(`process ${(starts += 1)}`),
  ): { process: Process; handler: LedgerCommandHandler } => {
    const sleep = (milliseconds: number): Promise<void> => scheduler.sleep(on, milliseconds)
    const ports = { snapshots: wireSnapshots(scheduler, on, snapshots), sleep, now: scheduler.now }
    const onSnapshotError = (): void => count('snapshot failed')
    const handler = testHandler(wireStore(scheduler, on, sound), { ...ports, seed: starts, limits, onSnapshotError })
    return { process: on, handler }
  }
  const running = [open(), open()]
  const asked: Asked[] = []
  const users = scheduler.start('users')
  let busy = 4

  const clients = Array.from({ length: busy }, async (_, client) => {
    for (let n = 0; n < 4; n += 1) {
      const one = ask(`${client}/${n}`)
      asked.push(one)
      await answered(one)
    }
    busy -= 1
  })

  function ask(key: string): Asked {
    const id = streams[below(2)]!
    const kind = below(10)
    const idempotency = { principal: 'user', route: 'simulation', key, requestHash: '0'.repeat(64) }
    const meta: CommandMeta = {
      at: '2026-01-15T08:30:00.000Z[UTC]',
      actor: 'user',
      source: { kind: 'command' },
      correlationId: key,
      idempotency,
    }
    const earlier = asked.find(
      ({ outcome, id: of }) => of === id && outcome?.ok && outcome.events[0]?.type === 'CounterTaken',
    )
    const wrong = earlier?.outcome?.ok ? earlier.outcome.events[0]?.id : undefined
    if (kind === 9 && wrong !== undefined) {
      const declaration = { eventId: wrong, reason: 'did_not_occur' as const }
      return { key, id, wasUnknown: false, send: (handler) => handler.declareError(counter, id, declaration, meta) }
    }
    const command: CounterCommand =
      kind < 2
        ? { type: 'Open', id, owner: 'dealer-1', available: 5 }
        : kind < 6
          ? { type: 'Take', id, by: 'x', count: 1 + below(4) }
          : kind < 8
            ? { type: 'TakeEach', id, by: 'y', count: 1 + below(3) }
            : { type: 'Fill', id, count: below(5) }
    return { key, id, wasUnknown: false, send: (handler) => handler.execute(counter, command, meta) }
  }

  async function answered(one: Asked): Promise<void> {
    for (;;) {
      const { handler } = running[below(running.length)]!
      const outcome = await one.send(handler).catch(() => undefined)
      if (outcome && (outcome.ok || !again.has(outcome.refusal.refused))) {
        one.outcome = outcome
        count(outcome.ok ? (outcome.replayed ? 'answered as before' : 'accepted') : 'refused')
        if (outcome.ok) await seesAtLeast(one.id, outcome.revision)
        return
      }
      if (outcome) count('asked to come again')
      else one.wasUnknown = true
      await scheduler.sleep(users, below(60))
    }
  }

  /** Whoever is asked after an answer has at least seen what was answered. */
  async function seesAtLeast(id: string, revision: number): Promise<void> {
    const { handler } = running[below(running.length)]!
    const seen = await handler.loadWithRevision(counter, id).catch(() => undefined)
    if (seen && seen.revision < revision)
      throw new Error(`${id}: revision ${seen.revision} after ${revision} was answered`)
  }

  const failed: unknown[] = []
  for (const client of clients) client.catch((error: unknown) => failed.push(error))
  const done = (): boolean => busy === 0 || failed.length > 0
  await scheduler.run(done, {
    onStep() {
      const index = below(running.length)
      if (random() >= 0.004) return
      scheduler.kill(running[index]!.process)
      running[index] = open()
    },
  })
  if (failed.length > 0) throw failed[0]
  scheduler.calm()
  const idle = Promise.all(running.map(({ handler }) => handler.idle()))
  let isIdle = false
  void idle.then(() => (isIdle = true))
  await scheduler.run(() => isIdle && scheduler.quiet())

  const repeats = check()
  let checked = false
  repeats.then(
    () => (checked = true),
    (error: unknown) => failed.push(error),
  )
  await scheduler.run(() => checked || failed.length > 0)
  if (failed.length > 0) throw failed[0]
  counts.set('events', log.all.length)
  return counts

  async function check(): Promise<void> {
    const { events } = await sound.readAll({ after: 0n, limit: 5_000 })
    const declared = new Set(events.flatMap(({ data }) => (data as { eventId?: string }).eventId ?? []))
    for (const { key, outcome, wasUnknown } of asked) {
      if (!outcome) throw new Error(`${key} was never answered`)
      const commandId = keyedEventId('user', 'simulation', key, 0)
      const own = events.filter(({ source }) => source.commandId === commandId)
      if (!outcome.ok && own.length > 0) {
        // see docs/reports/model-and-simulation.md: a late append of a batch, refused on the state before it
        if (!wasUnknown) throw new Error(`${key} was refused with ${outcome.refusal.refused} and is in the log`)
        count('refused, then written by a late append')
      }
      if (outcome.ok && !isDeepStrictEqual(own.map(plain), outcome.events.map(plain)))
        throw new Error(`${key} was answered with ${outcome.events.length} events, the log has ${own.length}`)
    }
    for (const id of streams) {
      const own = events.filter(({ stream }) => stream === `counter-${id}`)
      let available = 0
      for (const { type, data, id: eventId } of own) {
        const { available: opened = 0, count: by = 0 } = data as { available?: number; count?: number }
        if (declared.has(eventId)) continue
        available += type === 'CounterOpened' ? opened : type === 'CounterTaken' ? -by : by
      }
      if (own.filter(({ type }) => type === 'CounterOpened').length > 1) throw new Error(`${id} was opened twice`)
      for (const { handler } of running) {
        const state = await handler.load(counter, id)
        if (state.available !== available) throw new Error(`${id} has ${available}, a process says ${state.available}`)
      }
    }
    for (const { key, outcome, send } of asked) {
      if (!outcome?.ok || outcome.events.length === 0) continue
      const repeat = await send(running[below(running.length)]!.handler)
      const { revision, position } = outcome
      if (!repeat.ok || !repeat.replayed || repeat.revision !== revision || repeat.position !== position)
        throw new Error(`${key} is answered otherwise when it is asked again`)
    }
    if (log.all.length !== events.length) throw new Error('a repeat has written something')
  }
}

function plain({
  id,
  raw,
  revision,
  position,
}: {
  id: string
  raw: unknown
  revision: number
  position: bigint
}): unknown {
  return { id, raw, revision, position }
}
