import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { FulfilmentEvent } from '../../../src/domain/fulfilment/events.ts'
import { evolveFulfilment, type FulfilmentState } from '../../../src/domain/fulfilment/state.ts'
import type { Happened } from '../../../src/domain/kernel/event.ts'
import { processesModel } from '../../../src/projections/models/processes/model.ts'
import { processesQueries } from '../../../src/projections/models/processes/queries.ts'
import {
  type HistoryEvent,
  historyId,
  openReadModels,
  type OpenReadModels,
  recordHistory,
} from '../../support/readModels.ts'
import { at } from '../../support/smallChannel.ts'

const [list, one, stock, history, counts, transfers, transferLines] = processesQueries
const step = (orderId: string, type: string, minute: number, data: object = {}, attempt = 1): HistoryEvent => ({
  stream: `fulfilment-${orderId}`,
  type,
  at: at(`2026-03-01T00:${minute.toString().padStart(2, '0')}`),
  data: { orderId, attempt, ...data },
})
const need = (lineNo: number, sku: string) => ({ lineNo, sku, open: '2', backordered: '0', confirmed: '0' })
const attempt = (dealerId: string, change: object = {}) => ({
  dealerId,
  creditAccount: dealerId,
  currency: 'USD',
  amount: '5000',
  policy: 'backorder',
  affectsStock: true,
  shipFrom: { party: 'ACME', location: 'MAIN' },
  lines: [need(1, 'BIKE'), need(2, 'HELMET'), need(3, 'BIKE')],
  cause: 'placed',
  deadline: at('2026-03-01T01:00'),
  reservedUntil: at('2026-03-01T04:00'),
  ...change,
})
const credit = { creditAccount: 'D1', amount: '5000', currency: 'USD' }
const answer = (sku: string) => ({ party: 'ACME', location: 'MAIN', sku, lines: [{ lineNo: 1, quantity: '2' }] })
const ends = { from: { party: 'ACME', location: 'MAIN' }, to: { party: 'D2', location: 'SHOP' } }
const transfer = (type: string, when: string, data: object): HistoryEvent => ({
  stream: 'transfer-T1',
  type,
  at: at(when),
  data: { transferId: 'T1', ...ends, ...data },
})
const moved = (quantity: string) => [{ lineNo: 1, sku: 'BIKE', lots: [{ lot: '-', quantity }] }]

/** One order goes through, is amended meanwhile, runs again and is undone; another waits for stock; a third has none to ask. */
const small: readonly HistoryEvent[] = [
  step('O1', 'FulfilmentStarted', 0, attempt('D1')),
  step('O1', 'CreditReservationConfirmed', 1, credit),
  step('O1', 'StockLineReserved', 2, { ...answer('BIKE'), reservationId: 'O1/1' }),
  step('O1', 'StockLineShort', 3, answer('HELMET')),
  step('O1', 'FulfilmentRetryRequested', 4, { cause: 'amended', requestId: 'r-1' }),
  step('O1', 'FulfilmentStepDone', 5, { step: 'clear-confirm' }),
  step('O1', 'FulfilmentConfirmed', 6, { lines: [] }),
  step('O1', 'StockLineAllocated', 7, { ...answer('BIKE'), short: [] }),
  step('O1', 'FulfilmentCompleted', 8, { outcome: 'backordered' }),
  step('O1', 'FulfilmentRetried', 9, attempt('D1', { cause: 'amended', requestId: 'r-1:run' }), 2),
  step('O1', 'CreditReservationRefused', 10, { ...credit, step: 'clear-confirm', code: 'credit.limit_exceeded' }, 2),
  step('O1', 'CompensationStarted', 11, { reason: 'credit-refused', outcome: 'held' }, 2),
  step('O1', 'FulfilmentStepDone', 12, { step: 'hold' }, 2),
  step('O1', 'FulfilmentCompleted', 13, { outcome: 'held' }, 2),
  step('O2', 'FulfilmentStarted', 0, attempt('D2')),
  step('O2', 'CreditReservationConfirmed', 1, { ...credit, creditAccount: 'D2' }),
  step('O2', 'StockLineReserved', 2, { ...answer('BIKE'), reservationId: 'O2/1' }),
  step('O3', 'FulfilmentStarted', 0, attempt('D1', { affectsStock: false })),
  step('O3', 'CreditReservationConfirmed', 1, credit),
  step('O3', 'CompensationStarted', 2, { reason: 'amended' }),
  step('O3', 'CompensationCompleted', 3),
  step('O4', 'FulfilmentStarted', 0, attempt('D2', { affectsStock: false })),
  step('O4', 'CreditReservationConfirmed', 1, credit),
  step('O4', 'CompensationStarted', 2, { reason: 'deadline', outcome: 'held' }),
  step('O4', 'FulfilmentStepDone', 3, { step: 'credit-release' }),
  step('O4', 'FulfilmentCompleted', 4, { outcome: 'held' }),
  step('O4', 'FulfilmentRetried', 5, attempt('D2', { cause: 'hold-released' }), 2),
  transfer('TransferRequested', '2026-03-01T00:00', {
    companyId: 'ACME',
    lines: [{ lineNo: 1, sku: 'BIKE', quantity: '5' }],
    reason: 'stock-balance',
  }),
  transfer('TransferDispatched', '2026-03-02T00:00', { lines: moved('4'), expectedOn: '2026-03-05' }),
  transfer('TransferReceived', '2026-03-05T00:00', { receiptId: 'r-1', lines: moved('3') }),
]

