import { setTimeout as sleep } from 'node:timers/promises'
import { seededRandom } from '../../support/seededRandom.ts'
import type { Server, SystemOptions } from '../../support/system.ts'
import { type LoopReport, runLoop, settle, type Running } from '../loop/loop.ts'
import { channel } from '../loop/traffic.ts'
import { openOutsideJobs, type OutsideJobs } from './outsideJobs.ts'
import { type Fault, type FaultProxy, faults, openFaultProxy } from './faultProxy.ts'

/** `callers>api`, `api>postgres`, `worker>redis`, … */
export type Link = 'callers>api' | `${'api' | 'worker'}>${Server}`

export interface FaultLoopOptions extends Omit<SystemOptions, 'linkTo'> {
  readonly seed: number
  /** every fault on every link so many times */
  readonly times?: number
  /** all of them when absent */
  readonly faults?: readonly Fault[]
  readonly links?: readonly Link[]
  /** ms after which the system must be ready again */
  readonly readyWithin: number
  readonly log?: (line: string) => void
}

export interface FaultLoopReport extends LoopReport {
  /** rounds by link and fault, with how often it did something and the longest time in ms until the system was ready again */
  readonly rounds: Readonly<Record<string, { readonly times: number; readonly hits: number; readonly ready: number }>>
  /** jobs that were enqueued meanwhile: each ran */
  readonly jobsRun: number
}

const lasts = { from: 1_000, to: 3_000 }
const acknowledgedPerRound = 60
/** ms between two jobs while a fault is on */
const jobEvery = 50
/** a job whose claim was lost runs when its lock has run out */
const restWithin = 150_000
/** a system that is not back after so long does not come back */
const readyLimit = 120_000

/**
 * Disturbs one link after another with every fault while commands are on their way, and holds what is there against what was
 * acknowledged (testing.md §2).
 */
export async function runFaultLoop(options: FaultLoopOptions): Promise<FaultLoopReport> {
  const { seed, times = 1, readyWithin } = options
  const random = seededRandom(seed)
  const proxies = new Map<Link, FaultProxy>()
  let jobs: OutsideJobs | undefined
  let jobsRun = 0
  const rounds: Record<string, { times: number; hits: number; ready: number }> = {}
  async function open(link: Link, to: Server | 'http', port: number): Promise<FaultProxy> {
    const proxy = await openFaultProxy(port, to, random)
    proxies.set(link, proxy)
    return proxy
  }

  const linksOf = options.links ?? linksWith(options)
  const all = linksOf.flatMap((link) => (options.faults ?? allFaults).map((fault) => [link, fault] as const))
  const plan = Array.from({ length: times }, () => shuffled(all, random)).flat()

  try {
    const { sums: _sums, ...report } = await runLoop(
      {
        ...options,
        rounds: plan.length,
        requestLimit: 8_000,
        linkTo: async (from, to, port) => (await open(`${from}>${to}`, to, port)).port,
        entrance: async (system) => {
          const proxy = await open('callers>api', 'http', Number(new URL(system.url).port))
          jobs = await openOutsideJobs(system)
          return { url: `http://127.0.0.1:${proxy.port}`, close: () => proxy.close() }
        },
      },
      async (running, n) => {
        const [link, fault] = plan[n - 1] ?? ['callers>api', 'latency']
        const proxy = proxies.get(link)
        if (!proxy || !jobs) throw new Error(`there is no link ${link}`)
        const { hits, ready, ran } = await disturb(running, proxy, fault, jobs)
        jobsRun += ran
        const name = `${link} ${fault}`
        const before = rounds[name] ?? { times: 0, hits: 0, ready: 0 }
        rounds[name] = { times: before.times + 1, hits: before.hits + hits, ready: Math.max(before.ready, ready) }
        if (ready > readyWithin)
          running.tally.findings.push({ reason: 'late', what: `${name}: ready after ${ready} ms` })
        return `${name} (${hits} hits)`
      },
    )
    return { ...report, rounds: Object.fromEntries(Object.entries(rounds).toSorted()), jobsRun }
  } finally {
    await jobs?.close()
    for (const proxy of proxies.values()) await proxy.close()
  }
}

