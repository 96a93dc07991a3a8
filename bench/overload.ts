import { fork } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { Bench, BenchRow } from './bench.ts'
import { openProcesses, openStock } from './openProcesses.ts'
import type { CallOrder, CallReport } from './overloadCaller.ts'

const skus = 500
const file = (path: string): string => fileURLToPath(new URL(path, import.meta.url))

/**
 * An `api` and a `worker` process under a load of half commands, half queries, from a process of its own: what they can do,
 * how fast they answer at six tenths of it, and what becomes of that at three times of it (OVERLOAD_SECONDS, 300 for the
 * report), and after it.
 */
export const overload: Bench = {
  name: 'overload',
  title: 'One api process at three times what it can do (half receipts of goods, half stock levels; times in ms)',
  async run({ freshDatabase, log }) {
    const seconds = Number(process.env['OVERLOAD_SECONDS'] ?? 20)
    const database = await freshDatabase()
    const system = await openSystem(database.url)
    const memory = watchMemory(system.api.pid)
    const rows: BenchRow[] = []
    try {
      const call = (load: CallOrder['load'], length: number): Promise<CallReport> =>
        callFrom({ ...system, load, seconds: length, skus })
      await call({ callers: 24 }, Math.min(10, seconds))
      // what it does when asked for no more than it takes at once: the lower of two, the machine being what it is
      const trials = [
        await call({ callers: 24 }, Math.min(15, seconds)),
        await call({ callers: 24 }, Math.min(15, seconds)),
      ]
      const capacity = Math.min(...trials.map((trial) => (trial.outcomes['200'] ?? 0) / trial.seconds))
      log(`capacity ${Math.round(capacity)} requests/s`)
      const phases = [
        ['normal, 0.6 × capacity', 0.6, Math.min(60, seconds)],
        ['overload, 3 × capacity', 3, seconds],
        ['after it, 0.6 × capacity', 0.6, Math.min(60, seconds)],
      ] as const
      let normal = Number.NaN
      for (const [name, times, length] of phases) {
        memory.reset()
        await system.loopLag()
        const report = await call({ rate: capacity * times }, length)
        if (Number.isNaN(normal)) normal = report.accepted.p99
        const row = rowOf(name, report, normal, memory.most(), await system.loopLag())
        log(JSON.stringify(row))
        rows.push(row)
      }
      const alive = system.api.exitCode === null && system.worker.exitCode === null
      log(alive ? 'both processes are alive' : 'A PROCESS HAS ENDED')
      if (!alive) throw new Error('a process has ended under load')
    } finally {
      memory.stop()
      await system.stop()
      await database.drop()
    }
    return rows
  },
}

function rowOf(name: string, report: CallReport, normal: number, megabytes: number, loopLag: number): BenchRow {
  const { offered, outcomes, accepted, turnedAway, seconds, withoutRetryAfter, sentLate } = report
  const { 200: ok = 0, 503: busy = 0, ...other } = outcomes
  return {
    load: name,
    'offered/s': Math.round(offered / seconds),
    'accepted/s': Math.round(ok / seconds),
    'turned away/s': Math.round(busy / seconds),
    'no Retry-After': withoutRetryAfter,
    other: Object.keys(other).length === 0 ? '0' : JSON.stringify(other),
    p50: accepted.p50.toFixed(1),
    p99: accepted.p99.toFixed(1),
    'p99.9': accepted.p999.toFixed(1),
    '× normal p99': (accepted.p99 / normal).toFixed(2),
    '503 p99': turnedAway.p99.toFixed(1),
    'sent late p99': sentLate.p99.toFixed(1),
    'api loop lag': loopLag.toFixed(0),
    'api MB': Math.round(megabytes),
  }
}

async function callFrom(order: Omit<CallOrder, 'name'>): Promise<CallReport> {
  const { url, authorization, load, seconds, skus } = order
  const child = fork(file('./overloadCaller.js'))
  child.send({ url, authorization, load, seconds, skus, name: randomUUID() })
  const [report] = (await once(child, 'message')) as [CallReport] // what it sends
  return report
}

async function openSystem(databaseUrl: string) {
  const { urls, apis, metricsPorts, ...system } = await openProcesses(databaseUrl, 1)
  const [url = ''] = urls
  const [api] = apis
  if (!api) throw new Error('no api process')
  for (let n = 0; n < skus; n += 1) await openStock(url, system.authorization, `SKU-${n}`, '1')
  return {
    ...system,
    url,
    api,
    /** the longest that the API's thread was held up since it was asked last, ms */
    async loopLag() {
      const text = await (await fetch(`http://127.0.0.1:${metricsPorts[0]}/metrics`)).text()
      return Number(/^nodejs_eventloop_lag_max_seconds (\S+)/m.exec(text)?.[1] ?? 0) * 1_000
    },
  }
}

/** Resident megabytes of a process, looked at every second; 0 where /proc is not. */
function watchMemory(pid: number | undefined): { most(): number; reset(): void; stop(): void } {
  let most = 0
  const look = (): void => {
    try {
      const [, kilobytes = '0'] = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? []
      most = Math.max(most, Number(kilobytes) / 1024)
    } catch {
      // another system, or the process has ended, which is seen elsewhere
    }
  }
  const timer = setInterval(look, 1_000)
  return { most: () => most, reset: () => void (most = 0), stop: () => clearInterval(timer) }
}
