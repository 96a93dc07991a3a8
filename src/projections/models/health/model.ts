import {
  healthEvents,
  healthModelEvents,
  type HealthEvent,
  type HealthModelEvent,
} from '../../../domain/health/events.ts'
import { instantOf } from '../../../domain/kernel/businessTime.ts'
import type { RecordedEvent } from '../../../ledger/envelope.ts'
import { type Fact, factTable, type ReadModel } from '../../engine/factTable.ts'

const models = factTable(
  'models',
  { company_id: 'text', version: 'bigint' },
  { lasts: { terms: 'jsonb', defined_at: 'timestamptz' } },
)
const evaluations = factTable(
  'evaluations',
  { dealer_id: 'text', calendar_id: 'text', period_id: 'text' },
  { lasts: { company_id: 'text', evaluation: 'jsonb', evaluated_at: 'timestamptz', evaluated_by: 'text' } },
)

/** How the health of dealers is told, and the newest evaluation of each period. */
export const healthModel: ReadModel = {
  name: 'health',
  version: 1,
  events: [...healthModelEvents, ...healthEvents].map(({ type }) => type),
  tables: [models, evaluations],
  facts: (event) => [factOf(event as RecordedEvent & (HealthModelEvent | HealthEvent))], // the types it declares
}

function factOf(event: RecordedEvent & (HealthModelEvent | HealthEvent)): Fact {
  const at = new Date(instantOf(event.occurredAt)).toISOString()
  if (event.type === 'HealthModelDefined') {
    const { companyId, version, terms } = event.data
    return {
      table: 'models',
      key: { company_id: companyId, version: version.toString() },
      lasts: { terms, defined_at: at },
    }
  }
  const { companyId, dealerId, calendarId, periodId, ...evaluation } = event.data
  return {
    table: 'evaluations',
    key: { dealer_id: dealerId, calendar_id: calendarId, period_id: periodId },
    lasts: { company_id: companyId, evaluation, evaluated_at: at, evaluated_by: event.id },
  }
}
