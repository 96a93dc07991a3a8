import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { salesModel } from '../../../src/projections/models/sales/model.ts'
import { salesQueries } from '../../../src/projections/models/sales/queries.ts'
import { historyId, openReadModels, recordHistory, type OpenReadModels } from '../../support/readModels.ts'
import { at, smallChannel } from '../../support/smallChannel.ts'

const [totals, byDealer, byProduct, byCategory, byTerritory, byMonth, evidence] = salesQueries
const whole = { knownAt: BigInt(smallChannel.length) }
const kinds = ['ordered', 'cancelled', 'shipped', 'delivered', 'returned', 'invoiced', 'credited']
const values = (row: Record<string, unknown> | undefined, what = 'Value'): unknown[] =>
  kinds.map((kind) => row?.[`${kind}${what}`])
let models: OpenReadModels

beforeAll(async () => {
  models = await openReadModels([salesModel], Date.UTC(2026, 2, 10))
  const shipment = smallChannel.findIndex(({ type }) => type === 'ShipmentDispatched') + 1
  await models.fold(
    await recordHistory([
      ...smallChannel,
      {
        stream: 'order-O1',
        type: 'ErrorDeclared',
        at: at('2026-03-05T00:00'),
        data: { eventId: historyId(shipment), reason: 'did_not_occur' },
      },
    ]),
  )
})
afterAll(() => models.close())

describe('the sales', () => {
  test('are totalled per currency, and never over currencies', async () => {
    const rows = await models.list(totals, {}, whole)
    expect(rows.map((row) => [row['currency'], ...values(row)])).toEqual([
      ['CNY', '1200', '0', '0', '0', '0', '0', '0'],
      ['USD', '1075', '191', '864', '844', '95.5', '864', '95.5'],
    ])
  })

  test('a shipment that was declared an error is gone from then on, and was there before', async () => {
    const usd = async (moment: object): Promise<unknown> =>
      (await models.list(totals, { currency: 'USD' }, moment))[0]?.['shippedValue']
    expect(await usd(whole)).toBe('864')
    expect(await usd({})).toBe('0')
    expect(await usd({ ...whole, asOf: Date.UTC(2026, 1, 11) })).toBe('0')
  })

  test('per product have quantities in its unit', async () => {
    const rows = await models.list(byProduct, { currency: 'USD' }, whole)
    expect(rows.map((row) => [row['sku'], row['unit'], ...values(row, 'Quantity')])).toEqual([
      ['BIKE', 'EA', '10', '2', '8', '8', '1', '8', '1'],
      ['HELMET', 'EA', '6', '0', '5', '4', '0', '5', '0'],
    ])
    expect(values(rows[1])).toEqual(['120', '0', '100', '80', '0', '100', '0'])
  })

  test('per category follow the catalogue of the asked instant', async () => {
    const categories = async (asOf: number): Promise<unknown[]> =>
      (await models.list(byCategory, { currency: 'USD' }, { asOf, ...whole })).map(({ category, orderedValue }) => [
        category,
        orderedValue,
      ])
    expect(await categories(Date.UTC(2026, 1, 28))).toEqual([
      ['Bikes', '955'],
      ['Clothing', '120'],
    ])
    expect(await categories(Date.UTC(2026, 2, 10))).toEqual([
      ['Bikes', '955'],
      ['Safety', '120'],
    ])
  })

  test('per territory use the one frozen with the order; per month the day where the document was made', async () => {
    expect(
      (await models.list(byTerritory, {}, whole)).map(({ currency, country, territoryId, name }) => [
        currency,
        country,
        territoryId,
        name,
      ]),
    ).toEqual([
      ['CNY', 'CN', '', null],
      ['USD', 'US', 'NW', { en: 'Northwest' }],
    ])
    expect(
      (await models.list(byMonth, {}, whole)).map((row) => [row['currency'], row['month'], ...values(row)]),
    ).toEqual([
      ['CNY', '2026-03', '1200', '0', '0', '0', '0', '0', '0'],
      ['USD', '2026-02', '1075', '191', '864', '844', '0', '864', '0'],
      ['USD', '2026-03', '0', '0', '0', '0', '95.5', '0', '95.5'],
    ])
  })

  test('per dealer show a dealer nothing but its own', async () => {
    expect(
      (await models.list(byDealer, {}, whole)).map(({ dealerId, orderedValue }) => [dealerId, orderedValue]),
    ).toEqual([
      ['D2', '1200'],
      ['D1', '1075'],
    ])
    for (const query of [totals, byDealer, byProduct, byCategory, byTerritory, byMonth])
      expect(
        (await models.list(query, { dealerId: 'D2' }, whole)).map(({ currency }) => currency),
        `as asked by ${query.name}`,
      ).toEqual(['CNY'])
    expect(await models.list(evidence, { dealerId: 'D2', sku: 'HELMET' }, whole)).toEqual([])
  })

  test('are narrowed by day, category, country and territory', async () => {
    const ordered = async (params: object): Promise<unknown[]> =>
      (await models.list(totals, params, whole)).map((row) => [
        row['currency'],
        row['orderedValue'],
        row['returnedValue'],
      ])
    expect(await ordered({ from: '2026-03-01', to: '2026-03-31' })).toEqual([
      ['CNY', '1200', '0'],
      ['USD', '0', '95.5'],
    ])
    expect(await ordered({ category: 'Safety' })).toEqual([['USD', '120', '0']])
    expect(await ordered({ country: 'CN' })).toEqual([['CNY', '1200', '0']])
    expect(await ordered({ territoryId: 'NW' })).toEqual([['USD', '1075', '95.5']])
    expect(await ordered({ sku: 'HELMET' })).toEqual([['USD', '120', '0']])
  })

  test('have the events behind them, which add up', async () => {
    const rows = await models.list(evidence, { dealerId: 'D1', sku: 'BIKE' }, whole)
    const events = rows.map(({ eventId }) => smallChannel[Number.parseInt(String(eventId).slice(-12), 16) - 1]?.type)
    expect(events).toEqual([
      'OrderPlaced',
      'ShipmentDispatched',
      'OrderLinesCancelled',
      'InvoiceIssued',
      'ShipmentDelivered',
      'GoodsReturned',
      'CreditNoteIssued',
    ])
    const sum = (column: string): number => rows.reduce((total, row) => total + Number(row[column]), 0) // test values are exact in floats
    expect(kinds.map((kind) => sum(`${kind}Value`))).toEqual([955, 191, 764, 764, 95.5, 764, 95.5])
  })
})
