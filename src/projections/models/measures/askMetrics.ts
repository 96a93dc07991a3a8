import { addDays } from '../../../domain/kernel/businessTime.ts'
import { evaluate, type Exact, exactOf, sum, valueWriter } from '../../../domain/metrics/evaluate.ts'
import {
  type Input,
  inputKey,
  inputsOf,
  type Window,
  windows as allWindows,
  windowsOf,
} from '../../../domain/metrics/formula.ts'
import { digitsOf, type Metric, splitOf } from '../../../domain/metrics/metric.ts'
import type { Answer, Moment, Reader } from '../../engine/ask.ts'
import { bucketsOf, type Bucket, type TimeGrain, windowOf } from './buckets.ts'
import {
  betweenValues,
  dayZero,
  type Dimension,
  distinctPart,
  episodeTakes,
  type FigureRow,
  type FiguresQuestion,
  figuresSql,
  type NumberedWindow,
  overdueMeasures,
} from './figuresSql.ts'
import { openRates, type Rates } from './rates.ts'

export interface MetricsQuestion {
  readonly metrics: readonly Metric[]
  readonly by: readonly Dimension[]
  readonly grain?: TimeGrain | undefined
  /** days, [from, until) */
  readonly from: string
  readonly until: string
  readonly filters: FiguresQuestion['filters']
  /** all money in one currency, by published rates of a kind in force at the end of each window */
  readonly reporting?: { readonly currency: string; readonly rateKind: string } | undefined
  /** with the values of what each formula reads */
  readonly explained?: boolean
}

export interface MetricValue {
  readonly metric: string
  readonly group: readonly string[]
  readonly bucket: string
  readonly currency: string | null
  readonly unit: string | null
  /** null where there is nothing to tell: a division by nothing, the median of nothing */
  readonly value: string | null
  readonly inputs: readonly {
    readonly input: Input
    readonly value: string | null
    readonly window: { readonly from: string; readonly until: string }
  }[]
}

export interface MetricsAnswer extends Omit<Answer<never>, 'rows'> {
  readonly values: readonly MetricValue[]
  readonly rates: Rates['used']
  /** the last group of the page, where there are more */
  readonly next: readonly string[] | undefined
}

/** Metrics of groups, a page of groups at a time: base measures are summed by the database, formulas computed from the sums. */
export async function askMetrics(
  reader: Reader,
  question: MetricsQuestion,
  moment: Moment,
  page: { readonly limit: number; readonly after?: readonly string[] | undefined },
  now: number,
): Promise<MetricsAnswer> {
  const { metrics, by, from: start, until } = question
  const buckets = bucketsOf(start, until, question.grain)
  const wanted = allWindows.filter((window) => metrics.some(({ formula }) => windowsOf(formula).includes(window)))
  const edge = addDays(new Date(moment.asOf ?? now).toISOString().slice(0, 10), 1)
  const numbered: NumberedWindow[] = buckets.flatMap((bucket, n) =>
    wanted.map((window) => {
      const days = windowOf(bucket, window)
      return { no: numberOf(n, window), ...days, edge: edgeOf(days, edge) }
    }),
  )
  const figures = figuresQuestion(question, numbered)
  const answer = await reader.ask<FigureRow>(moment, (from, bind) => {
    const sql = figuresSql(figures, from, bind)
    const after = page.after ? `where a.g > ${bind(page.after.join(betweenValues))}` : ''
    return `with figures as materialized (${sql}),
      shown as materialized (select a.g from figures a ${after} group by a.g order by a.g limit ${bind(page.limit + 1)}::int)
      select a.* from figures a join shown s on s.g = a.g`
  })
  const rates = await openRates(reader, question.reporting, { ...moment, knownAt: answer.knownAt })
  const groups = groupRows(answer.rows, by.length)
  const shown = groups.slice(0, page.limit)
  const compiled = metrics.map(compile)
  const spans = buckets.map((bucket) => spansOf(bucket, edge, figures.borders))
  const values = shown.flatMap(({ g, rows }) => {
    const found = indexed(rows)
    return buckets.flatMap((bucket, n) => {
      const place: Place = { g, found, bucket, n, spans: spans[n] ?? spansOf(bucket, edge, figures.borders), rates }
      const memory: Memory = { rows: [], splits: new Map(), splitsOf: [] }
      return compiled.flatMap((metric) => valuesOf(metric, place, memory, question.explained === true))
    })
  })
  const { rows: _rows, ...rests } = answer
  return { ...rests, values, rates: rates.used, next: groups.length > page.limit ? shown.at(-1)?.g : undefined }
}

