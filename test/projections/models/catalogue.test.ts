import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { catalogueModel } from '../../../src/projections/models/catalogue/model.ts'
import { catalogueQueries } from '../../../src/projections/models/catalogue/queries.ts'
import { historyId, openReadModels, recordHistory, type OpenReadModels } from '../../support/readModels.ts'
import { at, smallChannel } from '../../support/smallChannel.ts'

const [list, one, versions, categories] = catalogueQueries
const march = Date.UTC(2026, 2, 10)
let models: OpenReadModels

beforeAll(async () => {
  models = await openReadModels([catalogueModel], march)
  await models.fold(
    await recordHistory([
      ...smallChannel,
      {
        stream: 'product-BIKE',
        type: 'ProductWithdrawn',
        at: at('2026-03-01T00:00'),
        data: { sku: 'BIKE', reason: 'end-of-life', effectiveAt: at('2026-03-05T00:00') },
      },
    ]),
  )
})
afterAll(() => models.close())

describe('the catalogue', () => {
  test('shows each product as it is at the asked instant, and what a revision leaves out is gone', async () => {
    expect(await models.one(one, { sku: 'HELMET' })).toMatchObject({
      name: { en: 'Safe helmet' },
      category: 'Safety',
      subcategory: null,
      attributes: {},
      version: historyId(3),
    })
    const february = { asOf: Date.UTC(2026, 1, 15) }
    expect(await models.one(one, { sku: 'HELMET' }, february)).toMatchObject({
      name: { en: 'Helmet', 'zh-CN': '头盔' },
      category: 'Clothing',
      subcategory: 'Clothing of all kinds',
      version: historyId(2),
    })
    expect(await models.one(one, { sku: 'HELMET' }, { asOf: Date.UTC(2025, 11, 31) })).toBeUndefined()
    expect(await models.one(one, { sku: 'NOTHING' })).toBeUndefined()
  })

  test('knows what was withdrawn, and since when', async () => {
    const skus = async (params: object, moment = {}): Promise<unknown[]> =>
      (await models.list(list, params, moment)).map(({ sku }) => sku)
    expect(await skus({ withdrawn: 'true' })).toEqual(['BIKE'])
    expect(await skus({ withdrawn: 'false' })).toEqual(['HELMET'])
    expect(await skus({ withdrawn: 'true' }, { asOf: Date.UTC(2026, 2, 4) })).toEqual([])
    expect(await models.one(one, { sku: 'BIKE' })).toMatchObject({ withdrawn: true, withdrawalReason: 'end-of-life' })
  })

  test('is searched by id, by names in both languages and by attributes, whatever the letter case', async () => {
    const found = async (search: string): Promise<unknown[]> =>
      (await models.list(list, { search })).map(({ sku }) => sku)
    expect(await found('road')).toEqual(['BIKE'])
    expect(await found('公路')).toEqual(['BIKE'])
    expect(await found('RED')).toEqual(['BIKE'])
    expect(await found('hel')).toEqual(['HELMET'])
    expect(await found('%')).toEqual([])
  })

  test('lists categories with their products, and the versions behind a picture with their events', async () => {
    expect(await models.list(categories)).toEqual([
      { category: 'Bikes', subcategory: 'Bikes of all kinds', products: '1', withdrawn: '1' },
      { category: 'Safety', subcategory: '', products: '1', withdrawn: '0' },
    ])
    expect(
      (await models.list(versions, { sku: 'HELMET' })).map(({ effectiveAt, eventId }) => [effectiveAt, eventId]),
    ).toEqual([
      ['2026-01-01T00:00:00.000Z', historyId(2)],
      ['2026-03-01T00:00:00.000Z', historyId(3)],
    ])
  })

  test('gives the same rows in pages of one', async () => {
    expect(await models.list(list, {}, {}, 1)).toEqual(await models.list(list))
  })
})
