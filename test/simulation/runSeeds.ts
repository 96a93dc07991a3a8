import { execFileSync } from 'node:child_process'
import { expect } from 'vitest'

const isLong = process.env['CHANNEL_LEDGER_LONG'] === '1'

/**
 * Runs a simulation for seed after seed. `SIMULATION_SEED=n` runs that one alone, `SIMULATION_SEEDS` says how many,
 * `SIMULATION_FROM` where to begin. A broken seed is printed as `SEED=… COMMIT=…`, and repeats.
 */
export async function runSeeds(
  name: string,
  simulate: (seed: number) => Promise<ReadonlyMap<string, number>>,
  {
    seeds,
    long = 100_000,
    wanted,
    regressions = [],
  }: {
    readonly seeds: number
    readonly long?: number
    readonly wanted: readonly string[]
    readonly regressions?: readonly number[]
  },
): Promise<void> {
  const commit = execFileSync('git', ['rev-parse', '--short', 'HEAD'], { encoding: 'utf8' }).trim()
  const single = process.env['SIMULATION_SEED']
  const total = single !== undefined ? 1 : Number(process.env['SIMULATION_SEEDS'] ?? (isLong ? long : seeds))
  const from = single !== undefined ? Number(single) : Number(process.env['SIMULATION_FROM'] ?? 1)
  const counts = new Map<string, number>()
  const started = performance.now()
  const consecutive = Array.from({ length: total }, (_, index) => from + index)
  for (const seed of single === undefined ? [...regressions, ...consecutive] : consecutive) {
    try {
      for (const [what, n] of await simulate(seed)) counts.set(what, (counts.get(what) ?? 0) + n)
    } catch (error) {
      throw new Error(`${name}: SEED=${seed} COMMIT=${commit}`, { cause: error })
    }
  }
  const perSeed = ((performance.now() - started) / total).toFixed(2)
  const lines = [...counts].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([what, n]) => `  ${what}: ${n}`)
  console.log([`${name}: ${total} seeds from SEED=${from}, COMMIT=${commit}, ${perSeed} ms each`, ...lines].join('\n'))
  expect(single === undefined ? wanted.filter((what) => !counts.has(what)) : []).toEqual([])
}
