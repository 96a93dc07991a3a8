import { access, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Writable } from 'node:stream'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { UsageError, type CommandContext } from '../../src/runtime/commandLine.ts'
import { forecastCommand } from '../../src/runtime/commands/forecast.ts'
import { readSettings } from '../../src/runtime/settings.ts'
import { sampleSeries, sparseSeries } from '../support/sampleSeries.ts'

let directory: string
const at = (name: string): string => join(directory, name)

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'channel-ledger-forecast-'))
})
afterAll(() => rm(directory, { recursive: true, force: true }))

async function run(
  options: Record<string, string>,
  { json = true, signal = new AbortController().signal } = {},
): Promise<{ code: number; out: string; err: string }> {
  const written = { out: '', err: '' }
  const into = (name: 'out' | 'err') =>
    new Writable({
      write: (chunk: Buffer, _encoding, done) => {
        written[name] += chunk.toString()
        done()
      },
    }) as unknown as NodeJS.WriteStream // only written to
  const context: CommandContext = {
    settings: readSettings({}),
    options,
    operands: [],
    json,
    out: into('out'),
    err: into('err'),
    signal,
  }
  return { code: await forecastCommand.run(context), ...written }
}

const rows = (id: string, y: Float64Array, from = 1): string =>
  [...y].map((value, t) => `${id},${from + t},${value}\n`).join('')

async function train(content: string, name = 'train.csv'): Promise<string> {
  const text = `series_id,t,value\n${content}`
  await writeFile(at(name), name.endsWith('.gz') ? gzipSync(text) : text)
  return at(name)
}

const linesOf = async (name: string): Promise<string[]> => (await readFile(at(name), 'utf8')).trimEnd().split('\n')

describe('channel-ledger forecast', () => {
  test('forecasts every series from its own last period on, with intervals and levels, and says how many are of which class', async () => {
    const file = await train(rows('"A,1"', sampleSeries(48, 1), 5) + rows('P', sparseSeries(30, 2)), 'train.csv.gz')
    const { code, out } = await run({ train: file, horizon: '3', out: at('f.csv'), cover: at('c.csv'), lead: '2' })
    expect(code).toBe(0)
    const lines = await linesOf('f.csv')
    expect(lines[0]).toBe('series_id,t,value,lo,hi')
    expect(lines.slice(1).map((line) => line.replace(/(,[\d.e-]+){3}$/, ''))).toEqual([
      '"A,1",53',
      '"A,1",54',
      '"A,1",55',
      'P,31',
      'P,32',
      'P,33',
    ])
    const levels = await linesOf('c.csv')
    expect(levels.map((line) => line.split(',').slice(-3).length)).toEqual([3, 3, 3])
    expect(JSON.parse(out)).toMatchObject({ series: 2, horizon: 3, classes: { smooth: 1, intermittent: 1 } })
  })

  test('says what it did with gaps: a line left out, an empty value and NA', async () => {
    const y = sampleSeries(48, 1)
    const content = rows('A', y)
      .split('\n')
      .flatMap((line, t) => (t === 4 ? [] : t === 8 ? ['A,9,'] : t === 12 ? ['A,13,NA'] : [line]))
      .join('\n')
    const { code, out } = await run({ train: await train(content), horizon: '2', out: at('g.csv') }, { json: false })
    expect(code).toBe(0)
    expect(out).toContain('note on 1 series: 3 missing months filled from their neighbours')
  })

  test('beside what came it prints accuracy, bias, gain and coverage of each class', async () => {
    const full = Array.from({ length: 30 }, (_, i) => sampleSeries(54, i + 1))
    const file = await train(full.map((y, i) => rows(`S${i}`, y.subarray(0, 48))).join(''))
    await writeFile(
      at('test.csv'),
      `series_id,t,value\n${full.map((y, i) => rows(`S${i}`, y.subarray(48), 49)).join('')}`,
    )
    const { out } = await run({ train: file, horizon: '6', out: at('h.csv'), test: at('test.csv') })
    const { accuracy } = JSON.parse(out) as { accuracy: Record<string, Record<string, number>> } // as printed
    expect(Object.keys(accuracy)).toEqual(['smooth', 'all'])
    expect(accuracy['all']).toEqual(accuracy['smooth'])
    expect(accuracy['all']?.['series']).toBe(30)
    expect(accuracy['all']?.['accuracy']).toBeGreaterThan(93)
    expect(accuracy['all']?.['gain']).toBeGreaterThan(20)
  })

  test('shows how far it is, stops when it is told to, and leaves no half file', async () => {
    const file = await train(Array.from({ length: 64 }, (_, i) => rows(`S${i}`, sparseSeries(36, i))).join(''))
    const { err } = await run({ train: file, horizon: '3', out: at('i.csv') }, { json: false })
    expect(err).toContain('forecast: 100 % (64 of 64) series')
    const stopped = new AbortController()
    stopped.abort(new Error('SIGINT'))
    expect(await run({ train: file, horizon: '3', out: at('j.csv') }, { signal: stopped.signal })).toMatchObject({
      code: 130,
    })
    await expect(access(at('j.csv'))).rejects.toThrow('ENOENT')
    await expect(access(at('j.csv.partial'))).rejects.toThrow('ENOENT')
  })

  test('a file without series gives a file without forecasts', async () => {
    const { code } = await run({ train: await train(''), horizon: '3', out: at('k.csv') })
    expect(code).toBe(0)
    expect(await linesOf('k.csv')).toEqual(['series_id,t,value,lo,hi'])
  })
})

describe('it refuses, and says where', () => {
  test.each([
    ['a word', 'A,1,3\nA,2,many\n', /line 3: many is not a number/],
    ['a second value', 'A,1,3\nA,1,4\n', /line 3: a second value of A at t 1/],
    ['a date', 'A,2024-01,3\n', /line 2: t is 2024-01; it counts periods/],
    ['months as numbers', 'A,202401,3\nA,202412,3\nA,202501,4\n', /t counts periods/],
    ['a line with too few fields', 'A,1\n', /line 2: import.unparsable/],
    ['a line without a series', ',1,3\n', /line 2: no series_id/],
  ])('%s', async (_, content, problem) => {
    const attempt = run({ train: await train(content), horizon: '3', out: at('x.csv') })
    await expect(attempt).rejects.toThrow(UsageError)
    await expect(attempt).rejects.toThrow(problem)
  })

  test('a file that is not there, or without the columns', async () => {
    await expect(run({ train: at('none.csv'), horizon: '3', out: at('x.csv') })).rejects.toThrow(/cannot be read/)
    await writeFile(at('odd.csv'), 'id,month,sold\n')
    await expect(run({ train: at('odd.csv'), horizon: '3', out: at('x.csv') })).rejects.toThrow(/series_id,t,value/)
  })

  test('options that mean nothing', async () => {
    const file = await train('A,1,3\n')
    await expect(run({ train: file, out: at('x.csv') })).rejects.toThrow(/wants --train, --horizon and --out/)
    await expect(run({ train: file, horizon: '0', out: at('x.csv') })).rejects.toThrow(/--horizon is a whole number/)
    await expect(run({ train: file, horizon: '2', out: at('x.csv'), cover: at('y.csv') })).rejects.toThrow(/lead time/)
  })
})
