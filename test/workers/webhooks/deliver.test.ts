import pg from 'pg'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { defineEvent } from '../../../src/domain/kernel/event.ts'
import { instantOf } from '../../../src/domain/kernel/businessTime.ts'
import { webhookAggregate } from '../../../src/domain/webhooks/webhook.ts'
import type { CommandHandler } from '../../../src/ledger/commands.ts'
import type { NewEvent } from '../../../src/ledger/envelope.ts'
import { createEventRegistry } from '../../../src/ledger/eventRegistry.ts'
import type { EventStore } from '../../../src/ledger/eventStore.ts'
import { openMemoryStore } from '../../../src/ledger/memory/memoryStore.ts'
import { migrate } from '../../../src/ledger/postgres/migrate.ts'
import {
  createWebhookDelivery,
  type DeliveryAttempt,
  type WebhookDeliveryOptions,
} from '../../../src/workers/webhooks/deliver.ts'
import type { DeliveryStore } from '../../../src/workers/webhooks/deliveryStore.ts'
import { createMemoryDeliveryStore } from '../../../src/workers/webhooks/memoryDeliveryStore.ts'
import { createPostgresDeliveryStore, deliveryMigrations } from '../../../src/workers/webhooks/postgresDeliveryStore.ts'
import { isSignedBy, signatureHeader, webhookSecret } from '../../../src/workers/webhooks/signature.ts'
import { freshDatabase } from '../../support/database.ts'
import { newEvent } from '../../support/newEvent.ts'
import { until } from '../../support/until.ts'
import { startWebhookReceiver, type WebhookReceiver } from '../../support/webhookReceiver.ts'

const placed = defineEvent('Placed', z.object({ note: z.unknown().optional() }), { personal: { note: 'actor' } })
const shipped = defineEvent('Shipped', z.object({}))
const registry = createEventRegistry([webhookAggregate, { category: 'order', events: [placed, shipped] }])
const masterKey = Buffer.alloc(32, 9)
const hour = 3_600_000

let database: Awaited<ReturnType<typeof freshDatabase>>
let pool: pg.Pool
beforeAll(async () => {
  database = await freshDatabase()
  pool = new pg.Pool({ connectionString: database.url })
  await migrate(pool, 'webhooks', deliveryMigrations)
})
afterAll(async () => {
  await pool.end()
  await database.drop()
})

const stores: Record<string, () => Promise<DeliveryStore>> = {
  memory: async () => createMemoryDeliveryStore(),
  PostgreSQL: async () => {
    await pool.query('truncate webhooks.webhook cascade; update webhooks.feed set position = 0')
    return createPostgresDeliveryStore(pool)
  },
}

