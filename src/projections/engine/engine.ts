import type pg from 'pg'
import type { RecordedEvent } from '../../ledger/envelope.ts'
import type { EventStore, Page } from '../../ledger/eventStore.ts'
import { joinSignals } from '../../ledger/joinSignals.ts'
import { applyEvents, concerns, type FoldableEvent } from './applyEvents.ts'
import { compareAndSwitch, dropRetired } from './blueGreen.ts'
import type { ReadModel } from './factTable.ts'
import { finishFilling } from './finishFilling.ts'
import {
  ensureGenerations,
  inTransaction,
  type Lease,
  moveCheckpoints,
  releaseLeases,
  takeLeases,
} from './generations.ts'
import { park, parkedStreams } from './parking.ts'
import { generationSchema } from './schema.ts'
import { withVoids } from './withVoids.ts'

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
  /** events read at once while a generation is filled; 1 to 5,000 */
  readonly fillingPageSize?: number
  readonly leaseMs?: number
  /** pause before trying again after the database or the store failed */
  readonly retryMs?: number
  /** ms since any moment, never going back */
  readonly now?: () => number
  /** ends early when the signal aborts; never rejects */
  readonly sleep?: (milliseconds: number, signal: AbortSignal) => Promise<void>
}

/** A generation on its way: its place in the log is a field because it moves with every page. */
interface Lane {
  readonly model: ReadModel
  readonly lease: Lease
  position: bigint
  readonly parked: Set<string>
  waiting: boolean
  /**
   * `filling`: facts alone are written; `filled`: nothing more to read for now; `finishing`: rows and indexes are being made;
   * `unsure`: that failed, or its answer was lost: the generation's own row knows
   */
  stage: 'filling' | 'filled' | 'finishing' | 'unsure' | 'ready'
  /** written since it was opened */
  facts: number
}

/** Lanes that write side by side, each on a connection: the program folds for one while PostgreSQL writes for another. */
const abreast = 3

/**
 * Feeds the read models until the signal aborts: one loop reads each page of the log once and hands it to every lane that
 * stands there; lanes that are behind (a rebuild, a new version) catch up page by page in between.
 */
export async function runEngine(options: EngineOptions, signal: AbortSignal): Promise<void> {
  const { pool, store, models, holder, leaseMs = 15_000, retryMs = 250, sleep = pause } = options
  while (!signal.aborted) {
    try {
      await ensureGenerations(pool, models, await store.head())
      await dropRetired(pool)
      await feed(options, signal)
    } catch (error) {
      if (signal.aborted) break
      options.log('warn', 'projections paused', { error: String(error), leaseMs })
      await sleep(retryMs, signal)
    }
  }
  await releaseLeases(pool, holder).catch(() => undefined) // the lease runs out by itself
}

async function feed(options: EngineOptions, signal: AbortSignal): Promise<void> {
  const { store, leaseMs = 15_000, pageSize = 1000, fillingPageSize = 2000, now = monotonic, sleep = pause } = options
  let lanes = new Map<string, Lane>()
  let renewAt = 0
  const finishers = openFinishers(options, signal)
  const read = readAhead(store, fillingPageSize)
  try {
    while (!signal.aborted) {
      if (now() >= renewAt || [...lanes.values()].some(({ stage }) => stage === 'unsure')) {
        lanes = await openLanes(options, lanes)
        renewAt = now() + leaseMs / 3
      }
      if (lanes.size === 0) {
        await sleep(leaseMs / 10, signal)
        continue
      }
      const fed = [...lanes.values()].filter(({ stage }) => stage !== 'finishing' && stage !== 'unsure')
      const places = [...new Set(fed.map((lane) => lane.position))].sort((a, b) => (a > b ? -1 : 1))
      let moved = false
      for (const [index, place] of places.entries()) {
        const group = fed.filter((lane) => lane.position === place && !lane.waiting)
        if (group.length === 0) continue
        const limit = group.every((lane) => lane.stage === 'ready') ? pageSize : fillingPageSize
        const page = await read(place, limit)
        const ceiling = places[index - 1] // lanes ahead: stop where they stand, so that the groups join
        const events = ceiling === undefined ? page.events : page.events.filter((event) => event.position <= ceiling)
        const end = ceiling !== undefined && page.position > ceiling ? ceiling : page.position
        if (end > place) {
          moved = true
          await feedGroup(options, lanes, group, events, end)
        }
        for (const lane of group)
          if (lane.stage === 'filling' && (lane.waiting || (page.atHead && end === page.position)))
            lane.stage = 'filled'
      }
      finishers.start([...lanes.values()])
      if (await switchFilled(options, lanes)) renewAt = 0
      if (!moved) {
        const enough = new AbortController()
        const news = joinSignals([signal, finishers.done(), enough.signal])
        void sleep(Math.max(0, renewAt - now()), news.signal).then(() => enough.abort())
        // with all of them being finished there is nothing to do for what the log already holds
        await waitForNews(store, places[0] ?? (await store.head()), news.signal).finally(() => enough.abort())
      }
    }
  } finally {
    await finishers.idle()
  }
}

