import { placeOf } from '../../domain/detection/placeOf.ts'
import type { TradeWindow } from '../../domain/detection/judge.ts'
import type { Sighting, Sightings } from '../../domain/diversion/sighting.ts'
import { instantOf, type Instant } from '../../domain/kernel/businessTime.ts'
import type { SerialEvent } from '../../domain/serials/events.ts'
import type { RecordedEvent } from '../../ledger/envelope.ts'
import type { EventRegistry } from '../../ledger/eventRegistry.ts'
import type { EventStore } from '../../ledger/eventStore.ts'
import { createLogScan } from '../logScan.ts'

type Scan = Extract<SerialEvent, { type: 'ScanObserved' }>['data']
interface Scanned {
  readonly event: RecordedEvent
  readonly at: string
  readonly scan: Scan
}
/** What a step says of a code; what it leaves out it does not change. */
interface Step {
  readonly eventId: string
  readonly at: string
  readonly position: bigint
  /** empty: in no container any more */
  readonly parent?: string
  /** the container that it left, and stayed where that was */
  readonly left?: string
  /** whom it went to with authority */
  readonly sent?: Sighting['sent']
}
interface Code {
  readonly sku?: string | undefined
  readonly children: number
}

const types = [
  'SerialCommissioned',
  'SerialPacked',
  'SerialTakenOut',
  'SerialShipped',
  'SerialTransferred',
  'SerialReturned',
  'ScanObserved',
] as const
type Known = Extract<SerialEvent, { type: (typeof types)[number] }>

/**
 * Goods that were seen, scanned from the log and kept in memory: for files alone, tests, the demonstration and small ledgers. What was
 * known at a position is found from the steps up to it, in the order of business time.
 */
export function createLedgerSightings(log: {
  readonly store: EventStore
  readonly registry: EventRegistry
}): Sightings {
  const codes = new Map<string, Code>()
  const steps = new Map<string, Step[]>()
  const scans: Scanned[] = []
  /** of the steps as they stand; a new one may change any */
  const placed = new Map<string, Sighting>()
  // only the types above come
  const { catchUp, declared } = createLogScan(log, types, (event) => take(event as Known & RecordedEvent))

  function take(event: Known & RecordedEvent): void {
    const { occurredAt: at, position, id: eventId } = event
    if (event.type === 'ScanObserved') {
      scans.splice(placeOf(scans, instantOf(at) + 1), 0, { event, at, scan: event.data })
      return
    }
    placed.clear()
    if (event.type === 'SerialCommissioned') {
      const { serial, sku, children } = event.data
      codes.set(serial, { sku, children: children.length })
    }
    const known = steps.get(event.data.serial) ?? []
    known.splice(placeOf(known, instantOf(at) + 1), 0, { eventId, at, position, ...said(event) })
    steps.set(event.data.serial, known)
  }

  /** The newest step of a code that says something, as it was at an instant and known at a position. */
  function last(serial: string, at: Instant, upTo: bigint, says: (step: Step) => boolean): Step | undefined {
    const known = steps.get(serial) ?? []
    return known
      .slice(0, placeOf(known, at + 1))
      .findLast((step) => step.position <= upTo && !declared.has(step.eventId) && says(step))
  }

  /** Its own newest step, else that of the container that it is in, or that it left. */
  function sentTo(serial: string, at: Instant, upTo: bigint, depth = 0): Sighting['sent'] {
    const step = last(serial, at, upTo, ({ parent }) => parent !== undefined)
    if (!step || step.sent || depth > 3) return step?.sent
    if (step.left !== undefined) return sentTo(step.left, instantOf(step.at), upTo, depth + 1)
    return step.parent === '' || step.parent === undefined ? undefined : sentTo(step.parent, at, upTo, depth + 1)
  }

  function sightingOf({ event, at, scan }: Scanned, upTo: bigint): Sighting {
    const instant = instantOf(at)
    const chain = [scan.serial]
    // item in case in pallet
    while (chain.length < 3) {
      const parent = last(chain.at(-1) ?? '', instant, upTo, (step) => step.parent !== undefined)?.parent ?? ''
      if (parent === '') break
      chain.push(parent)
    }
    const sent = sentTo(scan.serial, instant, upTo)
    const { sku, children = 0 } = codes.get(scan.serial) ?? {}
    const { companyId, serial, role, region, place, accuracyMetres, outletId, unreadable = 0 } = scan
    return {
      eventId: event.id,
      stream: event.stream,
      revision: event.revision,
      at,
      position: event.position,
      companyId,
      serial,
      role,
      chain,
      codes: Math.max(1, children, unreadable),
      unreadable,
      ...(region !== undefined && { region }),
      ...(place && { place }),
      ...(accuracyMetres !== undefined && { accuracyMetres }),
      ...(outletId !== undefined && { outletId }),
      ...(sku !== undefined && { sku }),
      ...(sent && { sent }),
    }
  }

  async function all({ from, until, upTo }: TradeWindow): Promise<readonly Sighting[]> {
    await catchUp(upTo)
    const isNewest = (await log.store.head()) <= upTo
    return scans.slice(placeOf(scans, from), placeOf(scans, until)).flatMap((scanned) => {
      const { id, position } = scanned.event
      if (position > upTo || declared.has(id)) return []
      if (!isNewest) return [sightingOf(scanned, upTo)]
      const known = placed.get(id) ?? sightingOf(scanned, upTo)
      placed.set(id, known)
      return [known]
    })
  }

  return {
    all,
    async one(_serial, eventId, upTo) {
      await catchUp(upTo)
      const scanned = scans.find(({ event }) => event.id === eventId)
      return scanned && !declared.has(eventId) ? sightingOf(scanned, upTo) : undefined
    },
    of: async (dealerId, window) => (await all(window)).filter(({ sent }) => sent?.dealerId === dealerId),
  }
}

function said(event: Exclude<Known, { type: 'ScanObserved' }> & RecordedEvent): Partial<Step> {
  switch (event.type) {
    case 'SerialCommissioned':
      return { parent: event.data.packedInto ?? '' }
    case 'SerialPacked':
      return { parent: event.data.parent }
    case 'SerialTakenOut':
      return { parent: '', left: event.data.parent }
    case 'SerialReturned':
      return { parent: '' }
    case 'SerialShipped':
    case 'SerialTransferred': {
      const { dealerId, territory, breaches } = event.data
      // goods that another dealer got without authority are still those of whom they were sent to
      if (breaches.some(({ code }) => code === 'serials.transfer_unauthorised')) return {}
      return { parent: '', sent: { dealerId, ...(territory && { territory }), eventId: event.id } }
    }
  }
}
