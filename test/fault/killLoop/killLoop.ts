import type { Part, System, SystemOptions } from '../../support/system.ts'
import { checkControl } from '../loop/checkStorage.ts'
import { type LoopReport, runLoop, settle, type Running } from '../loop/loop.ts'
import type { OutsideDatabase } from '../loop/outsideDatabase.ts'
import type { OutsideLog } from '../loop/outsideLog.ts'
import { applyTwice, loseOneEvent, openLyingProxy, skipCheckpoints, type Mutant } from './mutants.ts'

/** `backend`: one process of PostgreSQL that serves a connection; the server then resets all of them. */
export type Target = Part | 'backend'

export interface KillLoopOptions extends SystemOptions {
  readonly kills: number
  readonly seed: number
  /** what may be killed; everything that runs when absent */
  readonly targets?: readonly Target[]
  /** acknowledgements that a cycle waits for, after its kill and restart included */
  readonly acknowledgedPerKill?: number
  /** requests under way at once */
  readonly callers?: number
  /** kills between two looks at everything, besides the one at the end */
  readonly truthEvery?: number
  readonly mutant?: Mutant
  readonly log?: (line: string) => void
}

export interface KillLoopReport extends LoopReport {
  readonly mutant: Mutant | undefined
  readonly kills: number
  /** kills by what was hit, pairs as `api+postgres` */
  readonly targets: Readonly<Record<string, number>>
  /** kills that found requests sent and not answered */
  readonly landed: number
  readonly inFlightAtKills: number
  /** of those requests, the ones whose outcome the kill left open */
  readonly cut: number
  /** kills of a worker that had events before it */
  readonly workersBehind: number
}

const killDelay = { from: 50, to: 800 }
const pairShare = 0.3

/** Kills parts of the real system while commands are on their way and starts them again on the same data (testing.md §1). */
export async function runKillLoop(options: KillLoopOptions): Promise<KillLoopReport> {
  const { mutant } = options
  const kills = newKills()
  const lie = mutant === 'early-ack' || mutant === 'stale-read' ? mutant : undefined
  const { sums, ...report } = await runLoop(
    {
      ...options,
      rounds: options.kills,
      ...(lie !== undefined && { entrance: (system: System) => openLyingProxy(system.url, lie) }),
      ...(mutant === 'double-apply' && { beforeLook: ({ database }: Running) => applyTwice(database) }),
    },
    (running, n) => cycle(options, running, n, kills),
  )
  return {
    ...report,
    mutant,
    kills: kills.done,
    targets: Object.fromEntries(Object.entries(kills.targets).toSorted()),
    landed: kills.landed,
    inFlightAtKills: kills.inFlight,
    cut: sums.cut,
    workersBehind: kills.workersBehind,
  }
}

function newKills() {
  return { done: 0, targets: {} as Record<string, number>, landed: 0, inFlight: 0, workersBehind: 0 }
}

/** One kill, of one part or of two at the same instant; the parts are back when it ends. */
async function cycle(
  { mutant, acknowledgedPerKill = 60, kills: last, targets: among }: KillLoopOptions,
  running: Running,
  n: number,
  kills: ReturnType<typeof newKills>,
): Promise<string> {
  const { system, database, log, writers, random, tally } = running
  const targets = chooseTargets(among ?? [...system.parts, 'backend'], random)
  const delay = killDelay.from + random() * (killDelay.to - killDelay.from)
  if (mutant === 'skip-checkpoint') await system.stop('worker')
  await writers.load()
  const pids = await Promise.all(
    targets.map(async (target) => (target === 'backend' ? backendOf(database) : system.pidOf(target))),
  )
  const { killed, inFlight } = await writers.kill(mutant === 'no-kill' ? [] : pids, delay)
  if (killed === targets.length) {
    const name = targets.toSorted().join('+')
    kills.done += 1
    kills.targets[name] = (kills.targets[name] ?? 0) + 1
    kills.inFlight += inFlight
    if (inFlight > 0) kills.landed += 1
  }
  if (killed < targets.length || inFlight === 0) {
    const what = `${killed} of ${targets.join(' and ')} got a signal, with ${inFlight} requests on their way`
    tally.findings.push({ reason: 'no kill landed', what })
  }
  const parts = killed === 0 ? [] : targets.flatMap((target) => (target === 'backend' ? [] : [target]))
  for (const part of parts) await system.gone(part)
  const killedAt = performance.now()
  // the stores first: whoever starts without its store ends
  for (const part of [...parts].sort((a, b) => order.indexOf(a) - order.indexOf(b))) {
    if (part === 'worker' && !targets.some(isStore)) kills.workersBehind += await eventsBehind(database, log)
    await system.start(part)
  }
  if (targets.includes('backend')) await answering(database)
  if (mutant !== 'skip-checkpoint') {
    await system.ready()
    tally.readies.push(performance.now() - killedAt)
  }
  const { cut } = await settle(running, acknowledgedPerKill)
  if (targets.some(isDatabase)) tally.findings.push(...(await checkControl(database)))
  if (mutant === 'skip-checkpoint') await skipCheckpoints(system, database)
  if (mutant === 'lose-one-event' && n === last) await loseOneEvent(database)
  return `killed ${targets.join('+')}: ${inFlight} in flight, ${cut} cut`
}

const order: readonly Part[] = ['postgres', 'eventstoredb', 'redis', 'api', 'worker']

/** One, or two different ones at the same instant. A backend goes with its server. */
function chooseTargets(from: readonly Target[], random: () => number): readonly Target[] {
  const first = from[Math.floor(random() * from.length)] ?? 'api'
  const rest = from.filter((target) => target !== first && !(isDatabase(target) && isDatabase(first)))
  const second = rest[Math.floor(random() * rest.length)]
  return random() < pairShare && second !== undefined ? [first, second] : [first]
}

const isDatabase = (target: Target): boolean => target === 'postgres' || target === 'backend'
const isStore = (target: Target): boolean => isDatabase(target) || target === 'eventstoredb'

/**
 * The oldest of those at work at this moment: a connection that was at rest, or was opened for one question, may end by itself
 * before the signal comes.
 */
async function backendOf({ query }: OutsideDatabase): Promise<number> {
  for (const deadline = performance.now() + 30_000; performance.now() < deadline;) {
    const [backend] = await query<{ pid: number }>(
      `select pid from pg_stat_activity
       where application_name like 'channel-ledger%' and application_name <> 'channel-ledger link'
         and query_start > clock_timestamp() - interval '2 seconds' and query_start > backend_start + interval '1 second'
       order by backend_start limit 1`,
    )
    if (backend) return backend.pid
  }
  throw new Error('nobody is at work in PostgreSQL')
}

/** Whether events wait for the read models: 1 or 0. */
async function eventsBehind({ query }: OutsideDatabase, log: OutsideLog): Promise<number> {
  const rows = await query(`select 1 from projections.generations where state = 'active' and checkpoint < $1 limit 1`, [
    `${await log.head()}`,
  ])
  return rows.length
}

/** After a reset of all connections the server answers again. */
async function answering({ query }: OutsideDatabase): Promise<void> {
  for (const deadline = performance.now() + 30_000; ;) {
    try {
      await query('select 1')
      return
    } catch (error) {
      if (performance.now() > deadline) throw error
    }
  }
}
