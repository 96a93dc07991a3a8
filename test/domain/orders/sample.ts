import type { DealerAt } from '../../../src/domain/dealers/state.ts'
import type { OrderCommand } from '../../../src/domain/orders/commands.ts'
import type { OrderEvent } from '../../../src/domain/orders/events.ts'
import type { PriceResolution } from '../../../src/domain/pricing/resolution.ts'

type Of<Type extends OrderEvent['type']> = Extract<OrderEvent, { type: Type }>

export const header = {
  orderId: 'O1',
  companyId: 'ACME',
  dealerId: 'D1',
  currency: 'USD',
  shipFrom: { party: 'ACME', location: 'WH1' },
  affectsStock: true,
  backorderPolicy: 'backorder',
} as const

export const dealer: DealerAt = {
  dealerId: 'D1',
  companyId: 'ACME',
  legalName: { en: 'Dealer One' },
  kind: 'warehouse',
  country: 'US',
  region: 'US/Washington',
  zone: 'America/Los_Angeles',
  currencies: ['USD'],
  tierLevel: 1,
  status: 'active',
  mayOrder: true,
  tier: 'gold',
  territory: { territoryId: 'NW', territoryVersion: 3 },
  terms: {
    paymentTermDays: 30,
    creditCheckPoints: ['confirm'],
    backorderPolicy: 'backorder',
    invoiceOn: 'shipment',
    version: 1,
  },
}

export function quote(unitPrice: string): PriceResolution {
  return {
    strategy: 'priority',
    tier: 'gold',
    region: 'US/Washington',
    listId: 'BASE',
    listLevel: 'base',
    priceEventId: '00000000-0000-7000-8000-000000000001',
    listPrice: unitPrice,
    promotions: [],
    discount: '0',
    unitPrice,
    rounding: { step: 'unit-price', mode: 'half-up', scale: 4, remainder: '0' },
    breaches: [],
    rejected: [],
  }
}

export const tax = { code: 'vat', rate: '0.1' }

type Line = Extract<OrderEvent, { type: 'OrderPlaced' }>['data']['lines'][number]

export function line(
  lineNo: number,
  quantity: string,
  unitPrice: string,
  lineValue: string,
  extra: Partial<Line> = {},
): Line {
  return {
    lineNo,
    sku: `SKU${lineNo}`,
    unit: 'EA',
    quantity,
    unitPrice,
    lineValue,
    rounding: { mode: 'half-up', remainder: '0' },
    price: quote(unitPrice),
    ...extra,
  }
}

/** Two lines: ten at 2.50 with 10 % tax, three at 0.333333. */
export const placed: OrderEvent = {
  type: 'OrderPlaced',
  data: {
    ...header,
    tier: 'gold',
    territory: { id: 'NW', version: 3 },
    placedVia: 'portal',
    lines: [line(1, '10', '2.5', '25', { tax: { ...tax, amount: '2.5' } }), line(2, '3', '0.333333', '0.999999')],
    breaches: [],
  },
}

export const place: Extract<OrderCommand, { type: 'PlaceOrder' }> = {
  type: 'PlaceOrder',
  ...header,
  placedVia: 'portal',
  lines: [
    { lineNo: 1, sku: 'SKU1', unit: 'EA', quantity: '10', tax },
    { lineNo: 2, sku: 'SKU2', unit: 'EA', quantity: '3' },
  ],
}

export const quotes = { 1: quote('2.5'), 2: quote('0.333333') }
export const given1 = { dealer, quotes }

export const confirmed: Of<'OrderConfirmed'> = {
  type: 'OrderConfirmed',
  data: {
    orderId: 'O1',
    confirmationId: 'c1',
    lines: [
      { lineNo: 1, confirmed: '6', backordered: '4' },
      { lineNo: 2, confirmed: '3', backordered: '0' },
    ],
  },
}
export const allocated: Of<'LinesAllocated'> = {
  type: 'LinesAllocated',
  data: {
    orderId: 'O1',
    allocationId: 'a1',
    lines: [
      { lineNo: 1, quantity: '6' },
      { lineNo: 2, quantity: '3' },
    ],
  },
}
const documents = { companyId: 'ACME', dealerId: 'D1', currency: 'USD' }
export const shipped: OrderEvent = {
  type: 'ShipmentDispatched',
  data: {
    orderId: 'O1',
    shipmentId: 'S1',
    ...documents,
    shipFrom: header.shipFrom,
    affectsStock: true,
    lines: [{ lineNo: 1, sku: 'SKU1', unit: 'EA', quantity: '6', value: '15', tax: { ...tax, amount: '1.5' } }],
    breaches: [],
  },
}
export const delivered: OrderEvent = {
  type: 'ShipmentDelivered',
  data: {
    orderId: 'O1',
    shipmentId: 'S1',
    deliveryId: 'S1',
    ...documents,
    lines: [{ lineNo: 1, sku: 'SKU1', unit: 'EA', quantity: '6', value: '15', tax: { ...tax, amount: '1.5' } }],
    breaches: [],
  },
}
