/**
 * Where the wrapped keys of persons are kept: outside the log, so that destroying a key leaves its ciphertext
 * unreadable for good (integrity.md §4). Possibly another database than the log's, with a short backup retention.
 */
export interface KeyStore {
  /** The keys of these persons, destroyed ones included; a person without a key is absent. */
  find(subjects: readonly string[]): Promise<ReadonlyMap<string, StoredKey>>
  /** Keeps the key unless the person has one, or had one; answers the one that stands. Race-free between processes. */
  create(subject: string, key: WrappedKey): Promise<StoredKey>
  /** Forgets the key for good and remembers that it did. Nothing happens for a person without a key. */
  destroy(subject: string): Promise<void>
}

/** A person's key, encrypted under the key-encryption key named by `kek`. `bytes` is IV (12), ciphertext (32), tag (16). */
export interface WrappedKey {
  readonly kek: string
  readonly bytes: Buffer
}

export type StoredKey = WrappedKey | 'destroyed'
