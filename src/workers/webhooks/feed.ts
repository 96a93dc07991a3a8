import { webhookAggregate } from '../../domain/webhooks/webhook.ts'
import type { RecordedEvent } from '../../ledger/envelope.ts'
import type { EventRegistry } from '../../ledger/eventRegistry.ts'
import type { FeedStep, Webhook } from './deliveryStore.ts'

/** What is never sent to anybody: principals with the hashes of their keys, and the webhooks themselves. */
const withheld = /^(principal|webhook)-/

export type OwnerOf = (event: RecordedEvent) => Promise<string | undefined>

/** An event that may wake an outside system: not an import (domain.md §2.14), not of a withheld stream. */
export function isDeliverable({ source, stream }: RecordedEvent): boolean {
  return source.kind !== 'import' && !withheld.test(stream)
}

/**
 * A dealer's webhook hears of its own: asked of every event, since a stream may hold several dealers' (a group's account,
 * the members of a programme).
 */
export async function isHeardBy(
  { eventTypes, dealerId }: Pick<Webhook, 'eventTypes' | 'dealerId'>,
  event: RecordedEvent,
  ownerOf: OwnerOf,
): Promise<boolean> {
  if (!isDeliverable(event) || !eventTypes.includes(event.type)) return false
  return dealerId === undefined || dealerId === (await ownerOf(event))
}

/**
 * What a page of the log means for the webhooks as they were before it: who is to hear of which events, with subscriptions
 * that begin and end inside the page. Throws `NewerEvent` on a webhook's event that a newer release wrote.
 */
export async function readPage(
  registry: EventRegistry,
  ownerOf: OwnerOf,
  before: ReadonlyMap<string, Webhook>,
  events: readonly RecordedEvent[],
): Promise<Pick<FeedStep, 'webhooks' | 'dropped' | 'noted'>> {
  const webhooks = new Map(before)
  const changed = new Map<string, Webhook>()
  const dropped = new Set<string>()
  const noted = new Map<string, FeedStep['noted'][number]>()

  function fold(event: RecordedEvent): void {
    const id = event.stream.slice('webhook-'.length)
    const data = registry.upcast(event.type, event.schemaVersion, event.data)
    const known = webhooks.get(id) ?? webhookAggregate.initialState
    // `webhook-` streams hold events of that aggregate (their registration says so) and error declarations, which it ignores
    const state = webhookAggregate.evolve(known, { ...event, data } as Parameters<typeof webhookAggregate.evolve>[1])
    if (!state?.known) return
    webhooks.set(id, state)
    changed.set(id, state)
    if (state.status === 'enabled') return
    dropped.add(id)
    for (const [key, { webhookId }] of noted) if (webhookId === id) noted.delete(key)
  }

  async function note(event: RecordedEvent): Promise<void> {
    const { stream, revision } = event
    for (const webhook of webhooks.values()) {
      const { webhookId, status } = webhook
      if (status !== 'enabled' || !(await isHeardBy(webhook, event, ownerOf))) continue
      const key = `${webhookId}\n${stream}`
      noted.set(key, { webhookId, stream, first: noted.get(key)?.first ?? revision, last: revision })
    }
  }

  for (const event of events) {
    if (event.stream.startsWith('webhook-')) fold(event)
    else await note(event)
  }
  return { webhooks: [...changed.values()], dropped: [...dropped], noted: [...noted.values()] }
}
