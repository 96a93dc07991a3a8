import type { BenchDatabase } from './database.ts'

/** One benchmark: measures, and gives rows to print. Rates are per second. */
export interface Bench {
  readonly name: string
  readonly title: string
  run(context: BenchContext): Promise<readonly BenchRow[]>
}

export interface BenchContext {
  readonly rounds: number
  readonly secondsPerRound: number
  /** empty, or a copy of one that nobody is connected to */
  freshDatabase(copyOf?: BenchDatabase): Promise<BenchDatabase>
  log(message: string): void
}

export type BenchRow = Readonly<Record<string, string | number>>
