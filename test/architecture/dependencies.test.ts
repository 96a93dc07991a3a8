import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'

interface Manifest {
  readonly license?: string
  readonly dependencies?: Readonly<Record<string, string>>
  readonly optionalDependencies?: Readonly<Record<string, string>>
}

const root = join(import.meta.dirname, '..', '..')
const manifest = (path: string): Manifest => JSON.parse(readFileSync(join(root, path), 'utf8')) as Manifest // npm's own format
const { dependencies = {}, optionalDependencies = {} } = manifest('package.json')

const rows = readFileSync(join(root, 'docs/dependencies.md'), 'utf8')
  .split('\n')
  .filter((line) => line.startsWith('| `'))
  .map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  )
  .map(([name = '', purpose = '', reason = '', licence = '']) => ({
    name: name.replaceAll('`', ''),
    purpose,
    reason,
    licence,
  }))

describe('docs/dependencies.md', () => {
  test('lists every package that runs in production, and no other', () => {
    const direct = [...Object.keys(dependencies), ...Object.keys(optionalDependencies)]
    expect(rows.map(({ name }) => name).toSorted()).toEqual(direct.toSorted())
  })

  test('says of each what it is for and why it is not our own code', () => {
    expect(rows.filter(({ purpose, reason }) => purpose === '' || reason === '')).toEqual([])
  })

  test('names the licences of the installed packages', () => {
    const installed = rows.filter(({ name }) => existsSync(join(root, 'node_modules', name)))
    expect(installed.length).toBeGreaterThanOrEqual(Object.keys(dependencies).length)
    const actual = installed.map(({ name }) => [name, manifest(`node_modules/${name}/package.json`).license])
    expect(actual).toEqual(installed.map(({ name, licence }) => [name, licence]))
  })
})
