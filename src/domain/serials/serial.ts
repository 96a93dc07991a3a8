import { productAggregate } from '../catalogue/decide.ts'
import { dealerAggregate } from '../dealers/decide.ts'
import { dealerAt, type DealerAt } from '../dealers/state.ts'
import {
  isRefusal,
  refuse,
  type Aggregate,
  type Circumstances,
  type Decision,
  type Load,
  type Refusal,
} from '../kernel/decider.ts'
import { enforce } from '../kernel/enforce.ts'
import { sameData } from '../kernel/sameData.ts'
import { outletAggregate } from '../outlets/outlet.ts'
import { outletAt } from '../outlets/state.ts'
import { transferAggregate, type TransferState } from '../stock/transfer.ts'
import { serialCommands, type SerialCommand } from './commands.ts'
import { serialEvents, type SerialEvent } from './events.ts'
import { above, evolve, find, initialState, type Above, type SerialState, type Whereabouts } from './state.ts'

/** Of other streams, as the command needs it. */
interface SerialGiven {
  /** what its containers say of the code */
  readonly above?: Above | undefined
  /** the container that the command names, and where that is */
  readonly parent?: { readonly state: SerialState; readonly where: Whereabouts } | undefined
  readonly dealer?: DealerAt | undefined
  readonly transfer?: TransferState | undefined
  readonly isProduct?: boolean
  /** the outlet that scanned is not the dealer's */
  readonly isStrangeOutlet?: boolean
}

/** One code: an item, a case or a pallet, from its making through every hand, and where it was seen. */
export const serialAggregate: Aggregate<SerialCommand, SerialEvent, SerialState, SerialGiven> = {
  category: 'serial',
  stateVersion: 1,
  initialState,
  evolve,
  decide,
  gather,
  // a dealer's staff receive and scan for their own dealer; what they name stands in the command
  owner: (_state, command) =>
    command.type === 'ReceiveSerial' || command.type === 'ObserveScan' ? command.dealerId : undefined,
  events: serialEvents,
  commands: serialCommands,
}

async function gather(command: SerialCommand, load: Load, at: string): Promise<SerialGiven> {
  if (command.type === 'ObserveScan') {
    const { dealerId, outletId } = command
    const outlet = outletId === undefined ? undefined : outletAt(await load(outletAggregate, outletId), at)
    const isStrangeOutlet = outletId !== undefined && (!outlet || outlet.dealerId !== (dealerId ?? outlet.dealerId))
    return { isStrangeOutlet }
  }
  const stateOf = (serial: string): Promise<SerialState> => load(serialAggregate, serial)
  const own = { above: await above(command.serial, stateOf) }
  switch (command.type) {
    case 'CommissionSerial':
    case 'PackSerial': {
      const name = command.type === 'PackSerial' ? command.parent : command.packedInto
      const state = name === undefined ? undefined : await stateOf(name)
      const parent = state && { state, where: (await above(name ?? '', stateOf))?.where ?? state.where }
      const sku = command.type === 'CommissionSerial' ? command.sku : undefined
      return { ...own, parent, isProduct: sku === undefined || (await load(productAggregate, sku)).known }
    }
    case 'ShipSerial':
      return { ...own, dealer: dealerAt(await load(dealerAggregate, command.dealerId), at) }
    case 'TransferSerial': {
      const dealer = dealerAt(await load(dealerAggregate, command.dealerId), at)
      return { ...own, dealer, transfer: await load(transferAggregate, command.transferId) }
    }
    default:
      return own
  }
}

