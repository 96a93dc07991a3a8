import { sumOf } from '../kernel/decimalText.ts'
import { own } from '../kernel/table.ts'
import type { CreditCommand } from '../credit/commands.ts'
import type { StockCommand } from '../stock/commands.ts'
import { neededQuantity, planOf } from './plan.ts'
import { outcomeOf, skusOf, type FulfilmentState, type Running } from './state.ts'
import type { Step } from './step.ts'

/** What an attempt that follows gets: chosen by whoever runs the steps. */
export interface Times {
  readonly deadline: string
  readonly reservedUntil: string
}

/**
 * What a worker has to do now, in this order; empty while the process waits for nothing or is over. After each answer
 * (`RecordStep`, or the retry itself) it asks again. Every step may be repeated.
 */
export function nextSteps(state: FulfilmentState, times: Times): readonly Step[] {
  switch (state.phase) {
    case 'none':
    case 'done':
      return []
    case 'credit':
      return [account(state, 'credit', reserveCredit(state, 'place', 'refuse'))]
    case 'stock':
      return skusOf(state.attempt)
        .filter((sku) => own(state.reserved, sku) === undefined)
        .map((sku) => reserveStep(state, sku))
    case 'confirm':
      return firstOf(confirmSteps(state), state)
    case 'allocate':
      return firstOf(allocateSteps(state), state)
    case 'compensate':
      return firstOf(compensatingSteps(state), state)
    case 'retry': {
      const { orderId, attempt } = state.attempt
      const { cause, requestId } = state.next ?? { cause: 'amended' as const, requestId: `${orderId}/again/${attempt}` }
      const command = { type: 'RetryFulfilment' as const, orderId, requestId: `${requestId}:run`, cause, ...times }
      return [{ key: keyOf(state, 'retry'), step: 'retry', target: 'fulfilment', command }]
    }
  }
}

/** Steps of these phases go one by one. */
function firstOf(steps: readonly Step[], { ended }: Running): readonly Step[] {
  return steps.filter(({ step }) => !ended.includes(step)).slice(0, 1)
}

/** The lines that a plan confirms, fills and cancels on the order, behind the credit check at `confirm`. */
function confirmSteps(state: Running): Step[] {
  const plan = planOf(state)
  const { orderId } = state.attempt
  const key = keyOf(state, 'confirm')
  const confirmed = plan
    .filter((line) => line.confirmed !== '0' || line.backordered !== '0')
    .map(({ lineNo, confirmed: quantity, backordered }) => ({ lineNo, confirmed: quantity, backordered }))
  const filled = plan
    .filter((line) => line.filled !== '0')
    .map(({ lineNo, filled: quantity }) => ({ lineNo, quantity }))
  const cancelled = plan
    .filter((line) => line.cancelled !== '0')
    .map(({ lineNo, cancelled: quantity }) => ({ lineNo, quantity }))
  return [
    ...(confirmed.length === 0
      ? []
      : [
          account(state, 'clear-confirm', clearCredit(state, 'confirm', 'refuse')),
          order(state, 'confirm', { type: 'ConfirmOrder', orderId, confirmationId: key, lines: confirmed }),
        ]),
    ...(filled.length === 0
      ? []
      : [order(state, 'fill', { type: 'FillBackorder', orderId, fillId: key, lines: filled })]),
    ...(cancelled.length === 0
      ? []
      : [
          order(state, 'cancel-short', {
            type: 'CancelLines',
            orderId,
            cancellationId: key,
            lines: cancelled,
            reason: 'out-of-stock',
          }),
        ]),
  ]
}

function allocateSteps(state: Running): Step[] {
  const { orderId, affectsStock, attempt } = state.attempt
  const plan = planOf(state).filter((line) => line.allocable !== '0')
  if (plan.length === 0) return []
  const skus = affectsStock ? skusOf(state.attempt).filter((sku) => (own(state.reserved, sku) ?? []).length > 0) : []
  const stock = skus
    .filter((sku) => own(state.allocated, sku) === undefined)
    .map((sku) =>
      onStock(state, `allocate:${sku}`, sku, (key) => ({
        ...key,
        type: 'AllocateStock',
        allocationId: `${orderId}/${attempt}`,
        orderId,
        reservationId: reservationId(state),
        lines: linesIn(own(state.reserved, sku)),
      })),
    )
  const lines = affectsStock
    ? summed(Object.values(state.allocated).flat())
    : plan.map(({ lineNo, allocable }) => ({ lineNo, quantity: allocable }))
  return [
    account(state, 'clear-allocate', clearCredit(state, 'allocate', 'refuse')),
    ...stock,
    ...(stock.length === 0 && lines.length > 0
      ? [order(state, 'allocate', { type: 'AllocateLines', orderId, allocationId: keyOf(state, 'allocate'), lines })]
      : []),
  ]
}

