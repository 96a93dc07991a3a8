import type pg from 'pg'
import type { RecordedEvent } from '../../ledger/envelope.ts'
import type { EventStore } from '../../ledger/eventStore.ts'
import { applyEvents, concerns, type FoldableEvent } from './applyEvents.ts'
import { compareAndSwitch, dropRetired } from './blueGreen.ts'
import type { ReadModel } from './factTable.ts'
import {
  ensureGenerations,
  inTransaction,
  type Lease,
  moveCheckpoint,
  releaseLeases,
  takeLeases,
} from './generations.ts'
import { park, parkedStreams } from './parking.ts'
import { generationSchema } from './schema.ts'

export interface EngineOptions {
  readonly pool: pg.Pool
  readonly store: EventStore
  readonly models: readonly ReadModel[]
  /** whether this program knows the type at that version; the engine waits in front of an event that it does not */
  readonly knows: (type: string, schemaVersion: number) => boolean
  /** lifts the data of an older version to the newest */
  readonly upcast: (event: RecordedEvent) => RecordedEvent
  /** name of this process, unique */
  readonly holder: string
  readonly log: (level: 'info' | 'warn' | 'error', message: string, details: Record<string, unknown>) => void
  /** called after every committed page of a lane */
  readonly onProgress?: (model: string, position: bigint) => void
  /** events read at once; 1 to 5,000 */
  readonly pageSize?: number
  readonly leaseMs?: number
  /** pause before trying again after the database or the store failed */
  readonly retryMs?: number
}

/** A generation on its way: its place in the log is a field because it moves with every page. */
interface Lane {
  readonly model: ReadModel
  readonly lease: Lease
  position: bigint
  readonly parked: Set<string>
  waiting: boolean
}

/**
 * Feeds the read models until the signal aborts: one loop reads each page of the log once and hands it to every lane that
 * stands there; lanes that are behind (a rebuild, a new version) catch up page by page in between.
 */
export async function runEngine(options: EngineOptions, signal: AbortSignal): Promise<void> {
  const { pool, models, holder, leaseMs = 15_000, retryMs = 250 } = options
  while (!signal.aborted) {
    try {
      await ensureGenerations(pool, models)
      await dropRetired(pool)
      await feed(options, signal)
    } catch (error) {
      if (signal.aborted) break
      options.log('warn', 'projections paused', { error: String(error), leaseMs })
      await pause(retryMs, signal)
    }
  }
  await releaseLeases(pool, holder).catch(() => undefined) // the lease runs out by itself
}

async function feed(options: EngineOptions, signal: AbortSignal): Promise<void> {
  const { store, leaseMs = 15_000, pageSize = 1000 } = options
  let lanes = new Map<string, Lane>()
  let renewAt = 0
  while (!signal.aborted) {
    if (performance.now() >= renewAt) {
      lanes = await openLanes(options, lanes)
      renewAt = performance.now() + leaseMs / 3
    }
    if (lanes.size === 0) {
      await pause(leaseMs / 10, signal)
      continue
    }
    const places = [...new Set([...lanes.values()].map((lane) => lane.position))].sort((a, b) => (a > b ? -1 : 1))
    let moved = false
    for (const [index, place] of places.entries()) {
      const group = [...lanes.values()].filter((lane) => lane.position === place && !lane.waiting)
      if (group.length === 0) continue
      const page = await store.readAll({ after: place, limit: pageSize })
      const ceiling = places[index - 1] // lanes ahead: stop where they stand, so that the groups join
      const events = ceiling === undefined ? page.events : page.events.filter((event) => event.position <= ceiling)
      const end = ceiling !== undefined && page.position > ceiling ? ceiling : page.position
      if (end === place) continue
      moved = true
      await feedGroup(options, lanes, group, events, end)
    }
    if (await switchFilled(options, lanes)) renewAt = 0
    if (!moved) await waitForNews(store, places[0] ?? 0n, Math.max(0, renewAt - performance.now()), signal)
  }
}

