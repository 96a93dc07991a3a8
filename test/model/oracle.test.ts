import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'

const folder = join(import.meta.dirname, 'oracle')

it('the oracle knows nothing of the ledger: it imports itself alone, and is plain and synchronous', () => {
  const sources = readdirSync(folder).map((file) => readFileSync(join(folder, file), 'utf8'))
  expect(sources.length).toBeGreaterThan(4)
  const imported = sources.flatMap((source) =>
    [...source.matchAll(/\b(?:from|import)\s*\(?\s*'([^']+)'/g)].map(([, name]) => name),
  )
  expect(imported.filter((name) => !/^\.\/[a-zA-Z]+\.ts$/.test(name ?? ''))).toEqual([])
  for (const source of sources) {
    expect(source).not.toMatch(/\b(?:await|async|Promise|require)\b|\bprocess\./)
    expect(source.split('\n').length).toBeLessThan(400)
  }
})
