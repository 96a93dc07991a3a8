import { isCalendarDate } from '../../domain/kernel/businessTime.ts'
import type { EventStore } from '../../ledger/eventStore.ts'
import type { KeyStore } from '../../ledger/personal/keyStore.ts'
import { createCopier } from './copyEvents.ts'
import { produceEvents } from './produceEvents.ts'
import { daysUntil, demoStart, demoUntil } from './simulate.ts'

/** times the orders of the normal one: not everything grows with them */
export const demoScales = { normal: 1, large: 12 } as const
export type DemoScale = keyof typeof demoScales

export interface DemoOptions {
  readonly target: {
    readonly store: EventStore
    readonly keyStore: KeyStore
    /** the key-encryption key of the target's keyring */
    readonly kek: Buffer
  }
  /** 1 when absent */
  readonly seed?: number
  /** `normal` when absent */
  readonly scale?: DemoScale
  /** the last day, YYYY-MM-DD; `demoUntil` when absent */
  readonly until?: string
  readonly signal?: AbortSignal
  /** in simulated days */
  readonly onProgress?: (done: number, total: number) => void
}

/**
 * Writes the demonstration channel into a ledger: about 43,000 events of two years, the same for the same seed. Run again
 * after it was stopped, it writes what is missing. Answers how many events it wrote; fewer than all when the signal aborted
 * it. Throws a RangeError for a day before the start, `DemoConflict` and `StoreUnavailable`.
 */
export async function generateDemo(
  options: DemoOptions,
): Promise<{ readonly written: number; readonly complete: boolean }> {
  const { target, seed = 1, scale = 'normal', until = demoUntil, signal, onProgress } = options
  if (!isCalendarDate(until) || until < demoStart)
    throw new RangeError(`the demonstration begins on ${demoStart}: it cannot end on ${until}`)
  const total = daysUntil(until)
  const copy = createCopier(target.store, target.keyStore)
  let written = 0
  onProgress?.(0, total)
  try {
    const order = { seed, scale: demoScales[scale], until, kek: target.kek }
    await produceEvents(
      order,
      async (chunk) => {
        written += await copy(chunk)
        onProgress?.(Math.min(chunk.days, total), total)
      },
      signal,
    )
  } catch (error) {
    if (signal?.aborted) return { written, complete: false }
    throw error
  }
  onProgress?.(total, total)
  return { written, complete: true }
}
