import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { beforeAll, describe, expect, it } from 'vitest'
import { aggregates } from '../../src/domain/registry.ts'
import type { RecordedEvent } from '../../src/ledger/envelope.ts'
import { createEventRegistry } from '../../src/ledger/eventRegistry.ts'
import { createKeyring } from '../../src/ledger/personal/keyring.ts'
import { DemoConflict } from '../../src/runtime/demo/copyEvents.ts'
import { demoDealers } from '../../src/runtime/demo/dealers.ts'
import { generateDemo } from '../../src/runtime/demo/demo.ts'
import { demoKek, demoLog, demoTarget, generatedLog } from '../support/demo.ts'
import { spawnTypeScript } from '../support/spawnTypeScript.ts'

const registry = createEventRegistry(aggregates)
/** some weeks of business: enough for everything that depends on order and chance */
const weeks = '2024-11-24'

const rawOf = (log: readonly RecordedEvent[]): readonly string[] => log.map(({ raw }) => `${raw.envelope} ${raw.data}`)

describe('generating it', () => {
  let whole: readonly RecordedEvent[]

  beforeAll(async () => {
    whole = await generatedLog({ until: weeks })
  }, 60_000)

  it('gives the same bytes for the same seed, and others for another', async () => {
    expect(rawOf(await generatedLog({ until: weeks }))).toEqual(rawOf(whole))
    const other = rawOf(await generatedLog({ until: weeks, seed: 2 }))
    expect(other.slice(-500)).not.toEqual(rawOf(whole).slice(-500))
  })

  it('tells of earlier days the same, however long it goes on', async () => {
    const earlier = await generatedLog({ until: '2024-11-12' })
    expect(earlier.length).toBeGreaterThan(1_000)
    expect(earlier.length).toBeLessThan(whole.length)
    expect(rawOf(earlier)).toEqual(rawOf(whole.slice(0, earlier.length)))
  })

  it('goes on where it was stopped, at any event', async () => {
    for (const stopAfter of [1, 4]) {
      const target = demoTarget()
      const stopping = new AbortController()
      let calls = 0
      const first = await generateDemo({
        target,
        until: weeks,
        signal: stopping.signal,
        onProgress: () => {
          calls += 1
          if (calls > stopAfter) stopping.abort()
        },
      })
      expect(first.complete).toBe(false)
      expect(first.written).toBeGreaterThan(0)
      const second = await generateDemo({ target, until: weeks })
      expect(first.written + second.written).toBe(whole.length)
      expect(rawOf(await demoLog(target))).toEqual(rawOf(whole))
    }
  }, 60_000)

  it('goes on to a later day, and writes nothing when all is there', async () => {
    const target = demoTarget()
    await generateDemo({ target, until: '2024-11-12' })
    await generateDemo({ target, until: weeks })
    expect(rawOf(await demoLog(target))).toEqual(rawOf(whole))
    expect(await generateDemo({ target, until: weeks })).toEqual({ written: 0, complete: true })
  })

  it('finishes a chunk of which only a part was written', async () => {
    const target = demoTarget()
    for (const event of whole.slice(0, 1_234)) {
      const { raw: _raw, position: _position, recordedAt: _at, format: _format, stream, revision, ...rest } = event
      await target.store.append(stream, [rest], { expectedRevision: revision - 1 })
    }
    const keys = demoTarget()
    await generateDemo({ target: { ...target, keyStore: keys.keyStore }, until: weeks })
    expect(rawOf(await demoLog(target))).toEqual(rawOf(whole))
  })

  it('refuses a ledger that holds something else', async () => {
    const target = demoTarget()
    const [event] = whole
    if (!event) throw new Error('nothing generated')
    const {
      raw: _raw,
      position: _position,
      recordedAt: _at,
      format: _format,
      stream,
      revision: _revision,
      ...rest
    } = event
    await target.store.append(stream, [{ ...rest, id: '00000000-0000-7000-8000-000000000001' }], {
      expectedRevision: -1,
    })
    await expect(generateDemo({ target, until: weeks })).rejects.toThrow(DemoConflict)
  })

  it("seals personal data with keys of the target's key store", async () => {
    const target = demoTarget()
    await generateDemo({ target, until: demoStartDay })
    const keyring = createKeyring({
      keyStore: target.keyStore,
      kek: demoKek,
      random: (size) => Buffer.alloc(size),
      now: () => 0,
    })
    const registered = (await demoLog(target)).find(({ type }) => type === 'DealerRegistered')
    if (!registered) throw new Error('no dealer')
    expect(registered.raw.data).not.toContain(demoDealers[0]?.contact.email)
    const opened = await keyring.openAll(registry.definition('DealerRegistered'), registered)
    expect(opened).toMatchObject({ contact: demoDealers[0]?.contact })
  })

  it('gives the same log from a thread of its own', async () => {
    const child = await spawnTypeScript('test/demo/demoProcess.ts', [weeks], { stdio: ['ignore', 'pipe', 'inherit'] })
    let output = ''
    child.stdout?.on('data', (chunk: Buffer) => (output += chunk.toString()))
    await once(child, 'close')
    const digest = createHash('sha256').update(rawOf(whole).join('\n')).digest('hex')
    expect(output.trim()).toBe(`thread ${digest}`)
  }, 60_000)
})

const demoStartDay = '2024-11-01'