const numberOf = (bucket: number, window: Window): number => bucket * allWindows.length + allWindows.indexOf(window)

function figuresQuestion(
  { metrics, by, filters }: MetricsQuestion,
  numbered: readonly NumberedWindow[],
): FiguresQuestion {
  const inputs = metrics.flatMap((metric) => inputsOf(metric.formula).map((input) => ({ input, ...splitOf(metric) })))
  const unique = <T extends string>(list: readonly T[]): readonly T[] => [...new Set(list)]
  const measured = inputs.flatMap(({ input }) => (input.op === 'measure' ? [input] : []))
  const timed = inputs.flatMap(({ input }) => (input.op === 'episode' ? [input] : []))
  const distinct = inputs.flatMap(({ input, byCurrency, byUnit }) =>
    input.op === 'distinct'
      ? [{ entity: input.entity, measure: input.measure, column: input.column, byCurrency, byUnit }]
      : [],
  )
  return {
    dimensions: by,
    filters,
    windows: numbered,
    borders: unique(numbered.flatMap(({ start, stop, edge }) => [start, stop, edge])).toSorted(),
    flows: unique(measured.filter(({ take }) => take === 'flow').map(({ measure }) => measure)),
    levels: unique(
      measured.filter(({ take }) => take === 'opening' || take === 'closing').map(({ measure }) => measure),
    ),
    averages: unique(measured.filter(({ take }) => take === 'average').map(({ measure }) => measure)),
    newest: unique(inputs.flatMap(({ input }) => (input.op === 'newest' ? [input.measure] : []))),
    distinct: [...new Map(distinct.map((one) => [JSON.stringify(one), one])).values()],
    episodes: unique(timed.map(({ episode }) => episode)),
    episodeWindows: numbered
      .map(({ no }) => no)
      .filter((no) => timed.some(({ window }) => no % allWindows.length === allWindows.indexOf(window))),
    ranked: unique(timed.filter(({ take }) => take === 'median' || take === 'p90').map(({ episode }) => episode)),
  }
}

interface Group {
  readonly g: readonly string[]
  readonly rows: FigureRow[]
}

function groupRows(rows: readonly FigureRow[], dimensions: number): readonly Group[] {
  const groups = new Map<string, Group>()
  if (dimensions === 0) groups.set('', { g: [], rows: [] })
  for (const row of rows) {
    const group = groups.get(row.g)
    if (group) group.rows.push(row)
    else groups.set(row.g, { g: row.g.split(betweenValues), rows: [row] })
  }
  // as the database orders them: by bytes
  return [...groups.values()].toSorted((a, b) => compareGroups(a.g, b.g))
}

function compareGroups(a: readonly string[], b: readonly string[]): number {
  for (const [n, text] of a.entries()) {
    const order = Buffer.compare(Buffer.from(text), Buffer.from(b[n] ?? ''))
    if (order !== 0) return order
  }
  return 0
}

/** Rows by what they tell, and those by the number of their window or slot. */
type Index = ReadonlyMap<string, readonly (readonly FigureRow[] | undefined)[]>

