import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { aggregates } from '../../src/domain/registry.ts'

describe('the registry of aggregates', () => {
  it('holds one aggregate for every kind of stream that the architecture names', () => {
    const text = readFileSync(new URL('../../docs/architecture.md', import.meta.url), 'utf8')
    const streams = text.slice(text.indexOf('## Streams'))
    const named = [...streams.matchAll(/^\| `([a-z]+)-/gm)].map(([, category = '']) => category)
    expect(named.length).toBeGreaterThan(10)
    expect(aggregates.map(({ category }) => category)).toEqual(expect.arrayContaining(named))
    expect(named).toEqual(expect.arrayContaining(aggregates.map(({ category }) => category)))
  })

  it('has each event type in one aggregate and each command name once', () => {
    const types = aggregates.flatMap(({ events }) => events.map(({ type }) => type))
    const names = aggregates.flatMap(({ commands }) => commands.map(({ name }) => name))
    expect(types).toEqual([...new Set(types)])
    expect(names).toEqual([...new Set(names)])
  })
})
