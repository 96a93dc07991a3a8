/** What a process is told: its callers hold and let go of one unit of a key each, again and again. */
export interface HotKeyTask {
  readonly of: 'stock' | 'credit'
  /** the keys of these callers, one each; the same key many times is a hot one */
  readonly keys: readonly string[]
  /** units there are of each key; opened when absent on the log */
  readonly units: number
}

export interface HotKeyCount {
  /** units taken and, each later, given back */
  readonly taken: number
  /** asked for when none was left */
  readonly refused: number
}

/** Value of one unit of credit, in minor units. */
export const unitOfCredit = 100
