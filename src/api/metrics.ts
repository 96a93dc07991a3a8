import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'
import type { EventStore } from '../ledger/eventStore.ts'
import type { ModelStatus } from '../projections/engine/status.ts'

export type RequestKind = 'commands' | 'queries'

/** What the process counts for Prometheus. The names are public: docs/metrics.md lists them, and a test compares. */
export interface Metrics {
  request(route: string, method: string, status: number, seconds: number): void
  append(outcome: 'appended' | 'repeated' | 'conflict' | 'failed', seconds: number, events: number): void
  liveClients(count: number): void
  /** requests that are worked on, and those that wait for their turn */
  underWay(kind: RequestKind, atWork: number, waiting: number): void
  /** a request was answered 503 because there are too many */
  turnedAway(kind: RequestKind): void
  /** the text of `/metrics`; asks for lag and queues while it is made */
  text(): Promise<string>
  readonly contentType: string
}

export interface MetricsSources {
  readonly projectionStatus: () => Promise<readonly ModelStatus[]>
  readonly jobCounts: () => Promise<Readonly<Record<string, number>>>
  /** a source did not answer: its figures are missing from this scrape */
  readonly onError: (error: unknown) => void
}

const seconds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]

export function createMetrics({ projectionStatus, jobCounts, onError }: MetricsSources): Metrics {
  const registry = new Registry()
  const registers = [registry]
  collectDefaultMetrics({ register: registry })
  const requests = new Histogram({
    name: 'channel_ledger_http_request_duration_seconds',
    help: 'Time from request to answer',
    labelNames: ['route', 'method', 'status'],
    buckets: seconds,
    registers,
  })
  const appends = new Histogram({
    name: 'channel_ledger_append_duration_seconds',
    help: 'Time of an append to the log',
    labelNames: ['outcome'],
    buckets: seconds,
    registers,
  })
  const events = new Counter({
    name: 'channel_ledger_appended_events_total',
    help: 'Events appended by this process',
    registers,
  })
  const clients = new Gauge({
    name: 'channel_ledger_live_clients',
    help: 'Open streams of live events',
    registers,
  })
  const gauge = (name: string, help: string, labels: string[]): Gauge =>
    new Gauge({ name: `channel_ledger_${name}`, help, labelNames: labels, registers })
  const turnedAway = new Counter({
    name: 'channel_ledger_requests_turned_away_total',
    help: 'Requests answered 503 because too many were under way',
    labelNames: ['kind'],
    registers,
  })
  const atWork = gauge('requests_at_work', 'Requests that are worked on', ['kind'])
  const waiting = gauge('requests_waiting', 'Requests that wait for their turn', ['kind'])
  const model = ['model', 'state']
  const lag = {
    events: gauge('projection_lag_events', 'Events a read model is behind; absent where the store cannot count', model),
    seconds: gauge('projection_lag_seconds', 'Age of the oldest event a read model has not folded', model),
    idle: gauge('projection_seconds_since_progress', 'Time since a read model last moved', model),
    parked: gauge('projection_parked_events', 'Events a read model could not fold', model),
  }
  const jobs = gauge('jobs', 'Jobs by queue and state', ['queue', 'state'])

  return {
    request: (route, method, status, took) => requests.observe({ route, method, status: status.toString() }, took),
    append(outcome, took, count) {
      appends.observe({ outcome }, took)
      if (outcome === 'appended') events.inc(count)
    },
    liveClients: (count) => clients.set(count),
    underWay(kind, working, queued) {
      atWork.set({ kind }, working)
      waiting.set({ kind }, queued)
    },
    turnedAway: (kind) => turnedAway.inc({ kind }),
    async text() {
      await Promise.all([collectLag().catch(onError), collectJobs().catch(onError)])
      return registry.metrics()
    },
    contentType: registry.contentType,
  }

  async function collectLag(): Promise<void> {
    for (const one of Object.values(lag)) one.reset()
    for (const {
      model,
      state,
      eventsBehind,
      secondsBehind,
      secondsSinceProgress,
      parkedEvents,
    } of await projectionStatus()) {
      if (eventsBehind !== undefined) lag.events.set({ model, state }, eventsBehind)
      lag.seconds.set({ model, state }, secondsBehind)
      lag.idle.set({ model, state }, secondsSinceProgress)
      lag.parked.set({ model, state }, parkedEvents)
    }
  }

  async function collectJobs(): Promise<void> {
    jobs.reset()
    for (const [name, count] of Object.entries(await jobCounts())) {
      const [queue = '', state = ''] = name.split('.')
      jobs.set({ queue, state }, count)
    }
  }
}

/** The store with its appends timed. */
export function meteredStore(store: EventStore, metrics: Pick<Metrics, 'append'>): EventStore {
  return {
    kind: store.kind,
    async append(stream, events, options) {
      const start = performance.now()
      const took = (): number => (performance.now() - start) / 1000
      try {
        const result = await store.append(stream, events, options)
        const outcome = result.outcome === 'conflict' ? 'conflict' : result.repeated ? 'repeated' : 'appended'
        metrics.append(outcome, took(), events.length)
        return result
      } catch (error) {
        metrics.append('failed', took(), events.length)
        throw error
      }
    },
    readStream: (stream, options) => store.readStream(stream, options),
    readAll: (options) => store.readAll(options),
    subscribe: (options) => store.subscribe(options),
    findCommand: (commandId, stream) => store.findCommand(commandId, stream),
    head: () => store.head(),
    positionAt: (instant) => store.positionAt(instant),
    close: () => store.close(),
  }
}
