import pg from 'pg'
import { afterAll, describe, expect, it } from 'vitest'
import type { SealedText } from '../../../src/domain/kernel/fields.ts'
import { createKeyring } from '../../../src/ledger/personal/keyring.ts'
import type { KeyStore } from '../../../src/ledger/personal/keyStore.ts'
import { createMemoryKeyStore } from '../../../src/ledger/personal/memoryKeyStore.ts'
import { openPostgresKeyStore } from '../../../src/ledger/personal/postgresKeyStore.ts'
import { seededRandom } from '../../support/commandHandling.ts'
import { counterEvents } from '../../support/counter.ts'
import { freshDatabase } from '../../support/database.ts'

const cleanups: (() => Promise<void>)[] = []
afterAll(async () => {
  for (const cleanup of cleanups.toReversed()) await cleanup()
})

/** Two key stores as two processes have them. */
async function onPostgres(): Promise<readonly [KeyStore, KeyStore]> {
  const database = await freshDatabase()
  const pools = [1, 2].map(() => new pg.Pool({ connectionString: database.url, max: 4 }))
  cleanups.push(database.drop, ...pools.map((pool) => () => pool.end()))
  const [one, two] = await Promise.all(pools.map(openPostgresKeyStore))
  if (!one || !two) throw new Error('two pools give two stores')
  return [one, two]
}

const inMemory = async (): Promise<readonly [KeyStore, KeyStore]> => {
  const keyStore = createMemoryKeyStore()
  return [keyStore, keyStore]
}

describe.each([
  ['memory', inMemory],
  ['PostgreSQL', onPostgres],
])('a key store in %s', (_, open) => {
  const key = (fill: number) => ({ kek: 'k', bytes: Buffer.alloc(60, fill) })

  it('keeps the first key of a person for everyone', async () => {
    const [one, two] = await open()
    const made = await Promise.all(Array.from({ length: 16 }, (__, n) => (n % 2 === 0 ? one : two).create('p', key(n))))
    expect(new Set(made.map((stored) => JSON.stringify(stored))).size).toBe(1)
    expect(await two.find(['p', 'unknown'])).toEqual(new Map([['p', made[0]]]))
    expect(await one.find([])).toEqual(new Map())
  })

  it('remembers a destroyed key as destroyed and never makes another', async () => {
    const [one, two] = await open()
    await one.create('p', key(1))
    await two.destroy('p')
    await one.destroy('p')
    await one.destroy('never had one')
    expect(await one.create('p', key(2))).toBe('destroyed')
    expect(await two.find(['p', 'never had one'])).toEqual(new Map([['p', 'destroyed']]))
  })

  it('lets two processes that meet a person at once seal with one key', async () => {
    const stores = await open()
    const keyrings = stores.map((keyStore, n) =>
      createKeyring({ keyStore, kek: Buffer.alloc(32, 3), random: seededRandom(n), now: () => 0 }),
    )
    const [, , , noted] = counterEvents
    const event = '0198f1f2-7c00-7000-8000-000000000001'
    const written = await Promise.all(
      Array.from({ length: 20 }, async (__, n) => {
        const sealed = await keyrings[n % 2]?.sealAll(noted, { note: `note ${n}`, contacts: [] }, event, `p-${n % 5}`)
        return (sealed as { note: SealedText }).note
      }),
    )
    for (const keyring of keyrings) {
      expect(await keyring.openEverywhere(written)).toEqual(Array.from({ length: 20 }, (__, n) => `note ${n}`))
    }
  })
})
