/** Something measured side by side with others: works until `until` (ms of performance.now) and counts what it did. */
export interface Contender {
  readonly name: string
  /** before each round, not counted */
  prepare?(): Promise<void>
  work(until: number): Promise<number>
}

export interface Measured {
  readonly name: string
  /** per second, one per round */
  readonly rates: readonly number[]
  readonly median: number
  readonly low: number
  readonly high: number
}

/**
 * Runs contenders in turns, round after round, so that what else the machine does falls on all of them. The first
 * round warms up and is not counted.
 */
export async function interleave(
  contenders: readonly Contender[],
  rounds: number,
  seconds: number,
  log: (message: string) => void,
): Promise<ReadonlyMap<string, Measured>> {
  const rates = new Map<string, number[]>(contenders.map(({ name }) => [name, []]))
  for (let round = 0; round <= rounds; round += 1) {
    for (const { name, prepare, work } of contenders) {
      await prepare?.()
      const start = performance.now()
      const done = await work(start + seconds * 1_000)
      const rate = (done * 1_000) / (performance.now() - start)
      if (round > 0) rates.get(name)?.push(rate)
    }
    log(round === 0 ? 'warmed up' : `round ${round} of ${rounds}`)
  }
  return new Map([...rates].map(([name, list]) => [name, measured(name, list)]))
}

function measured(name: string, rates: readonly number[]): Measured {
  const sorted = rates.toSorted((a, b) => a - b)
  return { name, rates, median: quantile(sorted, 0.5), low: sorted[0] ?? 0, high: sorted.at(-1) ?? 0 }
}

/** Of an ascending list. */
export function quantile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0
}
