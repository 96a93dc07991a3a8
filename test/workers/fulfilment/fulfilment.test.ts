import { describe, expect, it } from 'vitest'
import { accountAggregate } from '../../../src/domain/credit/account.ts'
import { orderAggregate } from '../../../src/domain/orders/decide.ts'
import { row } from '../../../src/domain/kernel/table.ts'
import { linesOf } from '../../../src/domain/orders/state.ts'
import { brokenInvariants } from '../../support/invariants.ts'
import { openWorkChannel, type WorkChannel } from '../../support/workChannel.ts'

const hour = 3_600_000

async function quantities(channel: WorkChannel, orderId: string) {
  return linesOf(await channel.order(orderId)).map(
    ({ quantities: { confirmed, backordered, cancelled, allocated } }) => ({
      confirmed,
      backordered,
      cancelled,
      allocated,
    }),
  )
}

/** Nothing is left over: no dead letter, no broken rule. */
async function expectSound(channel: WorkChannel): Promise<void> {
  expect(await channel.progress.deadTasks(10)).toEqual([])
  expect(brokenInvariants(await channel.events())).toEqual([])
}

describe('an order that stock and credit can cover', () => {
  it('is confirmed and allocated, shipped, invoiced and delivered without a person in between', async () => {
    const channel = await openWorkChannel()
    await channel.receive('BIKE', '10', 'R1')
    await channel.place('O1', [['BIKE', '4']])
    await channel.work()
    expect(await quantities(channel, 'O1')).toEqual([
      { confirmed: '4', backordered: '0', cancelled: '0', allocated: '4' },
    ])
    await channel.ship('O1', 'S1', [{ lineNo: 1, quantity: '4' }])
    await channel.work()
    expect((await channel.stock('BIKE')).levels).toMatchObject({ onHand: '6', allocated: '0', reserved: '0' })
    const [invoice] = await channel.events('InvoiceIssued')
    expect(invoice?.data).toMatchObject({ invoiceId: 'INV/O1/S1', gross: '4000', dueOn: '2026-02-04' })
    await channel.deliver('O1', 'S1')
    await channel.work()
    await expectSound(channel)
  })

  it('is done once however often the work is run', async () => {
    const channel = await openWorkChannel()
    await channel.receive('BIKE', '10', 'R1')
    await channel.place('O1', [['BIKE', '4']])
    await channel.work()
    const head = await channel.store.head()
    await channel.work()
    expect(await channel.store.head()).toBe(head)
  })
})

describe('an order that stock cannot cover', () => {
  const short = async (backorderPolicy: 'backorder' | 'split' | 'cancel' | 'hold') => {
    const channel = await openWorkChannel()
    await channel.receive('BIKE', '3', 'R1')
    await channel.receive('HELMET', '5', 'R1')
    await channel.place(
      'O1',
      [
        ['BIKE', '5'],
        ['HELMET', '5'],
      ],
      { backorderPolicy },
    )
    await channel.work()
    return channel
  }

  it('backorders the units that are short, and gets them when goods arrive', async () => {
    const channel = await short('backorder')
    expect(await quantities(channel, 'O1')).toEqual([
      { confirmed: '3', backordered: '2', cancelled: '0', allocated: '3' },
      { confirmed: '5', backordered: '0', cancelled: '0', allocated: '5' },
    ])
    expect((await channel.stock('BIKE')).levels.backordered).toBe('2')
    await channel.receive('BIKE', '10', 'R2')
    await channel.work()
    expect((await quantities(channel, 'O1'))[0]).toEqual({
      confirmed: '5',
      backordered: '0',
      cancelled: '0',
      allocated: '5',
    })
    expect((await channel.stock('BIKE')).levels).toMatchObject({ backordered: '0', allocated: '5' })
    await expectSound(channel)
  })

  it('splits: a line that is short waits as a whole', async () => {
    const channel = await short('split')
    expect(await quantities(channel, 'O1')).toEqual([
      { confirmed: '0', backordered: '5', cancelled: '0', allocated: '0' },
      { confirmed: '5', backordered: '0', cancelled: '0', allocated: '5' },
    ])
    const before = (await channel.events('FulfilmentRetried')).length
    for (let day = 0; day < 3; day += 1) {
      channel.pass(24 * hour)
      await channel.work()
    }
    // three bikes do not help a line of five: it is asked once, not every day
    expect((await channel.events('FulfilmentRetried')).length - before).toBeLessThanOrEqual(1)
    await channel.receive('BIKE', '2', 'R2')
    await channel.work()
    expect((await quantities(channel, 'O1'))[0]).toEqual({
      confirmed: '5',
      backordered: '0',
      cancelled: '0',
      allocated: '5',
    })
    await expectSound(channel)
  })

  it('cancels what is short', async () => {
    const channel = await short('cancel')
    expect((await quantities(channel, 'O1'))[0]).toEqual({
      confirmed: '3',
      backordered: '0',
      cancelled: '2',
      allocated: '3',
    })
    await expectSound(channel)
  })

  it('holds the order with nothing reserved, until a person releases it', async () => {
    const channel = await short('hold')
    expect((await channel.order('O1')).holds).toEqual(['stock'])
    expect((await channel.stock('HELMET')).levels).toMatchObject({ reserved: '0', allocated: '0' })
    await channel.receive('BIKE', '10', 'R2')
    await channel.work()
    await channel.run(orderAggregate, { type: 'ReleaseHold', orderId: 'O1', kind: 'stock', reason: 'goods-there' })
    await channel.work()
    expect((await quantities(channel, 'O1'))[0]).toMatchObject({ confirmed: '5', allocated: '5' })
    await expectSound(channel)
  })

  it('serves those first that wait longest', async () => {
    const channel = await openWorkChannel()
    for (const orderId of ['ZULU', 'ALFA']) {
      await channel.place(orderId, [['BIKE', '5']])
      await channel.work()
      channel.pass(hour)
    }
    await channel.receive('BIKE', '6', 'R1')
    await channel.work()
    expect((await quantities(channel, 'ZULU'))[0]).toMatchObject({ allocated: '5', backordered: '0' })
    expect((await quantities(channel, 'ALFA'))[0]).toMatchObject({ allocated: '1', backordered: '4' })
    await expectSound(channel)
  })
})

