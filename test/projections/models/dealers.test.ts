import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { dealersModel } from '../../../src/projections/models/dealers/model.ts'
import { dealersQueries } from '../../../src/projections/models/dealers/queries.ts'
import { historyId, openReadModels, recordHistory, type OpenReadModels } from '../../support/readModels.ts'
import { at, smallChannel } from '../../support/smallChannel.ts'

const [list, one, history, tiers, counts, territories] = dealersQueries
let models: OpenReadModels
const fact = (type: string, when: string, data: object) => ({
  stream: 'dealer-D2',
  type,
  at: at(when),
  data: { dealerId: 'D2', effectiveAt: at(when), ...data },
})

beforeAll(async () => {
  models = await openReadModels([dealersModel], Date.UTC(2026, 2, 10))
  await models.fold(
    await recordHistory([
      ...smallChannel,
      fact('DealerParentAssigned', '2026-02-01T00:00', { tierLevel: 2, parentDealerId: 'D1', breaches: [] }),
      fact('DealerParentAssigned', '2026-02-20T00:00', { tierLevel: 1, breaches: [] }),
      fact('DealerExited', '2026-03-01T00:00', { reason: 'closed', settlementPlan: 'standard', stockBuyBack: true }),
      // a late reinstatement does not bring an exited dealer back
      fact('DealerReinstated', '2026-03-02T00:00', { reason: 'mistake', breaches: [] }),
      {
        stream: 'territory-NW',
        type: 'TerritoryReleased',
        at: at('2026-04-01T00:00'),
        data: { territoryId: 'NW', dealerId: 'D1', effectiveAt: at('2026-04-01T00:00') },
      },
    ]),
  )
})
afterAll(() => models.close())

describe('the dealers', () => {
  test('stand with their tier, territory, terms and status at the asked instant', async () => {
    expect(await models.one(one, { dealerId: 'D1' })).toMatchObject({
      tier: 'gold',
      territoryId: 'NW',
      territoryName: { en: 'Northwest' },
      status: 'active',
      parentDealerId: null,
      terms: { version: 0, paymentTermDays: 30 },
      contact: { personId: 'person-1', name: { sealed: 1 } },
    })
    expect(await models.one(one, { dealerId: 'D1' }, { asOf: Date.UTC(2026, 0, 20) })).toMatchObject({
      tier: null,
      territoryId: 'NW',
    })
  })

  test('exit is final', async () => {
    expect(await models.one(one, { dealerId: 'D2' })).toMatchObject({ status: 'exited' })
    expect(await models.one(one, { dealerId: 'D2' }, { asOf: Date.UTC(2026, 1, 28) })).toMatchObject({
      status: 'active',
    })
  })

  test('a parent that was taken away is gone', async () => {
    const ofParent = async (asOf: number): Promise<unknown[]> =>
      (await models.list(list, { parentDealerId: 'D1' }, { asOf })).map(({ dealerId }) => dealerId)
    expect(await ofParent(Date.UTC(2026, 1, 10))).toEqual(['D2'])
    expect(await ofParent(Date.UTC(2026, 1, 25))).toEqual([])
    expect(await models.one(one, { dealerId: 'D2' }, { asOf: Date.UTC(2026, 1, 10) })).toMatchObject({
      tierLevel: 2,
      parentDealerId: 'D1',
    })
  })

  test('are found by name, status, country and tier, and counted', async () => {
    const ids = async (params: object): Promise<unknown[]> =>
      (await models.list(list, params)).map(({ dealerId }) => dealerId)
    expect(await ids({ search: 'second' })).toEqual(['D2'])
    expect(await ids({ status: 'active' })).toEqual(['D1'])
    expect(await ids({ country: 'CN' })).toEqual(['D2'])
    expect(await ids({ tier: 'gold' })).toEqual(['D1'])
    expect(await models.list(counts)).toEqual([
      { country: 'CN', tierLevel: 1, tier: '', status: 'exited', dealers: '1' },
      { country: 'US', tierLevel: 1, tier: 'gold', status: 'active', dealers: '1' },
    ])
  })

  test('a dealer sees itself, and of territories those that are its own', async () => {
    expect((await models.list(list, { dealerId: 'D1' })).map(({ dealerId }) => dealerId)).toEqual(['D1'])
    expect(await models.list(territories, { dealerId: 'D2' })).toEqual([])
    expect(
      (await models.list(territories, { dealerId: 'D1' })).map(({ territoryId, holder }) => [territoryId, holder]),
    ).toEqual([['NW', 'D1']])
    expect(
      (await models.list(territories, {}, { asOf: Date.UTC(2026, 3, 2) })).map(({ holder }) => holder),
      'after its release',
    ).toEqual([null])
  })

  test('every tier has its event and its causes', async () => {
    expect(await models.list(tiers, { dealerId: 'D1' })).toEqual([
      {
        effectiveAt: '2026-02-01T00:00:00.000Z',
        position: '7',
        eventId: historyId(7),
        tier: 'gold',
        previousTier: null,
        reason: 'annual-review',
        causes: ['REVIEW-1'],
      },
    ])
    expect(
      (await models.list(history, { dealerId: 'D2' })).map(({ effectiveAt, status }) => [effectiveAt, status]),
    ).toEqual([
      ['2026-01-01T00:00:00.000Z', 'active'],
      ['2026-02-01T00:00:00.000Z', null],
      ['2026-02-20T00:00:00.000Z', null],
      ['2026-03-01T00:00:00.000Z', 'exited'],
      ['2026-03-02T00:00:00.000Z', 'active'],
    ])
  })
})