/** Reads pages; of a filling the next one is on its way while this one is written. */
function readAhead(store: EventStore, fillingPageSize: number): (after: bigint, limit: number) => Promise<Page> {
  let next: { readonly after: bigint; readonly limit: number; readonly page: Promise<Page> } | undefined
  return async (after, limit) => {
    const page = await (next?.after === after && next.limit === limit ? next.page : store.readAll({ after, limit }))
    next = undefined
    if (limit === fillingPageSize && !page.atHead) {
      next = { after: page.position, limit, page: store.readAll({ after: page.position, limit }) }
      next.page.catch(() => undefined) // whoever waits for it sees the failure
    }
    return page
  }
}

interface Finishers {
  /** Starts what is filled, a few at a time. */
  start(lanes: readonly Lane[]): void
  /** Aborts when the next one is through. */
  readonly done: () => AbortSignal
  idle(): Promise<void>
}

/** Filled generations are finished beside the loop: it goes on feeding the others. */
function openFinishers(options: EngineOptions, signal: AbortSignal): Finishers {
  const { pool, log, retryMs = 250, now = monotonic, sleep = pause } = options
  const running = new Set<Promise<void>>()
  let bell = new AbortController()
  async function finish(lane: Lane): Promise<void> {
    const started = now()
    const details = { model: lane.model.name, generation: lane.lease.generation.id, position: lane.position.toString() }
    try {
      lane.stage = (await finishFilling(pool, lane.model, lane.lease, lane.position)) ? 'ready' : 'filling'
      log('info', 'read model filled', { ...details, ms: Math.round(now() - started) })
    } catch (error) {
      log('warn', 'read model not filled', { ...details, error: String(error) })
      await sleep(retryMs, signal)
      lane.stage = 'unsure'
    }
  }
  return {
    start(lanes) {
      const filled = lanes.filter(({ stage }) => stage === 'filled')
      // the longest first, so that none is left to itself at the end
      for (const lane of filled.sort((a, b) => b.facts - a.facts)) {
        if (running.size >= abreast - 1) return // one connection stays for the loop
        lane.stage = 'finishing'
        const work = finish(lane).finally(() => {
          running.delete(work)
          bell.abort()
          bell = new AbortController()
        })
        running.add(work)
      }
    },
    done: () => bell.signal,
    async idle() {
      await Promise.all(running)
    },
  }
}