describe('an order over the credit limit', () => {
  const refused = async () => {
    const channel = await openWorkChannel()
    await channel.receive('BIKE', '100', 'R1')
    await channel.limit('D1', '5000')
    await channel.place('O1', [['BIKE', '4']])
    await channel.place('O2', [['BIKE', '4']])
    await channel.work()
    return channel
  }

  it('is held with nothing reserved', async () => {
    const channel = await refused()
    expect((await channel.order('O1')).holds).toEqual([])
    expect((await channel.order('O2')).holds).toEqual(['credit'])
    expect((await channel.stock('BIKE')).levels).toMatchObject({ reserved: '0', allocated: '4' })
    await expectSound(channel)
  })

  it('goes on by itself when the limit is raised', async () => {
    const channel = await refused()
    await channel.limit('D1', '9000')
    await channel.work()
    expect((await channel.order('O2')).holds).toEqual([])
    expect(await quantities(channel, 'O2')).toMatchObject([{ confirmed: '4', allocated: '4' }])
    await expectSound(channel)
  })

  it('is held when an amendment takes it over the limit, until there is room', async () => {
    const channel = await openWorkChannel()
    await channel.limit('D1', '5000')
    await channel.receive('BIKE', '20', 'R1')
    await channel.place('O1', [['BIKE', '4']])
    await channel.work()
    const lines = [{ lineNo: 1, quantity: '6' }]
    await channel.run(orderAggregate, { type: 'AmendOrder', orderId: 'O1', lines, reason: 'more' })
    await channel.work()
    expect((await channel.order('O1')).holds).toEqual(['credit'])
    expect(await quantities(channel, 'O1')).toMatchObject([{ confirmed: '4', allocated: '4' }])
    const parts = [{ lineNo: 1, quantity: '4' }]
    const shipped = { type: 'DispatchShipment', orderId: 'O1', shipmentId: 'S1', lines: parts } as const
    expect(await channel.attempt(orderAggregate, shipped)).toMatchObject({ refusal: { refused: 'orders.on_hold' } })
    await channel.limit('D1', '5500')
    await channel.work()
    expect((await channel.order('O1')).holds).toEqual(['credit'])
    await channel.limit('D1', '6000')
    await channel.work()
    expect((await channel.order('O1')).holds).toEqual([])
    expect((await channel.account('D1')).holds).toEqual({})
    expect(await quantities(channel, 'O1')).toMatchObject([{ confirmed: '6', allocated: '6' }])
    await expectSound(channel)
  })

  it('is checked again when it is amended to what fits', async () => {
    const channel = await openWorkChannel()
    await channel.limit('D1', '5000')
    await channel.receive('BIKE', '20', 'R1')
    await channel.place('O1', [['BIKE', '7']])
    await channel.work()
    expect((await channel.order('O1')).holds).toEqual(['credit'])
    const lines = [{ lineNo: 1, quantity: '4' }]
    await channel.run(orderAggregate, { type: 'AmendOrder', orderId: 'O1', lines, reason: 'less' })
    await channel.work()
    expect((await channel.order('O1')).holds).toEqual([])
    expect(await quantities(channel, 'O1')).toMatchObject([{ confirmed: '4', allocated: '4' }])
    await expectSound(channel)
  })

  it('counts again when it gets lines after all that it had was delivered and invoiced', async () => {
    const delivered = async (limit: string) => {
      const channel = await openWorkChannel()
      await channel.limit('D1', limit)
      await channel.receive('BIKE', '4', 'R1')
      await channel.place('O1', [['BIKE', '4']], { backorderPolicy: 'hold' })
      await channel.work()
      await channel.ship('O1', 'S1', [{ lineNo: 1, quantity: '4' }])
      await channel.deliver('O1', 'S1')
      await channel.work()
      expect(row((await channel.account('D1')).orders, 'O1')).toBeUndefined()
      const lines = [{ lineNo: 2, sku: 'BIKE', unit: 'EA', quantity: '3' }]
      await channel.run(orderAggregate, { type: 'AmendOrder', orderId: 'O1', lines, reason: 'more' })
      await channel.work()
      return channel
    }
    const short = await delivered('7000')
    expect((await short.order('O1')).holds).toEqual(['stock'])
    expect(row((await short.account('D1')).orders, 'O1')).toMatchObject({ open: '3000', stage: 'confirmed' })
    await expectSound(short)
    const over = await delivered('6999')
    expect((await over.order('O1')).holds).toEqual(['credit'])
    await over.receive('BIKE', '5', 'R2')
    await over.limit('D1', '7000')
    await over.work()
    expect((await over.order('O1')).holds).toEqual([])
    expect((await quantities(over, 'O1'))[1]).toMatchObject({ confirmed: '3', allocated: '3' })
    await expectSound(over)
  })

  it('counts and is checked, though what was left of it was worth less than half a cent and the account had forgotten it', async () => {
    const channel = await openWorkChannel()
    await channel.limit('D1', '6000')
    channel.pass(60_000)
    await channel.price('HELMET', '0.004')
    await channel.receive('HELMET', '4', 'R1')
    await channel.place('O1', [['HELMET', '5']], { backorderPolicy: 'backorder' })
    await channel.work()
    await channel.ship('O1', 'S1', [{ lineNo: 1, quantity: '4' }])
    await channel.deliver('O1', 'S1')
    await channel.work()
    expect(row((await channel.account('D1')).orders, 'O1')).toBeUndefined()
    await channel.receive('HELMET', '1', 'R2')
    await channel.work()
    expect((await channel.order('O1')).holds).toEqual([])
    expect(await quantities(channel, 'O1')).toMatchObject([{ confirmed: '5', backordered: '0', allocated: '5' }])
    const lines = [{ lineNo: 2, sku: 'BIKE', unit: 'EA', quantity: '7' }]
    await channel.run(orderAggregate, { type: 'AmendOrder', orderId: 'O1', lines, reason: 'more' })
    await channel.work()
    expect((await channel.order('O1')).holds).toEqual(['credit'])
    expect(row((await channel.account('D1')).orders, 'O1')).toMatchObject({ open: '7000', stage: 'confirmed' })
    await expectSound(channel)
  })

  it('goes on by itself when a payment makes room, and not before', async () => {
    const channel = await refused()
    await channel.ship('O1', 'S1', [{ lineNo: 1, quantity: '4' }])
    await channel.deliver('O1', 'S1')
    await channel.work()
    const document = { accountId: 'D1', companyId: 'ACME', dealerId: 'D1', currency: 'USD' }
    const pay = (paymentId: string, amount: string) =>
      channel.run(accountAggregate, {
        type: 'ReceivePayment',
        ...document,
        paymentId,
        amount,
        method: 'bank_transfer',
        allocate: 'oldest_first',
      })
    await pay('P1', '2000')
    await channel.work()
    expect((await channel.order('O2')).holds).toEqual(['credit'])
    await pay('P2', '2000')
    await channel.work()
    expect(await quantities(channel, 'O2')).toMatchObject([{ confirmed: '4', allocated: '4' }])
    await expectSound(channel)
  })

  it('stays in the warehouse where its limit is checked at shipping, until there is room or somebody approves it', async () => {
    const channel = await openWorkChannel()
    await channel.limit('D1', '6000', { checkPoints: ['ship'] })
    await channel.receive('BIKE', '20', 'R1')
    await channel.place('O1', [['BIKE', '8']])
    await channel.place('O2', [['BIKE', '4']], { dealerId: 'D2' })
    await channel.work()
    expect(await quantities(channel, 'O1')).toMatchObject([{ allocated: '8' }])
    await channel.ship('O2', 'S2', [{ lineNo: 1, quantity: '4' }])
    const ship = async (quantity: string, shipmentId: string) =>
      channel.attempt(orderAggregate, {
        type: 'DispatchShipment',
        orderId: 'O1',
        shipmentId,
        lines: [{ lineNo: 1, quantity }],
      })
    expect(await ship('1', 'S1')).toMatchObject({
      ok: false,
      refusal: { refused: 'credit.limit_exceeded', details: { party: 'D1', limit: '6000', exposure: '8000' } },
    })
    await channel.run(accountAggregate, {
      type: 'ApproveCreditOverride',
      accountId: 'D1',
      orderId: 'O1',
      dealerId: 'D1',
      currency: 'USD',
      overrideId: 'OV1',
      upTo: '8000',
      reason: 'a good customer',
    })
    expect(await ship('1', 'S1')).toMatchObject({ ok: true })
    await channel.work()
    await expectSound(channel)
    await channel.limit('D1', '8000', { checkPoints: ['ship'] })
    expect(await ship('7', 'S3')).toMatchObject({ ok: true })
  })

  it('passes with an override', async () => {
    const channel = await refused()
    await channel.run(accountAggregate, {
      type: 'ApproveCreditOverride',
      accountId: 'D1',
      orderId: 'O2',
      dealerId: 'D1',
      currency: 'USD',
      overrideId: 'OV1',
      upTo: '4000',
      reason: 'a good customer',
    })
    await channel.work()
    expect(await quantities(channel, 'O2')).toMatchObject([{ confirmed: '4', allocated: '4' }])
    await expectSound(channel)
  })
})