function indexed(rows: readonly FigureRow[]): Index {
  const index = new Map<string, (FigureRow[] | undefined)[]>()
  for (const row of rows) {
    const name = indexKey(row.part, row.code)
    const numbers = index.get(name) ?? []
    if (numbers.length === 0) index.set(name, numbers)
    const list = numbers[row.no]
    if (list) list.push(row)
    else numbers[row.no] = [row]
  }
  return index
}

const indexKey = (part: string, code: string): string => `${part}/${code}`

/** A metric with what is read for it, worked out once for all groups. */
interface Compiled {
  readonly metric: Metric
  readonly byCurrency: boolean
  readonly byUnit: boolean
  readonly inputs: readonly Read[]
  /** what is read for each place in the formula */
  readonly reads: ReadonlyMap<Input, Read>
  /** writes a value as it is shown */
  readonly shown: (value: Exact) => string
}

/** Many metrics read the same: what was read in a place is remembered by its number. */
interface Read {
  readonly number: number
  readonly input: Input
  /** the figures that it is told from: metrics that keep currencies apart count differently from those that do not */
  readonly part: string
  /** where they are found */
  readonly key: string
  readonly text: (row: FigureRow) => string | null
}

// of the registry, which does not change: they are as many as it has metrics and inputs
const compiledMetrics = new WeakMap<Metric, Compiled>()
const knownReads = new Map<string, Read>()

function compile(metric: Metric): Compiled {
  const known = compiledMetrics.get(metric)
  if (known) return known
  const split = splitOf(metric)
  const reads = new Map(inputsOf(metric.formula).map((input) => [input, readOf(input, partOf(input, split))]))
  const shown = valueWriter(metric.formula, digitsOf[metric.unit])
  const compiled = { metric, ...split, inputs: [...new Set(reads.values())], reads, shown }
  compiledMetrics.set(metric, compiled)
  return compiled
}

function readOf(input: Input, part: string): Read {
  const name = `${part} ${inputKey(input)}`
  const known = knownReads.get(name)
  if (known) return known
  const read = { number: knownReads.size, input, part, key: indexKey(part, codeOf(input)), text: textOf(input) }
  knownReads.set(name, read)
  return read
}

function partOf(input: Input, split: { readonly byCurrency: boolean; readonly byUnit: boolean }): string {
  switch (input.op) {
    case 'measure':
      return overdueMeasures.includes(input.measure) ? 'overdue' : 'slot'
    case 'distinct':
      return distinctPart({ ...input, ...split })
    case 'newest':
      return 'newest'
    case 'episode':
      return isRank(input) ? `episode-${input.take}` : 'episode'
  }
}

/** A window in a bucket: its days, and the slots [first, last) of days that it is put together from. */
interface Span {
  readonly start: string
  readonly stop: string
  /** its end, or the day after the asked one: nothing is told of later ones */
  readonly edge: string
  readonly days: number
  readonly first: number
  readonly last: number
  readonly reached: number
}

function spansOf(bucket: Bucket, until: string, borders: readonly string[]): Readonly<Record<Window, Span>> {
  const spanOf = (window: Window): Span => {
    const { start, stop } = windowOf(bucket, window)
    const edge = edgeOf({ start, stop }, until)
    return {
      start,
      stop,
      edge,
      days: daysFrom(start, edge),
      // slot n holds the days from border n − 1 up to border n; slot 0 all before the first
      first: borders.indexOf(start) + 1,
      last: borders.indexOf(stop) + 1,
      reached: borders.indexOf(edge) + 1,
    }
  }
  return { asked: spanOf('asked'), before: spanOf('before'), yearBefore: spanOf('yearBefore') }
}

const edgeOf = ({ start, stop }: { readonly start: string; readonly stop: string }, until: string): string =>
  until < start ? start : until < stop ? until : stop

const daysFrom = (start: string, end: string): number => (Date.parse(end) - Date.parse(start)) / 86_400_000

interface Place {
  readonly g: readonly string[]
  readonly found: Index
  readonly bucket: Bucket
  readonly n: number
  readonly spans: Readonly<Record<Window, Span>>
  readonly rates: Rates
}

