import { cpus } from 'node:os'
import { append } from './append.ts'
import type { Bench, BenchRow } from './bench.ts'
import { openBenchServer } from './database.ts'
import { eventStoreDb } from './eventstoredb.ts'
import { hotKeys } from './hotKeys.ts'
import { rebuild } from './rebuild.ts'
import { streamLength } from './streamLength.ts'

// needs a real server: EVENTSTORE_URL
const benches: readonly Bench[] = [
  append,
  streamLength,
  hotKeys,
  rebuild,
  ...(process.env['EVENTSTORE_URL'] ? [eventStoreDb] : []),
]

/** `npm run bench [-- name …]`: tables on stderr, one JSON document on stdout. BENCH_ROUNDS and BENCH_SECONDS change the effort. */
async function main(names: readonly string[]): Promise<void> {
  const chosen = names.length === 0 ? benches : benches.filter(({ name }) => names.includes(name))
  if (chosen.length === 0) throw new Error(`no such benchmark; there are ${benches.map(({ name }) => name).join(', ')}`)
  const server = await openBenchServer()
  const log = (message: string): void => void process.stderr.write(`${message}\n`)
  const results: Record<string, readonly BenchRow[]> = {}
  const machine = `Node ${process.version}, ${cpus().length} cores, ${server.description}`
  log(machine)
  try {
    for (const bench of chosen) {
      log(`\n${bench.title}`)
      const rows = await bench.run({
        rounds: Number(process.env['BENCH_ROUNDS'] ?? 5),
        secondsPerRound: Number(process.env['BENCH_SECONDS'] ?? 2),
        freshDatabase: server.freshDatabase,
        log: (message) => log(`  ${message}`),
      })
      results[bench.name] = rows
      log(table(rows))
    }
  } finally {
    await server.stop()
  }
  process.stdout.write(`${JSON.stringify({ machine, results }, undefined, 2)}\n`)
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