describe('an order that changes', () => {
  it('frees its goods and credit when it is cancelled, and those go to who waits', async () => {
    const channel = await openWorkChannel()
    await channel.receive('BIKE', '5', 'R1')
    await channel.place('O1', [['BIKE', '5']])
    await channel.place('O2', [['BIKE', '5']], { dealerId: 'D2' })
    await channel.work()
    expect((await quantities(channel, 'O2'))[0]).toMatchObject({ backordered: '5' })
    await channel.run(orderAggregate, { type: 'CancelOrder', orderId: 'O1', reason: 'changed-mind' })
    await channel.work()
    expect((await quantities(channel, 'O2'))[0]).toMatchObject({ backordered: '0', allocated: '5' })
    expect((await channel.account('D1')).balances['D1']?.['USD']).toMatchObject({ placed: '0', confirmed: '0' })
    await expectSound(channel)
  })

  it('is tried again with what was added', async () => {
    const channel = await openWorkChannel()
    await channel.receive('BIKE', '9', 'R1')
    await channel.place('O1', [['BIKE', '4']])
    await channel.work()
    await channel.run(orderAggregate, {
      type: 'AmendOrder',
      orderId: 'O1',
      lines: [
        {
          lineNo: 1,
          quantity: '7',
        },
      ],
      reason: 'more',
    })
    await channel.work()
    expect((await quantities(channel, 'O1'))[0]).toMatchObject({ confirmed: '7', allocated: '7' })
    await expectSound(channel)
  })
})