/** What was read in a place. */
interface Memory {
  /** by number of the read */
  readonly rows: (readonly FigureRow[] | undefined)[]
  /** by their names */
  readonly splits: Map<string, Split>
  /** by number of the read, for each way to split */
  readonly splitsOf: (readonly Split[] | undefined)[]
}

interface Split {
  readonly currency: string | null
  readonly unit: string | null
  /** by number of the read; null where there is nothing to tell */
  readonly figures: (Exact | null | undefined)[]
}

/** The values of a metric in a place: one for each currency and unit that its inputs are in. */
function valuesOf(compiled: Compiled, place: Place, memory: Memory, isExplained: boolean): readonly MetricValue[] {
  const { metric, inputs, reads, shown } = compiled
  const [group, bucket] = [place.g, place.bucket.name]
  const days = (window: Window): number => place.spans[window].days
  return splitsOf(compiled, place, memory).map((split): MetricValue => {
    const input = (one: Input): Exact | undefined => {
      const read = reads.get(one)
      return read && figureOf(read, split, place, memory)
    }
    const value = evaluate(metric.formula, { input, days })
    return {
      metric: metric.code,
      group,
      bucket,
      currency: split.currency,
      unit: split.unit,
      value: value === undefined ? null : shown(value),
      inputs: isExplained
        ? inputs.map((read) => {
            const exact = figureOf(read, split, place, memory)
            const { start, stop } = place.spans[read.input.window]
            const window = { from: start, until: stop }
            return { input: read.input, value: exact === undefined ? null : valueWriter(read.input, 6)(exact), window }
          })
        : [],
    }
  })
}

function splitsOf({ byCurrency, byUnit, inputs }: Compiled, place: Place, memory: Memory): readonly Split[] {
  if (!byCurrency && !byUnit) return [splitNamed(null, null, memory)]
  const splits = new Set<Split>()
  const way = (byCurrency ? 1 : 0) + (byUnit ? 2 : 0)
  for (const read of inputs) {
    const number = read.number * 4 + way
    const known = memory.splitsOf[number] ?? splitsOfRead(read, byCurrency, byUnit, place, memory)
    memory.splitsOf[number] = known
    for (const split of known) splits.add(split)
  }
  return [...splits]
}

function splitsOfRead(
  read: Read,
  byCurrency: boolean,
  byUnit: boolean,
  place: Place,
  memory: Memory,
): readonly Split[] {
  const splits = new Set<Split>()
  for (const row of rowsOf(read, place, memory)) {
    // what has no currency belongs to all of them
    if ((byCurrency && row.currency === '') || (byUnit && row.unit === '' && !isOfGoods(read.input))) continue
    splits.add(splitNamed(byCurrency ? (place.rates.currency ?? row.currency) : null, byUnit ? row.unit : null, memory))
  }
  return [...splits]
}

/** The same one for the same names. */
function splitNamed(currency: string | null, unit: string | null, { splits }: Memory): Split {
  const name = `${currency ?? '-'} ${unit ?? '-'}`
  const known = splits.get(name)
  if (known) return known
  const split = { currency, unit, figures: [] }
  splits.set(name, split)
  return split
}

const isOfGoods = (input: Input): boolean => 'column' in input && input.column === 'quantity'

/** What is found of an input: of its window, or of every slot of days that lies in it. */
function rowsOf(read: Read, place: Place, memory: Memory): readonly FigureRow[] {
  const known = memory.rows[read.number]
  if (known) return known
  const { input, part, key } = read
  const rows =
    part === 'slot' && input.op === 'measure'
      ? slotRows(place, key, slotsOf(input.take, place.spans[input.window]))
      : (place.found.get(key)?.[numberOf(place.n, input.window)] ?? [])
  memory.rows[read.number] = rows
  return rows
}

