import { businessTime } from '../../domain/kernel/businessTime.ts'
import { webhookAggregate } from '../../domain/webhooks/webhook.ts'
import { createBell } from '../../ledger/bell.ts'
import type { CommandHandler } from '../../ledger/commands.ts'
import type { RecordedEvent } from '../../ledger/envelope.ts'
import { NewerEvent, type EventRegistry } from '../../ledger/eventRegistry.ts'
import type { EventStore, Page } from '../../ledger/eventStore.ts'
import { personalFieldsOf, withFields } from '../../ledger/personal/personalFields.ts'
import type { DeliveryStore, Pending, Webhook } from './deliveryStore.ts'
import { isHeardBy, readPage, type OwnerOf } from './feed.ts'
import { post, type PostOptions } from './post.ts'
import { sign, signatureHeader, webhookSecret } from './signature.ts'

export interface WebhookDeliveryOptions {
  readonly store: EventStore
  readonly registry: EventRegistry
  readonly deliveries: DeliveryStore
  readonly commands: Pick<CommandHandler, 'execute'>
  /** 32 bytes or more; all signing secrets derive from it */
  readonly masterKey: Uint8Array
  /** the dealer whose object an event's stream is; a dealer's webhook hears of nothing else */
  readonly ownerOf: OwnerOf
  /** ms since 1970 */
  readonly clock: () => number
  /** correlation ids of the commands that disable webhooks */
  readonly newId: () => string
  readonly network?: Pick<PostOptions, 'allowPrivate' | 'resolve' | 'timeoutMs'>
  readonly limits?: Partial<DeliveryLimits>
  readonly onAttempt?: (attempt: DeliveryAttempt) => void
  readonly onError?: (error: unknown) => void
}

/** Told of every attempt: for metrics and logs. */
export interface DeliveryAttempt {
  readonly webhookId: string
  readonly outcome: 'delivered' | 'retried' | 'given up'
  /** `status 500`, `timeout`, `ECONNREFUSED`; absent when delivered */
  readonly reason?: string
  readonly tookMs: number
}

export interface DeliveryLimits {
  /** after so many attempts the event is given up and the next one of its stream goes */
  readonly attempts: number
  /** wait after the first failed attempt, four times as long after each further one, up to the longest */
  readonly firstRetryMs: number
  readonly longestRetryMs: number
  /** a webhook of which no call has succeeded for so long is disabled */
  readonly disableAfterMs: number
  /** webhooks served at the same time, and streams of each */
  readonly webhooks: number
  readonly streams: number
}

const hours = 3_600_000

/** Twelve attempts take some 31 hours; a receiver that is away for five days is no longer called. */
export const deliveryLimits: DeliveryLimits = {
  attempts: 12,
  firstRetryMs: 5_000,
  longestRetryMs: 6 * hours,
  disableAfterMs: 5 * 24 * hours,
  webhooks: 16,
  streams: 4,
}

export interface WebhookDelivery {
  /** Reads the log up to its head. */
  feed(): Promise<void>
  /** Delivers everything that is due; gives the number of events delivered. */
  deliverDue(): Promise<number>
  /** Both, for as long as the signal lets it. Any number of processes may do so; one is enough. */
  run(signal: AbortSignal): Promise<void>
}

const leaseMs = 60_000
const newerReleaseMs = 30_000
const pollMs = 1_000
const troubleMs = 5_000
const readAtOnce = 100

/**
 * Events to outside systems: signed, at least once, and per stream in order: an event waits until the one before it was
 * delivered or given up. Streams do not wait for one another. A receiver recognises a repeat by the event's id.
 */
