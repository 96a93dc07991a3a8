/** What may be wrong after a kill. Each mutant must be found for its own reason. */
export type Reason =
  /** a kill that hit nothing proves nothing */
  | 'no kill landed'
  | 'lost'
  | 'doubled'
  | 'phantom'
  | 'hole'
  | 'replay differs'
  | 'stale read'
  | 'read model differs'
  | 'invariant broken'
  | 'given up'
  | 'unexpected answer'
  | 'process ended'
  | 'not at rest'
  /** ready again, and not soon enough */
  | 'late'
  | 'storage corrupt'

export interface Finding {
  readonly reason: Reason
  readonly what: string
}
