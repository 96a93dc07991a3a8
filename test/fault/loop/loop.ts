import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { openSystem, type System, type SystemOptions } from '../../support/system.ts'
import { seededRandom } from '../../support/seededRandom.ts'
import { readAcknowledgements } from './acknowledgements.ts'
import { atRest } from './atRest.ts'
import { createLogCheck, type LogCheck } from './checkLog.ts'
import { checkModels } from './checkModels.ts'
import { checkPages } from './checkStorage.ts'
import { checkTruth } from './checkTruth.ts'
import type { Finding } from './findings.ts'
import { outsideDatabase, type OutsideDatabase } from './outsideDatabase.ts'
import { openOutsideLog, type OutsideLog } from './outsideLog.ts'
import { setUpChannel, type Person } from './setUpChannel.ts'
import { openWriters, type Writers } from './writersProcess.ts'

export interface LoopOptions extends SystemOptions {
  readonly seed: number
  readonly rounds: number
  /** requests under way at once */
  readonly callers?: number
  /** ms a caller waits for an answer; default 45,000 */
  readonly requestLimit?: number
  /** rounds between two looks at everything, besides the one at the end */
  readonly truthEvery?: number
  readonly log?: (line: string) => void
  /** what stands between the callers and the API */
  readonly entrance?: (system: System) => Promise<{ readonly url: string; close(): Promise<void> }>
  /** between the last round and the look at everything, with the workers at rest */
  readonly beforeLook?: (running: Running) => Promise<void>
}

/** The real system under traffic, and what is known of it from outside. */
export interface Running {
  readonly system: System
  readonly database: OutsideDatabase
  readonly log: OutsideLog
  readonly writers: Writers
  /** API keys */
  readonly keys: Readonly<Record<Person, string>>
  readonly random: () => number
  readonly tally: Tally
}

export interface Tally {
  readonly findings: Finding[]
  rowsCompared: number
  /** of the callers */
  readonly sums: { acknowledged: number; refused: number; open: number; cut: number; replayed: number; reads: number }
  /** of the log, as of the last look */
  found: Readonly<LogCheck['counts']>
  /** ms until the system was ready again, by round */
  readonly readies: number[]
}

