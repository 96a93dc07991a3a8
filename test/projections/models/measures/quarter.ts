import { createHash } from 'node:crypto'
import type { RecordedEvent } from '../../../../src/ledger/envelope.ts'
import { historyId, type HistoryEvent, recordHistory } from '../../../support/readModels.ts'

/**
 * One quarter of a small channel, with every figure chosen so that it can be worked out on paper: two dealers that trade,
 * one that leaves and one that comes. Everything is recorded six hours after it happened.
 */
export async function recordQuarter(): Promise<readonly RecordedEvent[]> {
  const log = await recordHistory(quarter)
  return log.map((event) => ({
    ...event,
    recordedAt: new Date(Date.parse(event.occurredAt.slice(0, 24)) + 6 * 3_600_000).toISOString(),
  }))
}

/** `2026-01-05T08:30` or a date, in UTC */
const at = (text: string): string => `${text.length === 10 ? `${text}T08:00` : text}:00.000Z[UTC]`
const midnight = (day: string): string => at(`${day}T00:00`)
const hash = (text: string): string => createHash('sha256').update(text).digest('hex')

const history: HistoryEvent[] = []
function add(stream: string, type: string, when: string, data: object): string {
  history.push({ stream, type, at: at(when), data })
  return historyId(history.length)
}
const company = { companyId: 'acme' }
const breaches: never[] = []
const eur = { currency: 'EUR' }
const of = (dealerId: string): object => ({ ...company, dealerId, ...eur })

// dealers, products, prices
const dealer = (dealerId: string, day: string): void =>
  void add(`dealer-${dealerId}`, 'DealerRegistered', day, {
    dealerId,
    ...company,
    legalName: { en: dealerId },
    kind: 'shop',
    country: 'DE',
    region: 'DE/Bayern',
    zone: 'UTC',
    currencies: ['EUR'],
    tierLevel: 1,
    effectiveAt: midnight(day),
    breaches,
  })
for (const id of ['D1', 'D2', 'D3']) dealer(id, '2025-01-10')
for (const [territoryId, dealerId] of [
  ['T1', 'D1'],
  ['T2', 'D2'],
] as const) {
  const effectiveAt = midnight('2025-06-01')
  add(`territory-${territoryId}`, 'TerritoryDefined', '2025-06-01', {
    ...company,
    territoryId,
    name: { en: territoryId },
    regions: ['DE/Bayern'],
    exclusive: dealerId === 'D1',
    version: 1,
    effectiveAt,
  })
  if (dealerId === 'D1')
    add(`territory-${territoryId}`, 'TerritoryGranted', '2025-06-01', { territoryId, dealerId, effectiveAt, breaches })
  add(`dealer-${dealerId}`, 'TerritoryAssigned', '2025-06-01', {
    dealerId,
    territoryId,
    territoryVersion: 1,
    effectiveAt,
    breaches,
  })
}
dealer('D4', '2026-02-01')
add('dealer-D4', 'DealerSuspended', '2026-02-15', {
  dealerId: 'D4',
  reason: 'check',
  effectiveAt: midnight('2026-02-15'),
  breaches,
})
add('dealer-D3', 'DealerExited', '2026-03-15', {
  dealerId: 'D3',
  reason: 'closed',
  settlementPlan: 'none',
  stockBuyBack: false,
  effectiveAt: midnight('2026-03-15'),
})
add('dealer-D1', 'TierAssigned', '2026-01-15', {
  dealerId: 'D1',
  tier: 'gold',
  reason: 'volume',
  causes: [],
  effectiveAt: midnight('2026-01-15'),
  breaches,
})
const product = (sku: string, day: string, category: string, launchedOn?: string): void =>
  void add(`product-${sku}`, 'ProductPublished', day, {
    sku,
    ...company,
    name: { en: sku },
    category,
    unit: 'EA',
    attributes: {},
    pictures: [],
    lotTracked: false,
    ...(launchedOn !== undefined && { launchedOn }),
    effectiveAt: midnight(day),
  })
product('P1', '2025-02-01', 'bikes', '2026-01-10')
product('P2', '2025-02-01', 'parts', '2025-10-01')
product('P3', '2026-02-01', 'parts')
add('product-P3', 'ProductWithdrawn', '2026-03-01', {
  sku: 'P3',
  reason: 'recall',
  effectiveAt: midnight('2026-03-01'),
})
const price = (sku: string, day: string, newPrice: string, more: object): void =>
  void add(`price-base/${sku}`, 'PriceChanged', day, {
    ...company,
    listId: 'base',
    sku,
    unit: 'EA',
    ...eur,
    newPrice,
    breaks: [],
    effectiveAt: midnight(day),
    reason: 'yearly',
    retroactive: false,
    overridden: false,
    ...more,
    breaches,
  })
price('P3', '2026-01-02', '5', {})
price('P1', '2026-02-01', '90', { oldPrice: '100' })
price('P2', '2026-02-01', '12', { oldPrice: '10', retroactive: true, overridden: true })
add('price-base/P2', 'PriceEnded', '2026-03-20', {
  ...company,
  listId: 'base',
  sku: 'P2',
  unit: 'EA',
  ...eur,
  reason: 'old',
  effectiveAt: midnight('2026-03-20'),
})
for (const promotionId of ['M1', 'M2'])
  add('promotions-acme', 'PromotionScheduled', '2026-02-01', {
    ...company,
    promotionId,
    name: { en: promotionId },
    discount: '0.1',
    startsAt: midnight('2026-02-05'),
    endsAt: midnight('2026-02-10'),
    scope: {},
    stackingClass: 'best',
    priority: 1,
  })
add('promotions-acme', 'PromotionCancelled', '2026-02-03', {
  ...company,
  promotionId: 'M2',
  reason: 'mistake',
  effectiveAt: midnight('2026-02-03'),
})

