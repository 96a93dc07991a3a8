import { headerFault, readRows } from '../import/readRows.ts'

/** Values at consecutive places of time, NaN where the file has none. */
export interface TimeSeries {
  readonly id: string
  /** the place of the first value */
  readonly from: number
  readonly values: Float64Array
}

/** The file cannot be forecast; says where and why. */
export class UnreadableSeries extends Error {
  override readonly name = 'UnreadableSeries'
}

const columns = { required: ['series_id', 't', 'value'], optional: [], prefix: '' }
const shownProblems = 10
/** places in time for each value, and for a few besides, before `t` is thought not to count periods */
const emptiest = 4
const fewValues = 6
const longest = 100_000
const wholeNumber = /^-?\d{1,9}$/
const decimalNumber = /^-?(\d+\.?\d*|\.\d+)(e[+-]?\d{1,3})?$/i
const missing = /^(na|nan|null)$/i

/**
 * Series of a CSV file `series_id,t,value` in the order in which they first appear; gzip when its name ends in `.gz`. An empty
 * value, `NA`, and a `t` without a line are gaps.
 */
export async function readSeries(path: string): Promise<readonly TimeSeries[]> {
  const found = new Map<string, Map<number, number>>()
  const problems: string[] = []
  try {
    const fault = await headerFault(path, columns)
    if (fault)
      throw new UnreadableSeries(`${path}: wants the columns series_id,t,value: ${JSON.stringify(fault.values)}`)
    for await (const rows of readRows(path, path, { only: columns.required })) {
      for (const { line, values, broken } of rows) {
        const problem = broken ? `${broken.code} ${JSON.stringify(broken.values)}` : take(found, values)
        if (problem !== undefined) problems.push(`line ${line}: ${problem}`)
      }
      if (problems.length >= shownProblems) break
    }
  } catch (error) {
    if (error instanceof UnreadableSeries) throw error
    throw new UnreadableSeries(`${path} cannot be read: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    })
  }
  const all = [...found].map(([id, at]) => spread(id, at, problems))
  if (problems.length > 0) throw new UnreadableSeries(`${path}:\n  ${problems.slice(0, shownProblems).join('\n  ')}`)
  return all
}

/** Answers what is wrong with a row. */
function take(
  found: Map<string, Map<number, number>>,
  { series_id: id, t, value = '' }: Readonly<Record<string, string>>,
): string | undefined {
  if (id === undefined) return 'no series_id'
  if (t === undefined || !wholeNumber.test(t)) return `t is ${t ?? 'missing'}; it counts periods`
  const isMissing = value === '' || missing.test(value)
  if (!isMissing && !decimalNumber.test(value)) return `${value} is not a number`
  const at = found.get(id) ?? new Map<number, number>()
  found.set(id, at)
  if (at.has(Number(t))) return `a second value of ${id} at t ${t}`
  at.set(Number(t), isMissing ? Number.NaN : Number(value))
  return undefined
}

function spread(id: string, at: ReadonlyMap<number, number>, problems: string[]): TimeSeries {
  let from = Number.POSITIVE_INFINITY
  let to = Number.NEGATIVE_INFINITY
  for (const t of at.keys()) {
    from = Math.min(from, t)
    to = Math.max(to, t)
  }
  const length = to - from + 1
  if (length > Math.min(longest, emptiest * (at.size + fewValues))) {
    problems.push(
      `${id} has ${at.size} values from t ${from} to ${to}; t counts periods, and one without demand has a line with 0`,
    )
    return { id, from, values: new Float64Array(0) }
  }
  const values = new Float64Array(length).fill(Number.NaN)
  for (const [t, value] of at) values[t - from] = value
  return { id, from, values }
}
