import { createCipheriv, createDecipheriv, createHash } from 'node:crypto'
import type { EventDefinition } from '../../domain/kernel/event.ts'
import { identifier, sealedText, type ErasedText, type SealedText } from '../../domain/kernel/fields.ts'
import { createBoundedCache } from '../boundedCache.ts'
import { canonicalJson } from '../canonicalJson.ts'
import type { KeyStore, WrappedKey } from './keyStore.ts'
import { personalFieldsOf, withFields, type PersonalField } from './personalFields.ts'

/**
 * Encrypts and decrypts the personal fields of events (integrity.md §4): one 256-bit key per person, made on first use,
 * AES-256-GCM with a random IV, bound to event, field and person. A sealed value carries the place it was sealed for,
 * so it opens wherever a read model shows it; `openAll` checks in the log that it still stands there.
 */
export interface Keyring {
  /**
   * The data of an event about to be written, every personal field sealed. A sealed value that the decider took over
   * from an earlier event is sealed anew for its new place, for the same person.
   * Throws `PersonErased` for a person whose key was destroyed.
   */
  sealAll(definition: EventDefinition, data: unknown, eventId: string, actor: string): Promise<unknown>
  /** One sealed value, wherever it stands. Throws `CannotOpen` when its key is missing or it was tampered with. */
  open(sealed: SealedText): Promise<string | ErasedText>
  /** The data of an event of the log, lifted to the newest version, every personal field opened; checks that each stands where it was sealed for. */
  openAll(definition: EventDefinition, event: LoggedEvent): Promise<unknown>
  /** A row or answer with every sealed value in it opened, for the edge. Keys are fetched once for all. */
  openEverywhere(value: unknown): Promise<unknown>
  /** Destroys a person's key. Other processes stop opening within `maxAge`. */
  destroy(subject: string): Promise<void>
}

export interface LoggedEvent {
  readonly id: string
  readonly schemaVersion: number
  readonly data: unknown
}

export interface KeyringOptions {
  readonly keyStore: KeyStore
  /** key-encryption key, 32 bytes */
  readonly kek: Buffer
  readonly random: (size: number) => Uint8Array
  /** milliseconds since 1970 */
  readonly now: () => number
  /** unwrapped keys held in memory; 10,000 when absent */
  readonly capacity?: number
  /** milliseconds that an unwrapped key is held; 60,000 when absent */
  readonly maxAge?: number
}

export class PersonErased extends Error {
  override readonly name = 'PersonErased'
  readonly subject: string

  constructor(subject: string) {
    super(`the key of ${subject} was destroyed`)
    this.subject = subject
  }
}

export class CannotOpen extends Error {
  override readonly name = 'CannotOpen'
}

const erased: ErasedText = { erased: true }
const cipher = 'aes-256-gcm'
const ivBytes = 12
const tagBytes = 16
const keyBytes = 32