const allFaults = Object.keys(faults) as Fault[]

function linksWith({ withRedis, withEventStore }: FaultLoopOptions): readonly Link[] {
  const servers: readonly Server[] = [
    'postgres',
    ...(withRedis === true ? ['redis' as const] : []),
    ...(withEventStore === true ? ['eventstoredb' as const] : []),
  ]
  return ['callers>api', ...servers.flatMap((server) => [`api>${server}`, `worker>${server}`] as const)]
}

/** One fault on one link under load; how long after its end the system did its work again. */
async function disturb(
  running: Running,
  proxy: FaultProxy,
  fault: Fault,
  jobs: OutsideJobs,
): Promise<{ readonly hits: number; readonly ready: number; readonly ran: number }> {
  const { writers, random, tally } = running
  const hitsOf = (): number => proxy.hits.get(fault) ?? 0
  const before = hitsOf()
  await writers.load()
  await writers.kill([], 50 + random() * 500)
  proxy.begin(fault)
  for (const until = performance.now() + lasts.from + random() * (lasts.to - lasts.from); performance.now() < until;) {
    await jobs.enqueue()
    await sleep(jobEvery)
  }
  proxy.clear()
  const ready = await readyAgain(running, jobs)
  tally.readies.push(ready)
  await settle(running, acknowledgedPerRound)
  const keys = jobs.taken()
  for (const key of keys)
    await jobs.ran(key, restWithin).catch((error: unknown) => {
      tally.findings.push({ reason: 'given up', what: `job ${key} has not run: ${String(error)}` })
    })
  return { hits: hitsOf() - before, ready, ran: keys.length }
}

/**
 * The milliseconds until `/readyz` says yes, a job that is enqueued now has run, a command is taken, and its effect is in a read
 * model: the API, the worker and all they need are at work.
 */
async function readyAgain({ system, keys, random }: Running, jobs: OutsideJobs): Promise<number> {
  const started = performance.now()
  await system.ready(readyLimit)
  await jobs.ran(await jobs.enqueue(), readyLimit)
  const { company, skus } = channel
  const key = `proof-${Math.floor(random() * 2 ** 48).toString(36)}`
  const row = `${company}/EAST/${skus[0]}`
  const proof = { receiptId: key, lines: [{ quantity: '1' }] }
  let last = ''
  for (;;) {
    try {
      const given = await ask(`/v1/stock/${row}/receipts`, proof)
      if (given.status < 300) {
        const { position } = given.body as { position: string } // of a command's answer
        const seen = await ask(`/v1/inventory/${row}?atLeast=${position}`)
        if (seen.status === 200) return Math.round(performance.now() - started)
        last = `${seen.status} ${JSON.stringify(seen.body)}`
      } else last = `${given.status} ${JSON.stringify(given.body)}`
    } catch (error) {
      last = String(error)
    }
    if (performance.now() - started > readyLimit) throw new Error(`not ready after ${readyLimit} ms: ${last}`)
    await sleep(20)
  }

  async function ask(path: string, body?: object): Promise<{ status: number; body: unknown }> {
    const answer = await fetch(`${system.url}${path}`, {
      signal: AbortSignal.timeout(2_000),
      method: body ? 'POST' : 'GET',
      headers: {
        authorization: `ApiKey ${keys.admin}`,
        ...(body && { 'content-type': 'application/json', 'idempotency-key': key }),
      },
      ...(body && { body: JSON.stringify(body) }),
    })
    return { status: answer.status, body: await answer.json() }
  }
}

function shuffled<T>(items: readonly T[], random: () => number): readonly T[] {
  return items
    .map((item) => [random(), item] as const)
    .toSorted(([a], [b]) => a - b)
    .map(([, item]) => item)
}