// orders
const shipFrom = { party: 'acme', location: 'main' }
const line = (lineNo: number, sku: string, quantity: string, unitPrice: string, lineValue: string): object => ({
  lineNo,
  sku,
  unit: 'EA',
  quantity,
  unitPrice,
  lineValue,
})
const goods = (lineNo: number, sku: string, quantity: string, value: string, more: object = {}): object => ({
  lineNo,
  sku,
  unit: 'EA',
  quantity,
  value,
  ...more,
})
const priced = (unitPrice: string, promotions: readonly object[], codes: readonly string[]): object => ({
  price: {
    strategy: 'priority',
    region: 'DE/Bayern',
    listId: 'base',
    listLevel: 'base',
    priceEventId: historyId(1),
    listPrice: '100',
    promotions,
    discount: '0.1',
    unitPrice,
    rounding: { step: 'unit-price', mode: 'half-up', scale: 2, remainder: '0' },
    breaches: codes.map((code) => ({ code, details: {} })),
    rejected: [],
  },
})
function place(
  orderId: string,
  dealerId: string,
  when: string,
  via: string,
  lines: readonly object[],
  more = {},
): void {
  add(`order-${orderId}`, 'OrderPlaced', when, {
    orderId,
    ...of(dealerId),
    shipFrom,
    affectsStock: true,
    backorderPolicy: 'backorder',
    placedVia: via,
    lines,
    breaches,
    ...more,
  })
}
const order = (orderId: string, type: string, when: string, data: object): void =>
  void add(`order-${orderId}`, type, when, { orderId, ...data })
const confirm = (orderId: string, when: string, ...lines: readonly (readonly [number, string, string])[]): void =>
  order(orderId, 'OrderConfirmed', when, {
    confirmationId: `c-${orderId}`,
    lines: lines.map(([lineNo, confirmed, backordered]) => ({ lineNo, confirmed, backordered })),
  })
const ship = (orderId: string, dealerId: string, shipmentId: string, when: string, lines: readonly object[]): void =>
  order(orderId, 'ShipmentDispatched', when, {
    shipmentId,
    ...of(dealerId),
    shipFrom,
    affectsStock: true,
    lines,
    breaches,
  })
const deliver = (orderId: string, dealerId: string, shipmentId: string, when: string, lines: readonly object[]): void =>
  order(orderId, 'ShipmentDelivered', when, {
    shipmentId,
    deliveryId: `d-${shipmentId}`,
    ...of(dealerId),
    lines,
    breaches,
  })
const cancel = (
  orderId: string,
  when: string,
  lineNo: number,
  quantity: string,
  value: string,
  confirmed: string,
): void =>
  order(orderId, 'OrderLinesCancelled', when, {
    cancellationId: `x-${orderId}`,
    lines: [{ lineNo, quantity, fromBackordered: '0', fromConfirmed: confirmed, deallocated: '0', value }],
    reason: 'changed',
  })

// the quarter before: 50 of P2 for 500
place('OQ', 'D1', '2025-11-01', 'staff', [line(1, 'P2', '50', '10', '500')])
confirm('OQ', '2025-11-01', [1, '50', '0'])
ship('OQ', 'D1', 'SQ', '2025-11-01', [goods(1, 'P2', '50', '500')])
deliver('OQ', 'D1', 'SQ', '2025-11-02', [goods(1, 'P2', '50', '500')])

add('order-O5', 'OrderDrafted', '2026-01-05', {
  orderId: 'O5',
  ...of('D1'),
  shipFrom,
  affectsStock: true,
  backorderPolicy: 'backorder',
  lines: [{ lineNo: 1, sku: 'P1', unit: 'EA', quantity: '1' }],
})
place(
  'O1',
  'D1',
  '2026-01-05',
  'portal',
  [
    {
      ...line(1, 'P1', '10', '90', '900'),
      ...priced('90', [{ promotionId: 'M0', discount: '0.1' }], []),
    },
    line(2, 'P2', '20', '10', '200'),
  ],
  { requestedDeliveryOn: '2026-01-12' },
)
confirm('O1', '2026-01-05T12:00', [1, '10', '0'], [2, '15', '5'])
order('O1', 'BackorderFilled', '2026-01-06', { fillId: 'f-O1', lines: [{ lineNo: 2, quantity: '3' }] })
ship('O1', 'D1', 'S1', '2026-01-07', [
  goods(1, 'P1', '10', '900', { freight: '10' }),
  goods(2, 'P2', '18', '180', { freight: '2' }),
])
deliver('O1', 'D1', 'S1', '2026-01-08', [goods(1, 'P1', '10', '900'), goods(2, 'P2', '18', '180')])
ship('O1', 'D1', 'S2', '2026-01-09', [goods(2, 'P2', '2', '20')])
deliver('O1', 'D1', 'S2', '2026-01-10', [goods(2, 'P2', '2', '20')])
order('O1', 'ReturnAuthorised', '2026-02-01', {
  returnId: 'R1',
  lines: [{ lineNo: 2, quantity: '2' }],
  reason: 'damaged',
})
order('O1', 'GoodsReturned', '2026-02-03', {
  returnId: 'R1',
  ...of('D1'),
  to: shipFrom,
  affectsStock: true,
  lines: [goods(2, 'P2', '1', '10', { condition: 'restock' }), goods(2, 'P2', '1', '10', { condition: 'scrap' })],
  reason: 'damaged',
  breaches,
})
place(
  'O2',
  'D2',
  '2026-02-10',
  'api',
  [{ ...line(1, 'P1', '5', '80', '400'), ...priced('80', [], ['pricing.below_floor']) }],
  { requestedDeliveryOn: '2026-02-15' },
)
order('O2', 'OrderHeld', '2026-02-10T08:30', { kind: 'credit', reason: 'limit' })
order('O2', 'OrderHoldReleased', '2026-02-10T09:30', { kind: 'credit', reason: 'override' })
confirm('O2', '2026-02-10T10:00', [1, '5', '0'])
ship('O2', 'D2', 'S3', '2026-02-11', [goods(1, 'P1', '5', '400')])
deliver('O2', 'D2', 'S3', '2026-02-17', [goods(1, 'P1', '5', '400')])
place('O3', 'D1', '2026-03-01', 'staff', [line(1, 'P2', '10', '12', '120'), line(2, 'P1', '2', '90', '180')], {
  breaches: [{ code: 'pricing.above_ceiling', lineNo: 1, details: {} }],
})
order('O3', 'OrderAmended', '2026-03-01T10:00', {
  amendment: 1,
  changes: [
    {
      lineNo: 2,
      before: { quantity: '2', unitPrice: '90', lineValue: '180' },
      after: line(2, 'P1', '4', '90', '360'),
      fromBackordered: '0',
      fromConfirmed: '0',
      deallocated: '0',
    },
  ],
  reason: 'more',
})
order('O3', 'PriceOverrideApproved', '2026-03-01T11:00', {
  lineNo: 1,
  before: { quantity: '10', unitPrice: '12', lineValue: '120' },
  after: line(1, 'P2', '10', '10', '100'),
  reason: 'loyal',
})
confirm('O3', '2026-03-02', [1, '10', '0'], [2, '4', '0'])
cancel('O3', '2026-03-02T12:00', 2, '1', '90', '1')
ship('O3', 'D1', 'S4', '2026-03-03', [goods(1, 'P2', '10', '100'), goods(2, 'P1', '3', '270')])
order('O3', 'ShipmentLost', '2026-03-03T20:00', {
  shipmentId: 'S4',
  lossId: 'l-S4',
  ...of('D1'),
  lines: [goods(2, 'P1', '1', '90')],
  remedy: 'cancel',
  reason: 'theft',
})
deliver('O3', 'D1', 'S4', '2026-03-04', [goods(1, 'P2', '10', '100'), goods(2, 'P1', '2', '180')])
place('O6', 'D2', '2026-03-10', 'portal', [line(1, 'P2', '10', '10', '100')])
cancel('O6', '2026-03-11', 1, '10', '100', '0')
order('O6', 'OrderCancelled', '2026-03-11', { reason: 'changed' })
place('O4', 'D2', '2026-03-20', 'edi', [line(1, 'P2', '30', '10', '300')], { requestedDeliveryOn: '2026-03-25' })
order('O4', 'OrderHeld', '2026-03-20T09:00', { kind: 'manual', reason: 'call' })
order('O4', 'OrderHoldReleased', '2026-03-20T12:00', { kind: 'manual', reason: 'called' })
order('O4', 'RepriceApplied', '2026-03-21', {
  changes: [
    {
      lineNo: 1,
      before: { quantity: '30', unitPrice: '10', lineValue: '300' },
      after: line(1, 'P2', '30', '11', '330'),
    },
  ],
  reason: 'list',
})
ship('O4', 'D2', 'S5', '2026-03-30', [goods(1, 'P2', '10', '110')])

