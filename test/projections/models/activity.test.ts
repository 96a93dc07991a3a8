import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { errorDeclared } from '../../../src/domain/kernel/errorDeclaration.ts'
import { aggregates } from '../../../src/domain/registry.ts'
import { AsOfRefused } from '../../../src/projections/engine/ask.ts'
import { activityModel } from '../../../src/projections/models/activity/model.ts'
import { activityQueries } from '../../../src/projections/models/activity/queries.ts'
import { sentences } from '../../../src/projections/models/activity/sentences.ts'
import { openReadModels, recordHistory, type OpenReadModels } from '../../support/readModels.ts'
import { schemaFields } from '../../support/schemaFields.ts'
import { smallChannel } from '../../support/smallChannel.ts'

const [feed] = activityQueries
const definitions = [errorDeclared, ...aggregates.flatMap(({ events }) => events)]
let models: OpenReadModels

beforeAll(async () => {
  models = await openReadModels([activityModel], 0)
  await models.fold(await recordHistory(smallChannel))
})
afterAll(() => models.close())

describe('the activity feed', () => {
  test('has one line per event, newest first, in English and Chinese', async () => {
    const rows = await models.list(feed)
    expect(rows.map(({ position }) => Number(position))).toEqual(
      smallChannel.map((_, index) => smallChannel.length - index),
    )
    expect(rows.find(({ code, orderId }) => code === 'OrderPlaced' && orderId === 'O1')).toMatchObject({
      occurredAt: '2026-02-10T09:00:00.000Z',
      dealerId: 'D1',
      actor: 'buyer-1',
      source: 'command',
      en: 'D1 placed order O1 with 2 lines in USD',
      zh: 'D1 下达订单 O1，共 2 行，币种 USD',
    })
    expect(await models.list(feed, {}, {}, 7)).toEqual(rows)
  })

  test('shows a dealer what concerns it, also where the event names only its order', async () => {
    const codes = async (params: object): Promise<unknown[]> =>
      (await models.list(feed, params)).map(({ code }) => code)
    expect(await codes({ dealerId: 'D2' })).toEqual(['OrderPlaced', 'DealerRegistered'])
    expect(await codes({ dealerId: 'D1' })).toEqual(
      expect.arrayContaining(['OrderConfirmed', 'OrderHeld', 'InvoiceIssued', 'TierAssigned']),
    )
    expect(await codes({ dealerId: 'D2', orderId: 'O1' })).toEqual([])
    expect(await codes({ code: 'PriceChanged', dealerId: 'D1' })).toEqual([])
  })

  test('is about what is known, so it refuses asOf', async () => {
    await expect(models.list(feed, {}, { asOf: 1 })).rejects.toThrow(AsOfRefused)
    expect(await models.list(feed, {}, { knownAt: 3n })).toHaveLength(3)
  })

  test.each(definitions.map((definition) => [definition.type, definition] as const))(
    'has a sentence for %s that names its fields, none of them personal',
    (type, definition) => {
      const sentence = sentences[type]
      expect(sentence, 'a sentence').toBeDefined()
      const fields = new Map(schemaFields(definition.schema).map((field) => [field.path.split('.')[0], field]))
      const isNamed = (name: string): boolean => {
        if (name === 'actor') return true
        if (name === 'lines') return fields.has('lines') || fields.has('changes')
        const field = fields.get(name)
        return field !== undefined && field.path === name && !field.personal
      }
      const names = Object.values(sentence ?? {}).flatMap((text) =>
        [...text.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name),
      )
      expect(names.filter((name) => !isNamed(name))).toEqual([])
    },
  )

  test('has no sentence for a type that nobody knows', () => {
    const known = definitions.map(({ type }) => type)
    expect(Object.keys(sentences).filter((type) => !known.includes(type))).toEqual([])
  })
})
