import { orderAggregate } from '../../domain/orders/decide.ts'
import type { OrderEvent } from '../../domain/orders/events.ts'
import type { OrderState } from '../../domain/orders/state.ts'
import { declaredEventId } from '../../domain/kernel/errorDeclaration.ts'
import type { Happened } from '../../domain/kernel/event.ts'
import type { WorkContext } from '../context.ts'
import type { Fact } from '../reactor.ts'

const pageSize = 5_000

export interface OrderUpTo {
  readonly order: OrderState
  /** the fact itself; undefined when it has been declared in error since */
  readonly event: Happened<OrderEvent> | undefined
  /** the order's events up to the fact, in their order */
  readonly events: readonly Happened<OrderEvent>[]
}

/** An order as it stood right after one of its events, without what was declared in error by now. */
export async function orderUpTo(
  { store, registry }: Pick<WorkContext, 'store' | 'registry'>,
  { event: { id, stream, revision } }: Fact,
): Promise<OrderUpTo> {
  const declared = new Set<string>()
  const events: Happened<OrderEvent>[] = []
  for (let from = 0, more = true; more;) {
    const page = await store.readStream(stream, { from, limit: pageSize })
    for (const event of page) {
      const named = declaredEventId(event)
      if (named !== undefined) declared.add(named)
      else if (event.revision <= revision)
        events.push({
          ...event,
          data: registry.upcast(event.type, event.schemaVersion, event.data),
        } as Happened<OrderEvent>) // an order stream holds order events
    }
    from += page.length
    more = page.length === pageSize
  }
  const standing = events.filter((event) => !declared.has(event.id))
  const order = standing.reduce<OrderState>(
    (state, event) => orderAggregate.evolve(state, event),
    orderAggregate.initialState,
  )
  return { order, event: standing.find((event) => event.id === id), events: standing }
}