/** Renews leases; keeps the lanes that are still ours at their place, opens new ones at their checkpoint. */
async function openLanes(options: EngineOptions, old: ReadonlyMap<string, Lane>): Promise<Map<string, Lane>> {
  const leases = await takeLeases(options.pool, options.models, options.holder, options.leaseMs ?? 15_000)
  const lanes = new Map<string, Lane>()
  for (const lease of leases) {
    const model = options.models.find((candidate) => candidate.name === lease.generation.model)
    if (!model) continue
    const { id, checkpoint, ready } = lease.generation
    const known = old.get(id)
    const ours = known?.lease.token === lease.token ? known : undefined
    if (ours?.stage === 'finishing') {
      lanes.set(id, ours)
      continue
    }
    const parked = await parkedStreams(options.pool, id)
    const stage = ready || ours?.stage === 'ready' ? 'ready' : 'filling' // it may have become so since the leases were read
    lanes.set(id, { model, lease, position: checkpoint, parked, waiting: false, stage, facts: ours?.facts ?? 0 })
    if (!known)
      options.log('info', 'read model lane opened', {
        model: model.name,
        generation: id,
        from: checkpoint.toString(),
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
    const kept = await feedLanes(options, group, batch, target)
    for (const lane of group) {
      if (kept.has(lane)) options.onProgress?.(lane.model.name, target)
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

/** One page into lanes that stand at the same place. Answers those that went on; of the others the lease was lost. */
async function feedLanes(
  options: EngineOptions,
  lanes: readonly Lane[],
  batch: readonly FoldableEvent[],
  target: bigint,
): Promise<ReadonlySet<Lane>> {
  const work = lanes.map((lane) => ({ lane, own: batch.filter((item) => concernsLane(lane, item)) }))
  const idle = work.filter(({ own }) => own.length === 0).map(({ lane }) => lane)
  // the longest first, so that none is left to itself at the end
  const waiting = work.filter(({ own }) => own.length > 0).sort((a, b) => b.own.length - a.own.length)
  const recordedAt = batch.at(-1)?.event.recordedAt
  const kept = new Set<Lane>(idle.length > 0 ? await passBy(options, idle, target, recordedAt) : [])
  await Promise.all(
    Array.from({ length: Math.min(abreast, waiting.length) }, async () => {
      for (let next = waiting.shift(); next; next = waiting.shift())
        if (await feedLane(options, next.lane, next.own, target, recordedAt)) kept.add(next.lane)
    }),
  )
  return kept
}

function concernsLane({ model }: Lane, { event, voids }: FoldableEvent): boolean {
  return concerns(model, event.type) || (voids !== undefined && concerns(model, voids.type))
}

/** Moves lanes past a page that holds nothing for them. */
async function passBy(
  { pool }: EngineOptions,
  lanes: readonly Lane[],
  target: bigint,
  recordedAt: string | undefined,
): Promise<readonly Lane[]> {
  const from = lanes[0]?.position ?? 0n // the same of all
  const moved = await inTransaction(pool, async (tx) => {
    await tx.query('set local synchronous_commit = off')
    return moveCheckpoints(
      tx,
      lanes.map(({ lease }) => lease),
      from,
      target,
      recordedAt,
    )
  })
  const kept = lanes.filter(({ lease }) => moved.has(lease.generation.id))
  for (const lane of kept) lane.position = target
  return kept
}

/** Its part of a page into one lane, in one transaction with the checkpoint. Answers false when the lease was lost. */
async function feedLane(
  options: EngineOptions,
  lane: Lane,
  mine: readonly FoldableEvent[],
  target: bigint,
  recordedAt: string | undefined,
): Promise<boolean> {
  const { id } = lane.lease.generation
  const schema = generationSchema(lane.model.name, id)
  const filling = lane.stage !== 'ready'
  let written = 0
  try {
    const kept = await inTransaction(options.pool, async (tx) => {
      // what is lost with the machine is read again from the log, together with its checkpoint
      await tx.query('set local synchronous_commit = off')
      if (!(await moveCheckpoints(tx, [lane.lease], lane.position, target, recordedAt)).has(id)) return false
      const blocked = mine.filter(({ event }) => lane.parked.has(event.stream))
      for (const { event } of blocked) await park(tx, id, event, 'an earlier event of its stream is parked')
      const open = blocked.length === 0 ? mine : mine.filter(({ event }) => !lane.parked.has(event.stream))
      if (open.length > 0) written = await applyEvents(tx, lane.model, schema, open, { filling })
      return true
    })
    if (kept) lane.position = target
    lane.facts += written
    return kept
  } catch (error) {
    if (isOutage(error)) throw error
    return feedOneByOne(options, lane, mine, target, recordedAt)
  }
}

/** The page holds an event that the model cannot take: apply what can be, park the streams of what cannot. */
async function feedOneByOne(
  options: EngineOptions,
  lane: Lane,
  mine: readonly FoldableEvent[],
  target: bigint,
  recordedAt: string | undefined,
): Promise<boolean> {
  const { id } = lane.lease.generation
  const schema = generationSchema(lane.model.name, id)
  const filling = lane.stage !== 'ready'
  const newlyParked: string[] = []
  const kept = await inTransaction(options.pool, async (tx) => {
    if (!(await moveCheckpoints(tx, [lane.lease], lane.position, target, recordedAt)).has(id)) return false
    for (const item of mine) {
      const { event } = item
      if (lane.parked.has(event.stream) || newlyParked.includes(event.stream)) {
        await park(tx, id, event, 'an earlier event of its stream is parked')
        continue
      }
      await tx.query('savepoint one')
      try {
        await applyEvents(tx, lane.model, schema, [item], { filling })
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
    if (lane.lease.generation.state !== 'filling' || lane.stage !== 'ready') continue
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

async function waitForNews(store: EventStore, after: bigint, signal: AbortSignal): Promise<void> {
  for await (const page of store.subscribe({ after, limit: 1, signal })) {
    if (page.position > after) return
  }
}

/** Connection trouble and shutdowns: the page is tried again. Anything else is the event's or the model's own fault. */
function isOutage(error: unknown): boolean {
  const code = typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : undefined
  if (code === undefined) return error instanceof Error && /connection|terminated|timeout/i.test(error.message)
  return /^(08|57|53|40|55|25|58)/.test(code) || /^E[A-Z]+$/.test(code)
}

const monotonic = (): number => performance.now()

function pause(ms: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve()
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