// fulfilment
const attempt = (orderId: string, dealerId: string): object => ({
  dealerId,
  creditAccount: dealerId,
  ...eur,
  amount: '100',
  policy: 'backorder',
  affectsStock: true,
  shipFrom,
  lines: [],
  cause: 'placed',
  deadline: at('2026-12-01'),
  reservedUntil: at('2026-12-01'),
  orderId,
  attempt: 1,
})
const fulfil = (orderId: string, type: string, when: string, data: object): void =>
  void add(`fulfilment-${orderId}`, type, when, { orderId, attempt: 1, ...data })
fulfil('O1', 'FulfilmentStarted', '2026-01-05', attempt('O1', 'D1'))
fulfil('O1', 'FulfilmentCompleted', '2026-01-05T12:00', { outcome: 'confirmed' })
fulfil('O2', 'FulfilmentStarted', '2026-02-10', attempt('O2', 'D2'))
fulfil('O2', 'FulfilmentCompleted', '2026-02-10T10:00', { outcome: 'confirmed' })
fulfil('O3', 'FulfilmentStarted', '2026-03-01', attempt('O3', 'D1'))
fulfil('O3', 'FulfilmentRetried', '2026-03-01T10:00', attempt('O3', 'D1'))
fulfil('O3', 'FulfilmentCompleted', '2026-03-02', { outcome: 'backordered' })
fulfil('O4', 'FulfilmentStarted', '2026-03-20', attempt('O4', 'D2'))
fulfil('O4', 'CreditReservationRefused', '2026-03-20T09:00', {
  creditAccount: 'D2',
  amount: '33000',
  ...eur,
  step: 'credit',
  code: 'credit.over_limit',
})
fulfil('O4', 'CompensationStarted', '2026-03-20T10:00', { reason: 'credit', outcome: 'held' })
fulfil('O4', 'FulfilmentDeadlinePassed', '2026-03-20T11:00', { deadline: at('2026-03-20T11:00'), phase: 'credit' })
fulfil('O4', 'FulfilmentCompleted', '2026-03-20T14:00', { outcome: 'held' })

// invoices, payments, credit notes
const account = (dealerId: string, type: string, when: string, data: object): void =>
  void add(`account-${dealerId}`, type, when, { accountId: dealerId, ...data })
const takesOver = { open: '0', delivered: '0', stage: 'placed' }
interface Bill {
  readonly lines?: readonly (readonly [sku: string, quantity: string, value: string])[]
  readonly net?: string
  readonly tax?: string
  readonly freight?: string
  readonly gross: string
  readonly dueOn: string
  readonly from?: readonly [orderId: string, shipmentId: string]
}
function bill(dealerId: string, invoiceId: string, when: string, { lines = [], from, dueOn, ...sums }: Bill): void {
  const { net = '0', tax = '0', freight = '0', gross } = sums
  account(dealerId, 'InvoiceIssued', when, {
    ...of(dealerId),
    invoiceId,
    kind: lines.length > 0 ? 'invoice' : 'debit_note',
    ...(from && { orderId: from[0], shipmentId: from[1] }),
    lines: lines.map(([sku, quantity, lineValue], n) => ({
      lineNo: n + 1,
      sku,
      quantity,
      unit: 'EA',
      unitPrice: '1',
      lineValue,
    })),
    net,
    freight,
    taxes: tax === '0' ? [] : [{ code: 'vat', base: net, amount: tax }],
    gross,
    roundings: [],
    dueOn,
    dueAt: midnight(next(dueOn)),
    takesOver,
    breaches,
  })
}
function next(day: string): string {
  return new Date(Date.parse(`${day}T00:00:00.000Z`) + 86_400_000).toISOString().slice(0, 10)
}
const receive = (dealerId: string, paymentId: string, when: string, amount: string): void =>
  account(dealerId, 'PaymentReceived', when, { ...of(dealerId), paymentId, amount, method: 'bank_transfer', breaches })
const allocate = (
  dealerId: string,
  [paymentId, invoiceId]: readonly [string, string],
  when: string,
  amount: string,
  [issued, due]: readonly [string, string],
): void =>
  account(dealerId, 'PaymentAllocated', when, {
    ...of(dealerId),
    paymentId,
    invoiceId,
    amount,
    invoiceOpen: '0',
    unapplied: '0',
    receivedAt: at(when),
    issuedAt: at(issued),
    dueAt: midnight(next(due)),
    lines: [],
    breaches,
  })
const note = (dealerId: string, creditNoteId: string, when: string, reason: string, more: object): void =>
  account(dealerId, 'CreditNoteIssued', when, {
    ...of(dealerId),
    creditNoteId,
    reason,
    taxes: [],
    roundings: [],
    lines: [],
    breaches,
    ...more,
  })
