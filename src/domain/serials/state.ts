import type { Happened } from '../kernel/event.ts'
import type { SerialEvent } from './events.ts'

type Commissioned = Extract<SerialEvent, { type: 'SerialCommissioned' }>['data']

/** In whose hands goods are: the maker's, on their way to a dealer, or a dealer's. */
export type Whereabouts =
  { readonly place: 'maker' } | { readonly place: 'underway' | 'dealer'; readonly dealerId: string }

export interface SerialState {
  /** undefined while the code is not known */
  readonly code?: Omit<Commissioned, 'packedInto' | 'breaches'>
  /** its own; while it is packed, those of its container count */
  readonly where: Whereabouts
  readonly parent?: string | undefined
  readonly isUnpacked: boolean
  /** ids of the newest scans */
  readonly scans: readonly string[]
}

export const initialState: SerialState = { where: { place: 'maker' }, isUnpacked: false, scans: [] }

/** So many ids of scans are remembered; an older one that comes again is known by its idempotency key alone. */
const scansRemembered = 200

export function evolve(state: SerialState, { type, data }: Happened<SerialEvent>): SerialState {
  const moved = (where: Whereabouts): SerialState => ({ ...state, where, parent: undefined })
  switch (type) {
    case 'SerialCommissioned': {
      const { packedInto, breaches: _breaches, ...code } = data
      return { ...state, code, parent: packedInto }
    }
    case 'SerialPacked':
      return { ...state, parent: data.parent }
    case 'SerialTakenOut': {
      const { place, dealerId } = data
      return moved(place === 'maker' || dealerId === undefined ? { place: 'maker' } : { place, dealerId })
    }
    case 'ContainerUnpacked':
      return { ...state, isUnpacked: true }
    case 'SerialShipped':
    case 'SerialTransferred':
      return moved({ place: 'underway', dealerId: data.dealerId })
    case 'SerialReceived':
      return moved({ place: 'dealer', dealerId: data.dealerId })
    case 'SerialReturned':
      return moved({ place: 'maker' })
    case 'ScanObserved':
    case 'UnknownSerialScanned':
      return { ...state, scans: [...state.scans, data.scanId].slice(-scansRemembered) }
  }
}

/** item in case in pallet; more is a circle */
const deepest = 3

/** The containers that a code is in, the innermost first. */
export async function containersOf(
  serial: string,
  stateOf: (serial: string) => Promise<SerialState>,
): Promise<readonly string[]> {
  const found: string[] = []
  for (let { parent } = await stateOf(serial); parent !== undefined && found.length < deepest;) {
    found.push(parent)
    parent = (await stateOf(parent)).parent
  }
  return found
}

/** What the containers of a code say of it: the innermost one, and where the outermost one is. */
export interface Above {
  readonly parent: string
  readonly isUnpacked: boolean
  readonly where: Whereabouts
}

export async function above(
  serial: string,
  stateOf: (serial: string) => Promise<SerialState>,
): Promise<Above | undefined> {
  const containers = await containersOf(serial, stateOf)
  const [parent, outermost] = [containers[0], containers.at(-1)]
  if (parent === undefined || outermost === undefined) return undefined
  return { parent, isUnpacked: (await stateOf(parent)).isUnpacked, where: (await stateOf(outermost)).where }
}

/** Where the goods under a code are, and the container that they are in as long as that is not emptied. */
export interface Found {
  readonly where: Whereabouts
  readonly container?: string | undefined
}

/** Undefined when the code was packed or taken out after its containers were looked at. */
export function find({ parent, where }: SerialState, above: Above | undefined): Found | undefined {
  if (parent === undefined) return { where }
  if (above?.parent !== parent) return undefined
  return { where: above.where, container: above.isUnpacked ? undefined : parent }
}
