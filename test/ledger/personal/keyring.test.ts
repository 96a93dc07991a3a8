import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { defineEvent } from '../../../src/domain/kernel/event.ts'
import { identifier, personalText, sealedText, type SealedText } from '../../../src/domain/kernel/fields.ts'
import { createEventRegistry } from '../../../src/ledger/eventRegistry.ts'
import { openMemoryStore } from '../../../src/ledger/memory/memoryStore.ts'
import { CannotOpen, createKeyring, PersonErased, type Keyring } from '../../../src/ledger/personal/keyring.ts'
import type { KeyStore } from '../../../src/ledger/personal/keyStore.ts'
import { createMemoryKeyStore } from '../../../src/ledger/personal/memoryKeyStore.ts'
import { meta, seededRandom, testHandler } from '../../support/commandHandling.ts'
import { counter, type CounterCommand } from '../../support/counter.ts'

const noted = defineEvent(
  'Noted',
  z.strictObject({
    note: personalText.optional(),
    dealer: z.strictObject({ person: identifier, name: personalText }).optional(),
    rows: z.array(z.strictObject({ people: z.array(z.strictObject({ id: identifier, name: personalText })) })),
  }),
  { personal: { note: 'actor', 'dealer.name': 'dealer.person', 'rows.*.people.*.name': 'rows.*.people.*.id' } },
)
const event = '0198f1f2-7c00-7000-8000-000000000001'
const otherEvent = '0198f1f2-7c00-7000-8000-000000000002'
const data = {
  note: 'called back 今天',
  dealer: { person: 'p-1', name: '李伟' },
  rows: [
    { people: [] },
    {
      people: [
        { id: 'p-2', name: 'Ada' },
        { id: 'p-1', name: 'Wei' },
      ],
    },
  ],
}

function keyringOn(keyStore: KeyStore, options: { seed?: number; kek?: number; now?: () => number } = {}): Keyring {
  const { seed = 1, kek = 7, now = () => 0 } = options
  return createKeyring({ keyStore, kek: Buffer.alloc(32, kek), random: seededRandom(seed), now, maxAge: 60_000 })
}

async function sealed(
  keyring: Keyring,
  one: unknown = data,
  id = event,
): Promise<Record<string, SealedText> & typeof data> {
  return (await keyring.sealAll(noted, one, id, 'p-9')) as never
}

