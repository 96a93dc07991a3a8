import { readFile, writeFile } from 'node:fs/promises'
import { format, resolveConfig } from 'prettier'
import { expect, test } from 'vitest'
import { registryPage } from '../../../src/domain/metrics/registryPage.ts'

const page = new URL('../../../docs/channel-metrics.md', import.meta.url)

test('the page of the metrics says what the program knows of them', async () => {
  const options = await resolveConfig(page)
  const made = await format(registryPage(), { ...options, parser: 'markdown' })
  if (process.env['CHANNEL_LEDGER_UPDATE_LOCK']) await writeFile(page, made)
  expect(await readFile(page, 'utf8')).toBe(made)
})
