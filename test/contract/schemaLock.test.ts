import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { defineEvent } from '../../src/domain/kernel/event.ts'
import { code, identifier, price, quantity } from '../../src/domain/kernel/fields.ts'
import { aggregates } from '../../src/domain/registry.ts'
import { createEventRegistry } from '../../src/ledger/eventRegistry.ts'
import { schemaLockBreaches, schemaLockOf, type SchemaLock } from '../../src/ledger/schemaLock.ts'

const file = new URL('../golden/schema-lock.json', import.meta.url)
const { definitions } = createEventRegistry(aggregates)

/** The committed lock. `CHANNEL_LEDGER_UPDATE_LOCK=1` writes it from the code; what changed is then seen in the diff. */
function committedLock(): SchemaLock {
  const lock = existsSync(file) ? z.record(z.string(), z.string()).parse(JSON.parse(readFileSync(file, 'utf8'))) : {}
  if (process.env['CHANNEL_LEDGER_UPDATE_LOCK'] !== '1') return lock
  const older = Object.entries(lock).filter(([name]) => {
    const [type = '', version = ''] = name.split('.v')
    return Number(version) < (definitions.get(type)?.version ?? 0)
  })
  const updated = Object.fromEntries(
    [...older, ...Object.entries(schemaLockOf(definitions.values()))].toSorted(([a], [b]) => (a < b ? -1 : 1)),
  )
  writeFileSync(file, `${JSON.stringify(updated, null, 2)}\n`)
  return updated
}

describe('the schema lock', () => {
  it('holds every published event schema unchanged', () => {
    expect(schemaLockBreaches(committedLock(), definitions)).toEqual([])
    expect(definitions.size).toBeGreaterThan(1)
  })

  const thing = defineEvent('Thing', z.strictObject({ sku: identifier, price: price.optional() }))
  const lock = schemaLockOf([thing])
  const breaches = (
    ...changed: Parameters<typeof schemaLockOf>[0] extends Iterable<infer D> ? D[] : never
  ): readonly string[] => schemaLockBreaches(lock, new Map(changed.map((definition) => [definition.type, definition])))

  it('lets the same schema pass, however it is made', () => {
    expect(breaches(defineEvent('Thing', z.strictObject({ price: price.optional(), sku: identifier })))).toEqual([])
  })

  it('sees every kind of change: a field, its class by pattern or by refinement, its being optional, its person', () => {
    const changed = 'Thing.v1 was published and its schema has changed: make it a new version'
    const { sku } = thing.schema.shape
    expect(breaches(defineEvent('Thing', z.strictObject({ sku })))).toEqual([changed])
    expect(breaches(defineEvent('Thing', z.strictObject({ sku: code, price: price.optional() })))).toEqual([changed])
    expect(breaches(defineEvent('Thing', z.strictObject({ sku, price: quantity.optional() })))).toEqual([changed])
    expect(breaches(defineEvent('Thing', z.strictObject({ sku, price })))).toEqual([changed])
    expect(breaches(defineEvent('Thing', z.object({ sku, price: price.optional() })))).toEqual([changed])
    expect(breaches({ ...thing, personal: { sku: 'actor' } })).toEqual([changed])
  })

  it('sees a type that is gone, a version that is lower, an upcast that is missing, and what is not locked yet', () => {
    const other = defineEvent('Other', z.strictObject({}))
    const second = defineEvent('Thing', z.strictObject({ sku: code }), { version: 2, upcasts: { 1: (data) => data } })
    expect(breaches(other)).toEqual(['Other.v1 is not in the lock', 'Thing.v1 was published and is gone'])
    expect(breaches(second)).toEqual(['Thing.v2 is not in the lock'])
    expect(breaches({ ...second, upcasts: {} })).toEqual(['Thing.v2 is not in the lock', 'Thing.v1 has no upcast'])
    expect(schemaLockBreaches(schemaLockOf([second]), new Map([['Thing', thing]]))).toEqual([
      'Thing.v1 is not in the lock',
      'Thing.v2 was published and the newest is version 1',
    ])
  })
})
