import type { Happened } from '../kernel/event.ts'
import { emptyTable, row, rows, withRow, type Table } from '../kernel/table.ts'
import type { ViolationEvent } from './events.ts'

type Detected = Extract<ViolationEvent, { type: 'ViolationDetected' }>['data']

export type ViolationStatus = 'detected' | 'notified' | 'explained' | 'confirmed' | 'dismissed' | 'remedied' | 'closed'

export interface Violation extends Omit<Detected, 'figures' | 'evidence' | 'violationId' | 'score'> {
  readonly status: ViolationStatus
  readonly notifiedBy?: string
  readonly explainUntil?: string
  readonly isConfirmed: boolean
}

/** All cases of one dealer, or of the company itself. */
export interface ViolationsState {
  readonly cases: Table<Violation>
}

export const noViolations: ViolationsState = { cases: emptyTable }

export function evolve(state: ViolationsState, event: Happened<ViolationEvent>): ViolationsState {
  const { violationId } = event.data
  const changed = (to: Partial<Violation>): ViolationsState => {
    const known = row(state.cases, violationId)
    return known ? { cases: withRow(state.cases, violationId, { ...known, ...to }) } : state
  }
  switch (event.type) {
    case 'ViolationDetected': {
      const { figures: _figures, evidence: _evidence, violationId: _id, score: _score, ...kept } = event.data
      return { cases: withRow(state.cases, violationId, { ...kept, status: 'detected', isConfirmed: false }) }
    }
    case 'ViolationNotified': {
      const { notifiedBy, explainUntil } = event.data
      return changed({ status: 'notified', notifiedBy, explainUntil })
    }
    case 'ViolationExplained':
      return changed({ status: 'explained' })
    case 'ViolationConfirmed':
      return changed({ status: 'confirmed', isConfirmed: true })
    case 'ViolationDismissed':
      return changed({ status: 'dismissed' })
    case 'ViolationRemedied':
      return changed({ status: 'remedied' })
    case 'ViolationClosed':
      return changed({ status: 'closed' })
  }
}

export function casesOf({ cases }: ViolationsState): readonly (readonly [id: string, Violation])[] {
  return [...rows(cases)]
}