function slotRows({ found }: Place, key: string, [from, to]: readonly [number, number]): readonly FigureRow[] {
  const slots = found.get(key)
  if (!slots) return []
  const rows: FigureRow[] = []
  for (let slot = from; slot < to && slot < slots.length; slot++) rows.push(...(slots[slot] ?? []))
  return rows
}

/** The mean of a level rests on all that came before the end of its window, as the level at its end does. */
function slotsOf(take: MeasureTake, { first, last }: Span): readonly [number, number] {
  return { flow: [first, last], opening: [0, first], closing: [0, last], average: [0, last] }[take] as [number, number] // pairs
}

type MeasureTake = Extract<Input, { op: 'measure' }>['take']

function figureOf(read: Read, split: Split, place: Place, memory: Memory): Exact | undefined {
  const known = split.figures[read.number]
  if (known !== undefined) return known ?? undefined
  const figure = readFigure(read, split, place, memory)
  split.figures[read.number] = figure ?? null
  return figure
}

function readFigure(read: Read, { currency, unit }: Split, place: Place, memory: Memory): Exact | undefined {
  const { input } = read
  const isOf = (row: FigureRow): boolean =>
    (currency === null || row.currency === '' || place.rates.currency !== undefined || row.currency === currency) &&
    (unit === null || row.unit === '' || row.unit === unit)
  if (input.op === 'measure' && input.take === 'average') return averageOf(read, input, place, isOf)
  const rows = rowsOf(read, place, memory)
  if (rows.length === 0) return isRank(input) ? undefined : zero
  const own = rows.filter(isOf)
  return isRank(input) && own.length === 0 ? undefined : total(own, read, place)
}

const isRank = (input: Input): boolean => input.op === 'episode' && (input.take === 'median' || input.take === 'p90')

function total(rows: readonly FigureRow[], { input, text: textIn }: Read, { rates, bucket }: Place): Exact {
  const isConverted = columnOf(input) === 'amount' && rates.currency !== undefined
  let all = zero
  for (const row of rows) {
    const text = textIn(row)
    if (text === null) continue
    const figure = exactOf(text)
    if (!isConverted) all = sum(all, figure)
    else {
      const rate = rates.rate(row.currency, bucket.stop)
      all = sum(all, { over: figure.over * rate.over, under: figure.under * rate.under })
    }
  }
  return all
}

const zero = exactOf('0')

/** What stood before the window, and each change for the days that it stood in it. */
function averageOf(
  read: Read,
  input: Extract<Input, { op: 'measure' }>,
  place: Place,
  isOf: (row: FigureRow) => boolean,
): Exact | undefined {
  const { first, reached, edge, days } = place.spans[input.window]
  if (days <= 0) return undefined
  const sumOf = (part: string, from: number, to: number): Exact =>
    total(slotRows(place, indexKey(part, input.measure), [from, to]).filter(isOf), read, place)
  const changes = sumOf('slot', first, reached)
  const weighed = sumOf('weighed', first, reached)
  const end = BigInt(daysFrom(dayZero, edge))
  const stood = sum({ over: changes.over * end, under: changes.under }, { over: -weighed.over, under: weighed.under })
  return sum(sumOf('slot', 0, first), { over: stood.over, under: stood.under * BigInt(days) })
}

function codeOf(input: Input): string {
  return input.op === 'episode' ? input.episode : input.measure
}

/** What a row says of an input. */
function textOf(input: Input): (row: FigureRow) => string | null {
  if (input.op === 'episode' && !isRank(input)) {
    const place = episodeTakes.findIndex((take) => take === input.take)
    return ({ takes }) => takes?.split(' ')[place] ?? null
  }
  const column = columnOf(input)
  return (row) => row[column]
}

function columnOf(input: Input): 'amount' | 'quantity' | 'count' {
  if (input.op === 'measure') return input.column
  if (input.op === 'newest') return input.take === 'dealers' ? 'quantity' : 'count'
  return 'count'
}
