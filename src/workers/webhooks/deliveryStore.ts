import type { WebhookState } from '../../domain/webhooks/webhook.ts'

/** A webhook that is not gone. */
export type Webhook = Extract<WebhookState, { known: true }>

/** Events of one stream that a webhook is to hear of, from revision `next` to revision `known`; one at work at a time. */
export interface Pending {
  readonly webhook: Webhook
  readonly stream: string
  readonly next: number
  readonly known: number
  /** failed attempts at the first of them */
  readonly attempts: number
  /** proves that the row is still ours */
  readonly lease: number
}

/** An event that was given up, or (reason `disabled`) the first one of its stream that was not delivered any more. */
export interface UndeliveredEvent {
  readonly webhookId: string
  readonly stream: string
  readonly revision: number
  readonly attempts: number
  readonly reason: string
  /** ms since 1970 */
  readonly at: number
}

/** What a page of the log changes. `dropped` comes first: webhooks whose pending events are no longer delivered. */
export interface FeedStep {
  readonly from: bigint
  readonly to: bigint
  readonly webhooks: readonly Webhook[]
  readonly dropped: readonly string[]
  readonly noted: readonly {
    readonly webhookId: string
    readonly stream: string
    readonly first: number
    readonly last: number
  }[]
  readonly now: number
}

export interface WebhookStatus {
  readonly pendingStreams: number
  /** since when every attempt has failed, ms since 1970 */
  readonly failingSince: number | undefined
  readonly deliveredAt: number | undefined
}

/**
 * How far delivery is. One row per webhook and stream with something to deliver, whatever the number of events: the events
 * themselves are read from the log. Times are ms since 1970.
 */
export interface DeliveryStore {
  /** where the feed stands, and the webhooks as of there */
  load(): Promise<{ readonly position: bigint; readonly webhooks: readonly Webhook[] }>
  /** All of a step or nothing; false when another process has moved the feed on. */
  advance(step: FeedStep): Promise<boolean>
  /** webhooks with a stream that is due and not at work */
  due(now: number): Promise<readonly string[]>
  /** Takes streams of a webhook that are due, those that waited longest first. */
  claim(webhookId: string, now: number, leaseUntil: number, limit: number): Promise<readonly Pending[]>
  /** Delivered up to `next`, exclusive; the revision known by now, or undefined when the lease was lost. */
  delivered(pending: Pending, next: number, now: number, leaseUntil: number): Promise<number | undefined>
  /** An attempt failed: the stream waits until `dueAt`. Since when the webhook fails, or undefined when the lease was lost. */
  failed(pending: Pending, next: number, attempts: number, dueAt: number, now: number): Promise<number | undefined>
  /** The event at `undelivered.revision` is given up and the stream goes on with the next one. */
  giveUp(pending: Pending, undelivered: UndeliveredEvent, leaseUntil: number): Promise<number | undefined>
  /** Ends the lease; `dueAt` when something is left. */
  release(pending: Pending, next: number, dueAt: number): Promise<void>
  /** newest first, at most 1,000; the last 10,000 of a webhook are kept */
  undelivered(webhookId: string, limit: number): Promise<readonly UndeliveredEvent[]>
  /**
   * Delivers an event again that was given up, with those of its stream that still wait behind it. One that is on its way at
   * this moment may arrive twice.
   */
  redeliver(webhookId: string, stream: string, revision: number, now: number): Promise<void>
  status(webhookId: string): Promise<WebhookStatus>
}
