import { describe, expect, it } from 'vitest'
import type { FulfilmentCommand } from '../../../src/domain/fulfilment/commands.ts'
import { fulfilmentAggregate, type FulfilmentGiven } from '../../../src/domain/fulfilment/decide.ts'
import type { FulfilmentEvent } from '../../../src/domain/fulfilment/events.ts'
import { nextSteps } from '../../../src/domain/fulfilment/nextSteps.ts'
import { orderAggregate } from '../../../src/domain/orders/decide.ts'
import type { OrderEvent } from '../../../src/domain/orders/events.ts'
import { foldEvents, given } from '../../support/decider.ts'
import { confirmed, placed } from '../orders/sample.ts'

const times = { deadline: '2026-01-16T00:00:00.000Z[UTC]', reservedUntil: '2026-01-18T00:00:00.000Z[UTC]' }
const from = (...events: OrderEvent[]): { given: FulfilmentGiven } => ({
  given: { order: foldEvents(orderAggregate, events), creditAccount: 'GROUP' },
})
const attempt = {
  orderId: 'O1',
  attempt: 1,
  dealerId: 'D1',
  creditAccount: 'GROUP',
  currency: 'USD',
  amount: '2850',
  policy: 'backorder' as const,
  affectsStock: true,
  shipFrom: { party: 'ACME', location: 'WH1' },
  lines: [
    { lineNo: 1, sku: 'SKU1', open: '10', backordered: '0', confirmed: '0' },
    { lineNo: 2, sku: 'SKU2', open: '3', backordered: '0', confirmed: '0' },
  ],
  cause: 'placed' as const,
  ...times,
}
const started: FulfilmentEvent = { type: 'FulfilmentStarted', data: attempt }
const withPolicy = (policy: 'backorder' | 'split' | 'cancel' | 'hold'): FulfilmentEvent => ({
  type: 'FulfilmentStarted',
  data: { ...attempt, policy },
})
const base = { orderId: 'O1', attempt: 1 }
const credit: FulfilmentEvent = {
  type: 'CreditReservationConfirmed',
  data: { ...base, creditAccount: 'GROUP', amount: '2850', currency: 'USD' },
}
const stock = (sku: string) => ({ ...base, party: 'ACME', location: 'WH1', sku })
const reserved = (lineNo: number, quantity: string): FulfilmentEvent => ({
  type: 'StockLineReserved',
  data: { ...stock(`SKU${lineNo}`), reservationId: 'O1/1', lines: [{ lineNo, quantity }] },
})
const short = (lineNo: number, quantity: string): FulfilmentEvent => ({
  type: 'StockLineShort',
  data: { ...stock(`SKU${lineNo}`), lines: [{ lineNo, quantity }] },
})
const done = (step: string): FulfilmentEvent => ({ type: 'FulfilmentStepDone', data: { ...base, step } })
const process = (...history: FulfilmentEvent[]) => given(fulfilmentAggregate, history)
const record = (
  step: string,
  result: Extract<FulfilmentCommand, { type: 'RecordStep' }>['result'],
): FulfilmentCommand => ({ type: 'RecordStep', ...base, step, result })
const quantities = (lineNo: number, taken: string, missing?: string) => ({
  kind: 'quantities' as const,
  lines: taken === '0' ? [] : [{ lineNo, quantity: taken }],
  short: missing === undefined ? [] : [{ lineNo, quantity: missing }],
})
const stepsOf = (...history: FulfilmentEvent[]) => nextSteps(process(...history).state(), times)
const names = (...history: FulfilmentEvent[]): string[] => stepsOf(...history).map(({ step }) => step)

