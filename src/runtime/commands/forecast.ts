import { availableParallelism } from 'node:os'
import { finishForecast, modelVersion, usualOptions, type SeriesForecast } from '../../domain/forecasting/forecast.ts'
import { poolFits } from '../../domain/forecasting/pool.ts'
import { fitMany } from '../../workers/forecasting/fitMany.ts'
import { type Command, type CommandContext, UsageError } from '../commandLine.ts'
import { accuracyByClass, type ByClass, writtenInterval } from '../forecasting/accuracyByClass.ts'
import { readSeries, UnreadableSeries, type TimeSeries } from '../forecasting/readSeries.ts'
import { writeWhole } from '../forecasting/writeWhole.ts'
import { now } from '../ledger.ts'
import { createProgressBar } from '../progressBar.ts'

const most = { horizon: 120, lead: 120, period: 366, threads: 256 }

/** Exit code 0: written; 130: stopped, nothing written. */
export const forecastCommand: Command = {
  name: 'forecast',
  summary: 'Forecast the series of a CSV file, with 95 % intervals and stock levels; needs no ledger',
  usage: ['forecast --train FILE --horizon N --out FILE [--cover FILE] [--lead N] [--test FILE]'],
  options: {
    train: { type: 'string', value: 'FILE', description: 'series_id,t,value; .csv or .csv.gz' },
    horizon: { type: 'string', value: 'N', description: 'periods ahead' },
    out: { type: 'string', value: 'FILE', description: 'gets series_id,t,value,lo,hi' },
    cover: { type: 'string', value: 'FILE', description: 'gets series_id,q90,q95,q99: stock for the lead time' },
    lead: { type: 'string', value: 'N', description: 'periods that the stock must last; 3 unless said otherwise' },
    period: { type: 'string', value: 'N', description: 'periods of a season; 12 unless said otherwise' },
    test: { type: 'string', value: 'FILE', description: 'what came: prints the accuracy of each demand class' },
    threads: { type: 'string', value: 'N', description: 'one for each core unless said otherwise' },
  },
  async run(context) {
    const { options, operands, signal } = context
    const file = (name: string): string | undefined => (typeof options[name] === 'string' ? options[name] : undefined)
    const [train, out] = [file('train'), file('out')]
    if (train === undefined || out === undefined || options['horizon'] === undefined || operands.length > 0) {
      throw new UsageError('forecast wants --train, --horizon and --out; try forecast --help')
    }
    const request = {
      train,
      out,
      cover: file('cover'),
      test: file('test'),
      horizon: count(context, 'horizon', 1),
      lead: count(context, 'lead', usualOptions.lead),
      period: count(context, 'period', usualOptions.period),
      threads: count(context, 'threads', availableParallelism()),
    }
    if (request.cover !== undefined && request.lead > request.horizon) {
      throw new UsageError('the lead time of --cover must lie within --horizon')
    }
    try {
      return await forecastFile(context, request)
    } catch (error) {
      if (signal.aborted) return 130
      if (error instanceof UnreadableSeries) throw new UsageError(error.message, { cause: error })
      throw error
    }
  },
}

interface Request {
  readonly train: string
  readonly out: string
  readonly cover: string | undefined
  readonly test: string | undefined
  readonly horizon: number
  readonly lead: number
  readonly period: number
  readonly threads: number
}

function count({ options }: CommandContext, name: keyof typeof most, otherwise: number): number {
  const text = options[name] ?? String(otherwise)
  const value = typeof text === 'string' && /^\d{1,3}$/.test(text) ? Number(text) : 0
  if (value < 1 || value > most[name]) throw new UsageError(`--${name} is a whole number from 1 to ${most[name]}`)
  return value
}

async function forecastFile({ json, out, err, signal }: CommandContext, request: Request): Promise<number> {
  const { horizon, lead, period, threads } = request
  const series = await readSeries(request.train)
  const actuals = request.test === undefined ? undefined : await readSeries(request.test)
  const bar = json ? undefined : createProgressBar('forecast', err, now)
  let forecasts: readonly SeriesForecast[]
  try {
    const fits = await fitMany(
      series.map(({ values }) => values),
      horizon,
      { period, lead, threads, signal, onProgress: (done, of) => bar?.update(done, of, 'series') },
    )
    const pool = poolFits(fits, horizon, { period, lead })
    forecasts = fits.map((fit) => finishForecast(fit, pool, { ...usualOptions, period, lead }))
  } finally {
    bar?.end()
  }
  if (request.cover !== undefined) await writeWhole(request.cover, coverLines(series, forecasts), signal)
  await writeWhole(request.out, forecastLines(series, forecasts), signal)
  const summary = {
    modelVersion,
    series: series.length,
    horizon,
    classes: tally(forecasts.map(({ model }) => model.demandClass)),
    notes: tally(forecasts.flatMap(({ model }) => model.notes)),
    ...(actuals && { accuracy: accuracyByClass(series, forecasts, actuals, period) }),
  }
  out.write(json ? `${JSON.stringify(summary, null, 2)}\n` : written(summary))
  return 0
}

function* forecastLines(series: readonly TimeSeries[], forecasts: readonly SeriesForecast[]): Generator<string> {
  yield 'series_id,t,value,lo,hi\n'
  for (const [i, { point, intervals }] of forecasts.entries()) {
    const { id = '', from = 0, values } = series[i] ?? {}
    const interval = writtenInterval(intervals)
    const first = from + (values?.length ?? 0)
    yield Array.from(
      point,
      (value, h) => `${quoted(id)},${first + h},${value},${interval?.low[h]},${interval?.high[h]}\n`,
    ).join('')
  }
}

function* coverLines(series: readonly TimeSeries[], forecasts: readonly SeriesForecast[]): Generator<string> {
  yield `series_id,${usualOptions.coverLevels.map((level) => `q${Math.round(100 * level)}`).join(',')}\n`
  for (const [i, { cover }] of forecasts.entries()) {
    yield `${[quoted(series[i]?.id ?? ''), ...cover.map(({ stock }) => stock)].join(',')}\n`
  }
}

function quoted(text: string): string {
  return /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}

function tally(names: readonly string[]): Record<string, number> {
  const counts = new Map<string, number>()
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1)
  return Object.fromEntries([...counts].sort(([a], [b]) => (a < b ? -1 : 1)))
}

function written(summary: {
  readonly series: number
  readonly horizon: number
  readonly classes: Record<string, number>
  readonly notes: Record<string, number>
  readonly accuracy?: ByClass
}): string {
  const { series, horizon, classes, notes, accuracy } = summary
  const lines = [`${series} series, ${horizon} periods ahead`]
  for (const [name, many] of Object.entries(classes)) lines.push(`  ${name}: ${many}`)
  for (const [note, many] of Object.entries(notes)) lines.push(`note on ${many} series: ${note}`)
  if (accuracy) {
    const heads = ['class', 'series', 'accuracy %', 'bias %', 'gain on seasonal naive %', 'within 95 % interval']
    lines.push('', heads.join(' | '))
    for (const [name, { series, accuracy: share, bias, gain, covered }] of Object.entries(accuracy))
      lines.push([name, series, share, bias, gain, covered].join(' | '))
  }
  return `${lines.join('\n')}\n`
}
