import type { Load } from '../domain/kernel/decider.ts'
import { orderAggregate } from '../domain/orders/decide.ts'
import { stockAggregate } from '../domain/stock/decide.ts'
import { transferAggregate } from '../domain/stock/transfer.ts'
import { createBoundedCache } from '../ledger/boundedCache.ts'
import type { RecordedEvent } from '../ledger/envelope.ts'

/** The dealer whom an event concerns: the one it names, else the owner of its stream; undefined when it is nobody's. */
export type OwnerOf = (event: Pick<RecordedEvent, 'stream' | 'data'>) => Promise<string | undefined>

/** Owners of streams never change, so they are held once found. */
export function createOwnerOf(load: Load): OwnerOf {
  const held = createBoundedCache<string>({ capacity: 20_000 })
  return async ({ stream, data }) => {
    const named = textOf(data, 'dealerId')
    if (named !== undefined) return named
    // plans and advice name their party, who may be a dealer
    if (/^stock(plan|advice)-/.test(stream)) return textOf(data, 'party')
    const known = held.get(stream)
    if (known !== undefined) return known
    const owner = await ownerOfStream(stream)
    if (owner !== undefined) held.set(stream, owner)
    return owner
  }

  async function ownerOfStream(stream: string): Promise<string | undefined> {
    const dash = stream.indexOf('-')
    const id = stream.slice(dash + 1)
    switch (stream.slice(0, dash)) {
      case 'dealer':
      case 'account':
        return id
      case 'order':
      case 'fulfilment': {
        const state = await load(orderAggregate, id)
        return state.phase === 'placed'
          ? state.header.dealerId
          : state.phase === 'draft'
            ? state.draft.dealerId
            : undefined
      }
      case 'stock':
        return (await load(stockAggregate, id)).key?.party
      case 'transfer': {
        const state = await load(transferAggregate, id)
        return state.status === 'none' ? undefined : state.from.party
      }
      default:
        return undefined
    }
  }
}

function textOf(data: unknown, name: string): string | undefined {
  const value: unknown = typeof data === 'object' && data !== null ? Reflect.get(data, name) : undefined
  return typeof value === 'string' ? value : undefined
}
