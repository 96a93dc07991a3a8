/**
 * A cache of folded states of long streams, outside the log and never its judge: a snapshot is used only when its
 * version fits and the log holds, at its revision, the event it was made of; otherwise the stream is folded anew.
 */
export interface Snapshot {
  readonly revision: number
  readonly position: bigint
  /** id of the event at `revision` */
  readonly lastEventId: string
  /** ids of events declared in error before it was made */
  readonly declared: readonly string[]
  /** JSON; personal fields in it are ciphertext, as in the events */
  readonly state: unknown
}

export interface Snapshots {
  /** The snapshot of a stream made by this version of its state; undefined when there is none or it cannot be read as JSON. */
  load(stream: string, stateVersion: number): Promise<Snapshot | undefined>
  save(stream: string, stateVersion: number, snapshot: Snapshot): Promise<void>
}

/** For tests, and where starting cold does not matter. Kept as text, like the real one. */
export function createMemorySnapshots(): Snapshots {
  const rows = new Map<string, { readonly snapshot: Omit<Snapshot, 'state'>; readonly state: string }>()
  return {
    async load(stream, stateVersion) {
      const row = rows.get(`${stateVersion} ${stream}`)
      return row && { ...row.snapshot, state: JSON.parse(row.state) as unknown }
    },
    async save(stream, stateVersion, { state, ...snapshot }) {
      rows.set(`${stateVersion} ${stream}`, { snapshot, state: JSON.stringify(state) })
    },
  }
}