const part = (lineNo: number, sku: string, quantity: string, net: string, gross: string): object => ({
  lineNo,
  sku,
  unit: 'EA',
  quantity,
  net,
  gross,
})
bill('D1', 'IY', '2025-02-15', {
  lines: [['P2', '40', '400']],
  net: '40000',
  tax: '4000',
  gross: '44000',
  dueOn: '2025-03-15',
})
receive('D1', 'PYY', '2025-03-01', '44000')
allocate('D1', ['PYY', 'IY'], '2025-03-01', '44000', ['2025-02-15', '2025-03-15'])
bill('D1', 'I0', '2025-11-01', {
  lines: [['P2', '50', '500']],
  net: '50000',
  tax: '5000',
  gross: '55000',
  dueOn: '2025-12-01',
  from: ['OQ', 'SQ'],
})
bill('D2', 'DN3', '2026-01-02', { gross: '1000', dueOn: '2026-01-20' })
bill('D1', 'I1', '2026-01-08', {
  lines: [
    ['P1', '10', '900'],
    ['P2', '18', '180'],
  ],
  net: '108000',
  tax: '10800',
  freight: '1200',
  gross: '120000',
  dueOn: '2026-02-07',
  from: ['O1', 'S1'],
})
receive('D1', 'PY0', '2026-01-10', '30000')
allocate('D1', ['PY0', 'I0'], '2026-01-10', '30000', ['2025-11-01', '2025-12-01'])
bill('D2', 'DN2', '2026-01-15', { gross: '2000', dueOn: '2026-02-15' })
receive('D1', 'PY1', '2026-01-20', '100000')
allocate('D1', ['PY1', 'I1'], '2026-01-20', '100000', ['2026-01-08', '2026-02-07'])
note('D1', 'CN1', '2026-02-05', 'return', {
  amount: '2200',
  net: '2000',
  lines: [part(2, 'P2', '2', '20', '22')],
  invoiceId: 'I1',
})
bill('D2', 'I2', '2026-02-13', {
  lines: [['P1', '5', '400']],
  net: '40000',
  tax: '4000',
  gross: '44000',
  dueOn: '2026-02-28',
  from: ['O2', 'S3'],
})
receive('D1', 'PY2', '2026-02-20', '20000')
allocate('D1', ['PY2', 'I1'], '2026-02-20', '20000', ['2026-01-08', '2026-02-07'])
receive('D2', 'PY3', '2026-02-20', '42900')
allocate('D2', ['PY3', 'I2'], '2026-02-20', '42900', ['2026-02-13', '2026-02-28'])
note('D2', 'CN2', '2026-02-25', 'correction', {
  amount: '1100',
  net: '1000',
  lines: [part(1, 'P1', '0', '10', '11')],
  invoiceId: 'I2',
})
account('D2', 'CreditNoteApplied', '2026-02-25', {
  ...of('D2'),
  creditNoteId: 'CN2',
  invoiceId: 'I2',
  amount: '1100',
  invoiceOpen: '0',
  unapplied: '0',
})
bill('D1', 'I3', '2026-03-06', {
  lines: [
    ['P2', '10', '100'],
    ['P1', '2', '180'],
  ],
  net: '28000',
  tax: '2800',
  gross: '30800',
  dueOn: '2026-03-20',
  from: ['O3', 'S4'],
})
bill('D2', 'I4', '2026-03-10', {
  lines: [['P2', '1', '10']],
  net: '1000',
  tax: '100',
  gross: '1100',
  dueOn: '2026-04-10',
})
account('D2', 'InvoiceCancelled', '2026-03-11', {
  ...of('D2'),
  invoiceId: 'I4',
  gross: '1100',
  givesBack: takesOver,
  issuedAt: at('2026-03-10'),
  lines: [part(1, 'P2', '1', '10', '11')],
  reason: 'mistake',
})
bill('D1', 'DN1', '2026-03-15', { gross: '5000', dueOn: '2026-04-15' })
receive('D1', 'PY4', '2026-03-25', '5000')
receive('D2', 'PY5', '2026-03-26', '7000')
account('D1', 'PaymentReversed', '2026-03-28', {
  ...of('D1'),
  paymentId: 'PY4',
  amount: '5000',
  reason: 'bounced',
  breaches,
})
note('D2', 'CN5', '2026-03-28', 'price_protection', { amount: '4000', net: '4000' })
note('D1', 'CN4', '2026-03-30', 'fund', { amount: '3000', net: '3000' })
note('D1', 'CN3', '2026-03-31', 'rebate', { amount: '5000', net: '5000', offset: { share: '0.5' } })
account('D1', 'CreditNoteExpired', '2026-03-31T12:00', { ...of('D1'), creditNoteId: 'CN3', amount: '1000' })

// credit
const limit = (party: string, when: string, amount: string, version: number): void =>
  account(party, 'CreditLimitSet', when, {
    party,
    amount,
    ...eur,
    checkPoints: [],
    countFrom: 'placed',
    rateKind: 'mid',
    version,
  })
limit('D1', '2025-01-20', '500000', 1)
limit('D2', '2025-01-20', '100000', 1)
limit('D1', '2026-02-01', '600000', 2)
account('D1', 'CreditCleared', '2026-01-05', {
  orderId: 'O1',
  dealerId: 'D1',
  ...eur,
  checkPoint: 'confirm',
  exposures: [],
  breaches,
})
account('D2', 'CreditCleared', '2026-02-10', {
  orderId: 'O2',
  dealerId: 'D2',
  ...eur,
  checkPoint: 'confirm',
  exposures: [],
  breaches,
})
account('D1', 'OrderValueDelivered', '2026-01-10', {
  orderId: 'O1',
  dealerId: 'D1',
  ...eur,
  shipmentId: 'S2',
  stage: 'placed',
  amount: '2000',
  fromOpen: '0',
  fromInvoiced: '0',
  breaches,
})
account('D2', 'CreditReserved', '2026-03-20', {
  orderId: 'O4',
  dealerId: 'D2',
  ...eur,
  amount: '33000',
  stage: 'placed',
})
const hold = (dealerId: string, kind: string, when: string, until: string, cause: string): void => {
  const held = { holdId: `${kind}/${dealerId}`, kind, party: dealerId, dealerId }
  account(dealerId, 'CreditHoldPlaced', when, { ...held, exposures: [] })
  account(dealerId, 'CreditHoldReleased', until, { ...held, cause })
}
hold('D2', 'over_limit', '2026-02-10T08:30', '2026-02-11T08:30', 'override')
hold('D1', 'overdue', '2026-03-10', '2026-03-13', 'cleared')
account('D2', 'CreditOverrideApproved', '2026-02-10', {
  orderId: 'O2',
  dealerId: 'D2',
  ...eur,
  overrideId: 'V1',
  upTo: '50000',
  reason: 'known',
})

