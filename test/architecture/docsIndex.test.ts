import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'

const docs = join(import.meta.dirname, '../../docs')

test('docs/README.md lists every decision under its title, in order', () => {
  const records = readdirSync(join(docs, 'decisions')).toSorted()
  const expected = records.map((record) => {
    const [, number = '', title = ''] =
      /^# (\d+)\. (.+)/.exec(readFileSync(join(docs, 'decisions', record), 'utf8')) ?? []
    expect(record.slice(0, 5)).toBe(`${number.padStart(4, '0')}-`)
    return `${number}. [${title}](decisions/${record})`
  })
  const listed = readFileSync(join(docs, 'README.md'), 'utf8')
    .split('\n')
    .filter((line) => line.includes('](decisions/'))
  expect(listed).toEqual(expected)
})

test('docs/README.md leads to every page', () => {
  const pages = readdirSync(docs).filter((name) => name.endsWith('.md') && name !== 'README.md')
  const index = readFileSync(join(docs, 'README.md'), 'utf8')
  expect(pages.filter((name) => !index.includes(`](${name})`))).toEqual([])
})
