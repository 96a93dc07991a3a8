import { accountOf } from '../credit/parties.ts'
import { compareTimes } from '../kernel/businessTime.ts'
import { compare, minus, positivePart } from '../kernel/decimalText.ts'
import { refuse, type Aggregate, type Circumstances, type Decision, type Load } from '../kernel/decider.ts'
import { own } from '../kernel/table.ts'
import { orderAggregate } from '../orders/decide.ts'
import { openQuantity } from '../orders/orderStatus.ts'
import { linesOf, statusOf, type OrderState, type Placed } from '../orders/state.ts'
import { undeliveredAmount } from '../orders/undelivered.ts'
import { fulfilmentCommands, type FulfilmentCommand } from './commands.ts'
import { fulfilmentEvents, type FulfilmentEvent } from './events.ts'
import { nextSteps } from './nextSteps.ts'
import { isShort, neededQuantity, planOf } from './plan.ts'
import { evolveFulfilment, outcomeOf, type FulfilmentState, type Need, type Outcome, type Running } from './state.ts'

/** Of other streams: the order as it is, and the account that decides on its credit. */
export interface FulfilmentGiven {
  readonly order: OrderState
  readonly creditAccount: string
}

/** The process that takes an order from placed to confirmed and allocated, with its compensations (design.md §6). */
export const fulfilmentAggregate: Aggregate<
  FulfilmentCommand,
  FulfilmentEvent,
  FulfilmentState,
  FulfilmentGiven | undefined
> = {
  category: 'fulfilment',
  stateVersion: 1,
  initialState: { phase: 'none' },
  evolve: evolveFulfilment,
  decide,
  gather,
  owner: (state) => (state.phase === 'none' ? undefined : state.attempt.dealerId),
  events: fulfilmentEvents,
  commands: fulfilmentCommands,
}

async function gather(command: FulfilmentCommand, load: Load, at: string): Promise<FulfilmentGiven | undefined> {
  if (command.type !== 'StartFulfilment' && command.type !== 'RetryFulfilment') return undefined
  const order = await load(orderAggregate, command.orderId)
  const creditAccount = order.phase === 'placed' ? await accountOf(load, order.header.dealerId, at) : command.orderId
  return { order, creditAccount }
}

function decide(
  command: FulfilmentCommand,
  state: FulfilmentState,
  circumstances: Circumstances<FulfilmentGiven | undefined>,
): Decision<FulfilmentEvent> {
  const { orderId } = command
  switch (command.type) {
    case 'StartFulfilment':
      return state.phase === 'none' ? begin(command, state, circumstances.given) : []
    case 'RetryFulfilment': {
      if (state.phase === 'none') return begin(command, state, circumstances.given)
      if (state.requests.includes(command.requestId)) return []
      return state.phase === 'done' || state.phase === 'retry'
        ? begin(command, state, circumstances.given)
        : interrupt(command, state, circumstances.at)
    }
    case 'RecordStep':
      if (state.phase === 'none') return refuse('fulfilment.unknown', { orderId })
      return isAwaited(command, state) ? closing(state, answer(command, state), circumstances.at) : []
    case 'PassDeadline': {
      if (state.phase === 'none') return refuse('fulfilment.unknown', { orderId })
      const { attempt, deadline } = state.attempt
      if (attempt !== command.attempt || !isReversible(state) || compareTimes(circumstances.at, deadline) < 0) return []
      const passed: FulfilmentEvent = {
        type: 'FulfilmentDeadlinePassed',
        data: { orderId, attempt, deadline, phase: state.phase },
      }
      return closing(state, [passed, compensation(state, 'deadline', 'held')], circumstances.at)
    }
    default:
      return command satisfies never
  }
}

type Of<Type extends FulfilmentCommand['type']> = Extract<FulfilmentCommand, { type: Type }>

/** Starts the first or a further attempt for what the order still needs. A retry that was promised and finds nothing to do says how the order stands. */
function begin(
  command: Of<'StartFulfilment'> | Of<'RetryFulfilment'>,
  state: FulfilmentState,
  given: FulfilmentGiven | undefined,
): Decision<FulfilmentEvent> {
  const { orderId, cause, deadline, reservedUntil } = command
  const order = given?.order
  if (given === undefined || order === undefined || order.phase !== 'placed')
    return refuse('orders.unknown', { orderId })
  const before = state.phase === 'none' ? 0 : state.attempt.attempt
  const requestId = command.type === 'RetryFulfilment' ? command.requestId : undefined
  const lines = mayRun(order) ? needsOf(order) : []
  if (lines.length === 0) {
    if (state.phase !== 'retry' || requestId === undefined) return []
    return [{ type: 'FulfilmentCompleted', data: { orderId, attempt: before, outcome: standingOf(order), requestId } }]
  }
  const { dealerId, currency, backorderPolicy: policy, affectsStock, shipFrom } = order.header
  const data = {
    orderId,
    attempt: before + 1,
    dealerId,
    creditAccount: given.creditAccount,
    currency,
    amount: undeliveredAmount(order).amount,
    policy,
    affectsStock,
    shipFrom,
    lines,
    cause,
    deadline,
    reservedUntil,
    ...(requestId !== undefined && { requestId }),
  }
  return [state.phase === 'none' ? { type: 'FulfilmentStarted', data } : { type: 'FulfilmentRetried', data }]
}

