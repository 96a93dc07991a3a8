import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { loadSecrets } from '../../src/runtime/secrets.ts'
import { spawnTypeScript } from '../support/spawnTypeScript.ts'

let directory: string
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'channel-ledger-secrets-'))
})
afterEach(() => rm(directory, { recursive: true, force: true }))
const load = (masterKey?: Buffer<ArrayBuffer>) => loadSecrets({ masterKey, dataDirectory: join(directory, 'data') })

describe('the secrets', () => {
  test('are one key per purpose, all from the master key and none of them equal to it', () => {
    const master = Buffer.alloc(32, 1)
    const { kek, webhooks, access } = load(master)
    expect(new Set([master, kek, webhooks, access].map((key) => key.toString('hex'))).size).toBe(4)
    expect([kek, webhooks, access].every((key) => key.length === 32)).toBe(true)
    expect(load(master)).toEqual({ kek, webhooks, access })
    expect(load(Buffer.alloc(32, 2)).kek).not.toEqual(kek)
  })

  test('never change: what was sealed yesterday must open tomorrow', () => {
    const { kek, webhooks, access } = load(Buffer.alloc(32, 1))
    expect([kek, webhooks, access].map((key) => key.toString('hex'))).toMatchInlineSnapshot(`
      [
        "28b02643a1ffdd772dcd7660f3a2b5f61b8a49f1a08997932ef661d4e59a3183",
        "150f370ddb646790c6a3d15c3d6764b1091284ea0e86824ac8bbca631ebfb7be",
        "42313b7b5c963405f999e9533ed425ad3004b3bad045338dbf844f25f17032fc",
      ]
    `)
  })

  test('of a setting leave no file', async () => {
    load(Buffer.alloc(32, 1))
    expect(await readdir(directory)).toEqual([])
  })
})

describe('in development', () => {
  const file = () => join(directory, 'data', 'master.key')

  test('the master key is made once and kept from other accounts', async () => {
    const first = load()
    expect(load()).toEqual(first)
    expect(await readdir(join(directory, 'data'))).toEqual(['master.key'])
    expect((await stat(file())).mode & 0o777).toBe(0o600)
    expect((await stat(join(directory, 'data'))).mode & 0o777).toBe(0o700)
  })

  test('two channels do not share a key', async () => {
    const first = load()
    await rm(file())
    expect(load().kek).not.toEqual(first.kek)
  })

  test.each(['', 'AAAA', '!'.repeat(44)])('a file that holds %j is no key, and is left as it is', async (content) => {
    load()
    await writeFile(file(), content)
    expect(() => load()).toThrow('restore it from a backup')
    expect(await readFile(file(), 'utf8')).toBe(content)
  })

  test('processes that start at the same moment use one key, however often', async () => {
    const moment = Date.now() + 3_000
    const rounds = 150
    const children = await Promise.all(
      Array.from({ length: 3 }, () =>
        spawnTypeScript('test/runtime/secretsProcess.ts', [directory, `${moment}`, `${rounds}`], {
          stdio: ['ignore', 'pipe', 'inherit'],
        }),
      ),
    )
    const printed = await Promise.all(children.map(async ({ stdout }) => (stdout ? text(stdout) : '')))
    expect(printed[0]?.trim().split('\n')).toHaveLength(rounds)
    expect(new Set(printed).size).toBe(1)
    expect(await readdir(join(directory, '0'))).toEqual(['master.key'])
  })
})