describe('goods that come back or get lost', () => {
  const delivered = async () => {
    const channel = await openWorkChannel()
    await channel.receive('BIKE', '10', 'R1')
    await channel.place('O1', [['BIKE', '4']])
    await channel.work()
    await channel.ship('O1', 'S1', [{ lineNo: 1, quantity: '4' }])
    await channel.work()
    return channel
  }

  it('returns to stock and credits the invoice by the terms of the sale', async () => {
    const channel = await delivered()
    await channel.deliver('O1', 'S1')
    await channel.work()
    const lines = [{ lineNo: 1, quantity: '1' }]
    await channel.run(orderAggregate, {
      type: 'AuthoriseReturn',
      orderId: 'O1',
      returnId: 'X1',
      lines,
      reason: 'dented',
    })
    await channel.run(orderAggregate, {
      type: 'ReceiveReturn',
      orderId: 'O1',
      returnId: 'X1',
      reason: 'dented',
      lines: [
        {
          lineNo: 1,
          quantity: '1',
          condition: 'restock',
        },
      ],
    })
    await channel.work()
    expect((await channel.stock('BIKE')).levels.onHand).toBe('7')
    const [note] = await channel.events('CreditNoteIssued')
    expect(note?.data).toMatchObject({ amount: '1000', reason: 'return', invoiceId: 'INV/O1/S1', returnId: 'X1' })
    await expectSound(channel)
  })

  it('takes back the unpaid invoice of a lost shipment and ships again', async () => {
    const channel = await delivered()
    await channel.run(orderAggregate, {
      type: 'ReportShipmentLost',
      orderId: 'O1',
      shipmentId: 'S1',
      remedy: 'reship',
      reason: 'carrier',
    })
    await channel.work()
    expect(await channel.events('InvoiceCancelled')).toHaveLength(1)
    expect((await quantities(channel, 'O1'))[0]).toMatchObject({ confirmed: '4', allocated: '4', backordered: '0' })
    await expectSound(channel)
  })

  it('bills on delivery where the terms at dispatch said so', async () => {
    const channel = await openWorkChannel()
    await channel.terms('D1', { invoiceOn: 'delivery' })
    await channel.receive('BIKE', '10', 'R1')
    await channel.place('O1', [['BIKE', '4']])
    await channel.work()
    await channel.ship('O1', 'S1', [{ lineNo: 1, quantity: '4' }])
    await channel.work()
    channel.pass(hour)
    await channel.terms('D1', { invoiceOn: 'shipment' })
    expect(await channel.events('InvoiceIssued')).toHaveLength(0)
    await channel.deliver('O1', 'S1')
    await channel.work()
    expect(await channel.events('InvoiceIssued')).toHaveLength(1)
    await expectSound(channel)
  })

  it('gives what comes back in parts to who waits longest, part after part', async () => {
    const channel = await openWorkChannel()
    await channel.receive('BIKE', '2', 'R1')
    await channel.place('O1', [['BIKE', '2']])
    await channel.work()
    await channel.ship('O1', 'S1', [{ lineNo: 1, quantity: '2' }])
    await channel.deliver('O1', 'S1')
    for (const orderId of ['O2', 'O3']) {
      channel.pass(60_000)
      await channel.place(orderId, [['BIKE', '2']])
      await channel.work()
    }
    for (const returnId of ['X1', 'X2']) {
      channel.pass(60_000)
      await giveBack(channel, 'O1', returnId)
    }
    expect(await quantities(channel, 'O2')).toMatchObject([{ allocated: '2' }])
    expect(await quantities(channel, 'O3')).toMatchObject([{ allocated: '0' }])
    await expectSound(channel)
  })

  it('writes no credit note for goods worth less than the smallest coin', async () => {
    const channel = await openWorkChannel()
    channel.pass(60_000)
    await channel.price('BIKE', '0.004')
    await channel.receive('BIKE', '2', 'R1')
    await channel.place('O1', [['BIKE', '2']])
    await channel.work()
    await channel.ship('O1', 'S1', [{ lineNo: 1, quantity: '2' }])
    await channel.deliver('O1', 'S1')
    await channel.work()
    await giveBack(channel, 'O1', 'X1')
    expect(await channel.events('CreditNoteIssued')).toEqual([])
    await expectSound(channel)
  })
})

