/** An event of a test's history, with the data its schema wants. */
export interface HistoryEvent {
  readonly stream: string
  readonly type: string
  /** business time, RFC 9557 */
  readonly at: string
  readonly data: unknown
  readonly id?: string
  readonly actor?: string
}

/** Id of the n-th event of a test's history, from 1. */
export function historyId(n: number): string {
  return `00000000-0000-7000-8000-${n.toString(16).padStart(12, '0')}`
}