/** Renews leases; keeps the lanes that are still ours at their place, opens new ones at their checkpoint. */
async function openLanes(options: EngineOptions, old: ReadonlyMap<string, Lane>): Promise<Map<string, Lane>> {
  const leases = await takeLeases(options.pool, options.models, options.holder, options.leaseMs ?? 15_000)
  const lanes = new Map<string, Lane>()
  for (const lease of leases) {
    const model = options.models.find((candidate) => candidate.name === lease.generation.model)
    if (!model) continue
    const known = old.get(lease.generation.id)
    const parked = await parkedStreams(options.pool, lease.generation.id)
    lanes.set(lease.generation.id, { model, lease, position: lease.generation.checkpoint, parked, waiting: false })
    if (!known)
      options.log('info', 'read model lane opened', {
        model: model.name,
        generation: lease.generation.id,
        from: lease.generation.checkpoint.toString(),
      })
  }
  return lanes
}

async function feedGroup(
  options: EngineOptions,
  lanes: Map<string, Lane>,
  group: readonly Lane[],
  events: readonly RecordedEvent[],
  end: bigint,
): Promise<void> {
  const unknownAt = events.findIndex((event) => !options.knows(event.type, event.schemaVersion))
  const stopped = unknownAt === -1 ? undefined : events[unknownAt]
  const known = stopped ? events.slice(0, unknownAt) : events
  const target = stopped ? known.at(-1)?.position : end
  if (target !== undefined) {
    const batch = await withVoids(options.store, known.map(options.upcast), options.upcast)
    for (const lane of group) {
      if (await feedLane(options, lane, batch, target)) options.onProgress?.(lane.model.name, target)
      else lanes.delete(lane.lease.generation.id)
    }
  }
  if (stopped) {
    for (const lane of group) {
      lane.waiting = true
      await options.pool.query('update projections.generations set waiting_for = $2 where id = $1', [
        lane.lease.generation.id,
        `${stopped.type} v${stopped.schemaVersion}`,
      ])
    }
    options.log('warn', 'projections wait for a newer program', {
      type: stopped.type,
      version: stopped.schemaVersion,
      position: stopped.position.toString(),
    })
  }
}

/** Finds the event that each error declaration names: it stands earlier in the same stream. */
async function withVoids(
  store: EventStore,
  events: readonly RecordedEvent[],
  upcast: EngineOptions['upcast'],
): Promise<FoldableEvent[]> {
  const batch: FoldableEvent[] = []
  for (const event of events) {
    const named = event.type === 'ErrorDeclared' ? await findInStream(store, event) : undefined
    batch.push(named ? { event, voids: upcast(named) } : { event })
  }
  return batch
}

async function findInStream(store: EventStore, declaration: RecordedEvent): Promise<RecordedEvent | undefined> {
  const { eventId } = declaration.data as { eventId: string } // the schema of ErrorDeclared
  for (let from = 0; from < declaration.revision;) {
    const events = await store.readStream(declaration.stream, { from, limit: 5000 })
    const found = events.find((event) => event.id === eventId)
    if (found || events.length === 0) return found
    from += events.length
  }
  return undefined
}

