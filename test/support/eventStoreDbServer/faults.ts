/** What may go wrong with one append. `write` faults happen before anything is written, `reply` faults after. */
export type AppendFault =
  /** written; the connection breaks instead of the answer */
  | { readonly kind: 'lose-reply' }
  /** written; the answer never comes and the connection stays */
  | { readonly kind: 'swallow-reply' }
  /** the connection breaks, nothing is written */
  | { readonly kind: 'drop' }
  /** never answered, nothing is written */
  | { readonly kind: 'hang' }
  /** written and answered after so many milliseconds */
  | { readonly kind: 'delay'; readonly milliseconds: number }
  /** answered twice, as the server does two seconds after a bad request */
  | { readonly kind: 'answer-twice' }
  /** "Server Is Not Ready", nothing is written */
  | { readonly kind: 'not-ready' }
  /** the call ends with this gRPC status, nothing is written */
  | StatusFault

export interface StatusFault {
  readonly kind: 'status'
  readonly code: number
  readonly details: string
}

export type ReadFault =
  | { readonly kind: 'drop' }
  | { readonly kind: 'hang' }
  /** breaks off after so many events */
  | { readonly kind: 'drop-after'; readonly events: number }
  | StatusFault

/** Faults for the next calls, used up one per call in order; no fault is the rule. */
export interface Faults {
  append(...faults: readonly (AppendFault | undefined)[]): void
  read(...faults: readonly (ReadFault | undefined)[]): void
  /** for the question which features the server has, which the client asks once per connection */
  features(...faults: readonly StatusFault[]): void
  nextAppend(): AppendFault | undefined
  nextRead(): ReadFault | undefined
  nextFeatures(): StatusFault | undefined
  /** faults not used up */
  left(): number
}

export function createFaults(): Faults {
  const appends: (AppendFault | undefined)[] = []
  const reads: (ReadFault | undefined)[] = []
  const features: StatusFault[] = []
  return {
    append: (...faults) => void appends.push(...faults),
    read: (...faults) => void reads.push(...faults),
    features: (...faults) => void features.push(...faults),
    nextFeatures: () => features.shift(),
    nextAppend: () => appends.shift(),
    nextRead: () => reads.shift(),
    left: () => appends.length + reads.length + features.length,
  }
}
