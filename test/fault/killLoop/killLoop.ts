import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { openSystem, type Part, type System, type SystemOptions } from '../../support/system.ts'
import { seededRandom } from '../../support/seededRandom.ts'
import { readAcknowledgements } from './acknowledgements.ts'
import { atRest } from './atRest.ts'
import { createLogCheck, type LogCheck } from './checkLog.ts'
import { checkModels } from './checkModels.ts'
import { checkControl, checkPages } from './checkStorage.ts'
import { checkTruth } from './checkTruth.ts'
import { outsideDatabase, type OutsideDatabase } from './database.ts'
import type { Finding } from './findings.ts'
import { applyTwice, loseOneEvent, openLyingProxy, skipCheckpoints, type Mutant } from './mutants.ts'
import { setUpChannel } from './setUpChannel.ts'
import { openWriters, type Writers } from './writersProcess.ts'

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

export interface KillLoopReport {
  readonly seed: number
  readonly commit: string
  readonly mutant: Mutant | undefined
  readonly seconds: number
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
  readonly acknowledged: number
  readonly withoutEvents: number
  readonly refused: number
  /** attempts whose outcome was open: repeated with their keys */
  readonly open: number
  readonly replayed: number
  readonly reads: number
  readonly events: number
  readonly rowsCompared: number
  readonly readyMilliseconds: { readonly median: number; readonly longest: number }
  readonly lost: number
  readonly doubled: number
  readonly phantom: number
  readonly findings: readonly Finding[]
}

const killDelay = { from: 50, to: 800 }
const pairShare = 0.3
const settleWithin = 60_000
const restWithin = 180_000

/**
 * Kills parts of the real system while commands are on their way, starts them again on the same data, and holds what is there against
 * what was acknowledged (testing.md §1). Ends at the first cycle that finds something.
 */
export async function runKillLoop(options: KillLoopOptions): Promise<KillLoopReport> {
  const started = performance.now()
  const seconds = (): string => ((performance.now() - started) / 1000).toFixed(1)
  const { seed, mutant, callers = 24 } = options
  const log = options.log ?? (() => undefined)
  const directory = await mkdtemp(join(tmpdir(), 'channel-ledger-kill-loop-'))
  const file = join(directory, 'acknowledgements.jsonl')
  const system = await openSystem(options)
  log(`seed ${seed}${mutant === undefined ? '' : `, mutant ${mutant}`}: the system runs after ${seconds()} s`)
  const database = outsideDatabase(system.databaseUrl)
  const lie = mutant === 'early-ack' || mutant === 'stale-read' ? await openLyingProxy(system.url, mutant) : undefined
  const loop = createTally()
  try {
    const keys = await setUpChannel(system, async () => void (await atRest(database, restWithin)))
    log(`the channel is set up after ${seconds()} s`)
    const writers = await openWriters({ url: lie?.url ?? system.url, keys, file, seed, callers })
    try {
      await runCycles(options, { system, database, writers, file, loop, log })
    } finally {
      await writers.end()
    }
  } finally {
    await lie?.close()
    await system.close()
    await rm(directory, { recursive: true, force: true })
  }
  return report(options, loop, await commit(), (performance.now() - started) / 1000)
}

interface Running {
  readonly system: System
  readonly database: OutsideDatabase
  readonly writers: Writers
  readonly file: string
  readonly loop: Tally
  readonly log: (line: string) => void
}

async function runCycles(options: KillLoopOptions, running: Running): Promise<void> {
  const { kills, seed, truthEvery = Infinity } = options
  const { loop, log } = running
  const random = seededRandom(seed)
  const check = createLogCheck()
  let readUpTo = 0
  for (let n = 1; n <= kills; n += 1) {
    const targets = chooseTargets(options.targets ?? everything(running.system), random)
    const began = performance.now()
    try {
      await cycle(options, running, targets, killDelay.from + random() * (killDelay.to - killDelay.from))
    } catch (error) {
      // a part that does not come back
      loop.findings.push({ reason: 'process ended', what: error instanceof Error ? error.message : String(error) })
      return
    }
    if (options.mutant === 'lose-one-event' && n === kills) await loseOneEvent(running.database)
    readUpTo = await checkNews(running, check, readUpTo)
    loop.look(check)
    log(
      `kill ${n}/${kills} ${targets.join('+')}: ${loop.last.inFlight} in flight, ${loop.last.cut} cut, ready in ${Math.round(loop.last.ready)} ms, ` +
        `${check.counts.acknowledged} acknowledged, ${check.counts.events} events, ${((performance.now() - began) / 1000).toFixed(1)} s`,
    )
    if (n === kills || n % truthEvery === 0) await lookAtEverything(options, running)
    if (loop.findings.length > 0) return
  }
}