describe.each(Object.keys(stores))('webhooks, delivery kept in %s', (kind) => {
  let now: number
  let ledger: EventStore
  let deliveries: DeliveryStore
  let attempts: DeliveryAttempt[]
  let disabled: unknown[]
  const receivers: WebhookReceiver[] = []

  beforeEach(async () => {
    now = Date.parse('2026-03-01T00:00:00.000Z')
    ledger = openMemoryStore({ clock: () => now })
    deliveries = await (stores[kind]?.() ?? Promise.reject(new Error(kind)))
    attempts = []
    disabled = []
  })
  afterEach(async () => {
    await Promise.all(receivers.splice(0).map((receiver) => receiver.close()))
    await ledger.close()
  })

  async function receiver(...answer: Parameters<typeof startWebhookReceiver>): Promise<WebhookReceiver> {
    const started = await startWebhookReceiver(...answer)
    receivers.push(started)
    return started
  }

  async function append(stream: string, ...events: readonly (Partial<NewEvent> & { type: string })[]): Promise<void> {
    const expectedRevision = (await ledger.readStream(stream)).length - 1
    await ledger.append(stream, events.map(newEvent), { expectedRevision })
  }
  const placed = { type: 'Placed', data: {} }

  async function register(webhookId: string, url: string, data: object = {}): Promise<void> {
    const registration = {
      webhookId,
      url,
      eventTypes: ['Placed', 'Shipped'],
      secretId: 's1',
      owner: 'principal-1',
      ...data,
    }
    await append(`webhook-${webhookId}`, { type: 'WebhookRegistered', data: registration })
  }

  /** Executes as the command handler would, less the idempotency. */
  const commands: Pick<CommandHandler, 'execute'> = {
    async execute(_aggregate, command, meta) {
      disabled.push({ command, at: instantOf(meta.at) })
      const data = { webhookId: 'w', reason: 'delivery-failed' }
      await append('webhook-w', { type: 'WebhookDisabled', data })
      return { ok: true, stream: 'webhook-w', revision: 1, position: 0n, events: [], replayed: false }
    },
  }

  const delivery = (options: Partial<WebhookDeliveryOptions> = {}) =>
    createWebhookDelivery({
      store: ledger,
      registry,
      deliveries,
      commands,
      masterKey,
      ownerOf: async ({ stream }) => stream.split('/')[1],
      clock: () => now,
      newId: () => 'correlation-9',
      network: { allowPrivate: true, timeoutMs: 2_000 },
      onAttempt: (attempt) => attempts.push(attempt),
      ...options,
    })

  async function deliver(options: Partial<WebhookDeliveryOptions> = {}): Promise<number> {
    const { feed, deliverDue } = delivery(options)
    await feed()
    return deliverDue()
  }

  it('sends each subscribed event once, signed, from the registration on', async () => {
    const outside = await receiver()
    await append('order-1', placed)
    await register('w', outside.url)
    await append('order-1', { type: 'Shipped', data: {} }, { type: 'Unasked', data: {} }, placed)
    expect(await deliver()).toBe(2)
    expect(await deliver()).toBe(0)
    expect(outside.heard()).toEqual(['order-1/1', 'order-1/3'])
    const [call] = outside.calls
    const secret = webhookSecret(masterKey, 'w', 's1')
    const signature = String(call?.headers[signatureHeader])
    expect(isSignedBy(secret, signature, call?.body ?? '', now / 1_000)).toBe(true)
    expect(isSignedBy(secret, signature, `${call?.body} `, now / 1_000)).toBe(false)
    expect(isSignedBy(secret, signature, call?.body ?? '', now / 1_000 + 301)).toBe(false)
    expect(isSignedBy(webhookSecret(masterKey, 'w', 's2'), signature, call?.body ?? '', now / 1_000)).toBe(false)
    expect(JSON.parse(call?.body ?? '')).toEqual({
      id: call?.headers['channel-ledger-event'],
      type: 'Shipped',
      schemaVersion: 1,
      stream: 'order-1',
      revision: 1,
      occurredAt: '2026-01-15T08:30:00.000+08:00[Asia/Shanghai]',
      recordedAt: '2026-03-01T00:00:00.000Z',
      correlationId: 'correlation-1',
      data: {},
    })
    expect(await deliveries.status('w')).toEqual({ pendingStreams: 0, failingSince: undefined, deliveredAt: now })
  })

  it('sends no personal field, sealed or plain', async () => {
    const outside = await receiver()
    await register('w', outside.url)
    await append(
      'order-1',
      { type: 'Placed', data: { note: { sealed: 1, text: 'c2VjcmV0' } } },
      { type: 'Placed', data: { note: 'plain' } },
    )
    await deliver()
    expect(outside.calls.map(({ event }) => event.data)).toEqual([{ note: null }, { note: null }])
  })

  it('wakes nobody for imports, and never tells of principals', async () => {
    const outside = await receiver()
    await register('w', outside.url)
    await append('order-1', { ...placed, source: { kind: 'import', system: 'erp' } }, placed, {
      ...placed,
      source: { kind: 'import' },
    })
    await append('principal-1', placed)
    await append('order-2', { ...placed, source: { kind: 'import' } })
    expect(await deliver()).toBe(1)
    expect(outside.heard()).toEqual(['order-1/1'])
  })

  it("tells a dealer's webhook of the dealer's own objects only", async () => {
    const outside = await receiver()
    await register('w', outside.url, { dealerId: 'd1' })
    await append('order-a/d1', placed)
    await append('order-b/d2', placed)
    await append('order-c', placed)
    await deliver()
    expect(outside.heard()).toEqual(['order-a/d1/0'])
  })

  it('keeps the order of a stream over failures, and lets other streams go', async () => {
    let broken = true
    const outside = await receiver(({ event }) =>
      broken && event.stream === 'order-1' && event.revision === 1 ? 500 : 200,
    )
    await register('w', outside.url)
    await append('order-1', placed, placed, placed)
    await append('order-2', placed, placed)
    expect(await deliver()).toBe(3)
    await append('order-1', placed)
    expect(await deliver()).toBe(0)
    expect(outside.heard().filter((heard) => heard.startsWith('order-1'))).toEqual(['order-1/0', 'order-1/1'])
    now += 5_000
    expect(await deliver()).toBe(0)
    now += 19_999
    expect(await deliver()).toBe(0)
    broken = false
    now += 1
    expect(await deliver()).toBe(3)
    expect(
      outside
        .heard()
        .filter((heard) => heard.startsWith('order-1'))
        .slice(2),
    ).toEqual(['order-1/1', 'order-1/1', 'order-1/2', 'order-1/3'])
    expect(attempts.filter(({ outcome }) => outcome === 'retried').map(({ reason }) => reason)).toEqual([
      'status 500',
      'status 500',
    ])
  })

  it('gives an event up after the last attempt, goes on behind it, and delivers it again when asked', async () => {
    let broken = true
    const outside = await receiver(({ event }) => (broken && event.revision === 0 ? 503 : 200))
    await register('w', outside.url)
    await append('order-1', placed, placed)
    for (let hours = 0; hours < 4; hours += 1, now += hour) await deliver({ limits: { attempts: 3 } })
    expect(outside.heard()).toEqual(['order-1/0', 'order-1/0', 'order-1/0', 'order-1/1'])
    expect(await deliveries.undelivered('w', 10)).toEqual([
      { webhookId: 'w', stream: 'order-1', revision: 0, attempts: 3, reason: 'status 503', at: now - 2 * hour },
    ])
    broken = false
    await deliveries.redeliver('w', 'order-1', 0, now)
    expect(await deliver()).toBe(1)
    expect(outside.heard().at(-1)).toBe('order-1/0')
    expect(await deliveries.undelivered('w', 10)).toEqual([])
  })

  it('disables a webhook that has failed for days, by a command, and starts anew when it is enabled', async () => {
    let broken = true
    const outside = await receiver(() => (broken ? 500 : 200))
    await register('w', outside.url)
    await append('order-1', placed)
    const limits = { disableAfterMs: 48 * hour, attempts: 20 }
    for (let hours = 0; disabled.length === 0 && hours < 100; hours += 6, now += 6 * hour) await deliver({ limits })
    expect(disabled).toEqual([
      {
        command: { type: 'DisableWebhook', webhookId: 'w', reason: 'delivery-failed' },
        at: Date.parse('2026-03-03T00:00:00Z'),
      },
    ])
    await append('order-1', placed)
    broken = false
    expect(await deliver({ limits })).toBe(0)
    expect(await deliveries.undelivered('w', 10)).toMatchObject([
      { stream: 'order-1', revision: 0, reason: 'disabled' },
    ])
    await append('webhook-w', { type: 'WebhookEnabled', data: { webhookId: 'w' } })
    await append('order-1', placed)
    expect(await deliver({ limits })).toBe(1)
    expect(outside.heard().at(-1)).toBe('order-1/2')
  })

  it('signs with the new secret after a rotation, and stops when the webhook is removed', async () => {
    const outside = await receiver()
    await register('w', outside.url)
    await append('webhook-w', { type: 'WebhookSecretRotated', data: { webhookId: 'w', secretId: 's2' } })
    await append('order-1', placed)
    await deliver()
    const [call] = outside.calls
    const signature = String(call?.headers[signatureHeader])
    expect(isSignedBy(webhookSecret(masterKey, 'w', 's2'), signature, call?.body ?? '', now / 1_000)).toBe(true)
    await append('order-1', placed)
    await append('webhook-w', { type: 'WebhookRemoved', data: { webhookId: 'w' } })
    await append('order-1', placed)
    expect(await deliver()).toBe(0)
  })

  it('follows no redirect and waits for no answer for ever', async () => {
    const redirecting = await receiver(() => 307)
    const silent = await receiver(() => 'never')
    await register('w', redirecting.url)
    await register('silent', silent.url)
    await append('order-1', placed)
    expect(await deliver({ network: { allowPrivate: true, timeoutMs: 300 } })).toBe(0)
    expect(attempts.map(({ webhookId, reason }) => `${webhookId}: ${reason}`).sort()).toEqual([
      'silent: timeout',
      'w: status 307',
    ])
    expect(redirecting.calls).toHaveLength(1)
  })

  it('does not call a private address', async () => {
    const outside = await receiver()
    await register('w', outside.url)
    await register('named', `http://localhost:${outside.port}/`)
    await append('order-1', placed)
    expect(await deliver({ network: {} })).toBe(0)
    expect(attempts.map(({ reason }) => reason)).toEqual(['address refused', 'address refused'])
    expect(outside.calls).toHaveLength(0)
  })

  it('delivers again what a process that died was delivering', async () => {
    const outside = await receiver()
    await register('w', outside.url)
    await append('order-1', placed, placed)
    await delivery().feed()
    expect(await deliveries.claim('w', now, now + 60_000, 4)).toHaveLength(1)
    expect(await deliver()).toBe(0)
    now += 60_000
    expect(await deliver()).toBe(2)
  })

  it('delivers while it runs, each event once with two processes at it, until it is told to stop', async () => {
    const outside = await receiver()
    await register('w', outside.url)
    const stop = new AbortController()
    const running = [delivery(), delivery()].map((process) => process.run(stop.signal))
    for (let n = 0; n < 10; n += 1) {
      await append(`order-${n % 3}`, placed, placed)
      now += 1
    }
    await until(() => outside.calls.length >= 20)
    stop.abort()
    await Promise.all(running)
    expect(outside.heard()).toHaveLength(20)
    for (const stream of ['order-0', 'order-1', 'order-2']) {
      const revisions = outside.calls.filter(({ event }) => event.stream === stream).map(({ event }) => event.revision)
      expect(revisions).toEqual(revisions.toSorted((a, b) => a - b))
    }
  })
})