// rebates
const settlement = (programmeId: string, dealerId: string) => {
  const periodId = '2026-Q1'
  const key = { programmeId, ...of(dealerId), periodId }
  return (type: string, when: string, data: object): void =>
    void add(`settlement-${programmeId}/${dealerId}/EUR/${periodId}`, type, when, { ...key, ...data })
}
const upTo = { cutOff: midnight('2026-03-30'), watermark: '1' }
const calculated = (measure: string, figures: object): object => ({
  ...upTo,
  settlementNo: 1,
  kind: 'interim',
  postedIn: '2026-Q1',
  programmeVersion: 1,
  basis: 'invoiced',
  measure,
  calculation: { tierReached: 0, parts: [], capped: '0', rounding: '0', facts: 0, otherUnits: 0, ...figures },
  settled: '0',
  clawedBack: '0',
  due: '0',
  explanationHash: hash('tree'),
  breaches,
})
const [s1, s2, s3] = [settlement('PR', 'D1'), settlement('PR', 'D2'), settlement('PR2', 'D1')]
const approved = { settlementNo: 1, kind: 'interim', postedIn: '2026-Q1' }
s1('TargetSet', '2026-01-02', { amount: '2000' })
s2('TargetSet', '2026-01-02', { amount: '500' })
s2('TargetRevised', '2026-01-20', { amount: '400', before: '500' })
const accrual = (amount: string, estimate: string): object => ({
  ...upTo,
  programmeVersion: 1,
  method: 'expected-value',
  volume: '1',
  estimate,
  amount,
  balance: estimate,
})
s1('AccrualPosted', '2026-01-31', accrual('4000', '4000'))
s1('AccrualPosted', '2026-02-28', accrual('3000', '7000'))
s1(
  'SettlementCalculated',
  '2026-03-30',
  calculated('net', { volume: '1700', target: '2000', baseline: '1000', earned: '8500' }),
)
s2(
  'SettlementCalculated',
  '2026-03-30',
  calculated('net', { volume: '500', target: '400', baseline: '400', earned: '1000' }),
)
s3('SettlementCalculated', '2026-03-30', calculated('units', { volume: '30', target: '25', earned: '200' }))
const dispute = (disputeId: string, difference: string, until: string, type: string, data: object): void => {
  s1('DisputeOpened', '2026-03-30', {
    settlementNo: 1,
    disputeId,
    side: 'dealer',
    node: 'due',
    difference,
    reason: 'more',
    evidence: [],
  })
  s1(type, until, { settlementNo: 1, disputeId, ...data })
}
dispute('DS1', '3000', '2026-03-31', 'DisputeUpheld', { awarded: '2000' })
dispute('DS2', '1000', '2026-03-31T20:00', 'DisputeRejected', {})
dispute('DS3', '500', '2026-03-31', 'DisputeWithdrawn', {})
s1('SettlementApproved', '2026-03-31', { ...approved, amount: '8500', held: '500', outlet: 'credit_note' })
s2('SettlementApproved', '2026-03-31', { ...approved, amount: '1000', outlet: 'payment' })
s3('SettlementApproved', '2026-03-31', { ...approved, amount: '200', outlet: 'payment' })
s1('AccrualReversed', '2026-03-31', { amount: '5000', balance: '2000', settlementNo: 1 })
s1('SettlementCredited', '2026-03-31T20:00', { settlementNo: 1, amount: '5000', creditNoteId: 'CN3' })
s2('SettlementPaid', '2026-03-31T20:00', { settlementNo: 1, amount: '1000', reference: 'W1' })
s1('ClawbackPosted', '2026-03-31T21:00', { settlementNo: 1, amount: '1000', postedIn: '2026-Q1' })
for (const [programmeId, dealerId] of [
  ['PR', 'D1'],
  ['PR', 'D2'],
  ['PR2', 'D1'],
  ['PR2', 'D2'],
  ['PR', 'D3'],
] as const)
  add(`programme-${programmeId}`, 'MemberEnrolled', '2025-02-01', {
    programmeId,
    dealerId,
    from: midnight('2025-02-01'),
  })
add('programme-PR', 'MemberWithdrawn', '2026-03-15', {
  programmeId: 'PR',
  dealerId: 'D3',
  until: midnight('2026-03-15'),
})

// claims
type ClaimOf = readonly [dealerId: string, sku: string, claimId: string]
const differences = ([dealerId, sku, claimId]: ClaimOf, type: string, when: string, data: object): void =>
  void add(`differences-${dealerId}/${sku}`, type, when, {
    ...company,
    dealerId,
    sku,
    ...(claimId && { claimId }),
    ...data,
  })
const priceBasis = {
  kind: 'price-protection',
  listId: 'base',
  changeId: historyId(1),
  effectiveAt: midnight('2026-02-01'),
  method: 'layers',
  oldPrice: '100',
  newPrice: '90',
}
const agreed = (kind: string): object => ({ kind, agreementId: 'A1', contractPrice: '80', compared: 'layers' })
const claim = (of3: ClaimOf, when: string, amount: string, quantity: string, basis: object): void =>
  differences(of3, 'ClaimSubmitted', when, {
    ...eur,
    unit: 'EA',
    policyVersion: 1,
    rounding: 'half-up',
    basis,
    sales: [],
    quantity,
    proofs: [],
    takes: [{ lineNo: 1, layer: 'L1', eventId: historyId(1), from: '0', to: quantity, low: '90', high: '100' }],
    passedOver: [],
    watermark: '1',
    amount,
    outlet: 'credit-note',
    submittedBy: 'clerk-1',
    breaches,
  })
