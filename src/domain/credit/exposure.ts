import { receivableEffects } from '../receivables/effects.ts'
import { receivableEvents, type ReceivableEvent } from '../receivables/events.ts'
import type { CreditEvent } from './events.ts'

/**
 * The one fold of exposure (domain.md §2.6): every ordered unit stands in exactly one of open, delivered and
 * receivable, so nothing is counted twice (ERPNext #47279). Open value is kept apart by whether its order is
 * confirmed, since a limit may count from there.
 */
export const buckets = ['placed', 'confirmed', 'delivered', 'receivable', 'unapplied', 'credits'] as const
export type Bucket = (typeof buckets)[number]
/** minor units of one currency */
export type Buckets = Readonly<Record<Bucket, bigint>>

export const emptyBuckets: Buckets = {
  placed: 0n,
  confirmed: 0n,
  delivered: 0n,
  receivable: 0n,
  unapplied: 0n,
  credits: 0n,
}

export interface ExposureEffect {
  readonly dealerId: string
  readonly currency: string
  readonly bucket: Bucket
  readonly by: bigint
}

export type AccountEvent = CreditEvent | ReceivableEvent

/** What an event of an account stream does to its dealer's exposure. */
export function exposureEffects(event: AccountEvent): readonly ExposureEffect[] {
  const { data } = event
  if (!('currency' in data && 'dealerId' in data)) return []
  const moves = movesOf(event)
  return Object.entries(moves)
    .filter(([, by]) => by !== 0n)
    .map(([bucket, by]) => ({ dealerId: data.dealerId, currency: data.currency, bucket: bucket as Bucket, by }))
}

function movesOf(event: AccountEvent): Partial<Record<Bucket, bigint>> {
  const { type, data } = event
  switch (type) {
    case 'CreditReserved':
      return { [data.stage]: BigInt(data.amount) }
    case 'CreditReservationAdjusted':
      return { [data.stage]: BigInt(data.by) }
    case 'CreditReservationReleased':
      return { [data.stage]: -BigInt(data.amount) }
    case 'CreditCleared':
      return data.confirms === undefined ? {} : { placed: -BigInt(data.confirms), confirmed: BigInt(data.confirms) }
    case 'OrderValueDelivered':
      return {
        [data.stage]: -BigInt(data.fromOpen),
        delivered: BigInt(data.amount) - BigInt(data.fromInvoiced),
      }
    case 'OrderValueReturned':
      return { delivered: -BigInt(data.amount) }
    case 'InvoiceIssued':
      return {
        ...receivableMoves(event),
        [data.takesOver.stage]: -BigInt(data.takesOver.open),
        delivered: -BigInt(data.takesOver.delivered),
      }
    case 'InvoiceCancelled':
      return {
        ...receivableMoves(event),
        [data.givesBack.stage]: BigInt(data.givesBack.open),
        delivered: BigInt(data.givesBack.delivered),
      }
    default:
      return isReceivable(event) ? receivableMoves(event) : {}
  }
}

const receivableTypes: ReadonlySet<string> = new Set(receivableEvents.map(({ type }) => type))
export function isReceivable(event: AccountEvent): event is ReceivableEvent {
  return receivableTypes.has(event.type)
}

function receivableMoves(event: ReceivableEvent): Partial<Record<Bucket, bigint>> {
  const owed = receivableEffects(event).filter(({ balance }) => balance !== 'offsets')
  return Object.fromEntries(owed.map(({ balance, by }) => [balance, by]))
}

export function addEffect(to: Buckets, { bucket, by }: Pick<ExposureEffect, 'bucket' | 'by'>): Buckets {
  return { ...to, [bucket]: to[bucket] + by }
}

export function addBuckets(a: Buckets, b: Buckets): Buckets {
  return {
    placed: a.placed + b.placed,
    confirmed: a.confirmed + b.confirmed,
    delivered: a.delivered + b.delivered,
    receivable: a.receivable + b.receivable,
    unapplied: a.unapplied + b.unapplied,
    credits: a.credits + b.credits,
  }
}

/** The open value that counts under a policy: from placed on, or from confirmed on. */
export function openValue(of: Buckets, from: 'placed' | 'confirmed'): bigint {
  return from === 'placed' ? of.placed + of.confirmed : of.confirmed
}

/** exposure = open + delivered + receivable − unapplied − credits */
export function exposureOf(of: Buckets, from: 'placed' | 'confirmed'): bigint {
  return openValue(of, from) + of.delivered + of.receivable - of.unapplied - of.credits
}