export function createKeyring(options: KeyringOptions): Keyring {
  const { keyStore, kek, random, now, capacity = 10_000, maxAge = 60_000 } = options
  if (kek.length !== keyBytes)
    throw new RangeError(`the key-encryption key has ${kek.length} bytes instead of ${keyBytes}`)
  const kekId = fingerprint(kek)
  const held = createBoundedCache<Buffer>({ capacity, maxAge, now })

  return {
    async sealAll(definition, data, eventId, actor) {
      const fields = personalFieldsOf(definition, data, actor)
      if (fields.length === 0) return data
      const sealed = new Map<string, unknown>()
      for (const field of fields) sealed.set(field.path, await sealField(field, eventId))
      return withFields(data, sealed)
    },
    async open(sealed) {
      return openWith(await keysOf([sealed.subject]), sealed)
    },
    async openAll(definition, event) {
      const fields = personalFieldsOf(definition, event.data, undefined)
      const found = fields.map((field) => ({ ...field, sealed: sealedText.parse(field.value) }))
      const keys = await keysOf(found.map(({ sealed }) => sealed.subject))
      const opened = found.map(({ path, sealed }) => {
        const text = openWith(keys, sealed)
        // an upcast may have moved the field: what was sealed for version n keeps its path of version n
        const moved = sealed.event !== event.id || (event.schemaVersion === definition.version && sealed.path !== path)
        if (moved && typeof text === 'string')
          throw new CannotOpen(`${path} of event ${event.id} was sealed for another place`)
        return [path, text] as const
      })
      return withFields(event.data, new Map(opened))
    },
    async openEverywhere(value) {
      const subjects = new Set<string>()
      visitSealed(value, ({ subject }) => subjects.add(subject))
      if (subjects.size === 0) return value
      const keys = await keysOf([...subjects])
      return visitSealed(value, (sealed) => openWith(keys, sealed))
    },
    async destroy(subject) {
      await keyStore.destroy(subject)
      held.delete(subject)
    },
  }

  async function sealField({ path, value, subject }: PersonalField, eventId: string): Promise<SealedText> {
    const earlier = sealedText.safeParse(value)
    if (earlier.success) {
      const text = openWith(await keysOf([earlier.data.subject]), earlier.data)
      // erased since: it stays what it is, unreadable
      return typeof text === 'string' ? seal(text, earlier.data.subject, path, eventId) : earlier.data
    }
    if (typeof value !== 'string') throw new TypeError(`the personal field ${path} is not a text`)
    if (!identifier.safeParse(subject).success || subject === undefined) {
      throw new TypeError(`the personal field ${path} names no person`)
    }
    return seal(value, subject, path, eventId)
  }

  async function seal(text: string, subject: string, path: string, event: string): Promise<SealedText> {
    const iv = Buffer.from(random(ivBytes))
    const encrypt = createCipheriv(cipher, await keyFor(subject), iv)
    encrypt.setAAD(placeOf({ event, path, subject }))
    const bytes = Buffer.concat([encrypt.update(text, 'utf8'), encrypt.final(), encrypt.getAuthTag()])
    return { sealed: 1, subject, event, path, iv: iv.toString('base64'), text: bytes.toString('base64') }
  }

  function openWith(keys: ReadonlyMap<string, Buffer | 'destroyed'>, sealed: SealedText): string | ErasedText {
    const key = keys.get(sealed.subject)
    if (key === 'destroyed') return erased
    if (!key) throw new CannotOpen(`there is no key of ${sealed.subject}`)
    try {
      const bytes = Buffer.from(sealed.text, 'base64')
      return decrypt(key, Buffer.from(sealed.iv, 'base64'), bytes, placeOf(sealed)).toString('utf8')
    } catch (error) {
      throw new CannotOpen(`${sealed.path} of event ${sealed.event} does not open`, { cause: error })
    }
  }

  /** The key to seal with, made on first use. */
  async function keyFor(subject: string): Promise<Buffer> {
    const known = held.get(subject)
    if (known) return known
    const standing = (await keyStore.find([subject])).get(subject) ?? (await keyStore.create(subject, wrap(subject)))
    if (standing === 'destroyed') throw new PersonErased(subject)
    return hold(subject, standing)
  }

  async function keysOf(subjects: readonly string[]): Promise<ReadonlyMap<string, Buffer | 'destroyed'>> {
    const keys = new Map<string, Buffer | 'destroyed'>()
    const missing = new Set<string>()
    for (const subject of subjects) {
      const known = held.get(subject)
      if (known) keys.set(subject, known)
      else missing.add(subject)
    }
    if (missing.size === 0) return keys
    for (const [subject, stored] of await keyStore.find([...missing])) {
      keys.set(subject, stored === 'destroyed' ? stored : hold(subject, stored))
    }
    return keys
  }

  function hold(subject: string, { kek: wrappedBy, bytes }: WrappedKey): Buffer {
    if (wrappedBy !== kekId)
      throw new CannotOpen(`the key of ${subject} is wrapped by the key-encryption key ${wrappedBy}, not by ${kekId}`)
    const key = decrypt(kek, bytes.subarray(0, ivBytes), bytes.subarray(ivBytes), keyPlaceOf(subject))
    held.set(subject, key)
    return key
  }

  function wrap(subject: string): WrappedKey {
    const iv = Buffer.from(random(ivBytes))
    const encrypt = createCipheriv(cipher, kek, iv)
    encrypt.setAAD(keyPlaceOf(subject))
    return {
      kek: kekId,
      bytes: Buffer.concat([iv, encrypt.update(random(keyBytes)), encrypt.final(), encrypt.getAuthTag()]),
    }
  }
}

/** What a key-encryption key is called beside the keys it wraps; says nothing about it. */
function fingerprint(kek: Buffer): string {
  return createHash('sha256').update('channel-ledger kek\0').update(kek).digest('hex').slice(0, 16)
}

/** Additional data of a field: ciphertext moved to another event, field or person does not open. */
function placeOf({ event, path, subject }: Pick<SealedText, 'event' | 'path' | 'subject'>): Buffer {
  return Buffer.from(canonicalJson([event, path, subject]))
}

function keyPlaceOf(subject: string): Buffer {
  return Buffer.from(canonicalJson(['key', subject]))
}

function decrypt(key: Buffer, iv: Buffer, bytes: Buffer, additional: Buffer): Buffer {
  const decipher = createDecipheriv(cipher, key, iv, { authTagLength: tagBytes })
  decipher.setAAD(additional)
  decipher.setAuthTag(bytes.subarray(-tagBytes))
  return Buffer.concat([decipher.update(bytes.subarray(0, -tagBytes)), decipher.final()])
}

/** A copy of the value with each sealed text in it replaced; bigints, dates and the like stay as they are. */
function visitSealed(value: unknown, replace: (sealed: SealedText) => unknown): unknown {
  if (Array.isArray(value)) return value.map((item: unknown) => visitSealed(item, replace))
  if (typeof value !== 'object' || value === null) return value
  const sealed = 'sealed' in value ? sealedText.safeParse(value) : undefined
  if (sealed?.success) return replace(sealed.data)
  if (Object.getPrototypeOf(value) !== Object.prototype) return value
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, visitSealed(inner, replace)]))
}