/** A recorded order runs only once it was adopted (domain.md §2.14). */
function mayRun(order: Placed): boolean {
  return (
    order.holds.length === 0 &&
    !order.cancelled &&
    !order.closed &&
    (order.header.placedVia !== 'recorded' || order.adopted)
  )
}

function needsOf(order: Placed): Need[] {
  return linesOf(order)
    .map(({ terms, quantities }) => ({
      lineNo: terms.lineNo,
      sku: terms.sku,
      open: positivePart(openQuantity(quantities)),
      backordered: quantities.backordered,
      confirmed: positivePart(minus(quantities.confirmed, quantities.allocated)),
    }))
    .filter((need) => need.open !== '0' || need.backordered !== '0' || need.confirmed !== '0')
    .toSorted((a, b) => (a.sku < b.sku ? -1 : a.sku > b.sku ? 1 : a.lineNo - b.lineNo))
}

function standingOf(order: Placed): Outcome {
  if (order.cancelled || statusOf(order) === 'cancelled') return 'cancelled'
  if (order.holds.length > 0) return 'held'
  return linesOf(order).some((line) => compare(line.quantities.backordered, '0') > 0) ? 'backordered' : 'confirmed'
}

/** The order changed under a running attempt. Other causes have nothing to add to one that runs. */
function interrupt(
  { orderId, requestId, cause }: Of<'RetryFulfilment'>,
  state: Running,
  at: string,
): Decision<FulfilmentEvent> {
  // a hold may be released before the attempt that placed it has noted that it did
  const concerns =
    cause === 'amended' || cause === 'cancelled' || (cause === 'hold-released' && state.phase === 'compensate')
  if (!concerns) return []
  const asked: FulfilmentEvent = {
    type: 'FulfilmentRetryRequested',
    data: { orderId, attempt: state.attempt.attempt, cause, requestId },
  }
  // a compensation may have had nothing left to do but to hold the order, which a changed order is spared
  return closing(state, isReversible(state) ? [asked, compensation(state, cause)] : [asked], at)
}

/** Nothing of this attempt stands on the order yet. */
function isReversible({ phase, ended }: Running): boolean {
  return (
    phase === 'credit' ||
    phase === 'stock' ||
    (phase === 'confirm' && !ended.some((step) => step === 'confirm' || step === 'fill' || step === 'cancel-short'))
  )
}

function isAwaited({ attempt, step }: Of<'RecordStep'>, state: Running): boolean {
  const times = { deadline: '', reservedUntil: '' }
  return (
    state.attempt.attempt === attempt &&
    state.phase !== 'retry' &&
    nextSteps(state, times).some((next) => next.step === step)
  )
}

function answer({ step, result }: Of<'RecordStep'>, state: Running): FulfilmentEvent[] {
  const { orderId, attempt, creditAccount, amount, currency, shipFrom } = state.attempt
  const base = { orderId, attempt }
  const done: FulfilmentEvent = { type: 'FulfilmentStepDone', data: { ...base, step } }
  if (step === 'credit-hold' && result.kind === 'done') return [done, compensation(state, 'credit-free')]
  if (state.phase === 'compensate')
    return [
      result.kind === 'refused' ? { type: 'FulfilmentStepRefused', data: { ...base, step, code: result.code } } : done,
    ]

  if (step === 'credit' || step === 'clear-confirm' || step === 'clear-allocate') {
    const credit = { ...base, creditAccount, amount, currency }
    if (result.kind === 'refused')
      return [
        { type: 'CreditReservationRefused', data: { ...credit, step, code: result.code } },
        compensation(state, 'credit-refused', 'held'),
      ]
    return [step === 'credit' ? { type: 'CreditReservationConfirmed', data: credit } : done]
  }
  const [verb, sku] = split(step)
  if (verb === 'reserve') return stockAnswer(sku, result, state)
  if (verb === 'allocate' && sku !== '') {
    const asked = own(state.reserved, sku) ?? []
    const { lines, short } =
      result.kind === 'quantities' ? result : { lines: [], short: asked.map((line) => ({ ...line })) }
    return [{ type: 'StockLineAllocated', data: { ...base, ...shipFrom, sku, lines, short } }]
  }
  if (result.kind !== 'refused') return [done]
  const refused: FulfilmentEvent = { type: 'FulfilmentStepRefused', data: { ...base, step, code: result.code } }
  // the order went another way meanwhile: held, cancelled, or amended
  if (result.code === 'orders.on_hold') return [refused, compensation(state, 'order-held', 'held')]
  return [refused, compensation(state, 'order-changed')]
}

