import { addDays, calendarDate, startOfDay } from '../domain/kernel/businessTime.ts'
import { createBell } from '../ledger/bell.ts'
import { dashboardFigures, type FigureAnswer } from '../projections/dashboardFigures.ts'
import type { ApiPorts } from './ports.ts'

export interface Figures {
  /** the business time of the computation */
  readonly asOf: string
  /** the day that `today` is, in its zone */
  readonly day: string
  readonly figures: readonly FigureAnswer[]
}

export interface FigureScopeName {
  readonly dealerId: string | undefined
  readonly zone: string
}

export interface FigureBoard {
  /** The figures of a scope, computed when those at hand are older than the cadence: once, however many ask. */
  of(scope: FigureScopeName): Promise<Figures>
  /** at least so long between two computations of a scope */
  readonly cadenceMilliseconds: number
}

interface Kept {
  computed?: Figures
  /** when that was done and how long it took, ms */
  at: number
  cost: number
  running?: Promise<Figures>
}

const cadenceMilliseconds = 2_000
/** a computation that takes long is made the less often: at most this share of the time is spent on one scope */
const share = 0.05
/** of all scopes; the others wait */
const atOnce = 2
const keptScopes = 500

/** Figures of this process's clients: one computation per scope and cadence, a few at a time, whoever asks. */
export function openFigureBoard(ports: ApiPorts): FigureBoard {
  /** in the order of their use, the oldest first */
  const scopes = new Map<string, Kept>()
  const bell = createBell()
  const never = new AbortController().signal
  let running = 0

  return { cadenceMilliseconds, of }

  async function of(scope: FigureScopeName): Promise<Figures> {
    const key = JSON.stringify([scope.dealerId, scope.zone])
    const kept = scopes.get(key) ?? { at: -Infinity, cost: 0 }
    scopes.delete(key)
    scopes.set(key, kept)
    for (const [oldest, { running }] of scopes) {
      if (scopes.size <= keptScopes) break
      if (!running) scopes.delete(oldest)
    }
    if (kept.running) return kept.running
    // either way, should the clock be set back
    const isFresh = Math.abs(ports.now() - kept.at) < Math.max(cadenceMilliseconds, kept.cost / share)
    if (kept.computed && isFresh) return kept.computed
    kept.running = compute(scope, kept).finally(() => delete kept.running)
    return kept.running
  }

  async function compute({ dealerId, zone }: FigureScopeName, kept: Kept): Promise<Figures> {
    while (running >= atOnce) await bell.wait(bell.rings(), 1_000, never)
    running += 1
    const now = ports.now()
    try {
      const day = calendarDate(now, zone)
      const from = startOfDay(day, zone)
      const until = startOfDay(addDays(day, 1), zone)
      const figures = await dashboardFigures(ports.readerOf, {
        from,
        until,
        ...(dealerId !== undefined && { dealerId }),
      })
      const lag = dealerId === undefined ? [await lagOf(ports)] : []
      kept.computed = { asOf: new Date(now).toISOString(), day, figures: [...figures, ...lag] }
      return kept.computed
    } finally {
      kept.at = ports.now()
      kept.cost = Math.max(0, kept.at - now)
      running -= 1
      bell.ring()
    }
  }
}

/** Seconds that read models are behind, the slowest first to be seen; whole ones, so that it is not news all the time. */
async function lagOf({ projections, store }: ApiPorts): Promise<FigureAnswer> {
  const status = await projections.status()
  const behind = status.filter(({ state, secondsBehind }) => state === 'active' && secondsBehind >= 1)
  const values = behind.map(({ model, secondsBehind }) => ({ of: model, value: Math.floor(secondsBehind).toString() }))
  return { figure: 'projection_lag', values, model: 'projections', position: (await store.head()).toString() }
}
