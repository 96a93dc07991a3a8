import type { TradeWindow } from '../detection/judge.ts'
import type { Place } from '../detection/tradeFact.ts'
import type { Coordinates } from '../kernel/coordinates.ts'
import type { SerialEvent } from '../serials/events.ts'

type Scan = Extract<SerialEvent, { type: 'ScanObserved' }>['data']

/** Goods as they were seen, and who had them then: the last that they were sent to with authority. */
export interface Sighting extends Place {
  readonly companyId: string
  readonly serial: string
  readonly role: Scan['role']
  readonly region?: string
  readonly place?: Coordinates
  readonly accuracyMetres?: number
  readonly outletId?: string
  /** the code and those of its containers, the innermost first: a scan of a case is one of all that is in it */
  readonly chain: readonly string[]
  readonly sku?: string
  /** codes that the goods under this one should bear */
  readonly codes: number
  /** of these, what could not be read */
  readonly unreadable: number
  /** undefined while the goods are the maker's: not sent yet, or given back */
  readonly sent?: Sent
}
export interface Sent {
  readonly dealerId: string
  /** as it was when they were sent */
  readonly territory?: { readonly id: string; readonly version: number }
  readonly eventId: string
}

/** What the log says of goods that were seen, in order of business time. */
export interface Sightings {
  /** one scan; undefined for a code that nobody knows */
  one(serial: string, eventId: string, upTo: bigint): Promise<Sighting | undefined>
  /** of goods that were a dealer's when they were seen */
  of(dealerId: string, window: TradeWindow): Promise<readonly Sighting[]>
  all(window: TradeWindow): Promise<readonly Sighting[]>
}

/** Goods of one outermost container on one day are one sighting, however many codes of it were read. */
export function sightingKey({ chain, at }: Pick<Sighting, 'chain' | 'at'>): string {
  return `${chain.at(-1) ?? ''} ${at.slice(0, 10)}`
}

/** Once for each key, the first one. */
export function distinct(sightings: readonly Sighting[]): readonly Sighting[] {
  const known = new Map<string, Sighting>()
  for (const one of sightings) {
    const key = sightingKey(one)
    if (!known.has(key)) known.set(key, one)
  }
  return [...known.values()]
}

/** What an inspector or an outlet saw; consumers err, and a dealer's own staff prove nothing. */
export function isTrusted({ role }: Pick<Sighting, 'role'>): boolean {
  return role === 'inspector' || role === 'outlet'
}