const [c1, c2, c3, c4, c5]: ClaimOf[] = [
  ['D1', 'P1', 'C1'],
  ['D2', 'P1', 'C2'],
  ['D2', 'P2', 'C3'],
  ['D1', 'P2', 'C4'],
  ['D1', 'P2', 'C5'],
]
const decided = { ...eur, outlet: 'credit-note' }
claim(c1!, '2026-03-01', '4000', '10', priceBasis)
differences(c1!, 'ClaimApproved', '2026-03-03', { ...decided, amount: '4000' })
differences(c1!, 'ClaimPaid', '2026-03-04', { ...decided, amount: '4000', documents: ['CN9'] })
claim(c2!, '2026-03-05', '10000', '5', agreed('ship-and-debit'))
differences(c2!, 'ClaimPartlyApproved', '2026-03-09', { ...decided, claimed: '10000', amount: '6000', reason: 'proof' })
claim(c3!, '2026-03-10', '2000', '4', agreed('special-price'))
differences(c3!, 'ClaimRejected', '2026-03-13', { reason: 'late' })
claim(c4!, '2026-03-20', '3000', '6', {
  kind: 'stock-rotation',
  periodId: '2026-Q1',
  share: '0.1',
  bought: '60',
  rotated: '0',
})
claim(c5!, '2026-03-22', '1000', '1', agreed('special-price'))
differences(c5!, 'ClaimWithdrawn', '2026-03-23', {})
for (const agreementId of ['A1', 'A2'])
  differences(['D2', 'P1', ''], 'AgreementMade', '2026-01-15', {
    agreementId,
    kind: 'ship-and-debit',
    endCustomer: 'E1',
    contractPrice: '80',
    ...eur,
    unit: 'EA',
    quantity: '10',
    from: midnight('2026-01-15'),
    until: midnight('2026-06-01'),
    compared: 'layers',
    breaches,
  })
differences(['D2', 'P1', ''], 'AgreementEnded', '2026-02-15', {
  agreementId: 'A2',
  endsAt: midnight('2026-02-15'),
  reason: 'over',
})

// funds
const fund = (type: string, when: string, data: object): void =>
  void add('fund-F1', type, when, { fundId: 'F1', ...of('D1'), ...data })
fund('FundBudgeted', '2026-01-05', {
  name: { en: 'spring' },
  from: midnight('2026-01-01'),
  until: midnight('2026-12-31'),
  claimWithinDays: 30,
  budget: '100000',
  breaches,
})
fund('FundBudgetRevised', '2026-01-20', { budget: '120000', before: '100000', reason: 'more' })
fund('FundAccrued', '2026-02-28', {
  ...upTo,
  periodId: '2026-02',
  base: '1000',
  rate: '0.05',
  exact: '50',
  rounding: 'half-up',
  amount: '5000',
  budget: '125000',
})
const request = (activityId: string, when: string, amount: string): void =>
  fund('FundActivityRequested', when, {
    activityId,
    name: activityId,
    kind: 'display',
    from: midnight('2026-02-10'),
    until: midnight('2026-02-20'),
    amount,
    requestedBy: 'clerk-1',
    breaches,
  })
request('A1', '2026-02-01', '50000')
fund('FundCommitted', '2026-02-03', { activityId: 'A1', amount: '40000', requested: '50000' })
request('A2', '2026-02-05', '10000')
fund('FundActivityDeclined', '2026-02-09', { activityId: 'A2', reason: 'twice' })
const expense = (amount: string): object => ({
  expenses: [{ lineNo: 1, what: 'flyers', spentAt: at('2026-02-15'), amount, proofs: [hash('paper')] }],
  amount,
  submittedBy: 'clerk-1',
  breaches,
})
fund('FundClaimSubmitted', '2026-03-01', { activityId: 'A1', claimId: 'FC1', ...expense('30000') })
fund('FundClaimApproved', '2026-03-02', { activityId: 'A1', claimId: 'FC1', claimed: '30000', amount: '25000' })
fund('FundClaimSubmitted', '2026-03-05', { activityId: 'A1', claimId: 'FC2', ...expense('5000') })
fund('FundClaimRejected', '2026-03-08', { activityId: 'A1', claimId: 'FC2', reason: 'proof' })
fund('FundReleased', '2026-03-20', { activityId: 'A1', amount: '10000', reason: 'not-needed' })
fund('FundClaimPaid', '2026-03-30', {
  activityId: 'A1',
  claimId: 'FC1',
  paymentNo: 1,
  amount: '3000',
  creditNoteId: 'CN4',
})
fund('FundExpired', '2026-03-31', { amount: '2500' })

// stock
const stock = (party: string, sku: string, type: string, when: string, data: object): string =>
  add(`stock-${party}/main/${sku}`, type, when, { party, location: 'main', sku, ...data })
const lots = (quantity: string): object => ({ lines: [{ lot: '-', quantity }] })
const open = (party: string, sku: string, quantity: string): void =>
  void stock(party, sku, 'StockOpened', '2025-12-01', { lot: '-', quantity, breaches })
const arrive = (party: string, sku: string, when: string, quantity: string): void =>
  void stock(party, sku, 'StockReceived', when, {
    receiptId: `r-${when}`,
    ...lots(quantity),
    fromOnOrder: '0',
    fromInTransit: '0',
    breaches,
  })
const resale = (party: string, sku: string, when: string, quantity: string): string =>
  stock(party, sku, 'ResaleReported', when, { reportId: `s-${when}`, source: 'pos', ...lots(quantity), breaches })
const report = (party: string, sku: string, when: string, onHand: string, asOf: string): void =>
  void stock(party, sku, 'StockReported', when, {
    reportId: `t-${when}`,
    source: 'erp',
    asOf: at(asOf),
    cutOff: at(when),
    basis: 'on-hand',
    lines: [{ lot: '-', reported: onHand, onHand }],
    breaches,
  })
const policy = (
  party: string,
  sku: string,
  when: string,
  policyVersion: number,
  levels: readonly [string, string],
): void =>
  void stock(party, sku, 'ReplenishmentPolicySet', when, {
    policyVersion,
    safetyStock: levels[0],
    reorderPoint: levels[1],
  })
open('D1', 'P1', '100')
open('D1', 'P2', '40')
open('D2', 'P1', '20')
policy('D1', 'P1', '2026-01-02', 1, ['20', '30'])
policy('D2', 'P1', '2026-01-02', 1, ['10', '15'])
policy('D1', 'P1', '2026-02-02', 2, ['25', '35'])
arrive('D1', 'P1', '2026-01-08', '10')
arrive('D1', 'P2', '2026-01-08', '18')
resale('D1', 'P1', '2026-02-01', '30')
resale('D1', 'P2', '2026-02-15', '8')
arrive('D2', 'P1', '2026-02-17', '5')
report('D2', 'P1', '2026-02-28', '25', '2026-02-28')
stock('D1', 'P1', 'StockCounted', '2026-03-01', { countId: 'n1', lines: [{ lot: '-', counted: '78' }], breaches })
const reserved = (
  party: string,
  sku: string,
  reservationId: string,
  quantity: string,
  short: readonly object[],
): void =>
  void stock(party, sku, 'StockReserved', '2026-03-02', {
    reservationId,
    orderId: 'OX',
    lines: [{ lineNo: 1, quantity }],
    short,
    expiresAt: at('2026-03-09'),
  })
