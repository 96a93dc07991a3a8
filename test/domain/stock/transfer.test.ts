import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { sumOf } from '../../../src/domain/kernel/decimalText.ts'
import { transferAggregate, type TransferGiven } from '../../../src/domain/stock/transfer.ts'
import type { TransferCommand } from '../../../src/domain/stock/transferCommands.ts'
import type { TransferEvent } from '../../../src/domain/stock/transferEvents.ts'
import { given, sameCommandTwice } from '../../support/decider.ts'

const from = { party: 'ACME', location: 'WH1' }
const to = { party: 'D1', location: 'SHOP' }
const ends = { transferId: 'T1', from, to }
const request: TransferCommand = {
  type: 'RequestTransfer',
  ...ends,
  companyId: 'ACME',
  lines: [{ lineNo: 1, sku: 'BIKE', quantity: '10' }],
  reason: 'rebalancing',
}
const requested: TransferEvent = {
  type: 'TransferRequested',
  data: { ...ends, companyId: 'ACME', lines: [{ lineNo: 1, sku: 'BIKE', quantity: '10' }], reason: 'rebalancing' },
}
const sources: TransferGiven = {
  sources: {
    BIKE: {
      lots: [
        { lot: 'B', quantity: '8', expiresOn: '2026-12-01' },
        { lot: 'A', quantity: '4', expiresOn: '2026-06-01' },
      ],
      available: '12',
      allowNegative: false,
    },
  },
}
const lots = [
  { lot: 'A', quantity: '4', expiresOn: '2026-06-01' },
  { lot: 'B', quantity: '6', expiresOn: '2026-12-01' },
]
const dispatched: TransferEvent = {
  type: 'TransferDispatched',
  data: { ...ends, lines: [{ lineNo: 1, sku: 'BIKE', lots }] },
}
const transfer = (...history: TransferEvent[]) => given(transferAggregate, history)

describe('a transfer', () => {
  it('is requested between two places', () => {
    transfer().when(request).then([requested])
    transfer()
      .when({ ...request, to: from })
      .thenRefused('transfers.same_place')
    transfer(requested)
      .when({ ...request, lines: [{ lineNo: 1, sku: 'BIKE', quantity: '11' }] })
      .thenRefused('object.exists')
  })

  it('leaves with lots chosen first-expired-first-out, which keep their expiry', () => {
    transfer(requested).when({ type: 'DispatchTransfer', transferId: 'T1' }, { given: sources }).then([dispatched])
  })

  it('does not leave with more than the source may give', () => {
    const little = {
      sources: {
        BIKE: {
          ...sources.sources['BIKE'],
          lots: [{ lot: 'A', quantity: '20' }],
          available: '9',
          allowNegative: false,
        },
      },
    }
    transfer(requested)
      .when({ type: 'DispatchTransfer', transferId: 'T1' }, { given: little })
      .thenRefused('stock.insufficient')
    transfer(requested)
      .when({ type: 'DispatchTransfer', transferId: 'T1', lines: [{ lineNo: 1, quantity: '11' }] }, { given: sources })
      .thenRefused('transfers.quantity')
  })

  it('is complete when all of it has come in or is lost', () => {
    const received: TransferEvent = {
      type: 'TransferReceived',
      data: {
        ...ends,
        receiptId: 'r1',
        lines: [{ lineNo: 1, sku: 'BIKE', lots: [{ lot: 'B', quantity: '5', expiresOn: '2026-12-01' }] }],
      },
    }
    transfer(requested, dispatched)
      .when({
        type: 'ReceiveTransfer',
        transferId: 'T1',
        receiptId: 'r1',
        lines: [{ lineNo: 1, lots: [{ lot: 'B', quantity: '5' }] }],
      })
      .then([received])
    transfer(requested, dispatched, received)
      .when({ type: 'ReportTransferLost', transferId: 'T1', lossId: 'l1', reason: 'accident' })
      .then([
        {
          type: 'TransferLost',
          data: {
            ...ends,
            lossId: 'l1',
            reason: 'accident',
            lines: [
              {
                lineNo: 1,
                sku: 'BIKE',
                lots: [
                  { lot: 'A', quantity: '4', expiresOn: '2026-06-01' },
                  { lot: 'B', quantity: '1', expiresOn: '2026-12-01' },
                ],
              },
            ],
          },
        },
        { type: 'TransferCompleted', data: ends },
      ])
  })

  it('takes in nothing that is not on its way', () => {
    transfer(requested, dispatched)
      .when({
        type: 'ReceiveTransfer',
        transferId: 'T1',
        receiptId: 'r',
        lines: [{ lineNo: 1, lots: [{ lot: 'B', quantity: '7' }] }],
      })
      .thenRefused('transfers.quantity')
    transfer(requested)
      .when({ type: 'ReceiveTransfer', transferId: 'T1', receiptId: 'r' })
      .thenRefused('transfers.wrong_state')
    transfer().when({ type: 'ReceiveTransfer', transferId: 'T1', receiptId: 'r' }).thenRefused('transfers.unknown')
  })

  it('can be cancelled until it leaves', () => {
    transfer(requested)
      .when({ type: 'CancelTransfer', transferId: 'T1', reason: 'changed' })
      .then([{ type: 'TransferCancelled', data: { ...ends, reason: 'changed' } }])
    transfer(requested, dispatched)
      .when({ type: 'CancelTransfer', transferId: 'T1', reason: 'changed' })
      .thenRefused('transfers.wrong_state')
  })

  it('never takes in and loses more than went out, and ends exactly even (domain.md §2.5)', () => {
    const part = fc.array(
      fc.record({ lot: fc.constantFrom('A', 'B'), quantity: fc.integer({ min: 1, max: 4 }).map(String) }),
      { minLength: 1, maxLength: 2 },
    )
    const id = fc.integer({ min: 1, max: 9 }).map((n) => `x${n}`)
    const command: fc.Arbitrary<TransferCommand> = fc.oneof(
      fc.constant(request),
      fc.constant<TransferCommand>({ type: 'DispatchTransfer', transferId: 'T1' }),
      fc.tuple(id, part).map(([receiptId, of]): TransferCommand => ({
        type: 'ReceiveTransfer',
        transferId: 'T1',
        receiptId,
        lines: [{ lineNo: 1, lots: of }],
      })),
      fc.tuple(id, part).map(([lossId, of]): TransferCommand => ({
        type: 'ReportTransferLost',
        transferId: 'T1',
        lossId,
        lines: [{ lineNo: 1, lots: of }],
        reason: 'lost',
      })),
      id.map((receiptId): TransferCommand => ({ type: 'ReceiveTransfer', transferId: 'T1', receiptId })),
    )
    let completed = 0
    sameCommandTwice(transferAggregate, command, {
      circumstances: () => ({ given: sources }),
      then(_state, events) {
        const of = (...types: TransferEvent['type'][]): number =>
          Number(
            sumOf(
              events.flatMap((event) =>
                types.includes(event.type) && 'lines' in event.data
                  ? event.data.lines.flatMap((line) => ('lots' in line ? line.lots.map((lot) => lot.quantity) : []))
                  : [],
              ),
            ),
          )
        const isOver = events.some(({ type }) => type === 'TransferCompleted')
        const ended = of('TransferReceived', 'TransferLost')
        expect(ended).toBeLessThanOrEqual(of('TransferDispatched'))
        expect(isOver).toBe(ended > 0 && ended === of('TransferDispatched'))
        if (isOver) completed += 1
      },
    })
    expect(completed).toBeGreaterThan(0)
  })
})
