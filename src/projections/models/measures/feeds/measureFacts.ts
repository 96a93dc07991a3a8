import { minorToMicros } from '../../../../domain/kernel/currency.ts'
import { instantOf } from '../../../../domain/kernel/businessTime.ts'
import { formatDecimal } from '../../../../domain/kernel/decimal.ts'
import type { EpisodeCode } from '../../../../domain/metrics/episodes.ts'
import type { MeasureCode } from '../../../../domain/metrics/measures.ts'
import type { RecordedEvent } from '../../../../ledger/envelope.ts'
import type { Fact } from '../../../engine/factTable.ts'

/** What each type of event adds to the measures: the one table that knows it. */
export type Feed<E extends { readonly type: string }> = {
  readonly [T in E['type']]?: (event: RecordedEvent & Extract<E, { readonly type: T }>) => readonly Fact[]
}

/** Whose a figure is. What an event does not name stands with the episode it names: an order, or a line of one. */
export interface Owner {
  readonly companyId?: string | undefined
  readonly dealerId?: string | undefined
  readonly sku?: string | undefined
  readonly currency?: string | undefined
  readonly unit?: string | undefined
  readonly doc?: readonly [kind: EpisodeCode | 'user', id: string]
}

interface Figures {
  readonly amount?: string | undefined
  readonly quantity?: string | undefined
  readonly count?: string | undefined
}

export const one: Figures = { count: '1' }
export const minusOne: Figures = { count: '-1' }

/** `day` where it is another than that of the event. */
export function change(
  event: RecordedEvent,
  measure: MeasureCode,
  owner: Owner,
  figures: Figures,
  day: string = dayOf(event.occurredAt),
): Fact {
  const { companyId = '', dealerId = '', sku = '', currency = '', unit = '', doc: [kind, doc] = ['', ''] } = owner
  return {
    table: 'changes',
    key: { measure, company_id: companyId, dealer_id: dealerId, sku, currency, unit, kind, doc, day },
    sums: { ...figures },
  }
}

/** `item` is what the level is of, where there are several: a lot at a place, a programme's period. */
export function level(
  event: RecordedEvent,
  measure: MeasureCode,
  { companyId = '', dealerId = '', sku = '', currency = '' }: Owner,
  item: string,
  value: { readonly add: string } | { readonly assert: string },
  day: string = dayOf(event.occurredAt),
): Fact {
  return {
    table: 'levels',
    key: { measure, company_id: companyId, dealer_id: dealerId, sku, currency, item },
    levels: { value },
    lasts: { day },
  }
}

interface EpisodeColumns extends Owner {
  readonly ofOrder?: string
  /** business time, when it is not the event's */
  readonly at?: string
  readonly dueOn?: string | undefined
  /** what is to be done, or, below zero, was done */
  readonly open?: string
}

export function begins(
  event: RecordedEvent,
  kind: EpisodeCode | 'user',
  id: string,
  { at = event.occurredAt, dueOn, ...columns }: EpisodeColumns,
): Fact {
  return episodeFact(kind, id, columns, { begun_at: utc(at), begun_on: dayOf(at), due_on: dueOn })
}

export function ends(event: RecordedEvent, kind: EpisodeCode, id: string, columns: EpisodeColumns = {}): Fact {
  return episodeFact(kind, id, columns, { ended_at: utc(event.occurredAt), ended_on: dayOf(event.occurredAt) })
}

/** Less, or more, of it is to be done: where nothing is left it is over, though it did not end as it should have. */
export function leaves(event: RecordedEvent, kind: EpisodeCode, id: string, open?: string): Fact {
  return episodeFact(kind, id, { ...(open !== undefined && { open }) }, { gone_on: dayOf(event.occurredAt) })
}

function episodeFact(
  kind: string,
  id: string,
  { companyId, dealerId, sku, currency, unit, ofOrder, open }: EpisodeColumns,
  lasts: NonNullable<Fact['lasts']>,
): Fact {
  return {
    table: 'episodes',
    key: { kind, id },
    ...(open !== undefined && { sums: { open } }),
    lasts: { company_id: companyId, dealer_id: dealerId, sku, currency, unit, of_order: ofOrder, ...lasts },
  }
}

/** The calendar date in the zone that a business time is written in. */
export function dayOf(businessTime: string): string {
  return businessTime.slice(0, 10)
}

export function daysBetween(from: string, to: string): bigint {
  return BigInt((Date.parse(`${to}T00:00:00.000Z`) - Date.parse(`${from}T00:00:00.000Z`)) / 86_400_000)
}

function utc(businessTime: string): string {
  return new Date(instantOf(businessTime)).toISOString()
}

/** Minor units as a decimal of the currency's unit. */
export function money(minor: string | bigint, currency: string): string {
  return formatDecimal(minorToMicros(BigInt(minor), currency))
}