reserved('D1', 'P1', 'RS1', '5', [{ lineNo: 2, quantity: '1' }])
reserved('D1', 'P1', 'RS2', '4', [])
stock('D1', 'P1', 'ReservationExpired', '2026-03-09', {
  reservationId: 'RS2',
  orderId: 'OX',
  lines: [{ lineNo: 1, quantity: '4' }],
})
const wrong = resale('D1', 'P1', '2026-03-02T09:00', '99')
add('stock-D1/main/P1', 'ErrorDeclared', '2026-03-03', { eventId: wrong, reason: 'did_not_occur' })
const scrap = (party: string, sku: string, when: string, quantity: string): void =>
  void stock(party, sku, 'StockScrapped', when, {
    scrapId: `u-${when}`,
    reason: 'broken',
    lines: [{ lot: '-', quantity, blocked: '0' }],
    breaches,
  })
scrap('D1', 'P1', '2026-03-05', '3')
report('D1', 'P2', '2026-03-10', '55', '2026-03-09T20:00')
const set = (party: string, sku: string, quantity: string): void =>
  void stock(party, sku, 'StockAllocated', '2026-03-11', {
    allocationId: 'al1',
    orderId: 'OX',
    reservedReleased: '0',
    lines: [{ lineNo: 1, lot: '-', quantity }],
    short: [],
  })
set('D1', 'P1', '6')
const block = (party: string, sku: string, quantity: string): void =>
  void stock(party, sku, 'StockBlocked', '2026-03-12', { blockId: 'b1', lot: '-', quantity, reason: 'quality' })
block('D1', 'P1', '4')
stock('D1', 'P2', 'SupplyExpected', '2026-03-12', { supplyId: 'su1', kind: 'purchase', quantity: '12' })
stock('D1', 'P2', 'SupplyShipped', '2026-03-13', {
  supplyId: 'su1',
  shipmentId: 'sh1',
  quantity: '7',
  fromOnOrder: '7',
})
stock('D1', 'P2', 'SupplyReduced', '2026-03-14', {
  supplyId: 'su1',
  changeId: 'ch1',
  fromOnOrder: '3',
  fromInTransit: '0',
  reason: 'cancelled',
})
stock('D1', 'P1', 'StockBackorderChanged', '2026-03-15', { orderId: 'OX', lines: [{ lineNo: 1, from: '0', to: '9' }] })
resale('D2', 'P1', '2026-03-20', '10')
const nothing = {
  onHand: '0',
  reserved: '0',
  allocated: '0',
  blocked: '0',
  inTransit: '0',
  onOrder: '0',
  backordered: '0',
}
const alert = (party: string, sku: string, type: string, when: string, more: object): void =>
  void stock(party, sku, type, when, {
    position: '1',
    available: '1',
    levels: nothing,
    safetyStock: '1',
    reorderPoint: '1',
    policyVersion: 1,
    ...more,
  })
alert('D2', 'P1', 'LowStockDetected', '2026-03-20', { level: 'low' })
alert('D1', 'P1', 'LowStockDetected', '2026-03-21', { level: 'out' })
alert('D1', 'P1', 'StockReplenished', '2026-03-22', {})
alert('acme', 'P1', 'LowStockDetected', '2026-03-21', { level: 'low' })
open('acme', 'P1', '200')
open('acme', 'P2', '300')
arrive('acme', 'P1', '2026-01-02', '50')
const issue = (sku: string, when: string, orderId: string, quantity: string, unitPrice?: string): void =>
  void stock('acme', sku, 'StockIssued', when, {
    issueId: `i-${when}`,
    orderId,
    lines: [{ lineNo: 1, lot: '-', quantity, allocated: '0' }],
    ...(unitPrice !== undefined && { cost: { unitPrice, ...eur } }),
    breaches,
  })
issue('P1', '2026-01-07', 'O1', '10', '60')
issue('P2', '2026-01-07', 'O1', '20', '5')
issue('P1', '2026-02-11', 'O2', '5', '60')
issue('P2', '2026-03-03', 'O3', '10')
scrap('acme', 'P2', '2026-03-15', '2')
reserved('acme', 'P1', 'RS9', '8', [])
set('acme', 'P2', '4')
block('acme', 'P1', '1')
const ends = { from: { party: 'D1', location: 'main' }, to: { party: 'D2', location: 'main' } }
const transfer = (transferId: string, type: string, when: string, data: object): void =>
  void add(`transfer-${transferId}`, type, when, { transferId, ...ends, ...data })
const carried = (quantity: string): object => ({
  lines: [{ lineNo: 1, sku: 'P1', lots: [{ lot: '-', quantity }] }],
})
const asked = { ...company, lines: [{ lineNo: 1, sku: 'P1', quantity: '4' }], reason: 'balance' }
transfer('TR1', 'TransferRequested', '2026-03-01', asked)
transfer('TR1', 'TransferDispatched', '2026-03-02', carried('4'))
transfer('TR1', 'TransferReceived', '2026-03-03', { receiptId: 'tr1', ...carried('3') })
transfer('TR1', 'TransferLost', '2026-03-03', { lossId: 'tl1', ...carried('1'), reason: 'broken' })
transfer('TR1', 'TransferCompleted', '2026-03-03', {})
transfer('TR2', 'TransferRequested', '2026-03-05', asked)
transfer('TR2', 'TransferCancelled', '2026-03-06', { reason: 'changed' })

// conduct, users, reconciliation, books
const conduct = (type: string, when: string, data: object): void =>
  void add('conduct-D1', type, when, { ...company, dealerId: 'D1', ...data })
for (const evidenceId of ['E1', 'E2', 'E3'])
  conduct('EvidenceRecorded', '2026-02-01', { evidenceId, kind: 'training', breaches })
conduct('EvidenceWithdrawn', '2026-02-02', { evidenceId: 'E3', kind: 'training', recordedAt: at('2026-02-01') })
for (const score of ['80', '90'])
  conduct('EvaluationRecorded', '2026-02-03', {
    evaluation: 'display',
    version: 1,
    calendarId: 'cal',
    periodId: '2026-01',
    score,
    breaches,
  })
conduct('EvaluationRecorded', '2026-02-04', {
  evaluation: 'exclusive-share',
  version: 1,
  calendarId: 'cal',
  periodId: '2026-01',
  score: '70',
  breaches,
})
for (const [violationId, repeats, counts] of [
  ['V1', 1, true],
  ['V2', 0, false],
] as const)
  add('violations-D1', 'ViolationConfirmed', '2026-02-05', {
    ...company,
    dealerId: 'D1',
    violationId,
    kind: counts ? 'SELLIN_BELOW_FLOOR' : 'DUMPING_LOW_PRICE',
    sku: 'P1',
    confirmedBy: 'boss',
    repeats,
    derivesFromResale: !counts,
    counts,
  })
