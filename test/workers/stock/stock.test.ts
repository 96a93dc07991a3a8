import { expect, it } from 'vitest'
import { stockAggregate } from '../../../src/domain/stock/decide.ts'
import { transferAggregate } from '../../../src/domain/stock/transfer.ts'
import { brokenInvariants } from '../../support/invariants.ts'
import { main, openWorkChannel } from '../../support/workChannel.ts'

const hour = 3_600_000

it('expires a reservation nobody ended, and gives its goods to who waits', async () => {
  const channel = await openWorkChannel()
  await channel.receive('BIKE', '5', 'R1')
  await channel.run(stockAggregate, {
    type: 'ReserveStock',
    ...main,
    sku: 'BIKE',
    reservationId: 'DESK/1',
    orderId: 'DESK',
    partial: 'units',
    lines: [
      {
        lineNo: 1,
        quantity: '5',
      },
    ],
    expiresAt: '2026-01-05T12:00:00.000Z[UTC]',
  })
  await channel.place('O1', [['BIKE', '4']])
  await channel.work()
  expect((await channel.stock('BIKE')).levels).toMatchObject({ reserved: '5', backordered: '4' })
  channel.pass(4 * hour)
  await channel.work()
  expect((await channel.stock('BIKE')).levels).toMatchObject({ reserved: '0', allocated: '4', backordered: '0' })
})

it('finds low stock after a movement and closes the alert when goods come', async () => {
  const channel = await openWorkChannel()
  await channel.receive('BIKE', '30', 'R1')
  await channel.run(stockAggregate, {
    type: 'SetReplenishmentPolicy',
    ...main,
    sku: 'BIKE',
    levels: {
      safetyStock: '5',
      reorderPoint: '10',
    },
  })
  await channel.work()
  expect(await channel.events('LowStockDetected')).toHaveLength(0)
  await channel.place('O1', [['BIKE', '22']])
  await channel.work()
  expect((await channel.events('LowStockDetected')).map(({ data }) => data)).toMatchObject([
    { level: 'low', position: '8' },
  ])
  await channel.receive('BIKE', '50', 'R2')
  await channel.work()
  expect(await channel.events('StockReplenished')).toHaveLength(1)
})

it('follows a transfer through at both ends, with what was lost on the way', async () => {
  const channel = await openWorkChannel()
  const east = { party: 'ACME', location: 'EAST' }
  await channel.receive('BIKE', '9', 'R1')
  const transfer = { transferId: 'T1' }
  await channel.run(transferAggregate, {
    type: 'RequestTransfer',
    ...transfer,
    companyId: 'ACME',
    from: main,
    to: east,
    reason: 'balance',
    lines: [
      {
        lineNo: 1,
        sku: 'BIKE',
        quantity: '5',
      },
    ],
  })
  await channel.run(transferAggregate, { type: 'DispatchTransfer', ...transfer })
  await channel.work()
  expect((await channel.stock('BIKE')).levels.onHand).toBe('4')
  const lost = [{ lineNo: 1, lots: [{ lot: '-', quantity: '2' }] }]
  await channel.run(transferAggregate, {
    type: 'ReportTransferLost',
    ...transfer,
    lossId: 'L1',
    lines: lost,
    reason: 'fell',
  })
  await channel.run(transferAggregate, { type: 'ReceiveTransfer', ...transfer, receiptId: 'A1' })
  await channel.work()
  const there = await channel.handler().load(stockAggregate, 'ACME/EAST/BIKE')
  expect(there.levels).toMatchObject({ onHand: '3', inTransit: '0' })
  expect(brokenInvariants(await channel.events())).toEqual([])
})

it('keeps a step that was refused as a dead letter, and does it when somebody revives it', async () => {
  const channel = await openWorkChannel()
  const east = { party: 'ACME', location: 'EAST' }
  await channel.receive('BIKE', '5', 'R1')
  await channel.run(transferAggregate, {
    type: 'RequestTransfer',
    transferId: 'T1',
    companyId: 'ACME',
    from: main,
    to: east,
    reason: 'balance',
    lines: [
      {
        lineNo: 1,
        sku: 'BIKE',
        quantity: '5',
      },
    ],
  })
  await channel.run(transferAggregate, { type: 'DispatchTransfer', transferId: 'T1' })
  // before the workers come, the goods leave by another way
  await channel.run(stockAggregate, {
    type: 'ScrapStock',
    ...main,
    sku: 'BIKE',
    scrapId: 'W1',
    reason: 'fire',
    lines: [{ lot: '-', quantity: '5', blocked: '0' }],
  })
  await channel.work()
  const [dead] = await channel.progress.deadTasks(10)
  expect(dead).toMatchObject({ reaction: 'transfer-steps', stream: 'transfer-T1' })
  expect(dead?.reason).toContain('stock.')
  await channel.receive('BIKE', '5', 'R2')
  if (dead) await channel.revive(dead)
  expect(await channel.progress.deadTasks(10)).toEqual([])
  expect((await channel.stock('BIKE')).levels.onHand).toBe('0')
})