/** One page into one lane, in one transaction with its checkpoint. Answers false when the lease was lost. */
async function feedLane(
  options: EngineOptions,
  lane: Lane,
  batch: readonly FoldableEvent[],
  target: bigint,
): Promise<boolean> {
  const schema = generationSchema(lane.model.name, lane.lease.generation.id)
  const mine = batch.filter(
    ({ event, voids }) => concerns(lane.model, event.type) || (voids !== undefined && concerns(lane.model, voids.type)),
  )
  const recordedAt = batch.at(-1)?.event.recordedAt
  try {
    const kept = await inTransaction(options.pool, async (tx) => {
      // what is lost with the machine is read again from the log, together with its checkpoint
      await tx.query('set local synchronous_commit = off')
      if (!(await moveCheckpoint(tx, lane.lease, lane.position, target, recordedAt))) return false
      const blocked = mine.filter(({ event }) => lane.parked.has(event.stream))
      for (const { event } of blocked)
        await park(tx, lane.lease.generation.id, event, 'an earlier event of its stream is parked')
      const open = blocked.length === 0 ? mine : mine.filter(({ event }) => !lane.parked.has(event.stream))
      if (open.length > 0) await applyEvents(tx, lane.model, schema, open)
      return true
    })
    if (kept) lane.position = target
    return kept
  } catch (error) {
    if (isOutage(error)) throw error
    return feedOneByOne(options, lane, batch, target)
  }
}

/** The page holds an event that the model cannot take: apply what can be, park the streams of what cannot. */
async function feedOneByOne(
  options: EngineOptions,
  lane: Lane,
  batch: readonly FoldableEvent[],
  target: bigint,
): Promise<boolean> {
  const { id } = lane.lease.generation
  const schema = generationSchema(lane.model.name, id)
  const newlyParked: string[] = []
  const kept = await inTransaction(options.pool, async (tx) => {
    if (!(await moveCheckpoint(tx, lane.lease, lane.position, target, batch.at(-1)?.event.recordedAt))) return false
    for (const item of batch) {
      const { event } = item
      if (!concerns(lane.model, event.type) && !(item.voids && concerns(lane.model, item.voids.type))) continue
      if (lane.parked.has(event.stream) || newlyParked.includes(event.stream)) {
        await park(tx, id, event, 'an earlier event of its stream is parked')
        continue
      }
      await tx.query('savepoint one')
      try {
        await applyEvents(tx, lane.model, schema, [item])
        await tx.query('release savepoint one')
      } catch (error) {
        if (isOutage(error)) throw error
        await tx.query('rollback to savepoint one')
        await park(tx, id, event, String(error))
        newlyParked.push(event.stream)
        options.log('error', 'stream parked', {
          model: lane.model.name,
          stream: event.stream,
          eventId: event.id,
          type: event.type,
          error: String(error),
        })
      }
    }
    return true
  })
  if (!kept) return false
  for (const stream of newlyParked) lane.parked.add(stream)
  lane.position = target
  return true
}

/** Lets filled generations take over; answers whether the set of lanes changed. */
async function switchFilled(options: EngineOptions, lanes: Map<string, Lane>): Promise<boolean> {
  let changed = false
  for (const lane of lanes.values()) {
    if (lane.lease.generation.state !== 'filling') continue
    const result = await compareAndSwitch(options.pool, lane.model, lane.lease)
    if (result.outcome === 'not-yet') continue
    options.log(result.outcome === 'switched' ? 'info' : 'error', `rebuild ${result.outcome}`, {
      model: lane.model.name,
      difference: result.difference,
    })
    changed = true
  }
  return changed
}

async function waitForNews(store: EventStore, after: bigint, timeoutMs: number, signal: AbortSignal): Promise<void> {
  const limited = AbortSignal.any([signal, AbortSignal.timeout(Math.ceil(timeoutMs))])
  for await (const page of store.subscribe({ after, limit: 1, signal: limited })) {
    if (page.position > after) return
  }
}

/** Connection trouble and shutdowns: the page is tried again. Anything else is the event's or the model's own fault. */
function isOutage(error: unknown): boolean {
  const code = typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : undefined
  if (code === undefined) return error instanceof Error && /connection|terminated|timeout/i.test(error.message)
  return /^(08|57|53|40|55|25|58)/.test(code) || /^E[A-Z]+$/.test(code)
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(done, ms)
    signal.addEventListener('abort', done, { once: true })
    function done(): void {
      clearTimeout(timer)
      signal.removeEventListener('abort', done)
      resolve()
    }
  })
}
