import { calendarAggregate } from '../domain/calendars/decide.ts'
import { daysOf, periodById } from '../domain/calendars/periodOf.ts'
import { dealerAggregate } from '../domain/dealers/decide.ts'
import { healthModelAggregate, healthTermsOf } from '../domain/health/healthModel.ts'
import { instantOf } from '../domain/kernel/businessTime.ts'
import type { RecordedEvent } from '../ledger/envelope.ts'
import { firstOfMonth } from './firstOfMonth.ts'
import type { ApiPorts } from './ports.ts'

const shownMonths = 24

/** A month whose diagnosis is there to be read. */
export interface DueDiagnosis {
  readonly month: string
  readonly closedAt: string
  /** what the ledger knew then: the diagnosis asked by it is the same whenever it is asked */
  readonly knownAt: bigint
  /** of the health model, as it was then */
  readonly version: number
}

/**
 * The months of a dealer that are whole, the newest first: those that the calendar of the evaluations has closed, each as the ledger
 * knew it at that event. What comes later is late, here as everywhere.
 */
export async function diagnosesOf(
  { store, handler }: Pick<ApiPorts, 'store' | 'handler'>,
  { dealerId, companyId }: { readonly dealerId: string; readonly companyId: string },
): Promise<readonly DueDiagnosis[]> {
  const calendarId = healthTermsOf(await handler.load(healthModelAggregate, companyId))?.terms.schedule?.calendarId
  const [registered] = await store.readStream(`${dealerAggregate.category}-${dealerId}`, { limit: 1 })
  if (calendarId === undefined || !registered) return []
  const calendar = await handler.load(calendarAggregate, calendarId)
  const closed = await store.readStream(`${calendarAggregate.category}-${calendarId}`)
  const defined = await store.readStream(`${healthModelAggregate.category}-${companyId}`)
  return closed
    .filter((event): event is Closed => event.type === 'PeriodClosed' && event.position > registered.position)
    .flatMap(({ data, position, occurredAt }) => {
      const period = periodById(calendar, data.periodId)
      // who came later has nothing to read there
      if (!period || period.endInstant <= instantOf(registered.occurredAt)) return []
      const { from, until } = daysOf(period)
      // calendars of weeks have months that are none of the report's
      if (!from.endsWith('-01') || until !== firstOfMonth(from, 1)) return []
      // versions are numbered from 1 in the order of their events
      const version = defined.filter((event) => event.position <= position).length
      return [{ month: from.slice(0, 7), closedAt: occurredAt, knownAt: position, version }]
    })
    .toSorted((a, b) => (a.month < b.month ? 1 : -1))
    .slice(0, shownMonths)
}

type Closed = RecordedEvent & { readonly data: { readonly periodId: string } }