export interface LoopReport {
  readonly seed: number
  readonly commit: string
  readonly seconds: number
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

export const settleWithin = 60_000
const restWithin = 180_000

/**
 * Does something bad to the running system in every round while commands are on their way, on data that is never made anew, and holds
 * the log against what was acknowledged after each; at the end the whole log, every read model and the domain's invariants. `round` says
 * in a line what it did; when it throws, a part did not come back. Ends at the first round that finds something.
 */
export async function runLoop(
  options: LoopOptions,
  round: (running: Running, n: number) => Promise<string>,
): Promise<LoopReport & Pick<Tally, 'sums'>> {
  const started = performance.now()
  const seconds = (): string => ((performance.now() - started) / 1000).toFixed(1)
  const { seed, callers = 24, requestLimit = 45_000, entrance } = options
  const say = options.log ?? (() => undefined)
  const directory = await mkdtemp(join(tmpdir(), 'channel-ledger-loop-'))
  const file = join(directory, 'acknowledgements.jsonl')
  const system = await openSystem(options)
  say(`seed ${seed}: the system runs after ${seconds()} s`)
  const database = outsideDatabase(system.databaseUrl)
  const log = openOutsideLog(database, system.eventStoreUrl)
  const tally = newTally()
  let before: Awaited<ReturnType<NonNullable<typeof entrance>>> | undefined
  try {
    const keys = await setUpChannel(system, () => atRest(database, log, restWithin))
    say(`the channel is set up after ${seconds()} s`)
    before = await entrance?.(system)
    const writers = await openWriters({ url: before?.url ?? system.url, keys, file, seed, callers, requestLimit })
    try {
      await runRounds(options, { system, database, log, writers, keys, random: seededRandom(seed), tally }, file, round)
    } finally {
      await writers.end()
    }
  } finally {
    await before?.close()
    await log.close()
    await system.close()
    await rm(directory, { recursive: true, force: true })
  }
  const { sums, found, findings, readies, rowsCompared } = tally
  const { acknowledged, withoutEvents, refused, events } = found
  const { open, replayed, reads } = sums
  return {
    seed,
    commit: await commit(),
    seconds: Math.round((performance.now() - started) / 1000),
    acknowledged,
    withoutEvents,
    refused,
    open,
    replayed,
    reads,
    events,
    rowsCompared,
    readyMilliseconds: medianAndLongest(readies),
    lost: countOf(findings, 'lost') + countOf(findings, 'hole'),
    doubled: countOf(findings, 'doubled'),
    phantom: countOf(findings, 'phantom'),
    findings,
    sums,
  }
}

async function runRounds(
  { rounds, truthEvery = Infinity, beforeLook, log: say = () => undefined }: LoopOptions,
  running: Running,
  file: string,
  round: (running: Running, n: number) => Promise<string>,
): Promise<void> {
  const { system, tally } = running
  const check = createLogCheck(running.log.isDense)
  let readUpTo = 0
  for (let n = 1; n <= rounds; n += 1) {
    const began = performance.now()
    let done = ''
    try {
      done = await round(running, n)
    } catch (error) {
      tally.findings.push({ reason: 'process ended', what: error instanceof Error ? error.message : String(error) })
      return
    }
    for (const part of system.ended())
      tally.findings.push({ reason: 'process ended', what: `${part} ended: ${await system.tail(part)}` })
    readUpTo = await checkNews(running, file, check, readUpTo)
    tally.found = { ...check.counts }
    say(
      `${n}/${rounds} ${done}, ready in ${Math.round(tally.readies.at(-1) ?? 0)} ms, ` +
        `${check.counts.acknowledged} acknowledged, ${check.counts.events} events, ${((performance.now() - began) / 1000).toFixed(1)} s`,
    )
    if (tally.findings.length === 0 && (n === rounds || n % truthEvery === 0)) {
      const looked = performance.now()
      await lookAtEverything(running, file, beforeLook)
      const took = ((performance.now() - looked) / 1000).toFixed(1)
      say(`everything compared in ${took} s, ${tally.rowsCompared} rows of read models`)
    }
    if (tally.findings.length > 0) return
  }
}

/** Ends the load once there were so many acknowledgements, and settles what was left open. */
export async function settle({ writers, tally }: Running, acknowledged: number): Promise<{ readonly cut: number }> {
  await writers.wait(acknowledged, settleWithin)
  const { findings, ...sums } = await writers.settle(settleWithin)
  tally.findings.push(...findings)
  for (const name of Object.keys(tally.sums) as (keyof typeof sums)[]) tally.sums[name] += sums[name]
  return sums
}

/** What came since the last look: the ledger of acknowledgements first, because all its commands are settled. */
async function checkNews({ log, tally }: Running, file: string, check: LogCheck, readUpTo: number): Promise<number> {
  const { lines, end } = await readAcknowledgements(file, readUpTo)
  for (const line of lines) check.line(line)
  const after = check.position()
  if (after > 0n) {
    const id = await log.idAt(after)
    if (id !== check.lastId())
      tally.findings.push({ reason: 'lost', what: `position ${after} was ${check.lastId()} and is ${id}` })
  }
  for await (const row of log.rows(after)) check.row(row)
  tally.findings.push(...check.settle())
  return end
}

/** With the workers at rest: the whole log against the whole ledger, the domain's invariants, every read model, every page. */
async function lookAtEverything(running: Running, file: string, beforeLook: LoopOptions['beforeLook']): Promise<void> {
  const { system, database, log, tally } = running
  try {
    await atRest(database, log, restWithin)
  } catch (error) {
    tally.findings.push({ reason: 'not at rest', what: error instanceof Error ? error.message : String(error) })
    return
  }
  await beforeLook?.(running)
  await checkNews(running, file, createLogCheck(log.isDense), 0)
  tally.findings.push(...(await checkTruth(database, log)))
  const models = await checkModels(system, database, () => atRest(database, log, restWithin))
  tally.findings.push(...models.findings)
  if (system.eventStoreUrl === undefined) tally.findings.push(...(await checkPages(database)))
  tally.rowsCompared = models.rows
}

function newTally(): Tally {
  return {
    findings: [],
    rowsCompared: 0,
    sums: { acknowledged: 0, refused: 0, open: 0, cut: 0, replayed: 0, reads: 0 },
    found: { acknowledged: 0, withoutEvents: 0, refused: 0, events: 0, byCommand: 0 },
    readies: [],
  }
}

function countOf(findings: readonly Finding[], reason: Finding['reason']): number {
  return findings.filter((finding) => finding.reason === reason).length
}

function medianAndLongest(values: readonly number[]): { readonly median: number; readonly longest: number } {
  const sorted = values.toSorted((a, b) => a - b)
  return { median: Math.round(sorted[Math.floor(sorted.length / 2)] ?? 0), longest: Math.round(sorted.at(-1) ?? 0) }
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
