import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { aggregates } from '../../src/domain/registry.ts'
import { createEventRegistry } from '../../src/ledger/eventRegistry.ts'

const directory = new URL('../golden/events/', import.meta.url)
const registry = createEventRegistry(aggregates)

/** `<Type>.v<n>.json`: data as version n wrote it. Never changed once released. */
const golden = readdirSync(directory).map((file) => {
  const [, type = '', version = ''] = /^([A-Za-z]+)\.v(\d+)\.json$/.exec(file) ?? []
  const data: unknown = JSON.parse(readFileSync(new URL(file, directory), 'utf8'))
  return { file, type, version: Number(version), data }
})

describe('the data of a released event', () => {
  it.each(golden)('$file is read by the newest schema', ({ type, version, data }) => {
    expect(registry.validate(type, registry.upcast(type, version, data))).toEqual(registry.upcast(type, version, data))
  })

  it('is kept for every older version', () => {
    const older = [...registry.definitions.values()].flatMap(({ type, version }) =>
      Array.from({ length: version - 1 }, (_, n) => `${type}.v${n + 1}.json`),
    )
    const files = golden.map(({ file }) => file)
    expect(older.filter((file) => !files.includes(file))).toEqual([])
    expect(files).toContain('ErrorDeclared.v1.json')
  })
})