function stockAnswer(sku: string, result: Of<'RecordStep'>['result'], state: Running): FulfilmentEvent[] {
  const { orderId, attempt, shipFrom } = state.attempt
  const base = { orderId, attempt, ...shipFrom, sku }
  const asked = state.attempt.lines.filter((line) => line.sku === sku)
  const { lines, short } =
    result.kind === 'quantities'
      ? result
      : { lines: [], short: asked.map((need) => ({ lineNo: need.lineNo, quantity: neededQuantity(need) })) }
  const code = result.kind === 'refused' ? { code: result.code } : {}
  return [
    ...(lines.length > 0
      ? [{ type: 'StockLineReserved' as const, data: { ...base, reservationId: `${orderId}/${attempt}`, lines } }]
      : []),
    ...(lines.length === 0 || short.length > 0
      ? [{ type: 'StockLineShort' as const, data: { ...base, lines: short, ...code } }]
      : []),
  ]
}

function split(step: string): [string, string] {
  const colon = step.indexOf(':')
  return colon === -1 ? [step, ''] : [step.slice(0, colon), step.slice(colon + 1)]
}

function compensation(state: Running, reason: string, outcome?: Outcome): FulfilmentEvent {
  const { orderId, attempt } = state.attempt
  return { type: 'CompensationStarted', data: { orderId, attempt, reason, ...(outcome && { outcome }) } }
}

/** Adds what follows by itself: the policy when all stock has answered, and the end of a phase that has no step left. */
function closing(state: Running, events: readonly FulfilmentEvent[], at: string): FulfilmentEvent[] {
  const all = [...events]
  for (;;) {
    const now = all.reduce<FulfilmentState>(
      (folded, event) => evolveFulfilment(folded, { occurredAt: at, ...event, id: '', revision: 0 }),
      state,
    )
    const further = now.phase === 'none' ? [] : following(now, all)
    if (further.length === 0) return all
    all.push(...further)
  }
}

function following(state: Running, events: readonly FulfilmentEvent[]): FulfilmentEvent[] {
  const { orderId, attempt, policy } = state.attempt
  const base = { orderId, attempt }
  if (
    state.phase === 'confirm' &&
    events.some(({ type }) => type === 'StockLineReserved' || type === 'StockLineShort') &&
    isShort(state)
  ) {
    if (policy === 'hold') return [compensation(state, 'out-of-stock', 'held')]
    const nothing = planOf(state).every((line) => line.allocable === '0') && !state.hasConfirmed
    if (policy === 'cancel' && nothing) return [compensation(state, 'out-of-stock', 'cancelled')]
  }
  if (
    state.phase === 'done' ||
    state.phase === 'retry' ||
    nextSteps(state, { deadline: '', reservedUntil: '' }).length > 0
  )
    return []
  switch (state.phase) {
    case 'confirm': {
      const lines = planOf(state).map(({ allocable: _allocable, ...line }) => line)
      return [{ type: 'FulfilmentConfirmed', data: { ...base, lines } }]
    }
    case 'allocate': {
      const waits =
        planOf(state).some((line) => line.backordered !== '0') ||
        state.attempt.lines.some((need) => need.backordered !== '0' && !isFilled(need, state))
      return [{ type: 'FulfilmentCompleted', data: { ...base, outcome: waits ? 'backordered' : 'confirmed' } }]
    }
    case 'compensate': {
      const outcome = outcomeOf(state)
      return [
        { type: 'CompensationCompleted', data: base },
        ...(outcome ? [{ type: 'FulfilmentCompleted' as const, data: { ...base, outcome } }] : []),
      ]
    }
    default:
      return []
  }
}

function isFilled(need: Need, state: Running): boolean {
  return planOf(state).some((line) => line.lineNo === need.lineNo && compare(line.filled, need.backordered) >= 0)
}