describe('the process of an order', () => {
  it('starts with what the order needs, in sku order, and once', () => {
    process()
      .when({ type: 'StartFulfilment', orderId: 'O1', cause: 'placed', ...times }, from(placed))
      .then([started])
  })

  it('leaves alone an order that is held, or a recorded one that nobody has adopted', () => {
    const start: FulfilmentCommand = { type: 'StartFulfilment', orderId: 'O1', cause: 'placed', ...times }
    process()
      .when(start, from(placed, { type: 'OrderHeld', data: { orderId: 'O1', kind: 'manual', reason: 'checked' } }))
      .thenNothing()
    const recorded = { ...placed, data: { ...placed.data, placedVia: 'recorded' } } as OrderEvent
    process().when(start, from(recorded)).thenNothing()
    const adopted: OrderEvent = {
      type: 'OrderAdopted',
      data: {
        orderId: 'O1',
        dealerId: 'D1',
        shipFrom: attempt.shipFrom,
        affectsStock: true,
        backorderPolicy: 'backorder',
      },
    }
    expect(process().when(start, from(recorded, adopted)).events()).toHaveLength(1)
  })

  it('reserves credit first, then stock in sku order, then confirms, then allocates', () => {
    expect(names(started)).toEqual(['credit'])
    expect(names(started, credit)).toEqual(['reserve:SKU1', 'reserve:SKU2'])
    const stocked = [started, credit, reserved(1, '10'), reserved(2, '3')]
    expect(names(...stocked)).toEqual(['clear-confirm'])
    expect(names(...stocked, done('clear-confirm'))).toEqual(['confirm'])
    const plan: FulfilmentEvent = { type: 'FulfilmentConfirmed', data: { ...base, lines: [] } }
    const pivot = [...stocked, done('clear-confirm'), done('confirm'), plan]
    expect(names(...pivot)).toEqual(['clear-allocate'])
    expect(names(...pivot, done('clear-allocate'))).toEqual(['allocate:SKU1'])
  })

  it('gives a step the same key whenever it is worked out', () => {
    expect(stepsOf(started, credit).map(({ key }) => key)).toEqual(['O1/reserve:SKU1/1', 'O1/reserve:SKU2/1'])
    expect(stepsOf(started, credit)[0]).toMatchObject({
      target: 'stock',
      command: {
        type: 'ReserveStock',
        sku: 'SKU1',
        reservationId: 'O1/1',
        lines: [{ lineNo: 1, quantity: '10' }],
        expiresAt: times.reservedUntil,
      },
    })
  })

  it('records answers once, and not those of a step that it does not wait for', () => {
    process(started)
      .when(record('credit', { kind: 'done' }))
      .then([credit])
    process(started)
      .when(record('reserve:SKU1', quantities(1, '10')))
      .thenNothing()
    process(started, credit)
      .when({ ...record('reserve:SKU1', quantities(1, '10')), attempt: 2 } as FulfilmentCommand)
      .thenNothing()
    process()
      .when(record('credit', { kind: 'done' }))
      .thenRefused('fulfilment.unknown')
  })

  it('confirms what there is and backorders the rest', () => {
    const stocked = [started, credit, reserved(1, '6'), short(1, '4'), reserved(2, '3'), done('clear-confirm')]
    expect(stepsOf(...stocked)[0]).toMatchObject({
      target: 'order',
      command: {
        type: 'ConfirmOrder',
        lines: [
          { lineNo: 1, confirmed: '6', backordered: '4' },
          { lineNo: 2, confirmed: '3', backordered: '0' },
        ],
      },
    })
    process(...stocked)
      .when(record('confirm', { kind: 'done' }))
      .then([
        done('confirm'),
        {
          type: 'FulfilmentConfirmed',
          data: {
            ...base,
            lines: [
              { lineNo: 1, confirmed: '6', backordered: '4', cancelled: '0', filled: '0' },
              { lineNo: 2, confirmed: '3', backordered: '0', cancelled: '0', filled: '0' },
            ],
          },
        },
      ])
  })

  it('completes at once when nothing could be confirmed', () => {
    const history = [started, credit, short(1, '10'), short(2, '3'), done('clear-confirm')]
    const events = process(...history)
      .when(record('confirm', { kind: 'done' }))
      .events()
    expect(events.map(({ type }) => type)).toEqual(['FulfilmentStepDone', 'FulfilmentConfirmed', 'FulfilmentCompleted'])
    expect(events.at(-1)?.data).toMatchObject({ outcome: 'backordered' })
  })

  it('asks stock for whole lines when the policy is to split', () => {
    expect(stepsOf(withPolicy('split'), credit)[0]).toMatchObject({ command: { partial: 'lines' } })
    expect(stepsOf(started, credit)[0]).toMatchObject({ command: { partial: 'units' } })
  })

  it('undoes everything and holds the order when the policy is to hold', () => {
    const history = [withPolicy('hold'), credit, reserved(1, '6'), short(1, '4')]
    const compensation: FulfilmentEvent = {
      type: 'CompensationStarted',
      data: { ...base, reason: 'out-of-stock', outcome: 'held' },
    }
    process(...history)
      .when(record('reserve:SKU2', quantities(2, '3')))
      .then([reserved(2, '3'), compensation])
    const undoing = [...history, reserved(2, '3'), compensation]
    expect(names(...undoing)).toEqual(['release:SKU2'])
    expect(names(...undoing, done('release:SKU2'))).toEqual(['release:SKU1'])
    expect(names(...undoing, done('release:SKU2'), done('release:SKU1'))).toEqual(['credit-release'])
    const last = [...undoing, done('release:SKU2'), done('release:SKU1'), done('credit-release')]
    expect(stepsOf(...last)[0]).toMatchObject({ command: { type: 'HoldOrder', kind: 'stock' } })
    process(...last)
      .when(record('hold', { kind: 'done' }))
      .then([
        done('hold'),
        { type: 'CompensationCompleted', data: base },
        { type: 'FulfilmentCompleted', data: { ...base, outcome: 'held' } },
      ])
  })

  it('cancels what is short when the policy is to cancel, and the order when all of it is', () => {
    const some = [
      withPolicy('cancel'),
      credit,
      reserved(1, '6'),
      short(1, '4'),
      reserved(2, '3'),
      done('clear-confirm'),
      done('confirm'),
    ]
    expect(stepsOf(...some)[0]).toMatchObject({
      command: { type: 'CancelLines', lines: [{ lineNo: 1, quantity: '4' }] },
    })
    const events = process(withPolicy('cancel'), credit, short(1, '10'))
      .when(record('reserve:SKU2', { kind: 'refused', code: 'stock.insufficient' }))
      .events()
    expect(events.at(-1)).toMatchObject({ type: 'CompensationStarted', data: { outcome: 'cancelled' } })
  })

  it('holds the order when credit is refused, and tells the account of it', () => {
    const events = process(started)
      .when(record('credit', { kind: 'refused', code: 'credit.over_limit' }))
      .events()
    expect(events).toMatchObject([
      { type: 'CreditReservationRefused', data: { code: 'credit.over_limit' } },
      { type: 'CompensationStarted', data: { outcome: 'held' } },
    ])
    const undoing = [started, ...events, done('release:SKU2'), done('release:SKU1'), done('credit-release')]
    expect(stepsOf(...undoing)[0]).toMatchObject({
      step: 'credit-hold',
      command: { type: 'ReserveCredit', ifOver: 'hold' },
    })
    const held: FulfilmentEvent = {
      type: 'FulfilmentStepRefused',
      data: { ...base, step: 'credit-hold', code: 'credit.on_hold' },
    }
    expect(stepsOf(...undoing, held)[0]).toMatchObject({ step: 'hold', command: { kind: 'credit' } })
  })

  it('tries again instead of holding when credit has room by then, and gives back what it got by asking', () => {
    const refused = process(started)
      .when(record('credit', { kind: 'refused', code: 'credit.limit_exceeded' }))
      .events()
    const undoing = [started, ...refused, done('release:SKU2'), done('release:SKU1'), done('credit-release')]
    const free = process(...undoing)
      .when(record('credit-hold', { kind: 'done' }))
      .events()
    expect(free).toMatchObject([
      { data: { step: 'credit-hold' } },
      { type: 'CompensationStarted', data: { reason: 'credit-free' } },
    ])
    expect(names(...undoing, ...free)).toEqual(['credit-undo'])
    const after = process(...undoing, ...free).when(record('credit-undo', { kind: 'done' }))
    expect(after.state()).toMatchObject({ phase: 'retry', hasCredit: false })
    expect(names(...undoing, ...free, ...after.events())).toEqual(['retry'])
  })

  it('passes its deadline once, at its time, and only while it can still be undone', () => {
    const pass: FulfilmentCommand = { type: 'PassDeadline', orderId: 'O1', attempt: 1 }
    process(started, credit).when(pass, { at: '2026-01-15T23:59:59.999Z[UTC]' }).thenNothing()
    process(started, credit)
      .when(pass, { at: times.deadline })
      .then([
        { type: 'FulfilmentDeadlinePassed', data: { ...base, deadline: times.deadline, phase: 'stock' } },
        { type: 'CompensationStarted', data: { ...base, reason: 'deadline', outcome: 'held' } },
      ])
    process(started, credit, reserved(1, '10'), reserved(2, '3'), done('clear-confirm'), done('confirm'))
      .when(pass, { at: times.deadline })
      .thenNothing()
  })

  it('ends the attempt and tries again when the order is amended under it', () => {
    const retry: FulfilmentCommand = {
      type: 'RetryFulfilment',
      orderId: 'O1',
      requestId: 'e7',
      cause: 'amended',
      ...times,
    }
    const asked: FulfilmentEvent = {
      type: 'FulfilmentRetryRequested',
      data: { ...base, cause: 'amended', requestId: 'e7' },
    }
    const undo: FulfilmentEvent = { type: 'CompensationStarted', data: { ...base, reason: 'amended' } }
    process(started, credit).when(retry, from(placed)).then([asked, undo])
    const undone = [started, credit, asked, undo, done('release:SKU2'), done('release:SKU1')]
    const events = process(...undone)
      .when(record('credit-release', { kind: 'done' }))
      .events()
    expect(events.at(-1)?.type).toBe('CompensationCompleted')
    const [step] = stepsOf(...undone, ...events)
    expect(step).toMatchObject({
      target: 'fulfilment',
      command: { type: 'RetryFulfilment', requestId: 'e7:run', cause: 'amended' },
    })
    if (step?.target !== 'fulfilment') throw new Error('no retry')
    expect(
      process(...undone, ...events)
        .when(step.command, from(placed))
        .events(),
    ).toMatchObject([{ type: 'FulfilmentRetried', data: { attempt: 2 } }])
  })

  it('tries again when its hold is released before it has noted that it placed it', () => {
    const undo: FulfilmentEvent = {
      type: 'CompensationStarted',
      data: { ...base, reason: 'deadline', outcome: 'held' },
    }
    const undone = [started, credit, undo, done('release:SKU2'), done('release:SKU1'), done('credit-release')]
    const released: FulfilmentCommand = {
      type: 'RetryFulfilment',
      orderId: 'O1',
      requestId: 'e8',
      cause: 'hold-released',
      ...times,
    }
    const events = process(...undone)
      .when(released, from(placed))
      .events()
    expect(events.map(({ type }) => type)).toEqual(['FulfilmentRetryRequested', 'CompensationCompleted'])
    expect(names(...undone, ...events)).toEqual(['retry'])
    process(started, credit).when(released, from(placed)).thenNothing()
  })

  it('tries what is backordered when stock arrives, and fills the backorder', () => {
    const finished: FulfilmentEvent = { type: 'FulfilmentCompleted', data: { ...base, outcome: 'backordered' } }
    const retry: FulfilmentCommand = {
      type: 'RetryFulfilment',
      orderId: 'O1',
      requestId: 'e9',
      cause: 'stock-arrived',
      ...times,
    }
    const allocated: OrderEvent = {
      type: 'LinesAllocated',
      data: {
        orderId: 'O1',
        allocationId: 'a',
        lines: [
          { lineNo: 1, quantity: '6' },
          { lineNo: 2, quantity: '3' },
        ],
      },
    }
    const [retried] = process(started, finished)
      .when(retry, from(placed, confirmed, allocated))
      .events()
    expect(retried).toMatchObject({
      type: 'FulfilmentRetried',
      data: { attempt: 2, lines: [{ lineNo: 1, open: '0', backordered: '4', confirmed: '0' }] },
    })
    if (!retried) throw new Error('not retried')
    const again: FulfilmentEvent[] = [
      {
        type: 'CreditReservationConfirmed',
        data: { ...base, attempt: 2, creditAccount: 'GROUP', amount: '2850', currency: 'USD' },
      },
      {
        type: 'StockLineReserved',
        data: { ...stock('SKU1'), attempt: 2, reservationId: 'O1/2', lines: [{ lineNo: 1, quantity: '3' }] },
      },
    ]
    expect(stepsOf(started, finished, retried, ...again)[0]).toMatchObject({
      step: 'fill',
      command: { type: 'FillBackorder', lines: [{ lineNo: 1, quantity: '3' }] },
    })
  })

  it('confirms orders whose goods are not ours to count without asking stock', () => {
    const elsewhere: FulfilmentEvent = { type: 'FulfilmentStarted', data: { ...attempt, affectsStock: false } }
    expect(names(elsewhere, credit)).toEqual(['clear-confirm'])
    expect(stepsOf(elsewhere, credit, done('clear-confirm'))[0]).toMatchObject({
      command: { lines: [{ confirmed: '10' }, { confirmed: '3' }] },
    })
  })
})