let models: OpenReadModels
beforeAll(async () => {
  models = await openReadModels([processesModel], Date.UTC(2026, 2, 1, 0, 10))
  await models.fold(await recordHistory(small))
})
afterAll(() => models.close())

describe('the processes', () => {
  test('after every event stand in the phase that the decider sees', async () => {
    const states = new Map<string, FulfilmentState>()
    const phases = new Set<string>()
    for (const [index, event] of small.entries()) {
      if (!event.stream.startsWith('fulfilment-')) continue
      const happened = {
        ...event,
        id: historyId(index + 1),
        occurredAt: event.at,
        revision: 0,
      } as unknown as Happened<FulfilmentEvent> // checked when recorded
      const state = evolveFulfilment(states.get(event.stream) ?? { phase: 'none' }, happened)
      states.set(event.stream, state)
      phases.add(state.phase)
      const { orderId } = event.data as { orderId: string }
      const row = await models.one(one, { orderId }, { knownAt: BigInt(index + 1) })
      expect(row?.['phase'], `after ${event.type}, the event ${index + 1}`).toBe(state.phase)
    }
    expect([...phases].sort()).toEqual(['allocate', 'compensate', 'confirm', 'credit', 'done', 'retry', 'stock'])
  })

  test('say how an order came to where it stands', async () => {
    expect(await models.one(one, { orderId: 'O1' })).toMatchObject({
      dealerId: 'D1',
      phase: 'done',
      outcome: 'held',
      reason: 'credit-refused',
      attempt: 2,
      cause: 'amended',
      startedAt: '2026-03-01T00:00:00.000Z',
      lastEvent: 'FulfilmentCompleted',
      late: false,
    })
    expect(await models.list(stock, { orderId: 'O1' })).toMatchObject([
      { attempt: 1, sku: 'BIKE', reserved: [{ quantity: '2' }], allocated: [{ quantity: '2' }] },
      { attempt: 1, sku: 'HELMET', reserved: [], short: [{ quantity: '2' }] },
    ])
    const steps = await models.list(history, { orderId: 'O1' })
    expect(steps).toHaveLength(14)
    expect(steps[10]).toMatchObject({ eventId: historyId(11), code: 'credit.limit_exceeded', attempt: 2 })
  })

  test('show those that make no progress, and those past their deadline', async () => {
    const orders = async (params: object): Promise<unknown[]> =>
      (await models.list(list, params)).map(({ orderId }) => orderId).sort()
    expect(await orders({ stalled: 'true' })).toEqual(['O2', 'O3', 'O4'])
    expect(await orders({ stalled: 'true', stalledAfter: '480' })).toEqual(['O2'])
    expect(await orders({ late: 'true' })).toEqual([])
    expect(await orders({ phase: 'stock' })).toEqual(['O2'])
    expect(await models.list(counts)).toMatchObject([
      { phase: 'credit', orders: 1 },
      { phase: 'done', orders: 1 },
      { phase: 'retry', orders: 1 },
      { phase: 'stock', orders: 1, stalled: 1 },
    ])
  })

  test('show a dealer its own alone', async () => {
    expect((await models.list(list, { dealerId: 'D1' })).map(({ orderId }) => orderId).sort()).toEqual(['O1', 'O3'])
    for (const query of [stock, history])
      expect(await models.list(query, { dealerId: 'D1', orderId: 'O2' })).toEqual([])
    expect(await models.list(transfers, { dealerId: 'D1' })).toEqual([])
    expect(await models.list(transferLines, { dealerId: 'D1', transferId: 'T1' })).toEqual([])
  })

  test('know what of a transfer is on its way', async () => {
    expect(await models.list(transfers, { dealerId: 'D2' })).toMatchObject([
      { transferId: 'T1', status: 'in-transit', expectedOn: '2026-03-05', dispatchedAt: '2026-03-02T00:00:00.000Z' },
    ])
    expect(await models.list(transferLines, { transferId: 'T1' })).toMatchObject([
      { sku: 'BIKE', requested: '5', dispatched: '4', received: '3', lost: '0', onTheWay: '1' },
    ])
  })

  test('refuse to say what was true at an instant: they know only what was known', async () => {
    await expect(models.list(list, {}, { asOf: 0 })).rejects.toThrow('knownAt only')
  })
})