export function createWebhookDelivery(options: WebhookDeliveryOptions): WebhookDelivery {
  const { store, registry, deliveries, clock, onAttempt, onError = () => undefined } = options
  const limits = { ...deliveryLimits, ...options.limits }
  const bell = createBell()
  const never = new AbortController().signal

  /** False when another process has moved the feed on. */
  async function take(from: bigint, webhooks: ReadonlyMap<string, Webhook>, page: Page): Promise<boolean> {
    const step = await readPage(registry, options.ownerOf, webhooks, page.events)
    const advanced = await deliveries.advance({ from, to: page.position, ...step, now: clock() })
    if (advanced && step.noted.length > 0) bell.ring()
    return advanced
  }

  async function feed(): Promise<void> {
    for (let atHead = false; !atHead;) {
      const { position, webhooks } = await deliveries.load()
      const page = await store.readAll({ after: position, limit: 1_000 })
      if (page.position > position) await take(position, byId(webhooks), page)
      atHead = page.atHead
    }
  }

  async function follow(signal: AbortSignal): Promise<void> {
    let { position, webhooks } = await deliveries.load()
    for await (const page of store.subscribe({ after: position, signal })) {
      if (!(await take(position, byId(webhooks), page))) return
      position = page.position
      if (page.events.some(({ stream }) => stream.startsWith('webhook-'))) ({ webhooks } = await deliveries.load())
    }
  }

  /** One webhook's streams until nothing of it is due. */
  async function serve(webhookId: string, signal: AbortSignal): Promise<number> {
    let delivered = 0
    while (!signal.aborted) {
      const claimed = await deliveries.claim(webhookId, clock(), clock() + leaseMs, limits.streams)
      if (claimed.length === 0) break
      const counts = await Promise.all(claimed.map((pending) => deliverStream(pending, signal)))
      delivered += counts.reduce((sum, count) => sum + count, 0)
    }
    return delivered
  }

  /** Gives the number of events delivered. */
  async function deliverStream(pending: Pending, signal: AbortSignal): Promise<number> {
    const { webhook, stream } = pending
    let { next, known, attempts } = pending
    let delivered = 0
    while (next <= known && !signal.aborted) {
      const events = await store.readStream(stream, { from: next, limit: Math.min(known - next + 1, readAtOnce) })
      if (events.length === 0) break
      for (const event of events) {
        if (signal.aborted) break
        if (!(await isHeardBy(webhook, event, options.ownerOf))) {
          next = event.revision + 1
          continue
        }
        const body = bodyOf(registry, event)
        if (body === undefined) {
          await deliveries.release(pending, event.revision, clock() + newerReleaseMs)
          return delivered
        }
        const failure = await call(webhook, event, body, attempts + 1, signal)
        if (failure === 'stopped') break
        const after =
          failure === undefined
            ? await onDelivered(pending, event)
            : await onFailed(pending, event, attempts + 1, failure)
        if (after === undefined) return delivered
        if (failure === undefined) delivered += 1
        ;[next, known, attempts] = [event.revision + 1, after, 0]
      }
    }
    await deliveries.release(pending, next, clock())
    return delivered
  }

  const onDelivered = (pending: Pending, event: RecordedEvent): Promise<number | undefined> =>
    deliveries.delivered(pending, event.revision + 1, clock(), clock() + leaseMs)

  /** The revision known when the stream goes on behind the event; undefined when it waits or is no longer ours. */
  async function onFailed(
    pending: Pending,
    event: RecordedEvent,
    attempts: number,
    reason: string,
  ): Promise<number | undefined> {
    const { webhook, stream } = pending
    const { revision } = event
    const now = clock()
    const waitMs = Math.min(limits.firstRetryMs * 4 ** (attempts - 1), limits.longestRetryMs)
    if (attempts >= limits.attempts) {
      const undelivered = { webhookId: webhook.webhookId, stream, revision, attempts, reason, at: now }
      return deliveries.giveUp(pending, undelivered, now + leaseMs)
    }
    const failingSince = await deliveries.failed(pending, revision, attempts, now + waitMs, now)
    if (failingSince !== undefined && now - failingSince >= limits.disableAfterMs) await disable(webhook.webhookId, now)
    return undefined
  }

  async function disable(webhookId: string, now: number): Promise<void> {
    const command = { type: 'DisableWebhook', webhookId, reason: 'delivery-failed' } as const
    const meta = {
      at: businessTime(now, 'UTC'),
      actor: 'webhooks',
      source: { kind: 'process', system: 'webhooks' },
    } as const
    await options.commands.execute(webhookAggregate, command, { ...meta, correlationId: options.newId() })
  }

  /** Why it failed; undefined when it was delivered. */
  async function call(
    webhook: Webhook,
    event: RecordedEvent,
    body: string,
    attempt: number,
    signal: AbortSignal,
  ): Promise<string | undefined> {
    const { webhookId, url, secretIds } = webhook
    const startedAt = clock()
    const secret = webhookSecret(options.masterKey, webhookId, secretIds.at(-1) ?? '')
    const headers = {
      'content-type': 'application/json; charset=utf-8',
      'user-agent': 'channel-ledger-webhooks',
      'channel-ledger-webhook': encodeURIComponent(webhookId),
      'channel-ledger-event': event.id,
      [signatureHeader]: sign(secret, Math.floor(startedAt / 1_000), body),
    }
    const posted = await post({ url, headers, body, signal, ...options.network })
    const isSuccess = 'status' in posted && posted.status >= 200 && posted.status < 300
    const reason = isSuccess ? undefined : 'status' in posted ? `status ${posted.status}` : posted.failure
    if (reason === 'stopped') return reason
    const outcome = reason === undefined ? 'delivered' : attempt >= limits.attempts ? 'given up' : 'retried'
    onAttempt?.({ webhookId, outcome, tookMs: clock() - startedAt, ...(reason !== undefined && { reason }) })
    return reason
  }

  async function runFeed(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const lost = await follow(signal).then(() => true, onError)
      // lost: another process feeds; otherwise trouble, or an event of a newer release, for which this one waits
      if (!signal.aborted) await createBell().wait(0, lost ? pollMs : troubleMs, signal)
    }
  }

  async function runDeliveries(signal: AbortSignal): Promise<void> {
    const lanes = new Map<string, Promise<unknown>>()
    while (!signal.aborted) {
      const rings = bell.rings()
      const due = await deliveries.due(clock()).catch((error: unknown) => {
        onError(error)
        return []
      })
      for (const webhookId of due) {
        if (lanes.has(webhookId) || lanes.size >= limits.webhooks) continue
        const lane = serve(webhookId, signal).catch(async (error: unknown) => {
          onError(error)
          await createBell().wait(0, troubleMs, signal)
        })
        lanes.set(
          webhookId,
          lane.finally(() => lanes.delete(webhookId) && bell.ring()),
        )
      }
      await bell.wait(rings, pollMs, signal)
    }
    await Promise.all(lanes.values())
  }

  return {
    feed,
    async deliverDue() {
      const due = await deliveries.due(clock())
      const counts = await Promise.all(due.map((webhookId) => serve(webhookId, never)))
      return counts.reduce((sum, count) => sum + count, 0)
    },
    async run(signal) {
      await Promise.all([runFeed(signal), runDeliveries(signal)])
    },
  }
}

/**
 * What a receiver gets: the event at its newest version, less who acted. Personal fields are null, sealed or not: outside
 * the ledger nobody can erase them. Undefined when a newer release wrote it.
 */
function bodyOf(registry: EventRegistry, event: RecordedEvent): string | undefined {
  const { id, type, stream, revision, occurredAt, recordedAt, correlationId } = event
  try {
    const definition = registry.definition(type)
    const data = registry.upcast(type, event.schemaVersion, event.data)
    const omitted = new Map(personalFieldsOf(definition, data, undefined).map(({ path }) => [path, null]))
    const schemaVersion = definition.version
    const rest = { stream, revision, occurredAt, recordedAt, correlationId, data: withFields(data, omitted) }
    return JSON.stringify({ id, type, schemaVersion, ...rest })
  } catch (error) {
    if (error instanceof NewerEvent) return undefined
    throw error
  }
}

const byId = (webhooks: readonly Webhook[]): ReadonlyMap<string, Webhook> =>
  new Map(webhooks.map((webhook) => [webhook.webhookId, webhook]))
