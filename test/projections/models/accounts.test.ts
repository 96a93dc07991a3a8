import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { accountsModel } from '../../../src/projections/models/accounts/model.ts'
import { accountsQueries } from '../../../src/projections/models/accounts/queries.ts'
import {
  type HistoryEvent,
  historyId,
  openReadModels,
  type OpenReadModels,
  recordHistory,
} from '../../support/readModels.ts'
import { at } from '../../support/smallChannel.ts'

const [
  exposure,
  exposureHistory,
  limits,
  holds,
  creditOrders,
  ,
  invoices,
  oneInvoice,
  payments,
  creditNotes,
  allocations,
  ageing,
  balances,
  statement,
] = accountsQueries

/** Group G holds the dealers D1 and D2; D2 is the rival that D1 must learn nothing of. */
const account = (type: string, when: string, data: object): HistoryEvent => ({
  stream: 'account-G',
  type,
  at: at(when),
  data: { accountId: 'G', ...data },
})
const of = (dealerId: string, currency = 'USD') => ({ dealerId, currency })
const document = (dealerId: string, currency = 'USD') => ({ ...of(dealerId, currency), companyId: 'ACME' })
const limit = (party: string, amount: string, version: number, change: object = {}) => ({
  party,
  amount,
  currency: 'USD',
  checkPoints: ['place'],
  countFrom: 'placed',
  rateKind: 'mid',
  version,
  ...change,
})
const invoice = (dealerId: string, invoiceId: string, gross: string, dueOn: string, change: object = {}) => ({
  ...document(dealerId),
  invoiceId,
  kind: 'invoice',
  lines: [],
  net: gross,
  freight: '0',
  taxes: [],
  gross,
  roundings: [],
  dueOn,
  dueAt: at(`${dueOn}T00:00`),
  takesOver: { open: '0', delivered: '0', stage: 'placed' },
  breaches: [],
  ...change,
})
const pays = (paymentId: string, invoiceId: string, amount: string, invoiceOpen: string, unapplied: string) => ({
  ...document('D1'),
  paymentId,
  invoiceId,
  amount,
  invoiceOpen,
  unapplied,
  receivedAt: at('2026-02-01T00:00'),
  issuedAt: at('2026-01-10T00:00'),
  lines: [],
})
const snapshot = (party: string, amount: string) => ({
  party,
  limit: '100000',
  currency: 'USD',
  limitVersion: 1,
  exposure: amount,
  parts: [],
})

const small: readonly HistoryEvent[] = [
  account('AccountMemberAttached', '2026-01-01T00:00', { dealerId: 'D1', parties: ['D1', 'G'] }),
  account('AccountMemberAttached', '2026-01-01T00:00', { dealerId: 'D2', parties: ['D2', 'G'] }),
  account('CreditLimitSet', '2026-01-01T00:00', limit('D1', '100000', 1, { overdueDaysHold: 10 })),
  account('CreditLimitSet', '2026-01-02T00:00', limit('G', '500000', 1)),
  account('CreditReserved', '2026-01-05T00:00', { ...of('D1'), orderId: 'O1', amount: '60000', stage: 'placed' }),
  account('CreditReserved', '2026-01-05T00:00', {
    ...of('D2', 'CNY'),
    orderId: 'O2',
    amount: '70000',
    stage: 'placed',
  }),
  account('CreditCleared', '2026-01-06T00:00', {
    ...of('D1'),
    orderId: 'O1',
    checkPoint: 'confirm',
    confirms: '60000',
    exposures: [],
    breaches: [],
  }),
  // 20,000 arrive, of which 15,000 are invoiced then, and 10,000 more before they arrive
  account('OrderValueDelivered', '2026-01-09T00:00', {
    ...of('D1'),
    orderId: 'O1',
    shipmentId: 'S1',
    stage: 'confirmed',
    amount: '20000',
    fromOpen: '20000',
    fromInvoiced: '0',
    breaches: [],
  }),
  account(
    'InvoiceIssued',
    '2026-01-10T00:00',
    invoice('D1', 'I1', '25000', '2026-02-10', {
      orderId: 'O1',
      takesOver: { open: '10000', delivered: '15000', stage: 'confirmed' },
    }),
  ),
  account('InvoiceIssued', '2026-01-20T00:00', invoice('D1', 'I2', '9000', '2026-03-10', { kind: 'debit_note' })),
  account('InvoiceIssued', '2026-01-20T00:00', invoice('D2', 'I3', '4000', '2026-01-25')),
  account('PaymentReceived', '2026-02-01T00:00', {
    ...document('D1'),
    paymentId: 'P1',
    amount: '12000',
    method: 'bank_transfer',
    breaches: [],
  }),
  account('PaymentAllocated', '2026-02-01T00:00', { ...pays('P1', 'I1', '10000', '15000', '2000'), breaches: [] }),
  account('CreditNoteIssued', '2026-02-03T00:00', {
    ...document('D1'),
    creditNoteId: 'CN1',
    reason: 'correction',
    amount: '3000',
    net: '3000',
    taxes: [],
    roundings: [],
    lines: [],
    breaches: [],
  }),
  account('CreditNoteApplied', '2026-02-03T00:00', {
    ...document('D1'),
    creditNoteId: 'CN1',
    invoiceId: 'I1',
    amount: '1000',
    invoiceOpen: '14000',
    unapplied: '2000',
  }),
  account('CreditHoldPlaced', '2026-02-20T00:00', {
    holdId: 'overdue/order/O3',
    kind: 'overdue',
    party: 'G',
    orderId: 'O3',
    dealerId: 'D1',
    checkPoint: 'place',
    exposures: [snapshot('D1', '62000'), snapshot('G', '180000')],
    overdueInvoices: ['I3'],
  }),
  account('CreditHoldPlaced', '2026-02-21T00:00', {
    holdId: 'over_limit/party/D1',
    kind: 'over_limit',
    party: 'D1',
    exposures: [snapshot('D1', '120000')],
  }),
  account('CreditHoldReleased', '2026-02-22T00:00', {
    holdId: 'over_limit/party/D1',
    kind: 'over_limit',
    party: 'D1',
    cause: 'within_limit',
  }),
  // a new limit says nothing of overdue days: there are none any more
  account('CreditLimitSet', '2026-03-01T00:00', limit('D1', '90000', 2)),
]