const outlet = (outletId: string, type: string, when: string, data: object): void =>
  void add(`outlet-${outletId}`, type, when, { outletId, effectiveAt: midnight(when), ...data })
const shop = { ...company, name: { en: 'Shop' }, kind: 'store', region: 'DE/Bayern', zone: 'UTC', breaches }
outlet('O1', 'OutletRegistered', '2025-12-01', { ...shop, dealerId: 'D1' })
outlet('O2', 'OutletRegistered', '2025-12-02', { ...shop, dealerId: 'D1' })
outlet('O3', 'OutletRegistered', '2026-01-15', { ...shop, dealerId: 'D1' })
outlet('O4', 'OutletRegistered', '2026-01-16', { ...shop, dealerId: 'D1' })
outlet('O2', 'OutletReleased', '2026-02-01', { dealerId: 'D1', reason: 'sold' })
outlet('O2', 'OutletAssigned', '2026-02-01', { ...shop, dealerId: 'D2', reason: 'sold' })
outlet('O1', 'OutletClosed', '2026-03-01', { dealerId: 'D1', reason: 'shut' })
const ahead = (...months: readonly (readonly [string, string])[]): readonly object[] =>
  months.map(([quantity, naive], n) => ({ month: `2026-0${n + 2}`, quantity, low: '0', high: '99', naive }))
add('forecast-D1', 'ForecastPublished', '2026-02-02', {
  ...company,
  dealerId: 'D1',
  seenMonth: '2026-01',
  part: 1,
  parts: 1,
  modelVersion: 1,
  watermark: '9',
  lines: [
    { sku: 'P1', unit: 'EA', demandClass: 'smooth', notes: [], ahead: ahead(['12', '10'], ['10', '10']) },
    { sku: 'P2', unit: 'EA', demandClass: 'smooth', notes: [], ahead: ahead(['8', '5']) },
  ],
})
const user = (principalId: string, type: string, when: string, data: object): void =>
  void add(`principal-${principalId}`, type, when, { principalId, ...data })
for (const [id, dealerId] of [
  ['U1', 'D1'],
  ['U2', 'D1'],
  ['U3', 'D2'],
] as const)
  user(id, 'PrincipalRegistered', '2026-01-10', { role: 'dealer', dealerId, rights: [], displayName: 'somebody' })
user('U2', 'PrincipalDisabled', '2026-02-10', { reason: 'left' })
user('U1', 'ApiKeyIssued', '2026-01-11', { keyId: 'K1', hash: hash('key'), label: 'erp' })
add('webhook-W1', 'WebhookRegistered', '2026-01-12', {
  webhookId: 'W1',
  url: 'https://example.com/hook',
  eventTypes: ['OrderPlaced'],
  secretId: 'x1',
  owner: 'U1',
  dealerId: 'D1',
})
const statement = (dealerId: string, type: string, when: string, data: object): void =>
  void add(`reconciliation-acme/${dealerId}/EUR`, type, when, { ...of(dealerId), statementNo: 1, ...data })
const published = (dealerId: string, when: string, version: number, lineCount: number): void =>
  statement(dealerId, 'StatementPublished', when, {
    version,
    from: midnight('2026-01-01'),
    until: midnight('2026-02-01'),
    prior: '0',
    watermark: '1',
    opening: '0',
    closing: '0',
    lineCount,
    totals: [],
    fingerprint: hash('statement'),
  })
published('D1', '2026-02-01', 1, 4)
published('D2', '2026-02-02', 1, 6)
published('D2', '2026-02-05', 2, 6)
const lineId = historyId(1)
statement('D1', 'StatementLinesConfirmed', '2026-02-02', {
  version: 1,
  side: 'dealer',
  lines: ['1', '2', '3', '4'].map((n) => ({ lineId: historyId(Number(n)), effect: '100' })),
})
statement('D1', 'StatementConfirmed', '2026-02-03', { version: 1, side: 'dealer', fingerprint: hash('statement') })
statement('D1', 'StatementConfirmed', '2026-02-04', {
  version: 1,
  side: 'manufacturer',
  fingerprint: hash('statement'),
})
const disputed = { version: 2, side: 'dealer', reason: 'amount' }
statement('D2', 'StatementLineDisputed', '2026-02-06', {
  ...disputed,
  disputeId: 'Q1',
  lineId,
  effect: '1000',
  claimed: '600',
})
statement('D2', 'StatementDisputeSettled', '2026-02-07', { disputeId: 'Q1', outcome: 'accepted', document: 'CN8' })
statement('D2', 'StatementLineDisputed', '2026-02-06', {
  ...disputed,
  disputeId: 'Q2',
  reason: 'missing',
  claimed: '500',
})
statement('D2', 'StatementDisputeSettled', '2026-02-09', { disputeId: 'Q2', outcome: 'rejected' })
const [start, end] = [midnight('2025-12-01'), midnight('2026-01-01')]
add('calendar-cal', 'PeriodOpened', '2025-11-01', {
  calendarId: 'cal',
  periodId: '2025-12',
  grain: 'month',
  start,
  end,
  startInstant: Date.UTC(2025, 11, 1),
  endInstant: Date.UTC(2026, 0, 1),
  graceDays: 5,
  breaches,
})
add('calendar-cal', 'PeriodClosed', '2026-01-06T00:00', {
  calendarId: 'cal',
  periodId: '2025-12',
  grain: 'month',
  breaches,
})
const batch = (type: string, when: string, batchNo: number, data: object): void =>
  void add('postings-acme', type, when, { ...company, batchNo, ...data })
const legs = {
  chartVersion: 1,
  after: '0',
  upTo: '9',
  count: 2,
  totals: [{ ...eur, debit: '1', credit: '1' }],
  hash: hash('legs'),
}
batch('PostingsExported', '2026-01-10', 1, legs)
batch('PostingsAcknowledged', '2026-01-11', 1, { reference: 'GL1' })
batch('PostingsExported', '2026-01-12', 2, legs)
batch('PostingsRejected', '2026-01-13', 2, { reason: 'period' })
add('rates-EUR/USD', 'ExchangeRatePublished', '2026-01-01', {
  base: 'EUR',
  quote: 'USD',
  rate: '1.25',
  kind: 'mid',
  effectiveAt: midnight('2026-01-01'),
  source: 'bank',
  breaches,
})

export const quarter: readonly HistoryEvent[] = history
