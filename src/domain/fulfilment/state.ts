import type { Happened } from '../kernel/event.ts'
import { own } from '../kernel/table.ts'
import type { FulfilmentEvent } from './events.ts'

type Data<Type extends FulfilmentEvent['type']> = Extract<FulfilmentEvent, { type: Type }>['data']
export type Attempt = Data<'FulfilmentStarted'>
export type Need = Attempt['lines'][number]
export type Outcome = Data<'FulfilmentCompleted'>['outcome']
type Lines = readonly { readonly lineNo: number; readonly quantity: string }[]

/**
 * `credit → stock → confirm → allocate → done`. Up to `confirm` an attempt can be undone as a whole; the first
 * confirming step is the point of no return. `compensate` ends in `done`, or in `retry` when another attempt follows.
 */
export type Phase = 'credit' | 'stock' | 'confirm' | 'allocate' | 'compensate' | 'retry' | 'done'

export type FulfilmentState = { readonly phase: 'none' } | Running

export interface Running {
  readonly phase: Phase
  readonly attempt: Attempt
  /** the account holds credit for the order, from this attempt or an earlier one */
  readonly hasCredit: boolean
  /** an attempt has confirmed something: from then on credit is not given back as a whole */
  readonly hasConfirmed: boolean
  /** answers of the stock streams, by sku */
  readonly reserved: Readonly<Record<string, Lines>>
  readonly allocated: Readonly<Record<string, Lines>>
  /** steps of this attempt that are over, refused ones included */
  readonly ended: readonly string[]
  readonly compensation?: { readonly reason: string; readonly outcome?: Outcome }
  /** the step whose credit check failed */
  readonly creditFailedAt?: string
  /** another attempt was asked for while this one runs */
  readonly next?: { readonly cause: Attempt['cause']; readonly requestId: string }
  readonly outcome?: Outcome
  /** requests answered, so that each is answered once */
  readonly requests: readonly string[]
}

export function evolveFulfilment(state: FulfilmentState, event: Happened<FulfilmentEvent>): FulfilmentState {
  if (event.type === 'FulfilmentStarted' || event.type === 'FulfilmentRetried') return begun(state, event.data)
  if (state.phase === 'none') return state
  switch (event.type) {
    case 'FulfilmentRetryRequested': {
      const { cause, requestId } = event.data
      return { ...state, next: { cause, requestId }, requests: [...state.requests, requestId] }
    }
    case 'CreditReservationConfirmed':
      return afterStock({
        ...state,
        hasCredit: true,
        phase: state.attempt.affectsStock ? 'stock' : 'confirm',
        ended: [...state.ended, 'credit'],
      })
    case 'CreditReservationRefused':
      return { ...state, creditFailedAt: event.data.step }
    case 'StockLineReserved':
      return afterStock({ ...state, reserved: { ...state.reserved, [event.data.sku]: event.data.lines } })
    case 'StockLineShort':
      return afterStock({
        ...state,
        reserved: { ...state.reserved, [event.data.sku]: own(state.reserved, event.data.sku) ?? [] },
      })
    case 'FulfilmentConfirmed':
      return { ...state, phase: 'allocate', hasConfirmed: true }
    case 'StockLineAllocated':
      return { ...state, allocated: { ...state.allocated, [event.data.sku]: event.data.lines } }
    case 'FulfilmentStepDone':
      return afterStep(state, event.data.step)
    case 'FulfilmentStepRefused':
      return { ...state, ended: [...state.ended, event.data.step] }
    case 'FulfilmentDeadlinePassed':
      return state
    case 'CompensationStarted': {
      const { reason, outcome } = event.data
      return { ...state, phase: 'compensate', compensation: { reason, ...(outcome && { outcome }) } }
    }
    case 'CompensationCompleted':
      return { ...state, phase: 'retry' }
    case 'FulfilmentCompleted': {
      const { next, ...rest } = state
      const { outcome, requestId } = event.data
      const requests = requestId === undefined ? state.requests : [...state.requests, requestId]
      // a change that came in meanwhile is looked at next
      const keepsNext = next !== undefined && requestId === undefined
      return { ...rest, phase: keepsNext ? 'retry' : 'done', outcome, requests, ...(keepsNext && { next }) }
    }
    default:
      return event satisfies never
  }
}

function begun(state: FulfilmentState, attempt: Attempt): Running {
  const { hasCredit = false, hasConfirmed = false, requests = [] } = state.phase === 'none' ? {} : state
  // setting what the order's own events keep right (`stepsAfterOrder`) could undo them
  const phase = !keepsCredit(state) ? 'credit' : attempt.affectsStock ? 'stock' : 'confirm'
  return {
    phase,
    attempt,
    hasCredit,
    hasConfirmed,
    reserved: {},
    allocated: {},
    ended: [],
    requests: attempt.requestId === undefined ? requests : [...requests, attempt.requestId],
  }
}

function afterStep(state: Running, step: string): Running {
  const ended = [...state.ended, step]
  switch (step) {
    case 'confirm':
    case 'fill':
      return { ...state, ended, hasConfirmed: true }
    case 'credit-release':
    case 'credit-undo':
      return { ...state, ended, hasCredit: false }
    case 'credit-hold':
      // the check that had failed passed when it was asked for the hold
      return { ...state, ended, hasCredit: true }
    default:
      return { ...state, ended }
  }
}

/** The stock phase is over when every stream of the attempt has answered. */
function afterStock(state: Running): Running {
  const isOver = state.phase === 'stock' && skusOf(state.attempt).every((sku) => own(state.reserved, sku) !== undefined)
  return isOver ? { ...state, phase: 'confirm' } : state
}

/** What an attempt that is undone ends in; nothing when the order changed meanwhile and is tried again instead. */
export function outcomeOf({ next, compensation }: Running): Outcome | undefined {
  return next === undefined ? compensation?.outcome : undefined
}

/** In sku order, as the lines of an attempt stand. */
export function skusOf({ lines }: Attempt): readonly string[] {
  return [...new Set(lines.map((line) => line.sku))]
}

/** The credit that the process has reserved is not given back as a whole any more: the order's own events keep it right. */
export function keepsCredit(state: FulfilmentState): boolean {
  return state.phase !== 'none' && state.hasCredit && state.hasConfirmed
}