describe('facts from elsewhere', () => {
  it('wake nobody until the order is adopted', async () => {
    const channel = await openWorkChannel()
    await channel.receive('BIKE', '10', 'R1')
    await channel.run(
      orderAggregate,
      {
        type: 'RecordOrder',
        orderId: 'O1',
        companyId: 'ACME',
        dealerId: 'D1',
        currency: 'USD',
        shipFrom: {
          party: 'ACME',
          location: 'MAIN',
        },
        affectsStock: true,
        lines: [
          {
            lineNo: 1,
            sku: 'BIKE',
            unit: 'EA',
            quantity: '4',
            unitPrice: '9',
            lineValue: '36',
          },
        ],
      },
      { recorded: true, source: { kind: 'import', system: 'erp', document: 'O1' } },
    )
    const head = await channel.store.head()
    await channel.work()
    expect(await channel.store.head()).toBe(head)
    await channel.run(orderAggregate, { type: 'AdoptOrder', orderId: 'O1' })
    await channel.work()
    expect(await quantities(channel, 'O1')).toMatchObject([{ confirmed: '4', allocated: '4' }])
    await expectSound(channel)
  })
})

/** One unit of line 1 comes back and is put into stock again. */
async function giveBack(channel: WorkChannel, orderId: string, returnId: string): Promise<void> {
  const lines = [{ lineNo: 1, quantity: '1' }]
  await channel.run(orderAggregate, { type: 'AuthoriseReturn', orderId, returnId, lines, reason: 'dented' })
  const received = lines.map((line) => ({ ...line, condition: 'restock' as const }))
  await channel.run(orderAggregate, { type: 'ReceiveReturn', orderId, returnId, lines: received, reason: 'dented' })
  await channel.work()
}
