import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { text } from 'node:stream/consumers'
import { expect, test } from 'vitest'
import { configCommand } from '../../src/runtime/commands/config.ts'
import { planConnections } from '../../src/runtime/connections.ts'
import { readSettings } from '../../src/runtime/settings.ts'

const page = readFileSync(join(import.meta.dirname, '../../docs/operations.md'), 'utf8')

test('the settings in docs/operations.md are what `config --markdown` prints, whatever this machine has set', async () => {
  const out = new PassThrough()
  const settings = readSettings({ CHANNEL_LEDGER_PORT: '8099', CHANNEL_LEDGER_LOG_LEVEL: 'debug' })
  await configCommand.run({
    settings,
    options: { markdown: true },
    operands: [],
    json: false,
    // the command only writes
    out: out as unknown as NodeJS.WriteStream,
    err: process.stderr,
    signal: new AbortController().signal,
  })
  out.end()
  const [, shown] = /<!-- settings -->\n([\s\S]*?)<!-- \/settings -->/.exec(page) ?? []
  expect(shown).toBe(await text(out))
})

test('the sums of connections in docs/operations.md are those of the plan', () => {
  const sums = ([['api'], ['worker'], ['api', 'worker']] as const).map((roles) =>
    planConnections(readSettings({}), roles).reduce((sum, { connections }) => sum + connections, 0),
  )
  const row = page.split('\n').find((line) => line.includes('**sum**')) ?? ''
  expect([...row.matchAll(/\*\*(\d+)\*\*/g)].map(([, sum]) => Number(sum))).toEqual(sums)
})