let models: OpenReadModels
const now = Date.UTC(2026, 2, 15)

beforeAll(async () => {
  models = await openReadModels([accountsModel], now)
  await models.fold(await recordHistory(small))
})
afterAll(() => models.close())

describe('credit and receivables', () => {
  test('exposure is the sum of its parts, per party and currency, with the limit where it stands', async () => {
    // open 60,000 − 20,000 − 10,000; delivered 20,000 − 15,000; receivable 25,000 + 9,000 − 10,000 − 1,000
    const d1 = {
      accountId: 'G',
      party: 'D1',
      currency: 'USD',
      open: '30000',
      notCounted: '0',
      delivered: '5000',
      receivable: '23000',
      unapplied: '2000',
      credits: '2000',
      exposure: '54000',
      limit: '90000',
      limitVersion: 2,
      headroom: '36000',
    }
    expect(await models.list(exposure, { dealerId: 'D1' })).toEqual([d1])
    const group = await models.list(exposure, { party: 'G' })
    expect(group.map(({ currency, exposure: sum, limit: top, headroom }) => [currency, sum, top, headroom])).toEqual([
      ['CNY', '70000', null, null],
      // the yuan count against it too, at a rate: nobody can say here how much is left
      ['USD', '58000', '500000', null],
    ])
  })

  test('a limit that counts from confirmed leaves placed orders apart', async () => {
    const counting = [
      ...small.slice(0, 5),
      account('CreditLimitSet', '2026-01-05T01:00', limit('D1', '1000', 2, { countFrom: 'confirmed' })),
    ]
    const other = await openReadModels([accountsModel], now)
    try {
      await other.fold(await recordHistory(counting))
      expect(await other.list(exposure, { dealerId: 'D1' })).toMatchObject([
        { open: '0', notCounted: '60000', exposure: '0', headroom: '1000' },
      ])
    } finally {
      await other.close()
    }
  })

  test('the exposure of an earlier day is what was so then, and its events add up to it', async () => {
    const asOf = Date.UTC(2026, 0, 9, 12)
    expect(await models.list(exposure, { dealerId: 'D1' }, { asOf })).toMatchObject([
      { open: '40000', delivered: '20000', receivable: '0', exposure: '60000', limit: '100000' },
    ])
    const rows = await models.list(exposureHistory, { dealerId: 'D1', currency: 'USD' })
    const sum = (column: string): number => rows.reduce((total, row) => total + Number(row[column]), 0) // test values are exact in floats
    expect(['placed', 'confirmed', 'delivered', 'receivable', 'unapplied', 'credits'].map(sum)).toEqual([
      0, 30000, 5000, 23000, 2000, 2000,
    ])
    expect(await models.list(creditOrders, { dealerId: 'D1' })).toMatchObject([
      { orderId: 'O1', placed: '0', confirmed: '30000', delivered: '5000', checkPoint: 'confirm' },
    ])
  })

  test('the newest limit is in force as a whole', async () => {
    expect(await models.list(limits, { dealerId: 'D1' })).toMatchObject([
      { amount: '90000', version: 2, overdueDaysHold: null },
    ])
    expect(await models.list(limits, { dealerId: 'D1' }, { asOf: Date.UTC(2026, 1, 1) })).toMatchObject([
      { amount: '100000', overdueDaysHold: 10 },
    ])
  })

  test('a hold that rests on the group shows a dealer its own figures alone', async () => {
    const order = { orderId: 'O3' }
    expect((await models.list(holds, order))[0]).toMatchObject({ overdueInvoices: ['I3'], open: true })
    expect((await models.list(holds, order))[0]?.['exposures']).toHaveLength(2)
    expect(await models.list(holds, { dealerId: 'D1', ...order })).toMatchObject([
      { exposures: [{ party: 'D1' }], overdueInvoices: [], releasedAt: null },
    ])
    expect(await models.list(holds, { dealerId: 'D1', open: 'false' })).toMatchObject([
      { holdId: 'over_limit/party/D1', cause: 'within_limit', releasedAt: '2026-02-22T00:00:00.000Z' },
    ])
    expect(await models.list(holds, { dealerId: 'D2' })).toEqual([])
  })

  test('invoices have what is paid, credited and open, and are overdue from their due instant on', async () => {
    const rows = await models.list(invoices, { dealerId: 'D1' })
    expect(
      rows.map(({ invoiceId, kind, gross, paid, credited, open, status, daysOverdue }) => [
        invoiceId,
        kind,
        gross,
        paid,
        credited,
        open,
        status,
        daysOverdue,
      ]),
    ).toEqual([
      ['I2', 'debit_note', '9000', '0', '0', '9000', 'overdue', 6],
      ['I1', 'invoice', '25000', '10000', '1000', '14000', 'overdue', 34],
    ])
    const status = async (asOf: number): Promise<unknown> =>
      (await models.one(oneInvoice, { invoiceId: 'I2' }, { asOf }))?.['status']
    expect([await status(Date.UTC(2026, 2, 9, 23, 59, 59, 999)), await status(Date.UTC(2026, 2, 10))]).toEqual([
      'open',
      'overdue',
    ])
    expect(await models.one(oneInvoice, { dealerId: 'D1', invoiceId: 'I3' })).toBeUndefined()
    expect(await models.list(invoices, { status: 'overdue', dueBefore: '2026-02-01' })).toMatchObject([
      { invoiceId: 'I3' },
    ])
  })

  test('payments and credit notes have what is not applied, and what they settle', async () => {
    expect(await models.list(payments)).toMatchObject([
      { paymentId: 'P1', amount: '12000', unapplied: '2000', reversed: false },
    ])
    expect(await models.list(creditNotes)).toMatchObject([{ creditNoteId: 'CN1', amount: '3000', unapplied: '2000' }])
    const rows = await models.list(allocations, { invoiceId: 'I1' })
    expect(rows.map(({ kind, documentId, amount }) => [kind, documentId, amount])).toEqual([
      ['creditNote', 'CN1', '1000'],
      ['payment', 'P1', '10000'],
    ])
  })

  test('ageing puts what is open into days past due', async () => {
    expect(await models.list(ageing, { dealerId: 'D1' })).toEqual([
      {
        dealerId: 'D1',
        currency: 'USD',
        notDue: '0',
        days1to30: '9000',
        days31to60: '14000',
        days61to90: '0',
        over90: '0',
        open: '23000',
        overdue: '23000',
        oldestDueOn: '2026-02-10',
        unappliedPayments: '2000',
        unappliedCreditNotes: '2000',
      },
    ])
    expect(await models.list(ageing, { dealerId: 'D1' }, { asOf: Date.UTC(2026, 0, 15) })).toMatchObject([
      { notDue: '25000', overdue: '0' },
    ])
  })

  test('the statement goes from the opening balance over its documents to the closing one', async () => {
    const rows = await models.list(statement, { dealerId: 'D1', from: '2026-01-15', to: '2026-02-02' })
    expect(
      rows.map(({ line, kind, day, documentId, amount, balance }) => [line, kind, day, documentId, amount, balance]),
    ).toEqual([
      [0, 'opening', '2026-01-15', null, null, '25000'],
      [1, 'entry', '2026-01-20', 'I2', '9000', '34000'],
      [2, 'entry', '2026-02-01', 'P1', '-12000', '22000'],
      [3, 'closing', '2026-02-02', null, null, '22000'],
    ])
    expect(rows[1]).toMatchObject({ eventId: historyId(10), dueOn: '2026-03-10', companyId: 'ACME', currency: 'USD' })
    // what is open of all documents: 23,000 receivable, 2,000 and 2,000 not applied
    expect(await models.list(balances, { dealerId: 'D1' })).toEqual([
      { dealerId: 'D1', companyId: 'ACME', currency: 'USD', balance: '19000' },
    ])
    expect(
      (await models.list(statement, { dealerId: 'D1', from: '2026-03-01', to: '2026-03-02' })).map(
        ({ kind, balance }) => [kind, balance],
      ),
    ).toEqual([
      ['opening', '19000'],
      ['closing', '19000'],
    ])
  })

  test('every list shows a dealer nothing of the other', async () => {
    for (const query of [invoices, payments, creditNotes, allocations, ageing, balances, creditOrders])
      expect(
        (await models.list(query, { dealerId: 'D1' })).filter(({ dealerId }) => dealerId !== 'D1'),
        `${query.name} of a dealer`,
      ).toEqual([])
    for (const query of [exposure, limits])
      expect(
        (await models.list(query, { dealerId: 'D1' })).filter(({ party }) => party !== 'D1'),
        `${query.name} of a dealer`,
      ).toEqual([])
  })
})
