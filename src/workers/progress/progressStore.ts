/**
 * How far the processes have read the log, and what they have to come back to. All of it derives from the log (the agenda
 * is written from events before they are worked on), except the dead letters. Times are ms since 1970.
 */
export interface ProgressStore {
  /**
   * Takes a reader's lease until `until`, or renews the one of `token`. Undefined while another process holds it. The token
   * fences: what an older holder writes changes nothing.
   */
  acquire(reader: string, now: number, until: number, token?: bigint): Promise<Lease | undefined>
  release(lease: Lease): Promise<void>
  /** Notes agenda changes in their order. False when the lease was lost. */
  note(lease: Lease, changes: readonly AgendaChange[]): Promise<boolean>
  /** Notes that a lane is done up to a task (`Lease.done`). False when the lease was lost. */
  mark(lease: Lease, lane: string, done: bigint): Promise<boolean>
  /** Moves the reader on, with the tasks that were given up on the way: all of it or nothing. False when the lease was lost. */
  advance(lease: Lease, to: bigint, deadLetters: readonly DeadTask[]): Promise<boolean>
  position(reader: string): Promise<bigint>

  /** Entries that are due at an instant, the longest due first. */
  due(kind: AgendaKind, at: number, limit: number): Promise<readonly AgendaEntry[]>
  /** Entries of one group, the earliest first. */
  inGroup(kind: AgendaKind, group: string, limit: number): Promise<readonly AgendaEntry[]>
  /** The groups of a kind, in order of their names, behind `after`. */
  groups(kind: AgendaKind, after: string, limit: number): Promise<readonly string[]>
  /** Puts an entry where no event says so: when to look next, what was done. */
  put(entry: AgendaEntry): Promise<void>
  /** Drops an entry that has been dealt with, where no event says so. */
  forget(kind: AgendaKind, group: string, subject: string): Promise<void>

  /** newest first, at most 1,000 */
  deadTasks(limit: number): Promise<readonly DeadTask[]>
  /** Takes a dead letter away because it is tried again. */
  dropDeadTask(task: Pick<DeadTask, 'reaction' | 'eventId'>): Promise<void>
}

export interface Lease {
  readonly reader: string
  readonly token: bigint
  /** the reader's checkpoint: everything up to here is done */
  readonly position: bigint
  /** behind the checkpoint, by lane: what is done already, as the reader numbers it */
  readonly done: ReadonlyMap<string, bigint>
}

/**
 * `deadline`, `stalled`: a fulfilment process, by its order. `reservation`: by stock stream. `credit`: for invoices
 * to come, until it runs out, by account. `waiting`: an order that waits
 * for goods of a stock stream, since `at`. `calendar`, `programme`: there is one; `at` is when to look at it next.
 * `dealer-period`: a dealer and currency with accruals or settlements, by programme and period. `settled`: a period whose
 * final settlement has run, by programme. `price-change`: a change of a list price whose instant may have come, to be looked at
 * for price protection. `fund`, `forecast-policy`: there is one; `at` is when to look at it next.
 * `forecast`: a month whose forecasts are published, by company.
 * `stock-plan-policy`: there is one. `stock-plan`: a party whose stock is planned, by company. `stock-planned`: a month whose plans are
 * published, by company. `stock-advice`: a stock of which something is said, by party. `stock-looked-at`: a day on which stocks were
 * looked at, by company. `health-model`: there is one. `evaluating`: how far the evaluation of a period has come, and `evaluated`: a period
 * of which it is done, by company.
 */
export type AgendaKind =
  | 'deadline'
  | 'stalled'
  | 'reservation'
  | 'credit'
  | 'waiting'
  | 'calendar'
  | 'programme'
  | 'dealer-period'
  | 'settled'
  | 'price-change'
  | 'fund'
  | 'forecast-policy'
  | 'forecast'
  | 'stock-plan-policy'
  | 'stock-plan'
  | 'stock-planned'
  | 'stock-advice'
  | 'stock-looked-at'
  | 'health-model'
  | 'evaluating'
  | 'evaluated'

export interface AgendaEntry {
  readonly kind: AgendaKind
  /** what entries are looked up together by; empty where they are not */
  readonly group: string
  readonly subject: string
  readonly at: number
}

export type AgendaChange =
  | ({ readonly change: 'put' } & AgendaEntry)
  /** leaves an entry that is there as it is: who waits keeps the place in the queue */
  | ({ readonly change: 'put-first' } & AgendaEntry)
  /** of one group, or of every group when there is none given */
  | { readonly change: 'remove'; readonly kind: AgendaKind; readonly group?: string; readonly subject: string }

/** A reaction to an event that was given up: visible, and tried again when somebody says so. */
export interface DeadTask {
  readonly reaction: string
  readonly eventId: string
  readonly stream: string
  readonly revision: number
  readonly attempts: number
  /** at most 500 characters */
  readonly reason: string
  readonly at: number
}
