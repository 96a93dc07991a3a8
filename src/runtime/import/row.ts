import type { ErrorCode } from '../../domain/kernel/errors.ts'

/** A line of a file, by column; empty fields are absent. */
export interface Row {
  /** name inside the imported directory */
  readonly file: string
  /** physical line, the header being line 1 */
  readonly line: number
  readonly values: Readonly<Record<string, string>>
  /** why it cannot be taken as it stands; `values` then holds what could be read */
  readonly broken?: Fault
}

export interface Fault {
  readonly code: ErrorCode
  readonly values: Readonly<Record<string, string>>
}

/**
 * What became of a row: `rejected` for its shape or identity, `conflict` when its document was imported before with other
 * content; everything else happened, and is recorded.
 */
export type Consequence = 'recorded' | 'recorded with breach' | 'rejected' | 'conflict'

/** One row of the report: a rule that a line of the source breaks. */
export interface Finding extends Omit<Fault, 'code'> {
  readonly file: string
  readonly line: number
  /** from the error table, or the code of a breach in the event */
  readonly code: string
  readonly consequence: Consequence
}

export function isFinding(item: object): item is Finding {
  return 'consequence' in item
}
