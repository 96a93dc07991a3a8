import type { DealerEvent } from '../../../domain/dealers/events.ts'
import { instantOf } from '../../../domain/kernel/businessTime.ts'
import { serialEvents, type SerialEvent } from '../../../domain/serials/events.ts'
import type { RecordedEvent } from '../../../ledger/envelope.ts'
import { type Fact, factTable, type ReadModel } from '../../engine/factTable.ts'

/** A code as it stands; while it is packed, its container says where it is. */
const serials = factTable(
  'serials',
  { serial: 'text' },
  {
    lasts: {
      company_id: 'text',
      kind: 'text',
      sku: 'text',
      lot: 'text',
      child_count: 'integer',
      /** empty: not packed */
      parent: 'text',
      unpacked: 'boolean',
      place: 'text',
      /** in whose hands, or on its way to whom; empty: the maker's */
      dealer_id: 'text',
      breaches: 'jsonb',
    },
    indexes: [['dealer_id'], ['parent'], ['sku']],
  },
)
/** Every step of a code: its making, packing and movements. */
const moves = factTable(
  'moves',
  { serial: 'text', step_id: 'text' },
  {
    lasts: {
      kind: 'text',
      /** what the step says of the container: empty when it ends the packing */
      parent: 'text',
      /** what it says of the place */
      place: 'text',
      dealer_id: 'text',
      from_dealer_id: 'text',
      territory: 'jsonb',
      /** shipment, transfer or return */
      reference: 'text',
      reason: 'text',
      breaches: 'jsonb',
    },
    indexes: [['dealer_id'], ['parent']],
  },
)
const scans = factTable(
  'scans',
  { serial: 'text', scan_id: 'text' },
  {
    lasts: {
      role: 'text',
      region: 'text',
      latitude: 'numeric',
      longitude: 'numeric',
      accuracy_metres: 'integer',
      device: 'text',
      /** who scanned */
      dealer_id: 'text',
      outlet_id: 'text',
      /** the code was known when it was scanned */
      known: 'boolean',
      scanned_at: 'timestamptz',
      seen_by: 'text',
      /** codes under this one that could not be read */
      unreadable: 'integer',
      company_id: 'text',
      happened_at: 'text',
      stream: 'text',
      revision: 'bigint',
      breaches: 'jsonb',
    },
    indexes: [['dealer_id'], ['scanned_at'], ['region']],
  },
)
/** Who stands below whom. */
const dealers = factTable('dealers', { dealer_id: 'text' }, { lasts: { parent_id: 'text' }, time: 'versioned' })

type Event = SerialEvent | Extract<DealerEvent, { type: 'DealerRegistered' | 'DealerParentAssigned' }>

/** Where every code is and was, and where it was seen. */
export const serialsModel: ReadModel = {
  name: 'serials',
  version: 2,
  events: [...serialEvents.map(({ type }) => type), 'DealerRegistered', 'DealerParentAssigned'],
  tables: [serials, moves, scans, dealers],
  facts: (event) => serialFacts(event as RecordedEvent & Event), // the types it declares, checked when appended
}

type Lasts = NonNullable<Fact['lasts']>

function serialFacts(event: RecordedEvent & Event): readonly Fact[] {
  switch (event.type) {
    case 'DealerRegistered':
    case 'DealerParentAssigned': {
      const { dealerId, parentDealerId = '', effectiveAt } = event.data
      const lasts = { parent_id: parentDealerId }
      return [{ table: 'dealers', key: { dealer_id: dealerId }, at: instantOf(effectiveAt), lasts }]
    }
    case 'ScanObserved':
    case 'UnknownSerialScanned':
      return [scanFact(event)]
    case 'SerialCommissioned': {
      const { companyId, kind, sku, lot, children, packedInto = '' } = event.data
      const made = { company_id: companyId, kind, sku, lot, child_count: children.length }
      return step(event, 'commissioned', { parent: packedInto }, made)
    }
    case 'SerialPacked':
      return step(event, 'packed', { parent: event.data.parent })
    case 'SerialTakenOut': {
      const { place, dealerId = '', reason } = event.data
      return step(event, 'taken-out', { parent: '', place, dealer_id: dealerId }, {}, { reason })
    }
    case 'ContainerUnpacked':
      return step(event, 'unpacked', {}, { unpacked: true }, { dealer_id: event.data.dealerId })
    case 'SerialShipped': {
      const { dealerId, territory, shipmentId } = event.data
      const there = { parent: '', place: 'underway', dealer_id: dealerId }
      return step(event, 'shipped', there, {}, { territory, reference: shipmentId })
    }
    case 'SerialReceived':
      return step(event, 'received', { parent: '', place: 'dealer', dealer_id: event.data.dealerId })
    case 'SerialTransferred': {
      const { dealerId, fromDealerId, territory, transferId } = event.data
      const there = { parent: '', place: 'underway', dealer_id: dealerId }
      return step(event, 'transferred', there, {}, { from_dealer_id: fromDealerId, territory, reference: transferId })
    }
    case 'SerialReturned': {
      const { dealerId, returnId, reason } = event.data
      const there = { parent: '', place: 'maker', dealer_id: '' }
      return step(event, 'returned', there, {}, { from_dealer_id: dealerId, reference: returnId, reason })
    }
    default:
      return event satisfies never
  }
}

/** What a step says of the code's place and container, of the code alone, and of itself alone. */
function step(
  event: RecordedEvent & Exclude<SerialEvent, { type: 'ScanObserved' | 'UnknownSerialScanned' }>,
  kind: string,
  both: Lasts,
  ofCode: Lasts = {},
  ofStep: Lasts = {},
): readonly Fact[] {
  const { serial } = event.data
  const breaches = 'breaches' in event.data ? event.data.breaches : []
  return [
    { table: 'serials', key: { serial }, lasts: { ...both, ...ofCode, breaches } },
    { table: 'moves', key: { serial, step_id: event.id }, lasts: { kind, ...both, ...ofStep, breaches } },
  ]
}

function scanFact(
  event: RecordedEvent & Extract<SerialEvent, { type: 'ScanObserved' | 'UnknownSerialScanned' }>,
): Fact {
  const { serial, scanId, role, region, place, accuracyMetres, device, dealerId, outletId, ...rest } = event.data
  return {
    table: 'scans',
    key: { serial, scan_id: scanId },
    lasts: {
      role,
      region,
      latitude: place?.latitude,
      longitude: place?.longitude,
      accuracy_metres: accuracyMetres,
      device,
      dealer_id: dealerId,
      outlet_id: outletId,
      known: event.type === 'ScanObserved',
      scanned_at: new Date(instantOf(event.occurredAt)).toISOString(),
      seen_by: event.id,
      unreadable: rest.unreadable,
      company_id: rest.companyId,
      happened_at: event.occurredAt,
      stream: event.stream,
      revision: event.revision,
      breaches: rest.breaches,
    },
  }
}
