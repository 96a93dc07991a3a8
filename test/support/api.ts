import { createHash } from 'node:crypto'
import type { FastifyInstance, LightMyRequestResponse } from 'fastify'
import type { Right, Role } from '../../src/domain/access/role.ts'
import { aggregates } from '../../src/domain/registry.ts'
import { buildApp } from '../../src/api/app.ts'
import type { Directory } from '../../src/api/directory.ts'
import { createMetrics } from '../../src/api/metrics.ts'
import type { ApiPorts, ApiSettings, Principal } from '../../src/api/ports.ts'
import { createEventRegistry } from '../../src/ledger/eventRegistry.ts'
import type { EventStore } from '../../src/ledger/eventStore.ts'
import { openMemoryStore } from '../../src/ledger/memory/memoryStore.ts'
import { ModelBehind, type Reader } from '../../src/projections/engine/ask.ts'
import { seededRandom, testHandler, testKeyring } from './commandHandling.ts'

export const testNow = Date.UTC(2026, 3, 1, 12)

export interface Staff {
  readonly role: Role
  readonly dealerId?: string
  readonly rights?: readonly Right[]
  readonly territories?: readonly string[]
}

/** One principal per role; of dealers the managers of two and a clerk without rights. The API key of each is `<name>.<name>`. */
export const staff = {
  admin: { role: 'admin' },
  sales: { role: 'sales' },
  finance: { role: 'finance' },
  analyst: { role: 'analyst' },
  auditor: { role: 'auditor' },
  supplier: { role: 'supplier' },
  d1: { role: 'dealer', dealerId: 'D1', rights: ['orders', 'stock', 'finance', 'staff'] },
  d2: { role: 'dealer', dealerId: 'D2', rights: ['orders', 'stock', 'finance', 'staff'] },
  clerk: { role: 'dealer', dealerId: 'D1', rights: [] },
} as const satisfies Record<string, Staff>
export type StaffName = keyof typeof staff

export interface TestApi {
  readonly app: FastifyInstance
  readonly ports: ApiPorts
  readonly store: EventStore
  /** JSON in, JSON out; commands get an idempotency key of their own unless one is given */
  send(as: StaffName | undefined, method: string, url: string, options?: CallOptions): Promise<LightMyRequestResponse>
  /** An empty ledger, in the same app: making one takes longer than most tests. */
  reset(): void
  close(): Promise<void>
}

export interface CallOptions {
  readonly body?: unknown
  readonly key?: string
  readonly revision?: number
  readonly headers?: Readonly<Record<string, string>>
}

export async function openTestApi(
  options: Partial<Omit<ApiPorts, 'settings'>> & { settings?: Partial<ApiSettings> } = {},
): Promise<TestApi> {
  const { settings, ...overridden } = options
  const random = seededRandom(7)
  const store = options.store ?? openMemoryStore({ clock: () => testNow })
  const keyring = options.keyring ?? testKeyring(random)
  const registry = createEventRegistry(aggregates)
  const projections: ApiPorts['projections'] = {
    status: async () => [],
    parked: async () => [],
    retry: async () => 0,
    skip: async () => false,
  }
  const ports: { -readonly [Name in keyof ApiPorts]: ApiPorts[Name] } = {
    now: () => testNow,
    random,
    store,
    registry,
    keyring,
    handler: testHandler(store, { registry, keyring, random, now: () => testNow }),
    readerOf: () => noReader,
    directory: staffDirectory(staff),
    projections,
    exportView: async () => {
      throw new ModelBehind('none', 0n)
    },
    jobCounts: async () => ({ 'work.queued': 3 }),
    webhookSecret: (webhookId, secretId) => `whsec_${webhookId}_${secretId}`,
    metrics: createMetrics({
      projectionStatus: () => projections.status(),
      jobCounts: async () => ({ 'work.queued': 3 }),
      onError: () => undefined,
    }),
    isReadOnly: () => false,
    isDraining: () => false,
    ...overridden,
    settings: {
      version: '0.0.0-test',
      mode: 'development',
      companyId: 'ACME',
      logLevel: 'silent',
      checkAnswers: 'refuse',
      rateLimitPerMinute: 100_000,
      maxConcurrentRequests: 100,
      commandsAtWork: 100,
      queriesAtWork: 100,
      maxLiveClients: 10,
      readyWithinSeconds: 60,
      accessKey: Buffer.alloc(32, 3),
      ...settings,
    },
  }
  const app = await buildApp(ports)
  await app.ready()
  let calls = 0
  return {
    app,
    ports,
    get store() {
      return ports.store
    },
    reset() {
      ports.store = openMemoryStore({ clock: () => testNow })
      ports.handler = testHandler(ports.store, { registry, keyring, random, now: () => testNow })
    },
    async send(as, method, url, { body, key, revision, headers } = {}) {
      calls += 1
      return app.inject({
        method,
        url,
        headers: {
          ...(as !== undefined && { authorization: `ApiKey ${as}.${as}` }),
          ...(method !== 'GET' && { 'idempotency-key': key ?? `call-${calls}` }),
          ...(revision !== undefined && { 'if-match': `"${revision}"` }),
          ...(body !== undefined && { 'content-type': 'application/json' }),
          ...headers,
        },
        ...(body !== undefined && { payload: typeof body === 'string' ? body : JSON.stringify(body) }),
      })
    },
    async close() {
      await app.close()
      await ports.store.close()
    },
  }
}

/** Keys `<name>.<name>` for everybody named. */
export function staffDirectory(people: Readonly<Record<string, Staff>>): Directory {
  const principal = (name: string): Principal | undefined => {
    const found = people[name]
    return found && { id: name, rights: [], ...found }
  }
  return {
    byKey: async (keyId) => {
      const found = principal(keyId)
      return found && { principal: found, hash: createHash('sha256').update(keyId).digest('hex') }
    },
    byIdentity: async (_issuer, subject) => principal(subject),
    byId: async (id) => principal(id),
  }
}

/** Read models that have not started. */
const noReader: Reader = {
  ask: async () => {
    throw new ModelBehind('none', 0n)
  },
  position: async () => 0n,
}
