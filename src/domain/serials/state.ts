import type { Load } from '../kernel/decider.ts'
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

/** Where the goods under a code are, and the container that they are in as long as that is not emptied. */
export interface Found {
  readonly where: Whereabouts
  readonly container?: string | undefined
}

/** item in case in pallet; more is a circle */
const deepest = 4

/** Follows the containers up: a case speaks for its items. */
export async function find(
  state: SerialState,
  load: Load,
  of: (serial: string, load: Load) => Promise<SerialState>,
): Promise<Found> {
  let current = state
  let container: string | undefined
  for (let depth = 0; depth < deepest && current.parent !== undefined; depth += 1) {
    const parent = await of(current.parent, load)
    if (depth === 0 && !parent.isUnpacked) container = current.parent
    current = parent
  }
  return { where: current.where, container }
}