function decide(
  command: SerialCommand,
  state: SerialState,
  { recorded, given }: Circumstances<SerialGiven>,
): Decision<SerialEvent> {
  const { serial } = command
  const { code } = state
  if (command.type === 'ObserveScan') return observe(command, state, recorded, given)
  if (command.type === 'CommissionSerial') return commission(command, state, recorded, given)
  const found = find(state, given.above)
  if (!found) return refuse('ledger.contention', { serial })
  const { where, container } = found
  const unknown = !code && refuse('serials.unknown', { serial })
  const outOf = container === undefined ? {} : { outOf: container }
  switch (command.type) {
    case 'PackSerial': {
      const { parent } = command
      if (!code) return refuse('serials.unknown', { serial })
      if (container === parent) return []
      const elsewhere = given.parent && !sameData(given.parent.where, where)
      const breaches = enforce(
        [
          container !== undefined && refuse('serials.packed', { serial, container }),
          ...parentRules(serial, code.kind, parent, given.parent?.state),
          elsewhere === true && refuse('serials.elsewhere', { serial, parent }),
        ],
        recorded,
      )
      if (isRefusal(breaches)) return breaches
      return [{ type: 'SerialPacked', data: { serial, companyId: code.companyId, parent, breaches } }]
    }
    case 'TakeOutSerial': {
      if (!code) return refuse('serials.unknown', { serial })
      if (container === undefined) return []
      const { companyId } = code
      const data = { serial, companyId, parent: container, ...where, reason: command.reason }
      return [{ type: 'SerialTakenOut', data }]
    }
    case 'UnpackContainer': {
      if (!code) return refuse('serials.unknown', { serial })
      if (code.kind === 'item') return refuse('serials.no_container', { serial })
      const at = where.place === 'maker' ? {} : { dealerId: where.dealerId }
      return state.isUnpacked ? [] : [{ type: 'ContainerUnpacked', data: { serial, companyId: code.companyId, ...at } }]
    }
    case 'ShipSerial': {
      const { type: _type, ...data } = command
      const { dealerId, companyId } = data
      const { dealer } = given
      if (isAt(state.where, 'underway', dealerId)) return []
      const breaches = enforce(
        [
          unknown,
          state.isUnpacked && refuse('serials.unpacked', { serial }),
          container !== undefined && refuse('serials.packed', { serial, container }),
          where.place !== 'maker' && refuse('serials.elsewhere', { serial }),
          dealer?.companyId !== companyId && refuse('dealers.unknown', { dealerId }),
        ],
        recorded,
      )
      if (isRefusal(breaches)) return breaches
      return [{ type: 'SerialShipped', data: { ...data, ...outOf, ...territoryOf(dealer), breaches } }]
    }
    case 'ReceiveSerial': {
      const { type: _type, ...data } = command
      const { dealerId } = data
      if (isAt(where, 'dealer', dealerId)) return []
      // whether it is unknown or on its way to somebody else is not told
      const isExpected = isAt(where, 'underway', dealerId)
      const breaches = enforce([!isExpected && refuse('serials.not_on_its_way', { serial, dealerId })], recorded)
      if (isRefusal(breaches)) return breaches
      return [{ type: 'SerialReceived', data: { ...data, ...outOf, breaches } }]
    }
    case 'TransferSerial': {
      const { type: _type, ...data } = command
      const { dealerId, transferId } = data
      if (isAt(where, 'underway', dealerId)) return []
      const { dealer, transfer } = given
      const from = where.place === 'maker' ? undefined : where.dealerId
      const allowed = isAuthorised(transfer, from, dealerId, code?.sku)
      const breaches = enforce(
        [
          unknown,
          state.isUnpacked && refuse('serials.unpacked', { serial }),
          from === undefined && refuse('serials.elsewhere', { serial }),
          !allowed && refuse('serials.transfer_unauthorised', { serial, transferId }),
        ],
        recorded,
      )
      if (isRefusal(breaches)) return breaches
      const fromDealerId = from ?? (transfer?.status === 'none' ? undefined : transfer?.from.party)
      if (fromDealerId === undefined) return refuse('serials.transfer_unauthorised', { serial, transferId })
      const moved = { ...data, fromDealerId, ...outOf, ...territoryOf(dealer), breaches }
      return [{ type: 'SerialTransferred', data: moved }]
    }
    case 'ReturnSerial': {
      const { type: _type, ...data } = command
      const { dealerId } = data
      if (where.place === 'maker' && code) return []
      const isThere = where.place !== 'maker' && where.dealerId === dealerId
      const breaches = enforce([unknown, !isThere && refuse('serials.elsewhere', { serial, dealerId })], recorded)
      if (isRefusal(breaches)) return breaches
      return [{ type: 'SerialReturned', data: { ...data, ...outOf, breaches } }]
    }
    default:
      return command satisfies never
  }
}

