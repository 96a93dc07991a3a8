import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { alertLag } from './alertLag.ts'
import { append } from './append.ts'
import type { Bench, BenchRow } from './bench.ts'
import { circumstances } from './circumstances.ts'
import { openBenchServer } from './database.ts'
import { eventStoreDb } from './eventstoredb.ts'
import { forecast } from './forecast.ts'
import { growth } from './growth.ts'
import { hotKeys } from './hotKeys.ts'
import { http } from './http.ts'
import { importing } from './import.ts'
import { metrics } from './metrics.ts'
import { orders } from './orders.ts'
import { overload } from './overload.ts'
import { readAll } from './readAll.ts'
import { rebuild } from './rebuild.ts'
import { settlement } from './settlement.ts'
import { streamLength } from './streamLength.ts'

// needs a real server: EVENTSTORE_URL
const benches: readonly Bench[] = [
  append,
  readAll,
  streamLength,
  hotKeys,
  rebuild,
  importing,
  http,
  orders,
  growth,
  overload,
  settlement,
  forecast,
  metrics,
  alertLag,
  ...(process.env['EVENTSTORE_URL'] ? [eventStoreDb] : []),
]

/**
 * `npm run bench [-- [--keep] name …]`: tables on stderr, one JSON document on stdout. `--keep` also writes each figure to
 * `bench/results/<name>.json`, so that a commit shows what it changed. BENCH_ROUNDS and BENCH_SECONDS change the effort.
 */
async function main(parameters: string[]): Promise<void> {
  const { values, positionals } = parseArgs({
    args: parameters,
    options: { keep: { type: 'boolean', default: false } },
    allowPositionals: true,
  })
  const chosen = positionals.length === 0 ? benches : benches.filter(({ name }) => positionals.includes(name))
  if (chosen.length === 0) throw new Error(`no such benchmark; there are ${benches.map(({ name }) => name).join(', ')}`)
  const server = await openBenchServer()
  const log = (message: string): void => void process.stderr.write(`${message}\n`)
  const effort = {
    rounds: Number(process.env['BENCH_ROUNDS'] ?? 5),
    secondsPerRound: Number(process.env['BENCH_SECONDS'] ?? 2),
  }
  const read = circumstances(server.description)
  const results: Record<string, readonly BenchRow[]> = {}
  log(
    Object.entries(read)
      .map(([name, value]) => `${name} ${value}`)
      .join(', '),
  )
  try {
    for (const bench of chosen) {
      log(`\n${bench.title}`)
      const rows = await bench.run({
        ...effort,
        freshDatabase: server.freshDatabase,
        log: (message) => log(`  ${message}`),
      })
      results[bench.name] = rows
      log(table(rows))
      if (values.keep) keep(bench, { title: bench.title, ...read, ...effort, rows })
    }
  } finally {
    await server.stop()
  }
  process.stdout.write(`${JSON.stringify({ ...read, results }, undefined, 2)}\n`)
}

function keep({ name }: Bench, result: object): void {
  mkdirSync(join('bench', 'results'), { recursive: true })
  writeFileSync(join('bench', 'results', `${name}.json`), `${JSON.stringify(result, undefined, 2)}\n`)
}

function table(rows: readonly BenchRow[]): string {
  const heads = [...new Set(rows.flatMap((row) => Object.keys(row)))]
  const lines = [heads, ...rows.map((row) => heads.map((head) => String(row[head] ?? '')))]
  const widths = heads.map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0)))
  return lines
    .map((line) =>
      line.map((cell, n) => (n === 0 ? cell.padEnd(widths[n] ?? 0) : cell.padStart(widths[n] ?? 0))).join('  '),
    )
    .join('\n')
}

await main(process.argv.slice(2))
