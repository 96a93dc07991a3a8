import { execFileSync } from 'node:child_process'
import { createRequire } from 'node:module'
import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { fitMany } from '../../../src/workers/forecasting/fitMany.ts'
import { sampleSeries, sparseSeries } from '../../support/sampleSeries.ts'

const root = resolve(dirname(fileURLToPath(import.meta.url)), '../../..')
const options = { period: 12, lead: 3 }
const series = Array.from({ length: 50 }, (_, i) => (i % 2 === 0 ? sampleSeries(40, i + 1) : sparseSeries(36, i + 1)))
let directory: string

/** Threads run built code alone: builds what they need. */
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'channel-ledger-threads-'))
  const config = {
    extends: join(root, 'tsconfig.build.json'),
    compilerOptions: {
      rootDir: join(root, 'src'),
      outDir: join(directory, 'dist'),
      typeRoots: [join(root, 'node_modules/@types')],
    },
    files: ['fitMany.ts', 'fitThread.ts'].map((name) => join(root, 'src/workers/forecasting', name)),
    include: [],
  }
  await writeFile(join(directory, 'tsconfig.json'), JSON.stringify(config))
  await writeFile(join(directory, 'package.json'), '{ "type": "module" }')
  await symlink(join(root, 'node_modules'), join(directory, 'node_modules'))
  const tsc = join(dirname(createRequire(import.meta.url).resolve('typescript/package.json')), 'bin/tsc')
  execFileSync(process.execPath, [tsc, '-p', join(directory, 'tsconfig.json'), '--noCheck'])
}, 120_000)
afterAll(() => rm(directory, { recursive: true, force: true }))

const built = async (): Promise<{ fitMany: typeof fitMany }> =>
  import(pathToFileURL(join(directory, 'dist/workers/forecasting/fitMany.js')).href) as Promise<{
    fitMany: typeof fitMany
  }> // the same file

test('one thread, three threads and no thread give the same fits in the same order', async () => {
  const { fitMany: threaded } = await built()
  const alone = await fitMany(series, 6, { ...options, threads: 4 })
  for (const threads of [1, 3]) {
    const told: number[] = []
    const fits = await threaded(series, 6, { ...options, threads, onProgress: (done) => told.push(done) })
    expect(fits).toEqual(alone)
    expect(told.toSorted((a, b) => a - b)).toEqual(told)
    expect(told.at(-1)).toBe(series.length)
  }
})

test('a signal ends it while threads work', async () => {
  const { fitMany: threaded } = await built()
  const stopping = new AbortController()
  const fitting = threaded(series, 6, {
    ...options,
    threads: 2,
    signal: stopping.signal,
    onProgress: () => stopping.abort(new Error('enough')),
  })
  await expect(fitting).rejects.toThrow(/enough|aborted/)
})

test('nothing to fit is no work', async () => {
  expect(await fitMany([], 6, { ...options, threads: 2 })).toEqual([])
})