function commission(
  { type: _type, ...data }: Extract<SerialCommand, { type: 'CommissionSerial' }>,
  { code }: SerialState,
  recorded: boolean,
  { parent, isProduct }: SerialGiven,
): Decision<SerialEvent> {
  const { serial, packedInto, ...said } = data
  if (code) return sameData(code, { serial, ...said }) ? [] : refuse('object.exists', { serial })
  const packing = packedInto === undefined ? [] : parentRules(serial, data.kind, packedInto, parent?.state)
  const breaches = enforce(
    [
      isProduct === false && refuse('catalogue.unknown_sku', { sku: data.sku }),
      ...packing,
      packedInto !== undefined &&
        parent !== undefined &&
        parent.where.place !== 'maker' &&
        refuse('serials.elsewhere', { serial, parent: packedInto }),
    ],
    recorded,
  )
  if (isRefusal(breaches)) return breaches
  return [{ type: 'SerialCommissioned', data: { ...data, breaches } }]
}

function observe(
  { type: _type, ...data }: Extract<SerialCommand, { type: 'ObserveScan' }>,
  { code, scans }: SerialState,
  recorded: boolean,
  { isStrangeOutlet }: SerialGiven,
): Decision<SerialEvent> {
  const { serial, scanId, role, place, outletId } = data
  if (scans.includes(scanId)) return []
  // not even as a recorded fact: where a consumer stood is kept to about a kilometre
  if (role === 'consumer' && place && [place.latitude, place.longitude].some((text) => /\.\d{3}/.test(text)))
    return refuse('serials.consumer_place', { scanId })
  const breaches = enforce([isStrangeOutlet === true && refuse('outlets.unknown', { outletId })], recorded)
  if (isRefusal(breaches)) return breaches
  if (code) return [{ type: 'ScanObserved', data: { ...data, breaches } }]
  const strange = { code: 'serials.unknown', details: { serial } }
  return [{ type: 'UnknownSerialScanned', data: { ...data, breaches: [...breaches, strange] } }]
}

const sizes = { item: 0, case: 1, pallet: 2 } as const

/** A container that is known, larger, not emptied, and names the code among what it holds. */
function parentRules(
  serial: string,
  kind: keyof typeof sizes,
  parent: string,
  container: SerialState | undefined,
): (Refusal | false)[] {
  const code = container?.code
  return [
    !code && refuse('serials.unknown', { serial: parent }),
    code !== undefined && sizes[code.kind] <= sizes[kind] && refuse('serials.no_container', { serial: parent }),
    code !== undefined && !code.children.includes(serial) && refuse('serials.not_listed', { serial, parent }),
    container?.isUnpacked === true && refuse('serials.unpacked', { serial: parent }),
  ]
}

function isAt(where: Whereabouts, place: 'underway' | 'dealer', dealerId: string): boolean {
  return where.place === place && where.dealerId === dealerId
}

/** A transfer between these two that was not cancelled; of the product, where the code is of one. */
function isAuthorised(
  transfer: TransferState | undefined,
  from: string | undefined,
  to: string,
  sku: string | undefined,
): boolean {
  if (!transfer || transfer.status === 'none' || transfer.status === 'cancelled') return false
  const isOfIt = sku === undefined || transfer.requested.some((line) => line.sku === sku)
  return transfer.from.party === from && transfer.to.party === to && isOfIt
}

function territoryOf(dealer: DealerAt | undefined): { territory?: { id: string; version: number } } {
  const { territory } = dealer ?? {}
  return territory ? { territory: { id: territory.territoryId, version: territory.territoryVersion } } : {}
}
