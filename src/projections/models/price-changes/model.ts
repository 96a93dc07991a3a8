import { instantOf } from '../../../domain/kernel/businessTime.ts'
import type { PriceEvent } from '../../../domain/pricing/events.ts'
import type { RecordedEvent } from '../../../ledger/envelope.ts'
import { type Fact, factTable, type ReadModel } from '../../engine/factTable.ts'
import { listScopeEvents, listScopeFacts, listScopeTables, type ListScopeEvent } from '../price-book/listScope.ts'

const changes = factTable(
  'changes',
  { change_id: 'text' },
  {
    lasts: {
      company_id: 'text',
      list_id: 'text',
      sku: 'text',
      unit: 'text',
      currency: 'text',
      kind: 'text',
      old_price: 'numeric',
      new_price: 'numeric',
      effective_at: 'timestamptz',
      decided_at: 'timestamptz',
      decided_by: 'text',
      reason: 'text',
      retroactive: 'boolean',
      overridden: 'boolean',
      breaches: 'jsonb',
      /** ledger position, for the order of changes of one instant */
      entry: 'bigint',
    },
    indexes: [['list_id', 'sku'], ['decided_at']],
  },
)

/** Every change of a list price: old and new, who, when, why (domain.md §3, defect 17). */
export const priceChangesModel: ReadModel = {
  name: 'price-changes',
  version: 2,
  events: [...listScopeEvents, 'PriceChanged', 'PriceEnded'],
  tables: [...listScopeTables, changes],
  facts: (event) => priceChangeFacts(event as RecordedEvent & (ListScopeEvent | PriceEvent)), // the types it declares, checked when appended
}

function priceChangeFacts(event: RecordedEvent & (ListScopeEvent | PriceEvent)): readonly Fact[] {
  switch (event.type) {
    case 'PriceChanged': {
      const { oldPrice, newPrice, retroactive, overridden, breaches } = event.data
      return [
        changeFact(event, event.data, {
          kind: 'changed',
          old_price: oldPrice,
          new_price: newPrice,
          retroactive,
          overridden,
          breaches,
        }),
      ]
    }
    case 'PriceEnded': {
      const retroactive = instantOf(event.data.effectiveAt) < instantOf(event.occurredAt)
      return [changeFact(event, event.data, { kind: 'ended', retroactive, overridden: false, breaches: [] })]
    }
    default:
      return listScopeFacts(event)
  }
}

function changeFact(event: RecordedEvent, data: PriceEvent['data'], lasts: NonNullable<Fact['lasts']>): Fact {
  const { companyId, listId, sku, unit, currency, reason, effectiveAt } = data
  return {
    table: 'changes',
    key: { change_id: event.id },
    lasts: {
      company_id: companyId,
      list_id: listId,
      sku,
      unit,
      currency,
      reason,
      effective_at: new Date(instantOf(effectiveAt)).toISOString(),
      decided_at: new Date(instantOf(event.occurredAt)).toISOString(),
      decided_by: event.actor,
      entry: event.position.toString(),
      ...lasts,
    },
  }
}