/** In reverse: stock, then credit, then what becomes of the order. Stock streams that gave no answer may have reserved all the same. */
function compensatingSteps(state: Running): Step[] {
  const { orderId, attempt, creditAccount, affectsStock } = state.attempt
  const { reason = '' } = state.compensation ?? {}
  const outcome = outcomeOf(state)
  const skus = affectsStock ? skusOf(state.attempt).toReversed() : []
  const releases = skus.map((sku) => {
    const allocated = own(state.allocated, sku) ?? []
    return allocated.length > 0
      ? onStock(state, `deallocate:${sku}`, sku, (key) => ({
          ...key,
          type: 'DeallocateStock',
          deallocationId: `${orderId}/${attempt}`,
          orderId,
          lines: linesIn(allocated),
          reason: 'fulfilment-undone',
        }))
      : onStock(state, `release:${sku}`, sku, (key) => ({
          ...key,
          type: 'ReleaseReservation',
          reservationId: reservationId(state),
          reason: 'fulfilment-undone',
        }))
  })
  const credit = { accountId: creditAccount, orderId }
  const failed = state.creditFailedAt
  return [
    ...releases,
    ...(state.hasConfirmed
      ? []
      : [
          account(state, 'credit-release', {
            type: 'ReleaseCredit',
            ...credit,
            reason: outcome === 'cancelled' ? 'cancelled' : 'expired',
          }),
        ]),
    ...(failed === undefined || outcome !== 'held' ? [] : [account(state, 'credit-hold', creditHold(state, failed))]),
    // the check passed when it was asked for the hold: the attempt is over all the same, and the next one reserves anew
    ...(state.hasCredit && !state.hasConfirmed && state.ended.includes('credit-hold')
      ? [account(state, 'credit-undo', { type: 'ReleaseCredit', ...credit, reason: 'expired' })]
      : []),
    ...(outcome === 'held'
      ? [order(state, 'hold', { type: 'HoldOrder', orderId, kind: holdKindOf(reason), reason })]
      : []),
    ...(outcome === 'cancelled' ? [order(state, 'cancel-order', { type: 'CancelOrder', orderId, reason })] : []),
  ]
}

function holdKindOf(reason: string): 'credit' | 'stock' | 'manual' {
  return reason === 'credit-refused' ? 'credit' : reason === 'out-of-stock' ? 'stock' : 'manual'
}

/** The failed check once more, so that the account knows of the hold and says when it can be released. */
function creditHold(state: Running, failed: string): CreditCommand {
  if (failed === 'clear-allocate') return clearCredit(state, 'allocate', 'hold')
  return reserveCredit(state, failed === 'clear-confirm' ? 'confirm' : 'place', 'hold')
}

function reserveCredit(
  { attempt }: Running,
  checkPoint: 'place' | 'confirm',
  ifOver: 'refuse' | 'hold',
): CreditCommand {
  const { orderId, dealerId, currency, amount, creditAccount: accountId } = attempt
  return { type: 'ReserveCredit', accountId, orderId, dealerId, currency, amount, checkPoint, ifOver }
}

function clearCredit(
  { attempt, hasConfirmed: anew }: Running,
  checkPoint: 'confirm' | 'allocate',
  ifOver: 'refuse' | 'hold',
): CreditCommand {
  const { orderId, dealerId, currency, creditAccount: accountId } = attempt
  return { type: 'ClearCredit', accountId, orderId, dealerId, currency, checkPoint, anew, ifOver }
}

function reserveStep(state: Running, sku: string): Step {
  const { orderId, policy, reservedUntil } = state.attempt
  const lines = state.attempt.lines
    .filter((line) => line.sku === sku)
    .map((line) => ({ lineNo: line.lineNo, quantity: neededQuantity(line) }))
  return onStock(state, `reserve:${sku}`, sku, (key) => ({
    ...key,
    type: 'ReserveStock',
    reservationId: reservationId(state),
    orderId,
    lines,
    partial: policy === 'split' ? 'lines' : 'units',
    expiresAt: reservedUntil,
  }))
}

function reservationId({ attempt }: Running): string {
  return `${attempt.orderId}/${attempt.attempt}`
}

function keyOf({ attempt }: Running, step: string): string {
  return `${attempt.orderId}/${step}/${attempt.attempt}`
}

function account(state: Running, step: string, command: CreditCommand): Step {
  return { key: keyOf(state, step), step, target: 'account', command }
}

function order(state: Running, step: string, command: Extract<Step, { target: 'order' }>['command']): Step {
  return { key: keyOf(state, step), step, target: 'order', command }
}

function onStock(
  state: Running,
  step: string,
  sku: string,
  command: (key: { party: string; location: string; sku: string }) => StockCommand,
): Step {
  return { key: keyOf(state, step), step, target: 'stock', command: command({ ...state.attempt.shipFrom, sku }) }
}

function linesIn(lines: readonly { lineNo: number; quantity: string }[] = []): { lineNo: number; quantity: string }[] {
  return lines.map(({ lineNo, quantity }) => ({ lineNo, quantity }))
}

function summed(lines: readonly { lineNo: number; quantity: string }[]): { lineNo: number; quantity: string }[] {
  return [...new Set(lines.map((line) => line.lineNo))].map((lineNo) => ({
    lineNo,
    quantity: sumOf(lines.filter((line) => line.lineNo === lineNo).map((line) => line.quantity)),
  }))
}