function everything({ parts }: System): readonly Target[] {
  return [...parts, 'backend']
}

/** One, or two different ones at the same instant. A backend goes with its server. */
function chooseTargets(from: readonly Target[], random: () => number): readonly Target[] {
  const first = from[Math.floor(random() * from.length)] ?? 'api'
  const rest = from.filter((target) => target !== first && !(isDatabase(target) && isDatabase(first)))
  const second = rest[Math.floor(random() * rest.length)]
  return random() < pairShare && second !== undefined ? [first, second] : [first]
}

const isDatabase = (target: Target): boolean => target === 'postgres' || target === 'backend'

async function cycle(
  { mutant, acknowledgedPerKill = 60 }: KillLoopOptions,
  { system, database, writers, loop }: Running,
  targets: readonly Target[],
  delay: number,
): Promise<void> {
  if (mutant === 'skip-checkpoint') await system.stop('worker')
  const pids = await Promise.all(
    targets.map(async (target) => (target === 'backend' ? backendOf(database) : system.pidOf(target))),
  )
  await writers.load()
  const { killed, inFlight } = await writers.kill(mutant === 'no-kill' ? [] : pids, delay)
  loop.killed(targets, killed === targets.length, inFlight)
  if (killed < targets.length || inFlight === 0) {
    const what = `${killed} of ${targets.join(' and ')} got a signal, with ${inFlight} requests on their way`
    loop.findings.push({ reason: 'no kill landed', what })
  }
  const parts = killed === 0 ? [] : targets.flatMap((target) => (target === 'backend' ? [] : [target]))
  for (const part of parts) await system.gone(part)
  const killedAt = performance.now()
  // the stores first: whoever starts without its store ends
  for (const part of [...parts].sort((a, b) => order.indexOf(a) - order.indexOf(b))) {
    if (part === 'worker' && !targets.some(isDatabase)) loop.workersBehind += await eventsBehind(database)
    await system.start(part)
  }
  if (targets.includes('backend')) await answering(database)
  if (mutant !== 'skip-checkpoint') {
    await system.ready()
    loop.ready(performance.now() - killedAt)
  }
  await writers.wait(acknowledgedPerKill, settleWithin)
  const settled = await writers.settle(settleWithin)
  loop.settled(settled)

  if (targets.some(isDatabase)) loop.findings.push(...(await checkControl(database)))
  if (mutant === 'skip-checkpoint') await skipCheckpoints(system, database)
  for (const part of system.ended())
    loop.findings.push({ reason: 'process ended', what: `${part} ended: ${await system.tail(part)}` })
}

const order: readonly Part[] = ['postgres', 'redis', 'api', 'worker']

/** One that the system is at work with. */
async function backendOf({ query }: OutsideDatabase): Promise<number> {
  const rows = await query<{ pid: number }>(
    `select pid from pg_stat_activity where application_name like 'channel-ledger%' order by query_start desc nulls last limit 1`,
  )
  const [backend] = rows
  if (!backend) throw new Error('nobody is connected to PostgreSQL')
  return backend.pid
}

