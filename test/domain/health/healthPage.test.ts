import { readFile, writeFile } from 'node:fs/promises'
import { format, resolveConfig } from 'prettier'
import { expect, test } from 'vitest'
import { healthPage } from '../../../src/domain/health/healthPage.ts'

const page = new URL('../../../docs/health-index.md', import.meta.url)

test('the page of the health index says what the program does', async () => {
  const options = await resolveConfig(page)
  const made = await format(healthPage(), { ...options, parser: 'markdown' })
  if (process.env['CHANNEL_LEDGER_UPDATE_LOCK']) await writeFile(page, made)
  expect(await readFile(page, 'utf8')).toBe(made)
})
