import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Writable } from 'node:stream'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { rebatesModel } from '../../src/projections/models/rebates/model.ts'
import type { WhatIfAnswer } from '../../src/projections/models/rebates/whatIf.ts'
import { waitForPosition } from '../../src/projections/engine/waitForPosition.ts'
import type { CommandContext } from '../../src/runtime/commandLine.ts'
import { UsageError } from '../../src/runtime/commandLine.ts'
import { whatIfCommand } from '../../src/runtime/commands/whatIf.ts'
import { importDirectory } from '../../src/runtime/import/importDirectory.ts'
import { type Ledger, openLedger } from '../../src/runtime/ledger.ts'
import { feedProjections, openProjections } from '../../src/runtime/projections.ts'
import { readSettings, type Settings } from '../../src/runtime/settings.ts'
import { freshDatabase } from '../support/database.ts'
import { sampleImport } from '../support/sampleImport.ts'
import { importable } from '../support/smallImport.ts'
import { setUpProgrammes, termsOf, tiersFrom } from '../support/volumeProgrammes.ts'

const companyId = 'ACME'
const tiers = tiersFrom('2000', '6000')
let settings: Settings
let directory: string
let ledger: Ledger
const closing: (() => Promise<unknown>)[] = []

beforeAll(async () => {
  const database = await freshDatabase()
  directory = await mkdtemp(join(tmpdir(), 'channel-ledger-what-if-'))
  settings = readSettings({
    DATABASE_URL: database.url,
    CHANNEL_LEDGER_DATA: directory,
    CHANNEL_LEDGER_COMPANY: companyId,
    CHANNEL_LEDGER_UNSAFE_FOR_TESTS: 'true',
  })
  ledger = await openLedger({ settings, roles: [], warn: () => {} })
  const projections = await openProjections(ledger, 1)
  closing.push(
    () => rm(directory, { recursive: true, force: true }),
    () => database.drop(),
    () => ledger.close(),
    () => projections.close(),
  )
  const { dir, drop } = await importable(sampleImport({ dealers: 10, skus: 10, orders: 40, movements: 10 }, 3))
  await importDirectory({ handler: ledger.handler }, dir, { company: companyId })
  await drop()
  await setUpProgrammes(ledger.handler, { companyId, years: [2024], zone: 'Asia/Shanghai', tiers })
  await ledger.handler.idle()
  const fed = new AbortController()
  const feeding = feedProjections(ledger, 2, () => {}, fed.signal)
  await waitForPosition(projections.readerOf(rebatesModel), rebatesModel.name, await ledger.store.head(), 60_000)
  fed.abort()
  await feeding
}, 120_000)
afterAll(async () => {
  for (const close of closing.toReversed()) await close()
})

async function ask(
  draft: object | string,
  { periods = [] as string[], json = true, signal = new AbortController().signal } = {},
): Promise<{ code: number; out: string; err: string }> {
  const file = join(directory, 'draft.json')
  await writeFile(file, typeof draft === 'string' ? draft : JSON.stringify(draft))
  const written = { out: '', err: '' }
  const into = (name: 'out' | 'err') =>
    new Writable({
      write: (chunk: Buffer, _encoding, done) => {
        written[name] += chunk.toString()
        done()
      },
    }) as unknown as NodeJS.WriteStream // only written to
  const context: CommandContext = {
    settings,
    options: {},
    operands: [file, ...periods],
    json,
    out: into('out'),
    err: into('err'),
    signal,
  }
  return { code: await whatIfCommand.run(context), ...written }
}

const raised = termsOf(
  companyId,
  'all-units',
  tiers.map((tier) => ({ ...tier, rate: '0.05' })),
)
const draft = { periodIds: ['2024-Q1', '2024-Q2'], programmes: [{ programmeId: 'all-units', terms: raised }] }

describe('channel-ledger what-if', () => {
  test('says what a draft would have earned, and writes nothing', async () => {
    const head = await ledger.store.head()
    const { code, out, err } = await ask(draft)
    expect([code, err]).toEqual([0, 'started with CHANNEL_LEDGER_UNSAFE_FOR_TESTS: acknowledged writes may be lost\n'])
    const answer = JSON.parse(out) as WhatIfAnswer & { knownAt: string }
    expect(answer.knownAt).toBe(`${head}`)
    const [total] = answer.totals
    expect(BigInt(total?.difference ?? '0')).toBeGreaterThan(0n)
    expect(BigInt(total?.then ?? '0') - BigInt(total?.now ?? '0')).toBe(BigInt(total?.difference ?? '0'))
    const dealers = answer.dealers.reduce((sum, { difference }) => sum + BigInt(difference), 0n)
    expect(`${dealers}`).toBe(total?.difference)
    expect(await ledger.store.head()).toBe(head)
  })

  test('for people, with its progress; periods of the command line stand for those of the file', async () => {
    const { code, out, err } = await ask(draft, { json: false, periods: ['2024-Q3'] })
    expect(code).toBe(0)
    expect(err).toContain('what-if: 100 % (1 of 1) periods of programmes')
    expect(out).toMatch(/^in total:\n {2}CNY: [\d.]+ → [\d.]+ \(\+[\d.]+\)\nby programme:\n {2}all-units CNY: /)
    expect(out).toMatch(/largest changes:\n {2}all-units D\d+ 2024-Q3 CNY: /)
    expect(out).toContain('nothing was written')
  })

  test('stops when it is told to', async () => {
    const { code, out } = await ask(draft, { signal: AbortSignal.abort() })
    expect([code, out]).toEqual([130, ''])
  })

  test.each([
    ['a file that is no JSON', 'terms: none', 'is not JSON'],
    ['a draft with a word that it does not know', { ...draft, wish: 1 }, 'wish'],
    ['no period', { programmes: [] }, 'periodIds'],
    ['a period that is not there', { ...draft, periodIds: ['1999-Q1'] }, '1999-Q1'],
    [
      'terms with a gap between tiers',
      {
        ...draft,
        programmes: [
          {
            programmeId: 'all-units',
            terms: termsOf(
              companyId,
              'all-units',
              tiers.map((tier, n) => (n === 1 ? { ...tier, from: '2500' } : tier)),
            ),
          },
        ],
      },
      'programmes.0.terms.method.tiers',
    ],
  ])('refuses %s and says where', async (_what, content, place) => {
    const refused = ask(content)
    await expect(refused).rejects.toThrow(UsageError)
    await expect(refused).rejects.toThrow(place)
  })
})