/** Whether events wait for the read models: 1 or 0. */
async function eventsBehind({ query }: OutsideDatabase): Promise<number> {
  const rows = await query(
    `select 1 from projections.generations g, ledger_head h where g.state = 'active' and g.checkpoint < h.position limit 1`,
  )
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

/** What came since the last look: the ledger of acknowledgements first, because all its commands are settled. */
async function checkNews({ file, database, loop }: Running, check: LogCheck, readUpTo: number): Promise<number> {
  const { lines, end } = await readAcknowledgements(file, readUpTo)
  for (const line of lines) check.line(line)
  const after = check.position()
  if (after > 0n) {
    const [anchor] = await database.query<{ id: string }>('select id from ledger_events where position = $1', [
      `${after}`,
    ])
    if (anchor?.id !== check.lastId())
      loop.findings.push({ reason: 'lost', what: `position ${after} was ${check.lastId()} and is ${anchor?.id}` })
  }
  for await (const row of database.rows(after)) check.row(row)
  loop.findings.push(...check.settle())
  return end
}

/** With the workers at rest: the whole log against the whole ledger, the domain's invariants, every read model, every page. */
async function lookAtEverything({ mutant }: KillLoopOptions, running: Running): Promise<void> {
  const { system, database, loop, log } = running
  if (loop.findings.length > 0) return
  try {
    await atRest(database, restWithin)
  } catch (error) {
    loop.findings.push({ reason: 'not at rest', what: error instanceof Error ? error.message : String(error) })
    return
  }
  if (mutant === 'double-apply') await applyTwice(database)
  const began = performance.now()
  await checkNews(running, createLogCheck(), 0)
  loop.findings.push(...(await checkTruth(database)))
  const models = await checkModels(system, database, () => atRest(database, restWithin))
  loop.findings.push(...models.findings, ...(await checkPages(database)))
  loop.rowsCompared = models.rows
  log(`everything compared in ${((performance.now() - began) / 1000).toFixed(1)} s, ${models.rows} rows of read models`)
}

type Tally = ReturnType<typeof createTally>

function createTally() {
  const tally = {
    findings: [] as Finding[],
    targets: {} as Record<string, number>,
    kills: 0,
    landed: 0,
    inFlight: 0,
    workersBehind: 0,
    rowsCompared: 0,
    sums: { acknowledged: 0, refused: 0, open: 0, cut: 0, replayed: 0, reads: 0 },
    log: { acknowledged: 0, withoutEvents: 0, refused: 0, events: 0, byCommand: 0 },
    readies: [] as number[],
    last: { inFlight: 0, cut: 0, ready: 0 },
    killed(targets: readonly Target[], isKilled: boolean, inFlight: number): void {
      const name = targets.toSorted().join('+')
      tally.last.inFlight = inFlight
      if (!isKilled) return
      tally.kills += 1
      tally.targets[name] = (tally.targets[name] ?? 0) + 1
      tally.inFlight += inFlight
      if (inFlight > 0) tally.landed += 1
    },
    ready(milliseconds: number): void {
      tally.readies.push(milliseconds)
      tally.last.ready = milliseconds
    },
    settled({ findings, ...sums }: Awaited<ReturnType<Writers['settle']>>): void {
      tally.findings.push(...findings)
      tally.last.cut = sums.cut
      for (const name of Object.keys(tally.sums) as (keyof typeof sums)[]) tally.sums[name] += sums[name]
    },
    look({ counts }: LogCheck): void {
      tally.log = { ...counts }
    },
  }
  return tally
}

function report({ seed, mutant }: KillLoopOptions, loop: Tally, commit: string, seconds: number): KillLoopReport {
  const { findings, sums } = loop
  const readies = loop.readies.toSorted((a, b) => a - b)
  const count = (reason: Finding['reason']): number => findings.filter((finding) => finding.reason === reason).length
  return {
    seed,
    commit,
    mutant,
    seconds: Math.round(seconds),
    kills: loop.kills,
    targets: Object.fromEntries(Object.entries(loop.targets).toSorted()),
    landed: loop.landed,
    inFlightAtKills: loop.inFlight,
    cut: sums.cut,
    workersBehind: loop.workersBehind,
    acknowledged: loop.log.acknowledged,
    withoutEvents: loop.log.withoutEvents,
    refused: loop.log.refused,
    open: sums.open,
    replayed: sums.replayed,
    reads: sums.reads,
    events: loop.log.events,
    rowsCompared: loop.rowsCompared,
    readyMilliseconds: {
      median: Math.round(readies[Math.floor(readies.length / 2)] ?? 0),
      longest: Math.round(readies.at(-1) ?? 0),
    },
    lost: count('lost') + count('hole'),
    doubled: count('doubled'),
    phantom: count('phantom'),
    findings,
  }
}

async function commit(): Promise<string> {
  try {
    const { stdout } = await promisify(execFile)('git', ['rev-parse', '--short', 'HEAD'])
    const { stdout: changes } = await promisify(execFile)('git', ['status', '--porcelain', '--', 'src'])
    return `${stdout.trim()}${changes === '' ? '' : ' with changes'}`
  } catch {
    return 'unknown'
  }
}
