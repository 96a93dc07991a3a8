import type { KeyStore, StoredKey } from './keyStore.ts'

/** For tests; keyrings that share one see each other's keys, as processes on one database do. */
export function createMemoryKeyStore(): KeyStore {
  const keys = new Map<string, StoredKey>()
  return {
    async find(subjects) {
      return new Map(subjects.flatMap((subject) => [...entryOf(subject)]))
    },
    async create(subject, key) {
      const standing = keys.get(subject) ?? key
      keys.set(subject, standing)
      return standing
    },
    async destroy(subject) {
      if (keys.has(subject)) keys.set(subject, 'destroyed')
    },
  }

  function entryOf(subject: string): [string, StoredKey][] {
    const key = keys.get(subject)
    return key ? [[subject, key]] : []
  }
}
