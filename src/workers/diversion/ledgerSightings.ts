import type { TradeWindow } from '../../domain/detection/judge.ts'
import { placeOf } from '../../domain/detection/placeOf.ts'
import { goodsAt, isUnauthorised, type GoodsStep } from '../../domain/diversion/goodsSteps.ts'
import type { Sighting, Sightings } from '../../domain/diversion/sighting.ts'
import { instantOf } from '../../domain/kernel/businessTime.ts'
import type { SerialEvent } from '../../domain/serials/events.ts'
import type { RecordedEvent } from '../../ledger/envelope.ts'
import type { EventRegistry } from '../../ledger/eventRegistry.ts'
import type { EventStore } from '../../ledger/eventStore.ts'
import { createLogScan } from '../logScan.ts'

interface Scanned {
  readonly event: RecordedEvent
  readonly at: string
  readonly scan: Extract<SerialEvent, { type: 'ScanObserved' }>['data']
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
  const codes = new Map<string, { readonly sku?: string | undefined; readonly children: number }>()
  const steps = new Map<string, GoodsStep[]>()
  const scans: Scanned[] = []
  /** of all steps so far; a new one may change any */
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
    const { serial } = event.data
    if (event.type === 'SerialCommissioned')
      codes.set(serial, { sku: event.data.sku, children: event.data.children.length })
    const known = steps.get(serial) ?? []
    const later = known.findIndex((step) => step.at > instantOf(at))
    const step = { eventId, at: instantOf(at), position, ...said(event) }
    known.splice(later < 0 ? known.length : later, 0, step)
    steps.set(serial, known)
  }

  function sightingOf({ event, at, scan }: Scanned, upTo: bigint): Sighting {
    const stepsOf = (serial: string): readonly GoodsStep[] =>
      (steps.get(serial) ?? []).filter((step) => step.position <= upTo && !declared.has(step.eventId))
    const { chain, sent } = goodsAt(scan.serial, instantOf(at), stepsOf)
    const { sku, children = 0 } = codes.get(scan.serial) ?? {}
    const { companyId, serial, role, region, place, accuracyMetres, outletId, unreadable = 0 } = scan
    const { id: eventId, stream, revision, position } = event
    return {
      eventId,
      stream,
      revision,
      at,
      position,
      companyId,
      serial,
      role,
      chain,
      unreadable,
      codes: Math.max(1, children, unreadable),
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
      const known = isNewest ? placed.get(id) : undefined
      const sighting = known ?? sightingOf(scanned, upTo)
      if (isNewest) placed.set(id, sighting)
      return [sighting]
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

function said(event: Exclude<Known, { type: 'ScanObserved' }> & RecordedEvent): Partial<GoodsStep> {
  switch (event.type) {
    case 'SerialCommissioned':
      return { parent: event.data.packedInto ?? '' }
    case 'SerialPacked':
      return { parent: event.data.parent }
    case 'SerialTakenOut':
      return { parent: '', isTakenOut: true }
    case 'SerialReturned':
      return { parent: '' }
    case 'SerialShipped':
    case 'SerialTransferred': {
      const { dealerId, territory, breaches } = event.data
      if (isUnauthorised(breaches)) return {}
      return { parent: '', sent: { dealerId, ...(territory && { territory }), eventId: event.id } }
    }
  }
}