describe('a keyring', () => {
  it('seals the personal fields of an event and nothing else, each for its person, and opens them again', async () => {
    const keyring = keyringOn(createMemoryKeyStore())
    const written = await sealed(keyring)
    expect(noted.schema.parse(written)).toEqual(written)
    expect(written).toMatchObject({
      note: { sealed: 1, subject: 'p-9', event, path: 'note' },
      dealer: { person: 'p-1', name: { subject: 'p-1', path: 'dealer.name' } },
      rows: [
        { people: [] },
        {
          people: [
            { id: 'p-2', name: { subject: 'p-2', path: 'rows.1.people.0.name' } },
            { id: 'p-1', name: { subject: 'p-1' } },
          ],
        },
      ],
    })
    const text = JSON.stringify(written)
    for (const plain of ['called', '今天', '李伟', 'Ada', 'Wei']) {
      expect(text).not.toContain(plain)
      expect(text).not.toContain(Buffer.from(plain).toString('base64').replace(/=+$/, ''))
    }
    expect(await keyring.openAll(noted, { id: event, schemaVersion: 1, data: written })).toEqual(data)
    expect(await keyring.open(sealedText.parse(written.note))).toBe(data.note)
  })

  it('opens every sealed value of a row or an answer, wherever it stands, and leaves the rest', async () => {
    const keyring = keyringOn(createMemoryKeyStore())
    const { dealer, note } = (await sealed(keyring)) as unknown as { dealer: { name: SealedText }; note: SealedText }
    const row = { items: [{ who: dealer.name, at: 5n, sealed: 'a seal on the box' }], latest: { note, no: null } }
    expect(await keyring.openEverywhere(row)).toEqual({
      items: [{ who: '李伟', at: 5n, sealed: 'a seal on the box' }],
      latest: { note: data.note, no: null },
    })
  })

  it('leaves out what is not there', async () => {
    const keyring = keyringOn(createMemoryKeyStore())
    expect(await sealed(keyring, { rows: [] })).toEqual({ rows: [] })
  })

  it('never gives the same ciphertext twice', async () => {
    const keyring = keyringOn(createMemoryKeyStore())
    const [one, two] = [await sealed(keyring), await sealed(keyring)]
    expect((one.note as unknown as SealedText).text).not.toBe((two.note as unknown as SealedText).text)
  })

  it('does not open what was moved to another event, field or person, or changed', async () => {
    const keyring = keyringOn(createMemoryKeyStore())
    const written = (await sealed(keyring)) as unknown as {
      note: SealedText
      dealer: { person: string; name: SealedText }
      rows: []
    }
    await keyring.sealAll(noted, { note: 'x', rows: [] }, otherEvent, 'p-1')
    const { note, dealer } = written
    const flipped = `${note.text.startsWith('A') ? 'B' : 'A'}${note.text.slice(1)}`
    for (const tampered of [
      { ...note, event: otherEvent },
      { ...note, path: 'dealer.name' },
      { ...note, subject: 'p-1' },
      { ...note, text: flipped },
      { ...note, text: 'AAAA' },
      { ...note, iv: dealer.name.iv },
      { ...note, subject: 'nobody' },
    ]) {
      await expect(keyring.open(tampered)).rejects.toThrow(CannotOpen)
    }
    const opened = (moved: unknown, id = event, schemaVersion = 1) =>
      keyring.openAll(noted, { id, schemaVersion, data: moved })
    await expect(opened(written, otherEvent)).rejects.toThrow(CannotOpen)
    await expect(opened({ ...written, note: dealer.name })).rejects.toThrow(CannotOpen)
    // data of an older version that an upcast moved inside its event
    expect(await opened({ ...written, note: dealer.name }, event, 0)).toMatchObject({ note: '李伟' })
  })

  it('that has another key-encryption key opens nothing and says so', async () => {
    const keyStore = createMemoryKeyStore()
    const { note } = (await sealed(keyringOn(keyStore))) as unknown as { note: SealedText }
    await expect(keyringOn(keyStore, { kek: 8 }).open(note)).rejects.toThrow(/wrapped by/)
    expect(() => createKeyring({ keyStore, kek: Buffer.alloc(16), random: seededRandom(1), now: () => 0 })).toThrow(
      RangeError,
    )
  })

  it('shows what was of an erased person as erased, at once here and after the age of the cache elsewhere', async () => {
    const keyStore = createMemoryKeyStore()
    let now = 0
    const [here, elsewhere] = [keyringOn(keyStore), keyringOn(keyStore, { seed: 2, now: () => now })]
    const written = await sealed(here)
    const name = (written.dealer as unknown as { name: SealedText }).name
    expect(await elsewhere.open(name)).toBe('李伟')
    await here.destroy('p-1')
    now = 60_000
    for (const keyring of [here, elsewhere]) {
      expect(await keyring.open(name)).toEqual({ erased: true })
      expect(await keyring.openAll(noted, { id: event, schemaVersion: 1, data: written })).toMatchObject({
        note: data.note,
        dealer: { name: { erased: true } },
        rows: [{}, { people: [{ name: 'Ada' }, { name: { erased: true } }] }],
      })
      await expect(sealed(keyring)).rejects.toThrow(PersonErased)
    }
  })

  it('seals anew, for the same person, what a decider took over from an earlier event', async () => {
    const keyring = keyringOn(createMemoryKeyStore())
    const { note } = (await sealed(keyring)) as unknown as { note: SealedText }
    const copy = (await keyring.sealAll(noted, { note, rows: [] }, otherEvent, 'p-5')) as { note: SealedText }
    expect(copy.note).toMatchObject({ subject: 'p-9', event: otherEvent })
    expect(await keyring.openAll(noted, { id: otherEvent, schemaVersion: 1, data: copy })).toEqual({
      note: data.note,
      rows: [],
    })
    await keyring.destroy('p-9')
    expect(await keyring.sealAll(noted, { note, rows: [] }, otherEvent, 'p-5')).toEqual({ note, rows: [] })
  })
})

describe('the command handler', () => {
  const store = openMemoryStore({ clock: () => 0 })
  const keyStore = createMemoryKeyStore()
  const keyring = keyringOn(keyStore)
  const handler = testHandler(store, { keyring })
  const note: CounterCommand = { type: 'Note', id: 'c', note: 'call Ada', people: [['p-1', 'Ada Lovelace']] }

  it('writes personal fields sealed, and states and copies hold the ciphertext', async () => {
    await handler.execute(counter, { type: 'Open', id: 'c', owner: 'd', available: 1 }, meta())
    await handler.execute(counter, note, meta({ actor: 'p-9' }))
    await handler.execute(counter, { type: 'Close', id: 'c' }, meta({ actor: 'p-2' }))
    const [, first, second] = await store.readStream('counter-c')
    const log = JSON.stringify((await store.readAll({ after: 0n, limit: 10 })).events.map(({ raw }) => raw))
    expect(log).not.toContain('Ada')
    expect(await handler.load(counter, 'c')).toMatchObject({ note: { subject: 'p-9', event: second?.id } })
    const registry = createEventRegistry([counter])
    const opened = await Promise.all(
      [first, second].map(async (one) => one && keyring.openAll(registry.definition(one.type), one)),
    )
    expect(opened).toEqual([
      { note: 'call Ada', contacts: [{ person: 'p-1', name: 'Ada Lovelace' }] },
      { note: 'call Ada' },
    ])
  })

  it('refuses to write of a person whose data was erased', async () => {
    await keyring.destroy('p-1')
    expect(await handler.execute(counter, note, meta({ actor: 'p-9' }))).toEqual({
      ok: false,
      refusal: { refused: 'personal.erased', details: { subject: 'p-1' } },
    })
  })
})
