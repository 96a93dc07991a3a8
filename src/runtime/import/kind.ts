import type { Load } from '../../domain/kernel/decider.ts'
import type { Document } from './documents.ts'
import type { Columns } from './readRows.ts'
import type { Step } from './step.ts'

/** What the rows of a file leave to the whole import. */
export interface Surroundings {
  /** where the documents come from */
  readonly system: string
  readonly company: string
  /** of dates without a time, where a row names none */
  readonly zone: string
  readonly load: Load
}

/** The object of a document, and the objects of the same kind that its decision looks at. */
export interface RestsOn {
  readonly own: string
  readonly others: readonly string[]
}

export type Values = Readonly<Record<string, string>>

/** One kind of file: its columns, what tells its documents apart, and the commands they become, all of one stream. */
export interface Kind extends Columns {
  readonly name: string
  /** the file that holds the lines of this kind's documents */
  readonly lines?: Columns & { readonly name: string }
  /** the columns that name a document: of a kind with lines in a file of their own, or in rows that follow one another */
  readonly document?: readonly string[]
  /** key of the document: number, line, revision */
  readonly key: (values: Values) => readonly [number: string, line: string, revision: string]
  /** absent where a decision looks at no other object of its kind */
  readonly restsOn?: (values: Values, around: Surroundings) => RestsOn | Promise<RestsOn>
  /** a sku that the catalogue does not know is reported although the event has no room to say so */
  readonly checksSku?: boolean
  readonly steps: (document: Document, around: Surroundings) => readonly Step[] | Promise<readonly Step[]>
}

/** A column's text, empty when it is absent. */
export function text(values: Values, column: string): string {
  return values[column] ?? ''
}
